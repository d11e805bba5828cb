"""A world in virtual time, and its twins."""

from __future__ import annotations

import pytest

from harness.errors import InvalidNumber, NotSeen, UsageError
from harness.faults import LostPush
from harness.virtual_bed import VirtualBed

BOB = "+18005550100"


def test_a_text_is_sent_and_time_moves_until_it_is_there() -> None:
    bed = VirtualBed()
    began = bed.now
    message = bed.send("bob", "Your code is 1234")
    text = bed.contact("bob").wait_for_text(contains="code")
    assert (text.text, text.from_, text.to, text.message) == ("Your code is 1234", bed.number, BOB, message)
    bed.run_until_quiet()
    assert bed.status(message) == "delivered"
    assert bed.now > began
    assert (bed.contact(BOB).texts, bed.inbox) == ((text,), (text,))


def test_a_fork_has_the_past_and_a_future_of_its_own() -> None:
    bed = VirtualBed()
    before = bed.send("bob", "before")
    bed.run_until_quiet()
    twin = bed.fork()
    bed.fault(LostPush(None, 1))
    lost, sent = bed.send("bob", "Hello"), twin.send("bob", "Hello")
    for one in (bed, twin):
        one.run_until_quiet()
        assert one.status(before) == "delivered"
    assert (bed.status(lost), twin.status(sent)) == ("scheduled", "delivered")
    assert [text.text for text in bed.inbox] == ["before"]
    assert [text.text for text in twin.inbox] == ["before", "Hello"]
    # A push that is lost is sent again when the message expires.
    bed.advance(3600)
    assert bed.status(lost) == "delivered"
    assert twin.now < bed.now


def test_what_was_taken_before_a_fork_is_taken_in_both() -> None:
    bed = VirtualBed()
    bed.send("bob", "one")
    bed.contact("bob").wait_for_text()
    twin = bed.fork()
    for one in (bed, twin):
        with pytest.raises(NotSeen, match="a text to"):
            one.contact("bob").wait_for_text()


def test_two_continuations_of_one_past_are_the_same_until_they_differ() -> None:
    bed = VirtualBed()
    twin = bed.fork()
    assert bed.send("bob", "Hello") == twin.send("bob", "Hello")
    for one in (bed, twin):
        one.advance(60)
    assert bed.trace() == twin.trace()
    assert bed.bed.trace.hash == twin.bed.trace.hash
    bed.do("lose network")
    bed.advance(60)
    assert len(bed.trace()) > len(twin.trace())


def test_the_same_seed_and_the_same_calls_are_the_same_world() -> None:
    def story(seed: int) -> tuple[str, str | None]:
        bed = VirtualBed(seed)
        message = bed.send("bob", "Hello")
        bed.run_until_quiet()
        return message, bed.bed.trace.hash

    assert story(1) == story(1)
    assert story(1) != story(2)


def test_somebody_texts_and_calls_a_phone() -> None:
    bed = VirtualBed(phones=2)
    first, second = bed.numbers
    assert (first, second) == ("+18005550199", "+18005550198")
    bed.do("switch sim1 calls on", number=second)
    bed.contact("bob").text("Hi")
    bed.contact("bob").call(to=second)
    bed.advance(10)
    told = {(entry.kind, entry.facts.get("owner")) for entry in bed.trace() if entry.hop == "gateway"}
    assert {("message.phone.received", first), ("message.call.missed", second)} <= told


def test_a_phone_is_paused_led_step_by_step_logged_out_and_in() -> None:
    bed = VirtualBed()
    bed.do("pause")
    bed.text(from_="BANK", text="Your code is 1234")
    bed.advance(10)
    assert "text received" not in {entry.kind for entry in bed.trace()}
    bed.do("step")
    bed.do("resume")
    bed.run_until_quiet()
    assert "text received" in {entry.kind for entry in bed.trace()}
    bed.do("log out")
    bed.run_until_quiet()
    bed.do("log in")
    bed.run_until_quiet()
    assert [entry.kind for entry in bed.trace() if entry.kind in ("logged out", "logged in")][-1] == "logged in"


def test_a_day_is_a_moment() -> None:
    bed = VirtualBed()
    began = bed.now
    bed.advance(86_400)
    assert bed.now - began == 86_400 * 10**9
    beats = [entry for entry in bed.trace() if entry.kind == "POST /v1/heartbeats"]
    assert len(beats) == 96


def test_what_cannot_be_is_refused() -> None:
    bed = VirtualBed()
    for seconds in (-1, float("nan"), 1e10):
        with pytest.raises(ValueError, match="seconds"):
            bed.advance(seconds)
    with pytest.raises(UsageError, match=r"there is no phone \+18005550111"):
        bed.do("reboot", number="+18005550111")
    with pytest.raises(UsageError, match="dance"):
        bed.do("dance")
    with pytest.raises(UsageError, match="the API takes no such message"):
        bed.send("bob", "Hello", from_="+18005550111")
    with pytest.raises(UsageError, match="no message 32343a19"):
        bed.status("32343a19-da5e-4b1b-a767-3298a73703cb")
    for tell in (bed.contact("bob").text, bed.contact("bob").call):
        with pytest.raises(UsageError, match=r"there is no phone \+18005550111"):
            tell("missed", to="+18005550111")
    with pytest.raises(InvalidNumber):
        bed.contact("+bob")
    for phones in (0, 51):
        with pytest.raises(UsageError, match=f"{phones} phones"):
            VirtualBed(phones=phones)
