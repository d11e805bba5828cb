"""Recordings replayed in virtual time against the stand-in: the stand-in is held to what was recorded."""

from __future__ import annotations

import pytest

from harness.adapters.case_files import load_cases, load_orders
from harness.conform import Case, text
from harness.conforming import replay_virtual
from tests.recorded import folder

GATEWAY = folder("gateway")
CONVERSATIONS = [case for case in load_cases(GATEWAY) if isinstance(case, Case)]
ORDERS = [case for case in load_orders(GATEWAY / "message-orders.jsonl") if isinstance(case, Case)]
# The life of a message in both directions, with everything that may go wrong on the way.
LIFE = (
    "auth-phone-key-scope",
    "expiry",
    "outstanding",
    "receive",
    "send-delivered",
    "send-failed",
    "webhook-retry",
)


def _agrees(case: Case, seed: int) -> None:
    result = replay_virtual(case, seed)
    assert result.verdict == "agree", text([result])
    assert len(result.steps) == len(case.steps)


@pytest.mark.cases
@pytest.mark.parametrize("case", CONVERSATIONS, ids=lambda case: case.name)
def test_the_stand_in_agrees_with_the_recording(case: Case) -> None:
    _agrees(case, 1)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", LIFE)
def test_the_stand_in_agrees_with_the_recorded_life_of_a_message(name: str, seed: int) -> None:
    case = next((case for case in CONVERSATIONS if case.name == name), None)
    if case is None:
        pytest.skip(f"{GATEWAY} has no case {name}")
    _agrees(case, seed)


@pytest.mark.cases
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("case", ORDERS, ids=lambda case: case.name)
def test_every_order_ends_as_when_events_are_handled_one_by_one(case: Case, seed: int) -> None:
    _agrees(case, seed)
