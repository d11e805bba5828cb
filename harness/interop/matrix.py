"""The matrix: texts and keys that everybody encrypts, and what everybody makes of everybody's envelopes.

The texts are what every client agrees on, so each envelope of each must be read by each. Lone surrogates are absent:
the clients write different bytes for them (cipher.md §2), which the vectors tell of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.frozen import frozen
from harness.interop.calls import Decrypt, Encrypt
from harness.interop.outcomes import Decrypted, Encrypted, Outcome, Skipped
from harness.interop.results import Cell, MatrixFailure

__all__ = ["KEYS", "PAIRS", "TEXTS", "Made", "cells", "envelopes"]

# From Cyrillic to emoji, each character is of one more UTF-8 byte.
_WIDTHS = "aя€😀"

# The gateway takes 2,048 letters of base64, and 1,024 in bulk: 1,520 and 752 bytes of text (cipher.md §1).
_GATEWAY_BYTES, _BULK_BYTES = 1520, 752

TEXTS: tuple[str, ...] = (
    # around the blocks of the cipher, which have 16 bytes
    "",
    *("x" * length for length in (1, 2, 3, 15, 16, 17, 31, 32, 33, 255, 256, 257)),
    *(letter * 9 for letter in _WIDTHS),
    "1234567890123\u20ac",  # a character on either side of a border between blocks
    # what people write
    "This is a test text message",
    "Your code is 1234. Ваш код: 1234. あなたのコードは1234です。",
    "Zażółć gęślą jaźń", "السلام عليكم", "שלום עולם", "नमस्ते दुनिया", "안녕하세요", "ไทย",
    # what encoders stumble over
    "\u00e9", "e\u0301",  # composed and not: neither becomes the other
    "\ufeffmark at the beginning", "\ufffd", "\uffff\U0010ffff",
    "👩‍👩‍👧‍👦🏳️‍🌈🇺🇳",
    "\0", "a\0b", "".join(map(chr, range(1, 32))), "\x7f\x80\x9f",
    "\r\n", "line\nline\r\nline\rline\u2028\u2029", " \t around \t ",
    '{"json": "\\u0041"}', "%s %d ${x} $(x) `x` <b>&amp;</b>", "=?UTF-8?B?8J+Yig==?=", "Zm9v", "00ff",
    # around the limits of the gateway
    "x" * (_BULK_BYTES - 1), "x" * _BULK_BYTES, "x" * (_BULK_BYTES + 1),
    "x" * _GATEWAY_BYTES, "я" * (_GATEWAY_BYTES // 2), "€" * (_GATEWAY_BYTES // 3), "😀" * (_GATEWAY_BYTES // 4),
    "x" * (_GATEWAY_BYTES + 1),
    "0123456789abcdef" * 4096,
)  # fmt: skip

KEYS: tuple[str, ...] = (
    "Password123",
    "", " ", " key with spaces around ", "key\n", "\tkey\r\n", "a\0b", "\0",
    "k" * 31, "k" * 32, "k" * 33, "k" * 64, "key " * 1000,
    "пароль", "パスワード", "🔑", "\u00e9", "e\u0301", "\ufeffkey", "\U0010ffff",
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    '"quoted" \\ and \'more\'', "-key", "--key=x", "%00$KEY",
)  # fmt: skip


def _pairs() -> tuple[Encrypt, ...]:
    """Each text under the first key, and each other key with a text whose bytes are of every kind."""
    texts = [Encrypt(KEYS[0], text) for text in dict.fromkeys(TEXTS)]
    return (*texts, *(Encrypt(key, f"{_WIDTHS} under another key") for key in KEYS[1:]))


PAIRS: tuple[Encrypt, ...] = _pairs()


# -- who reads what ----------------------------------------------------------------------------------------------------


@frozen
class Made:
    """What `encryptor` made of each pair of key and text."""

    encryptor: str
    pairs: Sequence[Encrypt]
    outcomes: Sequence[Outcome]

    def __iter__(self) -> Iterator[tuple[Encrypt, Outcome]]:
        return zip(self.pairs, self.outcomes, strict=True)


def envelopes(made: Iterable[Made]) -> list[Decrypt]:
    """What each decryptor is asked: all that came out of any encryptor."""
    return [
        Decrypt(call.key, outcome.ciphertext) for one in made for call, outcome in one if isinstance(outcome, Encrypted)
    ]


def cells(made: Sequence[Made], read: Mapping[str, Sequence[Outcome]]) -> tuple[Cell, ...]:
    """Every encryptor with every decryptor, in their orders. `read` has what each decryptor made of `envelopes(made)`.

    A call that cannot be carried is not tried; what was not encrypted counts against every pair of its encryptor.
    """
    left = {decryptor: iter(outcomes) for decryptor, outcomes in read.items()}
    return tuple(_cell(one, decryptor, outcomes) for one in made for decryptor, outcomes in left.items())


def _cell(made: Made, decryptor: str, decrypted: Iterator[Outcome]) -> Cell:
    """Takes the outcomes for the envelopes of this encryptor from those that are left."""
    failures, tried = [], 0
    for call, envelope in made:
        outcome = next(decrypted) if isinstance(envelope, Encrypted) else envelope
        if isinstance(outcome, Skipped):
            continue
        tried += 1
        if outcome != Decrypted(call.text):
            ciphertext = envelope.ciphertext if isinstance(envelope, Encrypted) else ""
            failures.append(MatrixFailure(call, ciphertext, outcome))
    return Cell(made.encryptor, decryptor, tried, tried - len(failures), tuple(failures))
