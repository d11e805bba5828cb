"""harness.standin.listeners.threads: a thread follows its messages (gateway-protocol.md §8.2)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.instants import SECOND, rfc3339
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


# -- a message is deleted ----------------------------------------------------------------------------------------

TIMES = ("2026-07-23T05:10:00Z", "2026-07-23T05:11:00Z", "2026-07-23T05:12:00Z")


def _talk(*timestamps: str, seed: int = 7) -> tuple[Gateway, list[str]]:
    """A conversation of texts that came in at these times, and their ids."""
    gateway = Gateway.with_phone(seed)
    ids = []
    for number, timestamp in enumerate(timestamps):
        ids.append(gateway.receive(content=f"text {number}", timestamp=timestamp).data["id"])
        gateway.settle(0)
    return gateway, ids


def _delete(gateway: Gateway, message_id: str) -> None:
    assert gateway.call("DELETE", f"/v1/messages/{message_id}").status == 204
    gateway.settle(0)


@pytest.mark.parametrize(
    ("timestamps", "deleted", "shown"),
    [
        (TIMES, [2], 1),
        (TIMES, [2, 1], 0),
        (TIMES, [0], 2),
        (TIMES, [1], 2),
        # The thread shows the latest of what came, the message before it is the latest of what was said.
        ((TIMES[1], TIMES[2], TIMES[0]), [2], 1),
        ((TIMES[2], TIMES[1], TIMES[0]), [2], 0),
    ],
)
def test_a_thread_shows_the_message_before_the_deleted_one(
    timestamps: tuple[str, ...], deleted: list[int], shown: int
) -> None:
    gateway, ids = _talk(*timestamps)
    before = _thread(gateway)
    for number in deleted:
        _delete(gateway, ids[number])
    after = _thread(gateway)
    assert (after.last_message_id, after.last_message_content) == (ids[shown], f"text {shown}")
    assert after.order_at == before.order_at


def test_the_thread_takes_the_status_of_the_message_before() -> None:
    gateway = Gateway.with_phone()
    sent = gateway.send(content="out").data["id"]
    gateway.settle()
    _delete(gateway, gateway.receive(content="in").data["id"])
    thread = _thread(gateway)
    assert (thread.last_message_id, thread.last_message_content, thread.status) == (sent, "out", Status.SCHEDULED)


@pytest.mark.parametrize("seed", range(6))
def test_of_equally_new_messages_the_one_with_the_smallest_id_is_the_one_before(seed: int) -> None:
    gateway, ids = _talk(TIMES[0], TIMES[0], TIMES[0], TIMES[1], seed=seed)
    _delete(gateway, ids[3])
    assert _thread(gateway).last_message_id == min(ids[:3])


def test_a_thread_goes_with_its_last_message() -> None:
    gateway, ids = _talk(*TIMES)
    for message_id in ids:
        assert len(gateway.standin.threads) == 1
        _delete(gateway, message_id)
    assert not gateway.standin.threads


DELETED = {"owner": OWNER, "contact": CONTACT, "previous_message_status": "sent", "previous_message_content": "before"}


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({}, "before"),
        ({"previous_message_status": "odd"}, "text 0"),
        ({"previous_message_status": None}, "text 0"),
        ({"message_id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"}, "text 0"),
        ({"contact": "Bank"}, "text 0"),
        ({"user_id": "somebody-else"}, "text 0"),
    ],
)
def test_a_thread_is_repaired_only_by_what_fits_it(facts: dict[str, Any], shown: str) -> None:
    gateway, (message_id,) = _talk(TIMES[0])
    ids = {"message_id": message_id, "user_id": gateway.account.id, "previous_message_id": message_id}
    assert gateway.inject("message.api.deleted", DELETED | ids | facts).status == 204
    assert _thread(gateway).last_message_content == shown


def test_what_came_in_before_the_thread_was_opened_leaves_it_read() -> None:
    gateway = Gateway.with_phone()
    gateway.send()
    gateway.settle()
    opened_at = _thread(gateway).created_at
    received = {"user_id": gateway.account.id, "owner": OWNER, "contact": CONTACT, "timestamp": TIMES[0]}
    received["message_id"] = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    for earlier_s, is_read in ((1, True), (0, False)):
        gateway.inject("message.phone.received", received, time=rfc3339(opened_at - earlier_s * SECOND))
        assert _thread(gateway).is_read is is_read


@pytest.mark.parametrize("fields", [{"content": "a\0b"}, {"from": "a\0b"}])
def test_what_no_database_takes_opens_no_thread_though_it_is_told(fields: dict[str, str]) -> None:
    gateway = Gateway.with_phone()
    gateway.subscribe("message.phone.received")
    assert gateway.receive(**fields).status == 500
    gateway.settle(1)
    assert gateway.standin.threads == {}
    assert len(gateway.hooks()) == 1
