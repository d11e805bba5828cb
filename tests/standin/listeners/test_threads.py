"""harness.standin.listeners.threads: a thread follows its messages (gateway-protocol.md §8.2)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.standin.rows import Thread
from harness.wire.server import COLORS, Status
from tests.standin.gateways import CONTACT, OWNER, TOKEN, Gateway


def _thread(gateway: Gateway) -> Thread:
    (thread,) = gateway.standin.threads.values()
    return thread


def _put(gateway: Gateway, **flags: bool) -> None:
    gateway.call("PUT", f"/v1/message-threads/{_thread(gateway).id}", flags)


def _missed(gateway: Gateway) -> None:
    gateway.call("POST", "/v1/messages/calls/missed", {"from": CONTACT, "to": OWNER}, key=gateway.key)


def test_a_thread_begins_with_a_message_read_or_unread() -> None:
    sent, received = Gateway.with_phone(), Gateway.with_phone()
    sent.send(content="out")
    sent.settle(0)
    received.receive(content="in")
    received.settle(0)
    facts = [
        (thread.status, thread.last_message_content, thread.is_read, thread.is_archived, thread.color in COLORS)
        for thread in (_thread(sent), _thread(received))
    ]
    assert facts == [(Status.SCHEDULED, "out", True, False, True), (Status.RECEIVED, "in", False, False, True)]


def test_a_missed_call_is_shown_by_its_words() -> None:
    gateway = Gateway.with_phone()
    _missed(gateway)
    gateway.settle(0)
    thread = _thread(gateway)
    assert (thread.last_message_content, thread.status, thread.is_read) == ("Missed phone call", "received", False)


@pytest.mark.parametrize(
    ("reports", "status"),
    [
        ([], "scheduled"),
        (["F"], "sending"),
        (["F", "SENT"], "sent"),
        (["F", "SENT", "DELIVERED"], "delivered"),
        (["F", "SENT", "DELIVERED", "FAILED"], "delivered"),
        (["SENT"], "scheduled"),
        (["F", "FAILED"], "failed"),
    ],
)
def test_old_reports_count_only_after_the_fetch(reports: list[str], status: str) -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle(1)
    for name in reports:
        if name == "F":
            gateway.fetch(message_id)
        else:
            gateway.report(message_id, name, "2026-07-23T05:10:01Z")
        gateway.settle(1.5)
    assert _thread(gateway).status == status


def test_a_report_within_the_second_of_the_plan_is_no_old_one() -> None:
    """The plan was at 10:00:01.22; times are compared in whole seconds."""
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle(1)
    gateway.report(message_id, "SENT", "2026-11-20T10:00:01.000Z")
    gateway.settle(0)
    assert _thread(gateway).status == "sent"


def test_another_message_takes_the_thread_even_backwards_in_time() -> None:
    gateway = Gateway.with_phone()
    gateway.receive(content="new", timestamp="2026-07-23T05:10:00Z")
    gateway.settle(0)
    gateway.receive(content="old", timestamp="2026-01-01T00:00:00Z")
    gateway.settle(0)
    (row,) = gateway.call("GET", f"/v1/message-threads?owner={OWNER[1:]}").data
    assert (row["last_message_content"], row["order_timestamp"]) == ("old", "2026-01-01T00:00:00Z")


@pytest.mark.parametrize(("came_in", "is_read"), [(True, False), (False, True)])
def test_only_what_comes_in_makes_a_thread_unread(came_in: bool, is_read: bool) -> None:
    gateway = Gateway.with_phone()
    gateway.receive()
    gateway.settle(0)
    _put(gateway, is_read=True)
    gateway.settle(1)
    if came_in:
        gateway.receive()
    else:
        gateway.send()
    gateway.settle(0)
    assert _thread(gateway).is_read is is_read


def test_sending_leaves_a_thread_unread() -> None:
    gateway = Gateway.with_phone()
    gateway.receive()
    gateway.settle(0)
    gateway.send()
    gateway.settle(0)
    assert _thread(gateway).is_read is False


@pytest.mark.parametrize(
    ("unarchives", "act", "archived"),
    [(False, "receive", True), (True, "receive", False), (True, "missed", False), (True, "send", True)],
)
def test_an_archived_thread_returns_only_if_the_phone_says_so(unarchives: bool, act: str, archived: bool) -> None:
    gateway = Gateway.with_phone()
    gateway.receive()
    gateway.settle(0)
    _put(gateway, is_archived=True)
    settings: dict[str, Any] = {"phone_number": OWNER, "fcm_token": TOKEN, "unarchive_thread": unarchives}
    gateway.call("PUT", "/v1/phones", settings)
    match act:
        case "receive":
            gateway.receive()
        case "send":
            gateway.send()
        case _:
            _missed(gateway)
    gateway.settle(0)
    assert _thread(gateway).is_archived is archived


def test_a_thread_does_not_ask_whether_the_message_took_the_report() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle(1)
    gateway.fetch(message_id)
    gateway.report(message_id, "FAILED")
    gateway.settle(1)
    gateway.report(message_id, "SENT")
    gateway.settle(1)
    assert (gateway.message(message_id).status, _thread(gateway).status) == ("failed", "sent")
