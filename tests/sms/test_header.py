"""The user data header, written and read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import MalformedPdu
from harness.sms.alphabet import Tables
from harness.sms.header import NO_HEADER, Concat, Header, Ports, read_header

NAMED = {0x00, 0x04, 0x05, 0x08, 0x24, 0x25}
OCTET = st.integers(0, 255)
CONCATS = st.integers(1, 255).flatmap(
    lambda count: (
        st.builds(Concat, OCTET, st.just(count), st.integers(1, count))
        | st.builds(Concat, st.integers(0, 0xFFFF), st.just(count), st.integers(1, count), st.just(16))
    )
)
PORTS = st.builds(Ports, OCTET, OCTET, st.just(8)) | st.builds(Ports, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
OTHERS = st.lists(st.tuples(OCTET.filter(lambda known: known not in NAMED), st.binary(max_size=6)), max_size=2)
HEADERS = st.builds(Header, st.none() | CONCATS, st.none() | PORTS, st.builds(Tables, OCTET, OCTET), OTHERS.map(tuple))


@pytest.mark.parametrize(
    ("octets", "header"),
    [
        ("050003070201", Header(Concat(7, 2, 1))),
        ("06080401070201", Header(Concat(0x107, 2, 1, 16))),
        ("0605040b8423f0", Header(ports=Ports(2948, 9200))),
        ("0404020910", Header(ports=Ports(9, 16, 8))),
        ("0b00030702010504" + "0b8423f0", Header(Concat(7, 2, 1), Ports(2948, 9200))),
        ("0800030702012401" + "01", Header(Concat(7, 2, 1), tables=Tables(0, 1))),
        ("06240106250106", Header(tables=Tables(6, 6))),
        ("04700201fa", Header(others=((0x70, b"\x01\xfa"),))),
    ],
)
def test_a_header_is_written_and_read(octets: str, header: Header) -> None:
    assert header.octets().hex() == octets
    assert read_header(bytes.fromhex(octets)) == header


def test_no_element_is_no_octet() -> None:
    assert NO_HEADER.octets() == b""
    assert read_header(b"\0") == NO_HEADER


@given(HEADERS)
def test_every_header_reads_back(header: Header) -> None:
    assert read_header(header.octets() or b"\0") == header


@pytest.mark.parametrize(
    ("octets", "header"),
    [
        ("050003070200", NO_HEADER),
        ("050003070203", NO_HEADER),
        ("050003070001", NO_HEADER),
        ("0a00030702010003090302", Header(Concat(9, 3, 2))),
        ("0400020702", Header(others=((0, b"\x07\x02"),))),
    ],
)
def test_odd_elements_are_read_as_on_android(octets: str, header: Header) -> None:
    assert read_header(bytes.fromhex(octets)) == header


def test_numbers_above_255_lose_their_upper_bits() -> None:
    assert Header(Concat(0x1FF, 257, 256)).octets().hex() == "050003ff0100"


@pytest.mark.parametrize("octets", ["0100", "0400030702", "02000301"])
def test_a_header_that_breaks_off_is_refused(octets: str) -> None:
    with pytest.raises(MalformedPdu, match="breaks off"):
        read_header(bytes.fromhex(octets))
