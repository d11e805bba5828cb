"""Headers are read as the library reads them: some refused, some ignored, some misread."""

from __future__ import annotations

import pytest

from harness.errors import MalformedPdu
from harness.mms.headers import CONTENT_TYPE, DATE, MESSAGE_CLASS, Headers, Parameters, media_type, read_headers
from harness.mms.octets import Octets

RELATED = b"application/vnd.wap.multipart.related"


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (b"", Headers()),
        (b"\x8c\x84\x8d\x92", Headers(octets={0x8C: 0x84, 0x8D: 0x12})),
        (b"\x85\x04\x6a\x61\x5d\x12", Headers(numbers={DATE: 0x6A615D12})),
        (b"\x98T1\0\x98\0", Headers(texts={0x98: b"T1"})),
        (b"\x8a\x80", Headers(texts={MESSAGE_CLASS: b"personal"})),
        (b"\x8aown\0", Headers(texts={MESSAGE_CLASS: b"own"})),
        (b"\x8a\x84", Headers()),
        (b"\x88\x05\x81\x03\x01\x51\x80", Headers(numbers={0x88: 86400})),
        (b"\x97a/b\0\x97\x04\xea+1\0\x82c\0", Headers(to=["a", "+1"])),
        # Senders: present, inserted by the network, empty, missing
        (b"\x89\x0e\x80+1/TYPE=PLMN\0", Headers(sender="+1")),
        (b"\x89\x01\x81", Headers(sender="insert-address-token")),
        (b"\x89\x02\x80\0", Headers(sender="")),
        (b"\x89\x04\x80+1\0\x89\x01\x80", Headers(sender="+1")),
        # A header in letters is skipped, but its value is not, unless it is in letters as well.
        (b"X-Own\0value\0\x98T\0", Headers(texts={0x98: b"T"})),
        (b"X-Own\0\x98T\0", Headers(texts={0x98: b"T"})),
        # An unknown header is one octet long.
        (b"\xc8\x98T\0", Headers(texts={0x98: b"T"})),
        (b"\x01\x98T\0", Headers(texts={0x98: b"T"})),
        # What has no place in a message is read over.
        (b"\x96s\0\x98T\0", Headers(texts={0x98: b"T"})),
        (b"\xa0\x04\x81+1\0\x98T\0", Headers(texts={0x98: b"T"})),
        (b"\xa1\x03\x81\x01\x05\x98T\0", Headers(texts={0x98: b"T"})),
        (b"\xa4\x03\x80f\0\x98T\0", Headers(texts={0x98: b"T"})),
        (b"\xaa\x02\x80\x81\x98T\0", Headers(texts={0x98: b"T"})),
        (b"\xb2\x01\x9d\x98T\0", Headers(texts={0x98: b"T"})),
        (b"\xad\x83", Headers(numbers={0xAD: 3})),
        # The content type is the last one.
        (b"\x84\xa3\x98T\0", Headers(texts={CONTENT_TYPE: b"application/vnd.wap.multipart.mixed"})),
        (b"\x84\x07\xb3\x8as\0\x89t\0", Headers(texts={CONTENT_TYPE: RELATED}, start=b"s", kind=b"t")),
        (b"\x84\0\x98T\0", Headers(texts={CONTENT_TYPE: b"*/*"})),
        (b"\x84\x7f\0", Headers()),
    ],
)
def test_headers_are_found(octets: bytes, found: Headers) -> None:
    assert read_headers(Octets(octets)) == found


@pytest.mark.parametrize(
    "octets",
    [
        b"\x8c\x89",  # M-Forward.req
        b"\x8c\x7f",
        b"\x86\x82",
        b"\x8f\x83",
        b"\x95\x88",
        b"\x85\x09",
        b"\x88\x20",
        b"\x89\x20",
        b"\x84\xd3",  # no such media type
    ],
)
def test_these_end_the_reading(octets: bytes) -> None:
    with pytest.raises(MalformedPdu):
        read_headers(Octets(octets))


@pytest.mark.parametrize("octets", [b"\x92\x00", b"\x99\xff", b"\xa5\x10", b"\x8d\xff"])
def test_statuses_and_versions_are_never_refused(octets: bytes) -> None:
    assert octets[0] in read_headers(Octets(octets)).octets


@pytest.mark.parametrize(
    ("octets", "kind", "parameters", "left"),
    [
        (b"\x9dx", b"image/gif", Parameters(), 1),
        (b"a/b\0x", b"a/b", Parameters(), 1),
        (b"\x01\x9dx", b"image/gif", Parameters(), 1),
        (b"\x0atext/css\0x", b"text/css", Parameters(), 0),  # one octet too long: a parameter that there is not
        (b"\x06\x83\x85n\0\x81\xea", b"text/plain", Parameters(name=b"n", charset=106), 0),
        (b"\x06\x83\x97n\0\x81\xea", b"text/plain", Parameters(name=b"n", charset=106), 0),
        (b"\x08\x83\x81utf-8\0", b"text/plain", Parameters(charset=106), 0),
        (b"\x08\x83\x81UTF-8\0", b"text/plain", Parameters(charset=0), 0),
        (b"\x05\x83\x81\x02\x03\xe8", b"text/plain", Parameters(charset=1000), 0),
        (b"\x06\xb3\x83\x83\x99s\0", RELATED, Parameters(kind=b"text/plain", start=b"s"), 0),
        (b"\x03\xb3\x83\xff", RELATED, Parameters(), 0),
        # Behind an unknown one, nothing counts.
        (b"\x06\x83\x8cc\0\x81\xea", b"text/plain", Parameters(), 0),
        # A code that is none is a text.
        (b"\x03\xffx\0", b"\xffx", Parameters(), 0),
        # Corrupt
        (b"\x02\x01x", b"*/*", Parameters(), 2),
        (b"\x01a/b\0", b"*/*", Parameters(), 0),
        (b"\x03", None, Parameters(), 0),
    ],
)
def test_a_media_type_is_read_with_its_parameters(
    octets: bytes, kind: bytes | None, parameters: Parameters, left: int
) -> None:
    place, found = Octets(octets), Parameters()
    assert (media_type(place, found), found, place.left) == (kind, parameters, left)


@pytest.mark.parametrize(
    "octets", [b"\x03\x83\x81\0", b"\x05\x83\x85n\0\x81", b"\x03\x83\x81\x20", b"\x03\x83\x81\x7f"]
)
def test_a_charset_needs_a_name_or_a_number(octets: bytes) -> None:
    with pytest.raises(MalformedPdu):
        media_type(Octets(octets), Parameters())
