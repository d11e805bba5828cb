"""The GSM 7-bit default alphabet (3GPP TS 23.038) as Android reads and writes it, and septets in octets.

National language tables are further `Alphabet`s: a locking table with a single-shift table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["ESCAPE", "GSM7", "Alphabet", "pack", "septets", "unpack"]

ESCAPE = "\x1b"
# Android fills the slot of the escape with U+FFFF, so that character counts and goes out as a bare escape
# (segmentation.md §2).
_FILLER = "\uffff"

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\uffffÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}


class _Table(dict[int, str]):
    """For `str.translate`. What is missing becomes U+0080: one `isascii` tells whether all was there."""

    def __missing__(self, unit: int) -> str:
        return "\x80"


class Alphabet:
    """A basic table of 128 characters, and an extension table that an escape leads to."""

    __slots__ = ("_basic", "_codes", "_escaped", "_spread")

    def __init__(self, basic: str, extension: Mapping[int, str]) -> None:
        codes = _Table({ord(character): chr(code) for code, character in enumerate(basic)})
        codes.update({ord(character): ESCAPE + chr(code) for code, character in extension.items()})
        self._codes = codes
        # Here an escape must mean "two septets follow together", and the two odd characters are plain ones.
        self._spread = _Table(codes | {ord(ESCAPE): "\0", ord(_FILLER): "\0"})
        self._basic = basic
        # An escaped code that the extension lacks is the basic character, a double escape is a space
        # (segmentation.md §3).
        self._escaped = "".join([extension.get(code, basic[code]) for code in range(128)])
        self._escaped = self._escaped.replace(_FILLER, " ")

    def spread(self, text: str) -> str | None:
        """One character for each septet that `text` takes up when it is cut; an escape only opens a pair.

        None if a character is not in the alphabet. The raw U+001B takes one septet here.
        """
        spread = text.translate(self._spread)
        return spread if spread.isascii() else None

    def septets(self, text: str) -> int | None:
        """How many septets Android counts: none for U+001B. None if a character is not in the alphabet."""
        spread = self.spread(text)
        return None if spread is None else len(spread) - text.count(ESCAPE)

    def encode(self, text: str) -> bytes | None:
        """The codes, one an octet. None if Android cannot write the text in this alphabet.

        It writes as many septets as it counted. So U+001B, which counts for none, is dropped at the end and
        stops the encoder anywhere else (segmentation.md §2).
        """
        codes = text.rstrip(ESCAPE).translate(self._codes)
        return codes.encode("ascii") if codes.isascii() else None

    def decode(self, codes: bytes) -> str:
        """The text of `codes`, one an octet. An escape at the end is nothing."""
        plain, *escapes = _ESCAPED.split(codes.decode("ascii"))
        text = plain.translate(self._basic)
        for code, run in zip(escapes[::2], escapes[1::2], strict=True):
            text += code.translate(self._escaped) + run.translate(self._basic)
        return text


_ESCAPED = re.compile(ESCAPE + "(.?)", re.DOTALL)

GSM7 = Alphabet(_BASIC, _EXTENSION)
septets = GSM7.septets


def _lanes(octets: int) -> tuple[int, int, int]:
    """Lanes of `octets` octets: masks of the even and the odd ones of 256 octets, and a lane's spare bits."""
    even = int.from_bytes(((1 << octets * 7) - 1).to_bytes(octets * 2, "little") * (128 // octets), "little")
    return even, even << octets * 8, octets


_LANES = (_lanes(1), _lanes(2), _lanes(4))


def pack(codes: bytes, fill_bits: int = 0) -> bytes:
    """At most 256 septets, given one an octet, as octets, the first bits first, behind `fill_bits` zero bits.

    Neighbours close up throughout the number at once, first single septets, then pairs, then fours: a
    twentieth of the time of septet by septet.
    """
    if len(codes) > 256:
        raise ValueError(f"{len(codes)} septets are more than one PDU can announce")
    word = int.from_bytes(codes, "little")
    for even, odd, gap in _LANES:
        word = word & even | (word & odd) >> gap
    groups = bytearray(word.to_bytes((len(codes) + 7) // 8 * 8, "little"))
    del groups[7::8]
    length = (len(codes) * 7 + fill_bits + 7) // 8
    return (int.from_bytes(groups, "little") << fill_bits).to_bytes(length, "little")


def unpack(octets: bytes, count: int, fill_bits: int = 0) -> bytes:
    """The first `count` septets (at most 256) behind `fill_bits` bits of `octets`, one an octet."""
    packed_bits = int.from_bytes(octets, "little") >> fill_bits & (1 << count * 7) - 1
    packed = packed_bits.to_bytes((count + 7) // 8 * 7, "little")
    groups = bytearray((count + 7) // 8 * 8)
    for lane in range(7):
        groups[lane::8] = packed[lane::7]
    word = int.from_bytes(groups, "little")
    for even, odd, gap in reversed(_LANES):
        word = word & even | word << gap & odd
    return word.to_bytes(len(groups), "little")[:count]
