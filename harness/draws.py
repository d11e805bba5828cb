"""The seeded source of every choice.

One stream per (seed, name). A stream is a counter under BLAKE2b, not a `random.Random`: its state is one integer, so
a copy costs nothing, a state file holds it in a few bytes, and the same seed gives the same draws on every Python
version and machine.
"""

from __future__ import annotations

from hashlib import blake2b
from struct import unpack

__all__ = ["Draws"]


class Draws:
    """A stream of draws. `position` counts the 64-bit words drawn so far; setting it moves the stream there."""

    __slots__ = ("_block", "_block_number", "_prefix", "name", "position", "seed")

    def __init__(self, seed: int, name: str, position: int = 0) -> None:
        self.seed = seed
        self.name = name
        self.position = position
        self._prefix = f"{seed}/{name}/".encode()
        self._block: tuple[int, ...] = ()
        self._block_number = -1

    def stream(self, name: str) -> Draws:
        """A stream of its own, which draws here do not move."""
        return Draws(self.seed, f"{self.name}/{name}")

    def copy(self) -> Draws:
        return Draws(self.seed, self.name, self.position)

    def _word(self) -> int:
        """The next 64 bits. A block of the counter gives eight of them."""
        position = self.position
        if position >> 3 != self._block_number:
            self._block_number = position >> 3
            self._block = unpack(">8Q", blake2b(self._prefix + b"%d" % self._block_number).digest())
        self.position = position + 1
        return self._block[position & 7]

    def getrandbits(self, k: int) -> int:
        """An integer of `k` bits."""
        if k <= 64:
            return self._word() >> (64 - k)
        return int.from_bytes(self.randbytes((k + 7) // 8), "big") >> (-k % 8)

    def random(self) -> float:
        """A float in [0, 1), a multiple of 2**-53."""
        return (self._word() >> 11) * 2.0**-53

    def between(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + int(self.random() * (high - low + 1))

    def randbytes(self, n: int) -> bytes:
        return b"".join([self._word().to_bytes(8, "big") for _ in range((n + 7) // 8)])[:n]

    def uuid4(self) -> str:
        """A version-4 UUID in lower case, the only form that the server takes (gateway-protocol.md §2.1)."""
        text = f"{self._word():016x}{self._word():016x}"
        variant = "89ab"[int(text[16], 16) & 3]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"

    def token(self, length: int) -> str:
        """`length` characters of URL-safe base64, as API keys and registration tokens are made of."""
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        return "".join([letters[byte & 63] for byte in self.randbytes(length)])
