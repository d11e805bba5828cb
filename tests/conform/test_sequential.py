"""The table of sequential outcomes against the recordings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from harness.conform.sequential import OPEN, choices, order_outcome
from tests.recorded import OURS, folder

CONVERSATIONS = folder("gateway") / "conversations"


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


# -- the orders --------------------------------------------------------------------------------------

LINES = [json.loads(line) for line in (folder("gateway") / "message-orders.jsonl").read_text().splitlines()]


def _allows(recorded: Any, value: Any) -> bool:
    match recorded:
        case {"#oneof": alternatives}:
            return any(_allows(alternative, value) for alternative in alternatives)
        case list() if isinstance(value, list):
            return len(recorded) == len(value) and all(map(_allows, recorded, value))
    return bool(recorded == value)


@pytest.mark.cases
@pytest.mark.parametrize("line", LINES, ids=lambda line: line["order"] or "nothing")
def test_the_outcome_of_an_order_is_among_those_that_were_recorded(line: dict[str, Any]) -> None:
    outcome = order_outcome(line["order"])
    assert outcome.keys() == line.keys() - {"order"}
    assert [name for name, value in outcome.items() if not _allows(line[name], value)] == []


@pytest.mark.parametrize(
    ("order", "field", "value"),
    [
        ("FSD", "status_after", ["sending", "sent", "delivered"]),
        ("SF", "answers", [200, 404]),
        ("EE", "status_after", ["scheduled", "expired"]),
        ("EEE", "pushes", 2),
        ("SSE", "expired_at", None),
        ("E", "expired_at", "server time"),
        ("DSX", "failure_reason", None),
        ("FSD", "thread_status", "delivered"),
        ("SD", "thread_status", "scheduled"),
        ("SE", "webhooks", ["message.phone.sent"]),
    ],
)
def test_events_one_after_the_other_lose_nothing(order: str, field: str, value: object) -> None:
    assert order_outcome(order)[field] == value
