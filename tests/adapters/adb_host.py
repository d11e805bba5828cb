"""A host of adb on a real socket, which does no more than it is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

from harness.adb.connection import AdbConnection
from harness.adb.events import Arrived, Closed, Event, KeyAsked, KeysSpent, Online, OpenAsked, Opened, Refused
from harness.adb.keys import PrivateKey

_READ_BYTES = 1 << 16


class Host:
    """`heard` has what arrived on each stream, `over` those that have ended. `reads` taken away: nothing is read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, keys: Sequence[PrivateKey]) -> None:
        self.adb = AdbConnection.host(keys, "me@here", {"shell_v2"})
        self.events: list[Event] = []
        self.heard: dict[int, bytearray] = {}
        self.asked: dict[str, int] = {}
        self.over: set[int] = set()
        self.gone = False
        self.consumes = True
        self._reader = reader
        self._writer = writer
        self._news = asyncio.Condition()

    async def listen(self) -> None:
        self.adb.start()
        self.say()
        with contextlib.suppress(ConnectionError):
            while data := await self._reader.read(_READ_BYTES):
                for event in self.adb.receive(data):
                    self._note(event)
                self.say()
                async with self._news:
                    self._news.notify_all()
        self.gone = True
        async with self._news:
            self._news.notify_all()

    def say(self) -> None:
        self._writer.write(self.adb.take())

    async def until(self, holds: object) -> None:
        """Until that function is true of what has been heard."""
        assert callable(holds)
        async with self._news:
            await self._news.wait_for(holds)

    async def online(self) -> None:
        await self.until(
            lambda: self.gone or any(isinstance(event, Online | KeyAsked | KeysSpent) for event in self.events)
        )

    def open(self, service: str) -> int:
        stream = self.adb.open(service)
        self.heard[stream] = bytearray()
        self.say()
        return stream

    def write(self, stream: int, data: bytes) -> None:
        self.adb.write(stream, data)
        self.say()

    async def ended(self, stream: int) -> bytes:
        """All that comes on the stream until its end."""
        await self.until(lambda: self.gone or stream in self.over)
        return bytes(self.heard[stream])

    async def said(self, service: str, data: bytes = b"") -> bytes:
        """All that a service says that is fed this."""
        stream = self.open(service)
        self.write(stream, data)
        return await self.ended(stream)

    def was(self, kind: type[Event]) -> bool:
        return any(isinstance(event, kind) for event in self.events)

    def _note(self, event: Event) -> None:
        self.events.append(event)
        match event:
            case Arrived(stream, data):
                self.heard[stream] += data
                if self.consumes:
                    self.adb.consumed(stream)
            case Refused(stream) | Closed(stream):
                self.over.add(stream)
            case OpenAsked(stream, service):
                self.asked[service] = stream
                self.heard[stream] = bytearray()
            case Opened():
                pass


@contextlib.asynccontextmanager
async def host(port: int, keys: Sequence[PrivateKey] = (), *, waits: bool = True) -> AsyncIterator[Host]:
    """A host that has greeted, and knows whether it may talk."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    made = Host(reader, writer, keys)
    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(made.listen())
        try:
            if waits:
                await made.online()
            yield made
        finally:
            writer.transport.abort()
            listening.cancel()
