"""The seam between a device and the way to it: a way opens streams to services, a stream carries octets."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Protocol

from harness.adb.banner import Banner
from harness.errors import DeviceError, MalformedAdb

__all__ = ["NO_SERVICE", "Stream", "Way", "malformed"]

NO_SERVICE = "other releases of Android, and other builds, have other services"


class Stream:
    """A service of a device that was opened. Iterating gives what it sends, until it ends.

    A subclass carries the octets: it tells what happens by `_arrived`, `_end` and `_fail`.
    """

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._is_ended = False
        self._fault: DeviceError | None = None
        self._waiting: list[asyncio.Future[None]] = []

    async def read(self) -> bytes:
        """What has come, b"" at the end. Raises a DeviceError when the way to the device breaks."""
        while not self._pieces:
            if self._fault is not None:
                raise self._fault.with_traceback(None)
            if self._is_ended:
                await self._check_end()
                return b""
            await self._wait()
        piece = self._pieces.popleft()
        self._taken()
        return piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await self.read():
            yield piece

    def write(self, data: bytes) -> None:
        """Queues `data`; nothing happens after the end. Who writes much waits for `drained` now and then."""
        if data and not self._is_ended and self._fault is None:
            self._send(data)

    async def drained(self) -> None:
        """Little is left of what was written; or something has come, or nothing will be sent any more."""
        while not (self.has_news or self._is_drained()):
            await self._wait()

    @property
    def has_news(self) -> bool:
        """`read` would not wait."""
        return bool(self._pieces or self._is_ended or self._fault is not None)

    def close(self) -> None:
        """Ends the stream. What was written before is sent if the way stays open for long enough."""
        raise NotImplementedError

    def abort(self) -> None:
        """Ends the stream at once."""
        raise NotImplementedError

    # -- for who carries it --------------------------------------------------------------------------------------------

    def _send(self, data: bytes) -> None:
        raise NotImplementedError

    def _is_drained(self) -> bool:
        raise NotImplementedError

    def _taken(self) -> None:
        """A piece has been read: there is room for more."""

    async def _check_end(self) -> None:
        """Raises a DeviceError if the end that was seen is none of the service's own."""

    def _arrived(self, data: bytes) -> None:
        self._pieces.append(data)
        self._wake()

    def _put_back(self, data: bytes) -> None:
        if data:
            self._pieces.appendleft(data)

    def _end(self) -> None:
        self._is_ended = True
        self._wake()

    def _fail(self, error: DeviceError) -> None:
        if self._fault is None and not self._is_ended:
            self._fault = error
        self._wake()

    async def _wait(self) -> None:
        news = asyncio.get_running_loop().create_future()
        self._waiting.append(news)
        await news

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for news in waiting:
            if not news.done():
                news.set_result(None)


class Way(Protocol):
    """How a device is reached: our own connection, or the adb server of this machine."""

    @property
    def banner(self) -> Banner: ...

    async def connect(self) -> None:
        """Reaches the device, anew if it was lost. Raises a DeviceError."""

    async def reach(self) -> None:
        """Raises a DeviceError if the device cannot be reached now. Asks it for nothing."""

    async def open(self, service: str) -> Stream:
        """Raises DeviceRefused if the device has no such service, and other DeviceErrors. Never asks twice."""

    def let_in(self, local: str) -> None:
        """The device may open `local` (`tcp:PORT`) on this machine."""

    def keep_out(self, local: str) -> None: ...

    async def close(self) -> None:
        """Nothing of it is left open."""


def malformed(serial: str, why: str, remedy: str) -> MalformedAdb:
    """What a codec found, told of a device."""
    error = MalformedAdb(why, serial)
    error.remedy = remedy
    return error
