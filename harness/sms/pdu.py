"""SMS-SUBMIT, SMS-DELIVER and SMS-STATUS-REPORT as octets (3GPP TS 23.040 §9.2.2).

The service centre address that some interfaces put in front is no part of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from harness.errors import MalformedPdu, SegmentOverflow
from harness.frozen import frozen
from harness.instants import SECOND, Instant
from harness.sms.address import address_text, destination_address, party_address, swapped, unswapped
from harness.sms.alphabet import ESCAPE
from harness.sms.segments import (
    Concat,
    Segment,
    divide,
    divide_ucs2,
    read_user_data,
    segments,
    ucs2_segments,
)

__all__ = [
    "SmsDeliver",
    "SmsStatusReport",
    "SmsSubmit",
    "deliver_tpdus",
    "forwarded_tpdu",
    "parse_deliver",
    "parse_status_report",
    "parse_submit",
    "reassemble",
    "status_report_tpdu",
    "submit_tpdus",
]

# First octet: TP-MTI in bits 0 and 1, whose meaning depends on the direction.
_TYPE = 0x03
_DELIVER = 0x00
_SUBMIT = 0x01
_STATUS_REPORT = 0x02
_NO_MORE_MESSAGES = 0x04
_VALIDITY_FORMAT = 0x18
_REPORT_REQUESTED = 0x20
_HAS_HEADER = 0x40
# By TP-VPF: none, enhanced, relative, absolute.
_VALIDITY_OCTETS = {0x00: 0, 0x08: 7, 0x10: 1, 0x18: 7}

_SEGMENTS_MAX = 255


@frozen
class SmsSubmit:
    """What an SMSC reads in an SMS-SUBMIT. `text` is None for 8-bit data."""

    tp_mr: int
    to: str
    text: str | None
    concat: Concat | None
    dcs: int
    report_requested: bool


@frozen
class SmsDeliver:
    """What a handset reads in an SMS-DELIVER. `text` is None for 8-bit data.

    `timestamp_at` is when the SMSC took the message, to the second.
    """

    sender: str
    text: str | None
    concat: Concat | None
    dcs: int
    timestamp_at: Instant


@frozen
class SmsStatusReport:
    """What became of an earlier submit.

    `status` is TP-ST: below 32 delivered, below 64 the SMSC still tries, otherwise it gave up.
    """

    tp_mr: int
    recipient: str
    submitted_at: Instant
    discharged_at: Instant
    status: int


def submit_tpdus(to: str, text_parts: Sequence[str], concat_ref: int, status_report: bool = True) -> tuple[bytes, ...]:
    """The SMS-SUBMIT of each part of a divided text, as Android 16 builds them.

    TP-MR, the second octet, is 0 until the modem fills it in. No part gives no TPDU.
    Raises `UnencodableAddress` or `SegmentOverflow` where Android builds none, and so sends nothing.
    """
    address = destination_address(to)
    flags = _SUBMIT | (_REPORT_REQUESTED if status_report else 0)
    return tuple(
        bytes((flags | _header_flag(segment), 0)) + address + bytes((0, segment.dcs, segment.udl)) + segment.user_data
        for segment in segments(text_parts, concat_ref)
    )


def parse_submit(tpdu: bytes) -> SmsSubmit:
    """Raises `MalformedPdu`."""
    octets = _Octets(tpdu)
    first = octets.first(_SUBMIT)
    tp_mr, to = octets.one(), octets.address()
    _, dcs = octets.take(2)
    octets.take(_VALIDITY_OCTETS[first & _VALIDITY_FORMAT])
    text, concat = octets.user_data(dcs, first)
    return SmsSubmit(tp_mr, to, text, concat, dcs, bool(first & _REPORT_REQUESTED))


def deliver_tpdus(sender: str, text: str, timestamp_at: Instant, concat_ref: int) -> tuple[bytes, ...]:
    """The SMS-DELIVER by which an SMSC hands over a text, at least one. A text loses nothing on the way.

    Raises `UnencodableAddress`, and `SegmentOverflow` for more than 255 segments.
    """
    address = party_address(sender)
    timestamp = _timestamp(timestamp_at)
    return tuple(
        bytes((_DELIVER | _NO_MORE_MESSAGES | _header_flag(segment),))
        + address
        + bytes((0, segment.dcs))
        + timestamp
        + bytes((segment.udl,))
        + segment.user_data
        for segment in _delivered_segments(text, concat_ref)
    )


def forwarded_tpdu(submit: bytes, sender: str, at: Instant) -> bytes:
    """What an SMSC makes of an SMS-SUBMIT: an SMS-DELIVER with the same user data, stamped `at`.

    Raises `MalformedPdu`, `UnencodableAddress`.
    """
    octets = _Octets(submit)
    first = octets.first(_SUBMIT)
    octets.one()
    octets.address()
    protocol_and_coding = octets.take(2)
    octets.take(_VALIDITY_OCTETS[first & _VALIDITY_FORMAT])
    head = bytes((_DELIVER | _NO_MORE_MESSAGES | (first & _HAS_HEADER),))
    return head + party_address(sender) + protocol_and_coding + _timestamp(at) + octets.rest()


def parse_deliver(tpdu: bytes) -> SmsDeliver:
    """Raises `MalformedPdu`."""
    octets = _Octets(tpdu)
    first = octets.first(_DELIVER)
    sender = octets.address()
    _, dcs = octets.take(2)
    timestamp_at = octets.timestamp()
    text, concat = octets.user_data(dcs, first)
    return SmsDeliver(sender, text, concat, dcs, timestamp_at)


def status_report_tpdu(tp_mr: int, recipient: str, submitted_at: Instant, discharged_at: Instant, status: int) -> bytes:
    """The SMS-STATUS-REPORT on the submit that had `tp_mr`. Raises `UnencodableAddress`."""
    return (
        bytes((_STATUS_REPORT | _NO_MORE_MESSAGES, tp_mr))
        + party_address(recipient)
        + _timestamp(submitted_at)
        + _timestamp(discharged_at)
        + bytes((status,))
    )


def parse_status_report(tpdu: bytes) -> SmsStatusReport:
    """Raises `MalformedPdu`."""
    octets = _Octets(tpdu)
    octets.first(_STATUS_REPORT)
    return SmsStatusReport(
        tp_mr=octets.one(),
        recipient=octets.address(),
        submitted_at=octets.timestamp(),
        discharged_at=octets.timestamp(),
        status=octets.one(),
    )


def reassemble(parts: Iterable[SmsDeliver | SmsSubmit]) -> str:
    """The text of one message in a handset's inbox, from its parts in any order, each perhaps more than once.

    Characters that were cut between two parts are whole again. Data counts as no text.
    """
    texts = {part.concat.sequence if part.concat else 0: part.text or "" for part in parts}
    whole = "".join([texts[sequence] for sequence in sorted(texts)])
    return whole.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")


def _delivered_segments(text: str, concat_ref: int) -> tuple[Segment, ...]:
    # Android would lose these two characters in 7-bit (segmentation.md §2); a network must not.
    if ESCAPE in text or "\uffff" in text:
        found = ucs2_segments(divide_ucs2(text), concat_ref)
    else:
        found = segments(divide(text) or ("",), concat_ref)
    if len(found) > _SEGMENTS_MAX:
        raise SegmentOverflow(len(found), "segments", _SEGMENTS_MAX)
    return found


def _header_flag(segment: Segment) -> int:
    return _HAS_HEADER if segment.concat else 0


def _timestamp(at: Instant) -> bytes:
    """TP-SCTS or TP-DT in UTC, to the second. Two digits of the year: only 1990 to 2089 reads back."""
    return _timestamp_of(at // SECOND)


# A text is submitted, delivered and reported within a second or two: each is written and read several times.
@lru_cache(maxsize=64)
def _timestamp_of(second: int) -> bytes:
    return swapped(f"{datetime.fromtimestamp(second, UTC):%y%m%d%H%M%S}00")


@lru_cache(maxsize=64)
def _read_timestamp(octets: bytes) -> Instant:
    """The zone counts quarters of an hour; the top bit of its tens is the sign. Raises `MalformedPdu`."""
    digits = unswapped(octets)
    try:
        year, month, day, hour, minute, second = (int(digits[i : i + 2]) for i in range(0, 12, 2))
        century = 1900 if year >= 90 else 2000
        local = datetime(century + year, month, day, hour, minute, second, tzinfo=UTC)
        zone = int(digits[12], 16)
        offset_s = ((zone & 7) * 10 + int(digits[13])) * 15 * 60
    except ValueError:
        raise MalformedPdu(f"{digits} is no time") from None
    return (int(local.timestamp()) + (offset_s if zone & 8 else -offset_s)) * SECOND


class _Octets:
    """Reads a TPDU from its beginning; raises `MalformedPdu` where it ends too soon."""

    __slots__ = ("_position", "_tpdu")

    def __init__(self, tpdu: bytes) -> None:
        self._tpdu = tpdu
        self._position = 0

    def take(self, count: int) -> bytes:
        start, self._position = self._position, self._position + count
        if self._position > len(self._tpdu):
            raise MalformedPdu(f"octet {len(self._tpdu)} is missing")
        return self._tpdu[start : self._position]

    def one(self) -> int:
        return self.take(1)[0]

    def first(self, message_type: int) -> int:
        """The first octet, if it announces `message_type`."""
        first = self.one()
        if first & _TYPE != message_type:
            raise MalformedPdu(f"TP-MTI {first & _TYPE} instead of {message_type}")
        return first

    def address(self) -> str:
        length, type_of_address = self.take(2)
        return address_text(length, type_of_address, self.take((length + 1) // 2))

    def timestamp(self) -> Instant:
        """TP-SCTS or TP-DT."""
        return _read_timestamp(self.take(7))

    def rest(self) -> bytes:
        return self._tpdu[self._position :]

    def user_data(self, dcs: int, first: int) -> tuple[str | None, Concat | None]:
        udl = self.one()
        return read_user_data(dcs, bool(first & _HAS_HEADER), udl, self.rest())
