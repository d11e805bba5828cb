"""The addresses of a TPDU (TP-DA, TP-OA, TP-RA): length in semi-octets, type, then digits or septets."""

from __future__ import annotations

import re
from functools import lru_cache

from harness.errors import UnencodableAddress
from harness.sms.alphabet import GSM7, pack, unpack
from harness.sms.dialling import network_portion

__all__ = ["NOBODY", "address_text", "destination_address", "party_address", "swapped", "unswapped"]

_INTERNATIONAL = 0x91
_UNKNOWN = 0x81
_ALPHANUMERIC = 0xD0
_ALPHANUMERIC_MAX = 11
NOBODY = bytes((0, _UNKNOWN))
"""An address without a digit."""

# `N`, the wild digit, goes out as D; what comes in as D is a `b` (3GPP TS 23.040 §9.1.2.3).
_TO_SEMI_OCTETS = str.maketrans("*#N", "abd")
_FROM_SEMI_OCTETS = str.maketrans("abcde", "*#abc")
_NUMBER = re.compile(r"\+?[0-9*#]+")


def swapped(semi_octets: str) -> bytes:
    """Hex digits as octets, the lower half of each first."""
    return bytes.fromhex("".join([b + a for a, b in zip(semi_octets[::2], semi_octets[1::2], strict=True)]))


def unswapped(octets: bytes) -> str:
    """The hex digits of octets, the lower half of each first."""
    digits = octets.hex()
    return "".join([b + a for a, b in zip(digits[::2], digits[1::2], strict=True)])


@lru_cache(maxsize=1024)
def destination_address(to: str) -> bytes:
    """TP-DA as Android writes it: it drops what it cannot dial, letters too, and takes what is left.

    Raises `UnencodableAddress` if nothing is left.
    """
    dialled = network_portion(to)
    digits = dialled.replace("+", "")
    if not digits:
        raise UnencodableAddress(to)
    return _number_address(_INTERNATIONAL if "+" in dialled else _UNKNOWN, digits)


@lru_cache(maxsize=1024)
def party_address(party: str) -> bytes:
    """TP-OA and TP-RA: whom the network names, by a number or by up to 11 characters (`BANK`).

    Raises `UnencodableAddress`.
    """
    if _NUMBER.fullmatch(party):
        digits = party.removeprefix("+")
        return _number_address(_INTERNATIONAL if digits != party else _UNKNOWN, digits)
    codes = GSM7.encode(party)
    if not codes or len(codes) > _ALPHANUMERIC_MAX:
        raise UnencodableAddress(party, "neither a number nor 1 to 11 characters of GSM 7-bit")
    return bytes((-(-len(codes) * 7 // 4), _ALPHANUMERIC)) + pack(codes)


@lru_cache(maxsize=1024)
def address_text(length: int, type_of_address: int, value: bytes) -> str:
    """What an address says; `length` counts its semi-octets. An international number begins with `+`."""
    type_of_number = type_of_address & 0x70
    if type_of_number == _ALPHANUMERIC & 0x70:
        return GSM7.decode(unpack(value, length * 4 // 7))
    digits = unswapped(value)[:length].rstrip("f").translate(_FROM_SEMI_OCTETS)
    return "+" + digits if type_of_number == _INTERNATIONAL & 0x70 else digits


def _number_address(type_of_address: int, digits: str) -> bytes:
    padded = digits + "f" * (len(digits) % 2)
    return bytes((len(digits) & 0xFF, type_of_address)) + swapped(padded.translate(_TO_SEMI_OCTETS))
