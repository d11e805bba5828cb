"""What the handset around the app is like: its cards and its battery."""

from __future__ import annotations

from harness.frozen import frozen

__all__ = ["Device"]

_PLACES = {"SIM1": 0, "SIM2": 1}


@frozen
class Device:
    """Android's ids of the active subscriptions, sorted by slot; the one for texts by default (None: there is none)."""

    subscriptions: tuple[int, ...] = (1,)
    default_subscription: int | None = 1
    charging: bool = False

    def subscription(self, sim: str) -> int | None:
        """Which card a message for `sim` leaves by; None: by none.

        A message for a card that is not there, or for a name that the app does not know, leaves by the default one
        (phone-behaviour.md §4.2).
        """
        place = _PLACES.get(sim, len(self.subscriptions))
        return self.subscriptions[place] if place < len(self.subscriptions) else self.default_subscription
