"""Parts are read as the library reads them: which one is the first, what a nameless one is called, what is refused."""

from __future__ import annotations

import pytest

from harness.errors import MalformedPdu
from harness.mms.headers import Headers
from harness.mms.octets import ROOM, Octets
from harness.mms.parts import ReadPart, read_parts
from harness.mms.wsp import uintvar

NOW_MS = 1795391730965
CLOCK = "32100553732425"  # recorded
GIF = "image/gif"
ALTERNATIVE = b"\xa6"


def _part(headers: bytes, data: bytes = b"D") -> bytes:
    return uintvar(len(headers)) + uintvar(len(data)) + headers + data


def _body(*parts: bytes) -> bytes:
    return uintvar(len(parts)) + b"".join(parts)


def _read(octets: bytes, headers: Headers | None = None, now_ms: int | None = NOW_MS) -> list[ReadPart]:
    return list(read_parts(Octets(octets), headers or Headers(), now_ms))


def _gif(
    name: str | None = None, location: str | None = None, content_id: str | None = None, data: bytes | None = b"D"
) -> ReadPart:
    return ReadPart(GIF, name, location, content_id, 0, data)


@pytest.mark.parametrize(
    ("headers", "part"),
    [
        (b"\x9d", _gif(location=CLOCK)),
        (b"\x01\x9d", _gif(location=CLOCK)),
        (b"\x04\x9d\x85n\0", _gif("n")),
        (b"\x9d\x8el\0", _gif(location="l")),
        (b'\x9d\xc0"<i>\0', _gif(content_id="<i>")),
        (b"\x9d\xc0i\0", _gif(content_id="<i>")),
        (b"\x9d\xc0<\0", _gif(content_id="<<>")),
        (b'\x04\x9d\x85n\0\xc0"<i>\0\x8el\0', _gif("n", "l", "<i>")),
        (b"\x04\x9d\x85\xc3\0", _gif("\ufffd")),
        (b"\x06\x83\x85n\0\x81\xea", ReadPart("text/plain", "n", None, None, 106, b"D")),
        (b"\x7f\0", ReadPart("*/*", None, CLOCK, None, 0, b"D")),
        # Dispositions: their file name is kept from the app, but it is a name
        (b"\x9d\xc5\x01\x81", _gif(location=CLOCK)),
        (b"\x9d\xae\x04\x80\x98f\0", _gif()),
        (b"\x9d\xc5\x05own\0\x81\x8el\0", _gif(location="l")),
        (b"\x9d\xc5\x08\x82\x98f\0\x81\x81\x81\x81\x8el\0", _gif(location="l")),
        (b"\x9d\xc5\x04\x81\x86f\0\x8el\0", _gif(location="l")),
        # A header in letters loses its first one, and so has no effect.
        (b"\x9dContent-Transfer-Encoding\0base64\0\x8el\0", _gif(location="l")),
        # An unknown one hides the rest.
        (b"\x9d\xb0x\x8el\0", _gif(location=CLOCK)),
        (b"\x9d\x01\x8el\0", _gif(location=CLOCK)),
    ],
)
def test_a_part_has_what_its_headers_say(headers: bytes, part: ReadPart) -> None:
    assert _read(_body(_part(headers))) == [part]


@pytest.mark.parametrize(
    "octets",
    [
        b"\x01",
        b"\x01\x02",
        b"\x01\x05\x01",
        _body(_part(b"\x9d"))[:-2],
        b"\x02" + _part(b"\x9d"),
        b"\x01\x02\x01a/b\0D",  # the media type is longer than the headers
        _body(_part(b"\x9d\x8el")[:-1]) + b"ocation\0",
        _body(_part(b"\x9d\xb0", b"")),  # not even nothing can be skipped at the end
        _body(_part(b"\x9d\xb0xyz")[:-3]),
        _body(_part(b"\x9dx\0v\0")),  # nothing is left of its name
        _body(_part(b"\x9d\xc5\x01\0")),
        _body(_part(b"\x9d\xc5\x03\x81\x98\0")),
        _body(_part(b"\x9d\xc5\x20")),
        _body(_part(b"\x9d\xc5\x1f\x87\xff\xff\xff\x7f\x81\x81")),
        _body(_part(b"\xd3")),
        _body(_part(ALTERNATIVE, b"\x00")),
        _body(_part(ALTERNATIVE, b"\x01")),
    ],
)
def test_what_the_library_gives_up_is_malformed(octets: bytes) -> None:
    with pytest.raises(MalformedPdu):
        _read(octets)


def test_a_part_without_a_clock_stays_nameless() -> None:
    assert _read(_body(_part(b"\x9d")), now_ms=None) == [_gif()]


@pytest.mark.parametrize("octets", [b"", b"\x00", b"\x88\x80\x80\x80\x00" + _part(b"\x9d"), b"\x81"])
def test_no_number_of_parts_is_no_part(octets: bytes) -> None:
    assert _read(octets) == []


def test_empty_data_is_missing() -> None:
    assert _read(_body(_part(b"\x04\x9d\x85n\0", b""))) == [_gif("n", data=None)]


def test_data_that_is_cut_off_is_filled_up_with_zeros() -> None:
    assert _read(_body(_part(b"\x04\x9d\x85n\0", b"12345"))[:-2]) == [_gif("n", data=b"123\0\0")]


def _named(name: str, kind: bytes = b"\x9d") -> bytes:
    return _part(b"\x04" + kind + b"\x85" + name.encode() + b'\0\xc0"<' + name.encode() + b">\0")


@pytest.mark.parametrize(
    ("headers", "order"),
    [
        (Headers(), "abcd"),
        (Headers(start=b"<c>"), "cabd"),
        (Headers(start=b"c"), "abcd"),
        (Headers(kind=b"image/gif"), "cabd"),
        (Headers(kind=b"image/gif", start=b"<b>"), "cbad"),
        (Headers(kind=b"IMAGE/GIF"), "abcd"),
    ],
)
def test_first_parts_come_first_and_the_last_of_them_before_all(headers: Headers, order: str) -> None:
    jpeg = b"\x9e"
    parts = [_named("a"), _named("b", jpeg), _named("c"), _named("d", jpeg)]
    assert "".join(part.name or "" for part in _read(_body(*parts), headers)) == order


def test_of_alternatives_the_first_one_is_taken() -> None:
    alternatives = _part(b"\x01" + ALTERNATIVE, _body(_named("a"), _named("b")))
    assert [part.name for part in _read(_body(_named("0"), alternatives, _named("1")))] == ["0", "a", "1"]


def test_a_child_of_an_alternative_is_asked_whether_it_is_the_first() -> None:
    alternatives = _part(ALTERNATIVE, _body(_named("a"), _named("b")))
    assert [part.name for part in _read(_body(_named("0"), alternatives), Headers(start=b"<b>"))] == ["b", "0"]


def test_alternatives_are_not_nested_for_ever() -> None:
    body = _body(_named("a"))
    for _ in range(20):
        body = _body(_part(ALTERNATIVE, body))
    assert [part.name for part in _read(body)] == ["a"]
    with pytest.raises(MalformedPdu):
        _read(_body(_part(ALTERNATIVE, body)))


@pytest.mark.parametrize("lengths", [[ROOM + 1], [2**31 - 1], [ROOM // 2 + 1, ROOM // 2]])
def test_a_few_octets_cannot_claim_more_memory_than_a_phone_has(lengths: list[int]) -> None:
    parts = b"".join(b"\x01" + uintvar(length) + b"\x9d" for length in lengths)
    with pytest.raises(MalformedPdu):
        _read(bytes([len(lengths)]) + parts)
