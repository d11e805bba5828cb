"""harness.standin.windows: when a schedule lets messages out (gateway-protocol.md §4.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.instants import SECOND, Instant, parse_rfc3339, rfc3339
from harness.standin.windows import open_at
from harness.wire import zones
from harness.wire.schedules import Window
from harness.wire.zones import DAY_S, Zone

Windows = tuple[Window, ...]
SUN, MON, THU, FRI, SAT = 0, 1, 4, 5, 6

# zone, instant, windows, when the message goes out: made with Go's own time package (Go 1.26, IANA 2026f)
IN_GO = [
    ("Europe/London", "2026-11-20T10:00:00.123456789Z", [(FRI, 540, 1020)], "2026-11-20T10:00:00.123456789Z"),
    ("Europe/London", "2026-11-20T08:59:59.999999999Z", [(FRI, 540, 1020)], "2026-11-20T09:00:00Z"),
    ("Europe/London", "2026-11-20T16:59:59.999999999Z", [(FRI, 540, 1020)], "2026-11-20T16:59:59.999999999Z"),
    ("Europe/London", "2026-11-20T17:00:00Z", [(FRI, 540, 1020)], "2026-11-27T09:00:00Z"),
    ("Pacific/Auckland", "2026-11-20T10:00:00Z", [(SAT, 450, 451)], "2026-11-20T18:30:00Z"),
    ("Asia/Kathmandu", "2026-11-20T18:14:00Z", [(SAT, 0, 1)], "2026-11-20T18:15:00Z"),
    # Minutes are elapsed time: nine in the morning is ten on the wall in spring, and eight in autumn.
    ("Europe/London", "2026-03-28T12:00:00Z", [(SUN, 540, 600)], "2026-03-29T09:00:00Z"),
    ("Europe/London", "2026-10-24T12:00:00Z", [(SUN, 540, 600)], "2026-10-25T08:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T12:00:00Z", [(SUN, 540, 600)], "2026-10-03T22:30:00Z"),
    ("Africa/Casablanca", "2026-02-14T12:00:00Z", [(SUN, 540, 600)], "2026-02-15T08:00:00Z"),
    # A day of 23 hours ends before its last window begins: it begins on Monday, when no Sunday counts any more.
    ("Europe/London", "2026-03-28T12:00:00Z", [(SUN, 1380, 1440)], "2026-03-29T23:00:00Z"),
    ("Europe/London", "2026-03-29T23:00:00Z", [(SUN, 1380, 1440)], "2026-04-05T22:00:00Z"),
    # A day of 25 hours has one in which even a window of 24 is closed.
    ("Europe/London", "2026-10-25T23:30:00Z", [(SUN, 0, 1440)], "2026-11-01T00:00:00Z"),
    # 00:00 is skipped: it is an hour before, in the west, and an hour after, in the east.
    ("America/Sao_Paulo", "2018-11-03T12:00:00Z", [(SUN, 0, 60)], "2018-11-04T02:00:00Z"),
    ("Africa/Cairo", "2026-04-23T12:00:00Z", [(FRI, 0, 60)], "2026-04-23T22:00:00Z"),
    # In the west it is then Saturday still, whose windows count, and Sunday's has begun in the past.
    ("America/Santiago", "2025-09-07T03:30:00Z", [(SUN, 0, 60)], "2025-09-07T03:00:00Z"),
    # Half past midnight two days on is Saturday too, so Sunday is never asked; at half past one it is.
    ("America/Santiago", "2025-09-05T04:30:00Z", [(SUN, 540, 600), (MON, 540, 600)], "2025-09-08T12:00:00Z"),
    ("America/Santiago", "2025-09-05T05:30:00Z", [(SUN, 540, 600), (MON, 540, 600)], "2025-09-07T12:00:00Z"),
    # 00:00 comes twice: the first counts.
    ("America/Havana", "2026-10-31T12:00:00Z", [(SUN, 0, 60)], "2026-11-01T04:00:00Z"),
    # There was no Friday. In the morning a day after Thursday is Thursday again.
    ("Pacific/Apia", "2011-12-28T22:00:00Z", [(FRI, 540, 600), (SAT, 540, 600)], "2011-12-30T19:00:00Z"),
    ("Pacific/Apia", "2011-12-29T16:00:00Z", [(THU, 0, 60), (SAT, 540, 600)], "2011-12-29T10:00:00Z"),
]


@pytest.mark.parametrize(("zone", "at", "windows", "opens"), IN_GO)
def test_a_schedule_opens_when_the_servers_arithmetic_says(
    zone: str, at: str, windows: list[tuple[int, int, int]], opens: str
) -> None:
    assert rfc3339(open_at([Window(*window) for window in windows], zone, parse_rfc3339(at))) == opens


@pytest.mark.parametrize(("windows", "zone"), [((), "Europe/London"), ((Window(0, 0, 1),), "Mars/Olympus")])
def test_without_a_window_or_a_zone_a_message_goes_out_at_once(windows: Windows, zone: str) -> None:
    assert open_at(windows, zone, 1) == 1


# -- whatever the schedule ---------------------------------------------------------------------------------------

CHANGES = {
    "Europe/London": ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"],
    "Australia/Lord_Howe": ["2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"],
    "Africa/Casablanca": ["2026-02-15T02:00:00Z", "2026-03-22T02:00:00Z"],
    "America/Sao_Paulo": ["2018-02-18T02:00:00Z", "2018-11-04T03:00:00Z"],
    "America/Santiago": ["2026-04-05T03:00:00Z", "2026-09-06T04:00:00Z"],
    "Africa/Cairo": ["2026-04-23T22:00:00Z", "2026-10-29T21:00:00Z"],
    "Asia/Kathmandu": ["1985-12-31T18:30:00Z"],
    "Pacific/Apia": ["2011-12-30T10:00:00Z"],
}


@st.composite
def _windows(draw: st.DrawFn) -> Windows:
    found: list[Window] = []
    for day in draw(st.lists(st.integers(0, 6), max_size=4, unique=True)):
        ends = sorted(draw(st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True)))
        found += [Window(day, *pair) for pair in zip(ends[::2], ends[1::2], strict=False)]
    return tuple(sorted(found))


@st.composite
def _zone_and_time(draw: st.DrawFn) -> tuple[str, Instant]:
    name = draw(st.sampled_from(sorted(CHANGES)))
    near = parse_rfc3339(draw(st.sampled_from(CHANGES[name])))
    return name, near + draw(st.integers(-10 * DAY_S, 2 * DAY_S)) * SECOND + draw(st.sampled_from([0, 1, SECOND - 1]))


def _zone(name: str) -> Zone:
    zone = zones.find(name)
    assert zone is not None
    return zone


def _midnight(zone: Zone, day: int) -> int:
    return zone.second(day * DAY_S)


def _spans(windows: Windows, zone: Zone, day: int) -> Iterator[tuple[Instant, Instant]]:
    """From when to when the windows of a day are open."""
    for window in windows:
        if window.day_of_week == (day + 4) % 7:
            start, end = (_midnight(zone, day) + 60 * minute for minute in window[1:])
            yield start * SECOND, end * SECOND


def _is_open(windows: Windows, zone: Zone, at: Instant) -> bool:
    day = zone.wall(at // SECOND) // DAY_S
    return any(start <= at < end for start, end in _spans(windows, zone, day))


def _is_ordinary(windows: Windows, zone: Zone, at: Instant) -> bool:
    """Every day that is asked is there, begins at 00:00, and does not end before its windows."""
    wall = zone.wall(at // SECOND)
    today = wall // DAY_S
    for day in range(today, today + 9):
        if zone.wall(_midnight(zone, day)) != day * DAY_S:
            return False
        if zone.wall(zone.second(wall + (day - today) * DAY_S)) // DAY_S != day:
            return False
        if any(end > _midnight(zone, day + 1) * SECOND for _, end in _spans(windows, zone, day)):
            return False
    return True


@given(_zone_and_time(), _windows())
def test_a_message_goes_out_in_the_first_window_that_is_open(where: tuple[str, Instant], windows: Windows) -> None:
    name, at = where
    zone = _zone(name)
    assume(_is_ordinary(windows, zone, at))
    opens = open_at(windows, name, at)
    assert opens >= at
    assert open_at(windows, name, opens) == opens
    if not windows:
        assert opens == at
        return
    assert _is_open(windows, zone, opens)
    if opens > at:
        assert not _is_open(windows, zone, at)
    today = zone.wall(at // SECOND) // DAY_S
    starts = [start for day in range(today, today + 9) for start, _ in _spans(windows, zone, day)]
    assert not [start for start in starts if at <= start < opens]


@given(_zone_and_time(), _windows())
def test_on_any_day_a_message_goes_out_at_once_or_when_a_window_begins(
    where: tuple[str, Instant], windows: Windows
) -> None:
    name, at = where
    zone = _zone(name)
    opens = open_at(windows, name, at)
    today = zone.wall(at // SECOND) // DAY_S
    starts = [start for day in range(today - 1, today + 9) for start, _ in _spans(windows, zone, day)]
    assert opens in (at, *starts)


def _walk(windows: Windows, zone: str, at: Instant) -> Instant:
    """Minute by minute, by the clock on the wall."""
    shown = datetime.fromtimestamp(at // SECOND, ZoneInfo(zone)).replace(tzinfo=None)
    for minute in range(8 * 1440 + 1):
        day, of_day = shown.isoweekday() % 7, shown.hour * 60 + shown.minute
        if any(day == window[0] and window[1] <= of_day < window[2] for window in windows):
            return at if minute == 0 else (at - at % (60 * SECOND)) + minute * 60 * SECOND
        shown += timedelta(minutes=1)
    return at


@given(
    st.sampled_from(["UTC", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tokyo", "America/Phoenix", "Pacific/Marquesas"]),
    st.integers(1_600_000_000 * SECOND, 1_900_000_000 * SECOND),
    _windows(),
)
def test_where_no_clock_changes_a_walk_by_the_clock_finds_the_same(zone: str, at: Instant, windows: Windows) -> None:
    assert open_at(windows, zone, at) == _walk(windows, zone, at)
