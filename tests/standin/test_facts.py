"""harness.standin.facts: what the trace says of an event, beside its kind and its message."""

from __future__ import annotations

from typing import Any

import pytest

from harness.instants import MS, SECOND, rfc3339
from harness.standin import Pace
from harness.standin.facts import FACTS, THREADED, moved
from harness.standin.rows import evolve
from harness.wire.events import PAYLOADS
from tests.standin.gateways import HOOK, OWNER, TOKEN, Gateway


def told(gateway: Gateway, kind: str, hop: str = "gateway") -> list[dict[str, Any]]:
    return [dict(entry.facts) for entry in gateway.entries(hop) if entry.kind == kind]


def fact(gateway: Gateway, kind: str, name: str) -> list[Any]:
    return [facts.get(name) for facts in told(gateway, kind)]


def test_every_event_with_facts_is_one_of_the_protocol() -> None:
    assert {*FACTS, *THREADED} <= set(PAYLOADS.values())


def test_a_plan_tells_how_long_the_push_waits_and_at_which_rate() -> None:
    gateway = Gateway.with_phone()
    gateway.send()
    gateway.send()
    gateway.settle()
    planned = told(gateway, "message.notification.scheduled")
    assert [(facts["wait_ns"], facts["per_minute"]) for facts in planned] == [(0, 60), (SECOND, 60)]
    assert "windows" not in planned[0]


def test_where_spacing_is_lifted_there_is_no_rate() -> None:
    gateway = Gateway.with_phone(pace=Pace.INSTANT)
    gateway.send()
    gateway.settle()
    assert fact(gateway, "message.notification.scheduled", "per_minute") == [0]


def test_a_plan_tells_the_windows_of_the_phone() -> None:
    gateway = Gateway.with_phone()
    windows = [{"day_of_week": day, "start_minute": 540, "end_minute": 600} for day in (1, 3)]
    body = {"name": "Mornings", "timezone": "Europe/Berlin", "windows": windows}
    schedule = gateway.call("POST", "/v1/send-schedules", body).data["id"]
    settings = {"phone_number": OWNER, "fcm_token": TOKEN, "message_send_schedule_id": schedule}
    gateway.call("PUT", "/v1/phones", settings)
    gateway.send()
    gateway.settle()
    assert fact(gateway, "message.notification.scheduled", "windows") == ["Europe/Berlin; 1 540-600; 3 540-600"]


def test_a_push_tells_when_somebody_looks_for_a_report() -> None:
    gateway = Gateway.with_phone()
    gateway.send()
    gateway.settle()
    ((attempt, expires_in_ns),) = zip(
        fact(gateway, "message.notification.sent", "attempt"),
        fact(gateway, "message.notification.sent", "expires_in_ns"),
        strict=True,
    )
    assert (attempt, expires_in_ns) == (1, 600 * SECOND)


def test_a_message_with_a_time_of_its_own_says_so() -> None:
    gateway = Gateway.with_phone()
    gateway.send(send_at=rfc3339(gateway.world.now + 60 * SECOND))
    (asked,) = told(gateway, "POST /v1/messages/send", "api")
    gateway.settle(61)
    assert asked["wait_ns"] == 60 * SECOND
    assert fact(gateway, "message.api.sent", "own_time") == [True]


def test_the_time_that_sorts_a_message_is_told_where_it_moves() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle(0.5)
    gateway.fetch(message_id)
    gateway.settle(0.5)
    message = gateway.message(message_id)
    assert sum(map(int, filter(None, fact(gateway, "message.phone.sending", "order_moved_ns")))) > 0
    assert moved(None, message) == moved(message, None) == moved(message, message) == {}
    assert moved(message, evolve(message, order_at=message.order_at - MS)) == {"order_moved_ns": -MS}


def test_counters_are_told_with_their_cycle() -> None:
    gateway = Gateway.with_phone()
    gateway.send()
    gateway.send()
    gateway.receive()
    gateway.receive(timestamp="2025-01-02T00:00:00Z")
    gateway.settle()
    assert fact(gateway, "message.api.sent", "sent_messages") == [1, 2]
    received = told(gateway, "message.phone.received")
    assert [(facts["received_messages"], facts["cycle"]) for facts in received] == [
        (1, "2026-11-20"),
        (1, "2024-12-20"),
    ]


def test_a_thread_is_told_by_what_it_shows_of_the_message() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle()
    gateway.call("DELETE", f"/v1/messages/{message_id}")
    gateway.settle()
    assert fact(gateway, "message.api.sent", "thread") == ["pending"]
    assert fact(gateway, "message.notification.scheduled", "thread") == ["scheduled"]
    assert fact(gateway, "message.api.deleted", "thread") == [None]


def test_two_threads_of_one_conversation_are_told() -> None:
    gateway = Gateway.with_phone()
    gateway.send()
    gateway.settle()
    (row,) = gateway.standin.threads.values()
    gateway.standin.threads["another"] = evolve(row, id="another")
    gateway.send()
    gateway.settle()
    assert fact(gateway, "message.api.sent", "thread") == ["pending", "2 threads"]


def test_a_webhook_is_told_from_its_making_to_its_end() -> None:
    gateway = Gateway.with_phone()
    webhook = gateway.subscribe("message.phone.sent", "message.call.missed").data["id"]
    body = {"url": HOOK, "signing_key": "", "phone_numbers": [OWNER], "events": ["message.phone.sent"]}
    gateway.call("PUT", f"/v1/webhooks/{webhook}", body)
    gateway.call("DELETE", f"/v1/webhooks/{webhook}")
    first, second = told(gateway, "webhook.saved")
    assert sorted(first.pop("events").split(", ")) == ["message.call.missed", "message.phone.sent"]
    assert first == {"webhook": webhook, "url": HOOK, "numbers": OWNER, "signed": True}
    assert second == {**first, "events": "message.phone.sent", "signed": False}
    assert told(gateway, "webhook.deleted") == [{"webhook": webhook}]


def test_a_phone_key_is_told_by_its_numbers_and_never_itself() -> None:
    gateway = Gateway.with_phone()
    gateway.call("POST", "/v1/heartbeats", {"phone_numbers": [OWNER], "charging": True}, key=gateway.key)
    (beat,) = told(gateway, "POST /v1/heartbeats", "api")
    assert (beat["as"], beat["for"], beat["numbers"]) == ("phone", OWNER, OWNER)
    assert gateway.key not in str([entry.facts for entry in gateway.world.trace.entries])


@pytest.mark.parametrize(
    ("kind", "path", "names"),
    [
        ("message.call.missed", "/v1/messages/calls/missed", {"owner", "contact", "sim"}),
        ("message.phone.received", "/v1/messages/receive", {"owner", "contact", "sim", "content", "encrypted"}),
    ],
)
def test_what_came_in_tells_whose_it_is(kind: str, path: str, names: set[str]) -> None:
    gateway = Gateway.with_phone()
    body = {"from": "+18005550100", "to": OWNER, "sim": "SIM2", "content": "hi", "timestamp": "2026-11-20T10:00:00Z"}
    gateway.call("POST", path, body, key=gateway.key)
    gateway.settle()
    (facts,) = told(gateway, kind)
    assert names <= facts.keys()
    assert (facts["owner"], facts["sim"]) == (OWNER, "SIM2")


def test_a_phone_is_told_by_its_number_also_when_it_goes() -> None:
    gateway = Gateway.with_phone()
    (phone,) = gateway.standin.phones
    gateway.call("DELETE", f"/v1/phones/{phone}")
    gateway.settle()
    assert fact(gateway, "phone.updated", "sim") == ["SIM1", "SIM1"]
    assert fact(gateway, "phone.deleted", "owner") == [OWNER]
