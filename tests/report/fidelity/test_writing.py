"""A comparison in words, and as data that is held against its schema."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from harness.outcome import Outcome
from harness.report.fidelity import SCHEMA, Fidelity, Kind, as_json, as_text, compared, summary
from tests.house.sources import ROOT
from tests.report.fidelity.runs import FAILS, READ, changed, later, ran
from tests.report.outcomes import BROKEN, FAILED, KNOWN, PASSED, SKIPPED, hostile
from tests.report.schemas import closed, objects
from tests.report.traces import SENT

SENT_LATE = changed(FAILS, 9, reason="RADIO_OFF")
GOLDEN: dict[str, tuple[Fidelity, str]] = {
    "alike": (compared(ran(SENT), ran(SENT)), "same  A story  (both passed, 13 stages)"),
    "one stage, and some that are not seen": (
        compared(ran(SENT[:3]), ran(SENT[:2], hops=("client",))),
        "same  A story  (both passed, 2 stages, 1 of them seen in one only)",
    ),
    "alike, and later": (
        compared(ran(SENT), ran(later(SENT, 1.2))),
        "same  A story  (both passed, 13 stages, at most 1.2 s apart)",
    ),
    "different": (
        compared(ran(FAILS[7:]), ran([*SENT_LATE[7:10], READ], target="device emulator-5554")),
        """\
DIFF  A story  (1 only in A, 1 only in B, 1 other reason)
      A  embedded              passed, 1.2 s of virtual time
      B  device emulator-5554  passed, 1.2 s of virtual time
      hi “hi”:
               A         B
        +0.200 s  +0.200 s  phone    the phone hands it to the radio
        +0.200 s  +0.200 s  radio    the network rejects it
      ≠ +0.200 s  +0.200 s  phone    the phone knows that it failed   other reason: A NO_SERVICE, B RADIO_OFF
      ≠        –  +0.300 s  contact  the contact's handset shows it   only in B
      ≠ +0.300 s         –  gateway  the gateway hears FAILED         only in A
      A again: httpsms-harness run s.yaml -k 'A story' --seed 7
      B again: httpsms-harness run s.yaml -k 'A story' --seed 7""",
    ),
}


@pytest.mark.parametrize(("fidelity", "text"), GOLDEN.values(), ids=GOLDEN)
def test_the_text_says_it_with_aligned_columns(fidelity: Fidelity, text: str) -> None:
    assert as_text(fidelity) == text


def test_the_summary_counts_stories_and_kinds_of_differences() -> None:
    fidelities = [fidelity for fidelity, _ in GOLDEN.values()]
    assert summary([*fidelities, compared(SKIPPED, PASSED)], 2) == (
        "3 alike, 1 different, 1 skipped, 2 not run: 1 only in A, 1 only in B, 1 other reason"
    )


def test_what_only_takes_longer_bears_no_mark() -> None:
    lines = as_text(compared(ran(SENT), ran(later(SENT, 5)), 0)).splitlines()
    assert [line for line in lines if "slower by 5 s" in line and "≠" not in line] == lines[5:]


def test_a_story_that_both_skip_tells_both_reasons() -> None:
    assert as_text(compared(SKIPPED, replace(SKIPPED, target="device x"))).splitlines() == [
        "SKIP  A story: A (embedded): no device",
        "      to compare it: connect one and try again",
        "      B (device x): no device",
        "      to compare it: connect one and try again",
    ]


# -- for programs ------------------------------------------------------------------------------------------------------

FILE: Path = ROOT / "docs" / "schemas" / "comparison.schema.json"
DOCUMENT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))


def read(*fidelities: Fidelity, not_run: int = 0) -> dict[str, Any]:
    """As a program has it that reads the file; it fits the schema, which names all of it."""
    plain: dict[str, Any] = json.loads(json.dumps(as_json(fidelities, not_run)))
    Draft202012Validator(closed(DOCUMENT)).validate(plain)
    return plain


def test_the_schema_is_one_and_names_its_version_and_every_kind() -> None:
    Draft202012Validator.check_schema(DOCUMENT)
    assert DOCUMENT["properties"]["schema"]["const"] == SCHEMA
    kinds = [kind.value for kind in Kind]
    assert DOCUMENT["$defs"]["difference"]["properties"]["kind"]["enum"] == kinds
    assert DOCUMENT["$defs"]["row"]["properties"]["differences"]["items"]["enum"] == kinds


def test_what_the_schema_names_is_always_there_and_more_may_come() -> None:
    for each in objects(DOCUMENT):
        assert "additionalProperties" not in each
        assert each["required"] == list(each["properties"])


@pytest.mark.parametrize("one", [PASSED, FAILED, SKIPPED, KNOWN, BROKEN, hostile()], ids=lambda one: one.verdict.status)
def test_whatever_a_comparison_comes_to_fits_the_schema(one: Outcome) -> None:
    stories = [compared(one, other, 0) for other in (PASSED, FAILED, SKIPPED, ran(FAILS))]
    assert len(read(*stories)["stories"]) == len(stories)


def test_the_json_has_the_differences_and_both_sides() -> None:
    plain = read(*(fidelity for fidelity, _ in GOLDEN.values()))
    assert (plain["schema"], plain["alike"]) == (SCHEMA, False)
    assert plain["counts"] == {"alike": 3, "different": 1, "skipped": 0, "not_run": 0}
    assert plain["stories"][2]["apart_s"] == 1.2
    story = plain["stories"][3]
    assert (story["state"], story["b"]["target"]) == ("different", "device emulator-5554")
    assert story["differences"][0] == {
        "kind": "other reason", "whose": "hi “hi”", "hop": "phone", "what": "the phone knows that it failed",
        "a": "NO_SERVICE", "b": "RADIO_OFF",
    }  # fmt: skip
    assert story["strands"][0]["rows"][4] == {
        "hop": "gateway", "kind": "message.send.failed", "words": "the gateway hears FAILED", "a_s": 0.3, "b_s": None,
        "differences": ["only in A"], "note": None,
    }  # fmt: skip


def test_nothing_compared_is_not_alike() -> None:
    assert read()["alike"] is False
    assert read(compared(SKIPPED, PASSED))["alike"] is False
    assert read(compared(PASSED, PASSED), not_run=1)["alike"] is False
    assert read(compared(PASSED, PASSED), compared(SKIPPED, PASSED))["alike"] is True


def test_hostile_texts_stay_on_their_lines() -> None:
    text = as_text(compared(ran(SENT), hostile()))
    assert all(line.isprintable() for line in text.split("\n"))
