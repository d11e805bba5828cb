"""A gateway in a thread of its own, with a phone in it and everybody who is texted: for tests of applications."""

from __future__ import annotations

from harness.hosting import stories
from harness.hosting.contacts import Contact, ReceivedText
from harness.hosting.gateway import ApiAnswer, Gateway, HostedPhone, Snapshot
from harness.hosting.webhooks import WebhookCall, Webhooks
from harness.hosting.worlds import LateCall

__all__ = [
    "ApiAnswer",
    "Contact",
    "Gateway",
    "HostedPhone",
    "LateCall",
    "ReceivedText",
    "Snapshot",
    "WebhookCall",
    "Webhooks",
    "stories",
]
