"""The parts of a multimedia message, as the app's library reads them."""

from __future__ import annotations

from dataclasses import dataclass

from harness.errors import MalformedPdu
from harness.frozen import frozen
from harness.mms.headers import ANY_TYPE, Headers, Parameters, media_type
from harness.mms.octets import ROOM, Octets

__all__ = ["ReadPart", "read_parts"]

_CONTENT_LOCATION = 0x8E
_CONTENT_ID = 0xC0
_CONTENT_DISPOSITIONS = (0xAE, 0xC5)
_DISPOSITIONS = (0x80, 0x81, 0x82)
_FILENAME = 0x98

_ALTERNATIVE = b"application/vnd.wap.multipart.alternative"
# The library takes as many as its stack allows. Nobody nests alternatives.
_DEPTH_MAX = 20


@frozen
class ReadPart:
    """One part as it was read. None is what it does not have: `data` that is empty is missing. `charset` is a MIBenum,
    0 for none. `content_id` has its angle brackets.
    """

    content_type: str
    name: str | None
    content_location: str | None
    content_id: str | None
    charset: int
    data: bytes | None


@dataclass(slots=True)
class _Found:
    content_type: bytes = ANY_TYPE
    name: bytes | None = None
    location: bytes | None = None
    content_id: bytes | None = None
    filename: bytes | None = None
    charset: int = 0
    data: bytes | None = None

    def nameless(self) -> bool:
        return self.name is None and self.location is None and self.content_id is None and self.filename is None


def read_parts(octets: Octets, headers: Headers, now_ms: int | None) -> tuple[ReadPart, ...]:
    """The parts behind `headers`: first those that the content type calls the first, each before the one before it.

    A part without any name gets the clock, `now_ms`, in octal digits as its content location; no clock, none. Data
    that is cut off is filled up with zeros. Raises `MalformedPdu` where the library gives up.
    """
    found = _Body(headers, None if now_ms is None else format(now_ms, "o").encode()).parts(octets)
    return tuple(
        ReadPart(
            part.content_type.decode("utf-8", "replace"),
            _text(part.name),
            _text(part.location),
            _text(part.content_id),
            part.charset,
            part.data,
        )
        for part in found
    )


def _text(octets: bytes | None) -> str | None:
    return None if octets is None else octets.decode("utf-8", "replace")


class _Body:
    """One PDU's parts, with what they have in common. `room` is what is left of the phone's memory, in octets."""

    def __init__(self, headers: Headers, clock: bytes | None) -> None:
        self.headers = headers
        self.clock = clock
        self.room = ROOM

    def parts(self, octets: Octets, depth: int = 0) -> list[_Found]:
        found: list[_Found] = []
        for _ in range(octets.uintvar()):
            part = self._part(octets, depth)
            found.insert(0 if self._is_first(part) else len(found), part)
        return found

    def _part(self, octets: Octets, depth: int) -> _Found:
        header_length, data_length = octets.uintvar(), octets.uintvar()
        part = _part_headers(octets, header_length)
        if part.nameless():
            part.location = self.clock
        if data_length <= 0:
            return part
        self.room -= data_length
        if self.room < 0:
            raise MalformedPdu("more data than a phone has room for")
        data = octets.take(data_length)
        if part.content_type.lower() == _ALTERNATIVE:
            return self._first_alternative(data, depth + 1)
        part.data = data
        return part

    def _first_alternative(self, data: bytes, depth: int) -> _Found:
        if depth > _DEPTH_MAX:
            raise MalformedPdu("alternatives of alternatives, again and again")
        inner = self.parts(Octets(data), depth)
        if not inner:
            raise MalformedPdu("no alternative")
        return inner[0]

    def _is_first(self, part: _Found) -> bool:
        start, kind = self.headers.start, self.headers.kind
        return (start is not None and part.content_id == start) or (kind is not None and part.content_type == kind)


def _part_headers(octets: Octets, length: int) -> _Found:
    left = octets.left
    if not left:
        raise MalformedPdu("a part is missing")
    parameters = Parameters()
    kind = media_type(octets, parameters)
    part = _Found(ANY_TYPE if kind is None else kind, parameters.name, charset=parameters.charset or 0)
    rest = length - (left - octets.left)
    if rest < 0:
        raise MalformedPdu("a media type beyond its part's headers")
    _other_headers(octets, part, rest)
    return part


def _other_headers(octets: Octets, part: _Found, length: int) -> None:
    left = octets.left
    rest = length
    while rest > 0:
        if not _header(octets, part, rest - 1):
            return
        rest = length - (left - octets.left)
    if rest:
        raise MalformedPdu("a header beyond its part's headers")


def _header(octets: Octets, part: _Found, rest: int) -> bool:
    """One header, and whether more may follow: an unknown one hides the `rest`."""
    name = octets.read()
    if name == _CONTENT_LOCATION:
        part.location = octets.text() or part.location
    elif name == _CONTENT_ID:
        part.content_id = _bracketed(octets.quoted_text()) or part.content_id
    elif name in _CONTENT_DISPOSITIONS:
        _disposition(octets, part)
    elif 32 <= name <= 127:
        _header_in_letters(octets)
    elif octets.skip(rest):
        return False
    else:
        raise MalformedPdu("a part's headers are cut off")
    return True


def _header_in_letters(octets: Octets) -> None:
    """Its first letter is gone by now, so the library never knows one: Content-Transfer-Encoding has no effect."""
    if octets.text() is None:
        raise MalformedPdu("a header of one letter")
    octets.text()


def _bracketed(content_id: bytes | None) -> bytes | None:
    if content_id is None or (len(content_id) > 1 and content_id[:1] == b"<" and content_id[-1:] == b">"):
        return content_id
    return b"<" + content_id + b">"


def _disposition(octets: Octets, part: _Found) -> None:
    length = octets.value_length()
    left = octets.left
    if octets.peek() in _DISPOSITIONS:
        octets.octet()
    elif octets.text() is None:
        raise MalformedPdu("an empty disposition")
    if left - octets.left >= length:
        return
    if octets.read() == _FILENAME:
        part.filename = octets.text()
        if part.filename is None:
            raise MalformedPdu("an empty file name")
    octets.skip(max(0, length - (left - octets.left)))
