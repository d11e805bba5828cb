"""What listens on a port, and owns a task for each that connects there."""

from __future__ import annotations

import asyncio
import errno
from types import TracebackType
from typing import Self

from harness.adapters.accepting import stop_accepting
from harness.errors import PortInUse, UsageError

__all__ = ["Listening"]


class Listening:
    """`async with` it: listens on `host`:`port` (0: any free one; `self.port` tells it), and talks with all who come.

    `talks`: a task for each that is there. They end with the `async with`; what one raises ends that, as a group of
    exceptions.

    Entering raises PortInUse, or UsageError when the address cannot be listened on for another reason.
    """

    def __init__(self, host: str, port: int, *, read_bytes: int = 1 << 16) -> None:
        self.host = host
        self.port = port
        self.talks: set[asyncio.Task[None]] = set()
        self._read_bytes = read_bytes
        self._tasks = asyncio.TaskGroup()
        self._server: asyncio.Server | None = None
        self._is_over = False

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        try:
            self._server = await asyncio.start_server(self._connected, self.host, self.port, limit=self._read_bytes)
        except OSError as error:
            await self._tasks.__aexit__(None, None, None)
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(self.host, self.port) from None
            raise UsageError(f"cannot listen on {self.host}:{self.port}: {error.strerror or error}") from None
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over = True
        for talk in self.talks:
            talk.cancel()
        if self._server is not None:
            await stop_accepting(self._server)
        if kind is not None and issubclass(kind, asyncio.CancelledError):
            await self._tasks.__aexit__(kind, error, trace)
        else:  # the group would wrap what was raised within
            await self._tasks.__aexit__(None, None, None)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """To the end; the connection is closed after it."""
        raise NotImplementedError

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_over:
            writer.transport.abort()
            return

        def over(talk: asyncio.Task[None]) -> None:
            self.talks.discard(talk)
            writer.transport.abort()

        talk = self._tasks.create_task(self._talk(reader, writer))
        self.talks.add(talk)
        talk.add_done_callback(over)
