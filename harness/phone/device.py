"""What the handset around the app is like: its cards, its network, its battery, what the user has permitted."""

from __future__ import annotations

from dataclasses import field
from enum import Enum

from harness.frozen import frozen
from harness.sms import SmsConfig

__all__ = ["Card", "Device", "Network"]

_PLACES = {"SIM1": 0, "SIM2": 1}


class Network(Enum):
    """VALIDATED: Android has seen the internet through it; only then do jobs run (phone-behaviour.md §7)."""

    NONE = "none"
    CONNECTED = "connected"
    VALIDATED = "validated"


@frozen
class Card:
    """An active subscription: Android's id of it, its slot (1 or 2), and the number that it shows, if any."""

    subscription_id: int
    slot: int
    number: str = ""


@frozen
class Device:
    """`cards` are sorted by slot. `default_subscription` is the one for texts (None: there is none).

    `denied` are permissions that the user refused, without `android.permission.`; RECEIVE_MMS is never asked for.
    `country` is the network's, upper case. `throws`: what the telephony service dies of whenever it is asked to send
    a text (class with package, text); None: it works. `sms` is how its release and its operator divide texts.
    """

    cards: tuple[Card, ...] = (Card(1, 1),)
    default_subscription: int | None = 1
    charging: bool = False
    network: Network = Network.VALIDATED
    denied: tuple[str, ...] = ("RECEIVE_MMS",)
    country: str = "US"
    throws: tuple[str, str | None] | None = None
    sms: SmsConfig = SmsConfig()
    subscriptions: tuple[int, ...] = field(init=False, repr=False, compare=False)
    """What Android tells the app: nothing without READ_PHONE_STATE."""

    def __post_init__(self) -> None:
        hidden = "READ_PHONE_STATE" in self.denied
        subscriptions = () if hidden else tuple([card.subscription_id for card in self.cards])
        object.__setattr__(self, "subscriptions", subscriptions)

    @property
    def dual_sim(self) -> bool:
        """Two cards, as the login screen sees it."""
        return len(self.subscriptions) > 1

    def subscription(self, sim: str) -> int | None:
        """Which card a message for `sim` leaves by; None: by none.

        A message for a card that is not there, or for a name that the app does not know, leaves by the default one
        (phone-behaviour.md §4.2).
        """
        known = self.subscriptions
        place = _PLACES.get(sim, len(known))
        return known[place] if place < len(known) else self.default_subscription

    def slot_of(self, subscription_id: int | None) -> int:
        """The slot of a subscription; 1 for one that is not there."""
        for card in self.cards:
            if card.subscription_id == subscription_id:
                return card.slot
        return 1

    def number_in(self, slot: int) -> str:
        """The number of the card in a slot; "" if there is none, or it does not say."""
        return next((card.number for card in self.cards if card.slot == slot), "")
