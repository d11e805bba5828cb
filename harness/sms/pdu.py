"""SMS-SUBMIT, SMS-DELIVER and SMS-STATUS-REPORT as octets (3GPP TS 23.040 §9.2.2).

The service centre address that some interfaces put in front is no part of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from harness.errors import MalformedPdu, SegmentOverflow
from harness.frozen import frozen
from harness.instants import Instant
from harness.sms.address import NOBODY, address_text, destination_address, party_address
from harness.sms.alphabet import ESCAPE, Tables
from harness.sms.coding import DATA_DCS, classed, coding_of
from harness.sms.config import SmsConfig
from harness.sms.header import NO_HEADER, Concat, Element, Header, Ports
from harness.sms.segments import DEFAULT, NO_TABLES, divide, divide_ucs2
from harness.sms.times import read_timestamp, timestamp
from harness.sms.user_data import (
    OCTETS_MAX,
    Content,
    UserData,
    read_user_data,
    ucs2_user_data,
    user_data,
    written_user_data,
)

if TYPE_CHECKING:
    from harness.sms.validity import Validity

__all__ = [
    "SmsDeliver",
    "SmsStatusReport",
    "SmsSubmit",
    "deliver_data_tpdus",
    "deliver_tpdus",
    "forwarded_tpdu",
    "parse_deliver",
    "parse_status_report",
    "parse_submit",
    "reassemble",
    "resent",
    "status_report_tpdu",
    "submit_data_tpdus",
    "submit_head",
    "submit_pdus",
    "submit_tpdus",
    "with_reference",
]

# First octet: TP-MTI in bits 0 and 1, whose meaning depends on the direction, as does that of bits 2 to 5.
_TYPE = 0x03
_DELIVER = 0x00
_SUBMIT = 0x01
_STATUS_REPORT = 0x02
_REJECT_DUPLICATES = 0x04
_NO_MORE_MESSAGES = 0x04
_LOOP_PREVENTION = 0x08
_VALIDITY_FORMAT = 0x18
_REPORT_REQUESTED = 0x20
_REPORT_INDICATION = 0x20
_ON_COMMAND = 0x20
_HAS_HEADER = 0x40
_REPLY_PATH = 0x80
# By TP-VPF: the octets of TP-VP.
_VALIDITY_OCTETS = {0x00: 0, 0x08: 7, 0x10: 1, 0x18: 7}

# TP-PI: which parameters follow in a status report.
_HAS_PID, _HAS_DCS, _HAS_USER_DATA, _MORE_INDICATORS = 0x01, 0x02, 0x04, 0x80

_SEGMENTS_MAX = 255


# ---- the three of them ---------------------------------------------------------------------------


@frozen
class SmsSubmit:
    """An SMS-SUBMIT. `text` is None, and `data` is there, in a coding other than 7-bit and UCS-2.

    `tables` are the national language tables of a 7-bit text, `others` the further elements of its header.
    """

    tp_mr: int
    to: str
    text: str | None
    concat: Concat | None
    dcs: int
    report_requested: bool
    data: bytes | None = None
    ports: Ports | None = None
    tables: Tables = NO_TABLES
    others: tuple[Element, ...] = ()
    pid: int = 0
    validity: Validity | None = None
    reject_duplicates: bool = False
    reply_path: bool = False

    @property
    def message_class(self) -> int | None:
        """0 is shown at once and not stored (flash), 2 is for the SIM; None without a class."""
        return coding_of(self.dcs).message_class

    def tpdu(self) -> bytes:
        """Its octets. Raises `UnencodableAddress`, `SegmentOverflow`; `ValueError` for a text not in its coding."""
        carried = _carried(self, self.dcs)
        validity_format, validity = _validity_octets(self.validity)
        first = (
            _SUBMIT
            | validity_format
            | _flag(_REJECT_DUPLICATES, self.reject_duplicates)
            | _flag(_REPORT_REQUESTED, self.report_requested)
            | _flag(_HAS_HEADER, carried.has_header)
            | _flag(_REPLY_PATH, self.reply_path)
        )
        head = bytes((first, self.tp_mr)) + party_address(self.to) + bytes((self.pid, self.dcs)) + validity
        return head + bytes((carried.udl,)) + carried.octets


@frozen
class SmsDeliver:
    """An SMS-DELIVER. `text` is None, and `data` is there, in a coding other than 7-bit and UCS-2.

    `timestamp_at` is when the SMSC took the message, to the second, by a clock `zone_quarters` quarters of an hour
    east of UTC. `ports` name the application that the message is for: a WAP push comes to port 2948.
    """

    sender: str
    text: str | None
    concat: Concat | None
    dcs: int
    timestamp_at: Instant
    data: bytes | None = None
    ports: Ports | None = None
    tables: Tables = NO_TABLES
    others: tuple[Element, ...] = ()
    pid: int = 0
    zone_quarters: int = 0
    more_messages: bool = False
    loop_prevention: bool = False
    report_indication: bool = False
    reply_path: bool = False

    @property
    def message_class(self) -> int | None:
        """0 is shown at once and not stored (flash), 2 is for the SIM; None without a class."""
        return coding_of(self.dcs).message_class

    def tpdu(self) -> bytes:
        """Its octets. Raises `UnencodableAddress`, `SegmentOverflow`; `ValueError` for a text not in its coding."""
        carried = _carried(self, self.dcs)
        first = (
            _DELIVER
            | _flag(_NO_MORE_MESSAGES, not self.more_messages)
            | _flag(_LOOP_PREVENTION, self.loop_prevention)
            | _flag(_REPORT_INDICATION, self.report_indication)
            | _flag(_HAS_HEADER, carried.has_header)
            | _flag(_REPLY_PATH, self.reply_path)
        )
        head = bytes((first,)) + party_address(self.sender) + bytes((self.pid, self.dcs))
        return head + timestamp(self.timestamp_at, self.zone_quarters) + bytes((carried.udl,)) + carried.octets


@frozen
class SmsStatusReport:
    """What became of an earlier submit (or of a command, with `on_command`).

    `status` is TP-ST: below 32 delivered, below 64 the SMSC still tries, otherwise it gave up (`tp_status_text`).
    The optional `pid`, `dcs` and user data are None where the report leaves them out.
    """

    tp_mr: int
    recipient: str
    submitted_at: Instant
    discharged_at: Instant
    status: int
    pid: int | None = None
    dcs: int | None = None
    text: str | None = None
    data: bytes | None = None
    concat: Concat | None = None
    ports: Ports | None = None
    tables: Tables = NO_TABLES
    others: tuple[Element, ...] = ()
    submitted_zone_quarters: int = 0
    discharged_zone_quarters: int = 0
    more_messages: bool = False
    loop_prevention: bool = False
    on_command: bool = False

    def tpdu(self) -> bytes:
        """Its octets. Raises `UnencodableAddress`, `SegmentOverflow`; `ValueError` for a text not in its coding."""
        has_content = self.text is not None or self.data is not None
        carried = _carried(self, self.dcs or 0) if has_content else None
        first = (
            _STATUS_REPORT
            | _flag(_NO_MORE_MESSAGES, not self.more_messages)
            | _flag(_LOOP_PREVENTION, self.loop_prevention)
            | _flag(_ON_COMMAND, self.on_command)
            | _flag(_HAS_HEADER, carried and carried.has_header)
        )
        return (
            bytes((first, self.tp_mr))
            + party_address(self.recipient)
            + timestamp(self.submitted_at, self.submitted_zone_quarters)
            + timestamp(self.discharged_at, self.discharged_zone_quarters)
            + bytes((self.status,))
            + self._parameters(carried)
        )

    def _parameters(self, carried: UserData | None) -> bytes:
        parameters = b"".join([bytes((octet,)) for octet in (self.pid, self.dcs) if octet is not None])
        indicator = (
            _flag(_HAS_PID, self.pid is not None)
            | _flag(_HAS_DCS, self.dcs is not None)
            | _flag(_HAS_USER_DATA, carried)
        )
        if carried:
            parameters += bytes((carried.udl,)) + carried.octets
        return bytes((indicator,)) + parameters if indicator else b""


def _flag(bit: int, is_set: object) -> int:
    return bit if is_set else 0


def _validity_octets(validity: Validity | None) -> tuple[int, bytes]:
    """TP-VPF and TP-VP."""
    if validity is None:
        return 0, b""
    from harness.sms.validity import validity_octets

    return validity_octets(validity)


def _carried(value: SmsSubmit | SmsDeliver | SmsStatusReport, dcs: int) -> UserData:
    header = Header(value.concat, value.ports, value.tables, value.others)
    return written_user_data(Content(value.text, value.data, header), dcs)


# ---- building ------------------------------------------------------------------------------------


def submit_pdus(
    to: str,
    text: str,
    concat_ref: int = 0,
    *,
    config: SmsConfig = DEFAULT,
    status_report: bool = True,
    message_class: int | None = None,
) -> tuple[bytes, ...]:
    """The SMS-SUBMIT of each segment of `text`, as Android 16 builds them; none for the empty text.

    Raises `UnencodableAddress` or `SegmentOverflow` where Android builds none, and so sends nothing.
    """
    parts = divide(text, config)
    return submit_tpdus(to, parts, concat_ref, status_report, config=config, message_class=message_class)


def submit_tpdus(
    to: str,
    text_parts: Sequence[str],
    concat_ref: int,
    status_report: bool = True,
    *,
    config: SmsConfig = DEFAULT,
    message_class: int | None = None,
) -> tuple[bytes, ...]:
    """The SMS-SUBMIT of each part of a text that was divided with the same `config`.

    TP-MR, the second octet, is 0 until the modem fills it in. No part gives no TPDU. Android sets no message class.
    Raises `UnencodableAddress` or `SegmentOverflow` where Android builds none, and so sends nothing.
    """
    return _submits(to, user_data(text_parts, concat_ref, config), status_report, message_class)


def submit_data_tpdus(
    to: str,
    data: bytes,
    concat_ref: int,
    *,
    ports: Ports | None = None,
    status_report: bool = True,
    message_class: int | None = None,
) -> tuple[bytes, ...]:
    """The SMS-SUBMIT of 8-bit data, at least one. Raises `UnencodableAddress`, `SegmentOverflow`."""
    return _submits(to, _divided_data(data, ports, concat_ref), status_report, message_class)


def _submits(
    to: str, segments: Sequence[UserData], status_report: bool, message_class: int | None
) -> tuple[bytes, ...]:
    address = destination_address(to)
    first = _SUBMIT | _flag(_REPORT_REQUESTED, status_report)
    return tuple(
        [
            bytes((first | _flag(_HAS_HEADER, carried.has_header), 0))
            + address
            + bytes((0, classed(carried.dcs, message_class), carried.udl))
            + carried.octets
            for carried in segments
        ]
    )


def deliver_tpdus(
    sender: str,
    text: str,
    timestamp_at: Instant,
    concat_ref: int,
    *,
    message_class: int | None = None,
    zone_quarters: int = 0,
) -> tuple[bytes, ...]:
    """The SMS-DELIVER by which an SMSC hands over a text, at least one. A text loses nothing on the way.

    Raises `UnencodableAddress`, and `SegmentOverflow` for more than 255 segments.
    """
    return _delivers(sender, _delivered(text, concat_ref), timestamp_at, message_class, zone_quarters)


def deliver_data_tpdus(
    sender: str,
    data: bytes,
    timestamp_at: Instant,
    concat_ref: int,
    *,
    ports: Ports | None = None,
    message_class: int | None = None,
    zone_quarters: int = 0,
) -> tuple[bytes, ...]:
    """The SMS-DELIVER by which an SMSC hands over 8-bit data, at least one. A WAP push is one for port 2948.

    Raises `UnencodableAddress`, and `SegmentOverflow` for more than 255 segments.
    """
    return _delivers(sender, _divided_data(data, ports, concat_ref), timestamp_at, message_class, zone_quarters)


def _delivers(
    sender: str, segments: Sequence[UserData], timestamp_at: Instant, message_class: int | None, zone_quarters: int
) -> tuple[bytes, ...]:
    address = party_address(sender)
    stamp = timestamp(timestamp_at, zone_quarters)
    return tuple(
        [
            bytes((_DELIVER | _NO_MORE_MESSAGES | _flag(_HAS_HEADER, carried.has_header),))
            + address
            + bytes((0, classed(carried.dcs, message_class)))
            + stamp
            + bytes((carried.udl,))
            + carried.octets
            for carried in segments
        ]
    )


def _delivered(text: str, concat_ref: int) -> tuple[UserData, ...]:
    # Android would lose these two characters in 7-bit (segmentation.md §2); a network must not.
    if ESCAPE in text or "\uffff" in text:
        return _counted(ucs2_user_data(divide_ucs2(text), concat_ref))
    return _counted(user_data(divide(text) or ("",), concat_ref))


def _counted(segments: tuple[UserData, ...]) -> tuple[UserData, ...]:
    """The same, if a header can count them; Android counts on from 0 (segmentation.md §2)."""
    if len(segments) > _SEGMENTS_MAX:
        raise SegmentOverflow(len(segments), "segments", _SEGMENTS_MAX)
    return segments


def _divided_data(data: bytes, ports: Ports | None, concat_ref: int) -> tuple[UserData, ...]:
    alone = Header(ports=ports)
    if len(alone.octets()) + len(data) <= OCTETS_MAX:
        return (written_user_data(Content(None, data, alone), DATA_DCS),)
    room = OCTETS_MAX - len(Header(Concat(concat_ref, 1, 1), ports).octets())
    pieces = [data[start : start + room] for start in range(0, len(data), room)]
    concats = [Concat(concat_ref, len(pieces), place) for place in range(1, len(pieces) + 1)]
    contents = [Content(None, piece, Header(concat, ports)) for piece, concat in zip(pieces, concats, strict=True)]
    return _counted(tuple([written_user_data(content, DATA_DCS) for content in contents]))


def forwarded_tpdu(submit: bytes, sender: str, at: Instant) -> bytes:
    """What an SMSC makes of an SMS-SUBMIT: an SMS-DELIVER with the same user data, stamped `at`.

    A `sender` of "" is an address without a digit; Android shows it as an empty one.
    Raises `MalformedPdu`, `UnencodableAddress`.
    """
    octets = _Octets(submit)
    first = octets.first(_SUBMIT)
    octets.one()
    octets.address()
    protocol_and_coding = octets.take(2)
    octets.take(_VALIDITY_OCTETS[first & _VALIDITY_FORMAT])
    head = bytes((_DELIVER | _NO_MORE_MESSAGES | (first & _HAS_HEADER),))
    address = party_address(sender) if sender else NOBODY
    return head + address + protocol_and_coding + timestamp(at) + octets.rest()


def with_reference(submit: bytes, tp_mr: int) -> bytes:
    """The SMS-SUBMIT with that reference."""
    return submit[:1] + bytes((tp_mr,)) + submit[2:]


def resent(submit: bytes) -> bytes:
    """The SMS-SUBMIT sent again: the SMSC is to drop it if it has it already (TP-RD)."""
    return bytes((submit[0] | _REJECT_DUPLICATES,)) + submit[1:]


def status_report_tpdu(tp_mr: int, recipient: str, submitted_at: Instant, discharged_at: Instant, status: int) -> bytes:
    """The SMS-STATUS-REPORT on the submit that had `tp_mr`. Raises `UnencodableAddress`."""
    return SmsStatusReport(tp_mr, recipient, submitted_at, discharged_at, status).tpdu()


# ---- reading -------------------------------------------------------------------------------------


def parse_submit(tpdu: bytes) -> SmsSubmit:
    """Raises `MalformedPdu`."""
    octets = _Octets(tpdu)
    first = octets.first(_SUBMIT)
    tp_mr, to = octets.one(), octets.address()
    pid, dcs = octets.take(2)
    validity = octets.validity(first & _VALIDITY_FORMAT)
    content = octets.content(dcs, first)
    header = content.header
    return SmsSubmit(
        tp_mr,
        to,
        content.text,
        header.concat,
        dcs,
        bool(first & _REPORT_REQUESTED),
        content.data,
        header.ports,
        header.tables,
        header.others,
        pid,
        validity,
        bool(first & _REJECT_DUPLICATES),
        bool(first & _REPLY_PATH),
    )


def submit_head(tpdu: bytes) -> tuple[int, str, bool]:
    """TP-MR, destination, and whether a report is wanted: all that a network needs of an SMS-SUBMIT, in no time."""
    digits = tpdu[2]
    to = address_text(digits, tpdu[3], tpdu[4 : 4 + (digits + 1) // 2])
    return tpdu[1], to, bool(tpdu[0] & _REPORT_REQUESTED)


def parse_deliver(tpdu: bytes) -> SmsDeliver:
    """Raises `MalformedPdu`."""
    octets = _Octets(tpdu)
    first = octets.first(_DELIVER)
    sender = octets.address()
    pid, dcs = octets.take(2)
    timestamp_at, zone_quarters = octets.timestamp()
    content = octets.content(dcs, first)
    header = content.header
    return SmsDeliver(
        sender,
        content.text,
        header.concat,
        dcs,
        timestamp_at,
        content.data,
        header.ports,
        header.tables,
        header.others,
        pid,
        zone_quarters,
        not first & _NO_MORE_MESSAGES,
        bool(first & _LOOP_PREVENTION),
        bool(first & _REPORT_INDICATION),
        bool(first & _REPLY_PATH),
    )


def parse_status_report(tpdu: bytes) -> SmsStatusReport:
    """Raises `MalformedPdu`."""
    octets = _Octets(tpdu)
    first = octets.first(_STATUS_REPORT)
    tp_mr, recipient = octets.one(), octets.address()
    submitted_at, submitted_zone_quarters = octets.timestamp()
    discharged_at, discharged_zone_quarters = octets.timestamp()
    status = octets.one()
    indicators = octets.indicators()
    pid = octets.one() if indicators & _HAS_PID else None
    dcs = octets.one() if indicators & _HAS_DCS else None
    content = octets.content(dcs or 0, first) if indicators & _HAS_USER_DATA else Content(None, None, NO_HEADER)
    header = content.header
    return SmsStatusReport(
        tp_mr,
        recipient,
        submitted_at,
        discharged_at,
        status,
        pid,
        dcs,
        content.text,
        content.data,
        header.concat,
        header.ports,
        header.tables,
        header.others,
        submitted_zone_quarters,
        discharged_zone_quarters,
        not first & _NO_MORE_MESSAGES,
        bool(first & _LOOP_PREVENTION),
        bool(first & _ON_COMMAND),
    )


def reassemble(parts: Iterable[SmsDeliver | SmsSubmit]) -> str:
    """The text of one message in a handset's inbox, from its parts in any order, each perhaps more than once.

    Characters that were cut between two parts are whole again. Data counts as no text.
    """
    texts = {part.concat.sequence if part.concat else 0: part.text or "" for part in parts}
    whole = "".join([texts[sequence] for sequence in sorted(texts)])
    return whole.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")


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

    def timestamp(self) -> tuple[Instant, int]:
        """TP-SCTS or TP-DT, and its zone."""
        return read_timestamp(self.take(7))

    def validity(self, validity_format: int) -> Validity | None:
        """TP-VP."""
        octets = self.take(_VALIDITY_OCTETS[validity_format])
        if not octets:
            return None
        from harness.sms.validity import read_validity

        return read_validity(validity_format, octets)

    def indicators(self) -> int:
        """TP-PI, 0 if nothing follows. Its further octets announce nothing that is known."""
        first = following = self.one() if self._position < len(self._tpdu) else 0
        while following & _MORE_INDICATORS:
            following = self.one()
        return first

    def rest(self) -> bytes:
        return self._tpdu[self._position :]

    def content(self, dcs: int, first: int) -> Content:
        udl = self.one()
        return read_user_data(dcs, bool(first & _HAS_HEADER), udl, self.rest())
