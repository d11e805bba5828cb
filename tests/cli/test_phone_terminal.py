"""The terminal of `phone`: lines that are typed, lines that are shown, and the view."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

import pytest

from harness.cli.phone_terminal import Editor, Lines, View, entry_text, frame, state_lines
from harness.errors import UsageError
from harness.trace import Entry

ONE, TWO = "+18005550199", "+18005550200"


# -- entries -----------------------------------------------------------------------------------------------------------

SHOWN: list[tuple[str, str, str | None, dict[str, Any], str | None]] = [
    ("phone", "logged in", None, {}, "logged in"),
    ("phone", "fetched", "m1", {"to": ONE, "content": "private", "sim": "SIM1"}, f"fetched [m1] to={ONE}, sim=SIM1"),
    ("phone", "pushed", "m1", {"phone": ONE}, f"{ONE}: pushed [m1]"),
    ("phone", "login failed", None, {"status": None, "error": "No"}, "login failed error=No"),
    ("contact", "received", None, {"from": ONE, "to": TWO, "text": "Hi"}, f"{ONE} -> {TWO}: Hi"),
    ("contact", "wrote", None, {"from": "BANK", "to": TWO, "text": "Hi"}, f"BANK -> {TWO}: Hi"),
    ("contact", "answers no more", None, {"from": ONE}, None),
    ("radio", "rejected", "m1", {"code": 2, "pdu": "00"}, "radio: rejected [m1] code=2"),
    ("radio", "delivered", None, {"text": "Hi"}, None),
    ("harness", "poll failed", None, {"answer": 401}, None),
    (
        "harness",
        "no push comes",
        None,
        {"at": "http://a", "why": "w", "remedy": "r"},
        "no push comes: http://a: w\n  r",
    ),
    ("harness", "pushes come again", None, {"at": "http://a"}, "pushes come again: http://a"),
    ("gateway", "message.api.sent", "m1", {}, None),
]


@pytest.mark.parametrize(
    ("hop", "kind", "message", "facts", "text"), SHOWN, ids=[f"{row[0]} {row[1]}" for row in SHOWN]
)
def test_what_happens_is_a_line(
    hop: str, kind: str, message: str | None, facts: dict[str, Any], text: str | None
) -> None:
    assert entry_text(Entry(0, 0, hop, kind, message, None, facts)) == text


# -- states ------------------------------------------------------------------------------------------------------------


def state(**changes: Any) -> dict[str, Any]:
    plain = {"numbers": [ONE], "logged_in": True, "powered": True, "app": "running", "network": "validated"}
    return {**plain, "paused": False, "held_back": [], "pending": [], **changes}


STATES: list[tuple[dict[str, Any], str]] = [
    ({}, f"{ONE}: logged in"),
    ({"numbers": [ONE, TWO], "logged_in": False}, f"{ONE} and {TWO}: logged out"),
    ({"powered": False, "app": "not running"}, f"{ONE}: logged in, switched off"),
    ({"app": "stopped", "network": "none"}, f"{ONE}: logged in, force-stopped, no network"),
    ({"network": "connected", "paused": True}, f"{ONE}: logged in, a network without the internet, paused"),
]


@pytest.mark.parametrize(("changes", "line"), STATES, ids=[line for _, line in STATES])
def test_what_a_phone_is_is_a_line(changes: dict[str, Any], line: str) -> None:
    assert state_lines([state(**changes)]) == [line, "  nothing to do"]


@pytest.mark.parametrize(
    ("time_s", "shown"),
    [(None, ""), (0.05, " for 0.1 s"), (59.94, " for 59.9 s"), (61.4, " for 1 min 1 s"), (18000, " for 5 h 0 min")],
)
def test_what_it_waits_for_stands_below(time_s: float | None, shown: str) -> None:
    pending = {"what": "fetch", "message": "m1", "waits_for": "the end of its backoff", "for_s": time_s}
    assert state_lines([state(pending=[pending])])[1:] == [f"  fetch [m1] waits for the end of its backoff{shown}"]


def test_what_a_pause_keeps_from_it_stands_below() -> None:
    held = {"what": "push", "message": None, "since_s": 3.0}
    assert state_lines([state(paused=True, held_back=[held])])[-1] == "  kept from it: push, for 3.0 s"


# -- lines -------------------------------------------------------------------------------------------------------------


class Phones:
    """Phones that note what is done to them; what it leads to is done when a test says so."""

    def __init__(self, logged_in: bool = True) -> None:
        self.logged_in = logged_in
        self.handsets = self
        self.driver = self
        self.did: list[tuple[str, str | None]] = []
        self.then: list[Callable[[], object]] = []

    def when_logged_in(self, action: Callable[[], object]) -> None:
        self.then.append(action)

    when_done = when_logged_in

    def go_on(self) -> None:
        actions, self.then = self.then, []
        for action in actions:
            action()

    def act(self, words: str, number: str | None = None) -> None:
        if words == "dance":
            raise UsageError("nobody dances", "sing")
        self.did.append((words, number))

    def state(self, number: str | None = None) -> list[dict[str, Any]]:
        if number == TWO:
            raise UsageError(f"there is no phone {TWO}")
        return [state()]


def typed(*pieces: bytes, phones: Phones | None = None) -> tuple[Phones, list[str], Lines]:
    phones = phones or Phones()
    said: list[str] = []
    lines = Lines(phones, said.append, lambda: said.append("<quit>"))
    for piece in pieces:
        lines.feed(piece)
    return phones, said, lines


@pytest.mark.parametrize(
    ("line", "done"),
    [
        (b"lose network\n", ("lose network", None)),
        (b"  lose network \r\n", ("lose network", None)),
        (b"+18005550199: reboot\n", ("reboot", ONE)),
        (b"+18005550199:reboot\n", ("reboot", ONE)),
        ("+18005550101 Grüße: 1\n".encode(), ("+18005550101 Grüße: 1", None)),
        (b"text BANK a: b\n", ("text BANK a: b", None)),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_a_line_is_done_to_one_phone_or_all_however_it_comes(
    line: bytes, done: tuple[str, str | None], size: int
) -> None:
    phones, said, _ = typed(*(line[at : at + size] for at in range(0, len(line), size)))
    assert (phones.did, said) == ([done], [])


def test_a_last_line_without_a_line_feed_counts_and_an_empty_one_does_not() -> None:
    phones, said, lines = typed(b"\n\nreboot")
    assert phones.did == []
    lines.end()
    lines.end()
    assert (phones.did, said) == ([("reboot", None)], [])


def test_a_line_is_done_when_all_is_done_that_the_one_before_led_to() -> None:
    phones, said, _ = typed(b"pause\nstep\nstatus\n")
    assert (phones.did, said) == ([("pause", None)], [])
    phones.go_on()
    assert (phones.did, said) == ([("pause", None), ("step", None)], [])
    phones.go_on()
    assert said == [f"{ONE}: logged in\n  nothing to do"]


def test_what_is_typed_before_the_login_is_kept_and_questions_are_answered() -> None:
    phones, said, lines = typed(b"status\nencryption key secret\nreboot\nquit\n", phones=Phones(logged_in=False))
    assert phones.did == []
    assert len(said) == 2
    assert "once every phone has logged in" in said[1]
    assert "secret" not in said[1]
    phones.logged_in = True
    for _ in range(3):
        phones.go_on()
    assert phones.did == [("encryption key secret", None), ("reboot", None)]
    assert said[2:] == ["<quit>"]
    lines.feed(b"off\n")
    assert phones.did[-1] == ("off", None)


def test_what_cannot_be_done_is_said_and_the_next_line_is_done() -> None:
    phones, said, _ = typed(b"dance\n+18005550200: status\nreboot\n")
    assert said == ["nobody dances\n  sing", f"there is no phone {TWO}"]
    assert phones.did == [("reboot", None)]


@pytest.mark.parametrize("word", ["quit", "exit"])
def test_a_word_stops_the_process(word: str) -> None:
    assert typed(f"{word}\n".encode())[1] == ["<quit>"]


def test_the_help_lists_every_deed_and_the_terminals_own_words() -> None:
    [said] = typed(b"help\n")[1]
    lines = said.split("\n")
    columns = {len(line) - len(line.split("  ")[-1].lstrip()) for line in lines if line}
    assert len(columns) == 1
    assert {line.split("  ")[0] for line in lines} >= {"lose network", "status", "quit", "+1…: WORDS", "pause"}


# -- the view ----------------------------------------------------------------------------------------------------------

KEYS: list[tuple[bytes, list[str], str]] = [
    (b"reboot\n", ["reboot"], ""),
    ("Grüße".encode(), [], "Grüße"),
    ("Grüß\x7f\x7fn\r".encode(), ["Grn"], ""),
    (b"\x7fab\x15c\t", [], "c"),
    (b"\x1b[A", [], ""),
    (b"a\nb\nc", ["a", "b"], "c"),
]


@pytest.mark.parametrize(("keys", "lines", "left"), KEYS)
def test_keys_are_a_line_that_can_be_mended(keys: bytes, lines: list[str], left: str) -> None:
    taken: list[str] = []
    editor = Editor(taken.append)
    editor.feed(keys)
    assert (taken, editor.text) == (lines, left)


def test_a_letter_may_come_in_two_pieces() -> None:
    editor = Editor(lambda _: None)
    editor.feed("ü".encode()[:1])
    editor.feed("ü".encode()[1:])
    assert editor.text == "ü"


FRAMES: list[tuple[int, int, int, list[str]]] = [
    (2, 2, 8, ["s0", "s1", "─" * 10, "e0", "e1", "> abc"]),
    (0, 5, 5, ["─" * 10, "e2", "e3", "e4", "> abc"]),
    (9, 0, 5, ["s0", "s1", "… and 7 more lines: `status` shows them", "─" * 10, "> abc"]),
    (9, 9, 8, ["s0", "s1", "s2", "… and 6 more lines: `status` shows them", "─" * 10, "e7", "e8", "> abc"]),
    (3, 3, 1, ["… and 3 more lines: `status` shows them", "─" * 10, "> abc"]),
]


@pytest.mark.parametrize(("states", "last", "height", "lines"), FRAMES)
def test_the_view_fits_the_terminal(states: int, last: int, height: int, lines: list[str]) -> None:
    told = [f"s{number}" for number in range(states)], [f"e{number}" for number in range(last)]
    assert frame(*told, "abc", 10, height) == lines


def test_the_end_of_what_is_typed_is_seen() -> None:
    assert frame([], [], "a long line", 8, 5)[-1] == "ng line"


def test_the_view_keeps_what_a_terminal_can_show() -> None:
    view = View()
    for number in range(1000):
        view.take(Entry(number, 0, "phone", f"nr {number}", None, None, {}))
    view.take(Entry(0, 0, "gateway", "out of sight", None, None, {}))
    view.note("two\nlines")
    assert view.last[-3:] == ["nr 999", "two", "lines"]
    assert len(view.last) == 200


def test_stdin_is_asked_only_while_it_is_read() -> None:
    """A pipe in the place of stdin, as a shell has it."""

    async def main() -> list[bytes]:
        from harness.cli.phone_terminal import reading

        read, write = os.pipe()
        before = os.dup(0)
        os.dup2(read, 0)
        got: list[bytes] = []
        ended = asyncio.Event()
        try:
            with reading(asyncio.get_running_loop(), got.append, ended.set):
                os.write(write, b"reboot\n")
                os.close(write)
                await asyncio.wait_for(ended.wait(), 10)
        finally:
            os.dup2(before, 0)
            os.close(before)
            os.close(read)
        return got

    assert asyncio.run(main()) == [b"reboot\n"]
