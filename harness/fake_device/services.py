"""What adbd serves on a fake device: a service for each name that a host asks for.

A service is fed what the host writes, and drawn from as fast as the host reads. What names there are: AOSP's
SERVICES.TXT, and the order of marks in `shell,v2,…` its shell protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from harness.fake_device.device import FakeDevice
from harness.fake_device.service_base import Service, Told
from harness.fake_device.service_ports import Echo, Listeners, Web, reversing
from harness.fake_device.service_shell import FramedShell, PlainShell
from harness.fake_device.service_sync import SyncService
from harness.fake_device.service_terminal import Terminal

__all__ = ["FEATURES", "PORTS", "PortService", "Rebooting", "Service", "service_of", "tcp_port"]

FEATURES = frozenset(("cmd", "fixed_push_mkdir", "ls_v2", "shell_v2", "stat_v2"))
"""What the banner offers: what is served here, and nothing else that adbd may have."""

PortService = Callable[[FakeDevice], Service]

PORTS: Mapping[int, PortService] = MappingProxyType({7: lambda _device: Echo(), 80: Web})
"""What listens on the device's own ports: a stand-in for the servers of apps."""


class Rebooting(Told):
    """The device restarts: whoever has the connection ends it."""

    def __init__(self) -> None:
        super().__init__("")


def service_of(
    name: str,
    device: FakeDevice,
    listeners: Listeners,
    now_ms: int,
    ports: Mapping[int, PortService] = PORTS,
) -> Service | None:
    """The service of a name; None if the device refuses it. `listeners` are those of the connection's `reverse:`."""
    kind, _, rest = name.partition(":")
    port = tcp_port(name)
    if port is not None:
        return ports[port](device) if port in ports else None
    match kind.split(","):
        case ["shell", *marks]:
            return _shell(marks, rest, device, now_ms)
        case ["exec"]:
            return PlainShell(device.start(rest, now_ms))
        case ["sync"]:
            return SyncService(device.files)
        case ["reverse"]:
            return reversing(rest, listeners)
        case ["reboot"]:
            return Rebooting()
        case [other]:
            return Told(_REFUSALS[other]) if other in _REFUSALS else None
    return None


# What a build for users says (AOSP restart_service.cpp, remount_service.cpp).
# `tcpip:` and `usb:` are refused: "restarting in TCP mode port: N" would send the host to a port where nothing listens,
# and after "restarting in USB mode" it would still be on TCP.
_REFUSALS = {
    "root": "adbd cannot run as root in production builds\n",
    "unroot": "adbd not running as root\n",
    "remount": 'Not running as root. Try "adb root" first.\n',
}


def _shell(marks: list[str], command: str, device: FakeDevice, now_ms: int) -> Service:
    """A terminal for a shell without a command, pipes for all others, unless the host says otherwise.

    Marks that are not known are passed over (AOSP shell_service: for later extensions).
    """
    framed = "v2" in marks
    if "raw" not in marks and ("pty" in marks or not command):
        return Terminal(device, command, now_ms, framed=framed)
    process = device.start(command, now_ms)
    return FramedShell(process) if framed else PlainShell(process)


def tcp_port(name: str) -> int | None:
    """The port in `tcp:PORT`; with a host name behind it, it is none of the device's own."""
    kind, _, rest = name.partition(":")
    if kind != "tcp" or not (rest.isascii() and rest.isdigit()) or len(rest) > 5:
        return None
    return int(rest)
