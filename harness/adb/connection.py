"""One connection of adb, from either end: octets in, events and octets out.

Nothing here waits. Whoever owns a connection feeds it with `receive`, tells it what to do, and after both sends what
`take` gives:

    connection.start()
    while data := await read():
        for event in connection.receive(data): ...
        await write(connection.take())
        connection.check()

Facts: phone-behaviour §9.5; AOSP's protocol.txt, and adb.cpp where that leaves a choice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from harness.adb.banner import Banner, parse
from harness.adb.events import Event, Online
from harness.adb.handshake import DeviceHandshake, HostHandshake
from harness.adb.keys import PrivateKey, PublicKey
from harness.adb.packets import (
    MAX_PAYLOAD,
    MAX_PAYLOAD_FIRST,
    VERSION,
    VERSION_WITH_CHECKSUMS,
    Checksums,
    Command,
    Packet,
    PacketReader,
    head,
)
from harness.adb.streams import Streams
from harness.errors import MalformedAdb

__all__ = ["AdbConnection"]


class AdbConnection:
    """A host or a device; make one with `host` or `device`.

    What is told to a stream that is gone is passed over: its end may have arrived at the same time.
    """

    def __init__(self, banner: Banner, version: int, max_data: int) -> None:
        self.peer: Banner | None = None  # what the peer says of itself, once it is online
        self._banner = banner
        self._version = version
        self._max_data = max_data
        self._reader = PacketReader(max(max_data, MAX_PAYLOAD_FIRST), Checksums.OPEN)
        self._agreed = VERSION_WITH_CHECKSUMS
        self._greeted: Banner | None = None
        self._fault: MalformedAdb | None = None
        self._out: list[bytes] = []
        self._over = False
        self._streams = Streams(self._send)
        self._handshake: HostHandshake | DeviceHandshake

    @classmethod
    def host(
        cls,
        keys: Sequence[PrivateKey],
        user: str,
        features: Collection[str],
        *,
        version: int = VERSION,
        max_data: int = MAX_PAYLOAD,
    ) -> AdbConnection:
        """The side that connects. `user` is the comment of the key that may have to be offered: user@host."""
        made = cls(Banner("host", {}, frozenset(features)), version, max_data)
        made._handshake = HostHandshake(keys, user, made._send)
        return made

    @classmethod
    def device(
        cls,
        banner: Banner,
        *,
        trusted: Sequence[PublicKey] | None,
        tokens: Callable[[], bytes],
        version: int = VERSION,
        max_data: int = MAX_PAYLOAD,
    ) -> AdbConnection:
        """The side that is connected to. `trusted` None: without authentication. `tokens` gives 20 random bytes."""
        made = cls(banner, version, max_data)
        made._handshake = DeviceHandshake(trusted, tokens, made._send)
        return made

    @property
    def is_online(self) -> bool:
        """Both have agreed: streams may be opened."""
        return self.peer is not None

    @property
    def is_over(self) -> bool:
        """Nothing is read or sent any more: the transport is to be closed."""
        return self._over

    @property
    def max_data(self) -> int:
        """How many bytes of payload the peer takes; 0 before it has said so."""
        return self._streams.max_data

    @property
    def fault(self) -> MalformedAdb | None:
        """What is wrong with the octets that came after the last events."""
        return self._fault

    def check(self) -> None:
        """Raises the fault, if there is one: `receive` returns the events that came before it first."""
        if self._fault is not None:
            raise self._fault.with_traceback(None)

    # -- octets --------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """A host greets; a device waits for that."""
        if isinstance(self._handshake, HostHandshake):
            self._greet()

    def receive(self, data: bytes) -> list[Event]:
        """What `data` tells: the same events, in whatever pieces it comes.

        Raises MalformedAdb for what is no adb, at this and each later call, unless events came before it: then these
        are returned, and `check` and the next call raise it.
        """
        self.check()
        events: list[Event] = []
        if self._over:
            return events
        self._reader.add(data)
        try:
            while (packet := self._reader.next()) is not None:
                events += self._received(packet)
        except MalformedAdb as fault:
            self._fault = fault
            if not events:
                raise
        return events

    def ended(self) -> str | None:
        """The peer has closed the transport: what is missing of its last packet, in words, or None."""
        return self._reader.ended()

    def take(self) -> bytes:
        """What has to be sent now, once."""
        out, self._out = self._out, []
        return b"".join(out)

    # -- streams -------------------------------------------------------------------------------------------------------

    def open(self, service: str) -> int:
        """Asks the peer for a service; `Opened` or `Refused` tells how it went. What is written meanwhile waits.

        Raises ValueError before `Online`, UsageError if the name does not fit into a packet.
        """
        if not self.is_online:
            raise ValueError("no stream can be opened before the peer is online")
        return self._streams.open(service)

    def accept(self, stream: int) -> None:
        """Answers `OpenAsked`: the peer may write."""
        self._streams.accept(stream)

    def refuse(self, stream: int) -> None:
        """Answers `OpenAsked`: there is no such service."""
        self._streams.refuse(stream)

    def write(self, stream: int, data: bytes) -> None:
        """Queues `data`; `Sent` tells that all of it was acknowledged. Raises ValueError after `close`."""
        self._streams.write(stream, data)

    def unsent(self, stream: int) -> int:
        """How many bytes were written and are not acknowledged yet."""
        return self._streams.unsent(stream)

    def consumed(self, stream: int) -> None:
        """What last `Arrived` has been passed on: the peer may send more.

        An answer goes out after this, as from adbd: clients that wait for this one alone (adb-shell) lose it otherwise.
        """
        self._streams.consumed(stream)

    def close(self, stream: int) -> None:
        """Ends the stream after what was written. `Closed` comes with the peer's answer."""
        self._streams.close(stream)

    def abort(self, stream: int) -> None:
        """Ends the stream at once; what waits to be sent is dropped."""
        self._streams.abort(stream)

    # -- the device's user ---------------------------------------------------------------------------------------------

    def allow(self, key: PublicKey) -> list[Event]:
        """Device: its user trusts `key` from now on. `Online` if the host that waits has offered it."""
        device = self._device()
        waited = device.offered == key
        device.allow(key)
        return self._granted() if waited else []

    def deny(self) -> None:
        """Device: its user does not trust the key that was offered. The host is told nothing, as by a real one."""
        self._device().offered = None

    def withdraw(self) -> list[Event]:
        """Device: trusts nobody any more. All streams close, and the transport is to be closed: `is_over`."""
        device = self._device()
        device.trusted, device.offered = [], None
        self.peer, self._over = None, True
        return self._streams.clear()

    def _device(self) -> DeviceHandshake:
        if not isinstance(self._handshake, DeviceHandshake):
            raise TypeError("a host has no user who allows keys")
        return self._handshake

    # -- packets -------------------------------------------------------------------------------------------------------

    def _received(self, packet: Packet) -> list[Event]:
        match packet.command:
            case Command.CNXN:
                return self._connected(packet)
            case Command.AUTH | Command.STLS:
                return self._asked(packet)
            case Command.SYNC:
                return []  # of no use between two machines
            case _:
                # Before both are online there are no streams: such packets are ignored (protocol.txt).
                return self._streams.receive(packet) if self.is_online else []

    def _connected(self, packet: Packet) -> list[Event]:
        if packet.arg0 < VERSION_WITH_CHECKSUMS:
            raise MalformedAdb(f"CNXN: version {packet.arg0:#010x} is not known")
        if packet.arg1 == 0:
            raise MalformedAdb("CNXN: the peer takes no payload at all")
        events = self._streams.clear()  # a peer that greets again has started anew
        self.peer = None
        self._greeted = parse(packet.payload)
        self._agreed = min(packet.arg0, self._version)
        self._reader.checksums = Checksums.HELD if self._agreed < VERSION else Checksums.SPARED
        self._streams.max_data = min(packet.arg1, self._max_data)
        self._handshake.begin()
        if isinstance(self._handshake, HostHandshake):  # a device that answers has agreed
            return events + self._online()
        return events + (self._granted() if self._handshake.granted else [])

    def _asked(self, packet: Packet) -> list[Event]:
        if self.is_online:
            raise MalformedAdb(f"{packet.command.name}: both sides have agreed already")
        events = self._handshake.receive(packet)
        if isinstance(self._handshake, DeviceHandshake) and self._handshake.granted:
            return events + self._granted()
        return events

    def _granted(self) -> list[Event]:
        self._greet()
        return self._online()

    def _online(self) -> list[Event]:
        assert self._greeted is not None, "nobody is online who has not greeted"
        self.peer = self._greeted
        return [Online(self.peer)]

    def _greet(self) -> None:
        payload = str(self._banner).encode()
        self._send(Packet(Command.CNXN, self._version, self._max_data, payload))

    def _send(self, packet: Packet) -> None:
        # Until both are online everybody gets checksums: who needs none does not look.
        self._out.append(head(packet, checksum=not self.is_online or self._agreed < VERSION))
        self._out.append(packet.payload)
