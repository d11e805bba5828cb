"""The way to a device through the adb server of this machine, which alone reaches USB."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar, cast

from harness.adapters.adb_limit import Limit
from harness.adapters.adb_stream import NO_SERVICE, Stream
from harness.adapters.unreached import unreached
from harness.adb.banner import Banner
from harness.adb.server_protocol import Fail, ListedDevice, ReplyReader, Status, devices, request
from harness.errors import (
    AdbServerError,
    DeviceError,
    DeviceGone,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnauthorized,
    MalformedAdb,
    NoDevice,
)

__all__ = ["AdbServer", "ServerWay"]

_LOCAL = "127.0.0.1"
_START = "start one with `adb start-server`"
_RESTART = "end it with `adb kill-server`, and start another with `adb start-server`"
_NO_DEVICE = "look at `adb devices`; a device on TCP is made known by `adb connect HOST:PORT`"
_BACK = "see that the device is on and plugged in (`adb devices`), then open it again"
_HELD_BYTES_MAX = 1024 * 1024
_UNSENT_BYTES_MAX = 256 * 1024
# What the server calls a device, as its client knows it (adb's transport.cpp).
_PROPERTIES = {"product": "ro.product.name", "model": "ro.product.model", "device": "ro.product.device"}


T = TypeVar("T")


class AdbServer:
    """Asks one request on each connection. `serial` is for the errors of requests about a device."""

    def __init__(self, port: int, timeout_s: float, serial: str = "") -> None:
        self.serial = serial
        self._port = port
        self._timeout_s = timeout_s
        self._open: set[ServerStream] = set()

    async def devices(self) -> list[ListedDevice]:
        """Raises AdbServerError and DeviceTimeout."""
        return devices(await self.text("host:devices-l"))

    async def text(self, asked: str) -> str:
        """The answer to a request that has one. Raises AdbServerError, NoDevice, DeviceUnauthorized, DeviceGone and
        DeviceTimeout.
        """
        async with self._limit(asked):
            stream = await self._dialled()
            try:
                talk = _Talk(stream, self.serial)
                await talk.ask(asked)
                return await talk.text()
            finally:
                stream.abort()
                await stream.gone

    async def open(self, service: str) -> ServerStream:
        """A service of the device. Raises as `text`, and DeviceRefused."""
        async with self._limit(service.partition(":")[0]):
            stream = await self._dialled()
            try:
                talk = _Talk(stream, self.serial)
                await talk.ask(f"host:transport:{self.serial}")
                await talk.ask_device(service)
                return talk.hand_over()
            except BaseException:
                stream.abort()
                raise

    async def check(self) -> None:
        """Raises as `text` if the server or the device is not there."""
        state = await self.text(f"host-serial:{self.serial}:get-state")
        if state != "device":
            words = f"the adb server says it is {state}"
            raise _said(self.serial, state) or DeviceGone(self.serial, words, _BACK)

    async def close(self) -> None:
        """No socket of it is left."""
        for stream in list(self._open):
            stream.abort()
        for stream in list(self._open):
            await stream.gone

    async def _dialled(self) -> ServerStream:
        stream = ServerStream(self, self._open)
        try:
            await asyncio.get_running_loop().create_connection(lambda: stream, _LOCAL, self._port)
        except (OSError, OverflowError) as error:
            told = f"there is no adb server: {unreached(_LOCAL, self._port, error)}"
            raise AdbServerError(self.serial, told, _START) from None
        return stream

    def _limit(self, asked: str) -> Limit:
        told = f"{asked}: the adb server gave no answer in time ({self._timeout_s:g} s)"
        return Limit(
            self._timeout_s,
            lambda: DeviceTimeout(self.serial, told, _RESTART),
        )


class ServerStream(Stream, asyncio.Protocol):
    """A socket to the server, which becomes a service's."""

    def __init__(self, server: AdbServer, opened: set[ServerStream]) -> None:
        super().__init__()
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._server = server
        self._opened = opened
        self._transport: asyncio.Transport
        self._is_broken = False
        self._is_service = False

    def hand_over(self, data: bytes) -> None:
        """From now on it is the service's, which has sent `data` already."""
        self._put_back(data)
        self._is_service = True

    def close(self) -> None:
        self._is_service = False
        self._transport.close()
        self._end()

    def abort(self) -> None:
        self._is_service = False
        self._transport.abort()
        self._end()

    async def _check_end(self) -> None:
        """The end of a service, of the device and of the server look alike."""
        if not self._is_service:
            return
        await self._server.check()
        if self._is_broken:
            raise DeviceGone(self._server.serial, "the adb server broke off the stream", _BACK)

    def _send(self, data: bytes) -> None:
        self._transport.write(data)

    def _is_drained(self) -> bool:
        return self._transport.get_write_buffer_size() <= _UNSENT_BYTES_MAX

    def _taken(self) -> None:
        if self._held() < _HELD_BYTES_MAX:
            self._transport.resume_reading()

    def _held(self) -> int:
        return sum(map(len, self._pieces))

    # -- as a protocol -------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(_UNSENT_BYTES_MAX)
        self._opened.add(self)

    def data_received(self, data: bytes) -> None:
        self._arrived(data)
        if self._held() >= _HELD_BYTES_MAX:
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_broken = exc is not None
        self._opened.discard(self)
        self._end()
        self.gone.set_result(None)

    def resume_writing(self) -> None:
        self._wake()


class _Talk:
    """Requests and answers, before the stream is a service's."""

    def __init__(self, stream: ServerStream, serial: str) -> None:
        self._stream = stream
        self._serial = serial
        self._reader = ReplyReader()

    async def status(self, asked: str) -> Status:
        self._stream.write(request(asked))
        return await self._whole(self._reader.status)

    async def ask(self, asked: str) -> None:
        """Raises what the server's FAIL means."""
        status = await self.status(asked)
        if isinstance(status, Fail):
            raise _said(self._serial, status.why) or AdbServerError(
                self._serial, f"the adb server refuses {asked}: {status.why}", "is it of another version? `adb version`"
            )

    async def ask_device(self, service: str) -> None:
        """Raises what FAIL means where the server has the device."""
        status = await self.status(service)
        if isinstance(status, Fail):
            name = service.partition(":")[0]
            why = "it has no such service" if status.why == "closed" else status.why
            raise _said(self._serial, status.why) or DeviceRefused(self._serial, f"{name}: {why}", NO_SERVICE)

    async def text(self) -> str:
        return await self._whole(self._reader.text)

    def hand_over(self) -> ServerStream:
        self._stream.hand_over(self._reader.rest())
        return self._stream

    async def _whole(self, read: Callable[[], T | None]) -> T:
        while (value := self._read(read)) is None:
            data = await self._stream.read()
            if not data:
                raise AdbServerError(self._serial, "the adb server ended the connection without an answer", _START)
            self._reader.feed(data)
        return value

    def _read(self, read: Callable[[], T | None]) -> T | None:
        try:
            return read()
        except MalformedAdb as fault:
            raise AdbServerError(self._serial, fault.why, "is another program on the port of the adb server?") from None


def _said(serial: str, why: str) -> DeviceError | None:
    """What the server's words about a device mean; None: they are about something else (adb's transport.cpp)."""
    why = why.partition("\n")[0].rstrip(".")
    if "not found" in why or "no devices" in why:
        return NoDevice(serial, f"the adb server knows no such device ({why})", _NO_DEVICE)
    if "unauthorized" in why or "authorizing" in why:
        return DeviceUnauthorized(serial, why, "allow this machine's key on the device's screen, then open it again")
    if "offline" in why or "connecting" in why:
        return DeviceGone(serial, why, _BACK)
    return None


class ServerWay:
    """A device as the server has it. Ports that are reversed are the server's own affair."""

    def __init__(self, serial: str, *, port: int, timeout_s: float) -> None:
        self._serial = serial
        self._server = AdbServer(port, timeout_s, serial)
        self._banner = Banner("")

    @property
    def banner(self) -> Banner:
        """What the server tells of the device; its features are those that both have."""
        return self._banner

    async def connect(self) -> None:
        """Raises as `AdbServer.check`."""
        await self._server.check()
        listed = [device for device in await self._server.devices() if device.serial == self._serial]
        said = listed[0].properties if listed else {}
        properties = {_PROPERTIES[name]: value for name, value in said.items() if name in _PROPERTIES}
        self._banner = Banner("device", properties, await self._features())

    async def _features(self) -> frozenset[str]:
        try:
            told = await self._server.text(f"host-serial:{self._serial}:features")
        except AdbServerError:  # one of old knows of none, and uses none
            return frozenset()
        return frozenset(filter(None, told.strip().split(",")))

    async def reach(self) -> None:
        await self._server.check()

    async def open(self, service: str) -> Stream:
        return await self._server.open(service)

    def let_in(self, local: str) -> None:
        pass

    def keep_out(self, local: str) -> None:
        pass

    async def close(self) -> None:
        await self._server.close()
