"""Message texts as they are typed at the console of the emulator: one line, with escapes.

The emulator keeps 16 bits of what it reads (its sms.c, seen in the public source): a character above U+FFFF that is
typed as it is arrives as another one. Typed as the two surrogates of UTF-16, it arrives whole, because they go into the
PDU as they are. A control character would end the line or be left out (CR), so it is escaped too.
"""

from __future__ import annotations

import re

__all__ = ["read", "typed"]

_TYPED_AS_IT_IS = re.compile(r"[^\x00-\x1f\x7f\\\ud800-\udfff\U00010000-\U0010ffff]")
_PIECE = re.compile(r"\\(?:(n)|(\\)|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))|([^\\])", re.DOTALL)


def typed(text: str) -> str:
    r"""The text on one line: `\n`, `\\` and, for what cannot be typed as it is, `\uNNNN` for each unit of UTF-16."""
    return "".join(char if _TYPED_AS_IT_IS.match(char) else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    match char:
        case "\n":
            return r"\n"
        case "\\":
            return r"\\"
        case _:
            return "".join(rf"\u{unit:04x}" for unit in _units(char))


def read(line: str) -> str | None:
    r"""The text that the emulator makes of what was typed; None for a backslash without one of its escapes.

    Beside those of `typed` it knows `\xNN`, a character of Latin-1.
    """
    units: list[int] = []
    place = 0
    while place < len(line):
        piece = _PIECE.match(line, place)
        if piece is None:
            return None
        units.append(_unit(piece))
        place = piece.end()
    return _joined(units)


def _unit(piece: re.Match[str]) -> int:
    newline, backslash, two_digits, four_digits, char = piece.groups()
    if newline or backslash:
        return ord("\n" if newline else "\\")
    if char:
        return ord(char) & 0xFFFF
    return int(two_digits or four_digits, 16)


def _units(text: str) -> list[int]:
    octets = text.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(octets[at : at + 2]) for at in range(0, len(octets), 2)]


def _joined(units: list[int]) -> str:
    """Two surrogates that follow each other become one character; one alone stays."""
    return b"".join(unit.to_bytes(2) for unit in units).decode("utf-16-be", "surrogatepass")
