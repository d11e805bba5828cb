"""Deeds in words: what is understood, and what is said about the rest."""

from __future__ import annotations

import contextlib
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.deeds import SHAPES, Deed, help_lines, parse_deed
from harness.errors import UsageError
from harness.instants import SECOND

SAID: list[tuple[str, str, tuple[Any, ...]]] = [
    ("lose network", "lose network", ()),
    ("  Lose   NETWORK ", "lose network", ()),
    ("switch sim2 incoming off", "switch", (2, "incoming", False)),
    ("switch 1 active ON", "switch", (1, "active", True)),
    ("charging on", "charging", (True,)),
    ("remove sim 2", "remove sim", (2,)),
    ("insert sim sim1", "insert sim", (1,)),
    ("text +18005550101 Hello", "text", ("+18005550101", "Hello")),
    ('text +18005550101 "Hello,  you"', "text", ("+18005550101", "Hello,  you")),
    ('text BANK it\'s "1234"', "text", ("BANK", 'it\'s "1234"')),
    ("+18005550101 Hello  you", "text", ("+18005550101", "Hello  you")),
    ("call +18005550101", "call", ("+18005550101",)),
    ("call unknown answered", "call", ("", "answered")),
    ("tunnel 5 min", "tunnel", (300 * SECOND,)),
    ("tunnel 1.5s", "tunnel", (3 * SECOND // 2,)),
    ("reject radio_off", "reject", ("RADIO_OFF",)),
    ("reject 124 3", "reject", (124, 3)),
    ("reject -2", "reject", (-2,)),
    ("reject NO_SERVICE 2", "reject", ("NO_SERVICE", 2)),
    ("roam", "roam", ()),
    ("roam network_reject", "roam", ("NETWORK_REJECT",)),
    ("come home", "come home", ()),
    ("storage full", "storage", ("full",)),
    ("storage FREE", "storage", ("free",)),
    ("swallow 2", "swallow", (2,)),
    ("outgoing limit half-hour", "outgoing limit", ("half-hour",)),
    ("outgoing limit off", "outgoing limit", ("off",)),
    ("short codes ask", "short codes", ("ask",)),
    ("fixed dialling +1800", "fixed dialling", ("+1800",)),
    ("fixed dialling off", "fixed dialling", (None,)),
    ("delay accept 2s", "delay", ("accept", 2 * SECOND)),
    ("delay report 500ms", "delay", ("report", SECOND // 2)),
    ("results 1:radio_off", "results", (((1, "RADIO_OFF"),),)),
    ("results 1:RADIO_OFF,-1:4 3", "results", (((1, "RADIO_OFF"), (-1, 4)), 3)),
    ("mms io_error", "mms", ("IO_ERROR",)),
    ("mms 3", "mms", (3,)),
    ("encryption key Pass  word", "encryption key", ("Pass  word",)),
]


@pytest.mark.parametrize(("line", "words", "values"), SAID, ids=[line for line, _, _ in SAID])
def test_a_line_is_a_deed(line: str, words: str, values: tuple[Any, ...]) -> None:
    assert parse_deed(line) == Deed(words, values)


WRONG = [
    ("loose network", "did you mean `lose network`?"),
    ("dance", "known are: off, on"),
    ("", "known are: off"),
    ("off now", "`off` takes nothing more"),
    ("offf", "did you mean `off`?"),
    ("encrytion key hunter2", "'encrytion key …' is nothing"),
    ("tunnel", "`tunnel` takes TIME"),
    ("tunnel soon", "'soon' is not a time with its unit"),
    ("tunnel 1e3s", "is not a time"),
    ("switch sim3 active on", "'sim3' is not one of 1, 2"),
    ("switch sim1 active", "write it like: switch sim1|sim2 active|incoming|calls on|off"),
    ("switch 'sim1 active on", "a quotation mark is missing"),
    ("text +18005550101", "`text` takes SENDER TEXT"),
    ("text ÄÖ☎ hi", "is not a number such as +18005550101, or a name such as BANK"),
    ("call bob", "'bob' is not a number"),
    ("reject 1 0", "'0' is not a whole number from 1"),
    ("storage half", "is not one of full, free"),
    ("swallow", "`swallow` takes TIMES"),
    ("swallow 0", "'0' is not a whole number from 1"),
    ("outgoing limit 30", "is not one of minute, half-hour, off"),
    ("short codes deny", "is not one of ask, allow"),
    ("fixed dialling nobody", "is not a number such as +18005550101, the beginning of one, or off"),
    ("delay accept", "`delay` takes accept|report TIME"),
    ("delay send 1s", "is not one of accept, report"),
    ("results 0:4", "is not pairs of a segment and a result"),
    ("results 1:4,", "is not pairs of a segment and a result"),
    ("results RADIO_OFF", "is not pairs of a segment and a result"),
    ("mms", "`mms` takes RESULT"),
    ("x" * 1000, "…"),
]


@pytest.mark.parametrize(("line", "part"), WRONG, ids=[line[:20] for line, _ in WRONG])
def test_what_is_no_deed_is_told_with_a_remedy(line: str, part: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_deed(line)
    assert part in str(caught.value)
    assert len(str(caught.value)) < 1000


@given(st.text() | st.text(alphabet=string.ascii_lowercase + " +0123456789'\""))
def test_any_line_is_a_deed_or_a_usage_error(line: str) -> None:
    with contextlib.suppress(UsageError):
        assert parse_deed(line).words in SHAPES


def test_a_pass_phrase_is_not_shown() -> None:
    assert "Password123" not in repr(parse_deed("encryption key Password123"))


def test_the_help_has_a_line_for_each() -> None:
    assert len(help_lines()) == len(SHAPES)
    assert any(line.startswith("reject RESULT [TIMES] ") for line in help_lines())
