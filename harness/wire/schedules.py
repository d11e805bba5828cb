"""Send schedules on the wire: what is asked for, what is wrong with it, what is shown (gateway-protocol.md §2.16)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Self

from harness.frozen import frozen
from harness.wire import rules, zones
from harness.wire.bodies import Body
from harness.wire.json import Kind, integer, listed, read_fields, text
from harness.wire.rules import Problems, problems, required
from harness.wire.server import Entity

__all__ = ["ScheduleUpdate", "Window", "schedule", "write"]


class Window(NamedTuple):
    """Open on a day of the week (0 = Sunday) from one minute of the day up to another, in order of day and start."""

    day_of_week: int = 0
    start_minute: int = 0
    end_minute: int = 0


_WINDOW: Mapping[str, Kind] = {"day_of_week": integer, "start_minute": integer, "end_minute": integer}


def _window(value: Any, name: str) -> Window:
    return Window(**read_fields(value, _WINDOW))


_SCHEDULE: Mapping[str, Kind] = {"name": text, "timezone": text, "windows": listed(_window, Window())}
_RULES = (required, rules.minimum(2), rules.maximum(100))
_NO_ZONE = "The timezone must be a valid IANA timezone e.g Europe/London."
_NO_WINDOW = "at least one active window is required"
_DAYS = range(7)
_STARTS = range(1440)
_ENDS = range(1, 1441)
_MOST_A_DAY = 6


@frozen
class ScheduleUpdate:
    """`POST` and `PUT` of send schedules: the whole of it. The windows are sorted before they are judged."""

    name: str
    timezone: str
    windows: tuple[Window, ...]

    @classmethod
    def read(cls, body: Body) -> Self:
        found = body.fields(_SCHEDULE)
        # Windows that begin together keep their order.
        windows = sorted(found.get("windows", ()), key=lambda window: window[:2])
        return cls(found.get("name", "").strip(), found.get("timezone", "").strip(), tuple(windows))

    def problems(self) -> Problems:
        found = problems(("name", self.name, _RULES), ("timezone", self.timezone, _RULES))
        if self.timezone and not zones.is_zone(self.timezone):
            found.setdefault("timezone", []).append(_NO_ZONE)
        if wrong := list(_window_problems(self.windows)):
            found["windows"] = wrong
        return found


def _window_problems(windows: Sequence[Window]) -> Iterator[str]:
    if not windows:
        yield _NO_WINDOW
        return
    count: Counter[int] = Counter()
    for index, window in enumerate(windows):
        day = window.day_of_week
        if day in _DAYS:
            count[day] += 1
            if count[day] > _MOST_A_DAY:
                yield f"day_of_week {day} cannot have more than {_MOST_A_DAY} windows"
        for problem in _minute_problems(window):
            yield f"windows[{index}].{problem}"
    yield from _overlaps(windows)


def _minute_problems(window: Window) -> Iterator[str]:
    if window.day_of_week not in _DAYS:
        yield "day_of_week must be between 0 and 6"
    if window.start_minute not in _STARTS:
        yield "start_minute must be between 0 and 1439"
    if window.end_minute not in _ENDS:
        yield "end_minute must be between 1 and 1440"
    if window.end_minute <= window.start_minute:
        yield "end_minute must be greater than start_minute"


def _overlaps(windows: Sequence[Window]) -> Iterator[str]:
    """One line for each day, in order; the server has them in none. Windows without an extent do not count."""
    lasting = [window for window in windows if window.day_of_week in _DAYS and window.end_minute > window.start_minute]
    days = [
        after.day_of_week
        for before, after in pairwise(lasting)
        if before.day_of_week == after.day_of_week and after.start_minute < before.end_minute
    ]
    for day in dict.fromkeys(days):
        yield f"day_of_week {day} contains overlapping windows"


schedule = Entity("id", "user_id", "name", "timezone", "windows", "created_at@", "updated_at@")


def write(row: object) -> dict[str, Any]:
    """The entity, from any object with the attributes; `windows` are `Window`s."""
    entity = schedule(row)
    entity["windows"] = [window._asdict() for window in entity["windows"]]
    return entity
