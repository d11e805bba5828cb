"""Telephone numbers by the server's rule."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import InvalidNumber
from harness.sms.number import PhoneNumber, is_plain


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


def by_the_library(text: str) -> str:
    return phonenumbers.format_number(phonenumbers.parse(text), phonenumbers.PhoneNumberFormat.E164)


@given(st.from_regex(r"\+1[2-9][0-9]{9}", fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_what_is_not_shown_to_the_library_is_what_it_leaves_as_it_is(text: str) -> None:
    assert is_plain(text)
    assert PhoneNumber.parse(text).e164 == by_the_library(text) == text


@pytest.mark.parametrize(
    "text", ["+1800555019", "+180055501999", "+11005550199", "18005550199", "+1800555\u0660199", ""]
)
def test_everything_else_is_shown_to_it(text: str) -> None:
    assert not is_plain(text)
