"""An entry is found by what it is."""

from __future__ import annotations

from typing import Any

import pytest

from harness import cipher
from harness.answers import Capture
from harness.matchers import Absent, Contains, Differs, Equals, Matcher, Matches, OneOf, Present
from harness.scenario.matching import captured, concerns, fits, misses, tells_state, wanted
from harness.scenario.steps import Match
from harness.trace import Entry

IV = bytes(range(16))
KEYS = (("+1", "Password123"),)
HELLO = cipher.encrypt("Password123", "Hello 😀", iv=IV)
MESSAGES = {"greeting": "m1"}


def entry(hop: str = "webhook", kind: str = "message.phone.sent", message: str | None = "m1", **facts: Any) -> Entry:
    return Entry(0, 0, hop, kind, message, None, {name.rstrip("_"): value for name, value in facts.items()})


def match_of(**matchers: Matcher) -> Match:
    return Match("webhook", facts=tuple(matchers.items()))


def text_of(text: Matcher, keys: tuple[tuple[str, str], ...] = ()) -> Match:
    return Match("webhook", text=text, keys=keys)


HI = Equals("Hello 😀")


@pytest.mark.parametrize(
    ("match", "found", "fitting"),
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
        (match_of(to=Equals("+1")), entry(to="+1", from_="+2"), True),
        (match_of(to=Equals("+1")), entry(to="+2"), False),
        (match_of(to=Equals("+1")), entry(), False),
        (match_of(text=Differs("a")), entry(text="b"), True),
        (match_of(text=Differs("a")), entry(text="a"), False),
        (match_of(text=Differs("a")), entry(), False),
        (match_of(text=Contains("el")), entry(text="Hello"), True),
        (match_of(text=Matches("^el")), entry(text="Hello"), False),
        (match_of(text=OneOf(("a", "b"))), entry(text="b"), True),
        (match_of(text=Present()), entry(text=None), True),
        (match_of(text=Absent()), entry(text=None), False),
        (match_of(text=Absent()), entry(), True),
        (match_of(to=Equals("+1"), sim=Equals("SIM1")), entry(to="+1", sim="SIM2"), False),
        # The scalars of a story are texts; facts may be numbers and truths.
        (match_of(segments=Equals("3")), entry(segments=3), True),
        (match_of(segments=Equals(3)), entry(segments=3), True),
        (match_of(segments=Equals(3)), entry(segments="3"), False),
        (match_of(verified=Equals("true")), entry(verified=True), True),
        (match_of(verified=Equals(True)), entry(verified=True), True),
        (match_of(verified=Equals(1)), entry(verified=True), False),
        (match_of(verified=Equals("1")), entry(verified=True), False),
        (match_of(reason=Equals("null")), entry(reason=None), True),
        (match_of(segments=Differs("3")), entry(segments=3), False),
        (match_of(segments=OneOf(("2", "3"))), entry(segments=3), True),
        (match_of(segments=Matches("^[0-9]$")), entry(segments=3), True),
        (text_of(HI), entry(content="Hello 😀"), True),
        (text_of(HI), entry(text="Hello 😀"), True),
        (text_of(Equals("Hello")), entry(content="Hello 😀"), False),
        (text_of(Contains("Hello")), entry(content="Hello 😀"), True),
        (text_of(Equals("Hello")), entry(), False),
        (text_of(Absent()), entry(), True),
        (text_of(HI, KEYS), entry(content=HELLO, encrypted=True, owner="+1"), True),
        (text_of(Contains("Hello"), KEYS), entry(content=HELLO, encrypted=True, owner="+1"), True),
        (text_of(HI, KEYS), entry(content=HELLO, encrypted=True, owner="+2"), False),
        (text_of(HI, KEYS), entry(content=HELLO, encrypted=False, owner="+1"), False),
        (text_of(HI, KEYS), entry(content="no ciphertext", encrypted=True, owner="+1"), False),
    ],
)
def test_an_entry_fits_or_not(match: Match, found: Entry, fitting: bool) -> None:
    assert fits(match, found, MESSAGES) is fitting
    assert concerns(match, found, MESSAGES) or not fitting
    assert not (misses(match, found) and fitting)


@pytest.mark.parametrize(
    ("match", "found", "lines"),
    [
        (match_of(to=Equals("+1")), entry(to="+1"), []),
        (match_of(to=Equals("+1")), entry(to="+2"), ["to: expected '+1', got '+2'"]),
        (match_of(to=Equals("+1")), entry(), ["to: expected '+1', and it is not there"]),
        (match_of(to=Differs("+1")), entry(to="+1"), ["to: expected anything but '+1', got '+1'"]),
        (text_of(HI), entry(content="Bye"), ["text: expected 'Hello 😀', got 'Bye'"]),
        (
            text_of(HI, KEYS),
            entry(content="no ciphertext", encrypted=True, owner="+1"),
            ["text: expected 'Hello 😀', and what came does not decrypt with the key of +1"],
        ),
        (
            Match("webhook", facts=(("to", Equals("+1")), ("sim", Equals("SIM1"))), text=Contains("a")),
            entry(to="+2", content="b"),
            [
                "to: expected '+1', got '+2'",
                "sim: expected 'SIM1', and it is not there",
                "text: expected a text with 'a' in it, got 'b'",
            ],
        ),
    ],
)
def test_an_entry_that_does_not_fit_says_why(match: Match, found: Entry, lines: list[str]) -> None:
    assert misses(match, found) == lines


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, None),
        ({"text": "a"}, "a"),
        ({"content": "a", "text": "b"}, "a"),
        ({"content": HELLO, "encrypted": True, "owner": "+1"}, "Hello 😀"),
        ({"content": HELLO, "encrypted": True, "owner": "+2"}, HELLO),
        ({"content": "?", "encrypted": True, "owner": "+1"}, None),
    ],
)
def test_a_text_is_shown_as_its_reader_sees_it(facts: dict[str, Any], text: str | None) -> None:
    assert captured(Capture("it"), Match("webhook", keys=KEYS), entry(**facts))[0] == text


@pytest.mark.parametrize(("facts", "tells"), [({"status": "sent"}, True), ({"status": 200}, False), ({}, False)])
def test_only_words_are_a_state(facts: dict[str, Any], tells: bool) -> None:
    assert tells_state(entry(**facts)) is tells


@pytest.mark.parametrize(
    ("match", "words"),
    [
        (Match("phone"), "phone"),
        (Match("phone", ("a", "b")), "phone a or b"),
        (
            Match("gateway", (), (("status", Equals("sent")),), "greeting"),
            "gateway (of greeting, status='sent')",
        ),
        (text_of(Contains("x"), KEYS), "webhook (text=a text with 'x' in it)"),
    ],
)
def test_what_is_looked_for_is_said_in_words(match: Match, words: str) -> None:
    assert wanted(match) == words


def test_a_match_shows_no_key() -> None:
    assert "Password123" not in repr(text_of(HI, KEYS))


@pytest.mark.parametrize(
    ("capture", "value", "why"),
    [
        (Capture("it", "text", r"\d+"), "1234", ""),
        (Capture("it", "text", r"is (\d)(\d)"), "1", ""),
        (Capture("it", "text", r"is (\d*?)"), "", ""),
        (Capture("it", "text", r"(x)|\d"), None, r"the first group of '(x)|\d' finds nothing in its text"),
        (Capture("it", "text", "x"), None, "'x' is not found in its text"),
        (Capture("it", "text", r"\d{9}"), None, r"'\d{9}' is not found in its text"),
        (Capture("it", "segments"), "2", ""),
        (Capture("it", "encrypted"), "false", ""),
        (Capture("it", "segments", "3"), None, "'3' is not found in its segments"),
        (Capture("it", "colour"), None, "there is no colour"),
    ],
)
def test_a_value_is_taken_of_the_text_or_of_another_fact(capture: Capture, value: str | None, why: str) -> None:
    found = entry(content="it is 1234", segments=2, encrypted=False)
    assert captured(capture, Match("webhook"), found) == (value, why)


@pytest.mark.parametrize(
    ("match", "is_about"),
    [
        (Match("webhook"), True),
        (Match("phone"), False),
        (Match("webhook", ("message.phone.sent", "x")), True),
        (Match("webhook", ("x",)), False),
        (Match("webhook", alias="greeting"), True),
        (Match("webhook", alias="other"), False),
        (Match("webhook", facts=(("to", Equals("+1")),)), True),
    ],
)
def test_an_entry_concerns_a_look_whatever_its_facts(match: Match, is_about: bool) -> None:
    assert concerns(match, entry(to="+2"), MESSAGES) is is_about
