"""The packets of adb: a header of six little-endian words, and a payload (phone-behaviour §9.5)."""

from __future__ import annotations

import struct
from enum import Enum, IntEnum, auto

from harness.adb.cutting import Reader
from harness.errors import MalformedAdb
from harness.frozen import frozen

__all__ = [
    "HEADER_BYTES",
    "MAX_PAYLOAD",
    "MAX_PAYLOAD_FIRST",
    "VERSION",
    "VERSION_WITH_CHECKSUMS",
    "Checksums",
    "Command",
    "Packet",
    "PacketReader",
    "encode",
    "head",
]

_HEADER = struct.Struct("<6I")
HEADER_BYTES = _HEADER.size
MAX_PAYLOAD = 1024 * 1024
# What every peer takes, before its CNXN has said how much it takes (AOSP protocol.txt, CONNECT).
MAX_PAYLOAD_FIRST = 4096
# From this version on a packet's checksum is 0 and nobody looks at it; both sides have to say so.
VERSION = 0x01000001
VERSION_WITH_CHECKSUMS = 0x01000000
_WORD = 0xFFFFFFFF


def _word(name: bytes) -> int:
    return int.from_bytes(name, "little")


class Command(IntEnum):
    """What a packet is; its number is its name's four letters."""

    SYNC = _word(b"SYNC")
    CNXN = _word(b"CNXN")
    OPEN = _word(b"OPEN")
    OKAY = _word(b"OKAY")
    CLSE = _word(b"CLSE")
    WRTE = _word(b"WRTE")
    AUTH = _word(b"AUTH")
    STLS = _word(b"STLS")


_COMMANDS = {int(command): command for command in Command}


@frozen
class Packet:
    """What `arg0` and `arg1` mean depends on the command: AOSP protocol.txt."""

    command: Command
    arg0: int
    arg1: int
    payload: bytes = b""


class Checksums(Enum):
    """How a reader looks at checksums.

    `HELD`: each has to be right. `SPARED`: nobody looks. `OPEN`: it is not yet settled which of the two: as adbd leaves
    them out before the host has its version, 0 will do, save in the CNXN of a peer whose version has checksums.
    """

    HELD = auto()
    OPEN = auto()
    SPARED = auto()


def _sum(payload: bytes) -> int:
    """The sum of the octets; the header calls it a CRC."""
    return sum(payload) & _WORD


def encode(packet: Packet, *, checksum: bool = True) -> bytes:
    """The packet's octets. `checksum=False` writes 0 in its place."""
    return head(packet, checksum=checksum) + packet.payload


def head(packet: Packet, *, checksum: bool = True) -> bytes:
    """The octets before the payload."""
    command, payload = int(packet.command), packet.payload
    total = _sum(payload) if checksum else 0
    return _HEADER.pack(command, packet.arg0, packet.arg1, len(payload), total, command ^ _WORD)


class PacketReader(Reader[Packet]):
    """Cuts packets off a stream; refuses at the header what is none, or has a payload above `max_payload`.

    `checksums` may be changed between two packets.
    """

    def __init__(self, max_payload: int = MAX_PAYLOAD, checksums: Checksums = Checksums.HELD) -> None:
        super().__init__()
        self.checksums = checksums
        self._max_payload = max_payload
        self._head: tuple[Command, int, int, int, int] | None = None  # command, arg0, arg1, length, checksum

    def _cut(self) -> Packet | None:
        if self._head is None:
            self._head = self._take_head()
        if self._head is None:
            return None
        command, arg0, arg1, length, total = self._head
        if len(self._buffer) < length:
            return None
        packet = Packet(command, arg0, arg1, self._take(length))
        self._head = None
        if not self._is_summed(packet, total):
            raise MalformedAdb(f"{command.name}: the checksum says {total}, the payload {_sum(packet.payload)}")
        return packet

    def _take_head(self) -> tuple[Command, int, int, int, int] | None:
        if len(self._buffer) < HEADER_BYTES:
            return None
        number, arg0, arg1, length, total, magic = _HEADER.unpack(self._take(HEADER_BYTES))
        if magic != number ^ _WORD:
            raise MalformedAdb(f"no packet of adb: its magic is {magic:#010x}, not {number ^ _WORD:#010x}")
        command = _COMMANDS.get(number)
        if command is None:
            raise MalformedAdb(f"unknown command {number:#010x} ({number.to_bytes(4, 'little')!r})")
        if length > self._max_payload:
            raise MalformedAdb(f"{command.name}: a payload of {length} bytes, above the {self._max_payload} agreed on")
        return command, arg0, arg1, length, total

    def _is_summed(self, packet: Packet, total: int) -> bool:
        if self.checksums is Checksums.SPARED:
            return True
        held = self.checksums is Checksums.HELD or (packet.command is Command.CNXN and packet.arg0 < VERSION)
        return (total == 0 and not held) or total == _sum(packet.payload)

    def ended(self) -> str | None:
        if self.fault is None and self._head is not None:
            return f"the stream ended amid {self._amid()}"
        return super().ended()

    def _amid(self) -> str:
        if self._head is None:
            return f"a packet's header ({len(self._buffer)} of {HEADER_BYTES} bytes came)"
        command, length = self._head[0], self._head[3]
        return f"the payload of {command.name} ({len(self._buffer)} of {length} bytes came)"
