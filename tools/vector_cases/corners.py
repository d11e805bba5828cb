"""Corners of what clients write by hand where no library is at hand: a hash, an encoder of UTF-8, a cache.

Other tables may meet them by chance. Here they stand alone, so that a failure says what is wrong.
"""

from __future__ import annotations

from tools.vector_cases.case import KEY, Case, Group

__all__ = ["KEYS_DECRYPTED", "KEYS_ENCRYPTED", "ONE_CIPHERTEXT", "TEXTS_DECRYPTED", "TEXTS_ENCRYPTED"]

# SHA-256 works on 64 bytes at a time, of which the last 9 are its own: with 56 bytes and more it needs a block more.
_KEY_LENGTHS = (55, 56, 57, 63, 65, 118, 119, 120, 127, 128, 129, 255, 256, 257)
_LONG_KEY = "The hash takes pass phrases of any length. " * 6
_WIDE_KEYS = (("55 bytes in 28 letters", "ф" * 27 + "."), ("56 bytes in 28 letters", "ф" * 28))

_BORDERS = (
    ("last of one byte, first of two", "\x7f\x80"),
    ("last of two bytes, first of three", "\u07ff\u0800"),
    ("around the surrogates", "\ud7ff\ue000"),
    ("last of three bytes, first of four", "\uffff\U00010000"),
    ("last of each plane of Unicode up to the fourth", "\U0001ffff\U0002ffff\U0003ffff"),
)
_SETS = (
    ("all letters and signs of Latin-1", "".join(map(chr, range(0xA0, 0x100)))),
    ("what Windows-1252 has beyond Latin-1", "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"),
    ("C0 control characters", "".join(map(chr, range(1, 32)))),
    ("C1 control characters", "".join(map(chr, range(0x80, 0xA0)))),
    ("spaces of all widths", "a\u1680b\u2000c\u2003d\u2009e\u200af\u202fg\u205fh\u3000i"),
    ("line and paragraph separators", "a\u2028b\u2029c"),
    ("invisible characters", "a\u00adb\u061cc\u180ed\u200ee\u200ff\u2060g\u2061h\ufff9i"),
    ("private use", "\ue000\uf8ff\U000f0000\U00100000"),
    ("a flag of tag characters", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"),
    ("Roman numerals, fractions, circled digits", "Ⅻ ↉ ① ൹"),
    ("letters of title case, modifier letters, enclosing marks", "ǅ ʰ \u0488"),
    ("letters not in Unicode yet", "\u0378\U0003fffd"),
)
_QUOTED = (("typographic quotes, dashes and dots", "“It’s late” – ‘so what’ — ‹go› «on»…"),)

_TEXT = "The text is always the same."
_KEY_CASES = (
    *(Case(f"{length} letters", key=_LONG_KEY[:length], text=_TEXT) for length in _KEY_LENGTHS),
    *(Case(name, key=key, text=_TEXT) for name, key in (*_WIDE_KEYS, *_BORDERS, *_SETS, *_QUOTED)),
)
_TEXT_CASES = tuple(Case(name, text=text) for name, text in (*_BORDERS, *_SETS, *_QUOTED))

KEYS_DECRYPTED = Group(
    "key-corners-decrypt",
    "decrypt",
    "Envelopes under pass phrases at the borders of blocks of SHA-256, and of lengths and kinds of characters.",
    _KEY_CASES,
    flags=("KeyText",),
)
KEYS_ENCRYPTED = Group(
    "key-corners-encrypt",
    "encrypt",
    "Known answers under pass phrases at the borders of blocks of SHA-256, and of lengths and kinds of characters.",
    _KEY_CASES,
    flags=("KeyText",),
)
TEXTS_DECRYPTED = Group(
    "text-corners-decrypt",
    "decrypt",
    "Envelopes of characters at the borders of UTF-8, and of kinds that somebody may take for superfluous.",
    _TEXT_CASES,
    flags=("UnicodeText",),
)
TEXTS_ENCRYPTED = Group(
    "text-corners-encrypt",
    "encrypt",
    "Known answers: characters at the borders of UTF-8, and of kinds that somebody may take for superfluous.",
    _TEXT_CASES,
    flags=("UnicodeText",),
)

# -- one ciphertext, several pass phrases ------------------------------------------------------------------------------

_SAME = bytes.fromhex("5be1d6a2c07f493e8815bb02f4696cd7")

ONE_CIPHERTEXT = Group(
    "one-ciphertext-decrypt",
    "decrypt",
    "One envelope under several pass phrases, one after the other: what came out before says nothing.",
    (
        Case("under the sender's pass phrase", iv=_SAME),
        Case(
            "then under another one", iv=_SAME, sender_key=KEY, key="another", flags=("WrongKey",), result="acceptable"
        ),
        Case(
            "then under a third one", iv=_SAME, sender_key=KEY, key="a third", flags=("WrongKey",), result="acceptable"
        ),
        Case("under the sender's again", iv=_SAME),
    ),
    flags=("KeyText",),
)
