"""Finding and reading recorded cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.adapters.case_files import find_conversations, load_cases
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
    cases = list(load_cases(Path(__file__).parents[1] / "data"))
    assert len(cases) == 48
    assert all(isinstance(case, Case) for case in cases)
