"""The envelope of an encrypted message: base64(IV[16] ‖ AES-256-CFB128(SHA-256(key text), IV, UTF-8 text)).

By default it is read as the phone reads it, since the phone decides whether a text goes out; `dialect` names another
client (harness/cipher/dialects.py). There is no integrity: a wrong key or a changed ciphertext gives garbage, and no
error.
"""

from __future__ import annotations

import binascii
import hashlib
import os

from harness.cipher import raw
from harness.cipher.dialects import Dialect, rules_of
from harness.cipher.raw import IV_BYTES

__all__ = ["IV_BYTES", "bytes_of", "decrypt", "encrypt"]


def encrypt(key: str, text: str, *, iv: bytes | None = None, dialect: Dialect = "phone") -> str:
    """The envelope of `text` under the pass phrase `key`, as padded base64 without line breaks.

    `iv` is 16 bytes; without it they come from the operating system. A core passes its own, so that a run
    repeats. The dialects differ for lone surrogates alone. Raises ValueError for an `iv` of another length.
    """
    if iv is None:
        iv = os.urandom(IV_BYTES)
    encode = rules_of(dialect).encode_text
    encrypted = raw.encrypt(_derived(encode(key)), iv, encode(text))
    return binascii.b2a_base64(iv + encrypted, newline=False).decode("ascii")


def decrypt(key: str, ciphertext: str, *, dialect: Dialect = "phone") -> str:
    """The text in the envelope `ciphertext`, as the client that `dialect` names reads it.

    Bytes that are not UTF-8 become U+FFFD; "go" keeps them, as lone surrogates (`bytes_of` gives them back).
    Raises InvalidBase64, or CiphertextTooShort below 16 bytes; both say what the client raises. A wrong `key` is not
    noticed.
    """
    rules = rules_of(dialect)
    envelope = rules.envelope(ciphertext, IV_BYTES)
    return rules.decode_text(raw.decrypt(_derived(rules.encode_text(key)), envelope[:IV_BYTES], envelope[IV_BYTES:]))


def bytes_of(text: str) -> bytes:
    """The bytes of a text that `decrypt` gave, those that are no UTF-8 too (dialect "go")."""
    return text.encode("utf-8", "surrogateescape")


def _derived(key: bytes) -> bytes:
    """The AES key. It is not kept between calls: the hash takes a microsecond, and a cache would hold secrets."""
    return hashlib.sha256(key).digest()
