"""The terminal of `phone`: what is typed is done to the phones, what they do is shown line by line or as a view."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from harness.console import talk
from harness.errors import UsageError

__all__ = ["Editor", "Lines", "View", "entry_text", "frame", "reading", "show_entry", "state_lines"]

QUIT = ("quit", "exit")
_RADIO = ("call", "dialog", "dialog answered", "no dialog", "rejected", "retry", "service")
_LONG = ("content", "pdu")
_KEPT = 200  # as many lines as a large terminal has


# -- what happened -----------------------------------------------------------------------------------------------------


def entry_text(entry: Any) -> str | None:
    """An entry of the trace as a line; None for what happens out of sight."""
    facts = entry.facts
    if entry.hop == "harness":
        return _reach(entry.kind, facts)
    if entry.hop == "contact":
        is_text = entry.kind in ("received", "wrote")
        return f"{facts['from']} -> {facts['to']}: {facts['text']}" if is_text else None
    if entry.hop == "phone" or (entry.hop == "radio" and entry.kind in _RADIO):
        return _phone_text(entry)
    return None


def _phone_text(entry: Any) -> str:
    facts = dict(entry.facts)
    who = f"{facts.pop('phone')}: " if "phone" in facts else ""
    kind = entry.kind if entry.hop == "phone" else f"radio: {entry.kind}"
    message = f" [{entry.message}]" if entry.message else ""
    told = ", ".join(f"{name}={value}" for name, value in facts.items() if name not in _LONG and value is not None)
    return f"{who}{kind}{message} {told}".rstrip()


def show_entry(entry: Any) -> None:
    text = entry_text(entry)
    if text is not None:
        talk(text)


def _reach(kind: str, facts: Mapping[str, Any]) -> str | None:
    if "at" not in facts:
        return None
    return f"{kind}: {facts['at']}: {facts['why']}\n  {facts['remedy']}" if "why" in facts else f"{kind}: {facts['at']}"


# -- what the phones are -----------------------------------------------------------------------------------------------


def state_lines(phones: Sequence[dict[str, Any]]) -> list[str]:
    """What each phone is and waits for, in words."""
    lines: list[str] = []
    for each in phones:
        lines.append(f"{' and '.join(each['numbers'])}: {', '.join(_being(each))}")
        lines += [f"  {_pending(pending)}" for pending in each["pending"]] or ["  nothing to do"]
        lines += [f"  kept from it: {_held(held)}" for held in each["held_back"]]
    return lines


def _being(each: dict[str, Any]) -> Iterator[str]:
    yield "logged in" if each["logged_in"] else "logged out"
    if not each["powered"]:
        yield "switched off"
    elif each["app"] == "stopped":
        yield "force-stopped"
    if each["network"] != "validated":
        yield "no network" if each["network"] == "none" else "a network without the internet"
    if each["paused"]:
        yield "paused"


def _pending(pending: dict[str, Any]) -> str:
    time = "" if pending["for_s"] is None else f" for {_span(pending['for_s'])}"
    return f"{_of(pending)} waits for {pending['waits_for']}{time}"


def _held(held: dict[str, Any]) -> str:
    return f"{_of(held)}, for {_span(held['since_s'])}"


def _span(time_s: float) -> str:
    if time_s < 60:
        return f"{time_s:.1f} s"
    minutes, rest_s = divmod(round(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest_s} s"


def _of(row: dict[str, Any]) -> str:
    return f"{row['what']} [{row['message']}]" if row["message"] else str(row["what"])


# -- what is typed -----------------------------------------------------------------------------------------------------


class Lines:
    """Does what lines say, one after the other: each when all that the one before led to at once has happened.

    What is done to phones waits for their logins, questions alone do not.
    """

    def __init__(self, phones: Any, say: Callable[[str], None], quit_: Callable[[], None]) -> None:
        self._phones = phones
        self._say = say
        self._quit = quit_
        self._unread = b""
        self._queue: list[str] = []
        self._waits = False  # for the logins, or for the line before

    def feed(self, data: bytes) -> None:
        """The next bytes of stdin."""
        *rows, self._unread = (self._unread + data).split(b"\n")
        for row in rows:
            self.do(row.decode("utf-8", "replace"))

    def end(self) -> None:
        """There is no more; a last line may lack its line feed."""
        row, self._unread = self._unread, b""
        self.do(row.decode("utf-8", "replace"))

    def do(self, line: str) -> None:
        line = line.strip()
        if not self._phones.logged_in and not self._queue and _is_question(line):
            self._do(line)
        elif line:
            self._queue.append(line)
            self._go_on()

    def _go_on(self) -> None:
        if not self._waits and not self._phones.logged_in:
            self._waits = True
            self._say("what is typed is done once every phone has logged in")
            self._phones.when_logged_in(self._next)
        while self._queue and not self._waits:
            self._do(self._queue.pop(0))

    def _next(self) -> None:
        self._waits = False
        self._go_on()

    def _do(self, line: str) -> None:
        number, words = _chosen(line)
        try:
            if _is_question(line):
                self._answer(number, words)
            else:
                self._phones.handsets.act(words, number)
                self._waits = True
                self._phones.driver.when_done(self._next)
        except UsageError as error:
            self._say(str(error))

    def _answer(self, number: str | None, words: str) -> None:
        if words == "status":
            self._say("\n".join(state_lines(self._phones.handsets.state(number))))
        elif words == "help":
            self._say("\n".join(_help()))
        else:
            self._quit()


def _is_question(line: str) -> bool:
    return _chosen(line)[1] in ("help", "status", *QUIT)


def _help() -> list[str]:
    from harness.deeds import SHAPES, help_lines

    own = (
        ("status", "what each phone does now, and what it waits for"),
        ("quit", "stops, as Ctrl-C does"),
        ("+1…: WORDS", "does it to the phone with that number; without one, to all of them"),
    )
    lines = help_lines()
    width = len(lines[0]) - len(next(iter(SHAPES.values())).does) - 2
    return [*lines, "", *(f"{words:{width}}  {does}" for words, does in own)]


def _chosen(line: str) -> tuple[str | None, str]:
    """`+18005550199: reboot` names a phone; without a name every phone is meant."""
    number, colon, words = line.partition(":")
    if colon and number.startswith("+") and number[1:].isdigit():
        return number, words.strip()
    return None, line


@contextmanager
def reading(loop: Any, feed: Callable[[bytes], None], end: Callable[[], None]) -> Iterator[None]:
    """Reads stdin while the context lasts. It may be closed, a file, or anything that select takes."""
    import signal

    if sys.stdin is None:  # and the descriptor 0 is somebody else's by now
        yield
        return
    # In the background of a terminal reading fails, and the phone goes on; by default it would be stopped.
    signal.signal(signal.SIGTTIN, signal.SIG_IGN)

    def read() -> None:
        data = _read_some()
        if data:
            feed(data)
        else:
            loop.remove_reader(0)
            end()

    if stat.S_ISREG(os.fstat(0).st_mode):  # a file cannot be waited for, nor need it
        while data := _read_some():
            feed(data)
        end()
    with suppress(OSError, ValueError):
        loop.add_reader(0, read)
    try:
        yield
    finally:
        loop.remove_reader(0)


def _read_some() -> bytes:
    try:
        return os.read(0, 4096)
    except OSError:
        return b""


# -- the view ----------------------------------------------------------------------------------------------------------


class Editor:
    """The line that is being typed, where the terminal neither shows nor collects it."""

    def __init__(self, take: Callable[[str], None]) -> None:
        self._take = take
        self._typed = b""

    @property
    def text(self) -> str:
        return self._typed.decode("utf-8", "replace")

    def feed(self, data: bytes) -> None:
        if data.startswith(b"\x1b"):  # an arrow, or another key without a letter
            return
        for byte in data:
            self._key(byte)

    def _key(self, byte: int) -> None:
        if byte in b"\r\n":
            line, self._typed = self.text, b""
            self._take(line)
        elif byte in b"\x7f\x08":
            self._typed = self._typed.decode("utf-8", "ignore")[:-1].encode()
        elif byte == 0x15:  # Ctrl-U
            self._typed = b""
        elif byte >= 0x20:
            self._typed += bytes([byte])


def frame(states: Sequence[str], last: Sequence[str], typed: str, width: int, height: int) -> list[str]:
    """The screen's lines: what the phones are, what happened last, and the end of what is being typed."""
    room = max(height - 2, 1)
    shown = list(states)
    most = max(room - min(len(last), room // 3), 1)
    if len(shown) > most:
        shown = [*shown[: most - 1], f"… and {len(states) - most + 1} more lines: `status` shows them"]
    tail = list(last)[-(room - len(shown)) :] if room > len(shown) else []
    return [*shown, "─" * width, *tail, f"> {typed}"[-(width - 1) :]]


class View:
    """The phones on the terminal's other screen, drawn anew when something happens."""

    def __init__(self) -> None:
        self.last: list[str] = []
        self.typed: Callable[[], str] = lambda: ""

    def take(self, entry: Any) -> None:
        text = entry_text(entry)
        if text is not None:
            self.note(text)

    def note(self, text: str) -> None:
        self.last = [*self.last, *text.split("\n")][-_KEPT:]

    async def show(self, phones: Any, stop: Any) -> None:
        """Until `stop` is set."""
        import asyncio

        with _other_screen():
            while not stop.is_set():
                size = shutil.get_terminal_size()
                states = state_lines(phones.handsets.state())
                lines = frame(states, self.last, self.typed(), size.columns, size.lines)
                _write("\x1b[H" + "\r\n".join(f"{line}\x1b[K" for line in lines) + "\x1b[J")
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), 0.1)


@contextmanager
def _other_screen() -> Iterator[None]:
    """What stood on the terminal is back afterwards, and keys are shown again as they are typed."""
    import termios
    import tty

    before = termios.tcgetattr(0) if os.isatty(0) else None
    _write("\x1b[?1049h\x1b[?7l\x1b[2J")  # long lines are cut, not wrapped
    try:
        if before is not None:
            tty.setcbreak(0)
        yield
    finally:
        if before is not None:
            termios.tcsetattr(0, termios.TCSADRAIN, before)
        _write("\x1b[?7h\x1b[?1049l")


def _write(text: str) -> None:
    with suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()
