"""AES-256-CFB128 on bytes: the layer below the envelope."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.decrepit.ciphers.modes import CFB
    from cryptography.hazmat.primitives.ciphers import Cipher

__all__ = ["IV_BYTES", "KEY_BYTES", "decrypt", "encrypt"]

KEY_BYTES = 32
IV_BYTES = 16


def encrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """`data` encrypted: as many bytes. Raises ValueError for a `key` not of 32 or an `iv` not of 16 bytes."""
    encryptor = _cipher(key, iv).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def decrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """`data` decrypted: as many bytes. Raises ValueError for a `key` not of 32 or an `iv` not of 16 bytes."""
    decryptor = _cipher(key, iv).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def _cipher(key: bytes, iv: bytes) -> Cipher[CFB]:
    if len(key) != KEY_BYTES:
        raise ValueError(f"the key has {KEY_BYTES} bytes, not {len(key)}")
    if len(iv) != IV_BYTES:
        raise ValueError(f"the IV has {IV_BYTES} bytes, not {len(iv)}")
    return _library()(key, iv)


@functools.cache
def _library() -> Callable[[bytes, bytes], Cipher[CFB]]:
    """How the library makes a cipher. Loaded when needed: it takes 25 ms, and most callers never encrypt."""
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES

    try:
        from cryptography.hazmat.decrepit.ciphers.modes import CFB
    except ImportError:  # before cryptography 47
        from cryptography.hazmat.primitives.ciphers.modes import CFB
    return lambda key, iv: Cipher(AES(key), CFB(iv))
