"""What the gateway makes of a message: its status, its place in time, its thread, the counters, its end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenario.invariants.traces import (
    Case,
    also,
    assert_noticed,
    before,
    broken,
    changed,
    find,
    written,
)

SENT = find("gateway", "message.phone.sent", was="sending")

TAMPERED: dict[str, Case] = {
    "a status that the event does not give": (
        changed(SENT, status="delivered"),
        "status-moves-along-the-table",
        "message.phone.sent moved the status from sending to delivered",
    ),
    "a status that comes from nowhere": (
        changed(find("gateway", "message.phone.delivered"), was="failed"),
        "status-moves-along-the-table",
        "the status went from sent to failed with no event",
    ),
    "a status that goes back": (
        changed(find("gateway", "message.notification.sent"), was="delivered", status="pending"),
        "status-moves-along-the-table",
        "message.notification.sent moved the status from delivered to pending",
    ),
    "a fetch that was refused": (
        changed(find("api", "GET /v1/messages/outstanding"), status=404),
        "status-moves-along-the-table",
        "the status went from scheduled to sending with no event",
    ),
    "an older time": (
        changed(find("gateway", "message.phone.delivered"), order_moved_ns=-1_500_000_000),
        "order-never-goes-back",
        "order_timestamp went back by 1.5 s",
    ),
    "no thread": (
        changed(find("gateway", "message.phone.received"), thread=None),
        "thread-shows-its-last-message",
        "no thread shows the message after message.phone.received",
    ),
    "two threads": (
        changed(find("gateway", "message.phone.received"), thread="2 threads"),
        "thread-shows-its-last-message",
        "the thread shows 2 threads after message.phone.received",
    ),
    "a thread that is not told": (
        changed(SENT, thread="sending"),
        "thread-shows-its-last-message",
        "the thread shows sending after message.phone.sent",
    ),
    "a text that counts twice": (
        changed(find("gateway", "message.api.sent", content="In clear"), sent_messages=3),
        "counters-add-up",
        "sent_messages is 3 where 2 texts have been counted",
    ),
    "a text that does not count": (
        changed(find("gateway", "message.api.sent", content="In clear"), sent_messages=1),
        "counters-add-up",
        "sent_messages is 1 where 2 texts have been counted",
    ),
    "a received text that counts twice": (
        changed(find("gateway", "message.phone.received"), received_messages=2),
        "counters-add-up",
        "received_messages is 2 where 1 texts have been counted",
    ),
    "a deleted message that has a status": (
        before(SENT, "gateway", "message.api.deleted", own=True),
        "nothing-after-a-delete",
        "message.phone.sent finds a message that was deleted",
    ),
    "a thread that shows a deleted message": (
        also("gateway", "message.api.deleted", "gone", thread="sent"),
        "nothing-after-a-delete",
        "the thread still shows a message that was deleted",
    ),
}


@pytest.mark.parametrize("case", TAMPERED.values(), ids=TAMPERED)
def test_tampering_is_noticed(case: Case) -> None:
    assert_noticed(*case)


# -- the table -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "kind", "status"),
    [
        ("pending", "message.notification.scheduled", "scheduled"),
        ("expired", "message.notification.scheduled", "scheduled"),
        ("sending", "message.notification.scheduled", "sending"),
        ("scheduled", "message.phone.sent", "sent"),
        ("expired", "message.phone.sent", "sent"),
        ("failed", "message.phone.sent", "failed"),
        ("sending", "message.phone.delivered", "delivered"),
        ("sent", "message.send.failed", "failed"),
        ("received", "message.send.failed", "failed"),
        ("delivered", "message.send.failed", "delivered"),
        ("sending", "message.send.expired", "expired"),
        (None, "message.phone.sent", None),
    ],
)
def test_the_moves_of_the_protocol_are_in_order(was: str | None, kind: str, status: str | None) -> None:
    entries = written((0, "gateway", kind, "m1", None, {"was": was, "status": status}))
    assert broken(entries, "status-moves-along-the-table") == []


@pytest.mark.parametrize(
    ("first", "then", "in_order"),
    [
        ("pending", "sending", True),
        ("scheduled", "sending", True),
        ("expired", "sending", True),
        ("sent", "sending", False),
        ("scheduled", "sent", False),
        ("failed", "sent", False),
    ],
)
@pytest.mark.parametrize("fetch", [None, 200, 404])
def test_between_two_events_only_a_fetch_moves_the_status(
    first: str, then: str, in_order: bool, fetch: int | None
) -> None:
    """Where no request is seen at all it may have been one."""
    one = (0, "gateway", "message.notification.sent", "m1", None, {"was": first, "status": first})
    two = (0, "gateway", "message.phone.sending", "m1", None, {"was": then, "status": then})
    asked = () if fetch is None else ((0, "api", "GET /v1/messages/outstanding", "m1", None, {"status": fetch}),)
    entries = written(one, *asked, two)
    assert (broken(entries, "status-moves-along-the-table") == []) is (in_order and fetch != 404)


# -- threads -------------------------------------------------------------------------------------------------------


def told(kind: str, thread: str | None, message: str = "m1", cause: int | None = None, status: str | None = "x") -> Any:
    return (0, "gateway", kind, message, cause, {"thread": thread, "status": status})


@pytest.mark.parametrize(
    "rows",
    [
        # Late reports come to nothing: what the thread shows is newer.
        (told("message.send.expired", "expired"), told("message.phone.sent", "expired")),
        (told("message.notification.scheduled", "scheduled"), told("message.phone.sent", "scheduled")),
        (told("message.phone.delivered", "delivered"), told("message.phone.sent", "delivered")),
        # Neither message nor thread took a NUL.
        (told("message.phone.received", None, status=None),),
        # Whoever reports by hand has times of their own.
        (
            told("message.notification.scheduled", "scheduled"),
            told("message.phone.sending", "sending"),
            (0, "api", "POST /v1/messages/{id}/events", "m1", None, {"as": "user"}),
            told("message.phone.sent", "sending", cause=2),
        ),
    ],
)
def test_a_thread_need_not_follow_old_news(rows: tuple[Any, ...]) -> None:
    assert broken(written(*rows), "thread-shows-its-last-message") == []


# -- counters ------------------------------------------------------------------------------------------------------


def counted(count: int, cycle: str = "2026-01-01", kind: str = "message.api.sent") -> Any:
    counter = "sent_messages" if kind == "message.api.sent" else "received_messages"
    return (0, "gateway", kind, f"m{count}", None, {counter: count, "cycle": cycle, "status": "pending"})


RECEIVED = "message.phone.received"
SET = (0, "gateway", "facts set", None, None, {"sent_messages": 199})
PATCHED = (0, "harness", "PATCH /_control/accounts/{id}", None, None, {"status": 200})


@pytest.mark.parametrize(
    ("rows", "violations"),
    [
        ((counted(1), counted(2)), 0),
        ((counted(2),), 1),
        ((counted(1), counted(1)), 1),
        ((counted(1), counted(3)), 1),
        ((counted(1), counted(2), counted(1, "2026-02-01"), counted(3)), 0),
        ((counted(1), counted(1, kind=RECEIVED), counted(2)), 0),
        ((SET, counted(200), counted(201)), 0),
        ((SET, counted(200), counted(202)), 1),
        ((counted(1), PATCHED, counted(200)), 0),
    ],
)
def test_every_text_counts_once(rows: tuple[Any, ...], violations: int) -> None:
    assert len(broken(written(*rows), "counters-add-up")) == violations


def test_of_a_trace_that_begins_later_the_first_count_is_not_known() -> None:
    entries = [entry._replace(number=entry.number + 100) for entry in written(counted(7), counted(8))]
    assert broken(entries, "counters-add-up") == []


# -- deleted -------------------------------------------------------------------------------------------------------

DELETED = (0, "gateway", "message.api.deleted", "m1", None, {"status": None, "thread": None})
FETCHED = (0, "phone", "fetched", "m1")


@pytest.mark.parametrize(
    ("rows", "violations"),
    [
        ((DELETED, (0, "gateway", "message.notification.send", "m1", None, {"status": None})), 0),
        ((DELETED, (0, "push", "accepted", "m1"), (0, "phone", "pushed", "m1")), 0),
        ((DELETED, (0, "api", "GET /v1/messages/outstanding", "m1", None, {"status": 404})), 0),
        ((DELETED, (0, "api", "GET /v1/messages/outstanding", "m1", None, {"status": 200})), 1),
        ((DELETED, (0, "api", "POST /v1/messages/{id}/events", "m1", None, {"status": 200})), 1),
        ((DELETED, (0, "gateway", "message.phone.delivered", "m1", None, {"status": "delivered"})), 1),
        ((FETCHED, DELETED, (0, "radio", "submitted", "m1", 0)), 0),
        ((DELETED, FETCHED, (0, "radio", "submitted", "m1", 1)), 1),
        ((DELETED, FETCHED, (0, "radio", "mms submitted", "m1", 1)), 1),
        ((DELETED, (0, "gateway", "message.phone.sent", "other", None, {"status": "sent"})), 0),
        # A row that is written back: the handlers race.
        ((DELETED, (0, "gateway", "message.saved", "m1", None, {"was": None, "status": "sent"})), 0),
    ],
)
def test_what_was_deleted_is_gone(rows: tuple[Any, ...], violations: int) -> None:
    assert len(broken(written(*rows), "nothing-after-a-delete")) == violations
