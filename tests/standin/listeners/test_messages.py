"""harness.standin.listeners.messages: the message row follows its events (gateway-protocol.md §3.2, §4.5)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.instants import SECOND, parse_rfc3339
from harness.standin.dispatch import LISTENERS
from harness.standin.rows import evolve
from harness.wire.events import Event, PhoneSent, read_payload
from harness.wire.json import ZERO_STAMP, Pairs, micros
from harness.wire.server import Status
from tests.standin.gateways import OWNER, START_AT, TOKEN, Gateway

UNKNOWN = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
EARLY, LATE = "2026-07-23T05:10:01.123456789Z", "2027-07-23T05:10:01Z"


def _sent(gateway: Gateway, *reports: tuple[str, str]) -> Any:
    message_id = gateway.send().data["id"]
    gateway.settle(1)
    for name, timestamp in reports:
        gateway.report(message_id, name, timestamp, reason="NO_SERVICE")
        gateway.settle(2)
    return gateway.message(message_id)


@pytest.mark.parametrize(
    ("reports", "times"),
    [
        ([("SENT", EARLY)], {"sent_at": EARLY}),
        ([("DELIVERED", EARLY)], {"delivered_at": EARLY}),
        ([("SENT", EARLY), ("DELIVERED", LATE)], {"sent_at": EARLY, "delivered_at": LATE}),
        ([("SENT", EARLY), ("SENT", LATE)], {"sent_at": EARLY}),
        ([("DELIVERED", EARLY), ("SENT", LATE)], {"delivered_at": EARLY}),
        ([("FAILED", EARLY), ("FAILED", LATE)], {"failed_at": LATE}),
        ([("SENT", EARLY), ("FAILED", LATE)], {"sent_at": EARLY, "failed_at": LATE}),
        ([("FAILED", EARLY), ("SENT", LATE), ("DELIVERED", LATE)], {"failed_at": EARLY}),
        ([("DELIVERED", EARLY), ("FAILED", LATE)], {"delivered_at": EARLY}),
    ],
)
def test_a_report_leaves_its_time_if_it_counts(reports: list[tuple[str, str]], times: dict[str, str]) -> None:
    message = _sent(Gateway.with_phone(), *reports)
    found = {name: getattr(message, name) for name in ("sent_at", "delivered_at", "failed_at")}
    assert found == {name: micros(parse_rfc3339(times[name])) if name in times else None for name in found}


@pytest.mark.parametrize("name", ["SENT", "DELIVERED"])
def test_the_duration_counts_from_the_request_and_may_be_negative(name: str) -> None:
    message = _sent(Gateway.with_phone(), (name, EARLY))
    assert message.send_duration == parse_rfc3339(EARLY) - message.request_received_at < 0


def test_the_duration_of_a_sent_message_stays() -> None:
    first = _sent(Gateway.with_phone(), ("SENT", EARLY))
    second = _sent(Gateway.with_phone(), ("SENT", EARLY), ("DELIVERED", LATE))
    assert first.send_duration == second.send_duration


@pytest.mark.parametrize(("timestamp", "moves"), [(EARLY, False), (LATE, True)])
def test_the_order_only_moves_forward(timestamp: str, moves: bool) -> None:
    gateway = Gateway.with_phone()
    before = _sent(gateway).order_at
    after = _sent(gateway, ("SENT", timestamp)).order_at
    assert (after == parse_rfc3339(timestamp)) is moves
    assert after >= before


def test_a_planned_push_raises_the_order() -> None:
    gateway = Gateway.with_phone()
    gateway.send()
    message_id = gateway.send().data["id"]
    gateway.settle(0.5)
    message = gateway.message(message_id)
    assert message.scheduled_at == message.order_at == micros(message.created_at + SECOND)
    assert message.status is Status.SCHEDULED


def test_a_plan_of_the_past_leaves_the_order() -> None:
    gateway = Gateway.with_phone()
    before = _sent(gateway)
    data = {"id": before.id, "user_id": before.user_id, "owner": OWNER, "scheduled_at": EARLY}
    gateway.inject("message.notification.scheduled", data)
    after = gateway.message(before.id)
    assert (after.scheduled_at, after.order_at) == (micros(parse_rfc3339(EARLY)), before.order_at)


def test_an_unanswered_message_expires_is_pushed_again_and_expires_for_good() -> None:
    gateway = Gateway.with_phone()
    gateway.subscribe("message.send.expired")
    message_id = gateway.send().data["id"]
    seen = []
    for _ in range(4):
        gateway.settle(301)
        message = gateway.message(message_id)
        seen.append((message.status.value, message.send_attempt_count))
    assert seen == [("scheduled", 1), ("scheduled", 2), ("scheduled", 2), ("expired", 2)]
    gateway.settle(10_000)
    assert len(gateway.pushes()) == 2
    told = [(event["data"]["send_attempt_count"], event["data"]["is_final"]) for event in gateway.hooks()]
    assert told == [(1, False), (2, True)]


@pytest.mark.parametrize(("expiration_s", "expires_after_s"), [(60, 60), (0, 600)])
def test_the_expiration_is_that_of_the_phone_at_the_push(expiration_s: int, expires_after_s: int) -> None:
    gateway = Gateway.with_phone()
    settings = {"phone_number": OWNER, "fcm_token": TOKEN, "message_expiration_seconds": expiration_s}
    gateway.call("PUT", "/v1/phones", settings)
    gateway.send()
    gateway.settle(700)
    (check,) = gateway.entries("gateway", "message.send.expired")[:1]
    assert check.kind == "message.send.expired.check"
    assert check.at == gateway.fcm.requests[0][0] + expires_after_s * SECOND


def test_a_fetched_message_expires_too() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle(1)
    gateway.fetch(message_id)
    gateway.settle(601)
    assert len(gateway.pushes()) == 2
    assert gateway.message(message_id).expired_at == micros(START_AT + 601_100_000_000)


@pytest.mark.parametrize(
    "kind", [payload for payload in LISTENERS if "id" in payload.TYPE or "message" in payload.TYPE]
)
def test_an_event_of_an_unknown_message_or_phone_breaks_nothing(kind: Any) -> None:
    gateway = Gateway()
    data = Pairs([("id", UNKNOWN), ("message_id", UNKNOWN), ("user_id", gateway.account.id), ("owner", OWNER)])
    event = Event("/t", ZERO_STAMP, read_payload(kind.TYPE, data))
    gateway.world.inject("gateway", event)
    gateway.settle(5)
    assert gateway.standin.messages == {}


def test_a_whole_row_is_written_whatever_stands_there() -> None:
    """A listener that read before and writes after another one undoes it: so the real server loses updates."""
    gateway = Gateway.with_phone()
    message = _sent(gateway)
    standin = gateway.standin
    stale, fresh = LISTENERS[PhoneSent][0], evolve(message, content="changed meanwhile")
    data = PhoneSent(message.id, message.user_id, None, OWNER, message.contact, False, ZERO_STAMP, "", "SIM1")
    change = stale(standin, Event("/t", ZERO_STAMP, data), gateway.world.now)
    assert standin.messages[message.id] == message  # reading changes nothing
    standin.messages[message.id] = fresh
    assert change is not None
    standin.store(change.puts)
    assert standin.messages[message.id].content == message.content
    assert standin.messages[message.id].status is Status.SENT
