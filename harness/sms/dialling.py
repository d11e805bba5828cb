"""What Android makes of something typed as a telephone number (its `PhoneNumberUtils`)."""

from __future__ import annotations

import re

__all__ = ["is_global", "is_sms_address", "network_portion", "normalized", "without_separators"]

_GLOBAL = re.compile(r"\+?[0-9.\-]+")
_DIALLED = re.compile(r"[0-9*#+N]+")
_CLIR_PREFIXES = ("*31#", "#31#")
_KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999" * 2)


def is_global(number: str) -> bool:
    """`isGlobalPhoneNumber`: digits, dots and hyphens behind at most one `+`."""
    return _GLOBAL.fullmatch(number) is not None


def is_sms_address(number: str) -> bool:
    """`isWellFormedSmsAddress`: something to dial is in it, more than a `+`."""
    dialled = network_portion(number)
    return dialled != "+" and _DIALLED.fullmatch(dialled) is not None


def without_separators(number: str) -> str:
    """`stripSeparators`: digits of any script, and whatever a dialler takes, pauses and waits too."""
    return "".join([_digit(unit) or (unit if unit in "*#+N,;" else "") for unit in number])


def network_portion(number: str) -> str:
    """`extractNetworkPortion`: digits of any script, `*#N`, and `+` where it may stand, up to a pause or a wait."""
    kept = ""
    for unit in number:
        if digit := _digit(unit):
            kept += digit
        elif unit in "*#N" or (unit == "+" and kept in ("", *_CLIR_PREFIXES)):
            kept += unit
        elif unit in ",;":
            break
    return kept


def normalized(number: str) -> str:
    """`normalizeNumber`: digits, letters as on a keypad, and a `+` in front of them."""
    kept = ""
    for unit in number.translate(_KEYPAD):
        if digit := _digit(unit):
            kept += digit
        elif unit == "+" and not kept:
            kept = unit
    return kept


def _digit(unit: str) -> str:
    """A decimal digit of the BMP as an ASCII one, else nothing: Android looks at UTF-16 code units one by one."""
    return str(int(unit)) if unit.isdecimal() and unit <= "\uffff" else ""
