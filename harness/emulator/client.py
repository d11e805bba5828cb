"""A host's side of the talk with a console: commands in, bytes out; the console's bytes in, what came of it out."""

from __future__ import annotations

from typing import TypeAlias

from harness.emulator.answers import CLOSED, NO_TOKEN, NOT_A_CONSOLE, remedy
from harness.emulator.commands import Auth, Command, Kill, Quit
from harness.emulator.lines import line
from harness.errors import ConsoleError, ProtocolError
from harness.frozen import frozen

__all__ = ["Broken", "ConsoleTalk", "Heard", "Ready", "Refused", "Replied"]

ANSWER_BYTES_MAX = 1024 * 1024
"""Longer is no answer of a console."""

_BEGINNING = "Android Console"


@frozen
class Ready:
    """The console has greeted, and taken the token if it asked for one: commands may be asked."""


@frozen
class Replied:
    """The command was done. `lines` stood before the OK."""

    lines: tuple[str, ...]


@frozen
class Refused:
    """The console answered KO. Other commands may still be asked."""

    error: ConsoleError


@frozen
class Broken:
    """The talk is over, and everything that is asked from now on."""

    error: ConsoleError


Heard: TypeAlias = Ready | Replied | Refused | Broken


class ConsoleTalk:
    """One talk with a console, from its greeting on. What has to be sent is there for `take`.

    `token`: what is shown if the console asks for it, "" for none. It is a secret: no error tells it, also if the
    console should repeat it. The console's own word for where the token is is told in an error, and never followed:
    whoever listens there could name any file.
    """

    def __init__(self, serial: str, token: str = "") -> None:
        self.serial = serial
        self.is_ready = False
        self._token = token
        self._asked: Command | None = None
        self._over: ConsoleError | None = None
        self._out = bytearray()
        self._unread = bytearray()
        self._searched = 0
        self._lines: list[str] = []
        self._bytes = 0

    def ask(self, command: Command) -> None:
        """Types a command.

        Raises UsageError for one that cannot be typed, ConsoleError once the talk is over, and ProtocolError when it
        is not the time: before `Ready`, or as long as another command waits for its answer.
        """
        if self._over is not None:
            raise self._over
        if not self.is_ready or self._asked is not None:
            raise ProtocolError("console talk", command, "waiting" if self.is_ready else "not ready")
        self._type(command)

    @property
    def is_over(self) -> bool:
        return self._over is not None

    def feed(self, data: bytes) -> list[Heard]:
        """Reads what the console says."""
        self._unread += data
        self._bytes += len(data)
        heard: list[Heard] = []
        while not self.is_over and (said := self._next_line()) is not None:
            heard += self._read(said)
        if not self.is_over and self._bytes > ANSWER_BYTES_MAX:
            heard += self._break(NOT_A_CONSOLE)
        return heard

    def ended(self) -> list[Heard]:
        """The console has closed the connection: rightly so after `quit`, and as it happens after `kill`."""
        if self.is_over:
            return []
        expected = isinstance(self._asked, Kill | Quit)
        broken = self._break(CLOSED)
        return [Replied(tuple(self._lines))] if expected else broken

    def give_up(self, error: ConsoleError) -> None:
        """What the console says from now on belongs to nothing that is asked."""
        self._over = self._over or error

    def take(self) -> bytes:
        """What has to be sent now."""
        out, self._out = bytes(self._out), bytearray()
        return out

    # -- reading -----------------------------------------------------------------------------------------------------

    def _next_line(self) -> str | None:
        end = self._unread.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._unread)
            return None
        said = bytes(self._unread[:end]).removesuffix(b"\r").decode("utf-8", "replace")
        del self._unread[: end + 1]
        self._searched = 0
        return said

    def _read(self, said: str) -> list[Heard]:
        if not self.is_ready and self._asked is None and not said.startswith(_BEGINNING) and not self._lines:
            return self._break(NOT_A_CONSOLE)
        if self.is_ready and self._asked is None:
            return self._break(NOT_A_CONSOLE)  # nothing was asked
        if said == "OK":
            return self._done()
        if said.startswith("KO:"):
            return self._refused(said[3:].strip())
        self._lines.append(said)
        return []

    def _done(self) -> list[Heard]:
        is_greeting = self._asked is None
        lines = self._end_of_answer()
        if self.is_ready:
            return [Replied(lines)]
        if is_greeting and any("Authentication required" in said for said in lines):
            return self._show_token(lines)
        self.is_ready = True
        return [Ready()]

    def _show_token(self, lines: tuple[str, ...]) -> list[Heard]:
        if self._token:
            self._type(Auth(self._token))
            return []
        path = next((said for said in lines if said.startswith("'")), "")
        return self._break(f"{NO_TOKEN} (it says that the token is in {path})" if path else NO_TOKEN)

    def _refused(self, words: str) -> list[Heard]:
        asked = self._asked
        if not self.is_ready:
            return self._break(words)  # a greeting, or an answer to the token
        self._end_of_answer()
        return [Refused(self._error(asked, words))]

    def _end_of_answer(self) -> tuple[str, ...]:
        lines = tuple(self._lines)
        self._lines.clear()
        self._asked = None
        self._bytes = len(self._unread)
        return lines

    # -- typing and failing ------------------------------------------------------------------------------------------

    def _type(self, command: Command) -> None:
        self._out += f"{line(command)}\n".encode()
        self._asked = command

    def _break(self, why: str) -> list[Heard]:
        self._over = self._error(self._asked, why)
        self.is_ready = False
        self._unread.clear()
        return [Broken(self._over)]

    def _error(self, asked: Command | None, why: str) -> ConsoleError:
        told = why.replace(self._token, "[the token]") if self._token else why
        return ConsoleError(self.serial, asked.words if asked else "", told, remedy(why))
