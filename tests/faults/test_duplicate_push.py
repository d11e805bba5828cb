"""A push that comes twice is two pushes to the phone, and one text."""

from __future__ import annotations

import pytest

from harness.scenario.plan import Expect, Fault, MessageLook
from tests.faults.playing import HELLO, played, played_live, seen


@pytest.mark.parametrize("play", [played, played_live])
def test_the_phone_hears_of_the_message_twice_and_sends_it_once(play: object) -> None:
    assert callable(play)
    entries = play(Fault("duplicate-push", "alice"), HELLO, Expect(MessageLook("hello", "delivered")))
    assert seen(entries, "push", "duplicated") == ["duplicated"]
    assert seen(entries, "phone", "pushed") == ["pushed"] * 2
    assert seen(entries, "radio", "submitted") == ["submitted"]


def test_it_happens_once_unless_told_otherwise() -> None:
    delivered = Expect(MessageLook("hello", "delivered"))
    assert len(seen(played(Fault("duplicate-push", times=2), HELLO, delivered), "push", "duplicated")) == 1
    entries = played(Fault("duplicate-push", times=2), HELLO, delivered, HELLO, delivered)
    assert len(seen(entries, "push", "duplicated")) == 2
