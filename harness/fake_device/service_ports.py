"""`reverse:` and `tcp:`: ports of the device that lead to the host, and what listens on its own."""

from __future__ import annotations

from harness.fake_device.device import FakeDevice
from harness.fake_device.service_base import HELD_MAX, Service, Told

__all__ = ["Echo", "Listeners", "Web", "reversing"]

_PORT_FIRST = 40_000
_PORT_MAX = 65_535
_REQUEST_MAX = 65_536


class Listeners:
    """Ports of the device from which connections go to the host. They end with their connection.

    `name` is that of the connection, as `reverse:list-forward` has it.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._targets: dict[str, str] = {}

    def target(self, local: str) -> str | None:
        """Where a connection to this place (`tcp:8080`) goes on the host."""
        return self._targets.get(local)

    def add(self, local: str, remote: str, *, rebinds: bool) -> int | None:
        """The port, if the host wanted any free one. Raises ValueError for what cannot be."""
        chosen = self._free_port() if local == "tcp:0" else None
        local = local if chosen is None else f"tcp:{chosen}"
        if not _is_port(local):
            raise ValueError("cannot bind listener: Operation not permitted")
        if local in self._targets and not rebinds:
            raise ValueError("cannot rebind existing socket")
        self._targets[local] = remote
        return chosen

    def remove(self, local: str) -> None:
        """Raises ValueError if there is none."""
        if self._targets.pop(local, None) is None:
            raise ValueError(f"listener '{local}' not found")

    def clear(self) -> None:
        self._targets.clear()

    def told(self) -> str:
        return "".join(f"{self._name} {local} {remote}\n" for local, remote in self._targets.items())

    def _free_port(self) -> int:
        taken = {int(local[4:]) for local in self._targets}
        return next(port for port in range(_PORT_FIRST, _PORT_MAX) if port not in taken)


def _is_port(place: str) -> bool:
    kind, _, port = place.partition(":")
    return kind == "tcp" and port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) <= _PORT_MAX


def reversing(asked: str, listeners: Listeners) -> Service | None:
    """The answer to `reverse:…`: OKAY or FAIL as the adb server has them, or the list alone."""
    what, _, rest = asked.partition(":")
    try:
        match what:
            case "list-forward":
                return Told(_counted(listeners.told()))
            case "killforward-all":
                listeners.clear()
                return Told("OKAY")
            case "killforward":
                listeners.remove(rest)
                return Told("OKAY")
            case "forward":
                return Told("OKAY" + _bound(rest, listeners))
    except ValueError as error:
        return Told("FAIL" + _counted(str(error)))
    return None


def _bound(rest: str, listeners: Listeners) -> str:
    places = rest.removeprefix("norebind:")
    local, sign, remote = places.partition(";")
    if not (sign and local and remote):
        raise ValueError(f"bad forward: forward:{rest}")
    port = listeners.add(local, remote, rebinds=places == rest)
    return "" if port is None else _counted(str(port))


def _counted(text: str) -> str:
    return f"{len(text.encode()):04x}{text}"


class Echo(Service):
    """Says again what it hears (RFC 862)."""

    def __init__(self) -> None:
        super().__init__()
        self._heard = bytearray()

    @property
    def is_full(self) -> bool:
        return len(self._heard) > HELD_MAX

    def feed(self, data: bytes, now_ms: int) -> None:
        self._heard += data

    def take(self, most: int) -> bytes:
        said = bytes(self._heard[:most])
        del self._heard[:most]
        return said


class Web(Service):
    """Answers one HTTP request with the device's serial, and closes."""

    def __init__(self, device: FakeDevice) -> None:
        super().__init__()
        self._device = device
        self._heard = b""
        self._asked = False

    def feed(self, data: bytes, now_ms: int) -> None:
        self._heard = (self._heard + data)[:_REQUEST_MAX]
        self._asked = self._asked or b"\r\n\r\n" in self._heard or len(self._heard) == _REQUEST_MAX

    def take(self, most: int) -> bytes:
        if not self._asked or self.done:
            return b""
        self.done = True
        body = f"{self._device.serial}\n".encode()
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + body
