"""The faults between two parties, by name: what each one is, and which knobs it has.

Plain words: `harness.faults` has what they do. The knobs are the fields of a plan's `Fault`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from harness.frozen import frozen

__all__ = ["FAULTS", "FCM_ERRORS", "WHO", "FaultShape"]

FCM_ERRORS: Mapping[str, int] = MappingProxyType(
    {
        "INVALID_ARGUMENT": 400,
        "SENDER_ID_MISMATCH": 403,
        "UNREGISTERED": 404,
        "QUOTA_EXCEEDED": 429,
        "INTERNAL": 500,
        "UNAVAILABLE": 503,
    }
)
"""What FCM may answer instead of taking a push, and with which status (FCM's reference of error codes)."""

WHO = ("client", "phone")
"""Whose requests a fault may be about; without a word, and without a phone, it is about both."""


@frozen
class FaultShape:
    """What a fault does. `fields` may be said of it, `required` must be.

    `once`: without `times` it happens once; otherwise until it is ended. A count of a phone's requests leaves out those
    that it makes on its own account: heartbeats, uploads of its token.
    """

    description: str
    fields: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    once: bool = False


FAULTS: Mapping[str, FaultShape] = MappingProxyType(
    {
        "lost-push": FaultShape(
            "the push service takes a push, and the phone never gets it", ("phone", "times"), once=True
        ),
        "late-push": FaultShape(
            "a push reaches the phone so much later", ("phone", "times", "delay"), ("delay",), once=True
        ),
        "duplicate-push": FaultShape("a push reaches the phone twice", ("phone", "times"), once=True),
        "refused-push": FaultShape(
            "the push service refuses a message's push with one of FCM's errors, also when it is tried again",
            ("phone", "times", "error"),
            ("error",),
            once=True,
        ),
        "lost-update": FaultShape("handlers of the gateway that run side by side overwrite each other's rows"),
        "unreachable": FaultShape("no connection to the gateway", ("who", "phone", "times")),
        "slow-network": FaultShape("each request takes so much longer", ("who", "phone", "delay", "times"), ("delay",)),
        "lost-answer": FaultShape(
            "the gateway does what it is asked, and its answer never comes", ("who", "phone", "times")
        ),
        "failing-api": FaultShape(
            "a request is answered with this status, and the gateway never sees it",
            ("who", "phone", "status", "times"),
            ("status",),
        ),
    }
)
"""Every fault by its name."""
