"""The user data header (TP-UDH): what stands before the text of a PDU (3GPP TS 23.040 §9.2.3.24)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from harness.errors import MalformedPdu
from harness.frozen import frozen
from harness.sms.alphabet import Tables

__all__ = ["NO_HEADER", "Concat", "Element", "Header", "Ports", "read_header"]

_CONCAT_8_BIT = 0x00
_CONCAT_16_BIT = 0x08
_PORTS_8_BIT = 0x04
_PORTS_16_BIT = 0x05
_SINGLE_SHIFT = 0x24
_LOCKING_SHIFT = 0x25

Element = tuple[int, bytes]
"""An element of the header that has no name here: its identifier and its octets."""


@frozen
class Concat:
    """Which segment of a message this is. `sequence` counts from 1; `ref_bits` is the size of the reference."""

    concat_ref: int
    count: int
    sequence: int
    ref_bits: Literal[8, 16] = 8


@frozen
class Ports:
    """For which application of the recipient the message is (its `destination`), and of the sender it is from."""

    destination: int
    source: int
    bits: Literal[8, 16] = 16


@frozen
class Header:
    """A whole header. `others` are the elements without a field of their own, in their order."""

    concat: Concat | None = None
    ports: Ports | None = None
    tables: Tables = Tables()
    others: tuple[Element, ...] = ()

    def octets(self) -> bytes:
        """With the octet of its length; nothing without an element. Raises `ValueError` above 255 octets."""
        body = b"".join([bytes((identifier, len(value))) + value for identifier, value in self._elements()])
        return bytes((len(body),)) + body if body else b""

    def _elements(self) -> Iterator[Element]:
        # Android's order; larger numbers of segments lose their upper bits there.
        if self.concat:
            yield _concat_element(self.concat)
        if self.ports:
            size = self.ports.bits // 8
            numbers = self.ports.destination.to_bytes(size, "big") + self.ports.source.to_bytes(size, "big")
            yield (_PORTS_8_BIT if size == 1 else _PORTS_16_BIT), numbers
        if self.tables.single:
            yield _SINGLE_SHIFT, bytes((self.tables.single,))
        if self.tables.locking:
            yield _LOCKING_SHIFT, bytes((self.tables.locking,))
        yield from self.others


NO_HEADER = Header()


def _concat_element(concat: Concat) -> Element:
    place = bytes((concat.count & 0xFF, concat.sequence & 0xFF))
    if concat.ref_bits == 8:
        return _CONCAT_8_BIT, bytes((concat.concat_ref & 0xFF,)) + place
    return _CONCAT_16_BIT, (concat.concat_ref & 0xFFFF).to_bytes(2, "big") + place


def read_header(octets: bytes) -> Header:
    """The header in `octets`, which begin with its length. Of a repeated element the last one counts, as on Android.

    A concatenation that numbers a segment outside the message is ignored (§9.2.3.24.1). Raises `MalformedPdu`.
    """
    concat: Concat | None = None
    ports: Ports | None = None
    locking = single = 0
    others: list[Element] = []
    for identifier, value in _split(octets):
        match identifier, list(value):
            case 0x00, [ref, count, sequence]:
                concat = Concat(ref, count, sequence)
            case 0x08, [high, low, count, sequence]:
                concat = Concat(high << 8 | low, count, sequence, 16)
            case 0x04, [destination, source]:
                ports = Ports(destination, source, 8)
            case 0x05, [high, low, source_high, source_low]:
                ports = Ports(high << 8 | low, source_high << 8 | source_low)
            case 0x24, [language]:
                single = language
            case 0x25, [language]:
                locking = language
            case _:
                others.append((identifier, value))
    if concat and not 0 < concat.sequence <= concat.count:
        concat = None
    return Header(concat, ports, Tables(locking, single), tuple(others))


def _split(octets: bytes) -> Iterator[Element]:
    rest = octets[1:]
    while rest:
        if len(rest) < 2 or len(rest) < 2 + rest[1]:
            raise MalformedPdu(f"TP-UDH {octets.hex()} breaks off")
        end = 2 + rest[1]
        yield rest[0], rest[2:end]
        rest = rest[end:]
