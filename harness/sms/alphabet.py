"""The GSM 7-bit default alphabet (3GPP TS 23.038) as Android reads and writes it, and septets in octets.

National language tables make further `Alphabet`s (harness.sms.national): a locking with a single-shift table.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping
from typing import Any

from harness.frozen import frozen

__all__ = ["ESCAPE", "EXTENSION", "GSM7", "GSM7_BASIC", "Alphabet", "Tables", "pack", "septets", "unpack"]

ESCAPE = "\x1b"
# Android fills the slot of the escape with U+FFFF, so that character counts and goes out as a bare escape
# (segmentation.md §2).
_FILLER = "\uffff"

GSM7_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\uffffÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = {
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


@frozen
class Tables:
    """The national language identifiers of a text: of its locking and its single-shift table, 0 the default one's."""

    locking: int = 0
    single: int = 0


class _Table(dict[int, str]):
    """For `str.translate`, which is fast as long as ASCII becomes ASCII. What is missing becomes U+0080."""

    def __missing__(self, unit: int) -> str:
        return "\x80"


class Alphabet:
    """A basic table of 128 characters, and an extension table that an escape leads to.

    A character that stands in both goes out as the basic one; one that stands twice in a table, as the last of them.
    """

    __slots__ = ("_ascii", "_basic", "_encoding", "_escaped", "_extended", "_foreign", "_pairs")

    def __init__(self, basic: str, extension: Mapping[int, str]) -> None:
        extended = {character: code for code, character in extension.items() if character not in basic}
        self._basic = basic
        # An escaped code that the extension lacks is the basic character, a double escape is a space
        # (segmentation.md §3).
        self._escaped = "".join([extension.get(code, basic[code]) for code in range(128)]).replace(_FILLER, " ")
        self._pairs = {character: ESCAPE + _stand_in(code) for character, code in extended.items()}
        self._extended = re.compile(f"[{_one_of(extended)}]")
        self._foreign = re.compile(f"[^{_one_of([*basic, *extended, ESCAPE])}]")
        self._encoding = _encoding_map(basic)
        self._ascii = _Table({ord(character): chr(code) for code, character in enumerate(basic) if character.isascii()})

    def spread(self, text: str) -> str | None:
        """One character for each septet that `text` takes up when it is cut; an escape only opens a pair.

        None if a character is not in the alphabet. The raw U+001B takes one septet here.
        """
        if text.isascii() and text.translate(self._ascii).isascii():
            return text
        return None if self._foreign.search(text) else self._paired(text.replace(ESCAPE, _FILLER))

    def septets(self, text: str) -> int | None:
        """How many septets Android counts: none for U+001B. None if a character is not in the alphabet."""
        spread = self.spread(text)
        return None if spread is None else len(spread) - text.count(ESCAPE)

    def encode(self, text: str) -> bytes | None:
        """The codes, one an octet. None if Android cannot write the text in this alphabet.

        It writes as many septets as it counted. So U+001B, which counts for none, is dropped at the end and
        stops the encoder anywhere else (segmentation.md §2).
        """
        if text.isascii() and (codes := text.translate(self._ascii)).isascii():
            return codes.encode("ascii")
        written = text.rstrip(ESCAPE)
        if ESCAPE in written or self._foreign.search(written):
            return None
        return codecs.charmap_encode(self._paired(written), "strict", self._encoding)[0].translate(_WITHOUT_TOP_BIT)

    def decode(self, codes: bytes) -> str:
        """The text of `codes`, one an octet. An escape at the end is nothing."""
        if _ESCAPE_CODE not in codes:
            return codecs.charmap_decode(codes, "strict", self._basic)[0]
        plain, *escapes = _ESCAPED.split(codes)
        text = codecs.charmap_decode(plain, "strict", self._basic)[0]
        for code, run in zip(escapes[::2], escapes[1::2], strict=True):
            text += codecs.charmap_decode(code, "strict", self._escaped)[0]
            text += codecs.charmap_decode(run, "strict", self._basic)[0]
        return text

    def _paired(self, text: str) -> str:
        for character in set(self._extended.findall(text)):
            text = text.replace(character, self._pairs[character])
        return text


def _stand_in(code: int) -> str:
    """What stands behind an escape until it is encoded: no character of any table, so no rule takes it for one."""
    return chr(0xE000 + code) if code else "\0"


def _encoding_map(basic: str) -> Any:
    """For `codecs.charmap_encode`, which is fast if nothing but U+0000 becomes 0: so basic codes get the top bit."""
    stand_ins = [_stand_in(code) for code in range(128)]
    stand_ins[_ESCAPE_CODE] = ESCAPE
    return codecs.charmap_build("".join(stand_ins) + basic)


def _one_of(characters: Iterable[str]) -> str:
    return re.escape("".join(characters))


_ESCAPE_CODE = 0x1B
_ESCAPED = re.compile(b"\x1b(.?)", re.DOTALL)
_WITHOUT_TOP_BIT = bytes(range(128)) * 2

GSM7 = Alphabet(GSM7_BASIC, EXTENSION)
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
