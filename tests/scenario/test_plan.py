"""A plan is made of values: they compare, they are kept, and they show no pass phrase."""

from __future__ import annotations

from typing import Any

import pytest

from harness.cast import PhoneSpec
from harness.plain import dump, load
from harness.scenario import Expect, LoseUpdates, Scenario, Send, SmsLook, Step, Text
from harness.scenario.plan import _BROKEN_BY_LOST_UPDATES, NOWHERE, Place


@pytest.mark.parametrize(
    ("place", "text"),
    [(Place("a.yaml", 3, 5, "  - send"), "a.yaml:3"), (NOWHERE, ""), (Step(Text("a", "b", "c")).place, "")],
)
def test_a_place_reads_like_a_compilers(place: Place, text: str) -> None:
    assert str(place) == text


@pytest.mark.parametrize("value", [Send("a", "b", "hi", "Password123")])
def test_a_pass_phrase_is_in_no_repr(value: Any) -> None:
    assert "Password123" not in repr(value)
    assert "Password123" not in repr(Step(value))


def test_a_plan_outlives_a_restart() -> None:
    phones = (PhoneSpec("alice", "+1", "Password123"),)
    plan = Scenario("s", phones, (), (Step(Expect(SmsLook("alice", None)), Place("a.yaml", 1), "m"),))
    assert load(dump(plan)) == plan


@pytest.mark.parametrize(("acts", "broken"), [((), ("a",)), ((LoseUpdates(),), ("a", *_BROKEN_BY_LOST_UPDATES))])
def test_a_fault_says_by_itself_what_it_breaks(acts: tuple[LoseUpdates, ...], broken: tuple[str, ...]) -> None:
    assert Scenario("s", (), (), tuple(map(Step, acts)), breaks=("a",)).may_break == broken
