"""The envelope of an encrypted message: base64(IV[16] ‖ AES-256-CFB128(SHA-256(key text), IV, UTF-8 text)).

It decodes as the phone does, not as the SDKs do (cipher.md §2): the phone decides whether a text goes out.
There is no integrity: a wrong key or a changed ciphertext gives garbage, not an error.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import os
import re
from typing import TYPE_CHECKING

from harness.errors import CiphertextTooShort, InvalidBase64

if TYPE_CHECKING:
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
    from cryptography.hazmat.primitives.ciphers import Cipher

__all__ = ["IV_BYTES", "decrypt", "encrypt"]

IV_BYTES = 16

# The phone takes padding whole or not at all, and no white space (cipher.md §3). b64decode has no such mode:
# the strict one refuses unpadded text and accepts surplus padding, the lax one skips what is no letter.
_LETTER = "[A-Za-z0-9+/]"
_PHONE_BASE64 = re.compile(f"(?:{_LETTER}{{4}})*+(?:{_LETTER}{{2}}(?:==)?|{_LETTER}{{3}}=?)?")


def encrypt(key: str, text: str, *, iv: bytes | None = None) -> str:
    """The envelope of `text` under the pass phrase `key`, as padded base64 without line breaks.

    `iv` is 16 bytes; without it they come from the operating system. A core passes its own, so that a run
    repeats. Raises ValueError for an `iv` of another length.
    """
    if iv is None:
        iv = os.urandom(IV_BYTES)
    if len(iv) != IV_BYTES:
        raise ValueError(f"the IV has {IV_BYTES} bytes, not {len(iv)}")
    encryptor = _aes_cfb128(key, iv).encryptor()
    return base64.b64encode(iv + encryptor.update(_utf8(text)) + encryptor.finalize()).decode("ascii")


def decrypt(key: str, ciphertext: str) -> str:
    """The text in the envelope `ciphertext`; bytes that are not UTF-8 become U+FFFD.

    Raises InvalidBase64, or CiphertextTooShort below 16 bytes. A wrong `key` is not noticed.
    """
    envelope = _decode_base64(ciphertext)
    if len(envelope) < IV_BYTES:
        raise CiphertextTooShort(len(envelope))
    decryptor = _aes_cfb128(key, envelope[:IV_BYTES]).decryptor()
    plaintext = decryptor.update(envelope[IV_BYTES:]) + decryptor.finalize()
    # Python replaces byte for byte exactly where Android's decoder does; OpenJDK's does not (cipher.md §3).
    return plaintext.decode("utf-8", "replace")


def _decode_base64(ciphertext: str) -> bytes:
    if not _PHONE_BASE64.fullmatch(ciphertext):
        raise InvalidBase64("the ciphertext is not base64 as the phone accepts it")
    unpadded = ciphertext.rstrip("=")
    # a2b_base64 ignores the unused low bits of the last letter, as the phone does.
    return binascii.a2b_base64(unpadded + "=" * (-len(unpadded) % 4))


def _utf8(text: str) -> bytes:
    # A lone surrogate becomes "?", as on the phone; the SDKs make U+FFFD of it (cipher.md §2).
    return text.encode("utf-8", "replace")


def _aes_cfb128(key: str, iv: bytes) -> Cipher[CFB]:
    """AES-256-CFB128 under the key that the pass phrase `key` stands for.

    The derived key is not kept between calls: the hash takes a microsecond, and a cache would hold secrets.
    """
    # Imported here because `import harness.cipher` would else take 25 ms for callers that never encrypt.
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES

    return Cipher(AES(hashlib.sha256(_utf8(key)).digest()), _cfb_mode()(iv))


@functools.cache
def _cfb_mode() -> type[CFB]:
    # Cached because a failed import is searched for anew each time. cryptography 47 moved the mode.
    try:
        from cryptography.hazmat.decrepit.ciphers.modes import CFB
    except ImportError:
        from cryptography.hazmat.primitives.ciphers.modes import CFB
    return CFB
