"""The rows of content://sms."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from harness.frozen import frozen

__all__ = ["COLUMNS", "Box", "Row", "SmsStore", "Value", "bears_code", "column"]

Value = int | str | None

# Columns of the table sms in AOSP's MmsSmsDatabaseHelper, in its order, with their affinity.
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "_id": "INTEGER",
        "thread_id": "INTEGER",
        "address": "TEXT",
        "person": "INTEGER",
        "date": "INTEGER",
        "date_sent": "INTEGER",
        "protocol": "INTEGER",
        "read": "INTEGER",
        "status": "INTEGER",
        "type": "INTEGER",
        "reply_path_present": "INTEGER",
        "subject": "TEXT",
        "body": "TEXT",
        "service_center": "TEXT",
        "locked": "INTEGER",
        "sub_id": "INTEGER",
        "error_code": "INTEGER",
        "creator": "TEXT",
        "seen": "INTEGER",
    }
)


class Box(enum.IntEnum):
    """`type` of a row."""

    INBOX = 1
    SENT = 2
    DRAFT = 3
    OUTBOX = 4
    FAILED = 5
    QUEUED = 6


# Whoever is not the default SMS app sees these alone (phone-behaviour.md 9.2).
_SHOWN = (Box.INBOX, Box.SENT)
# Android does not say which texts it takes for one-time codes: 4 to 8 digits beside a word for a code, here.
_CODE_WORD = re.compile(r"\b(code|otp|one[- ]time|passcode|pin|verification|tan)\b", re.IGNORECASE)
_CODE = re.compile(r"(?<!\d)\d{4,8}(?!\d)")


@frozen
class Row:
    """One message; `box` is the column `type`. Instants are in ms since 1970."""

    id: int
    thread_id: int
    address: str
    date_ms: int
    body: str
    box: Box
    date_sent_ms: int = 0
    protocol: int | None = None
    read: int = 0
    status: int = -1
    service_center: str | None = None
    sub_id: int = 1
    creator: str | None = None
    error_code: int = 0
    seen: int = 0


_OF_ROW: Mapping[str, str] = MappingProxyType(
    {"_id": "id", "date": "date_ms", "date_sent": "date_sent_ms", "type": "box"}
)
_FIXED: Mapping[str, Value] = MappingProxyType(
    {"person": None, "reply_path_present": None, "subject": None, "locked": 0}
)


def column(row: Row, name: str) -> Value:
    """What a column of `COLUMNS` holds."""
    if name in _FIXED:
        return _FIXED[name]
    value: Value = getattr(row, _OF_ROW.get(name, name))
    return int(value) if isinstance(value, Box) else value


def bears_code(text: str) -> bool:
    """Whether a text looks as if it brought a one-time code."""
    return bool(_CODE_WORD.search(text) and _CODE.search(text))


class SmsStore:
    """The table, oldest row first. Rows keep their ids; a conversation is an address."""

    def __init__(self) -> None:
        self._rows: dict[int, Row] = {}
        self._threads: dict[str, int] = {}
        self._last_id = 0

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(self._rows.values())

    def add(
        self,
        box: Box,
        address: str,
        body: str,
        date_ms: int,
        *,
        date_sent_ms: int = 0,
        protocol: int | None = None,
        service_center: str | None = None,
        sub_id: int = 1,
        creator: str | None = None,
        error_code: int = 0,
    ) -> Row:
        """What we sent ourselves counts as read."""
        self._last_id += 1
        thread_id = self._threads.setdefault(address, len(self._threads) + 1)
        read = int(box is not Box.INBOX)
        row = Row(
            *(self._last_id, thread_id, address, date_ms, body, box, date_sent_ms, protocol, read, -1),
            *(service_center, sub_id, creator, error_code, read),
        )
        self._rows[row.id] = row
        return row

    def move(self, row_id: int, box: Box, error_code: int = 0) -> None:
        """Raises `KeyError` without such a row."""
        self._rows[row_id] = replace(self._rows[row_id], box=box, error_code=error_code)

    def seen_by_shell(self, now_ms: int, hides_codes_ms: int) -> tuple[Row, ...]:
        """What the shell user may see: received and sent, and no one-time codes while they are hidden."""
        shown = [row for row in self._rows.values() if row.box in _SHOWN]
        if hides_codes_ms:
            shown = [row for row in shown if not _is_hidden(row, now_ms, hides_codes_ms)]
        return tuple(shown)


def _is_hidden(row: Row, now_ms: int, hides_codes_ms: int) -> bool:
    return row.box is Box.INBOX and now_ms < row.date_ms + hides_codes_ms and bears_code(row.body)
