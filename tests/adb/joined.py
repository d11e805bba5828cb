"""A host and a device back to back: what one sends the other gets, in whatever pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import count

from cryptography.hazmat.primitives.asymmetric import rsa

from harness.adb.banner import Banner
from harness.adb.connection import AdbConnection
from harness.adb.events import Arrived, Event, KeyOffered, OpenAsked
from harness.adb.keys import PrivateKey, PublicKey
from harness.adb.packets import MAX_PAYLOAD, VERSION, Checksums, Command, Packet, PacketReader, encode

PHONE = Banner("device", {"ro.product.name": "phone", "ro.product.model": "A phone"}, frozenset({"shell_v2", "cmd"}))
Cut = Callable[[bytes], Iterator[bytes]]


@cache
def key(number: int) -> PrivateKey:
    """Always the same one in this run: to make a key takes its time."""
    return PrivateKey(rsa.generate_private_key(public_exponent=65537, key_size=2048))


def tokens() -> Callable[[], bytes]:
    numbers = count(1)
    return lambda: next(numbers).to_bytes(20, "big")


def whole(octets: bytes) -> Iterator[bytes]:
    yield octets


def one_by_one(octets: bytes) -> Iterator[bytes]:
    return (octets[at : at + 1] for at in range(len(octets)))


def host(
    keys: Sequence[PrivateKey] = (), *, version: int = VERSION, max_data: int = MAX_PAYLOAD, started: bool = True
) -> AdbConnection:
    made = AdbConnection.host(keys, "me@here", {"shell_v2"}, version=version, max_data=max_data)
    if started:
        made.start()
    return made


def device(
    trusted: Sequence[PublicKey] | None = None, *, version: int = VERSION, max_data: int = MAX_PAYLOAD
) -> AdbConnection:
    return AdbConnection.device(PHONE, trusted=trusted, tokens=tokens(), version=version, max_data=max_data)


class End:
    """One of the two: its connection, what it was told, and what arrived on each stream.

    It accepts every stream and consumes what arrives, unless `patient` is taken from it.
    """

    def __init__(self, connection: AdbConnection) -> None:
        self.connection = connection
        self.events: list[Event] = []
        self.packets: list[Packet] = []  # that it sent
        self.arrived: dict[int, bytearray] = {}
        self.services: dict[str, int] = {}
        self.accepts = self.consumes = True
        self._sent = PacketReader(checksums=Checksums.SPARED)

    def hear(self, octets: bytes) -> None:
        for event in self.connection.receive(octets):
            self.events.append(event)
            match event:
                case OpenAsked(stream, service) if self.accepts:
                    self.services[service] = stream
                    self.connection.accept(stream)
                case Arrived(stream, data):
                    self.arrived.setdefault(stream, bytearray()).extend(data)
                    if self.consumes:
                        self.connection.consumed(stream)
        self.connection.check()

    def say(self) -> bytes:
        octets = self.connection.take()
        self.packets += self._sent.feed(octets)
        return octets

    def told(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def sent(self, command: Command) -> list[Packet]:
        return [packet for packet in self.packets if packet.command is command]


class Joined:
    def __init__(self, host: AdbConnection, device: AdbConnection, cut: Cut = whole) -> None:
        self.host = End(host)
        self.device = End(device)
        self._cut = cut
        self.settle()

    def settle(self, rounds_max: int = 100_000) -> None:
        """Carries octets over and back until neither has any left."""
        for _ in range(rounds_max):
            if not (self._carry(self.host, self.device) | self._carry(self.device, self.host)):
                return
        raise AssertionError(f"they still talk after {rounds_max} rounds")

    def _carry(self, sender: End, taker: End) -> bool:
        octets = sender.say()
        for piece in self._cut(octets):
            taker.hear(piece)
        return bool(octets)

    def allow(self) -> None:
        offered = self.device.told(KeyOffered)[-1]
        assert isinstance(offered, KeyOffered)
        self.device.events += self.device.connection.allow(offered.public_key)
        self.settle()


def online_device(*, max_data: int = MAX_PAYLOAD, version: int = VERSION) -> AdbConnection:
    """A device that a host of ours has greeted; it has said what it had to."""
    made = device(max_data=max_data, version=version)
    made.receive(encode(Packet(Command.CNXN, VERSION, MAX_PAYLOAD, b"host::")))
    made.take()
    return made


def packets(octets: bytes) -> list[Packet]:
    return PacketReader(checksums=Checksums.SPARED).feed(octets)
