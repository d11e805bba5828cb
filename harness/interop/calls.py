"""What a runner is asked to do."""

from __future__ import annotations

from harness.frozen import frozen

__all__ = ["Call", "Decrypt", "Encrypt"]


@frozen
class Encrypt:
    """Encrypt `text` under the pass phrase `key`. `iv` (16 bytes) is a wish: only some runners can be given one."""

    key: str
    text: str
    iv: bytes | None = None


@frozen
class Decrypt:
    """Decrypt `ciphertext` under the pass phrase `key`."""

    key: str
    ciphertext: str


Call = Encrypt | Decrypt
