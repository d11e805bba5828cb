"""Given IVs: the whole envelope follows from IV, pass phrase and text."""

from __future__ import annotations

from tools.vector_cases.case import Case, Group

__all__ = ["DECRYPTED", "ENCRYPTED", "REUSED_DECRYPTED", "REUSED_ENCRYPTED"]

_IVS = (
    ("all zero", "00" * 16),
    ("all FF", "ff" * 16),
    ("counting up", "000102030405060708090a0b0c0d0e0f"),
    ("counting down", "0f0e0d0c0b0a09080706050403020100"),
    ("only the first bit", "80" + "00" * 15),
    ("only the last bit", "00" * 15 + "01"),
    ("the counter block before an overflow", "00" * 8 + "ff" * 8),
    ("every other bit", "aa" * 16),
    ("letters", b"sixteen letters.".hex()),
    ("a surrogate half in UTF-8", "eda080" * 5 + "00"),
    ("zeros at the end", "0123456789abcdef" + "00" * 8),
    ("zeros at the beginning", "00" * 8 + "0123456789abcdef"),
    ("line breaks", "0d0a" * 8),
    ("base64 letters of which each is a plus sign", "fbefbe" * 5 + "fb"),
    ("base64 letters of which each is a slash", "ff" * 15 + "fc"),
)
_TEXTS = (("one block", "exactly 16 bytes"), ("two blocks and a half", "This is more than one block: 2½ and some"))

_CASES = tuple(
    Case(f"IV {name}; {length}", ("KnownAnswer",), iv=bytes.fromhex(iv), text=text)
    for name, iv in _IVS
    for length, text in _TEXTS
)

DECRYPTED = Group("iv-decrypt", "decrypt", "Envelopes with peculiar IVs.", _CASES)
ENCRYPTED = Group("iv-encrypt", "encrypt", "Known answers with peculiar IVs.", _CASES)

# -- one IV, used twice ------------------------------------------------------------------------------------------------

_PAIRS = (
    ("amounts", "Transfer 100 EUR to Anna", "Transfer 900 EUR to Ivan"),
    ("codes", "Your code is 483920", "Your code is 117305"),
    ("one text known", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "meet me at the station at seven."),
    ("the same beginning: the same ciphertext", "The answer is yes.", "The answer is no."),
)
_REUSED = tuple(
    Case(f"{name}, {which} text", ("ReusedIv",), iv=bytes([number + 17]) * 16, text=text)
    for number, (name, *both) in enumerate(_PAIRS)
    for which, text in zip(("first", "second"), both, strict=True)
)

REUSED_DECRYPTED = Group("iv-reused-decrypt", "decrypt", "Pairs of envelopes under one key and IV.", _REUSED)
REUSED_ENCRYPTED = Group("iv-reused-encrypt", "encrypt", "Known answers: pairs under one key and IV.", _REUSED)
