"""Listens as adbd does, and serves a fake device to whatever hosts come."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
import time
from collections.abc import Callable, Mapping, Sequence

from harness.adapters.listening import Listening
from harness.adb.banner import Banner
from harness.adb.connection import AdbConnection
from harness.adb.events import Arrived, Closed, Event, KeyOffered, Online, OpenAsked, Opened, Refused, Sent
from harness.adb.keys import TOKEN_BYTES, PublicKey
from harness.errors import DeviceGone, DeviceRefused, MalformedAdb
from harness.fake_device import FakeDevice
from harness.fake_device.service_base import Service
from harness.fake_device.service_ports import Listeners
from harness.fake_device.services import FEATURES, PORTS, PortService, Rebooting, service_of

__all__ = ["AdbDaemon", "HostStream", "OnKey", "wall_ms"]

OnKey = Callable[[PublicKey], bool]
"""The device's user, asked whether to trust a host's key."""

_READ_BYTES = 1 << 18
_QUEUED_BYTES = 1 << 20  # of a stream: so much a service may be ahead of its host
_BACKLOG_BYTES = 8 << 20  # of a connection: a host that reads nothing is not read either


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


class AdbDaemon(Listening):
    """The adbd of one device on `host`:`port` (0: any free one; `self.port` tells it), for several hosts at once.

    `trusted`: the keys whose hosts may talk; None: everybody may. `on_key` is asked about other keys; without it nobody
    answers them, as on a device whose user does not look. The device's troubles hold for every connection: how slow it
    is, that it authorises nobody, after how many bytes to the host a connection breaks. `withdraw_after_bytes`: when a
    host has got so many, `withdraw` is done, once. `ports`: what listens on the device's own ports.

    Whoever changes the device by other ways than adb calls `ring` afterwards; `on_change` is called whenever something
    may have happened on it.
    """

    def __init__(
        self,
        device: FakeDevice,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        trusted: Sequence[PublicKey] | None = None,
        on_key: OnKey | None = None,
        on_change: Callable[[], None] | None = None,
        ports: Mapping[int, PortService] = PORTS,
        withdraw_after_bytes: int | None = None,
        now_ms: Callable[[], int] = wall_ms,
    ) -> None:
        super().__init__(host, port, read_bytes=_READ_BYTES)
        self.device = device
        self.ports = ports
        self.now_ms = now_ms
        self.on_key = on_key
        self.withdraw_after_bytes = withdraw_after_bytes
        self._trusted = None if trusted is None else list(trusted)
        self._on_change = on_change
        self._connections: dict[str, _Connection] = {}
        self._numbers = itertools.count(1)

    @property
    def hosts(self) -> list[str]:
        """The hosts that are online, as they name themselves, the first to come first."""
        return [each.name for each in self._connections.values() if each.adb.is_online]

    @property
    def trusted(self) -> Sequence[PublicKey] | None:
        return self._trusted if not self.device.troubles.unauthorized else ()

    def ring(self) -> None:
        """Something has happened on the device: streams that wait for news look again."""
        if self._on_change is not None:
            self._on_change()
        for each in self._connections.values():
            each.ring()

    def drop(self) -> None:
        """Every connection breaks, as when the cable is pulled. Hosts may come again."""
        for each in self._connections.values():
            each.break_off()

    def trust(self, key: PublicKey) -> None:
        """The device's user trusts the key from now on; a host that waits for that goes on."""
        if self._trusted is not None and key not in self._trusted:
            self._trusted.append(key)
        for each in self._connections.values():
            each.trust(key)

    def withdraw(self) -> None:
        """The device's user trusts nobody any more: all connections end, and every host is asked again."""
        self._trusted = []
        for each in self._connections.values():
            each.withdraw()

    async def dial(self, place: str) -> HostStream:
        """Connects to a port of the device (`tcp:8080`) that `adb reverse` leads to a host, as an app there would.

        Raises DeviceRefused if there is none, or if the host does not take the connection.
        """
        for each in self._connections.values():
            target = each.listeners.target(place) if each.adb.is_online else None
            if target is not None:
                return await each.dial(target)
        raise DeviceRefused(self.device.serial, f"nothing listens on {place}", f"adb reverse {place} …")

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(self, next(self._numbers), reader, writer)
        self._connections[connection.name] = connection
        try:
            await connection.serve()
        finally:
            del self._connections[connection.name]


class HostStream:
    """A connection from the device to a port of the host: what an app on the device has that connects to it."""

    def __init__(self, connection: _Connection, stream: int) -> None:
        self._connection = connection
        self._stream = stream
        self._news = asyncio.Event()
        self._arrived = bytearray()
        self._owes = 0  # so many OKAY the host waits for
        self._opened = False
        self._over = False

    async def read(self, most: int = 1 << 16) -> bytes:
        """What the host sent; none at the end."""
        while not self._arrived and not self._over:
            await self._wait()
        data = bytes(self._arrived[:most])
        del self._arrived[:most]
        while self._owes and not self._arrived:
            self._owes -= 1
            self._connection.consumed(self._stream)
        return data

    async def write(self, data: bytes) -> None:
        """Returns once the host has taken it. Raises DeviceGone if the stream ends before."""
        if not self._over:
            self._connection.write(self._stream, data)
        while not self._over and self._connection.adb.unsent(self._stream):
            await self._wait()
        if self._over:
            raise DeviceGone(self._connection.name, "the host closed the connection")

    def close(self) -> None:
        self._over = True
        self._news.set()
        self._connection.close(self._stream)

    async def opened(self) -> bool:
        while not self._opened and not self._over:
            await self._wait()
        return self._opened

    def tell(self, event: Opened | Refused | Arrived | Sent | Closed) -> None:
        match event:
            case Opened():
                self._opened = True
            case Arrived(_, data):
                self._arrived += data
                self._owes += 1
            case Refused() | Closed():
                self._over = True
            case _:
                pass
        self._news.set()

    def lost(self) -> None:
        """The connection to the host is gone."""
        self._over = True
        self._news.set()

    async def _wait(self) -> None:
        self._news.clear()
        await self._news.wait()


class _Serving:
    """A service and its stream. `wakes_at`: by the loop's clock, when it has slept; `owes`: how many OKAYs are due."""

    __slots__ = ("owes", "service", "wakes_at")

    def __init__(self, service: Service) -> None:
        self.service = service
        self.wakes_at: float | None = None
        self.owes = 0


class _Connection:
    """One host: reads its packets, and draws from the services as fast as it takes what they say."""

    def __init__(
        self, daemon: AdbDaemon, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.name = f"host-{number}"
        self.listeners = Listeners(self.name)
        self._daemon = daemon
        self._device = daemon.device
        self._reader = reader
        self._writer = writer
        self._served: dict[int, _Serving] = {}
        self._dialled: dict[int, HostStream] = {}
        self._news = asyncio.Event()
        self._sent_bytes = 0
        self._woke = False
        self.adb = AdbConnection.device(
            _banner(self._device), trusted=daemon.trusted, tokens=lambda: secrets.token_bytes(TOKEN_BYTES)
        )

    async def serve(self) -> None:
        """Until either side ends it."""
        pumping = asyncio.ensure_future(self._pump())
        reading = asyncio.ensure_future(self._read())
        try:
            done, _ = await asyncio.wait((pumping, reading), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self.break_off()
            self.listeners.clear()
            for task in (pumping, reading):
                task.cancel()
            await asyncio.gather(pumping, reading, return_exceptions=True)
            for serving in self._served.values():
                serving.service.gone()
            for stream in self._dialled.values():
                stream.lost()
            self._daemon.ring()

    # What the daemon, and streams of the device's own, ask for.

    def ring(self) -> None:
        self._news.set()

    def break_off(self) -> None:
        self._writer.transport.abort()

    def trust(self, key: PublicKey) -> None:
        self._tell(self.adb.allow(key))
        self._flush()

    def withdraw(self) -> None:
        self.adb.withdraw()
        self._end_here()

    async def dial(self, target: str) -> HostStream:
        number = self.adb.open(target)
        stream = self._dialled[number] = HostStream(self, number)
        self._flush()
        if not await stream.opened():
            raise DeviceRefused(self._device.serial, f"the host does not connect to {target}", "start what listens")
        return stream

    def write(self, stream: int, data: bytes) -> None:
        self.adb.write(stream, data)
        self._flush()

    def consumed(self, stream: int) -> None:
        self.adb.consumed(stream)
        self._flush()

    def close(self, stream: int) -> None:
        self._dialled.pop(stream, None)
        self.adb.abort(stream)
        self._flush()

    # Reading.

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionError, MalformedAdb):
            while not self.adb.is_over and (data := await self._reader.read(_READ_BYTES)):
                if slow_ms := self._device.troubles.slow_ms:
                    await asyncio.sleep(slow_ms / 1000)
                self._tell(self.adb.receive(data))
                self._draw()
                self.adb.check()
                self._daemon.ring()
                if self._writer.transport.get_write_buffer_size() > _BACKLOG_BYTES:
                    await self._writer.drain()

    def _tell(self, events: Sequence[Event]) -> None:
        for event in events:
            match event:
                case OpenAsked(stream, name):
                    self._open(stream, name)
                case Arrived(stream, data) if stream in self._served:
                    self._feed(stream, data)
                case Opened(stream) | Refused(stream) | Arrived(stream, _) | Sent(stream) | Closed(stream):
                    self._told(stream, event)
                case KeyOffered(key):
                    self._offered(key)
                case Online():
                    self.listeners.clear()
                case _:
                    raise AssertionError(f"{event} is none of a device's")

    def _offered(self, key: PublicKey) -> None:
        """The user is asked, unless the answer came before the question."""
        on_key = self._daemon.on_key
        known = key in (self._daemon.trusted or ())
        if known or (on_key is not None and not self._device.troubles.unauthorized and on_key(key)):
            self._daemon.trust(key)

    def _open(self, stream: int, name: str) -> None:
        service = service_of(name, self._device, self.listeners, self._daemon.now_ms(), self._daemon.ports)
        if service is None:
            self.adb.refuse(stream)
            return
        self.adb.accept(stream)
        self._served[stream] = _Serving(service)

    def _feed(self, stream: int, data: bytes) -> None:
        serving = self._served[stream]
        try:
            serving.service.feed(data, self._daemon.now_ms())
        except MalformedAdb:
            self._end(stream)
        else:
            serving.owes += 1

    def _told(self, stream: int, event: Opened | Refused | Arrived | Sent | Closed) -> None:
        if stream in self._dialled:
            self._dialled[stream].tell(event)
            if isinstance(event, Refused | Closed):
                del self._dialled[stream]
        elif isinstance(event, Closed) and stream in self._served:
            self._served.pop(stream).service.gone()

    def _end(self, stream: int) -> None:
        self._served.pop(stream).service.gone()
        self.adb.close(stream)

    # Drawing.

    async def _pump(self) -> None:
        """Draws whenever something has happened, or a command has slept."""
        loop = asyncio.get_running_loop()
        while not self._writer.transport.is_closing():
            self._news.clear()
            self._woke = False
            self._draw()
            if self._woke:  # it goes on, and what it does may be news to others
                self._daemon.ring()
            wakes = [each.wakes_at for each in self._served.values() if each.wakes_at is not None]
            timer = loop.call_at(min(wakes), self._news.set) if wakes else None
            try:
                await self._news.wait()
            finally:
                if timer is not None:
                    timer.cancel()

    def _draw(self) -> None:
        """Every service says what it can, and what is to be sent goes out."""
        for stream, serving in list(self._served.items()):
            if self._is_awake(serving):
                self._drawn(stream, serving)
            else:  # its host may write on meanwhile
                self._acknowledge(stream, serving)
        self._flush()

    def _is_awake(self, serving: _Serving) -> bool:
        if serving.wakes_at is None:
            return True
        if serving.service.pause_ms and serving.wakes_at > asyncio.get_running_loop().time():
            return False  # unless it was interrupted
        serving.wakes_at, serving.service.pause_ms = None, 0
        self._woke = True
        return True

    def _drawn(self, stream: int, serving: _Serving) -> None:
        service = serving.service
        self._acknowledge(stream, serving)  # before the answer, as adbd does: adb-shell waits for it alone
        room = _QUEUED_BYTES - self.adb.unsent(stream)
        while room > 0 and not service.done and not service.pause_ms and (said := service.take(room)):
            self.adb.write(stream, said)
            room -= len(said)
        self._acknowledge(stream, serving)
        if service.pause_ms:
            serving.wakes_at = asyncio.get_running_loop().time() + service.pause_ms / 1000
        if isinstance(service, Rebooting):
            self._flush()
            self._daemon.drop()
        elif service.done:
            self._end(stream)

    def _acknowledge(self, stream: int, serving: _Serving) -> None:
        while serving.owes and not serving.service.is_full:
            serving.owes -= 1
            self.adb.consumed(stream)

    def _flush(self) -> None:
        data = self.adb.take()
        if not data or self._writer.transport.is_closing():
            return
        vanish, withdraw = self._device.troubles.vanish_after_bytes, self._daemon.withdraw_after_bytes
        most = min((each for each in (vanish, withdraw) if each is not None), default=None)
        left = len(data) if most is None else max(most - self._sent_bytes, 0)
        self._sent_bytes += len(data)
        self._writer.write(data[:left])
        if left < len(data):
            self._end_here()
            if most == withdraw:
                self._daemon.withdraw_after_bytes = None
                self._daemon.withdraw()

    def _end_here(self) -> None:
        """What was sent until now arrives, and no more."""
        self._writer.close()
        self._news.set()


def _banner(device: FakeDevice) -> Banner:
    is_emulator = device.is_emulator
    properties = {
        "ro.product.name": "sdk_gphone64_x86_64" if is_emulator else "fake_phone",
        "ro.product.model": "sdk_gphone64_x86_64" if is_emulator else "Fake phone",
        "ro.product.device": "emu64xa" if is_emulator else "fake",
    }
    return Banner("device", properties, FEATURES)
