"""Finding and reading recorded cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.adapters.case_files import find_conversations, load_cases, load_orders, recordings
from harness.conform import Case
from harness.errors import CaseError, UsageError

GOOD = '{"case": "good", "area": "a", "steps": []}'


@pytest.mark.parametrize("place", ["gateway/conversations", "conversations", ".", "deep/in/gateway/conversations"])
def test_cases_are_found_in_and_below_a_folder(tmp_path: Path, place: str) -> None:
    folder = tmp_path / place
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "good.json").write_text(GOOD, encoding="utf-8")
    assert find_conversations(tmp_path).resolve() == folder.resolve()


def test_conversations_come_before_other_json_files(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text("{}", encoding="utf-8")
    folder = tmp_path / "gateway" / "conversations"
    folder.mkdir(parents=True)
    (folder / "good.json").write_text(GOOD, encoding="utf-8")
    assert find_conversations(tmp_path) == folder


@pytest.mark.parametrize("name", [".", "nowhere"])
def test_a_folder_without_cases_is_an_error_of_the_caller(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no recorded cases there"):
        find_conversations(tmp_path / name)


def test_cases_come_by_name_and_what_is_no_case_as_its_error(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(GOOD, encoding="utf-8")
    (tmp_path / "a.json").write_text("{", encoding="utf-8")
    (tmp_path / "b.json").write_bytes(b"\xff")
    (tmp_path / "d.json").mkdir()
    bad, unreadable, good, folder = load_cases(tmp_path)
    assert isinstance(good, Case)
    assert (good.name, good.path) == ("good", str(tmp_path / "c.json"))
    for error, name in [(bad, "a.json"), (unreadable, "b.json"), (folder, "d.json")]:
        assert isinstance(error, CaseError)
        assert error.path == str(tmp_path / name)


def test_the_recorded_cases_are_all_found() -> None:
    cases = list(load_cases(recordings()))
    assert len(cases) == 48
    assert all(isinstance(case, Case) for case in cases)


def test_orders_come_line_by_line_and_what_is_none_as_its_error(tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl"
    good = (recordings() / "gateway/message-orders.jsonl").read_text(encoding="utf-8").splitlines()[1]
    path.write_text(f"{good}\n\n[]\n{good}\n", encoding="utf-8")
    first, bad, last = load_orders(path)
    assert isinstance(first, Case)
    assert isinstance(last, Case)
    assert (first.name, first.path, last.path) == ("order-F", f"{path}:1", f"{path}:4")
    assert isinstance(bad, CaseError)
    assert bad.path == f"{path}:3"


def test_a_file_of_orders_that_cannot_be_read_is_an_error_of_the_caller(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_bytes(b"\xff")
    for name in ("bad.jsonl", "nowhere.jsonl", "."):
        with pytest.raises(UsageError, match="cannot be read"):
            list(load_orders(tmp_path / name))


def test_the_recorded_orders_are_all_found() -> None:
    orders = list(load_orders(recordings() / "gateway/message-orders.jsonl"))
    assert len(orders) == 119
    assert all(isinstance(case, Case) for case in orders)
