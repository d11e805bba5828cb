"""Whom a device may text: on hardware nobody but who is allowed, in an emulator everybody, for nothing leaves it."""

from __future__ import annotations

from harness.frozen import frozen

__all__ = ["NumberGuard"]


@frozen
class NumberGuard:
    """`allowed` are the numbers (E.164) that a real radio may text.

    Whoever texts or calls asks here first, in the core and once more at the door.
    """

    is_emulator: bool
    allowed: frozenset[str] = frozenset()

    def refusal(self, number: str) -> str | None:
        """Why the device must not text `number`; None if it may."""
        if self.is_emulator or number in self.allowed:
            return None
        return f"{number} is not on the list of numbers that a real radio may text: --allow {number} puts it there"

    def injection_refusal(self) -> str | None:
        """Why no text and no call can be brought into the device; None where they can."""
        return None if self.is_emulator else "only an emulator has a console that texts and calls can be typed into"
