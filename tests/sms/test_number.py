"""Telephone numbers by the server's rule."""

from __future__ import annotations

import pytest

from harness.errors import InvalidNumber
from harness.sms.number import PhoneNumber


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("+18005550199", "+18005550199"),
        (" +1 (800) 555-0199 ", "+18005550199"),
        ("+49 151 23456789", "+4915123456789"),
        ("+3906698", "+3906698"),
        ("+123", "+123"),
    ],
)
def test_any_international_notation_is_read(text: str, e164: str) -> None:
    assert str(PhoneNumber.parse(text)) == PhoneNumber.parse(text).e164 == e164


@pytest.mark.parametrize("text", ["", "+", "+12", "+999123456", "18005550199", "BANK", "alice"])
def test_what_names_no_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidNumber) as refusal:
        PhoneNumber.parse(text)
    assert refusal.value.text == text


def test_a_number_is_a_value() -> None:
    assert {PhoneNumber.parse("+1 800 555 0199")} == {PhoneNumber("+18005550199")}
