"""The headers of an MMS PDU, and the media types in them and in its parts, as the app's library reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from harness.errors import MalformedPdu
from harness.mms.octets import Octets, int32
from harness.mms.wsp import MEDIA_TYPES, charset_number

__all__ = [
    "ANY_TYPE",
    "CONTENT_LOCATION",
    "CONTENT_TYPE",
    "DATE",
    "EXPIRY",
    "MESSAGE_CLASS",
    "MESSAGE_SIZE",
    "MESSAGE_TYPE",
    "MMS_VERSION",
    "TRANSACTION_ID",
    "Headers",
    "Parameters",
    "media_type",
    "read_headers",
]

CONTENT_LOCATION = 0x83
CONTENT_TYPE = 0x84
DATE = 0x85
EXPIRY = 0x88
FROM = 0x89
MESSAGE_CLASS = 0x8A
MESSAGE_TYPE = 0x8C
MMS_VERSION = 0x8D
MESSAGE_SIZE = 0x8E
TO = 0x97
TRANSACTION_ID = 0x98

ANY_TYPE = MEDIA_TYPES[0].encode()
"""What stands for a media type that is missing or broken."""

_ADDRESS_PRESENT = 0x80
_CLASSES = {0x80: b"personal", 0x81: b"advertisement", 0x82: b"informational", 0x83: b"auto"}

# Headers of one octet, and the octets that they may have; others end the reading.
_YES_NO = range(0x80, 0x82)
_OCTETS: dict[int, range] = {
    MESSAGE_TYPE: range(0x80, 0x89),  # those of forwarding and of mailboxes are refused
    **dict.fromkeys((0x86, 0x90, 0x91, 0x94, 0x9B, 0xA2, 0xA7, 0xA9, 0xAB, 0xB1, 0xBB, 0xBC, 0xBF), _YES_NO),
    0x8F: range(0x80, 0x83),  # priority
    0x95: range(0x80, 0x88),  # status
    0x9C: range(0x80, 0x84),  # reply charging
    0xA3: range(0x80, 0x85),  # state in a mailbox
    0xB4: range(0x80, 0x81),  # recommended retrieval mode
    0xBA: range(0x80, 0x88),  # content class
    **dict.fromkeys((0x92, 0x99, 0xA5), range(0x100)),  # statuses: mended, never refused
}


@dataclass(slots=True)
class Headers:
    """What was found, by header; of several the last, but of recipients all. `start` and `kind` say what the first
    part is: its content id, or its media type.
    """

    octets: dict[int, int] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    texts: dict[int, bytes] = field(default_factory=dict)
    sender: str | None = None
    to: list[str] = field(default_factory=list)
    start: bytes | None = None
    kind: bytes | None = None

    def has(self, *, octets: Iterable[int] = (), numbers: Iterable[int] = (), texts: Iterable[int] = ()) -> bool:
        """Whether all of these are there. A number of -1 is not."""
        return (
            all(name in self.octets for name in octets)
            and all(self.numbers.get(name, -1) != -1 for name in numbers)
            and all(name in self.texts for name in texts)
        )

    def text(self, name: int) -> str:
        return self.texts[name].decode("utf-8", "replace")


@dataclass(slots=True)
class Parameters:
    """The parameters of a media type that the library knows. It ignores the first other one and all behind it."""

    kind: bytes | None = None
    start: bytes | None = None
    name: bytes | None = None
    charset: int | None = None


def read_headers(octets: Octets) -> Headers:
    """All headers up to the content type, which is the last one. Raises `MalformedPdu` where the library gives up."""
    found = Headers()
    name = -1
    while name != CONTENT_TYPE and octets.left:
        if 32 <= octets.peek() <= 127:
            octets.text()  # a header in letters; its value is taken for the next one
            continue
        name = octets.octet()
        read = _HEADERS.get(name)
        if read:
            read(octets, found, name)  # an unknown one is one octet long: its value is read as headers
    return found


def _octet(octets: Octets, found: Headers, name: int) -> None:
    value = octets.octet()
    if value not in _OCTETS[name]:
        raise MalformedPdu(f"header {name:02x} is {value:02x}")
    found.octets[name] = value


def _version(octets: Octets, found: Headers, name: int) -> None:
    found.octets[name] = octets.short_integer()  # any will do


def _number(octets: Octets, found: Headers, name: int) -> None:
    found.numbers[name] = octets.long_integer()


def _integer(octets: Octets, found: Headers, name: int) -> None:
    found.numbers[name] = octets.integer()


def _text(octets: Octets, found: Headers, name: int) -> None:
    text = octets.text()
    if text is not None:
        found.texts[name] = text


def _encoded(octets: Octets, _found: Headers, _name: int) -> None:
    octets.encoded_text()


def _recipient(octets: Octets, found: Headers, name: int) -> None:
    address = octets.address()
    if address is not None and name == TO:
        found.to.append(address)


def _time(octets: Octets, found: Headers, name: int) -> None:
    octets.value_length()
    octets.octet()  # absolute or relative
    found.numbers[name] = octets.long_integer()


def _sender(octets: Octets, found: Headers, _name: int) -> None:
    octets.value_length()
    present = octets.octet() == _ADDRESS_PRESENT
    address = octets.address() if present else "insert-address-token"
    found.sender = found.sender if address is None else address


def _class(octets: Octets, found: Headers, name: int) -> None:
    if 0 <= octets.peek() < 128:
        _text(octets, found, name)
        return
    known = _CLASSES.get(octets.octet())
    if known is not None:
        found.texts[name] = known


def _sent_before_by(octets: Octets, _found: Headers, _name: int) -> None:
    octets.value_length()
    octets.integer()
    octets.encoded_text()


def _sent_before_at(octets: Octets, _found: Headers, _name: int) -> None:
    octets.value_length()
    octets.integer()
    octets.long_integer()


def _flags(octets: Octets, _found: Headers, _name: int) -> None:
    octets.value_length()
    octets.octet()
    octets.encoded_text()


def _totals(octets: Octets, _found: Headers, _name: int) -> None:
    octets.value_length()
    octets.octet()
    octets.integer()


def _descriptor(octets: Octets, _found: Headers, _name: int) -> None:
    media_type(octets, Parameters())


def _content_type(octets: Octets, found: Headers, name: int) -> None:
    parameters = Parameters()
    kind = media_type(octets, parameters)
    if kind is not None:
        found.texts[name] = kind
    found.start, found.kind = parameters.start, parameters.kind


_Reader = Callable[[Octets, Headers, int], None]
# OMA-TS-MMS-ENC 7.4, and what the library does for each.
_HEADERS: dict[int, _Reader] = {
    **dict.fromkeys(_OCTETS, _octet),
    **dict.fromkeys((DATE, MESSAGE_SIZE, 0x9F), _number),
    **dict.fromkeys((0xAD, 0xAF, 0xB3), _integer),
    **dict.fromkeys((CONTENT_LOCATION, 0x8B, TRANSACTION_ID, 0x9E, 0xB7, 0xB8, 0xB9, 0xBD, 0xBE), _text),
    **dict.fromkeys((0x93, 0x96, 0x9A, 0xA6, 0xB5, 0xB6), _encoded),
    **dict.fromkeys((0x81, 0x82, TO), _recipient),
    **dict.fromkeys((0x87, EXPIRY, 0x9D), _time),
    **dict.fromkeys((0xAA, 0xAC), _totals),
    FROM: _sender,
    MESSAGE_CLASS: _class,
    MMS_VERSION: _version,
    CONTENT_TYPE: _content_type,
    0xA0: _sent_before_by,
    0xA1: _sent_before_at,
    0xA4: _flags,
    0xB2: _descriptor,
}


def media_type(octets: Octets, parameters: Parameters) -> bytes | None:
    """A media type, with or without a length and `parameters`; None if it is empty.

    Raises `MalformedPdu` for a code that has no name.
    """
    first = octets.peek() & 0xFF
    if first < 32:
        return _sized_media_type(octets, parameters)
    if first < 128:
        return octets.text()
    code = octets.short_integer()
    if code >= len(MEDIA_TYPES):
        raise MalformedPdu(f"no media type has the code {code:02x}")
    return MEDIA_TYPES[code].encode()


def _sized_media_type(octets: Octets, parameters: Parameters) -> bytes | None:
    length = octets.value_length()
    left = octets.left
    first = octets.peek() & 0xFF
    if first < 32:
        return ANY_TYPE
    kind = octets.text() if first < 128 else _coded_media_type(octets)
    rest = length - (left - octets.left)
    if rest > 0:
        _read_parameters(octets, parameters, rest)
    return ANY_TYPE if rest < 0 else kind


def _coded_media_type(octets: Octets) -> bytes | None:
    code = octets.peek() & 0x7F
    if code >= len(MEDIA_TYPES):
        return octets.text()
    octets.octet()
    return MEDIA_TYPES[code].encode()


def _read_parameters(octets: Octets, parameters: Parameters, length: int) -> None:
    left = octets.left
    rest = length
    while rest > 0:
        read = _PARAMETERS.get(octets.read())
        if read is None:
            octets.skip(rest - 1)
            return
        read(octets, parameters)
        rest = length - (left - octets.left)


def _kind(octets: Octets, parameters: Parameters) -> None:
    if octets.peek() & 0xFF < 128:
        parameters.kind = octets.text() or parameters.kind
        return
    code = octets.short_integer()
    if code < len(MEDIA_TYPES):
        parameters.kind = MEDIA_TYPES[code].encode()


def _start(octets: Octets, parameters: Parameters) -> None:
    parameters.start = octets.text() or parameters.start


def _name(octets: Octets, parameters: Parameters) -> None:
    parameters.name = octets.text() or parameters.name


def _charset(octets: Octets, parameters: Parameters) -> None:
    first = octets.peek() & 0xFF
    if first and not 32 < first < 127:
        parameters.charset = int32(octets.integer())
        return
    name = octets.text()
    if name is None:
        raise MalformedPdu("a charset without a name")
    parameters.charset = charset_number(name.decode("utf-8", "replace"))


_PARAMETERS: dict[int, Callable[[Octets, Parameters], None]] = {
    **dict.fromkeys((0x83, 0x89), _kind),
    **dict.fromkeys((0x8A, 0x99), _start),
    **dict.fromkeys((0x85, 0x97), _name),
    0x81: _charset,
}
