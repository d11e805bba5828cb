"""harness.wire.numbers: the server's sanitisers (gateway-protocol.md §2.2)."""

from __future__ import annotations

import sys
from collections.abc import Callable

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire import numbers

US, DE, GB, NOWHERE = "+18005550199", "+4915123456789", "+447911123456", "+15551234567"


@pytest.mark.parametrize(
    ("given_text", "address"),
    [
        ("tel:+18005550199", "+18005550199"),
        ("+1-800-555-0199", "+18005550199"),
        ("+1 (800) 555-0199", "+18005550199"),
        ("\uff11\uff18\uff10\uff10\uff15\uff15\uff15\uff10\uff11\uff19\uff19", "+18005550199"),
        ("+4915112345678;ext=5", "+4915112345678"),
        ("+1800FLOWERS", "+18003569377"),
        ("18005550199", "+18005550199"),
        ("8005550199", "+8005550199"),
        ("6505551234", "+6505551234"),
        ("1234567890", "+1234567890"),
        ("123456789", "123456789"),
        ("12345", "12345"),
        ("+1234", "+1234"),
        ("0015551234567", "+0015551234567"),
        ("  12345  ", "12345"),
        ("abc", "abc"),
        ("", ""),
    ],
)
def test_an_address_becomes_e164_where_it_can(given_text: str, address: str) -> None:
    assert numbers.address(given_text) == address


@pytest.mark.parametrize(
    ("given_text", "owner"),
    [
        ("+18005550199", "+18005550199"),
        (" 18005550199", "+18005550199"),
        ("8005550199", "+8005550199"),
        ("+1800", "+1800"),
        ("x", "+00"),
        ("", "+00"),
        ("12345", "+00"),
        ("+12", "+00"),
        ("+999123456", "+00"),
        ("+49" + "1" * 18, "+490"),
    ],
)
def test_an_owner_is_always_some_number(given_text: str, owner: str) -> None:
    assert numbers.owner(given_text) == owner


@pytest.mark.parametrize(
    ("given_text", "owner", "contact"),
    [
        ("8005550100", US, "+18005550100"),
        ("18005550100", US, "+18005550100"),
        ("1234567", US, "1234567"),
        ("12345678", US, "+112345678"),
        ("\u0661\u0662\u0663\u0664", US, "+11234"),  # eight bytes
        ("\u0661\u0662\u0663", US, "\u0661\u0662\u0663"),
        ("447911123456", US, "+1447911123456"),
        ("0018005550100", US, "+10018005550100"),
        ("015112345678", DE, "+4915112345678"),
        ("15112345678", DE, "+4915112345678"),
        ("12345678", DE, "+4912345678"),
        ("4915112345678", DE, "+494915112345678"),
        ("07911123456", GB, "+447911123456"),
        ("447911123456", GB, "+447911123456"),
        ("8005550100", NOWHERE, "8005550100"),
        ("8005550100", "+8005550199", "8005550100"),
        ("8005550100", "no number", "8005550100"),
        (" +18005550101 ", US, "+18005550101"),
        ("+1 (800) 555-0101", US, "+1 (800) 555-0101"),
        ("Caf\u00e9 24", US, "Caf\u00e9 24"),
    ],
)
def test_a_contact_is_a_national_number_of_its_owner(given_text: str, owner: str, contact: str) -> None:
    assert numbers.contact(given_text, owner) == contact


@pytest.mark.parametrize(
    ("given_text", "address"),
    [(" 1800 ", "+1800"), ("  1800", "+ 1800"), ("+1800", "+1800"), ("1800", "1800"), ("\t1800", "\t1800"), ("", "")],
)
def test_an_address_in_a_query_gets_its_plus_back(given_text: str, address: str) -> None:
    assert numbers.index_address(given_text) == address


@pytest.mark.parametrize(("given_text", "sim"), [("SIM1", "SIM1"), ("SIM2", "SIM2"), ("sim2", "SIM1"), ("", "SIM1")])
def test_an_unknown_sim_is_the_first(given_text: str, sim: str) -> None:
    assert numbers.sim(given_text) == sim


@pytest.mark.parametrize(
    ("given_text", "sim"),
    [
        ("", "SIM1"),
        ("DEFAULT", "SIM1"),
        ("SIM2", "SIM2"),
        ("SIM3", "SIM3"),
        ("default", "default"),
        (" DEFAULT", " DEFAULT"),
        (" ", "SIM1"),
    ],
)
def test_an_unknown_sim_of_a_received_text_is_kept(given_text: str, sim: str) -> None:
    assert numbers.receive_sim(given_text) == sim


@pytest.mark.parametrize(
    ("given_text", "url"),
    [
        (" example.com/hook ", "https://example.com/hook"),
        ("", "https://"),
        ("//example.com/x", "https:////example.com/x"),
        ("not a url", "https://not a url"),
        ("example.com:8080/x", "example.com:8080/x"),
        ("HTTP://example.com", "HTTP://example.com"),
        ("127.0.0.1:80/x", "127.0.0.1:80/x"),
        ("example.com/%zz", "example.com/%zz"),
        (":", ":"),
    ],
)
def test_a_url_without_a_scheme_gets_one(given_text: str, url: str) -> None:
    assert numbers.url(given_text) == url


@pytest.mark.parametrize(
    ("given_text", "parses"),
    [
        ("+18005550199", True),
        ("+123", True),
        ("+12", False),
        ("+999123456", False),
        ("18005550199", False),
        ("", False),
    ],
)
def test_a_number_is_what_parses_without_a_region(given_text: str, parses: bool) -> None:
    assert numbers.is_number(given_text) is parses


@given(st.text(max_size=24))
def test_a_sanitised_address_stays_as_it_is(given_text: str) -> None:
    once = numbers.address(given_text)
    assert numbers.address(once) == once


@pytest.mark.parametrize("work", [numbers.address, numbers.is_number, lambda text: numbers.contact(text, text)])
def test_a_long_text_is_not_remembered(work: Callable[[str], object]) -> None:
    text = "+" + "1" * 1000
    before = sys.getrefcount(text)
    for _ in range(3):
        work(text)
    assert sys.getrefcount(text) == before


@given(st.text(max_size=30).filter(lambda text: not any(map(str.isdigit, text))))
def test_what_has_no_digit_is_no_number_for_the_library_either(text: str) -> None:
    assert numbers.address(text) == text.strip()
    with pytest.raises(phonenumbers.NumberParseException):
        phonenumbers.parse(text.strip(), None)


@given(st.from_regex(r"\+1[2-9][0-9]{9}", fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_a_north_american_number_is_the_same_with_and_without_the_library(text: str) -> None:
    number = phonenumbers.PhoneNumber(country_code=0, national_number=0)
    phonenumbers.parse(text, None, numobj=number)
    assert numbers.address(text) == numbers.owner(text) == text
    assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == text
    assert numbers.is_number(text)
