"""What the services of adbd have in common."""

from __future__ import annotations

__all__ = ["HELD_MAX", "Service", "Told"]

HELD_MAX = 1 << 18
"""How many octets of its input a service keeps before the host has to wait."""


class Service:
    """One stream's service, told by the host and drawn from.

    `done`: nothing comes after what was taken. `pause_ms`: it sleeps so long before it is drawn from again; whoever
    waited sets it back to 0. `is_idle`: nothing more comes before something happens on the device.
    """

    def __init__(self) -> None:
        self.done = False
        self.pause_ms = 0
        self.is_idle = False

    @property
    def is_full(self) -> bool:
        """The host has to wait before it may write more."""
        return False

    def feed(self, data: bytes, now_ms: int) -> None:
        """What the host wrote. Raises MalformedAdb for what is not the service's protocol: the stream ends then."""

    def take(self, most: int) -> bytes:
        """About `most` octets for the host; none if there is nothing to say now."""
        return b""

    def gone(self) -> None:
        """The host has left."""
        self.done = True


class Told(Service):
    """Says something, and ends."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words.encode()

    def take(self, most: int) -> bytes:
        words, self._words = self._words[:most], self._words[most:]
        self.done = not self._words
        return words
