"""Instants as Go and Android write them, checked against the calendar of the standard library."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.instants import FIRST_AT, LAST_AT, SECOND, Instant, android_time, ns, parse_rfc3339, rfc3339, seconds

ZERO_AT = -62_135_596_800 * SECOND
INSTANTS = st.integers(FIRST_AT, LAST_AT)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def by_the_calendar(at: Instant) -> str:
    """The second of an instant, as datetime writes it."""
    return (EPOCH + timedelta(seconds=at // SECOND)).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")


# -- writing -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "go", "android"),
    [
        (0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000000Z"),
        (-1, "1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999000000Z"),
        (-SECOND, "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.000000000Z"),
        (ZERO_AT, "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000000Z"),
        (1_784_783_409_100_000_000, "2026-07-23T05:10:09.1Z", "2026-07-23T05:10:09.100000000Z"),
        (1_784_783_410_123_456_789, "2026-07-23T05:10:10.123456789Z", "2026-07-23T05:10:10.123000000Z"),
        (1_784_783_410_000_001_000, "2026-07-23T05:10:10.000001Z", "2026-07-23T05:10:10.000000000Z"),
        (1_709_164_800 * SECOND, "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000000Z"),
        (LAST_AT, "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999000000Z"),
    ],
)
def test_an_instant_is_written_as_go_and_android_write_it(at: Instant, go: str, android: str) -> None:
    assert (rfc3339(at), android_time(at)) == (go, android)


@given(INSTANTS)
def test_what_is_written_is_what_the_calendar_says(at: Instant) -> None:
    digits = f"{at % SECOND:09d}"
    fraction = digits.rstrip("0")
    assert rfc3339(at) == by_the_calendar(at) + (f".{fraction}" if fraction else "") + "Z"
    assert android_time(at) == f"{by_the_calendar(at)}.{digits[:3]}000000Z"


@given(st.lists(INSTANTS, max_size=6))
def test_no_instant_is_written_as_the_one_before_it(instants: list[Instant]) -> None:
    """The second is kept between calls: it must not be the wrong one."""
    assert [rfc3339(at)[:19] for at in instants] == [by_the_calendar(at) for at in instants]


@pytest.mark.parametrize("at", [FIRST_AT - 1, LAST_AT + 1, 10**30, -(10**30)])
def test_an_instant_outside_the_calendar_cannot_be_written(at: Instant) -> None:
    for write in (rfc3339, android_time):
        with pytest.raises(ValueError, match="calendar"):
            write(at)


def test_the_first_instant_of_a_process_may_be_any() -> None:
    program = "from harness.instants import rfc3339; print(rfc3339(-1_000_000_000))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "1969-12-31T23:59:59Z\n"


# -- reading -------------------------------------------------------------------------------------------------------


@given(INSTANTS)
def test_what_was_written_is_read_again(at: Instant) -> None:
    assert parse_rfc3339(rfc3339(at)) == at
    assert parse_rfc3339(android_time(at)) == at - at % 1_000_000


@given(st.datetimes(), st.integers(-23 * 60 - 59, 23 * 60 + 59))
def test_any_offset_is_read_as_datetime_reads_it(local: datetime, minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    text = local.replace(tzinfo=zone).isoformat()
    expected = (local - datetime(1970, 1, 1)) // timedelta(microseconds=1) * 1000 - minutes * 60 * SECOND
    if FIRST_AT <= expected <= LAST_AT:
        assert parse_rfc3339(text) == expected
    else:
        with pytest.raises(ValueError, match="calendar"):
            parse_rfc3339(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("0001-01-01T00:00:00Z", ZERO_AT),
        ("1970-01-01T00:00:00.5Z", SECOND // 2),
        ("1970-01-01T00:00:00.123456789999Z", 123_456_789),
        ("1970-01-01T02:00:00+02:00", 0),
        ("1969-12-31T18:30:00.000000001-05:30", 1),
    ],
)
def test_a_time_is_read_to_the_nanosecond(text: str, at: Instant) -> None:
    assert parse_rfc3339(text) == at


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-07-23",
        "2026-07-23T05:10:09",
        "2026-07-23 05:10:09Z",
        "2026-07-23t05:10:09Z",
        "2026-07-23T05:10:09z",
        "2026-07-23T05:10Z",
        "2026-07-23T5:10:09Z",
        "2026-07-23T05:10:09.Z",
        "2026-07-23T05:10:09,5Z",
        "2026-07-23T05:10:09+0200",
        "2026-07-23T05:10:09+02",
        "2026-07-23T05:10:09+24:00",
        "2026-07-23T05:10:09+02:60",
        "2026-07-23T24:00:00Z",
        "2026-07-23T05:60:00Z",
        "2026-07-23T05:10:60Z",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:00-00:01",
        " 2026-07-23T05:10:09Z",
        "2026-07-23T05:10:09Z\n",
        "٢٠٢٦-07-23T05:10:09Z",
    ],
)
def test_what_is_no_rfc_3339_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_rfc3339(text)


# -- durations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_s", "expected"), [(0, 0), (1, SECOND), (0.1, 100_000_000), (1e-9, 1), (4e-10, 0), (86400, 86400 * SECOND)]
)
def test_seconds_become_whole_nanoseconds(given_s: float, expected: int) -> None:
    assert ns(given_s) == expected
    assert type(ns(given_s)) is int


def test_nanoseconds_become_seconds_for_people() -> None:
    assert seconds(1_500_000_000) == 1.5
