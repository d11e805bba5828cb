"""The table of sequential outcomes against the recordings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from harness.conform.sequential import OPEN, choices
from tests.recorded import ROOT, folder

CONVERSATIONS = folder("gateway") / "conversations"
OURS = ROOT.name == "data"  # the table speaks of the cases that ship with the tests


def _races(value: Any, path: str) -> Iterator[tuple[str, list[Any]]]:
    match value:
        case {"#oneof": alternatives}:
            yield path, alternatives
        case dict():
            for name, item in value.items():
                yield from _races(item, f"{path}.{name}" if path else name)
        case list():
            for at, item in enumerate(value):
                yield from _races(item, f"{path}[{at}]")


def _recorded() -> list[tuple[str, int, str, list[Any]]]:
    found = []
    for file in sorted(CONVERSATIONS.glob("*.json")):
        case = json.loads(file.read_text(encoding="utf-8"))
        for at, step in enumerate(case["steps"]):
            root = step["do"] if step["do"] in ("push", "webhooks") else ""
            found += [(case["case"], at, *race) for race in _races(step.get("expect"), root)]
    return found


RACES = _recorded()


@pytest.mark.skipif(not OURS, reason="the table speaks of the cases that ship with the tests")
@pytest.mark.parametrize(("case", "step", "path", "alternatives"), RACES, ids=str)
def test_every_race_has_one_outcome_which_was_recorded(
    case: str, step: int, path: str, alternatives: list[Any]
) -> None:
    chosen = choices(case, step)
    if path not in chosen:
        assert (case, step, path) in OPEN
        return
    assert chosen[path] in alternatives


@pytest.mark.skipif(not OURS, reason="the table speaks of the cases that ship with the tests")
def test_the_table_names_no_race_that_is_none() -> None:
    known = {(case, step, path) for case, step, path, _ in RACES}
    assert known >= OPEN
    for case, step in {(case, step) for case, step, *_ in RACES}:
        paths = {path for known_case, at, path, _ in RACES if (known_case, at) == (case, step)}
        # `is_final` of the first webhook never differed, and an attempt count stands for all steps.
        extra = choices(case, step).keys() - paths - {"body.data.send_attempt_count"}
        assert extra <= {"webhooks[0].body.data.is_final"}, (case, step)


def test_a_case_without_races_has_no_choices() -> None:
    assert choices("users", 0) == {}
    assert choices("expiry", 0) == {}
