"""What Android makes of numbers."""

from __future__ import annotations

import pytest

from harness.sms.dialling import is_global, is_sms_address, network_portion, normalized, without_separators
from tests.sms.recorded import cases, differing
from tests.sms.replay import dialled


@pytest.mark.cases
def test_every_recorded_number_is_understood_as_on_android() -> None:
    assert differing(cases("numbers.jsonl"), dialled) == []


@pytest.mark.parametrize(
    ("number", "whole", "sendable", "stripped", "dialled", "digits"),
    [
        ("", False, False, "", "", ""),
        ("+", False, False, "+", "+", "+"),
        ("+1.800-555", True, True, "+1800555", "+1800555", "+1800555"),
        ("𝟏𝟐", False, False, "", "", ""),
        ("٣٤", False, True, "34", "34", "34"),
        ("N;5", False, True, "N;5", "N", "65"),
    ],
)
def test_odd_numbers(number: str, whole: bool, sendable: bool, stripped: str, dialled: str, digits: str) -> None:
    assert (is_global(number), is_sms_address(number)) == (whole, sendable)
    assert (without_separators(number), network_portion(number), normalized(number)) == (stripped, dialled, digits)
