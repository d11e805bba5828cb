"""harness.standin.dispatch: who listens, and the facts of the trace."""

from __future__ import annotations

from typing import Any

import pytest

from harness.standin.dispatch import LISTENERS
from harness.wire.events import PAYLOADS, WEBHOOK_EVENTS, WebhookSendFailed
from tests.standin.gateways import CONTACT, OWNER, Gateway

# gateway-protocol.md §7.3; "-" where the server sends an e-mail, or does something that is not modelled yet.
TABLE = {
    "message.api.sent": "threads billing scheduling",
    "message.api.deleted": "threads scheduling",
    "message.phone.sending": "messages threads",
    "message.phone.sent": "messages threads webhooks",
    "message.phone.delivered": "messages threads webhooks",
    "message.send.failed": "messages threads webhooks",
    "message.send.expired": "messages threads webhooks",
    "message.phone.received": "threads webhooks billing",
    "message.call.missed": "threads webhooks auto_reply",
    "phone.heartbeat.online": "webhooks",
    "phone.heartbeat.offline": "monitors webhooks",
    "phone.heartbeat.missed": "scheduling",
    "phone.heartbeat.check": "monitors",
    "message.notification.scheduled": "messages threads",
    "message.notification.send": "scheduling",
    "message.notification.sent": "messages",
    "message.notification.failed": "messages",
    "message.send.expired.check": "messages",
    "message.send.retry": "scheduling",
    "message-send-schedule.deleted": "schedules",
    "phone.updated": "monitors phone_keys",
    "phone.deleted": "monitors phone_keys",
    "webhook.send.failed": "-",
    "message-thread.api.deleted": "messages",
    "user.account.created": "-",
    "user.account.deleted": "cleanup cleanup cleanup cleanup cleanup cleanup cleanup cleanup cleanup",
    "user.api-key.rotated": "-",
    "user.subscription.created": "accounts",
    "user.subscription.updated": "accounts",
    "user.subscription.cancelled": "accounts",
    "user.subscription.expired": "accounts",
}


@pytest.mark.parametrize("event_type", PAYLOADS)
def test_an_event_has_the_listeners_of_the_protocol(event_type: str) -> None:
    listeners = LISTENERS.get(PAYLOADS[event_type], ())
    named = [getattr(load, "func", load).__module__.rpartition(".")[2] for load in listeners]
    assert (" ".join(named) or "-") == TABLE[event_type]


def test_what_a_webhook_may_subscribe_to_reaches_webhooks() -> None:
    assert {event_type for event_type, rooms in TABLE.items() if "webhooks" in rooms} == set(WEBHOOK_EVENTS)


def _facts(gateway: Gateway, kind: str) -> list[dict[str, Any]]:
    return [dict(entry.facts) for entry in gateway.entries("gateway") if entry.kind == kind]


def test_the_trace_says_what_was_sent_and_received() -> None:
    gateway = Gateway.with_phone()
    gateway.send(content="out", encrypted=True)
    gateway.receive(content="in")
    gateway.settle()
    sides = {"owner": OWNER, "contact": CONTACT, "sim": "SIM1", "cycle": "2026-11-20"}
    out = {"content": "out", "encrypted": True, "max_attempts": 2, "sent_messages": 1, **sides}
    came = {"content": "in", "encrypted": False, "received_messages": 1, **sides}
    assert _facts(gateway, "message.api.sent") == [{"was": "pending", "status": "pending", "thread": "pending", **out}]
    assert _facts(gateway, "message.phone.received") == [
        {"was": "received", "status": "received", "thread": "received", **came}
    ]


def test_the_trace_says_why_and_how_often() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle()
    for _ in range(2):
        gateway.check_expiry(message_id)
        gateway.settle()
    gateway.report(message_id, "FAILED", reason="NO_SERVICE")
    gateway.settle()
    assert [facts["attempt"] for facts in _facts(gateway, "message.notification.sent")] == [1, 2]
    assert [facts["final"] for facts in _facts(gateway, "message.send.expired")] == [False, True]
    (failed,) = _facts(gateway, "message.send.failed")
    assert (failed["was"], failed["status"], failed["reason"]) == ("expired", "failed", "NO_SERVICE")


def test_the_trace_says_when_a_key_is_associated() -> None:
    gateway = Gateway.with_phone()
    associated = [(facts["owner"], facts["key_associated"]) for facts in _facts(gateway, "phone.updated")]
    assert associated == [(OWNER, True), (OWNER, False)]


def test_an_event_about_a_message_that_is_gone_is_told_without_a_status() -> None:
    gateway = Gateway.with_phone()
    gateway.inject("message.phone.sent", {"id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "user_id": "u", "owner": "x"})
    # A thread asks nobody whether its message is there.
    assert _facts(gateway, "message.phone.sent") == [{"was": None, "status": None, "thread": "sent"}]


def test_an_event_that_nobody_listens_to_is_told() -> None:
    gateway = Gateway()
    gateway.inject(WebhookSendFailed.TYPE, {"event_id": "1"})
    assert [entry.kind for entry in gateway.entries("gateway")] == [WebhookSendFailed.TYPE]
