"""Many messages at once: as JSON, and as a file with a line for each (gateway-protocol.md §2.5, §2.11)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date
from typing import NamedTuple, Self

from harness.frozen import frozen
from harness.instants import FIRST_AT, LAST_AT, SECOND, Instant, rfc3339
from harness.wire import bodies, csv, numbers, rules, urls, zones
from harness.wire.bodies import Body
from harness.wire.json import BadBody, Kind, flag, text
from harness.wire.multipart import BrokenForm, File
from harness.wire.rules import Problems, problems, required
from harness.wire.server import Entity, Status
from harness.wire.zones import Zone

__all__ = [
    "DOCUMENT",
    "NO_ACCOUNT",
    "BulkSend",
    "Record",
    "Refused",
    "Tally",
    "accepted",
    "no_phone",
    "not_registered",
    "processed",
    "read",
    "request_id",
    "tally",
    "uploaded",
    "write",
]

# -- as JSON -------------------------------------------------------------------------------------------------

_BULK: Mapping[str, Kind] = {
    "from": text,
    "to": bodies.texts,
    "content": text,
    "attachments": bodies.texts,
    "encrypted": flag,
    "request_id": text,
}
_FROM = (required, rules.phone_number)
_TO = (required, rules.maximum(1000), rules.minimum(1), rules.contacts)
_TEXT = (required, rules.minimum(1), rules.maximum(1024))
_URLS = (rules.maximum(10), rules.attachment_urls)


@frozen
class BulkSend:
    """`POST /v1/messages/bulk-send`: one text to many. `attachments` is None when there are none."""

    sender: str
    to: tuple[str, ...]
    content: str
    attachments: tuple[str, ...] | None
    encrypted: bool
    request_id: str | None

    @classmethod
    def read(cls, body: Body) -> Self:
        found = body.fields(_BULK)
        get = found.get
        return cls(
            numbers.address(get("from", "")),
            tuple([numbers.address(contact) for contact in get("to", ())]),
            get("content", ""),
            _without_blanks(get("attachments", ())) or None,
            get("encrypted", False),
            get("request_id", "").strip() or None,
        )

    def problems(self) -> Problems:
        return problems(
            ("attachments", self.attachments, _URLS),
            ("content", self.content, _TEXT),
            ("from", self.sender, _FROM),
            ("to", self.to, _TO),
        )


def _without_blanks(entries: Sequence[str]) -> tuple[str, ...]:
    return tuple([entry for given in entries if (entry := given.strip())])


def no_phone(number: str) -> list[str]:
    """What a bulk send from an unregistered number is told; another send spells `install`."""
    return [
        f"no phone found with with 'from' number [{number}]. "
        "Install the android app on your phone to start sending messages",
        f"could not validate 'from' number [{number}], please try again later",
    ]


def processed(stored: int, wanted: int) -> str:
    return f"{stored} out of {wanted} messages processed successfully"


# -- as a file -----------------------------------------------------------------------------------------------

DOCUMENT = "document"
"""The field with the file, and the one that every problem is told under."""

_CSV = "text/csv"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# In the order of an XLSX file, which has them by place.
_COLUMNS = ("FromPhoneNumber", "ToPhoneNumber", "Content", "SendTime(optional)", "AttachmentURLs(optional)")
_RECORDS_MOST = 1000
_ATTACHMENTS_MOST = 10
_TEXT_BYTES_MOST = 1024
_HORIZON_NS = 420 * 3600 * SECOND

NO_ACCOUNT = "Cannot load your account. Please try again later or contact support."
_NO_RECORDS = (
    "The uploaded file doesn't contain any valid records. Make sure you are using the official httpSMS template."
)
_TOO_MANY_RECORDS = "The uploaded file must contain less than 1000 records."


class Refused(Exception):
    """The file cannot be sent from; `problems` say why."""

    def __init__(self, *problems: str) -> None:
        self.problems = [_shown(problem) for problem in problems]
        super().__init__(*self.problems)


class Record(NamedTuple):
    """A line of the file, sanitised. `send_at` is None where no time is given.

    A text may have lone surrogates, for bytes that are no UTF-8: no database takes it.
    """

    sender: str
    to: str
    content: str
    time_text: str
    attachments: tuple[str, ...]
    send_at: Instant | None


def uploaded(body: Body) -> File:
    """The file in the form. Raises `BadBody` if there is none."""
    try:
        file = body.form().file(DOCUMENT)
    except BrokenForm:
        raise BadBody({}) from None
    if file is None:
        raise BadBody({})
    return file


def read(file: File, timezone: str, now: Instant) -> list[Record]:
    """The messages in the file; a time without an offset is one of the zone. Raises `Refused`."""
    zone = zones.find(timezone) or _UTC
    found = _rows(file, zone)
    if not found:
        raise Refused(_NO_RECORDS)
    if len(found) > _RECORDS_MOST:
        raise Refused(_TOO_MANY_RECORDS)
    records = [_record(row, zone) for row in found]
    wrong = [problem for number, record in enumerate(records, start=2) for problem in _wrong(number, record, now)]
    if wrong:
        raise Refused(*wrong)
    return records


def _rows(file: File, zone: Zone) -> Sequence[tuple[str, ...]]:
    """A text for each column, of one record more than may be, if there are so many."""
    if file.content_type == _CSV or file.name.endswith(".csv"):
        try:
            return csv.rows(file.data, _COLUMNS, _RECORDS_MOST + 1)
        except csv.BadCsv:
            raise Refused(f"Cannot read the contents of the uploaded file [{file.name}].") from None
    if file.content_type == _XLSX or file.name.endswith(".xlsx"):
        return _sheet_rows(file, zone)
    raise Refused(f"The file [{file.name}] is not a valid CSV or Excel file.")


def _sheet_rows(file: File, zone: Zone) -> list[tuple[str, ...]]:
    from harness.wire import xlsx  # openpyxl is loaded with the first such file

    try:
        found = xlsx.rows(file.data, len(_COLUMNS))
    except xlsx.BadSheet:
        raise Refused(f"Cannot parse the uploaded excel file with name [{file.name}].") from None
    # The first line is the header, whatever stands in it; lines without a sender or a text are left out.
    filled = [(number, row) for number, row in found if number > 1 and len(row) > 2 and row[0].strip()]
    return [_sheet_row(number, row, zone) for number, row in filled]


def _sheet_row(number: int, row: Sequence[str], zone: Zone) -> tuple[str, ...]:
    """A time becomes one in UTC with whole seconds, or is the end of it."""
    sender, to, content, time_text, attachments = (*row, "", "")[: len(_COLUMNS)]
    if time_text.strip():
        at = _send_time(time_text, zone)
        if at is None:
            raise Refused(
                f"Row [{number}]: The SendTime [{time_text}] is not in the correct format e.g [2006-01-02T15:04:05] "
                "where 2006 is the year, 01 is January, 02 is the second day of the month and the time is 15:04:05"
            )
        time_text = _whole_second(at)
    return sender, to, content, time_text, attachments


def _record(row: Sequence[str], zone: Zone) -> Record:
    sender, to, content, time_text, attachments = row
    return Record(
        numbers.address(sender),
        numbers.address(to),
        content.strip(),
        time_text,
        _without_blanks(attachments.split(",")),
        _send_time(time_text, zone),
    )


def _wrong(number: int, record: Record, now: Instant) -> Iterator[str]:
    row = f"Row [{number}]:"
    if len(record.attachments) > _ATTACHMENTS_MOST:
        yield f"{row} You cannot attach more than {_ATTACHMENTS_MOST} files per message."
    for url in record.attachments:
        scheme = urls.scheme(url)
        if scheme is None:
            yield f"{row} The attachment URL [{url}] has an invalid url format."
        elif scheme not in ("http", "https"):
            yield f"{row} The attachment URL [{url}] must use http or https."
    if not numbers.is_number(record.sender):
        yield f"{row} The FromPhoneNumber [{record.sender}] is not a valid E.164 phone number"
    if not numbers.is_number(record.to):
        yield f"{row} The ToPhoneNumber [{record.to}] is not a valid E.164 phone number"
    if len(record.content.encode("utf-8", "surrogateescape")) > _TEXT_BYTES_MOST:
        yield f"{row} The message content must be less than {_TEXT_BYTES_MOST} characters."
    if record.send_at is None and record.time_text.strip():
        yield (
            f"{row} The SendTime [{record.time_text}] is not a valid date format. "
            "Use RFC3339 (e.g. 2023-11-11T02:10:01Z) or YYYY-MM-DDTHH:MM:SS."
        )
    elif record.send_at is not None and record.send_at > now + _HORIZON_NS:
        at = _whole_second(record.send_at)
        yield f"{row} The SendTime [{at}] cannot be more than 20 days (420 hours) in the future."


def not_registered(records: Sequence[Record], missing: Collection[str]) -> list[str]:
    """One line for each missing sender, in the order of the file; the server has them in none."""
    rows: dict[str, list[str]] = {}
    for number, record in enumerate(records, start=2):
        if record.sender in missing:
            rows.setdefault(record.sender, []).append(str(number))
    return [
        f"Rows [{', '.join(places)}]: The FromPhoneNumber [{sender}] is not registered on your account"
        for sender, places in rows.items()
    ]


def accepted(stored: int, wanted: int) -> str:
    return f"Added {stored} out of {wanted} messages to the queue"


_UTC = Zone(UTC)
_SURROGATE = re.compile("[\ud800-\udfff]")


def _shown(problem: str) -> str:
    """Bytes that are no UTF-8 are shown as Go's encoder of JSON shows them."""
    return _SURROGATE.sub("\ufffd", problem)


# -- times as Go reads them ----------------------------------------------------------------------------------

_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)([T ])(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(Z|([+-])(\d\d):(\d\d))?", re.ASCII)


def _send_time(text: str, zone: Zone) -> Instant | None:
    """The instant of an RFC 3339 time, or of one on the wall of `zone`; None for nothing of the kind.

    As Go's `time.Parse`, an hour may have one digit, and the fraction a comma. Years before 1 are refused here.
    """
    match = _TIME.fullmatch(text.strip())
    if match is None or (match[4] == " " and match[9]):
        return None
    hour, minute, second = int(match[5]), int(match[6]), int(match[7])
    if hour > 23 or minute > 59 or second > 59:
        return None
    try:
        days = date(int(match[1]), int(match[2]), int(match[3])).toordinal() - date(1970, 1, 1).toordinal()
        at = ((days * 24 + hour) * 60 + minute) * 60 + second
        at = at - _offset_s(match) if match[9] else zone.second(at)
    except (ValueError, OverflowError):
        return None
    found = at * SECOND + int(((match[8] or "") + "000000000")[:9])
    return found if FIRST_AT <= found <= LAST_AT else None


def _offset_s(match: re.Match[str]) -> int:
    if match[9] == "Z":
        return 0
    hours, minutes = int(match[11]), int(match[12])
    if hours > 24 or minutes > 60:
        raise ValueError(match[9])
    return (-1 if match[10] == "-" else 1) * (hours * 60 + minutes) * 60


def _whole_second(at: Instant) -> str:
    return rfc3339(at - at % SECOND)


# -- the name of a file's messages ---------------------------------------------------------------------------

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FOREIGN = re.compile(r"[^a-zA-Z0-9.\-_: ]")
_NAME_MOST = 32


def request_id(file_name: str, now: Instant) -> str:
    """What all messages of a file bear: the time and the name of the file, of plain letters and cut in its middle."""
    return f"bulk-{_base62(now // (SECOND // 1000))}-{_cut(_FOREIGN.sub('', file_name))}".strip()


def _base62(number: int) -> str:
    digits = ""
    while number > 0:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits or "0"


def _cut(name: str) -> str:
    if len(name) <= _NAME_MOST:
        return name
    dot = name.rfind(".")
    stem, extension = (name[:dot], name[dot:]) if dot >= 0 else (name, "")
    room = _NAME_MOST - len(extension)
    if room <= 0:
        return name[:_NAME_MOST]
    half = room // 2
    return stem[:half] + stem[len(stem) - (room - half) :] + extension


# -- what became of them -------------------------------------------------------------------------------------


@frozen
class Tally:
    """The messages of one request id by status; `sending` counts in the total only. `created_at`: the earliest."""

    request_id: str
    total: int
    scheduled_count: int
    pending_count: int
    failed_count: int
    expired_count: int
    sent_count: int
    delivered_count: int
    created_at: Instant


def tally(name: str, statuses: Sequence[Status], created_at: Instant) -> Tally:
    count = Counter(statuses)
    return Tally(
        name,
        len(statuses),
        count[Status.SCHEDULED],
        count[Status.PENDING],
        count[Status.FAILED],
        count[Status.EXPIRED],
        count[Status.SENT],
        count[Status.DELIVERED],
        created_at,
    )


write = Entity(
    "request_id",
    "total",
    "scheduled_count",
    "pending_count",
    "failed_count",
    "expired_count",
    "sent_count",
    "delivered_count",
    "created_at@",
)
