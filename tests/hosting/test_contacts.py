"""Contacts of a running gateway: what they read, write and find."""

from __future__ import annotations

import asyncio
import re

import pytest

from harness import Gateway
from harness.errors import NotSeen
from harness.hosting import ReceivedText
from harness.hosting.contacts import Texts
from tests.hosting.entries import BOB, CAROL, PHONE, entries, life, received
from tests.hosting.test_gateway import send


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "one"),
        ({"to": CAROL}, "three"),
        ({"text": "two"}, "two"),
        ({"text": re.compile("^t")}, "two"),
        ({"contains": "wo"}, "two"),
        ({"text": re.compile("t"), "contains": "ee"}, "three"),
        ({"text": "four"}, None),
    ],
)
def test_a_text_is_found_by_what_it_is(asked: dict[str, str], found: str | None) -> None:
    known = entries(received("one"), received("two"), received("three", CAROL))
    wanted = Texts(lambda: known).wanted(**({"to": None, "text": None, "contains": None, "whom": "anybody"} | asked))  # type: ignore[arg-type]
    assert next((text.text for entry in known if (text := wanted.fits(entry))), None) == found


def test_a_text_is_taken_once_and_a_twin_knows_what_was_taken() -> None:
    known = entries(received("one"))
    texts = Texts(lambda: known)
    wanted = texts.wanted(None, None, None, "anybody")
    assert [wanted.fits(known[0]) is None for _ in range(2)] == [False, True]
    assert texts.fork(lambda: known).wanted(None, None, None, "anybody").fits(known[0]) is None


def test_a_text_knows_the_message_that_it_came_from() -> None:
    known = entries(*life("m1", 8), received("Hi"))
    assert Texts(lambda: known).all() == (ReceivedText("Hi", PHONE, BOB, 1, "m1", len(known) - 1),)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [(r"\d+", "1234"), (r"code (\w+)", "is"), (r"is (\d)(\d)", "1"), (r"(?P<all>.+)", "Your code is 1234")],
)
def test_a_piece_of_a_text_is_found_by_a_pattern(pattern: str, found: str) -> None:
    assert ReceivedText("Your code is 1234", PHONE, BOB, 1).find(pattern) == found


def test_a_piece_that_is_not_there_is_an_assertion_that_shows_the_text() -> None:
    with pytest.raises(AssertionError, match="'x' is not in the text 'Hi'"):
        ReceivedText("Hi", PHONE, BOB, 1).find("x")


def test_a_contact_reads_writes_and_calls() -> None:
    with Gateway() as gateway:
        bob, carol = gateway.contact("bob"), gateway.contact("carol")
        assert (bob.number, carol.number, gateway.contact("bob").number) == (BOB, CAROL, BOB)
        message = send(gateway, "Your code is 1234")
        text = bob.wait_for_text(contains="code")
        assert (text.text, text.from_, text.segments, text.message) == ("Your code is 1234", PHONE, 1, message)
        assert (bob.texts, carol.texts, gateway.inbox) == ((text,), (), (text,))
        bob.text("Thank you")
        gateway.phone.do("switch sim1 calls on")
        bob.call()
        gateway.advance(1)
        kinds = {entry.kind for entry in gateway.trace() if entry.hop == "gateway"}
        assert {"message.phone.received", "message.call.missed"} <= kinds


def test_a_contact_that_waits_in_vain_is_named() -> None:
    with Gateway(timeout_s=0) as gateway, pytest.raises(NotSeen, match=r"a text to bob \(\+18005550100\) 'Hi'"):
        gateway.contact("bob").wait_for_text("Hi")


def test_a_text_is_awaited_where_a_loop_must_go_on() -> None:
    async def story(gateway: Gateway) -> list[str]:
        bob = gateway.contact("bob")
        waiting = asyncio.gather(bob.text_arrives("two"), bob.text_arrives("one"))
        messages = [send(gateway, text) for text in ("one", "two")]
        for message in messages:
            await gateway.status_reached(message, "delivered")
        send(gateway, "three")
        return [text.text for text in await waiting] + [await gateway.sms_arrives(to=BOB)]

    with Gateway() as gateway:
        assert asyncio.run(story(gateway)) == ["two", "one", "three"]
