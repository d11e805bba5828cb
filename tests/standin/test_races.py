"""harness.standin.races: with the fault on, the stand-in loses updates in all the ways in which the server does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.conform.orders import FIELDS
from harness.http.values import Arrived, Request, Respond, Response
from harness.instants import parse_rfc3339
from harness.standin import LoseUpdates
from harness.wire.events import WEBHOOK_EVENTS
from harness.wire.server import Status
from tests.recorded import folder
from tests.standin.gateways import OWNER, Gateway

LINES = [json.loads(line) for line in (folder("gateway") / "message-orders.jsonl").read_text().splitlines()]
REPORTS = {"S": "SENT", "D": "DELIVERED", "X": "FAILED"}
SEEDS = range(300)


def racing(seed: int) -> Gateway:
    gateway = Gateway.with_phone(seed)
    gateway.subscribe(*WEBHOOK_EVENTS)
    gateway.world.inject("gateway", LoseUpdates())
    gateway.settle(0.1)
    return gateway


def told(gateway: Gateway) -> list[str]:
    return sorted(event["type"] for event in gateway.hooks())


def threads(gateway: Gateway) -> list[Any]:
    answer = gateway.call("GET", f"/v1/message-threads?owner=%2B{OWNER[1:]}")
    rows: list[Any] = answer.data
    return rows


def a_sent_is_lost_although_its_webhook_goes_out(gateway: Gateway) -> bool:
    message_id = gateway.send().data["id"]
    gateway.settle()
    gateway.report(message_id, "SENT")
    gateway.settle()
    return told(gateway) == ["message.phone.sent"] and gateway.message(message_id).sent_at is None


def a_refused_push_leaves_the_message_scheduled(gateway: Gateway) -> bool:
    gateway.fcm.always = Response(404)
    message_id = gateway.send().data["id"]
    gateway.settle()
    return told(gateway) == ["message.send.failed"] and gateway.message(message_id).status is Status.SCHEDULED


def a_contact_gets_two_threads(gateway: Gateway) -> bool:
    gateway.send()
    gateway.settle()
    return len(threads(gateway)) == 2


def a_third_push_goes_out(gateway: Gateway) -> bool:
    message_id = gateway.send().data["id"]
    gateway.settle()
    for _ in range(2):
        gateway.check_expiry(message_id)
        gateway.settle(2)
    return len(gateway.pushes()) == 3


def a_push_is_not_counted(gateway: Gateway) -> bool:
    message_id = gateway.send().data["id"]
    gateway.settle()
    return gateway.message(message_id).send_attempt_count == 0


def the_answer_to_a_report_shows_what_came_of_it(gateway: Gateway) -> bool:
    message_id = gateway.send().data["id"]
    gateway.settle()
    shown = gateway.report(message_id, "SENT").data
    return (shown["status"], shown["sent_at"] is not None) == ("sent", True)


@pytest.mark.parametrize(
    "kind",
    [
        a_sent_is_lost_although_its_webhook_goes_out,
        a_refused_push_leaves_the_message_scheduled,
        a_contact_gets_two_threads,
        a_third_push_goes_out,
        a_push_is_not_counted,
        the_answer_to_a_report_shows_what_came_of_it,
    ],
)
def test_it_happens_now_and_then_but_never_without_the_fault(kind: Callable[[Gateway], bool]) -> None:
    results = set()
    for seed in SEEDS:
        results.add(kind(racing(seed)))
        if results == {True, False}:
            break
    assert results == {True, False}
    for seed in range(5):
        gateway = racing(seed)
        gateway.world.inject("gateway", LoseUpdates(0))
        gateway.settle(0.1)
        assert not kind(gateway)


def alternatives(field: str, recorded: Any) -> Iterator[tuple[str, str]]:
    """Every recorded alternative of a race as (field, value), whatever the order that it belongs to."""
    values = recorded if field in ("answers", "status_after") else [recorded]
    for value in values:
        if isinstance(value, dict):
            yield from ((field, json.dumps(one)) for one in value["#oneof"])


def values(field: str, got: Any) -> Iterator[tuple[str, str]]:
    for value in got if field in ("answers", "status_after") else [got]:
        yield field, json.dumps(value)


def when(index: int) -> str:
    """The time of a report: months before the server's clock, as when the orders were recorded."""
    return f"2026-07-23T05:10:{index:02d}Z"


def played(order: str, gateway: Gateway) -> dict[str, Any]:
    """What comes of a message to which this happens; the fields of a recorded line."""
    message_id = gateway.send().data["id"]
    gateway.settle()
    answers, status_after = [], []
    for index, step in enumerate(order):
        if step == "F":
            answer = gateway.fetch(message_id)
        elif step == "E":
            answer = gateway.check_expiry(message_id)
        else:
            answer = gateway.report(message_id, REPORTS[step], when(index), reason="NO_SERVICE")
        answers.append(answer.status)
        gateway.settle(2)
        status_after.append(gateway.message(message_id).status.value)
    message = gateway.message(message_id)
    instants = {parse_rfc3339(when(index)): index for index in range(len(order))}
    times = {
        name: None if at is None else instants.get(at, "server time")
        for name in ("sent_at", "delivered_at", "failed_at", "expired_at")
        for at in [getattr(message, name)]
    }
    return {
        "answers": answers,
        "status_after": status_after,
        **times,
        "failure_reason": message.failure_reason,
        "send_attempt_count": message.send_attempt_count,
        "pushes": len(gateway.pushes()),
        "webhooks": told(gateway),
        "thread_status": threads(gateway)[0]["status"],
    }


def test_every_kind_of_value_that_the_recorded_orders_leave_open_is_reached() -> None:
    lines = [line for line in LINES if "#oneof" in json.dumps(line)]
    wanted = {one for line in lines for field in FIELDS for one in alternatives(field, line[field])}
    assert len(wanted) > 20
    for seed in range(100):
        for line in lines:
            open_here = {one for field in FIELDS for one in alternatives(field, line[field])}
            if open_here & wanted:
                got = played(line["order"], racing(seed))
                wanted -= open_here & {one for field in FIELDS for one in values(field, got[field])}
        if not wanted:
            break
    assert wanted == set()


def test_whoever_injects_an_event_is_answered_when_its_listeners_have_stored() -> None:
    gateway = racing(3)
    message_id = gateway.send().data["id"]
    gateway.settle()
    data = {"id": message_id, "user_id": gateway.account.id, "owner": OWNER, "contact": "+18005550100",
            "content": "hello", "error_message": "NO_SERVICE", "timestamp": "2026-11-20T10:00:00Z"}  # fmt: skip
    assert gateway.inject("message.send.failed", data).status == 204
    assert gateway.message(message_id).status is Status.FAILED
    assert told(gateway) == ["message.send.failed"]


def test_a_message_that_is_deleted_meanwhile_comes_back() -> None:
    """A save of a row that is gone inserts it again (gateway-protocol.md §3.2)."""
    for seed in SEEDS:
        gateway = racing(seed)
        message_id = gateway.send().data["id"]
        while not gateway.pushes():
            gateway.world.step()
        del gateway.standin.messages[message_id]
        gateway.settle()
        if message_id in gateway.standin.messages:
            return
    pytest.fail("it never came back")


def test_a_report_of_a_message_that_is_deleted_meanwhile_is_an_internal_error() -> None:
    """The server reads it again to show it, and does not expect it to be gone (gateway-protocol.md §2.8)."""
    statuses = set()
    for seed in SEEDS:
        gateway = racing(seed)
        message_id = gateway.send().data["id"]
        gateway.settle()
        key = (("Host", "api.internal"), ("x-api-key", gateway.account.api_key))
        request = Request("DELETE", "http", "api.internal", f"/v1/messages/{message_id}".encode(), key)
        gateway.world.inject("gateway", Arrived("deletion", request))
        answer = gateway.report(message_id, "SENT")
        statuses.add(answer.status)
        (entry,) = [entry for entry in gateway.entries("api") if entry.kind == "POST /v1/messages/{id}/events"]
        assert (entry.facts["status"], entry.facts["as"]) == (answer.status, "phone")
        if statuses == {404, 500}:
            return
    pytest.fail(f"only {statuses}")


def test_a_report_is_answered_once_and_the_trace_says_of_which_message() -> None:
    for seed in range(20):
        gateway = racing(seed)
        message_id = gateway.send().data["id"]
        gateway.settle()
        shown = gateway.report(message_id, "SENT")
        assert (shown.status, shown.data["id"]) == (200, message_id)
        gateway.settle()
        (entry,) = [entry for entry in gateway.entries("api") if entry.kind == "POST /v1/messages/{id}/events"]
        assert entry.message == message_id
        assert [item for item in gateway.world.outward if isinstance(item.command, Respond)] == []


def test_the_same_seed_loses_the_same_updates() -> None:
    def run() -> list[str]:
        gateway = racing(11)
        played("FSD", gateway)
        return list(gateway.world.trace.lines())

    assert run() == run()


def test_handlers_that_are_under_way_when_the_fault_ends_come_to_their_end() -> None:
    for steps in range(12):
        gateway = racing(steps)
        message_id = gateway.send().data["id"]
        for _ in range(steps):
            gateway.world.step()
        gateway.world.inject("gateway", LoseUpdates(0))
        gateway.settle()
        assert len(gateway.pushes()) == 1
        assert gateway.message(message_id).scheduled_at is not None


def test_the_fault_is_part_of_a_fork_and_of_a_snapshot() -> None:
    gateway = racing(1)
    assert gateway.world.fork().cores["gateway"].tables()["faults"] == gateway.standin.faults != {}
    assert [row[3] for row in gateway.world.snapshot() if row[:2] == ("gateway", "faults")] == [20_000_000]


def test_an_event_is_told_of_before_anything_that_comes_of_it() -> None:
    for seed in range(40):
        gateway = racing(seed)
        played("SD", gateway)
        told_of: set[str] = set()
        for entry in gateway.entries("gateway"):
            assert entry.kind != "webhook.called" or entry.facts["event"] in told_of
            told_of.add(entry.kind)
