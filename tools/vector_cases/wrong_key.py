"""Envelopes that were made under another pass phrase. Nothing detects it."""

from __future__ import annotations

import hashlib

from tools.vector_cases.case import KEY, TEXT, Case, Group

__all__ = ["WRONG_KEY"]

# What was typed, or stored, instead of what the sender has.
_MISTAKES = (
    ("other case", KEY.swapcase()),
    ("all upper case", KEY.upper()),
    ("space at the end", f"{KEY} "),
    ("space at the beginning", f" {KEY}"),
    ("LF at the end, as `echo` adds it", f"{KEY}\n"),
    ("CR LF at the end", f"{KEY}\r\n"),
    ("NUL at the end, as in C", f"{KEY}\0"),
    ("one letter less", KEY[:-1]),
    ("one letter more", f"{KEY}3"),
    ("two letters exchanged", f"eM{KEY[2:]}"),
    ("the empty pass phrase", ""),
    ("in quotes", f'"{KEY}"'),
    ("escaped for URLs", "Melange%20%26%20Kipferl%201873"),
    ("escaped for HTML", "Melange &amp; Kipferl 1873"),
    ("its SHA-256 in hex", hashlib.sha256(KEY.encode()).hexdigest()),
    ("its SHA-256 in upper-case hex", hashlib.sha256(KEY.encode()).hexdigest().upper()),
    ("its letters in hex", KEY.encode().hex()),
    ("twice", KEY * 2),
    ("Cyrillic look-alike of one letter", KEY.replace("M", "М")),
    ("full-width digits", KEY.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})),
    ("no-break spaces", KEY.replace(" ", "\u00a0")),
    ("byte order mark at the beginning", f"\ufeff{KEY}"),
)
_SPELLINGS = (
    ("composed, and the sender's decomposed", "cr\u00e8me", "cre\u0300me"),
    ("decomposed, and the sender's composed", "cre\u0300me", "cr\u00e8me"),
    ("read as Latin-1", "crÃ¨me", "crème"),
    ("a question mark for an accent", "cr?me", "crème"),
    ("trimmed", "key", "key "),
)
_TEXTS = (("20 letters", "The code is 39 40 41"), ("a text of 500 bytes", (TEXT * 9)[:500]), ("emoji", "😀🎉🚀"))

WRONG_KEY = Group(
    "wrong-key",
    "decrypt",
    "Another pass phrase than the sender's: rubbish comes, and no error. It may be refused: it is hardly ever UTF-8.",
    (
        *(Case(mistake, key=key, sender_key=KEY) for mistake, key in _MISTAKES),
        *(Case(f"pass phrase {mistake}", key=key, sender_key=sender) for mistake, key, sender in _SPELLINGS),
        *(Case(f"another one, {length}", key="another", sender_key=KEY, text=text) for length, text in _TEXTS),
        Case("the empty text: nothing can tell", key="another", sender_key=KEY, text="", result="valid", gives=""),
    ),
    flags=("WrongKey",),
    result="acceptable",
)
