"""The user data of a PDU: a header, then a text or octets (3GPP TS 23.040 §9.2.3.24; segmentation.md §2, §3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from harness.errors import MalformedPdu, SegmentOverflow
from harness.frozen import frozen
from harness.sms.alphabet import GSM7, Alphabet, Tables, pack, unpack
from harness.sms.coding import GSM7_DCS, UCS2_DCS, coding_of
from harness.sms.config import SmsConfig
from harness.sms.header import NO_HEADER, Concat, Header, read_header
from harness.sms.segments import DEFAULT, NO_TABLES, SEPTETS_MAX, plan

__all__ = ["OCTETS_MAX", "Content", "UserData", "read_user_data", "ucs2_user_data", "user_data", "written_user_data"]

OCTETS_MAX = 140


@frozen
class UserData:
    """What a PDU carries. `udl` is TP-UDL: septets if `dcs` means 7-bit, else octets, which the header begins."""

    dcs: int
    has_header: bool
    udl: int
    octets: bytes


@frozen
class Content:
    """What is read in user data: a text, or octets in any other coding."""

    text: str | None
    data: bytes | None
    header: Header


# ---- as Android builds them ----------------------------------------------------------------------


def user_data(parts: Sequence[str], concat_ref: int, config: SmsConfig = DEFAULT) -> tuple[UserData, ...]:
    """The user data of a divided text: UCS-2 throughout as soon as one part needs it.

    Each part is written with the national tables that it needs itself. A part with U+001B within it counts as 7-bit,
    cannot be written so, and alone goes out in UCS-2. Where the carrier cannot join segments, two to nine of them go
    out as messages of their own. Raises `SegmentOverflow` where Android builds no PDU: it then sends none at all.
    """
    if config.ems is not True and 2 <= len(parts) < _NUMBERED_BELOW:
        return tuple([user_data((part,), concat_ref, config)[0] for part in _numbered(parts, config)])
    counted = [_counted(part, config) for part in parts]
    if None in counted:
        return ucs2_user_data(parts, concat_ref)
    concats = _concats(len(parts), concat_ref)
    return tuple([_as_counted(*known, concat) for known, concat in zip(counted, concats, strict=True) if known])


_NUMBERED_BELOW = 10


def _numbered(parts: Sequence[str], config: SmsConfig) -> Iterator[str]:
    for number, part in enumerate(parts, 1):
        place = f"{number}/{len(parts)}"
        yield f"{place} {part}" if config.ems == "prefix" else f"{part} {place}"


def ucs2_user_data(parts: Sequence[str], concat_ref: int) -> tuple[UserData, ...]:
    """The user data of a divided text in UCS-2. Raises `SegmentOverflow`."""
    return tuple(
        [_ucs2(part, Header(concat)) for part, concat in zip(parts, _concats(len(parts), concat_ref), strict=True)]
    )


def _concats(count: int, concat_ref: int) -> Sequence[Concat | None]:
    if count <= 1:
        return [None] * count
    return [Concat(concat_ref, count, sequence) for sequence in range(1, count + 1)]


def _counted(part: str, config: SmsConfig) -> tuple[str, Tables, bytes | None] | None:
    """A part that counts as 7-bit, its tables, and its codes unless the encoder fails; None if it takes UCS-2."""
    if not config.single_shift and not config.locking_shift and (codes := GSM7.encode(part)) is not None:
        return part, NO_TABLES, codes  # by far the most, and quicker than to count it first
    known = plan(part, config)
    return (part, known.tables, _alphabet(known.tables).encode(part)) if known else None


def _as_counted(part: str, tables: Tables, codes: bytes | None, concat: Concat | None) -> UserData:
    header = Header(concat, None, tables)
    return _ucs2(part, header) if codes is None else _gsm7(codes, header, GSM7_DCS)


def _alphabet(tables: Tables) -> Alphabet:
    if tables == NO_TABLES:
        return GSM7
    from harness.sms.national import alphabet

    return alphabet(tables)


def _gsm7(codes: bytes, header: Header, dcs: int) -> UserData:
    before = header.octets()
    skipped, fill_bits = _header_septets(before)
    udl = skipped + len(codes)
    if udl > SEPTETS_MAX:
        raise SegmentOverflow(udl, "septets", SEPTETS_MAX)
    return UserData(dcs, bool(before), udl, before + pack(codes, fill_bits))


def _ucs2(text: str, header: Header) -> UserData:
    return _octets(text.encode("utf-16-be", "surrogatepass"), header, UCS2_DCS)


def _octets(body: bytes, header: Header, dcs: int) -> UserData:
    before = header.octets()
    octets = before + body
    if len(octets) > OCTETS_MAX:
        raise SegmentOverflow(len(octets), "octets", OCTETS_MAX)
    return UserData(dcs, bool(before), len(octets), octets)


def _header_septets(header: bytes) -> tuple[int, int]:
    """How many septets the header takes, and the fill bits behind it: the text starts at a septet."""
    skipped = -(-len(header) * 8 // 7)
    return skipped, skipped * 7 - len(header) * 8


# ---- in general ----------------------------------------------------------------------------------


def written_user_data(content: Content, dcs: int) -> UserData:
    """The user data that says `content` in the coding `dcs`, with the tables that its header names.

    Raises `SegmentOverflow`, and `ValueError` for a text in a coding that has no such text.
    """
    if content.data is not None:
        return _octets(content.data, content.header, dcs)
    text = content.text or ""
    match coding_of(dcs).alphabet:
        case "gsm7":
            codes = _alphabet(content.header.tables).encode(text)
            if codes is None:
                raise ValueError(f"{text!r} has characters that this 7-bit alphabet lacks")
            return _gsm7(codes, content.header, dcs)
        case "ucs2":
            return _octets(text.encode("utf-16-be", "surrogatepass"), content.header, dcs)
        case "data" | None:
            raise ValueError(f"no text has the coding 0x{dcs:02x}")


def read_user_data(dcs: int, has_header: bool, udl: int, user_data: bytes) -> Content:
    """What a TP-UD says; a text for 7-bit and UCS-2, else its octets.

    `udl` decides where the text ends: the last octet of a 7-bit text may hold a whole septet of filling. A language
    that has no such table is read with the default one, as on Android.
    Raises `MalformedPdu` if fewer octets are there than `udl` announces, or if the header breaks off.
    """
    alphabet = coding_of(dcs).alphabet
    bits = udl * (7 if alphabet == "gsm7" else 8)
    octets = user_data[: -(-bits // 8)]
    before = octets[: octets[0] + 1] if has_header and octets else b""
    if len(octets) * 8 < bits or len(before) * 8 > bits:
        raise MalformedPdu(f"TP-UDL {udl} with {len(octets)} octets of user data")
    body, header = octets[len(before) :], read_header(before) if before else NO_HEADER
    match alphabet:
        case "gsm7":
            skipped, fill_bits = _header_septets(before)
            return Content(_alphabet(header.tables).decode(unpack(body, udl - skipped, fill_bits)), None, header)
        case "ucs2":
            if len(body) % 2:
                raise MalformedPdu(f"{len(body)} octets of UCS-2")
            return Content(body.decode("utf-16-be", "surrogatepass"), None, header)
        case "data" | None:
            return Content(None, body, header)
        case _:
            assert_never(alphabet)
