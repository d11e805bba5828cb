"""A server that does with each connection what a test says, byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

from harness.adapters.accepting import stop_accepting

Talk = Callable[["Peer"], Awaitable[None]]


class Peer:
    """The server's end of a connection. `number` counts them from 1."""

    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.number = number
        self.reader = reader
        self.writer = writer

    async def request(self) -> bytes:
        """The next request, head and body; empty when the client has closed."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return b""
        lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
        return head + await self.reader.readexactly(int(lines.get(b"content-length", b"0")))

    def send(self, data: bytes) -> None:
        self.writer.write(data)


class RawServer:
    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.requests: list[tuple[int, bytes]] = []  # (connection, bytes), as far as a talk notes them

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextlib.asynccontextmanager
async def raw_server(talk: Talk, *, host: str = "127.0.0.1", port: int = 0, **more: object) -> AsyncIterator[RawServer]:
    """Listens, and gives each connection to `talk`; closes it when that is over."""
    here = RawServer()
    talks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        here.connections += 1
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await talk(Peer(here.connections, reader, writer))
        finally:
            talks.discard(task)
            writer.close()

    server = await asyncio.start_server(connected, host, port, **more)  # type: ignore[arg-type]
    here.port = server.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        await stop_accepting(server)
        for task in list(talks):
            task.cancel()
        if talks:
            await asyncio.wait(talks)
