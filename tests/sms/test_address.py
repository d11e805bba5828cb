"""Addresses: what Android dials, and whom the network names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UnencodableAddress
from harness.sms.address import address_text, destination_address, party_address, swapped, unswapped


@pytest.mark.parametrize("destination", ["MyBank", "a@b.com", "+", "", ",123", "𝟏𝟐"])
def test_a_destination_without_a_digit_is_refused(destination: str) -> None:
    with pytest.raises(UnencodableAddress) as refusal:
        destination_address(destination)
    assert str(refusal.value) == f"no digit in the destination: {destination!r}"


def test_the_wild_digit_survives() -> None:
    assert destination_address("N/A").hex() == "0181fd"


@pytest.mark.parametrize(
    ("party", "octets"),
    [
        ("+18005550100", "0b918100550501f0"),
        ("08005550100", "0b818000550501f0"),
        ("12345", "05812143f5"),
        ("500", "038105f0"),
        ("*100#", "05811a00fb"),
        ("BANK", "07d0c2a07309"),
        ("ABCDEFGHIJK", "14d041e19058341e9149e512"),
        ("5€", "06d0b54d19"),
    ],
)
def test_a_party_is_written_as_recorded_and_reads_back(party: str, octets: str) -> None:
    address = bytes.fromhex(octets)
    assert party_address(party) == address
    assert address_text(address[0], address[1], address[2:]) == party


@pytest.mark.parametrize("party", ["", "ABCDEFGHIJKL", "€€€€€€", "Банк", "+1 800 555 0100", "\x1b"])
def test_a_party_that_no_address_can_name_is_refused(party: str) -> None:
    with pytest.raises(UnencodableAddress):
        party_address(party)


@given(
    st.from_regex(r"\+?[0-9*#]{1,20}", fullmatch=True) | st.from_regex(r"[A-Za-z][A-Za-z0-9 @]{0,10}", fullmatch=True)
)
def test_every_party_reads_back(party: str) -> None:
    address = party_address(party)
    assert address_text(address[0], address[1], address[2:]) == party


@given(st.binary())
def test_swapping_twice_changes_nothing(octets: bytes) -> None:
    assert swapped(unswapped(octets)) == octets
