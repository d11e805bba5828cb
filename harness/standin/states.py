"""Which events move a message, and where to: gateway-protocol.md §3.2 as a table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from harness.wire.server import Status

__all__ = ["TRANSITIONS", "Trigger", "after"]


class Trigger(Enum):
    """What happens to a message. The events of the protocol are named in brackets."""

    PLAN = "a push is planned (message.notification.scheduled)"
    FETCH = "a phone fetches the message (GET /v1/messages/outstanding)"
    ATTEMPT = "the phone is at it (message.phone.sending)"
    SENT = "the phone reports SENT (message.phone.sent)"
    DELIVERED = "the phone reports DELIVERED (message.phone.delivered)"
    FAIL = "the phone reports FAILED, or the push failed (message.send.failed)"
    EXPIRE = "nobody reported in time (message.send.expired)"


TRANSITIONS: Mapping[Trigger, Mapping[Status, Status]] = {
    Trigger.PLAN: {
        Status.PENDING: Status.SCHEDULED,
        Status.EXPIRED: Status.SCHEDULED,
    },
    Trigger.FETCH: {
        Status.PENDING: Status.SENDING,
        Status.SCHEDULED: Status.SENDING,
        Status.EXPIRED: Status.SENDING,
    },
    Trigger.ATTEMPT: {
        Status.SENDING: Status.SENDING,
    },
    Trigger.SENT: {
        Status.SENDING: Status.SENT,
        Status.SCHEDULED: Status.SENT,
        Status.EXPIRED: Status.SENT,
    },
    Trigger.DELIVERED: {
        Status.SENT: Status.DELIVERED,
        Status.SENDING: Status.DELIVERED,
        Status.SCHEDULED: Status.DELIVERED,
        Status.EXPIRED: Status.DELIVERED,
    },
    Trigger.FAIL: {status: Status.FAILED for status in Status if status is not Status.DELIVERED},
    Trigger.EXPIRE: {
        Status.PENDING: Status.EXPIRED,
        Status.SCHEDULED: Status.EXPIRED,
        Status.SENDING: Status.EXPIRED,
    },
}


def after(status: Status, trigger: Trigger) -> Status | None:
    """The status that a trigger leads to; None if a message in `status` ignores it."""
    return TRANSITIONS[trigger].get(status)
