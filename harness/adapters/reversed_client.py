"""The HTTP client of an app on a fake device: what the device's own ports lead to over adb is reached that way."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from harness.adapters.adb_daemon import AdbDaemon, HostStream
from harness.adapters.http_client import HttpClient
from harness.adapters.http_dialing import Dialer, resolve_name
from harness.errors import DeviceError, DeviceRefused
from harness.http.values import ConnectFailed, TimedOut

__all__ = ["ReversedClient"]

_PIECE = 1 << 16

Own = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
"""Runs work as a task, and cancels it with whoever owns it."""


class ReversedClient(HttpClient):
    """As `HttpClient`, but a port of this machine that `adb reverse` leads to a host is reached over adb.

    Any other is reached directly: the fake device is on this machine.
    """

    def __init__(self, daemon: AdbDaemon, own: Own) -> None:
        super().__init__(follows_up=False)
        self._dialer = _Led(daemon, own)
        self._phones.dialer = _Led(daemon, own, offers=["h2", "http/1.1"])


class _Led(Dialer):
    def __init__(self, daemon: AdbDaemon, own: Own, offers: Sequence[str] = ()) -> None:
        super().__init__(resolve=resolve_name, trust=ssl.create_default_context, offers=offers)
        self._daemon = daemon
        self._own = own

    async def reach(self, address: str, port: int, limit_s: float | None) -> socket.socket | ConnectFailed | TimedOut:
        if ipaddress.ip_address(address).is_loopback:
            try:
                async with asyncio.timeout(limit_s):
                    return await _joined(await self._daemon.dial(f"tcp:{port}"), self._own)
            except DeviceRefused:
                pass  # nothing leads there
            except TimeoutError:
                return TimedOut("connect")
        return await super().reach(address, port, limit_s)


async def _joined(stream: HostStream, own: Own) -> socket.socket:
    """A socket whose other end is the stream."""
    ours, theirs = _pair()
    try:
        reader, writer = await asyncio.open_connection(sock=theirs)
    except BaseException:  # whoever dials may be cancelled
        ours.close()
        stream.close()
        raise
    carrying = own(_carry(stream, reader, writer))
    carrying.add_done_callback(lambda _task: writer.close())  # also where it has not begun
    return ours


def _pair() -> tuple[socket.socket, socket.socket]:
    """Two ends of a connection; both have addresses, which a pair without a network has not."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = socket.create_connection(server.getsockname())
        theirs, _ = server.accept()
    for end in (ours, theirs):
        end.setblocking(False)
    return ours, theirs


async def _carry(stream: HostStream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    out, back = asyncio.ensure_future(_out(reader, stream)), asyncio.ensure_future(_back(stream, writer))
    try:
        # A stream of adb has no half that could be closed alone.
        await asyncio.wait((out, back), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (out, back):
            task.cancel()
        await asyncio.gather(out, back, return_exceptions=True)
        stream.close()


async def _out(reader: asyncio.StreamReader, stream: HostStream) -> None:
    with contextlib.suppress(DeviceError, OSError):
        while data := await reader.read(_PIECE):
            await stream.write(data)


async def _back(stream: HostStream, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await stream.read(_PIECE):
            writer.write(data)
            await writer.drain()
