"""Lengths of texts: around blocks, segments and the limits of the gateway."""

from __future__ import annotations

from itertools import chain

from tools.vector_cases.case import Case, Group

__all__ = ["DECRYPTED", "ENCRYPTED"]

# Prime to 3 and to 16, so that no two blocks of a text are alike.
_WORDS = "0123456789 The quick brown fox jumps over the lazy dog. "[:53]


def text_of(length: int) -> str:
    """ASCII text of so many letters."""
    return (_WORDS * (length // len(_WORDS) + 1))[:length]


# Around every multiple of 16 up to eight blocks, and around powers of two.
_BLOCKS = (47, 48, 49, 63, 64, 65, 79, 80, 81, 95, 96, 97, 111, 112, 113, 127, 128, 129)
_POWERS = (255, 256, 257, 511, 512, 513, 1023, 1024, 1025)
# Segments of GSM 7-bit: 160 letters alone, 153 each in a row; of 8-bit data 140 and 134.
_SEPTETS = (133, 134, 135, 139, 140, 141, 152, 153, 154, 159, 160, 161, 305, 306, 307, 458, 459, 460)
# Segments of UCS-2: 70 UTF-16 units alone, 67 each in a row. Cyrillic letters have one, emoji two.
_UCS2 = (66, 67, 68, 69, 70, 71, 133, 134, 135, 200, 201, 202)
_EMOJI = (33, 34, 35, 36)
# The gateway takes 2,048 letters of base64 (n <= 1,520 bytes) and 1,024 in bulk messages (n <= 752).
_ASCII_LIMITS = (751, 752, 753, 1519, 1520, 1521)
_WIDE_LIMITS = {
    "я": (376, 377, 760, 761),
    "€": (250, 251, 506, 507),
    "林": (250, 251, 506, 507),
    "😀": (188, 189, 380, 381),
}
_LARGE = (2048, 4096, 10_000)

_NAMES = {"я": "Cyrillic letters", "€": "euro signs", "林": "Han characters", "😀": "emoji"}


def _ascii(lengths: tuple[int, ...], flag: str) -> list[Case]:
    return [Case(f"{length:,} bytes", (flag,), text=text_of(length)) for length in lengths]


def _wide(letter: str, lengths: tuple[int, ...], flag: str) -> list[Case]:
    return [
        Case(f"{length} {_NAMES[letter]}: {len(letter.encode()) * length:,} bytes", (flag,), text=letter * length)
        for length in lengths
    ]


_CASES = (
    *_ascii((*range(34), *_BLOCKS, *_POWERS), "Length"),
    *_ascii(_SEPTETS, "SegmentBorder"),
    *_wide("я", _UCS2, "SegmentBorder"),
    *_wide("😀", _EMOJI, "SegmentBorder"),
    *_ascii(_ASCII_LIMITS, "NearGatewayLimit"),
    *chain.from_iterable(_wide(letter, lengths, "NearGatewayLimit") for letter, lengths in _WIDE_LIMITS.items()),
    *_ascii(_LARGE, "Large"),
)

DECRYPTED = Group("length-decrypt", "decrypt", "Envelopes of texts of every length.", _CASES)
ENCRYPTED = Group("length-encrypt", "encrypt", "Known answers: texts of every length.", _CASES)
