"""Instants and durations.

An instant is an `int`: nanoseconds since 1970-01-01T00:00:00Z, as Go's `time.Time` keeps them. A duration inside the
cores is an `int` of nanoseconds too. Integers add up the same on every machine, so virtual runs repeat exactly.
"""

from __future__ import annotations

import re
from datetime import date

__all__ = [
    "FIRST_AT",
    "LAST_AT",
    "MS",
    "SECOND",
    "Instant",
    "android_time",
    "ns",
    "parse_rfc3339",
    "rfc3339",
    "seconds",
]

Instant = int
"""Nanoseconds since the Unix epoch, UTC."""

MS = 1_000_000
SECOND = 1_000_000_000

_EPOCH = date(1970, 1, 1).toordinal()

FIRST_AT: Instant = (1 - _EPOCH) * 86400 * SECOND
"""0001-01-01T00:00:00Z, Go's zero time."""
LAST_AT: Instant = (date.max.toordinal() + 1 - _EPOCH) * 86400 * SECOND - 1
"""The last nanosecond of the year 9999."""

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))",
    re.ASCII,
)


def ns(seconds: float) -> int:
    """A duration in seconds as nanoseconds, rounded."""
    return round(seconds * SECOND)


def seconds(duration: int) -> float:
    """A duration in nanoseconds as seconds, for people and for clocks."""
    return duration / SECOND


# A scenario and its server write many times within one second: the date is formatted once for them.
_last_second: tuple[int, str] = (0, "1970-01-01T00:00:00")


def _date(second: int) -> str:
    global _last_second
    known, text = _last_second
    if known != second:
        if not FIRST_AT <= second * SECOND <= LAST_AT:
            raise ValueError(f"{second} s since 1970 is outside the calendar")
        days, rest = divmod(second, 86400)
        hour, rest = divmod(rest, 3600)
        text = f"{date.fromordinal(_EPOCH + days).isoformat()}T{hour:02d}:{rest // 60:02d}:{rest % 60:02d}"
        _last_second = (second, text)
    return text


def rfc3339(at: Instant) -> str:
    """`2026-07-23T05:10:09.1Z`: UTC, up to nine fraction digits, trailing zeros cut, as Go prints it.

    Raises `ValueError` outside the years 1 to 9999.
    """
    second, fraction = divmod(at, SECOND)
    text = _date(second)
    if not fraction:
        return text + "Z"
    return f"{text}.{fraction:09d}".rstrip("0") + "Z"


def android_time(at: Instant) -> str:
    """`2026-07-23T05:10:10.123000000Z`: milliseconds padded to nine digits (app: `Constants.kt`)."""
    second, fraction = divmod(at, SECOND)
    return f"{_date(second)}.{fraction // MS:03d}000000Z"


def parse_rfc3339(text: str) -> Instant:
    """The instant that an RFC 3339 text names; the offset must be there. Digits beyond nanoseconds are cut.

    Raises `ValueError` for anything else, also for an instant outside the years 1 to 9999, which could not be shown.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an RFC 3339 time")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"{text!r} has no such time of day")
    days = date(year, month, day).toordinal() - _EPOCH  # refuses what no calendar has, as Go does
    fraction = int(((match[7] or "") + "000000000")[:9])
    at = (((days * 24 + hour) * 60 + minute) * 60 + second) * SECOND + fraction
    if match[8]:
        if int(match[9]) > 23 or int(match[10]) > 59:
            raise ValueError(f"{text!r} has no such offset")
        offset = (int(match[9]) * 60 + int(match[10])) * 60 * SECOND
        at -= offset if match[8] == "+" else -offset
        if not FIRST_AT <= at <= LAST_AT:
            raise ValueError(f"{text!r} is outside the calendar")
    return at
