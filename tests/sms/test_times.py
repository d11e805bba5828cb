"""Time stamps of the SMSC."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import MalformedPdu
from harness.instants import SECOND, parse_rfc3339
from harness.sms.times import read_timestamp, timestamp

INSTANTS = st.integers(631238400, 3786825600).map(lambda second: second * SECOND)  # 1990 to 2089 in every zone
ZONES = st.integers(-79, 79)


@pytest.mark.parametrize(
    ("octets", "instant", "zone_quarters"),
    [
        ("62703250010100", "2026-07-23T05:10:10Z", 0),
        ("62703250010180", "2026-07-23T03:10:10Z", 8),
        ("6270325001010a", "2026-07-23T10:10:10Z", -20),
        ("99211332959500", "1999-12-31T23:59:59Z", 0),
    ],
)
def test_the_zone_of_a_timestamp_counts(octets: str, instant: str, zone_quarters: int) -> None:
    assert read_timestamp(bytes.fromhex(octets)) == (parse_rfc3339(instant), zone_quarters)
    assert timestamp(parse_rfc3339(instant), zone_quarters).hex() == octets


@given(INSTANTS, ZONES)
def test_every_instant_reads_back_in_every_zone(at: int, zone_quarters: int) -> None:
    assert read_timestamp(timestamp(at, zone_quarters)) == (at, zone_quarters)


def test_fractions_of_a_second_are_dropped() -> None:
    assert timestamp(parse_rfc3339("2026-07-23T05:10:10.9Z")).hex() == "62703250010100"


@pytest.mark.parametrize("zone_quarters", [80, -80])
def test_a_zone_beyond_the_digits_is_refused(zone_quarters: int) -> None:
    with pytest.raises(ValueError, match="80"):
        timestamp(0, zone_quarters)


@pytest.mark.parametrize("octets", ["62703250010a00", "6270f250010100", "62903350010100", "000000000000a0"])
def test_a_timestamp_that_is_no_time_is_refused(octets: str) -> None:
    with pytest.raises(MalformedPdu, match="is no time"):
        read_timestamp(bytes.fromhex(octets))
