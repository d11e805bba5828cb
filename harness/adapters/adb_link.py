"""Reaches Android devices and emulators over adb: without an adb server on TCP, with one on USB as well.

async with open_device("emulator-5554") as device:
    done = await device.shell("getprop ro.build.version.release")
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import field
from pathlib import Path
from typing import Literal

from harness.adapters.adb_device import Device, ShellDone
from harness.adapters.adb_keys import load_keys
from harness.adapters.adb_server import AdbServer, ServerWay
from harness.adapters.adb_stream import Stream, Way
from harness.adapters.adb_tcp import TcpWay
from harness.adb.keys import PublicKey
from harness.adb.server_protocol import ListedDevice
from harness.errors import AdbServerError, DeviceError, DeviceTimeout, DeviceUnauthorized, NoDevice, UsageError
from harness.frozen import frozen

__all__ = ["Device", "LinkOptions", "ListedDevice", "ShellDone", "Stream", "list_devices", "open_device"]

_LOCAL = "127.0.0.1"
_EMULATOR = re.compile(r"emulator-([0-9]{1,5})")
_PLACE = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:\[\]]+)):(?P<port>[0-9]{1,5})")
# What a device is called by its maker, by where it is plugged in or what it is (as `adb -s` takes them), or in its own
# network, where a name that is taken gets a number: `adb-R58M (2)._adb-tls-connect._tcp`.
_NAME = re.compile(r"[!-9;-~]+|(?:usb|vsock|product|model|device):[!-~]+|adb-[ -~]+\._tcp")
_SERIALS = "write it like emulator-5554, like 127.0.0.1:5555, or as `adb devices` shows it"
_PORT_MAX = 0xFFFF
# Where adb looks for emulators (phone-behaviour.md §9.1).
_EMULATOR_PORTS = tuple(range(5555, 5586, 2))
_LOOK_S = 2.0


@frozen
class LinkOptions:
    """`server`: `auto` takes the adb server on `server_port` if it runs and has the device, `always` nothing else,
    `never` reaches adbd itself.

    `timeout_s` is how long a device may be silent, `key_s` how long its user may take to allow our key;
    `on_key_asked` is told when that begins. `key_files` stand in for the keys that adb itself would show.
    `reconnect_s` is how long a device that was lost is waited for at the next call; 0: not at all.
    """

    server_port: int = 5037
    server: Literal["auto", "never", "always"] = "auto"
    key_files: Sequence[Path] = ()
    timeout_s: float = 10.0
    key_s: float = 60.0
    reconnect_s: float = 0.0
    on_key_asked: Callable[[PublicKey], None] | None = None
    emulator_ports: Sequence[int] = field(default=_EMULATOR_PORTS)


_DEFAULTS = LinkOptions()


@contextlib.asynccontextmanager
async def open_device(serial: str, options: LinkOptions = _DEFAULTS) -> AsyncIterator[Device]:
    """The device, reached: `emulator-5554`, `HOST:PORT`, or the serial of one that the adb server has.

    No task, socket or reversed port is left at the end. Raises NoDevice, DeviceUnauthorized, DeviceTimeout,
    DeviceGone, DeviceRefused (it wants TLS), AdbServerError, MalformedAdb, and UsageError for a key file and for what
    is no serial.
    """
    way = await _way(serial, options)
    device = Device(serial, way, timeout_s=options.timeout_s, reconnect_s=options.reconnect_s)
    try:
        await way.connect()
        yield device
    finally:
        await device.close()


async def list_devices(options: LinkOptions = _DEFAULTS) -> list[ListedDevice]:
    """What the adb server has; without one, which emulators answer. Raises AdbServerError if it has to be a server."""
    if options.server != "never":
        try:
            return await AdbServer(options.server_port, options.timeout_s).devices()
        except AdbServerError:
            if options.server == "always":
                raise
    found = [await _look(port) for port in options.emulator_ports]
    return [each for each in found if each is not None]


async def _way(serial: str, options: LinkOptions) -> Way:
    place = _place(serial)
    if place is None and options.server == "never":
        remedy = "start an adb server for it (`adb start-server`)"
        raise NoDevice(serial, "without an adb server only emulator-N and HOST:PORT can be reached", remedy)
    if place is None or options.server == "always" or (options.server == "auto" and await _is_listed(serial, options)):
        return ServerWay(serial, port=options.server_port, timeout_s=options.timeout_s)
    return _tcp_way(serial, *place, options)


def _tcp_way(serial: str, host: str, port: int, options: LinkOptions) -> TcpWay:
    return TcpWay(
        serial,
        host,
        port,
        keys=lambda: load_keys(options.key_files),
        timeout_s=options.timeout_s,
        key_s=options.key_s,
        on_key_asked=options.on_key_asked,
    )


def _place(serial: str) -> tuple[str, int] | None:
    """Where adbd of that device listens; None: nobody but an adb server knows. Raises UsageError."""
    if named := _EMULATOR.fullmatch(serial):
        host, port = _LOCAL, int(named[1]) + 1
    elif found := _PLACE.fullmatch(serial):
        host, port = found["v6"] or found["host"], int(found["port"])
    elif _NAME.fullmatch(serial):
        return None
    else:
        raise UsageError(f"{serial!r} is no serial of a device", _SERIALS)
    if not 0 < port <= _PORT_MAX:
        raise UsageError(f"{serial}: there is no port {port}", f"give one from 1 to {_PORT_MAX}")
    return host, port


async def _is_listed(serial: str, options: LinkOptions) -> bool:
    """The server has the device, and may use it."""
    with contextlib.suppress(AdbServerError, DeviceTimeout):
        listed = await AdbServer(options.server_port, min(options.timeout_s, _LOOK_S)).devices()
        return any((device.serial, device.state) == (serial, "device") for device in listed)
    return False


async def _look(port: int) -> ListedDevice | None:
    """The emulator whose adbd listens on that port, asked without a key."""
    serial = f"emulator-{port - 1}"
    way = TcpWay(serial, _LOCAL, port, keys=tuple, timeout_s=_LOOK_S, key_s=_LOOK_S)
    try:
        await way.connect()
        said = way.banner.properties
        names = {"product": "ro.product.name", "model": "ro.product.model", "device": "ro.product.device"}
        properties = {name: said[key].replace(" ", "_") for name, key in names.items() if key in said}
        return ListedDevice(serial, "device", properties)
    except NoDevice:
        return None
    except DeviceUnauthorized:
        return ListedDevice(serial, "unauthorized", {})
    except DeviceError:
        return ListedDevice(serial, "offline", {})
    finally:
        await way.close()
