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


def test_with_a_thread_all_its_messages_go_and_no_others() -> None:
    gateway = Gateway.with_phone()
    gateway.send()
    for sender in ("Bank", "Bank", "12345"):
        gateway.receive(**{"from": sender})
    gateway.settle()
    facts = {"user_id": gateway.account.id, "owner": OWNER, "contact": "Bank"}
    assert gateway.inject("message-thread.api.deleted", facts | {"user_id": "somebody-else"}).status == 204
    assert len(gateway.standin.messages) == 4
    assert gateway.inject("message-thread.api.deleted", facts).status == 204
    assert {message.contact for message in gateway.standin.messages.values()} == {"12345", "+18005550100"}
    assert len(gateway.standin.notifications) == 1


# -- the time by which messages are sorted -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SENT", "DELIVERED", "FAILED"])
@pytest.mark.parametrize(("timestamp", "raised"), [(LATE, True), (EARLY, False), ("3000-01-01T00:00:00Z", False)])
def test_a_report_moves_a_message_forward_only(name: str, timestamp: str, raised: bool) -> None:
    """In 64 bits of nanoseconds the year 3000 lies before this one."""
    before = _sent(Gateway.with_phone()).order_at
    after = _sent(Gateway.with_phone(), (name, timestamp)).order_at
    assert after == (micros(parse_rfc3339(timestamp)) if raised else before)


def test_a_fetch_and_an_expiry_move_a_message_forward() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle(1)
    gateway.fetch(message_id)
    gateway.settle(0)
    fetched = gateway.message(message_id)
    assert fetched.order_at == fetched.last_attempted_at == micros(START_AT + SECOND + SECOND + SECOND // 10)
    data = {"message_id": message_id, "user_id": gateway.account.id, "timestamp": LATE}
    gateway.inject("message.send.expired", data)
    expired = gateway.message(message_id)
    assert expired.order_at == expired.expired_at == parse_rfc3339(LATE)


def test_an_attempt_has_the_time_of_its_event() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle(1)
    gateway.fetch(message_id)
    data = {"id": message_id, "user_id": gateway.account.id, "timestamp": EARLY}
    gateway.inject("message.phone.sending", data, time=LATE)
    assert gateway.message(message_id).last_attempted_at == parse_rfc3339(LATE)


def test_a_report_without_a_time_makes_a_duration_that_fits_into_64_bits() -> None:
    gateway = Gateway.with_phone()
    message = _sent(gateway, ("SENT", "0001-01-01T00:00:00Z"))
    # What Go's UnixNano makes of its zero time.
    assert message.send_duration == -6_795_364_578_871_345_152 - message.request_received_at


@pytest.mark.parametrize(("duration", "checked"), [(0, False), (1, True)])
def test_a_push_without_an_expiration_is_not_checked(duration: int, checked: bool) -> None:
    gateway = Gateway.with_phone()
    data = {"message_id": UNKNOWN, "user_id": gateway.account.id, "message_expiration_duration": duration}
    gateway.inject("message.notification.sent", data)
    gateway.settle(0)
    assert bool(gateway.entries("gateway", "message.send.expired.check")) is checked


def test_a_reason_that_no_database_takes_is_told_but_changes_nothing() -> None:
    gateway = Gateway.with_phone()
    gateway.subscribe("message.send.failed")
    message_id = gateway.send().data["id"]
    gateway.settle(1)
    assert gateway.report(message_id, "FAILED", EARLY, reason="a\0b").status == 200
    gateway.settle(1)
    assert (gateway.message(message_id).status, gateway.message(message_id).failure_reason) == ("scheduled", None)
    assert [event["data"]["error_message"] for event in gateway.hooks()] == ["a\0b"]
