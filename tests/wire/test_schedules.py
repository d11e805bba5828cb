"""harness.wire.schedules: what is asked for, and what is wrong with it (gateway-protocol.md §2.16)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from harness.wire import schedules
from harness.wire.bodies import Body
from harness.wire.json import BadBody, Stamp
from harness.wire.schedules import ScheduleUpdate, Window

GOOD = {"name": "nn", "timezone": "UTC", "windows": [{"day_of_week": 1, "start_minute": 0, "end_minute": 10}]}
NO_ZONE = "The timezone must be a valid IANA timezone e.g Europe/London."


def _read(**fields: Any) -> ScheduleUpdate:
    return ScheduleUpdate.read(Body(json.dumps(GOOD | fields).encode(), "application/json"))


def _window(day: Any, start: Any, end: Any) -> dict[str, Any]:
    return {"day_of_week": day, "start_minute": start, "end_minute": end}


def test_a_schedule_is_trimmed_and_its_windows_sorted() -> None:
    given = [_window(3, 600, 1440), _window(0, 5, 6), _window(3, 0, 600)]
    assert _read(name=" ab ", timezone="\tEurope/London\n", windows=given) == ScheduleUpdate(
        "ab", "Europe/London", (Window(0, 5, 6), Window(3, 0, 600), Window(3, 600, 1440))
    )


def test_windows_that_begin_together_keep_their_order() -> None:
    assert _read(windows=[_window(1, 5, 9), _window(1, 5, 7)]).windows == (Window(1, 5, 9), Window(1, 5, 7))


def test_what_is_missing_is_zero() -> None:
    assert _read(windows=[{}, None, {"Day_Of_Week": 2, "more": 1}]).windows == (Window(), Window(), Window(2))


@pytest.mark.parametrize(
    "fields",
    [
        {"name": 1},
        {"windows": {}},
        {"windows": ["x"]},
        {"windows": [_window("1", 0, 10)]},
        {"windows": [_window(1.5, 0, 10)]},
        {"windows": [_window(1, 0, 1 << 63)]},
    ],
)
def test_another_type_cannot_be_decoded(fields: dict[str, Any]) -> None:
    with pytest.raises(BadBody):
        _read(**fields)


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({}, {}),
        ({"name": "é"}, {}),  # two bytes
        ({"name": " a "}, {"name": ["The name field must be minimum 2 char"]}),
        ({"name": "é" * 51}, {"name": ["The name field must be maximum 100 char"]}),
        ({"name": ""}, {"name": ["The name field is required", "The name field must be minimum 2 char"]}),
        ({"timezone": "utc"}, {"timezone": [NO_ZONE]}),
        ({"timezone": "X"}, {"timezone": ["The timezone field must be minimum 2 char", NO_ZONE]}),
        ({"timezone": "x" * 101}, {"timezone": ["The timezone field must be maximum 100 char", NO_ZONE]}),
        (
            {"timezone": " "},
            {"timezone": ["The timezone field is required", "The timezone field must be minimum 2 char"]},
        ),
    ],
)
def test_name_and_zone_are_judged(fields: dict[str, Any], problems: dict[str, Any]) -> None:
    assert _read(**fields).problems() == problems


NO_DAY = "day_of_week must be between 0 and 6"
NO_START = "start_minute must be between 0 and 1439"
NO_END = "end_minute must be between 1 and 1440"
NO_EXTENT = "end_minute must be greater than start_minute"
TOO_MANY = "day_of_week 2 cannot have more than 6 windows"


@pytest.mark.parametrize(
    ("windows", "problems"),
    [
        ([], ["at least one active window is required"]),
        ([(0, 0, 1), (6, 1439, 1440)], []),
        ([(7, 0, 1440), (-1, 0, 1)], [f"windows[0].{NO_DAY}", f"windows[1].{NO_DAY}"]),
        ([(0, 1440, 1440)], [f"windows[0].{NO_START}", f"windows[0].{NO_EXTENT}"]),
        ([(0, -1, 0)], [f"windows[0].{NO_START}", f"windows[0].{NO_END}"]),
        ([(0, 1439, 1441)], [f"windows[0].{NO_END}"]),
        # the numbers are those of the sorted windows
        ([(5, 9, 9), (1, 8, 8)], [f"windows[0].{NO_EXTENT}", f"windows[1].{NO_EXTENT}"]),
        ([(5, 9, 9), (1, 8, 9)], [f"windows[1].{NO_EXTENT}"]),
        # a line for each window too many, before what is wrong with it
        (
            [(2, 10 * n, 10 * n + (10 if n < 7 else 0)) for n in range(8)],
            [TOO_MANY, TOO_MANY, f"windows[7].{NO_EXTENT}"],
        ),
        ([(2, 10 * n, 10 * n + 10) for n in range(6)], []),
        # overlaps come last, a line for each day; windows without an extent have none
        (
            [(4, 0, 20), (4, 10, 30), (4, 15, 40), (3, 0, 9), (3, 8, 10), (3, 5, 5)],
            [f"windows[1].{NO_EXTENT}", "day_of_week 3 contains overlapping windows",
             "day_of_week 4 contains overlapping windows"],
        ),
        ([(1, 0, 100), (1, 10, 20), (1, 150, 160)], ["day_of_week 1 contains overlapping windows"]),
        ([(1, 0, 2000), (1, 1500, 1501)], [
            f"windows[0].{NO_END}", f"windows[1].{NO_START}", f"windows[1].{NO_END}",
            "day_of_week 1 contains overlapping windows",
        ]),
        ([(9, 0, 100), (9, 50, 60)], [f"windows[0].{NO_DAY}", f"windows[1].{NO_DAY}"]),
    ],
)  # fmt: skip
def test_windows_are_judged(windows: list[tuple[int, int, int]], problems: list[str]) -> None:
    found = _read(windows=[_window(*window) for window in windows]).problems()
    assert found == ({"windows": problems} if problems else {})


@dataclass
class _Row:
    id: str = "1"
    user_id: str = "u"
    name: str = "nn"
    timezone: str = "UTC"
    windows: tuple[Window, ...] = (Window(1, 2, 3),)
    created_at: int | Stamp = 0
    updated_at: int | Stamp = 0


def test_a_schedule_is_written_in_the_order_of_the_server() -> None:
    assert json.dumps(schedules.write(_Row())) == json.dumps(
        {
            "id": "1",
            "user_id": "u",
            "name": "nn",
            "timezone": "UTC",
            "windows": [{"day_of_week": 1, "start_minute": 2, "end_minute": 3}],
            "created_at": "1970-01-01T00:00:00Z",
            "updated_at": "1970-01-01T00:00:00Z",
        }
    )
