"""A late push comes late, and holds no other one up."""

from __future__ import annotations

import pytest

from harness.scenario.plan import Expect, Fault, MessageLook, Send, Step, TraceLook
from tests.faults.playing import HELLO, S, played, played_live, seen

LATE = Fault("late-push", "alice", delay=60 * S)


def test_the_next_push_comes_so_much_later_and_is_overtaken() -> None:
    entries = played(
        LATE,
        HELLO,
        Step(Send("alice", ("bob",), "Me first"), alias="second"),
        Expect(MessageLook("second", "delivered")),
        Expect(TraceLook("push", "late", "hello")),
        Expect(MessageLook("hello", "delivered"), 120 * S),
    )
    late = next(entry for entry in entries if entry.kind == "late")
    pushed = next(entry for entry in entries if entry.kind == "pushed" and entry.message == late.message)
    assert (pushed.at - late.at, pushed.cause) == (60 * S, late.number)
    assert late.facts == {"late_ns": 60 * S}


@pytest.mark.parametrize("phone", ["alice", None])
def test_it_is_that_phones_push_or_anybodys(phone: str | None) -> None:
    entries = played(Fault("late-push", phone, delay=S), HELLO, Expect(MessageLook("hello", "delivered"), 60 * S))
    assert seen(entries, "push", "late") == ["late"]


def test_over_sockets_it_is_the_same() -> None:
    entries = played_live(
        Fault("late-push", "alice", delay=S // 10),
        HELLO,
        Expect(TraceLook("push", "late", "hello")),
        Expect(MessageLook("hello", "delivered")),
    )
    assert seen(entries, "push", "late") == ["late"]
