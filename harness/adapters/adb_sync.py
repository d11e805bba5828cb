"""Files of a device, over its sync service: one talk for one file, each step of it limited in time."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from harness.adapters.adb_limit import Limit
from harness.adapters.adb_stream import Stream, malformed
from harness.adb.sync import (
    DATA_MAX,
    Ask,
    Data,
    Done,
    Fail,
    Okay,
    Reply,
    ReplyReader,
    Request,
    Send,
    Stat,
    Stat2,
    SyncId,
    encode,
)
from harness.errors import DeviceError, DeviceGone, DeviceRefused, DeviceTimeout, MalformedAdb, UsageError

__all__ = ["Progress", "SyncTalk", "content_of"]

Progress = Callable[[int], None]
"""How many bytes of a file have gone over, as often as there are more."""

_ENOENT = 2
_PLACE = "take another path: `adb shell ls -ld` tells whose it is, `adb shell df` how much room there is"
_SILENT = "is the device busy, or its storage stuck? Try again with a longer timeout_s"
_STRANGE = "no adbd says that: is something else between?"
_ENDED = "try again; `adb logcat` may tell why adbd has ended it"


class SyncTalk:
    """`timeout_s` is how long the device may be silent."""

    def __init__(self, serial: str, stream: Stream, timeout_s: float) -> None:
        self._serial = serial
        self._stream = stream
        self._timeout_s = timeout_s
        self._reader = ReplyReader()

    async def send(
        self, path: str, content: Iterator[bytes], mode: int, mtime_s: int, progress: Progress | None
    ) -> None:
        """Writes a file. Raises DeviceRefused with the device's words, UsageError for a path that is too long."""
        self._ask(Send(path, stat.S_IFREG | mode))
        if await self._sent_all(path, content, progress):
            self._ask(Done(mtime_s))
        reply = await self._reply(path)
        if not isinstance(reply, Okay):
            raise self._strange(path, reply)

    async def _sent_all(self, path: str, content: Iterator[bytes], progress: Progress | None) -> bool:
        """False: the device has said something before the end, and takes no more."""
        done = 0
        for piece in content:
            self._ask(Data(piece))
            async with self._limit(path):
                await self._stream.drained()
            if self._stream.has_news:
                return False
            done += len(piece)
            if progress is not None:
                progress(done)
        return True

    async def receive(self, path: str, progress: Progress | None) -> bytes:
        """Reads a file. Raises DeviceRefused with the device's words."""
        self._ask(Ask(SyncId.RECV, path))
        content = bytearray()
        while not isinstance(reply := await self._reply(path), Done):
            if not isinstance(reply, Data):
                raise self._strange(path, reply)
            content += reply.data
            if progress is not None:
                progress(len(content))
        return bytes(content)

    async def stat(self, path: str) -> Stat | None:
        """What is at the path, a link itself; None: nothing, or nothing that may be seen."""
        self._ask(Ask(SyncId.STAT, path))
        reply = await self._reply(path)
        if not isinstance(reply, Stat):
            raise self._strange(path, reply)
        return reply if reply.mode else None

    async def stat2(self, path: str) -> Stat2 | None:
        """What is at the path, where a link leads. Raises DeviceRefused where that may not be seen."""
        self._ask(Ask(SyncId.STA2, path))
        reply = await self._reply(path)
        if not isinstance(reply, Stat2):
            raise self._strange(path, reply)
        if reply.error not in (0, _ENOENT):
            raise DeviceRefused(self._serial, f"{path}: errno {reply.error}", _PLACE)
        return None if reply.error else reply

    def _ask(self, message: Request) -> None:
        self._reader.asked(message)
        self._stream.write(encode(message))

    async def _reply(self, path: str) -> Reply:
        reply = self._next()
        if reply is None:
            async with self._limit(path):
                while (reply := self._next()) is None:
                    data = await self._stream.read()
                    if not data:
                        raise DeviceGone(self._serial, f"{path}: the device has ended the transfer", _ENDED)
                    self._reader.add(data)
        if isinstance(reply, Fail):
            raise DeviceRefused(self._serial, f"{path}: {reply.why}", _PLACE)
        return reply

    def _next(self) -> Reply | None:
        try:
            return self._reader.next()
        except MalformedAdb as fault:
            raise malformed(self._serial, fault.why, _STRANGE) from None

    def _strange(self, path: str, reply: Reply) -> DeviceError:
        return malformed(self._serial, f"{path}: {type(reply).__name__} is no answer to that", _STRANGE)

    def _limit(self, path: str) -> Limit:
        late = f"{path}: nothing came for {self._timeout_s:g} s"
        return Limit(self._timeout_s, lambda: DeviceTimeout(self._serial, late, _SILENT))


def content_of(source: bytes | Path) -> Iterator[bytes]:
    """A file of this machine, or octets, in pieces that sync takes. Raises UsageError for a file that is not read."""
    if isinstance(source, bytes):
        yield from (source[at : at + DATA_MAX] for at in range(0, len(source), DATA_MAX))
        return
    try:
        with source.open("rb") as file:
            while piece := file.read(DATA_MAX):
                yield piece
    except OSError as error:
        raise UsageError(f"{source}: {error.strerror}", "give a file that can be read") from None
