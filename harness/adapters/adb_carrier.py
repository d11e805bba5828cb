"""A connection to adbd: carries the octets of harness.adb.connection, and its streams to those who have opened them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, assert_never, cast

from harness.adapters.adb_stream import Stream, malformed
from harness.adb.connection import AdbConnection
from harness.adb.events import (
    Arrived,
    Closed,
    Event,
    KeyAsked,
    KeyOffered,
    KeysSpent,
    Online,
    OpenAsked,
    Opened,
    Refused,
    Sent,
    TlsAsked,
)
from harness.adb.keys import PublicKey
from harness.errors import DeviceError, DeviceGone, DeviceRefused, DeviceUnauthorized, MalformedAdb

__all__ = ["Carrier", "Join", "TcpStream", "unauthorized"]

_AGAIN = "see that the device is on and adb debugging is allowed, then open it again"
_TLS = "pair it with `adb pair` and `adb connect`, and reach it through the adb server"
_NO_ADBD = "is that the port of adbd? An emulator's is the odd one after its console's"


class _End(Protocol):
    """Who is told what becomes of a stream."""

    def opened(self) -> None: ...
    def refused(self) -> None: ...
    def arrived(self, data: bytes) -> None: ...
    def acknowledged(self) -> None: ...
    def closed(self) -> None: ...
    def failed(self, error: DeviceError) -> None: ...


class Carrier(asyncio.Protocol):
    """`let_in` are the services that the device may open on this machine: `tcp:PORT`.

    `settled` is done once the device has agreed, or never will: then `fault` says why. `gone` is done with the socket.
    """

    def __init__(
        self, serial: str, connection: AdbConnection, let_in: set[str], on_key_asked: Callable[[PublicKey], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        self.serial = serial
        self.connection = connection
        self.settled: asyncio.Future[None] = loop.create_future()
        self.gone: asyncio.Future[None] = loop.create_future()
        self.fault: DeviceError | None = None
        self.asked: PublicKey | None = None
        self._let_in = let_in
        self._on_key_asked = on_key_asked
        self._ends: dict[int, _End] = {}
        self._joins: set[asyncio.Task[None]] = set()
        self._transport: asyncio.Transport

    # -- the socket ----------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.connection.start()
        self.flush()

    def data_received(self, data: bytes) -> None:
        if self.fault is not None:
            return
        try:
            for event in self.connection.receive(data):
                self._told(event)
            self.connection.check()
        except MalformedAdb as fault:
            self.fail(self._malformed(fault.why))
            return
        self.flush()
        for end in list(self._ends.values()):
            end.acknowledged()

    def connection_lost(self, exc: Exception | None) -> None:
        self.fail(self._lost())
        self.gone.set_result(None)

    def flush(self) -> None:
        """Sends what there is to send."""
        if self.fault is None and (data := self.connection.take()):
            self._transport.write(data)

    def fail(self, error: DeviceError) -> None:
        """Nothing more comes of this connection."""
        if self.fault is not None:
            return
        self.fault = error
        ends, self._ends = self._ends, {}
        for end in ends.values():
            end.failed(error)
        self._settle()
        for join in self._joins:
            join.cancel()
        self._transport.abort()

    async def close(self) -> None:
        """No task and no socket of it is left."""
        self.fail(DeviceGone(self.serial, "it was closed here", "open the device again"))
        if self._joins:
            await asyncio.wait(self._joins)
        await self.gone

    # -- streams -------------------------------------------------------------------------------------------------------

    def open(self, service: str, end: _End) -> int:
        """Asks for a service. Raises UsageError for a name that is too long, and the fault."""
        if self.fault is not None:
            raise self.fault.with_traceback(None)
        stream = self.connection.open(service)
        self._ends[stream] = end
        self.flush()
        return stream

    def leave(self, stream: int) -> None:
        """Whoever opened the stream is told nothing more."""
        self._ends.pop(stream, None)
        self.flush()

    # -- what the device says ------------------------------------------------------------------------------------------

    def _told(self, event: Event) -> None:
        match event:
            case Online():
                self._settle()
            case KeyAsked(key):
                self._ask(key)
            case KeysSpent():
                self.fail(DeviceUnauthorized(self.serial, "it asks for a key, and there is none", "give a key file"))
            case TlsAsked():
                self.fail(DeviceRefused(self.serial, "it speaks TLS only (wireless debugging)", _TLS))
            case OpenAsked(stream, service):
                self._invite(stream, service)
            case Opened(stream) | Refused(stream) | Arrived(stream) | Closed(stream):
                self._tell(event, self._ends.get(stream))
            case Sent() | KeyOffered():
                pass  # `acknowledged` tells of the former, earlier; the latter is a device's
            case _:
                assert_never(event)

    def _tell(self, event: Opened | Refused | Arrived | Closed, end: _End | None) -> None:
        if end is None:
            return
        match event:
            case Opened():
                end.opened()
            case Refused(stream):
                del self._ends[stream]
                end.refused()
            case Arrived(_, data):
                end.arrived(data)
            case Closed(stream):
                del self._ends[stream]
                end.closed()
            case _:
                assert_never(event)

    def _ask(self, key: PublicKey) -> None:
        if self.asked is None:
            self.asked = key
            self._on_key_asked(key)

    def _settle(self) -> None:
        if not self.settled.done():
            self.settled.set_result(None)

    def _lost(self) -> DeviceError:
        if self.asked is not None and not self.connection.is_online:
            return unauthorized(self.serial, self.asked, "it closed the connection instead of allowing our key")
        amid = self.connection.ended()
        told = f"the connection broke ({amid})" if amid else "the connection broke"
        return DeviceGone(self.serial, told, _AGAIN)

    def _malformed(self, why: str) -> DeviceError:
        remedy = _AGAIN if self.connection.is_online else _NO_ADBD
        return malformed(self.serial, f"what it says is no adb: {why}", remedy)

    # -- the way back --------------------------------------------------------------------------------------------------

    def _invite(self, stream: int, service: str) -> None:
        """The device wants to reach this machine: only where it was allowed to."""
        if service not in self._let_in:
            self.connection.refuse(stream)
            return
        join = asyncio.get_running_loop().create_task(self._join(stream, int(service.removeprefix("tcp:"))))
        self._joins.add(join)
        join.add_done_callback(self._joins.discard)

    async def _join(self, stream: int, port: int) -> None:
        """Carries one stream to a port of this machine, until either closes it."""
        local = Join(self, stream)
        try:
            await asyncio.get_running_loop().create_connection(lambda: local, "127.0.0.1", port)
            if not local.gone.done():
                self._ends[stream] = local
                self.connection.accept(stream)
                self.flush()
                await asyncio.shield(local.gone)
        except OSError:
            self.connection.refuse(stream)
            self.flush()
        finally:
            local.abort()
            await local.gone


class TcpStream(Stream):
    """A stream of ours over a connection of ours."""

    def __init__(self, carrier: Carrier) -> None:
        super().__init__()
        self._carrier = carrier
        self._stream = 0
        self._is_waited_for = False
        self.is_open = False

    def ask(self, service: str) -> None:
        self._stream = self._carrier.open(service, self)

    async def answered(self) -> None:
        """The device has opened it, or ended it: then `is_open` is false. Raises the fault of the connection."""
        while not (self.is_open or self.has_news):
            await self._wait()
        if self._fault is not None:
            raise self._fault.with_traceback(None)

    def close(self) -> None:
        self._carrier.connection.close(self._stream)
        self._leave()

    def abort(self) -> None:
        self._carrier.connection.abort(self._stream)
        self._leave()

    def _leave(self) -> None:
        self._carrier.leave(self._stream)
        self._end()

    def _send(self, data: bytes) -> None:
        self._carrier.connection.write(self._stream, data)
        self._carrier.flush()

    def _is_drained(self) -> bool:
        # One packet is under way: the next one must be there when it is acknowledged.
        connection = self._carrier.connection
        is_drained = connection.unsent(self._stream) <= connection.max_data
        self._is_waited_for = not is_drained
        return is_drained

    def _taken(self) -> None:
        self._carrier.connection.consumed(self._stream)
        self._carrier.flush()

    # -- as an end -----------------------------------------------------------------------------------------------------

    def opened(self) -> None:
        self.is_open = True
        self._wake()

    def refused(self) -> None:
        self._end()

    def arrived(self, data: bytes) -> None:
        self._arrived(data)

    def acknowledged(self) -> None:
        if self._is_waited_for and self._is_drained():
            self._wake()

    def closed(self) -> None:
        self._end()

    def failed(self, error: DeviceError) -> None:
        self._fail(error)


class Join(asyncio.Protocol):
    """A stream of the device on one side, a socket of this machine on the other; neither is read faster than the other
    takes it. As with adb, the end of one is the end of both.
    """

    def __init__(self, carrier: Carrier, stream: int) -> None:
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.gone.set_result(None)  # until there is a socket
        self._carrier = carrier
        self._stream = stream
        self._transport: asyncio.Transport
        self._is_held = False  # the socket takes nothing now
        self._owes = False  # the device waits for that

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.gone = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self._carrier.connection.write(self._stream, data)
        self._carrier.flush()
        if self._is_full():
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._carrier.connection.close(self._stream)
        self._carrier.leave(self._stream)
        self.gone.set_result(None)

    def pause_writing(self) -> None:
        self._is_held = True

    def resume_writing(self) -> None:
        self._is_held = False
        if self._owes:
            self._consumed()

    def abort(self) -> None:
        if not self.gone.done():
            self._transport.abort()

    def opened(self) -> None: ...
    def refused(self) -> None: ...

    def arrived(self, data: bytes) -> None:
        self._transport.write(data)
        self._owes = True
        if not self._is_held:
            self._consumed()

    def acknowledged(self) -> None:
        if not (self._is_full() or self._transport.is_closing()):
            self._transport.resume_reading()

    def closed(self) -> None:
        self._transport.close()

    def failed(self, error: DeviceError) -> None:
        self._transport.abort()

    def _is_full(self) -> bool:
        connection = self._carrier.connection
        return connection.unsent(self._stream) > connection.max_data

    def _consumed(self) -> None:
        self._owes = False
        self._carrier.connection.consumed(self._stream)
        self._carrier.flush()


def unauthorized(serial: str, key: PublicKey, why: str) -> DeviceUnauthorized:
    return DeviceUnauthorized(
        serial, why, f"allow the key {key.fingerprint} ({key.user}) on the device's screen, then open it again"
    )
