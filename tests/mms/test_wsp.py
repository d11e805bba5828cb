"""Numbers, texts and addresses in the octets that WSP and the app's library have for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.mms.octets import Octets
from harness.mms.wsp import (
    MEDIA_CODES,
    MEDIA_TYPES,
    charset_number,
    decoded,
    encoded_string,
    long_integer,
    quoted_string,
    short_integer,
    text_string,
    typed_address,
    uintvar,
    utf8,
    value_length,
)


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        (0, "00"),
        (126, "7e"),
        (127, "807f"),  # one octet more than needed, as the library has it
        (128, "8100"),
        (900, "8704"),  # recorded
        (16382, "ff7e"),
        (16383, "80ff7f"),
        (1572864, "e08000"),
        (2097151, "80ffff7f"),
        (2**28 - 1, "80ffffff7f"),
        (2**31 - 1, "87ffffff7f"),
    ],
)
def test_a_uintvar_takes_an_octet_more_where_all_bits_are_set(value: int, octets: str) -> None:
    assert uintvar(value).hex() == octets


@given(st.integers(0, 2**31 - 1))
def test_a_uintvar_reads_back(value: int) -> None:
    assert Octets(uintvar(value)).uintvar() == value


@pytest.mark.parametrize(("length", "octets"), [(0, "00"), (30, "1e"), (31, "1f1f"), (61, "1f3d"), (127, "1f807f")])
def test_a_length_from_31_on_is_quoted(length: int, octets: str) -> None:
    assert value_length(length).hex() == octets


@pytest.mark.parametrize(
    ("octets", "written"),
    [
        (short_integer(106), b"\xea"),
        (long_integer(0), b"\x00"),
        (long_integer(4096), b"\x02\x10\x00"),
        (text_string(b"x"), b"x\0"),
        (text_string(b"\x7fx"), b"\x7fx\0"),
        (text_string(b"\x80x"), b"\x7f\x80x\0"),
        (quoted_string(b"<x>"), b'"<x>\0'),
        (encoded_string(b"x"), b"\x03\xeax\0"),
        (encoded_string(bytes([0xC3, 0xA9])), b"\x05\xea\x7f\xc3\xa9\0"),
        (utf8("é\ud800"), b"\xc3\xa9?"),
    ],
)
def test_values_are_written_as_wsp_has_them(octets: bytes, written: bytes) -> None:
    assert octets == written


def test_an_empty_text_has_no_octets() -> None:
    with pytest.raises(ValueError, match="octet"):
        text_string(b"")


@pytest.mark.parametrize(
    ("address", "typed"),
    [
        ("+18005550100", "+18005550100/TYPE=PLMN"),
        ("12345", "12345/TYPE=PLMN"),
        ("1-800|5.5", "1-800|5.5/TYPE=PLMN"),  # what the library takes for a number
        ("++1", "++1"),
        ("+1 800", "+1 800"),
        ("1.2.3.4", "1.2.3.4/TYPE=IPV4"),
        ("1.2.3.4.5", "1.2.3.4.5/TYPE=PLMN"),
        ("abcd:0:0", "abcd:0:0"),
        ("abcd:0123:4567:89ab:cdef:0123:4567:89ab", "abcd:0123:4567:89ab:cdef:0123:4567:89ab/TYPE=IPV6"),
        ("a@b.example", "a@b.example"),
        ("+1\n", "+1\n"),
        ("١٢٣", "١٢٣"),
        ("Bank", "Bank"),
    ],
)
def test_an_address_bears_its_type(address: str, typed: str) -> None:
    assert typed_address(address) == typed


@pytest.mark.parametrize(
    ("code", "name"),
    [
        *(
            (0x00, "*/*"),
            (0x03, "text/plain"),
            (0x0E, "multipart/byterantes"),
            (0x1E, "image/jpeg"),
            (0x20, "image/png"),
        ),
        *((0x23, "application/vnd.wap.multipart.mixed"), (0x26, "application/vnd.wap.multipart.alternative")),
        *((0x33, "application/vnd.wap.multipart.related"), (0x3E, "application/vnd.wap.mms-message")),
        *((0x4B, "application/vnd.oma.drm.rights+wbxml"), (0x4F, "audio/*"), (0x52, "application/mikey")),
    ],
)
def test_media_types_have_their_codes(code: int, name: str) -> None:
    assert (MEDIA_TYPES[code], MEDIA_CODES[name]) == (name, code)


def test_no_media_type_has_two_codes() -> None:
    assert len(MEDIA_TYPES) == len(MEDIA_CODES) == 0x53


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("é".encode(), 106, "é"),
        (b"a\xff", 106, "a\ufffd"),
        (b"a\xe9", 3, "a\ufffd"),
        (b"a\xe9", 4, "aé"),
        (b"\xa4", 12, "¤"),
        (b"\xe1", 10, "α"),
        (b"\x82\xa0", 17, "あ"),
        (b"\xa4\xa4", 2026, "中"),
        (b"\x00a", 1000, "a"),
        (b"\xff\xfea\x00", 1000, "a"),
        (b"\xfe\xff\x00a", 1015, "a"),
        (b"\x00a\x00", 1015, "a\ufffd"),
        (b"a", 0, None),
        (b"a", 113, None),
    ],
)
def test_texts_are_read_in_the_charsets_that_the_library_knows(data: bytes, charset: int, text: str | None) -> None:
    assert decoded(data, charset) == text


@pytest.mark.parametrize(
    ("name", "number"), [("utf-8", 106), ("UTF-8", 0), ("us-ascii", 3), ("iso-8859-9", 12), ("shift_JIS", 17), ("*", 0)]
)
def test_a_charset_is_known_by_its_name_to_the_letter(name: str, number: int) -> None:
    assert charset_number(name) == number
