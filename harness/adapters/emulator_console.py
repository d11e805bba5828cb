"""Listens as the console of an emulator does, and hands over what hosts type."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from harness.adapters.listening import Listening
from harness.emulator.answers import Answer
from harness.emulator.commands import Command
from harness.emulator.console import Console, Session

__all__ = ["ConsoleServer", "OnCommand"]

OnCommand = Callable[[Command], Awaitable[Answer]]
"""Does a command that is the device's, and tells what came of it."""

_READ_BYTES = 4096
_CLOSING_S = 1.0  # how long a host may still send when the talk is over: closing on it would lose it the last answer


class ConsoleServer(Listening):
    """A console on `host`:`port` (0: any free one; `self.port` tells it), for as many hosts at once as come.

    An emulator listens on loopback only, on an even port from 5554, and its name is emulator-PORT. `on_command` gets
    the commands of one host one after the other; one that has begun goes on when its host leaves. What it raises ends
    the `async with`, as a group of exceptions.
    """

    def __init__(self, console: Console, on_command: OnCommand, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(host, port)
        self._console = console
        self._on_command = on_command

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(self._console)
        with contextlib.suppress(ConnectionError):
            await _send(writer, session)
            while not session.is_over and (data := await reader.read(_READ_BYTES)):
                await self._obey(session, data, writer)
            await _close(reader, writer)

    async def _obey(self, session: Session, data: bytes, writer: asyncio.StreamWriter) -> None:
        """A host that sends more meanwhile is not read: TCP slows it down."""
        asked = session.feed(data)
        await _send(writer, session)
        while asked:
            asked = session.reply(await self._on_command(asked[0].command))
            await _send(writer, session)


async def _send(writer: asyncio.StreamWriter, session: Session) -> None:
    writer.write(session.take())
    await writer.drain()


async def _close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ends what we send, and leaves once the host has read that, or has had time to."""
    try:
        writer.write_eof()
    except OSError:  # it has gone already, and asyncio has not heard of it yet
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_CLOSING_S):
            while await reader.read(_READ_BYTES):
                pass
