"""When a schedule lets messages out (gateway-protocol.md §4.3), by the server's own arithmetic.

A day begins at 00:00 and a window so many minutes of elapsed time after that: on a day on which the clock changes,
windows after the change are off by it on the wall. Where 00:00 itself is skipped, the day begins where Go's `time.Date`
puts it (`zones.Zone.second`): in the west an hour before the day before has ended. There, and only there, the server
may take a day for the day before it, name an instant that has passed, or miss a window; so does this.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from harness.instants import SECOND, Instant
from harness.wire import zones
from harness.wire.schedules import Window
from harness.wire.zones import DAY_S, Zone

__all__ = ["open_at"]

_DAYS_AHEAD = 7  # so the same weekday comes twice: today's window may have closed


def open_at(windows: Sequence[Window], timezone: str, at: Instant) -> Instant:
    """`at` if a window is open then, else the beginning of the next one; `at` if there is no window or no such zone."""
    zone = zones.find(timezone) if windows else None
    if zone is None:
        return at
    wall = zone.wall(at // SECOND)
    today = _today(windows, zone, wall // DAY_S, at)
    if today is not None:
        return today
    for days in range(1, _DAYS_AHEAD + 1):
        # The same time of another day; where the clock skips it, that may be a time of the day before.
        day = zone.wall(zone.second(wall + days * DAY_S)) // DAY_S
        starts = [_midnight(zone, day) + window.start_minute * 60 for window in windows if _is_on(window, day)]
        if starts:
            return min(starts) * SECOND
    return at


def _today(windows: Sequence[Window], zone: Zone, day: int, at: Instant) -> Instant | None:
    midnight = _midnight(zone, day)
    found: list[Instant] = []
    for window in windows:
        if _is_on(window, day):
            start, end = ((midnight + minute * 60) * SECOND for minute in window[1:])
            if at < end:
                found.append(max(at, start))
    return min(found, default=None)


def _is_on(window: Window, day: int) -> bool:
    return window.day_of_week == (day + 4) % 7  # 1970-01-01 was a Thursday


@lru_cache(maxsize=256)
def _midnight(zone: Zone, day: int) -> int:
    """The second at which a day (counted from 1970-01-01) begins."""
    return zone.second(day * DAY_S)
