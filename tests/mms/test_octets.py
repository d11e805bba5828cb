"""WSP values are read as the library reads them, and what is not there does not stop it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import MalformedPdu
from harness.mms.octets import ROOM, Octets, int32


@pytest.mark.parametrize(
    ("octets", "read", "value", "left"),
    [
        # Beyond the end
        (b"", Octets.read, -1, 0),
        (b"", Octets.octet, 255, 0),
        (b"", Octets.short_integer, 127, 0),
        (b"", Octets.uintvar, -1, 0),
        (b"\x81\x82", Octets.uintvar, -1, 0),
        (b"\x02\x01", Octets.long_integer, 0x1FF, 0),
        (b"", Octets.text, None, 0),
        # Numbers
        (b"\x81\x00x", Octets.uintvar, 128, 1),
        (b"\x88\x80\x80\x80\x00", Octets.uintvar, -(2**31), 0),
        (b"\x90\x80\x80\x80\x01", Octets.uintvar, 1, 0),
        (b"\x1e\x05", Octets.value_length, 30, 1),
        (b"\x1f\x81\x00", Octets.value_length, 128, 0),
        (b"\xea", Octets.integer, 106, 0),
        (b"\x02\x03\xe8", Octets.integer, 1000, 0),
        (b"\x08" + b"\xff" * 8, Octets.integer, -1, 0),
        (b"\x04" + b"\xff" * 4, Octets.integer, 2**32 - 1, 0),
        # Texts
        (b"x\0y", Octets.text, b"x", 1),
        (b"x", Octets.text, b"x", 0),
        (b"\0", Octets.text, None, 0),
        (b"\x7f\x80x\0", Octets.text, b"\x80x", 0),
        (b"\x7f\x7f\0", Octets.text, None, 0),
        (b"a\x01\tb\r\n\x7f\x80\0", Octets.text, b"a\tb\r\n\x80", 0),
        (b'"<x>\0', Octets.text, b'"<x>', 0),
        (b'"<x>\0', Octets.quoted_text, b"<x>", 0),
        (b"<x>\0", Octets.quoted_text, b"<x>", 0),
        # With a charset: seven bits of it
        (b"x\0", Octets.encoded_text, (b"x", 106), 0),
        (b"\0x", Octets.encoded_text, (b"", 106), 1),
        (b"\x03\x84x\0", Octets.encoded_text, (b"x", 4), 0),
        (b"\x03\x80x\0", Octets.encoded_text, (b"x", 106), 0),
        (b"\x05\x02\x03\xe8x\0", Octets.encoded_text, (b"\xe8x", 2), 0),
        (b"\x02\xea\0", Octets.encoded_text, None, 0),
        # Addresses
        (b"+1/TYPE=PLMN\0", Octets.address, "+1", 0),
        (b"a/b/c\0", Octets.address, "a", 0),
        (b"/TYPE=PLMN\0", Octets.address, "/TYPE=PLMN", 0),
        (b"\x05\x84\x7f\xe9x\0", Octets.address, "ï¿½x", 0),  # Latin-1, taken for UTF-8 first
        (b"\x03\x82x\xc3\xa9\0", Octets.address, "xÃ©", 0),  # no such charset
        (b"\0", Octets.address, "", 0),
        (b"", Octets.address, None, 0),
    ],
)
def test_a_value_is_read(octets: bytes, read: Callable[[Octets], object], value: object, left: int) -> None:
    place = Octets(octets)
    assert (read(place), place.left) == (value, left)


@pytest.mark.parametrize(
    ("octets", "read"),
    [
        (b"\x20", Octets.value_length),
        (b"", Octets.value_length),
        (b"\x09", Octets.long_integer),
        (b"", Octets.long_integer),
        (b"\x20", Octets.integer),
    ],
)
def test_what_ends_the_library_is_malformed(octets: bytes, read: Callable[[Octets], object]) -> None:
    with pytest.raises(MalformedPdu):
        read(Octets(octets))


@pytest.mark.parametrize(
    ("octets", "count", "enough"), [(b"ab", 2, True), (b"ab", 0, True), (b"ab", 3, False), (b"", 0, False)]
)
def test_not_even_nothing_can_be_skipped_at_the_end(octets: bytes, count: int, enough: bool) -> None:
    assert Octets(octets).skip(count) is enough


def test_nobody_skips_more_than_a_phone_has_room_for() -> None:
    with pytest.raises(MalformedPdu):
        Octets(b"").skip(ROOM + 1)


def test_data_that_is_cut_off_is_filled_up_with_zeros() -> None:
    place = Octets(b"abc")
    assert (place.take(2), place.take(3), place.left) == (b"ab", b"c\0\0", 0)


@given(st.integers(-(2**70), 2**70))
def test_an_int_has_32_bits(value: int) -> None:
    assert -(2**31) <= int32(value) < 2**31
    assert (int32(value) - value) % 2**32 == 0
