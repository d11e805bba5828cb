"""`make test-cases` counts what agrees, and shows what does not."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from tests.recorded import OWN
from tests.replay_cases import main

DATA = Path(__file__).parent / "data"
PLACES = [*DATA.iterdir(), *OWN.values()]


def test_the_shipped_texts_and_ciphers_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for area in ("segmentation", "cipher"):
        shutil.copytree(DATA / area, tmp_path / area)
    assert main(tmp_path) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[1].split() == ["segmentation", "994", "0", "0"]
    assert table[2].split() == ["cipher", "570", "0", "0"]


def test_a_case_that_differs_is_shown_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = {"id": "d1", "key": "k", "ciphertext": "AAAA", "result": "valid", "text": "never"}
    (tmp_path / "cipher").mkdir()
    (tmp_path / "cipher/decrypt.json").write_text(json.dumps({"groups": [{"cases": [case]}]}))
    assert main(tmp_path) == 1
    shown = capsys.readouterr().out
    assert "decrypt.json d1: " in shown
    assert "never" in shown


def test_a_cipher_case_differs_if_one_of_the_clients_did_something_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = {"error": "java.security.InvalidAlgorithmParameterException"}
    outcomes = {"kotlin": short, "kotlin_android": short, "node": {"text": "never"}}
    case = {"id": "d2", "key": "k", "ciphertext": "AAAA", "result": "divergent", "outcomes": outcomes}
    (tmp_path / "cipher").mkdir()
    (tmp_path / "cipher/decrypt.json").write_text(json.dumps({"groups": [{"cases": [case]}]}))
    assert main(tmp_path) == 1
    shown = capsys.readouterr().out
    assert "decrypt.json d2: node: " in shown
    assert "phone: " not in shown


@pytest.mark.parametrize("content", ["{", "[]", '{"groups": [{"cases": [{"id": "x"}]}]}', "\x00"])
def test_a_file_that_cannot_be_read_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    (tmp_path / "cipher").mkdir()
    (tmp_path / "cipher/decrypt.json").write_text(content)
    assert main(tmp_path) == 1
    assert "cannot be read" in capsys.readouterr().out


def test_a_case_that_cannot_be_read_keeps_no_other_from_being_replayed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = {"phone/push.jsonl": '{"case": 7}\n', "segmentation/cases.jsonl": "[]\n{\n"}
    for name, lines in broken.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(lines + (DATA / name).read_text(encoding="utf-8"), encoding="utf-8")
    assert main(tmp_path) == 1
    table = capsys.readouterr().out.splitlines()
    assert table[1].split() == ["phone", "17", "1", "0"]
    assert table[2].split() == ["segmentation", "832", "2", "0"]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_stands_in_the_files_there_is_a_table_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    draws = random.Random(seed)
    for path in sorted(path for place in PLACES for path in place.rglob("*.json*")):
        content = bytearray(path.read_bytes()[: draws.randrange(200, 20_000)])
        for _ in range(draws.randrange(20)):
            content[draws.randrange(len(content))] = draws.randrange(256)
        copy = tmp_path / next(path.relative_to(place.parent) for place in PLACES if path.is_relative_to(place))
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(content)
    assert main(tmp_path) == 1
    assert capsys.readouterr().out.startswith("area ")


def test_a_conversation_that_differs_is_told_from_a_route_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "gateway/conversations"
    folder.mkdir(parents=True)
    case = json.loads((OWN["gateway"] / "conversations/outstanding.json").read_text())
    case["steps"][3]["expect"]["status"] = 201
    (folder / "wrong.json").write_text(json.dumps({**case, "case": "wrong"}))
    case["steps"][3]["path"] = "/v1/nobody-has-this"
    (folder / "beyond.json").write_text(json.dumps({**case, "case": "beyond"}))
    assert main(tmp_path) == 1
    assert capsys.readouterr().out.splitlines()[1].split() == ["gateway", "conversations", "0", "1", "1"]


def test_the_orders_are_replayed_as_conform_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "gateway").mkdir()
    line = (OWN["gateway"] / "message-orders.jsonl").read_text(encoding="utf-8").splitlines()[1]
    wrong = {**json.loads(line), "pushes": 7}
    (tmp_path / "gateway/message-orders.jsonl").write_text(f"{line}\n{json.dumps(wrong)}\n{{\n")
    assert main(tmp_path) == 1
    shown = capsys.readouterr().out
    assert shown.splitlines()[1].split() == ["gateway", "orders", "1", "2", "0"]
    assert "order-F: step " in shown
    assert "message-orders.jsonl:3: cannot be read" in shown


def test_a_folder_without_cases_says_how_it_must_be_laid_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(tmp_path) == 2
    assert "laid out like tests/data" in capsys.readouterr().err
