"""How a text becomes the user data of PDUs, as Android 16 does it, and back (segmentation.md §1-3).

A text is a row of UTF-16 code units, as Android's is: a `str` may hold lone surrogates, and they are sent.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Literal, assert_never

from harness.errors import MalformedPdu, SegmentOverflow
from harness.frozen import frozen
from harness.sms.alphabet import ESCAPE, GSM7, pack, unpack

__all__ = [
    "Concat",
    "Encoding",
    "Measure",
    "Segment",
    "divide",
    "divide_ucs2",
    "measure",
    "read_user_data",
    "segments",
    "ucs2_segments",
]

Encoding = Literal["gsm7", "ucs2"]

GSM7_DCS = 0
UCS2_DCS = 8

_OCTETS_MAX = 140
_SEPTETS_MAX = 160
_UNITS_MAX = 70
# Beside the six octets of a concatenation header.
_SEPTETS_MAX_CONCAT = 153
_UNITS_MAX_CONCAT = 67


# ---- dividing a text -----------------------------------------------------------------------------


@frozen
class Measure:
    """What Android tells an app about a text.

    `units` are septets or UTF-16 code units of the whole text, `remaining` those that still fit into the last
    of `reported_segments`. That number may be one less than `len(divide(text))`: it ignores the septets lost
    where an escape pair no longer fits.
    """

    encoding: Encoding
    units: int
    reported_segments: int
    remaining: int


def divide(text: str) -> tuple[str, ...]:
    """The texts of the segments, as `SmsManager.divideMessage` cuts them; none for the empty text."""
    spread = GSM7.spread(text)
    return divide_ucs2(text) if spread is None else _divide_gsm7(text, spread)


def divide_ucs2(text: str) -> tuple[str, ...]:
    """The texts of the segments of a text that goes out in UCS-2."""
    octets = _utf16(text)
    return (_text(octets),) if len(octets) <= _UNITS_MAX * 2 else tuple(_cut_ucs2(octets))


def measure(text: str) -> Measure:
    """What `SmsMessage.calculateLength` says."""
    units = GSM7.septets(text)
    if units is None:
        parts = [_units(part) for part in divide_ucs2(text)]
        limit = _UNITS_MAX if len(parts) == 1 else _UNITS_MAX_CONCAT
        return Measure("ucs2", sum(parts), len(parts), limit - parts[-1])
    if units <= _SEPTETS_MAX:
        return Measure("gsm7", units, 1, _SEPTETS_MAX - units)
    reported = -(-units // _SEPTETS_MAX_CONCAT)
    return Measure("gsm7", units, reported, reported * _SEPTETS_MAX_CONCAT - units)


def _divide_gsm7(text: str, spread: str) -> tuple[str, ...]:
    # The limit follows the count, in which U+001B is free; the cut pays for it. So 160 letters and U+001B are
    # reported as one segment and cut into two.
    counted = len(spread) - text.count(ESCAPE)
    limit = _SEPTETS_MAX if counted <= _SEPTETS_MAX else _SEPTETS_MAX_CONCAT
    if len(spread) <= limit:
        return (text,) if text else ()
    return tuple(_cut_gsm7(text, spread, limit))


def _cut_gsm7(text: str, spread: str, limit: int) -> Iterator[str]:
    position = start = 0
    while start < len(spread):
        end = start + limit
        if spread[end - 1 : end] == ESCAPE:
            end -= 1
        piece = spread[start:end]
        length = len(piece) - piece.count(ESCAPE)
        yield text[position : position + length]
        start, position = end, position + length


def _cut_ucs2(octets: bytes) -> Iterator[str]:
    # Half a megabyte of tables that only long UCS-2 texts need.
    from pyuegc import EGC

    clusters: list[str] = EGC(_text(octets))
    boundaries = list(accumulate(map(_units, clusters), initial=0))
    start, end = 0, boundaries[-1]
    while (limit := start + _UNITS_MAX_CONCAT) < end:
        nearest = bisect_right(boundaries, limit) - 1
        cut = boundaries[nearest]
        # Android steps over a flag that still fits, even if that tears off the marks behind it.
        if cut + 4 <= limit and _FLAG.match(clusters[nearest]):
            cut += 4
        if cut <= start:  # a cluster longer than a segment: cut it anywhere but within a surrogate pair
            cut = limit - _is_high_surrogate(octets, limit - 1)
        yield _text(octets[start * 2 : cut * 2])
        start = cut
    yield _text(octets[start * 2 :])


_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")


def _is_high_surrogate(octets: bytes, unit: int) -> bool:
    return octets[unit * 2] & 0xFC == 0xD8


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _text(octets: bytes) -> str:
    """Joins surrogate halves that meet, so that a character has one form."""
    return octets.decode("utf-16-be", "surrogatepass")


def _units(text: str) -> int:
    return len(_utf16(text)) // 2


# ---- the user data of a PDU ----------------------------------------------------------------------


@frozen
class Concat:
    """The concatenation element of a TP-UDH. `sequence` counts from 1."""

    concat_ref: int
    count: int
    sequence: int

    def header(self) -> bytes:
        """The TP-UDH with an 8-bit reference. Numbers above 255 lose their upper bits, as on Android."""
        return bytes((5, 0, 3, self.concat_ref & 0xFF, self.count & 0xFF, self.sequence & 0xFF))


@frozen
class Segment:
    """One PDU's share of a message.

    `udl` is TP-UDL: septets if `dcs` is 0, octets if it is 8. `user_data` begins with the TP-UDH, if any.
    """

    text: str
    dcs: int
    concat: Concat | None
    udl: int
    user_data: bytes


def segments(parts: Sequence[str], concat_ref: int) -> tuple[Segment, ...]:
    """The segments of a divided text: UCS-2 throughout as soon as one part needs it.

    A part with U+001B within it counts as 7-bit, cannot be written so, and alone goes out in UCS-2.
    Raises `SegmentOverflow` where Android builds no PDU: it then sends none of the message.
    """
    codes = [GSM7.encode(part) for part in parts]
    if any(code is None and GSM7.spread(part) is None for code, part in zip(codes, parts, strict=True)):
        return ucs2_segments(parts, concat_ref)
    return tuple(
        _ucs2_segment(part, concat) if code is None else _gsm7_segment(part, code, concat)
        for part, code, concat in zip(parts, codes, _concats(len(parts), concat_ref), strict=True)
    )


def ucs2_segments(parts: Sequence[str], concat_ref: int) -> tuple[Segment, ...]:
    """The segments of a divided text in UCS-2. Raises `SegmentOverflow`."""
    return tuple(map(_ucs2_segment, parts, _concats(len(parts), concat_ref)))


def _concats(count: int, concat_ref: int) -> Sequence[Concat | None]:
    if count <= 1:
        return [None] * count
    return [Concat(concat_ref, count, sequence) for sequence in range(1, count + 1)]


def _gsm7_segment(text: str, codes: bytes, concat: Concat | None) -> Segment:
    header = concat.header() if concat else b""
    skipped, fill_bits = _header_septets(header)
    udl = skipped + len(codes)
    if udl > _SEPTETS_MAX:
        raise SegmentOverflow(udl, "septets", _SEPTETS_MAX)
    return Segment(text, GSM7_DCS, concat, udl, header + pack(codes, fill_bits))


def _ucs2_segment(text: str, concat: Concat | None) -> Segment:
    user_data = (concat.header() if concat else b"") + _utf16(text)
    if len(user_data) > _OCTETS_MAX:
        raise SegmentOverflow(len(user_data), "octets", _OCTETS_MAX)
    return Segment(text, UCS2_DCS, concat, len(user_data), user_data)


def _header_septets(header: bytes) -> tuple[int, int]:
    """How many septets the header takes, and the fill bits behind it: the text starts at a septet."""
    skipped = -(-len(header) * 8 // 7)
    return skipped, skipped * 7 - len(header) * 8


def read_user_data(dcs: int, has_header: bool, udl: int, user_data: bytes) -> tuple[str | None, Concat | None]:
    """The text and the concatenation element of a TP-UD; the text is None for 8-bit data, which has none.

    `udl` decides where the text ends: the last octet of a 7-bit text may hold a whole septet of filling.
    Raises `MalformedPdu` if fewer octets are there than `udl` announces, or if the header breaks off.
    """
    encoding = _encoding(dcs)
    bits = udl * (7 if encoding == "gsm7" else 8)
    octets = user_data[: -(-bits // 8)]
    header = octets[: octets[0] + 1] if has_header and octets else b""
    if len(octets) * 8 < bits or len(header) * 8 > bits:
        raise MalformedPdu(f"TP-UDL {udl} with {len(octets)} octets of user data")
    body, concat = octets[len(header) :], _read_header(header)
    match encoding:
        case "gsm7":
            skipped, fill_bits = _header_septets(header)
            return GSM7.decode(unpack(body, udl - skipped, fill_bits)), concat
        case "ucs2":
            if len(body) % 2:
                raise MalformedPdu(f"{len(body)} octets of UCS-2")
            return _text(body), concat
        case None:
            return None, concat
        case _:
            assert_never(encoding)


_GENERAL_CODING: tuple[Encoding | None, ...] = ("gsm7", None, "ucs2", None)


def _encoding(dcs: int) -> Encoding | None:
    """The coding groups of 3GPP TS 23.038 §4; None for 8-bit data, compressed text and reserved values."""
    match dcs >> 4:
        case 0x0 | 0x1 | 0x4 | 0x5:
            return _GENERAL_CODING[dcs >> 2 & 3]
        case 0xC | 0xD:
            return "gsm7"
        case 0xE:
            return "ucs2"
        case 0xF:
            return None if dcs & 4 else "gsm7"
        case _:
            return None


def _read_header(header: bytes) -> Concat | None:
    concat, rest = None, header[1:]
    while rest:
        if len(rest) < 2 or len(rest) < 2 + rest[1]:
            raise MalformedPdu(f"TP-UDH {header.hex()} breaks off")
        end = 2 + rest[1]
        match rest[0], list(rest[2:end]):
            case 0, [concat_ref, count, sequence]:
                concat = Concat(concat_ref, count, sequence)
            case 8, [high, low, count, sequence]:
                concat = Concat(high << 8 | low, count, sequence)
        rest = rest[end:]
    # An element that numbers a segment outside the message is ignored (3GPP TS 23.040 §9.2.3.24.1).
    return concat if concat and 0 < concat.sequence <= concat.count else None
