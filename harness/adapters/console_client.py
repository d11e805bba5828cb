"""Types commands at the console of an emulator."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import assert_never

from harness.adapters.unreached import unreached
from harness.emulator.answers import ABANDONED, LATE, NOBODY, remedy
from harness.emulator.client import Broken, ConsoleTalk, Heard, Ready, Refused, Replied
from harness.emulator.commands import LINE_BYTES_MAX, Command, Quit
from harness.errors import ConsoleError, DeviceTimeout, NoDevice, UsageError

__all__ = ["TOKEN_FILE", "ConsoleClient"]

TOKEN_FILE = ".emulator_console_auth_token"
"""In the home of the user who runs the emulator. Empty, no token is asked for."""

_READ_BYTES = 4096


class ConsoleClient:
    """A talk with a console that has begun (`connect`)."""

    def __init__(
        self, talk: ConsoleTalk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, timeout_s: float
    ) -> None:
        self.serial = talk.serial
        self._talk = talk
        self._reader = reader
        self._writer = writer
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()

    @staticmethod
    @contextlib.asynccontextmanager
    async def connect(
        port: int,
        *,
        token: str | None = None,
        token_file: Path | None = None,
        host: str = "127.0.0.1",
        timeout_s: float = 10.0,
    ) -> AsyncIterator[ConsoleClient]:
        """The console of emulator-`port`, greeted and with the token shown if it asks for one; closed at the end.

        `token`, or what is in `token_file`, or what is in the user's own file if that is there; "" and an empty file
        are no token. `timeout_s`: for the beginning, and for each answer.

        Raises NoDevice when nothing listens, ConsoleError for what is no console or does not take the token,
        DeviceTimeout, and UsageError for a token or a file that cannot be used.
        """
        shown = _token(token, token_file)
        serial = f"emulator-{port}"
        async with _in_time(timeout_s, serial, "connect"):
            reader, writer = await _dialled(host, port, serial)
        client = ConsoleClient(ConsoleTalk(serial, shown), reader, writer, timeout_s)
        try:
            await client._begin()
            yield client
        finally:
            client._leave()

    async def do(self, command: Command, *, timeout_s: float | None = None) -> list[str]:
        """Asks a command, in its turn, and returns the lines that the console says before its OK.

        Raises UsageError for what cannot be typed, ConsoleError for what the console refuses (the next command is
        fine) or when the connection is lost, and DeviceTimeout. After a lost connection, a timeout or a cancelled
        command nobody knows what an answer belongs to: all further commands raise ConsoleError.
        """
        async with self._turn:
            self._talk.ask(command)
            return list(await self._answer(command.words, self._timeout_s if timeout_s is None else timeout_s))

    async def _begin(self) -> None:
        await self._answer("connect", self._timeout_s)

    async def _answer(self, words: str, timeout_s: float) -> tuple[str, ...]:
        try:
            async with _in_time(timeout_s, self.serial, words):
                return _result(await self._heard())
        except (DeviceTimeout, asyncio.CancelledError):
            self._talk.give_up(ConsoleError(self.serial, words, ABANDONED, remedy(ABANDONED)))
            self._writer.transport.abort()
            raise

    async def _heard(self) -> Heard:
        """Sends what there is to send, and reads until something has come of it."""
        while True:
            try:
                self._writer.write(self._talk.take())
                await self._writer.drain()
                data = await self._reader.read(_READ_BYTES)
            except OSError:
                data = b""
            heard = self._talk.feed(data) if data else self._talk.ended()
            if heard:
                return heard[0]

    def _leave(self) -> None:
        """Says that we leave, if there is a talk, without waiting for anything."""
        if self._talk.is_ready and not self._turn.locked():
            with contextlib.suppress(ConsoleError):
                self._talk.ask(Quit())
                self._writer.write(self._talk.take())
        self._writer.close()


def _result(heard: Heard) -> tuple[str, ...]:
    match heard:
        case Ready():
            return ()
        case Replied(lines):
            return lines
        case Refused(error) | Broken(error):
            raise error
        case _:
            assert_never(heard)


@contextlib.asynccontextmanager
async def _in_time(timeout_s: float, serial: str, words: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(timeout_s):
            yield
    except TimeoutError:
        raise DeviceTimeout(serial, f"{words}: {LATE} ({timeout_s:g} s)", remedy(LATE)) from None


async def _dialled(host: str, port: int, serial: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        return await asyncio.open_connection(host, port)
    except OSError as error:
        told = f"there is no console: {unreached(host, port, error)}"
        raise NoDevice(serial, told, remedy(NOBODY)) from None


def _token(token: str | None, token_file: Path | None) -> str:
    """The token to show, "" for none. Raises UsageError, which does not tell what is in a file."""
    if token is None:
        token = _read(token_file) if token_file is not None else _read_own()
    token = token.strip()
    if len(token.encode("utf-8", "replace")) > LINE_BYTES_MAX // 2 or not token.isprintable():
        where = str(token_file) if token_file is not None else "what is given"
        raise UsageError(f"{where} holds no token of a console", f"take the line in {TOKEN_FILE}")
    return token


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UsageError(f"{path}: {why}", f"give the file {TOKEN_FILE} of the user who runs the emulator") from None


def _read_own() -> str:
    """As adb does: without that file nothing is shown."""
    try:
        return _read(Path.home() / TOKEN_FILE)
    except (UsageError, RuntimeError):
        return ""
