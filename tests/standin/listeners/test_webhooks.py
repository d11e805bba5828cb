"""harness.standin.listeners.webhooks: whom an event is told to (gateway-protocol.md §7.4)."""

from __future__ import annotations

import pytest

from harness.wire.events import WEBHOOK_EVENTS
from tests.standin.gateways import CONTACT, OWNER, Gateway


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (["message.phone.received"], ["message.phone.received"]),
        (["message.call.missed"], []),
        (list(WEBHOOK_EVENTS), ["message.phone.received"]),
    ],
)
def test_an_event_is_told_to_its_subscribers(events: list[str], told: list[str]) -> None:
    gateway = Gateway.with_phone()
    gateway.subscribe(*events)
    gateway.receive()
    gateway.settle(1)
    assert [event["type"] for event in gateway.hooks()] == told


def test_an_event_of_another_number_is_not_told() -> None:
    gateway = Gateway.with_phone()
    gateway.subscribe("message.phone.received")
    gateway.add_phone("+18005550198", "other-token")
    body = {"from": CONTACT, "to": "+18005550198", "content": "x"}
    gateway.call("POST", "/v1/messages/receive", body)
    gateway.settle(1)
    assert gateway.hooks() == []


def test_an_event_of_another_user_is_not_told() -> None:
    gateway = Gateway.with_phone()
    gateway.subscribe("message.phone.received")
    stranger = gateway.standin.create_account(gateway.world.now)
    body = {"from": CONTACT, "to": OWNER, "content": "x"}
    assert gateway.call("POST", "/v1/messages/receive", body, key=stranger.api_key).status == 200
    gateway.settle(1)
    assert gateway.hooks() == []


def test_reports_that_do_not_count_are_told_too() -> None:
    gateway = Gateway.with_phone()
    gateway.subscribe(*WEBHOOK_EVENTS)
    message_id = gateway.send(request_id="r").data["id"]
    gateway.settle(1)
    for name in ("DELIVERED", "SENT", "FAILED"):
        gateway.report(message_id, name)
        gateway.settle(2)
    told = [(event["type"], event["data"]["id"], event["data"]["request_id"]) for event in gateway.hooks()]
    assert told == [
        ("message.phone.delivered", message_id, "r"),
        ("message.phone.sent", message_id, "r"),
        ("message.send.failed", message_id, "r"),
    ]


def test_events_are_told_with_ids_of_their_own() -> None:
    gateway = Gateway.with_phone()
    gateway.subscribe("message.phone.received")
    for _ in range(3):
        gateway.receive()
    gateway.settle(1)
    assert len({event["id"] for event in gateway.hooks()}) == 3
