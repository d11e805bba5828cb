"""An entry is found by what it is."""

from __future__ import annotations

from typing import Any

import pytest

from harness import cipher
from harness.scenario import Match
from harness.trace import Entry

IV = bytes(range(16))
KEYS = (("+1", "Password123"),)
HELLO = cipher.encrypt("Password123", "Hello 😀", iv=IV)


def entry(hop: str = "webhook", kind: str = "message.phone.sent", message: str | None = "m1", **facts: Any) -> Entry:
    return Entry(0, 0, hop, kind, message, None, {name.rstrip("_"): value for name, value in facts.items()})


@pytest.mark.parametrize(
    ("match", "found", "fits"),
    [
        (Match("webhook"), entry(), True),
        (Match("phone"), entry(), False),
        (Match("webhook", ("message.phone.sent", "x")), entry(), True),
        (Match("webhook", ("x",)), entry(), False),
        (Match("webhook", alias="greeting"), entry(), True),
        (Match("webhook", alias="greeting"), entry(message="m2"), False),
        (Match("webhook", alias="greeting"), entry(message=None), False),
        # A step that has made no message yet finds nothing, also no entry without one.
        (Match("webhook", alias="later"), entry(), False),
        (Match("webhook", alias="later"), entry(message=None), False),
        (Match("webhook", facts=(("to", "+1"),)), entry(to="+1", from_="+2"), True),
        (Match("webhook", facts=(("to", "+1"),)), entry(to="+2"), False),
        (Match("webhook", facts=(("to", "+1"),)), entry(), False),
        (Match("webhook", not_facts=(("text", "a"),)), entry(text="b"), True),
        (Match("webhook", not_facts=(("text", "a"),)), entry(), True),
        (Match("webhook", not_facts=(("text", "a"),)), entry(text="a"), False),
        (Match("webhook", text="Hello 😀"), entry(content="Hello 😀"), True),
        (Match("webhook", text="Hello"), entry(content="Hello 😀"), False),
        (Match("webhook", text="Hello"), entry(), False),
        (Match("webhook", text="Hello 😀", keys=KEYS), entry(content=HELLO, encrypted=True, owner="+1"), True),
        (Match("webhook", text="Hello 😀", keys=KEYS), entry(content=HELLO, encrypted=True, owner="+2"), False),
        (Match("webhook", text="Hello 😀", keys=KEYS), entry(content=HELLO, encrypted=False, owner="+1"), False),
        (Match("webhook", text=HELLO), entry(content=HELLO, encrypted=True, owner="+1"), True),
        (Match("webhook", text="Hello", keys=KEYS), entry(content="no base64!", encrypted=True, owner="+1"), False),
    ],
)
def test_an_entry_fits_when_everything_about_it_does(match: Match, found: Entry, fits: bool) -> None:
    assert match.fits(found, {"greeting": "m1"}) is fits


@pytest.mark.parametrize(
    ("match", "found", "misses"),
    [
        (Match("webhook", facts=(("to", "+1"), ("segments", 3))), entry(to="+1"), ["segments: expected 3, got None"]),
        (Match("webhook", not_facts=(("text", "a"),)), entry(text="a"), ["text: is 'a'"]),
        (Match("webhook", text="a"), entry(content="b"), ["text: expected 'a', got 'b'"]),
        (
            Match("webhook", text="a", keys=KEYS),
            entry(content=HELLO, encrypted=True, owner="+1"),
            ["text: expected 'a', got 'Hello 😀'"],
        ),
        (
            Match("webhook", text="a", keys=KEYS),
            entry(content="?", encrypted=True, owner="+1"),
            ["text: expected 'a', got None"],
        ),
    ],
)
def test_what_does_not_fit_is_told_by_the_fact(match: Match, found: Entry, misses: list[str]) -> None:
    assert match.concerns(found, {})
    assert match.misses(found) == misses


@pytest.mark.parametrize(("facts", "tells"), [({"status": "sent"}, True), ({"status": 200}, False), ({}, False)])
def test_a_state_is_a_status_in_words(facts: dict[str, Any], tells: bool) -> None:
    assert Match("gateway", state=True).tells_state(entry("gateway", "webhook.answered", "m1", **facts)) is tells


def test_a_match_shows_no_pass_phrase() -> None:
    assert "Password123" not in repr(Match("webhook", text="a", keys=KEYS))
