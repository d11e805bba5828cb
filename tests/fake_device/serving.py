"""The one way in which these tests talk to a service: as a host that writes, and reads all that is said."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from harness.adb.shell import FrameReader, Id
from harness.fake_device import FakeDevice
from harness.fake_device.service_base import Service
from harness.fake_device.service_ports import Listeners
from harness.fake_device.services import service_of
from tests.fake_device.asking import AT_MS

MOST = 1000
ROUNDS_MAX = 10_000


def opened(name: str, device: FakeDevice | None = None, listeners: Listeners | None = None) -> Service:
    service = service_of(name, device or FakeDevice(), listeners or Listeners("host-1"), AT_MS)
    assert service is not None, f"{name} is refused"
    return service


def drawn(service: Service) -> bytes:
    """All that it says now, as if no time went by where it sleeps."""
    said: list[bytes] = []
    for _ in range(ROUNDS_MAX):
        service.pause_ms = 0
        piece = service.take(MOST)
        said.append(piece)
        if service.done or not (piece or service.pause_ms):
            return b"".join(said)
    raise AssertionError("it says more and more")


def said(service: Service, *pieces: bytes) -> bytes:
    """What it says to each piece that it is fed, and before the first."""
    heard = [drawn(service)]
    for piece in pieces:
        service.feed(piece, AT_MS)
        heard.append(drawn(service))
    return b"".join(heard)


def frames(octets: bytes) -> tuple[bytes, bytes, int | None]:
    """Output, complaints and exit status in what `shell,v2` said."""
    found: dict[Id, bytes] = {}
    for kind, payload in FrameReader().feed(octets):
        found[kind] = found.get(kind, b"") + payload
    code = found.get(Id.EXIT)
    return found.get(Id.STDOUT, b""), found.get(Id.STDERR, b""), None if code is None else code[0]


def split(octets: bytes, at: Iterable[int]) -> list[bytes]:
    """The octets in pieces that end at these places."""
    places = [0, *sorted(place % (len(octets) + 1) for place in at), len(octets)]
    return [octets[start:end] for start, end in pairwise(places) if start < end]
