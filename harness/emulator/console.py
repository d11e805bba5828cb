"""The console's side of the talk: bytes in, commands for the device out; the device's answers in, bytes out."""

from __future__ import annotations

import hmac
import re
from dataclasses import field
from typing import assert_never

from harness.emulator.answers import Answer, Ko, Ok, answer_bytes, lines_bytes
from harness.emulator.commands import (
    LINE_BYTES_MAX,
    Auth,
    AvdName,
    AvdStatus,
    Command,
    Help,
    Kill,
    Ping,
    Quit,
)
from harness.emulator.vocabulary import AFTER_AUTH, BEFORE_AUTH
from harness.errors import ProtocolError
from harness.frozen import frozen

__all__ = ["Asked", "Console", "Session"]

_PROMPT = "Android Console: type 'help' for a list of commands"
_KILLED = "OK: killing emulator, bye bye"
# RFC 2616, 5.1, as far as the emulator looks: a method, blanks, and a version at the line's end.
_HTTP = re.compile(rb"(?:GET|HEAD|POST|PUT|DELETE|TRACE|CONNECT)[ \t](?:.*[ \t])?HTTP/[^ \t]+[ \t]*", re.DOTALL)


@frozen
class Console:
    """What all talks with a console have in common.

    `token`: what a host has to show, "" if nothing is asked for. `token_path`: where the greeting says that it is.
    `avd`: the name of the virtual device.
    """

    token: str = field(repr=False)
    token_path: str
    avd: str

    def greeting(self) -> bytes:
        """What a host hears first."""
        if not self.token:
            return lines_bytes((_PROMPT, "OK"))
        return lines_bytes(
            (
                "Android Console: Authentication required",
                "Android Console: type 'auth <auth_token>' to authenticate",
                "Android Console: you can find your <auth_token> in ",
                f"'{self.token_path}'",
                "OK",
            )
        )


@frozen
class Asked:
    """The device is asked to do this, and `Session.reply` takes what came of it."""

    command: Command


class Session:
    """One host's talk with a console, from its greeting on. What has to be sent is there for `take`.

    Does what the console does by itself (`auth`, `help`, `ping`, `avd`, `quit`); all other commands are the device's,
    one at a time: lines that come meanwhile wait. Once `is_over` is set, the connection has to be closed when all is
    sent, and nothing more is read.
    """

    def __init__(self, console: Console) -> None:
        self.is_over = False
        self._console = console
        self._vocabulary = BEFORE_AUTH if console.token else AFTER_AUTH
        self._unread = bytearray()
        self._line = bytearray()
        self._asked: Command | None = None
        self._out = bytearray(console.greeting())

    def feed(self, data: bytes) -> list[Asked]:
        """Reads on. Gives at most one command, which `reply` has to answer before there is another."""
        if not self.is_over:
            self._unread += data
        return self._go_on() if self._asked is None else []

    def reply(self, answer: Answer) -> list[Asked]:
        """Answers what was asked, and reads on. Raises ProtocolError when nothing was."""
        if self._asked is None:
            raise ProtocolError("console", answer, "nothing was asked")
        if isinstance(self._asked, Kill) and isinstance(answer, Ok):
            answer, self.is_over = Ok((*answer.lines, _KILLED)), True
        self._asked = None
        self._out += answer_bytes(answer)
        return self._go_on()

    def take(self) -> bytes:
        """What has to be sent now."""
        out, self._out = bytes(self._out), bytearray()
        return out

    def _go_on(self) -> list[Asked]:
        while not self.is_over and self._asked is None and self._read_line():
            line = bytes(self._line).partition(b"\0")[0]  # a string of C ends there
            self._line.clear()
            self._obey(line)
        return [] if self._asked is None else [Asked(self._asked)]

    def _read_line(self) -> bool:
        """Moves what is unread into the line, up to its end; False if that has not come yet."""
        end = self._unread.find(b"\n")
        piece = self._unread if end < 0 else self._unread[:end]
        self._line += piece.replace(b"\r", b"")
        # When the buffer is full, the emulator forgets what is in it, and goes on at its beginning.
        del self._line[: max(len(self._line) - 1, 0) // LINE_BYTES_MAX * LINE_BYTES_MAX]
        del self._unread[: len(piece) + 1]
        return end >= 0

    def _obey(self, line: bytes) -> None:
        if _HTTP.fullmatch(line):
            self._hang_up(Ko("Forbidden HTTP request. Aborting"))
            return
        try:
            understood = self._vocabulary.parsed(line.decode())
        except UnicodeDecodeError:
            self._hang_up(Ko("Forbidden binary request. Aborting"))
            return
        match understood:
            case Ko():
                self._out += answer_bytes(understood)
            case Quit():
                self.is_over = True
            case Auth() | AvdName() | AvdStatus() | Help() | Ping():
                self._out += answer_bytes(self._answered(understood))
            case _:
                self._asked = understood

    def _hang_up(self, ko: Ko) -> None:
        self._out += answer_bytes(ko)
        self.is_over = True

    def _answered(self, command: Auth | AvdName | AvdStatus | Help | Ping) -> Answer:
        match command:
            case Auth():
                return self._shown(command.token)
            case AvdName():
                return Ok((self._console.avd,))
            case AvdStatus():
                return Ok(("virtual device is running",))
            case Help():
                return self._vocabulary.helped(command.about)
            case Ping():
                return Ok(("I am alive!",))
            case _:
                assert_never(command)

    def _shown(self, token: str) -> Answer:
        if not hmac.compare_digest(token.encode(), self._console.token.encode()):
            return Ko("authentication token does not match ~/.emulator_console_auth_token")
        self._vocabulary = AFTER_AUTH
        return Ok((_PROMPT,))
