"""The way to a device over TCP: adbd itself, without an adb server."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence

from harness.adapters.adb_carrier import Carrier, TcpStream, unauthorized
from harness.adapters.adb_keys import user_name
from harness.adapters.adb_limit import Limit
from harness.adapters.adb_stream import NO_SERVICE
from harness.adapters.unreached import unreached
from harness.adb.banner import Banner
from harness.adb.connection import AdbConnection
from harness.adb.keys import PrivateKey, PublicKey
from harness.errors import DeviceError, DeviceGone, DeviceRefused, DeviceTimeout, NoDevice

__all__ = ["TcpWay"]

# What we understand of what a device may offer.
_FEATURES = ("cmd", "shell_v2", "stat_v2")
_SILENT = "is it still booting? Otherwise turn its adb debugging off and on"


class TcpWay:
    """`keys` gives the keys to show, when they are needed. `key_s` is how long the device's user may take to allow one;
    `on_key_asked` is told when that begins.
    """

    def __init__(
        self,
        serial: str,
        host: str,
        port: int,
        *,
        keys: Callable[[], Sequence[PrivateKey]],
        timeout_s: float,
        key_s: float,
        on_key_asked: Callable[[PublicKey], None] | None = None,
    ) -> None:
        self._serial = serial
        self._host = host
        self._port = port
        self._keys = keys
        self._timeout_s = timeout_s
        self._key_s = key_s
        self._on_key_asked = on_key_asked
        self._let_in: set[str] = set()
        self._carrier: Carrier | None = None
        self._banner = Banner("")
        self._was_let_in = False

    @property
    def banner(self) -> Banner:
        """What the device last said of itself."""
        return self._banner

    async def connect(self) -> None:
        """Raises NoDevice, DeviceUnauthorized, DeviceRefused (TLS), DeviceGone, DeviceTimeout, MalformedAdb, and
        UsageError for keys that cannot be used.
        """
        await self.close()
        keys = await asyncio.to_thread(self._keys)
        limit = Limit(self._timeout_s, self._late)
        connection = AdbConnection.host(keys, user_name(), _FEATURES)
        made: list[Carrier] = []

        def make() -> Carrier:
            carrier = Carrier(self._serial, connection, self._let_in, lambda key: self._asked(key, limit, made[0]))
            made.append(carrier)
            return carrier

        async with limit:
            self._carrier = await self._dialled(make)
            await asyncio.shield(self._carrier.settled)
        if self._carrier.fault is not None:
            raise self._carrier.fault.with_traceback(None)
        self._banner = self._carrier.connection.peer or self._banner
        self._was_let_in = True

    def _asked(self, key: PublicKey, limit: Limit, carrier: Carrier) -> None:
        """The device asks its user about our key. One that trusted it before was told to do so no longer."""
        if self._was_let_in:
            carrier.fail(
                unauthorized(self._serial, key, "it trusts our key no longer, and asks its user about it anew")
            )
            return
        limit.restart(self._key_s)
        if self._on_key_asked is not None:
            # Not from within: what it raises is its own affair.
            asyncio.get_running_loop().call_soon(self._on_key_asked, key)

    async def _dialled(self, make: Callable[[], Carrier]) -> Carrier:
        try:
            transport, carrier = await asyncio.get_running_loop().create_connection(make, self._host, self._port)
        except (OSError, UnicodeError) as error:
            remedy = "see that the device or emulator runs, and that adb listens on TCP there (`adb tcpip 5555`)"
            raise NoDevice(self._serial, unreached(self._host, self._port, error), remedy) from None
        # A device that vanished without a word is found out sooner or later, even while nothing is asked.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return carrier

    def _late(self) -> DeviceError:
        asked = None if self._carrier is None else self._carrier.asked
        if asked is not None:
            return unauthorized(self._serial, asked, f"nobody allowed our key within {self._key_s:g} s")
        return DeviceTimeout(self._serial, f"connect: no answer in time ({self._timeout_s:g} s)", _SILENT)

    async def reach(self) -> None:
        """Raises DeviceGone, or why else the connection is lost."""
        self._reached()

    def _reached(self) -> Carrier:
        if self._carrier is None:
            raise DeviceGone(self._serial, "it is not connected", "open the device again")
        if self._carrier.fault is not None:
            raise self._carrier.fault.with_traceback(None)
        return self._carrier

    async def open(self, service: str) -> TcpStream:
        stream = TcpStream(self._reached())
        stream.ask(service)
        name = service.partition(":")[0]
        try:
            async with Limit(self._timeout_s, lambda: self._late_service(name)):
                await stream.answered()
        except BaseException:
            stream.abort()
            raise
        if not stream.is_open:
            raise DeviceRefused(self._serial, f"{name}: it has no such service", NO_SERVICE)
        return stream

    def _late_service(self, name: str) -> DeviceError:
        return DeviceTimeout(self._serial, f"{name}: no answer in time ({self._timeout_s:g} s)", _SILENT)

    def let_in(self, local: str) -> None:
        self._let_in.add(local)

    def keep_out(self, local: str) -> None:
        self._let_in.discard(local)

    async def close(self) -> None:
        carrier = self._carrier
        if carrier is not None:
            with contextlib.suppress(DeviceError):
                await carrier.close()
