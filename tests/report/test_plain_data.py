"""The results as programs read them, held against their schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from harness import __version__
from harness.report import as_json
from harness.report.plain_data import SCHEMA
from tests.house.sources import ROOT
from tests.report.outcomes import ALL, BROKEN, FAILED, IN_PYTHON, KNOWN, PASSED, SKIPPED, hostile, incoming
from tests.report.schemas import closed, objects

FILE: Path = ROOT / "docs" / "schemas" / "results.schema.json"
DOCUMENT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


def _read(*outcomes: Any, not_run: int = 0) -> dict[str, Any]:
    """As a program has it that reads the file."""
    read: dict[str, Any] = json.loads(json.dumps(as_json(outcomes, not_run)))
    Draft202012Validator(closed(DOCUMENT)).validate(read)
    return read


def test_the_schema_is_one_and_names_its_version() -> None:
    Draft202012Validator.check_schema(DOCUMENT)
    assert DOCUMENT["properties"]["schema"]["const"] == SCHEMA


@pytest.mark.parametrize("outcomes", [(), ALL, (hostile(),), (incoming(),)], ids=["none", "all", "hostile", "incoming"])
def test_whatever_a_run_comes_to_fits_the_schema(outcomes: tuple[Any, ...]) -> None:
    assert len(_read(*outcomes)["stories"]) == len(outcomes)


def test_what_the_schema_names_is_always_there_and_more_may_come() -> None:
    for each in objects(DOCUMENT):
        assert "additionalProperties" not in each
        assert each["required"] == list(each["properties"])


def test_a_run_is_counted() -> None:
    read = _read(*ALL, not_run=2)
    assert read["counts"] == {"passed": 1, "failed": 3, "known": 1, "skipped": 3, "not_run": 2}
    assert (read["version"], read["passed"]) == (__version__, False)
    assert _read(PASSED, KNOWN, SKIPPED)["passed"] is True
    assert _read(PASSED, not_run=1)["passed"] is False


def test_what_was_on_its_way_at_the_end_is_named() -> None:
    (story,) = _read(PASSED)["stories"]
    assert story["still_open"] == [
        {"message": "m1", "message_name": "hi", "state": "sending; a report of the phone"},
        {"message": "m2", "message_name": None, "state": "accepted; its time has not come"},
    ]


def test_a_failed_story_is_told_whole() -> None:
    (story,) = _read(FAILED)["stories"]
    life = story["failure"].pop("life")
    assert life[0].split() == ["+0.000", "s", "client", "accepted", "status=200"]
    assert story == {
        "title": "A story",
        "status": "failed",
        "path": "s.yaml",
        "line": 2,
        "tags": ["smoke"],
        "target": "embedded",
        "seed": 7,
        "repeat": "httpsms-harness run s.yaml -k 'A story' --seed 7",
        "trace_hash": "0a" * 16,
        "entries": 5,
        "took_s": 30.0,  # the nanosecond after a deadline is not shown
        "people": [
            {"name": "alice", "number": "+1", "kind": "phone"},
            {"name": "bob", "number": "+2", "kind": "contact"},
        ],
        "messages": [{"name": "hi", "id": "m1"}],
        "still_open": [],
        "steps": [
            {
                "title": "send: {from: alice, to: bob, text: hi}",
                "passed": True,
                "place": "s.yaml:5",
                "branch": None,
                "began_s": 0.0,
                "took_s": 0.0,
            },
            {
                "title": "expect: {sms: {to: bob}}",
                "passed": False,
                "place": "s.yaml:7",
                "branch": None,
                "began_s": 0.0,
                "took_s": 30.0,
            },
        ],
        "failure": {
            "step": "expect: {sms: {to: bob}}",
            "path": "s.yaml",
            "line": 7,
            "column": 5,
            "why": ["not seen within 30 s", "nothing of the kind was seen on the hop contact"],
            "missing": {"hop": "phone", "kind": "pushed", "words": "the push reaches the phone"},
            "invariants": [],
            "message": "m1",
            "message_name": "hi",
            "incoming": False,
        },
        "known_defect": None,
        "skipped": None,
    }


def test_what_a_story_does_not_have_is_null() -> None:
    (story,) = _read(IN_PYTHON)["stories"]
    assert (story["path"], story["line"], story["trace_hash"]) == ("", None, None)
    failure = story["failure"]
    assert [failure[name] for name in ("line", "column", "message", "message_name", "missing")] == [None] * 5


def test_skips_defects_and_invariants_are_told_by_name() -> None:
    skipped, known, broken, text = _read(SKIPPED, KNOWN, BROKEN, incoming())["stories"]
    assert skipped["skipped"] == {"reason": "no device", "remedy": "connect one and try again"}
    assert (known["status"], known["known_defect"]) == ("known", "upstream 412 is open")
    assert known["failure"]["missing"]["hop"] == "phone"
    assert broken["failure"]["invariants"] == ["one-sms-per-send", "no-clear-text"]
    assert (text["failure"]["incoming"], text["failure"]["message"]) == (True, None)
