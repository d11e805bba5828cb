"""harness.standin.api.events: events put in from outside (gateway-protocol.md §2.17)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.wire.server import Status
from tests.standin.gateways import SYSTEM_KEY, Gateway

EVENT: dict[str, Any] = {"specversion": "1.0", "id": "1", "source": "/t", "type": "x.y", "data": {}}


@pytest.mark.parametrize(
    ("key", "changes", "status"),
    [
        (SYSTEM_KEY, {}, 204),
        (SYSTEM_KEY, {"data": None}, 204),
        (SYSTEM_KEY, {"type": "message.send.expired.check", "data": {"message_id": "x"}}, 204),
        (SYSTEM_KEY, {"type": "message.phone.sent", "data": 5}, 204),
        (SYSTEM_KEY, {"id": ""}, 422),
        (SYSTEM_KEY, {"specversion": "9"}, 400),
        (SYSTEM_KEY, {"time": "x"}, 400),
        ("", {}, 401),
        (None, {}, 403),
        (None, {"id": ""}, 422),
    ],
)
def test_an_event_is_judged_before_its_sender(key: str | None, changes: dict[str, Any], status: int) -> None:
    assert Gateway().call("POST", "/v1/events", EVENT | changes, key=key).status == status


def test_an_event_may_come_as_a_cloud_event() -> None:
    headers = {"Content-Type": "application/cloudevents+json"}
    raw = b'{"specversion":"1.0","id":"1","source":"/t","type":"x.y"}'
    assert Gateway().call("POST", "/v1/events", key=SYSTEM_KEY, headers=headers, raw=raw).status == 204
    headers = {"Content-Type": "text/plain"}
    assert Gateway().call("POST", "/v1/events", key=SYSTEM_KEY, headers=headers, raw=raw).status == 400


def test_an_event_does_what_the_same_event_of_the_server_does() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle()
    data = {"id": message_id, "user_id": gateway.account.id, "timestamp": "2026-11-20T10:00:00Z"}
    assert gateway.inject("message.phone.sent", data).status == 204
    assert gateway.message(message_id).status is Status.SENT


def test_what_follows_from_an_event_inherits_its_source() -> None:
    gateway = Gateway.with_phone()
    gateway.subscribe("message.send.expired")
    message_id = gateway.send().data["id"]
    gateway.settle()
    gateway.check_expiry(message_id)
    gateway.settle()
    assert [event["source"] for event in gateway.hooks()] == ["/test"]


def test_nobody_may_put_in_events_where_there_is_no_queue_user() -> None:
    gateway = Gateway()
    stranger = gateway.standin.create_account(gateway.world.now)
    assert gateway.call("POST", "/v1/events", EVENT, key=stranger.api_key).status == 403
