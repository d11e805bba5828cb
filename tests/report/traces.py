"""Traces as the tests of the reports write them."""

from __future__ import annotations

from typing import Any

from harness.instants import ns
from harness.trace import Entry, Trace

Written = tuple[float, str, str, str | None, dict[str, Any]]

SENT: list[Written] = [
    (0.0, "client", "send", None, {"step": "step-1", "content": "hi"}),
    (0.0, "client", "accepted", "m1", {"step": "step-1", "status": 200}),
    (0.0, "gateway", "message.api.sent", "m1", {"was": "pending", "status": "pending", "content": "hi"}),
    (0.0, "gateway", "message.notification.scheduled", "m1", {"was": "pending", "status": "scheduled"}),
    (0.0, "push", "accepted", "m1", {"priority": "normal"}),
    (0.1, "phone", "pushed", "m1", {}),
    (0.2, "phone", "fetched", "m1", {"to": "+2", "content": "hi", "encrypted": False}),
    (0.2, "phone", "submitted", "m1", {"to": "+2", "segments": 1}),
    (0.2, "radio", "submitted", "m1", {"text": "hi", "segment": 1}),
    (0.25, "phone", "sent", "m1", {}),
    (0.3, "gateway", "message.phone.sent", "m1", {"was": "sending", "status": "sent"}),
    (1.0, "radio", "report", "m1", {"segment": 1, "status": 0}),
    (1.0, "phone", "delivered", "m1", {}),
    (2.0, "gateway", "message.phone.delivered", "m1", {"was": "sent", "status": "delivered"}),
]
# A text that arrives, and one that Android asks about.
RECEIVED: list[Written] = [
    *SENT[:9],
    (0.3, "contact", "received", None, {"from": "+1", "to": "+2", "text": "hi", "segments": 1, "rules": "Late"}),
]
ASKED: list[Written] = [*SENT[:8], (0.2, "radio", "dialog", "m1", {"dialog": 1, "about": "short code", "to": "12345"})]
CAME_IN: list[Written] = [
    (0.0, "contact", "wrote", None, {"from": "+2", "to": "+1", "text": "Thank you"}),
    (0.0, "radio", "delivered", None, {"from": "+2", "to": "+1", "text": "Thank you"}),
    (0.1, "phone", "text received", None, {"from": "+2", "content": "Thank you", "encrypted": False}),
    (0.5, "api", "POST /v1/messages/receive", None, {"status": 200}),
    (0.5, "gateway", "message.phone.received", "m2", {"content": "Thank you", "encrypted": False}),
    (0.6, "webhook", "message.phone.received", "m2", {"verified": True}),
]


def trace(*written: Written, linked: bool = True) -> list[Entry]:
    """The entries, each caused by the one before it; not `linked`: over sockets, where causes end at the API."""
    made = Trace()
    for number, (at_s, hop, kind, message, facts) in enumerate(written):
        is_cut = number == 0 or (not linked and hop in ("api", "webhook"))
        made.write(ns(at_s), hop, kind, message, None if is_cut else number - 1, facts)
    return list(made.entries)
