"""harness.wire.zones: the server's time zones, and Go's way from the wall to the instant."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.instants import FIRST_AT, LAST_AT, SECOND, Instant, parse_rfc3339, rfc3339
from harness.wire import zones

# zone, what the wall shows, the instant: made with Go's time.Date (Go 1.26, IANA 2026f)
ON_THE_WALL = [
    ("Europe/London", "2026-07-01T12:00:00Z", "2026-07-01T11:00:00Z"),
    ("Local", "2026-07-01T12:00:00Z", "2026-07-01T12:00:00Z"),
    ("EST", "2026-07-01T12:00:00Z", "2026-07-01T17:00:00Z"),
    # skipped: an hour before the gap in the west, after it in the east
    ("America/Santiago", "2025-09-07T00:00:00Z", "2025-09-07T03:00:00Z"),
    ("America/Sao_Paulo", "2018-11-04T00:00:00Z", "2018-11-04T02:00:00Z"),
    ("Africa/Cairo", "2026-04-24T00:00:00Z", "2026-04-23T22:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-04T02:15:00Z", "2026-10-03T15:45:00Z"),
    # a whole day is skipped
    ("Pacific/Apia", "2011-12-30T00:00:00Z", "2011-12-29T10:00:00Z"),
    ("Pacific/Apia", "2011-12-30T12:00:00Z", "2011-12-30T22:00:00Z"),
    # twice: the first in the west, the second in the east
    ("America/Havana", "2026-11-01T00:30:00Z", "2026-11-01T04:30:00Z"),
    ("Asia/Gaza", "2014-10-24T00:30:00Z", "2014-10-23T22:30:00Z"),
    ("Africa/Casablanca", "2026-02-15T02:30:00Z", "2026-02-15T02:30:00Z"),
    ("Europe/London", "2026-10-25T01:30:00Z", "2026-10-25T01:30:00Z"),
]


@pytest.mark.parametrize(("name", "wall", "instant"), ON_THE_WALL)
def test_a_time_on_the_wall_is_the_instant_that_go_finds(name: str, wall: str, instant: str) -> None:
    zone = zones.find(name)
    assert zone is not None
    assert rfc3339(zone.second(parse_rfc3339(wall) // SECOND) * SECOND) == instant


@pytest.mark.parametrize("at", [FIRST_AT, LAST_AT])
@pytest.mark.parametrize("name", ["America/New_York", "Pacific/Kiritimati"])
def test_a_zone_has_an_offset_from_the_first_year_to_the_last(name: str, at: Instant) -> None:
    zone = zones.find(name)
    assert zone is not None
    assert abs(zone.second(at // SECOND) - at // SECOND) < zones.DAY_S


@pytest.mark.parametrize(
    "name", ["UTC", "Local", "EST", "Europe/London", "US/Eastern", "Etc/GMT+5", "Asia/Kathmandu", ""]
)
def test_a_zone_is_known_by_its_name(name: str) -> None:
    assert zones.is_zone(name)
    assert zones.find(name) is not None


@pytest.mark.parametrize(
    "name",
    ["utc", "europe/london", "Mars/Olympus", "X", "Europe", "Europe/", "/Europe/London", "../UTC", "UTC\0", "zone.tab",
     "posix/UTC", "Europe/London ", "x" * 5000],
)  # fmt: skip
def test_nothing_else_is_a_zone(name: str) -> None:
    assert not zones.is_zone(name)
    assert zones.find(name) is None


@given(
    st.sampled_from(["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Monrovia"]),
    st.integers(-(10**9), 4 * 10**9),
)
def test_what_the_wall_shows_leads_back_to_an_instant_at_which_it_shows_that(name: str, second: int) -> None:
    zone = zones.find(name)
    assert zone is not None
    shown = datetime.fromtimestamp(second, ZoneInfo(name)).replace(tzinfo=ZoneInfo("UTC"))
    assert zone.wall(second) == int(shown.timestamp())
    assert zone.wall(zone.second(zone.wall(second))) == zone.wall(second)
