"""What a look has found so far, and whether that is enough."""

from __future__ import annotations

import pytest

from harness.instants import SECOND
from harness.scenario.cursors import Cursor, time_of
from harness.scenario.steps import Await, AwaitOrder, Do, Forbid, Match, Move, Span, What
from harness.trace import Entry

ONE, OTHER = Match("radio"), Match("contact")
S = SECOND
ENTRIES = [Entry(number, 0, "radio", "delivered", None, None, {}) for number in range(4)]


def after(what: What | None, count: int) -> Cursor:
    cursor = Cursor(what=what)
    for entry in ENTRIES[:count]:
        cursor = cursor.having_found(entry)
    return cursor


@pytest.mark.parametrize(
    ("what", "enough"),
    [
        (Await(ONE, S), [False, True, True]),
        (Await(ONE, S, 2), [False, False, True]),
        # More than so many is the only thing that is certain before the time is over.
        (Await(ONE, S, 0, 1), [False, False, True]),
        (AwaitOrder((ONE, OTHER), S), [False, False, True]),
        (Forbid(ONE, S), [False, False, False]),
    ],
)
def test_a_look_has_enough_when_nothing_can_change_it_any_more(what: What, enough: list[bool]) -> None:
    assert [after(what, count).has_enough for count in range(3)] == enough


@pytest.mark.parametrize(
    ("what", "sought"),
    [
        (Await(ONE, S), [ONE, ONE]),
        (Forbid(OTHER, S), [OTHER, OTHER]),
        (AwaitOrder((ONE, OTHER), S), [ONE, OTHER, None]),
        (Do(()), [None]),
        (None, [None]),
    ],
)
def test_a_look_waits_for_one_thing_at_a_time(what: What | None, sought: list[Match | None]) -> None:
    assert [after(what, count).sought for count in range(len(sought))] == sought


@pytest.mark.parametrize(
    ("what", "named"),
    [
        (Await(ONE, S), 0),
        (Await(ONE, S, 2), 1),
        (Await(ONE, S, 0, 3), 0),
        (AwaitOrder((ONE, OTHER, ONE), S), 2),
    ],
)
def test_the_entry_that_makes_it_enough_gets_the_name(what: What, named: int) -> None:
    cursor = after(what, 3)
    assert (cursor.count, cursor.last, cursor.named) == (3, ENTRIES[2], ENTRIES[named])
    assert after(what, named).named is None


@pytest.mark.parametrize(
    ("what", "duration"),
    [
        (Do((), within=7), 7),
        (Await(ONE, 7), 7),
        (AwaitOrder((ONE,), 7), 7),
        (Forbid(ONE, 7), 7),
        (Move(7), 7),
        (Span("a", "b"), 0),
    ],
)
def test_every_step_has_its_time(what: What, duration: int) -> None:
    assert time_of(what) == duration
