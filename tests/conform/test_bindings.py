"""What `bind` computes."""

from __future__ import annotations

import pytest

from harness.conform.bindings import compute
from harness.conform.cases import (
    Binding,
    Control,
    Literal,
    MinutesIntoDay,
    NowPlus,
    PathOf,
    PlusOf,
    Says,
    Spelled,
    WeekdayAfter,
    WeekdayInDays,
    WithoutPlus,
)
from harness.instants import parse_rfc3339

# A Thursday; in Auckland it is Friday already.
NOW = parse_rfc3339("2026-01-01T12:30:00.987654321Z")
NAMES: dict[str, str | int] = {
    "phone": "+18445550123",
    "opens": "2026-01-02T07:30:00Z",
    "saturday": 6,
    "url": "http://localhost:8000/v1/attachments/u/m/0/a.png?x=1",
}


@pytest.mark.parametrize(
    ("binding", "value"),
    [
        (Literal("to ${phone}"), "to +18445550123"),
        (NowPlus(3, 0), "2026-01-01T12:30:03Z"),
        (NowPlus(3, 6), "2026-01-01T12:30:03.987654Z"),
        (NowPlus(-0.987654321, 3), "2026-01-01T12:30:00.000Z"),
        (PlusOf(6, "opens"), "2026-01-02T07:30:06Z"),
        (WeekdayInDays(0, "UTC", None), 4),
        (WeekdayInDays(0, "Pacific/Auckland", None), 5),
        (WeekdayInDays(3, "UTC", None), 0),
        (WeekdayInDays(2, "UTC", 6), 0),
        (WeekdayInDays(1, "UTC", 6), 5),
        (WeekdayAfter("saturday"), 0),
        (MinutesIntoDay(450, 1, "UTC"), "2026-01-02T07:30:00Z"),
        (MinutesIntoDay(450, 1, "Asia/Kolkata"), "2026-01-02T02:00:00Z"),
        # Auckland's tomorrow begins on its 2nd of January, 13 hours before UTC's does.
        (MinutesIntoDay(0, 0, "Pacific/Auckland"), "2026-01-01T11:00:00Z"),
        (WithoutPlus("phone"), "18445550123"),
        (Spelled("phone", "+1 (AAA) BBB-CCCC"), "+1 (844) 555-0123"),
        (PathOf("url"), "/v1/attachments/u/m/0/a.png?x=1"),
    ],
    ids=str,
)
def test_a_binding_has_its_value(binding: Binding, value: str | int) -> None:
    assert compute(binding, NAMES, NOW) == value


@pytest.mark.parametrize(
    ("binding", "error"),
    [
        (PlusOf(1, "phone"), ValueError),
        (WeekdayInDays(0, "Moon/Tycho", None), ValueError),
        (Control("/phones/1", "monitor_id"), ValueError),
        (Says("by hand"), ValueError),
        (PathOf("nobody"), KeyError),
    ],
    ids=str,
)
def test_a_binding_without_a_value_is_an_error(binding: Binding, error: type[Exception]) -> None:
    with pytest.raises(error):
        compute(binding, NAMES, NOW)
