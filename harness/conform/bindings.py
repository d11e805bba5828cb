"""What the step `bind` computes: times, weekdays and spellings from the present instant and bound names."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from harness.conform.cases import (
    Binding,
    Literal,
    MinutesIntoDay,
    NowPlus,
    PathOf,
    PlusOf,
    Spelled,
    WeekdayAfter,
    WeekdayInDays,
    WithoutPlus,
)
from harness.conform.names import Names, fill_text
from harness.instants import SECOND, Instant, ns, parse_rfc3339, rfc3339

__all__ = ["compute"]


def compute(binding: Binding, names: Names, now: Instant) -> str | int:
    """The value of a binding that needs nothing but names and time.

    Raises `KeyError` for a name that is not bound and `ValueError` for a bound value of the wrong kind.
    """
    match binding:
        case Literal(text):
            return fill_text(text, names)
        case NowPlus(seconds, digits):
            return _time(now + ns(seconds), digits)
        case PlusOf(seconds, of):
            return rfc3339(parse_rfc3339(_text(names, of)) + ns(seconds))
        case WeekdayInDays(days, zone, but_not):
            weekday = _weekday(_day(now, days, zone))
            return (weekday + 1) % 7 if weekday == but_not else weekday
        case WeekdayAfter(of):
            return (int(names[of]) + 1) % 7
        case MinutesIntoDay(minutes, days, zone):
            return rfc3339(_midnight(_day(now, days, zone), zone) + minutes * 60 * SECOND)
        case WithoutPlus(of):
            return _text(names, of).removeprefix("+")
        case Spelled(of, pattern):
            return _spelled(_text(names, of), pattern)
        case PathOf(of):
            return urlsplit(_text(names, of))._replace(scheme="", netloc="").geturl()
    raise ValueError(f"{type(binding).__name__} is not computed")


def _text(names: Names, name: str) -> str:
    return str(names[name])


def _time(at: Instant, digits: int) -> str:
    """UTC with Z and exactly so many fraction digits, cut, not rounded."""
    second, fraction = divmod(at, SECOND)
    whole = rfc3339(second * SECOND).removesuffix("Z")
    return whole + (f".{fraction:09d}"[: digits + 1] if digits else "") + "Z"


def _day(now: Instant, days: int, zone: str) -> date:
    today = datetime.fromtimestamp(now // SECOND, _zone(zone)).date()
    return today + timedelta(days=days)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError as error:
        raise ValueError(f"no time zone {name}") from error


def _weekday(day: date) -> int:
    return day.isoweekday() % 7


def _midnight(day: date, zone: str) -> Instant:
    """When the day begins: in some zones a change of the clock skips midnight, then it begins at one."""
    start = datetime.combine(day, time(), _zone(zone)).astimezone(UTC)
    return int(start.timestamp()) * SECOND


def _spelled(number: str, pattern: str) -> str:
    """`+1 (AAA) BBB-CCCC`: three digits A, three B, four C, those of the number after its +1."""
    digits = number.removeprefix("+1")
    groups = {"A": iter(digits[:3]), "B": iter(digits[3:6]), "C": iter(digits[6:])}
    return "".join(next(groups[letter]) if letter in groups else letter for letter in pattern)
