"""How long an SMSC is to try."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import MalformedPdu
from harness.instants import parse_rfc3339
from harness.sms.validity import (
    EnhancedValidity,
    RelativeValidity,
    UntilValidity,
    Validity,
    read_validity,
    validity_octets,
)
from tests.sms.test_times import INSTANTS, ZONES

HOUR, DAY = 3600, 86400
VALIDITIES = (
    st.integers(0, 255).map(lambda octet: read_validity(0x10, bytes((octet,))))
    | st.builds(UntilValidity, INSTANTS, ZONES)
    | st.binary(min_size=7, max_size=7).map(EnhancedValidity)
)


@pytest.mark.parametrize(
    ("octet", "period_s"),
    [
        (0, 300),
        (143, 12 * HOUR),
        (144, 12 * HOUR + 1800),
        (167, DAY),
        (168, 2 * DAY),
        (173, 7 * DAY),
        (196, 30 * DAY),
        (197, 35 * DAY),
        (255, 63 * 7 * DAY),
    ],
)
def test_a_period_is_an_octet(octet: int, period_s: int) -> None:
    assert read_validity(0x10, bytes((octet,))) == RelativeValidity(period_s)
    assert validity_octets(RelativeValidity(period_s)) == (0x10, bytes((octet,)))


def test_a_period_between_two_steps_becomes_the_longer_one() -> None:
    assert validity_octets(RelativeValidity(301)) == (0x10, b"\x01")


def test_a_period_above_all_steps_is_refused() -> None:
    with pytest.raises(ValueError):
        validity_octets(RelativeValidity(63 * 7 * DAY + 1))


def test_an_instant_is_a_timestamp() -> None:
    until = UntilValidity(parse_rfc3339("2026-07-23T05:10:10Z"))
    assert validity_octets(until) == (0x18, bytes.fromhex("62703250010100"))


@pytest.mark.parametrize(
    ("octets", "period_s", "single_shot"),
    [
        ("00000000000000", None, False),
        ("40000000000000", None, True),
        ("01a70000000000", DAY, False),
        ("02ff0000000000", 255, False),
        ("43215400000000", 12 * HOUR + 45 * 60, True),
        ("03af0000000000", None, False),
        ("07000000000000", None, False),
    ],
)
def test_the_enhanced_format_is_read(octets: str, period_s: int | None, single_shot: bool) -> None:
    validity = EnhancedValidity(bytes.fromhex(octets))
    assert (validity.period_s, validity.single_shot) == (period_s, single_shot)


def test_the_enhanced_format_has_seven_octets() -> None:
    with pytest.raises(ValueError, match="6 octets"):
        validity_octets(EnhancedValidity(bytes(6)))


@given(VALIDITIES)
def test_every_validity_reads_back(validity: Validity) -> None:
    assert read_validity(*validity_octets(validity)) == validity


def test_an_instant_that_is_no_time_is_refused() -> None:
    with pytest.raises(MalformedPdu):
        read_validity(0x18, bytes.fromhex("62903350010100"))
