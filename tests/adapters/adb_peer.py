"""A device that does with each stream what a test says, and the checks that every talk with one has to pass."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from harness.adapters.adb_link import LinkOptions
from harness.adb.banner import Banner
from harness.adb.connection import AdbConnection
from harness.adb.events import Arrived, Closed, KeyOffered, OpenAsked, Opened, Refused
from harness.adb.keys import PublicKey
from harness.adb.packets import MAX_PAYLOAD, VERSION
from harness.adb.shell import FrameReader, Id, frame
from harness.errors import DeviceError
from tests.adapters import moved_loop
from tests.adapters.moved_loop import move
from tests.adapters.raw_server import Peer, raw_server

Serve = Callable[["PeerStream"], Awaitable[None]]
MODERN = frozenset({"cmd", "shell_v2", "stat_v2"})
TIMEOUT_S = 8.0


@cache
def pem() -> bytes:
    """Always the same key in this run: to make one takes its time."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def keys_in(folder: Path) -> list[Path]:
    path = folder / "adbkey"
    path.write_bytes(pem())
    return [path]


class PeerStream:
    """A stream that the host has opened, or that the device has."""

    def __init__(self, end: DeviceEnd, number: int, service: str) -> None:
        self.end = end
        self.number = number
        self.service = service
        self.arrived: asyncio.Queue[bytes] = asyncio.Queue()
        self.opened: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def read(self) -> bytes:
        data = await self.arrived.get()
        self.end.adb.consumed(self.number)
        self.end.flush()
        return data

    def write(self, data: bytes) -> None:
        self.end.adb.write(self.number, data)
        self.end.flush()

    def close(self) -> None:
        self.end.adb.close(self.number)
        self.end.flush()


class DeviceEnd:
    """The device's end of one connection."""

    def __init__(self, device: PeerDevice, peer: Peer, adb: AdbConnection) -> None:
        self.adb = adb
        self.streams: dict[int, PeerStream] = {}
        self.asked: list[int] = []
        self.closed: list[int] = []
        self._device = device
        self._peer = peer
        self._tasks: set[asyncio.Task[None]] = set()
        self._sent = 0

    async def serve(self) -> None:
        try:
            while data := await self._peer.reader.read(1 << 16):
                self._device.heard.set()
                for event in self.adb.receive(data):
                    self._told(event)
                self.flush()
                if self.adb.is_over:
                    return
        finally:
            for task in self._tasks:
                task.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks)

    def flush(self) -> None:
        """Sends what there is; of more than the device's `vanish_after` bytes that much, and breaks the connection."""
        data = self.adb.take()
        most = self._device.vanish_after
        if most is not None and self._sent + len(data) > most:
            data = data[: most - self._sent]
            self._peer.writer.write(data)
            self._peer.writer.close()
        elif data:
            self._peer.writer.write(data)
        self._sent += len(data)

    def say(self, data: bytes) -> None:
        """Octets that are not of the connection."""
        self._peer.writer.write(data)

    def drop(self) -> None:
        self._peer.writer.transport.abort()

    def withdraw(self) -> None:
        self._device.trusted = []
        self.adb.withdraw()
        self.drop()

    def allow(self, key: PublicKey) -> None:
        self.adb.allow(key)
        self.flush()

    async def dial(self, service: str) -> PeerStream | None:
        """Opens a port of the host, as adbd does for `reverse`. None: the host refuses."""
        number = self.adb.open(service)
        stream = self.streams[number] = PeerStream(self, number, service)
        self.flush()
        return stream if await stream.opened else None

    def _told(self, event: object) -> None:
        match event:
            case OpenAsked(number, service):
                self._asked(number, service)
            case Opened(number):
                self.streams[number].opened.set_result(True)
            case Refused(number):
                self.streams[number].opened.set_result(False)
            case Arrived(number, data) if number in self.streams:
                self.streams[number].arrived.put_nowait(data)
            case Closed(number):
                self.closed.append(number)
                if number in self.streams:
                    self.streams.pop(number).arrived.put_nowait(b"")
            case KeyOffered(key):
                self._device.offered(self, key)

    def _asked(self, number: int, service: str) -> None:
        self._device.services.append(service)
        self.asked.append(number)
        serve = self._device.serve_of(service)
        if serve is None:
            self.adb.refuse(number)
        elif serve is not silence:
            self.adb.accept(number)
            stream = self.streams[number] = PeerStream(self, number, service)
            self._tasks.add(asyncio.ensure_future(serve(stream)))


class PeerDevice:
    """What a device is, and `serve`: what it does with the services whose names begin so.

    `services` are those that were asked for. `heard` is set with everything that comes.
    """

    def __init__(
        self,
        serve: Mapping[str, Serve],
        *,
        features: frozenset[str] = MODERN,
        trusted: Sequence[PublicKey] | None = None,
        offered: Callable[[DeviceEnd, PublicKey], None] = lambda end, key: None,
        version: int = VERSION,
        max_data: int = MAX_PAYLOAD,
        vanish_after: int | None = None,
    ) -> None:
        self.serve = dict(serve)
        self.trusted = trusted
        self.offered = offered
        self.vanish_after = vanish_after
        self.services: list[str] = []
        self.heard = asyncio.Event()
        self.ends: list[DeviceEnd] = []
        self.port = 0
        self._banner = Banner("device", {"ro.product.model": "A phone"}, features)
        self._version = version
        self._max_data = max_data
        self._tokens = count(1)

    @property
    def serial(self) -> str:
        return f"127.0.0.1:{self.port}"

    def serve_of(self, service: str) -> Serve | None:
        return next((serve for name, serve in self.serve.items() if service.startswith(name)), None)

    async def talk(self, peer: Peer) -> None:
        adb = AdbConnection.device(
            self._banner,
            trusted=self.trusted,
            tokens=lambda: next(self._tokens).to_bytes(20, "big"),
            version=self._version,
            max_data=self._max_data,
        )
        end = DeviceEnd(self, peer, adb)
        self.ends.append(end)
        await end.serve()


@contextlib.asynccontextmanager
async def listening(device: PeerDevice, port: int = 0) -> AsyncIterator[PeerDevice]:
    async with raw_server(device.talk, port=port) as server:
        device.port = server.port
        yield device


# -- services ----------------------------------------------------------------------------------------------------------


async def silence(stream: PeerStream) -> None:
    """The device never answers the OPEN."""


async def deaf(stream: PeerStream) -> None:
    """It is opened, and nothing comes of it."""
    await asyncio.get_running_loop().create_future()


async def gone(stream: PeerStream) -> None:
    """The device vanishes."""
    stream.end.drop()


async def garbage(stream: PeerStream) -> None:
    stream.end.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")


async def ended(stream: PeerStream) -> None:
    """It ends without a word."""
    stream.close()


def said(*pieces: bytes) -> Serve:
    async def serve(stream: PeerStream) -> None:
        for piece in pieces:
            stream.write(piece)
        stream.close()

    return serve


async def shell_v2(stream: PeerStream) -> None:
    """Writes its command line to standard output, what it reads to standard error, and exits by 7."""
    command = stream.service.removeprefix("shell,v2,raw:").encode()
    stream.write(frame(Id.STDOUT, command))
    reader = FrameReader()
    while data := await stream.read():
        for kind, payload in reader.feed(data):
            if kind is Id.STDIN:
                stream.write(frame(Id.STDERR, payload))
            elif kind is Id.CLOSE_STDIN:
                stream.write(frame(Id.EXIT, b"\7"))
                stream.close()
                return


# -- how a talk is tried -----------------------------------------------------------------------------------------------


def over_tcp(*, key_files: Sequence[Path] = (), **more: Any) -> LinkOptions:
    return LinkOptions(server="never", key_files=key_files, timeout_s=TIMEOUT_S, **more)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Runs a test, and proves that no task and no socket is left."""
    before = _sockets()

    async def alone() -> None:
        await main
        for _ in range(3):
            await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left

    moved_loop.run(alone())
    assert _sockets() == before


def _sockets() -> int:
    """How many this process has open."""
    links = []
    for each in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            links.append(os.readlink(each))
    return sum(link.startswith("socket:") for link in links)


async def wait_out(limit_s: float) -> None:
    """Lets the time of a limit go by, in steps that it counts."""
    step_s = min(limit_s / 4, 1.0)
    for _ in range(int(limit_s / step_s) + 2):
        await move(step_s)


async def until(is_so: Callable[[], object]) -> None:
    """Lets the loop go on until that is so; `run` has the patience."""
    while not is_so():  # noqa: ASYNC110 - it depends on both ends of a socket, not on one event
        await asyncio.sleep(0)


def remedied(error: DeviceError, serial: str) -> None:
    """What every error has to tell."""
    assert error.serial == serial
    assert error.why
    assert error.remedy
