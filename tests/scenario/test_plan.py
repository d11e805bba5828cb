"""A plan is made of values: they compare, they are kept, and they show no pass phrase."""

from __future__ import annotations

from typing import Any

import pytest

from harness.cast import PhoneSpec
from harness.late import Late
from harness.matchers import Equals
from harness.plain import dump, load
from harness.scenario import Api, Expect, Fault, Scenario, Send, SmsLook, Step, Text, Together, every_step
from harness.scenario.plan import _BROKEN_BY, NOWHERE, Place
from tests.scenario.files import HEAD, read
from tests.scenario.test_acts import CASES

TEXT = Step(Text("a", "b", "c"))


@pytest.mark.parametrize(
    ("place", "text"),
    [(Place("a.yaml", 3, 5, "  - send"), "a.yaml:3"), (NOWHERE, ""), (TEXT.place, "")],
)
def test_a_place_reads_like_a_compilers(place: Place, text: str) -> None:
    assert str(place) == text


@pytest.mark.parametrize("value", [Send("a", ("b",), "hi", "Password123"), Api("GET", "/", key="Password123")])
def test_a_pass_phrase_is_in_no_repr(value: Any) -> None:
    assert "Password123" not in repr(value)
    assert "Password123" not in repr(Step(value))


def test_a_plan_outlives_a_restart() -> None:
    phones = (PhoneSpec("alice", "+1", "Password123"),)
    look = Expect(SmsLook("alice", Equals(Late("${code}"))))
    plan = Scenario("s", phones, (), (Step(look, Place("a.yaml", 1), "m"), Step(Together(((TEXT,), (TEXT,))))))
    assert load(dump(plan)) == plan


@pytest.mark.parametrize("line", [line for line, _ in CASES if "[1.5" not in line])
def test_whatever_a_file_says_outlives_a_restart(line: str) -> None:
    (story,) = read(f"{HEAD}  - {line}\n")
    assert load(dump(story)) == story


@pytest.mark.parametrize(
    ("steps", "broken"),
    [
        ((), ("a",)),
        ((Step(Fault("lost-push")),), ("a",)),
        ((Step(Fault("lost-update")),), ("a", *_BROKEN_BY["lost-update"])),
        ((Step(Together(((Step(Fault("lost-update")),),))),), ("a", *_BROKEN_BY["lost-update"])),
        ((Step(Fault("lost-answer")),), ("a", "one-message-per-text")),
    ],
)
def test_a_fault_says_by_itself_what_it_breaks(steps: tuple[Step, ...], broken: tuple[str, ...]) -> None:
    assert Scenario("s", (), (), steps, breaks=("a",)).may_break == broken


def test_the_steps_of_branches_are_in_the_order_of_the_story() -> None:
    a, b, c = (Step(Text("a", "b", text)) for text in "abc")
    inner = Step(Together(((b,), (c,))))
    outer = Step(Together(((a, inner), (a,))))
    assert list(every_step((outer, c))) == [outer, a, inner, b, c, a, c]


@pytest.mark.parametrize(("row", "title"), [("", "s"), ("sim=1", "s [sim=1]")])
def test_a_title_has_its_row_behind_it(row: str, title: str) -> None:
    assert Scenario("s", (), (), (), row=row).title == title
