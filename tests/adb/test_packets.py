from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.adb.packets import HEADER_BYTES, MAX_PAYLOAD, Checksums, Command, Packet, PacketReader, encode
from harness.errors import MalformedAdb

WORDS = st.integers(0, 0xFFFFFFFF)
PACKETS = st.builds(Packet, st.sampled_from(Command), WORDS, WORDS, st.binary(max_size=200))

# As `adb` sends it: CNXN of version 0x01000000 with 4096 bytes at most, "host::\0".
CNXN = bytes.fromhex("434e584e 00000001 00100000 07000000 32020000 bcb1a7b1") + b"host::\0"


def header(number: int = Command.WRTE, length: int = 0, total: int = 0, magic: int | None = None) -> bytes:
    return struct.pack("<6I", number, 1, 2, length, total, number ^ 0xFFFFFFFF if magic is None else magic)


MALFORMED = {
    "magic": (header(magic=0), "no packet of adb: its magic is 0x00000000"),
    "command": (header(0x44434241), r"unknown command 0x44434241 \(b'ABCD'\)"),
    "http": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "no packet of adb"),
    "tls": (bytes.fromhex("1603010200010001fc0303") + bytes(30), "no packet of adb"),
    "zeros": (bytes(24), "no packet of adb"),
    "length": (header(length=MAX_PAYLOAD + 1), "WRTE: a payload of 1048577 bytes, above the 1048576"),
    "endless": (header(length=0xFFFFFFFF), "WRTE: a payload of 4294967295 bytes"),
    "checksum": (header(length=1, total=2) + b"\1", "WRTE: the checksum says 2, the payload 1"),
    "no checksum": (header(length=1) + b"\1", "WRTE: the checksum says 0, the payload 1"),
}


def feed(reader: PacketReader, octets: bytes, size: int) -> list[Packet]:
    return [packet for at in range(0, len(octets), size) for packet in reader.feed(octets[at : at + size])]


def test_a_packet_has_the_octets_of_the_protocol() -> None:
    packet = Packet(Command.CNXN, 0x01000000, 4096, b"host::\0")
    assert encode(packet) == CNXN
    assert encode(packet, checksum=False) == CNXN[:16] + bytes(4) + CNXN[20:]


@given(st.lists(PACKETS, max_size=6), st.integers(1, 60))
def test_any_split_of_the_stream_gives_the_same_packets(sent: list[Packet], size: int) -> None:
    octets = b"".join(map(encode, sent))
    reader = PacketReader()
    assert feed(reader, octets, size) == sent
    assert reader.ended() is None


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize(("octets", "says"), MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_packet_is_refused_for_good(octets: bytes, says: str, size: int) -> None:
    reader = PacketReader()
    with pytest.raises(MalformedAdb, match=says):
        feed(reader, octets, size)
    with pytest.raises(MalformedAdb, match=says):
        reader.feed(CNXN)
    assert reader.held == 0


def test_a_payload_that_is_too_long_is_refused_at_its_header() -> None:
    reader = PacketReader(max_payload=10)
    reader.feed(header(length=11)[:-1])
    with pytest.raises(MalformedAdb, match="above the 10 agreed on"):
        reader.feed(header(length=11)[-1:])


@pytest.mark.parametrize(
    ("checksums", "version", "total", "taken"),
    [
        (Checksums.SPARED, 0x01000000, 5, True),
        (Checksums.HELD, 0x01000001, 0, False),
        (Checksums.OPEN, 0x01000001, 0, True),
        (Checksums.OPEN, 0x01000001, 5, False),
        (Checksums.OPEN, 0x01000000, 0, False),
        (Checksums.OPEN, 0x01000000, 1, True),
    ],
)
def test_a_checksum_is_looked_at_as_the_versions_say(
    checksums: Checksums, version: int, total: int, taken: bool
) -> None:
    octets = struct.pack("<6I", Command.CNXN, version, 0, 1, total, Command.CNXN ^ 0xFFFFFFFF) + b"\1"
    reader = PacketReader(checksums=checksums)
    if taken:
        assert reader.feed(octets) == [Packet(Command.CNXN, version, 0, b"\1")]
    else:
        with pytest.raises(MalformedAdb, match="checksum"):
            reader.feed(octets)


@pytest.mark.parametrize(
    ("octets", "missing"),
    [
        (b"", None),
        (CNXN, None),
        (CNXN[:5], "the stream ended amid a packet's header (5 of 24 bytes came)"),
        (CNXN[:HEADER_BYTES], "the stream ended amid the payload of CNXN (0 of 7 bytes came)"),
        (CNXN[:-1], "the stream ended amid the payload of CNXN (6 of 7 bytes came)"),
    ],
)
def test_an_end_amid_a_packet_is_told(octets: bytes, missing: str | None) -> None:
    reader = PacketReader()
    reader.feed(octets)
    assert reader.ended() == missing


@given(st.binary(max_size=100))
def test_whatever_comes_is_packets_or_refused(octets: bytes) -> None:
    reader = PacketReader(max_payload=50)
    try:
        reader.feed(octets)
    except MalformedAdb:
        assert reader.held == 0
    assert reader.held <= HEADER_BYTES + 50
