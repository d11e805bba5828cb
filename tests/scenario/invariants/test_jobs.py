"""Every request has its answer, no job is lost, every send ends."""

from __future__ import annotations

from typing import Any

import pytest

from harness.scenario.invariants import Story, still_open
from harness.scenario.invariants.jobs import open_sends
from tests.scenario.invariants.traces import (
    ALICE,
    Case,
    S,
    also,
    assert_noticed,
    both,
    broken,
    find,
    without,
    written,
)

ANSWERED, LOST, ENDS = "every-request-is-answered", "no-job-is-lost", "every-send-comes-to-an-end"
CALLED = find("gateway", "webhook.called", event="message.phone.received")
LATER = also("phone", "heartbeat", after_s=40, numbers=ALICE)
MUCH_LATER = also("phone", "heartbeat", after_s=4000, numbers=ALICE)

TAMPERED: dict[str, Case] = {
    "a send that is not answered": (
        both(without(find("client", "accepted", step="step-2")), LATER),
        ANSWERED,
        "the client's request has no answer",
    ),
    "a webhook that is not answered": (
        both(without(find("gateway", "webhook.answered", event="message.phone.received")), LATER),
        ANSWERED,
        "the webhook for message.phone.received has no answer",
    ),
    "a send that was accepted and forgotten": (
        without(find("gateway", "message.api.sent", content="In clear")),
        LOST,
        "POST /v1/messages/send was answered 200, and nothing came of it",
    ),
    "a received text that is forgotten": (
        without(find("gateway", "message.phone.received")),
        LOST,
        "POST /v1/messages/receive was answered 200, and nothing came of it",
    ),
    "a report that is forgotten": (
        without(find("gateway", "message.phone.sent")),
        LOST,
        "POST /v1/messages/{id}/events was answered 200, and nothing came of it",
    ),
    "a push that is not planned": (
        without(find("gateway", "message.notification.scheduled")),
        LOST,
        "no push was planned after message.api.sent",
    ),
    "a push that is planned and forgotten": (
        without(find("gateway", "message.notification.send")),
        LOST,
        "a push that was planned never went out",
    ),
    "a push that leads to nothing": (
        both(without(find("gateway", "message.notification.sent")), also("phone", "toast", after_s=100)),
        LOST,
        "nothing came of a push",
    ),
    "an expiry that nobody looks for": (
        MUCH_LATER,
        LOST,
        "nobody looked whether the message has expired",
    ),
    "a message that is stuck": (
        both(also("gateway", "message.api.sent", "stuck", was="pending", status="pending"), LATER),
        ENDS,
        "a message stays pending for ever: nothing is due for it any more (message stuck)",
    ),
}


@pytest.mark.parametrize("case", TAMPERED.values(), ids=TAMPERED)
def test_tampering_is_noticed(case: Case) -> None:
    assert_noticed(*case)


# -- requests ------------------------------------------------------------------------------------------------------


def hook(at_s: float, kind: str, attempt: int = 1) -> Any:
    return (at_s, "gateway", f"webhook.{kind}", "m1", None, {"event": "e", "webhook": "w", "attempt": attempt})


def later(at_s: float) -> Any:
    return (at_s, "phone", "toast")


SEND = (0, "client", "send", None, None, {"step": "s"})


@pytest.mark.parametrize(
    ("rows", "violations"),
    [
        ((SEND, later(31)), 1),
        ((SEND, later(30)), 0),
        ((SEND, (1, "client", "refused", None, None, {"step": "s"}), later(31)), 0),
        ((SEND, (30, "client", "unanswered", None, None, {"step": "s"}), later(31)), 0),
        ((SEND, (1, "client", "accepted", None, None, {"step": "other"}), later(31)), 1),
        ((hook(0, "called"), later(5)), 0),
        ((hook(0, "called"), later(6)), 1),
        ((hook(0, "called"), hook(5, "answered"), later(6)), 0),
        ((hook(0, "called"), hook(5, "answered", 2), later(6)), 1),
    ],
)
def test_whoever_asks_is_answered_in_time(rows: tuple[Any, ...], violations: int) -> None:
    assert len(broken(written(*rows), ANSWERED)) == violations


# -- the gateway's queue -------------------------------------------------------------------------------------------

GATEWAY = (0, "gateway", "phone.updated", None, None, {"owner": ALICE})


def asked(route: str, status: int = 200, **facts: Any) -> Any:
    return (0, "api", route, "m1", None, {"status": status, **facts})


def event(kind: str, cause: int | None = None, at_s: float = 0, **facts: Any) -> Any:
    return (at_s, "gateway", kind, "m1", cause, {"status": "sent", **facts})


SENT, RETRY = event("message.api.sent", owner=ALICE), event("message.send.retry")
REPORT = "POST /v1/messages/{id}/events"


@pytest.mark.parametrize(
    ("rows", "violations"),
    [
        ((GATEWAY, asked("POST /v1/messages/receive")), 1),
        ((GATEWAY, asked("POST /v1/messages/receive", 401)), 0),
        ((GATEWAY, asked("POST /v1/messages/receive"), event("message.phone.received", 1)), 0),
        (
            (GATEWAY, asked("POST /v1/messages/receive"), *[event("message.phone.received", 1)] * 2),
            1,
        ),
        ((GATEWAY, asked("POST /v1/messages/calls/missed")), 1),
        ((GATEWAY, asked("GET /v1/messages/outstanding")), 1),
        ((GATEWAY, asked("GET /v1/messages/outstanding", 404)), 0),
        ((GATEWAY, asked("DELETE /v1/messages/{id}", 204)), 1),
        ((GATEWAY, asked("PUT /v1/phones")), 1),
        # DELIVERED waits for a second, a part of a long text is not taken, a send has a time of its own.
        ((GATEWAY, asked(REPORT), later(1)), 0),
        ((GATEWAY, asked(REPORT), later(1.1)), 1),
        ((GATEWAY, asked(REPORT, 204), later(2)), 0),
        ((GATEWAY, asked("POST /v1/messages/send", wait_ns=60 * S), later(59)), 0),
        ((GATEWAY, asked("POST /v1/messages/send", wait_ns=60 * S), later(61)), 1),
        # Of another server the queue is not seen.
        ((asked("POST /v1/messages/receive"),), 0),
        # Handlers that race answer in their own time.
        ((GATEWAY, asked("POST /v1/messages/receive"), event("message.saved")), 0),
    ],
)
def test_what_the_gateway_says_yes_to_happens(rows: tuple[Any, ...], violations: int) -> None:
    assert len(broken(written(*rows), LOST)) == violations


PLANNED = "message.notification.scheduled"
PUSH = "message.notification.send"
RETRIED = "message.send.retry"


@pytest.mark.parametrize(
    ("rows", "violations"),
    [
        ((GATEWAY, SENT), 1),
        ((GATEWAY, (0, "gateway", "phone.deleted", None, None, {"owner": ALICE}), SENT), 0),
        ((SENT,), 0),
        ((GATEWAY, SENT, event(PLANNED, 1, wait_ns=5 * S), later(5)), 0),
        ((GATEWAY, SENT, event(PLANNED, 1, wait_ns=5 * S), later(6)), 1),
        ((GATEWAY, SENT, event(PLANNED, 1, wait_ns=0), event(PUSH, 1)), 0),
        ((GATEWAY, SENT, event(PLANNED, 1, wait_ns=0), event(PUSH, 1), later(65)), 1),
        (
            (
                GATEWAY,
                SENT,
                event(PLANNED, 1, wait_ns=0),
                event(PUSH, 1),
                event("message.notification.failed", 3),
                later(65),
            ),
            0,
        ),
        ((GATEWAY, SENT, event(PLANNED, 1, wait_ns=0), event(PUSH, 1), RETRY), 1),
    ],
)
def test_every_round_has_its_push(rows: tuple[Any, ...], violations: int) -> None:
    assert len(broken(written(*rows), LOST)) == violations


@pytest.mark.parametrize(
    ("rows", "violations"),
    [
        ((event("message.notification.sent", expires_in_ns=60 * S), later(60)), 0),
        ((event("message.notification.sent", expires_in_ns=60 * S), later(61)), 1),
        (
            (
                event("message.notification.sent", expires_in_ns=60 * S),
                event("message.send.expired.check", 0, 60),
                later(61),
            ),
            0,
        ),
        (((0, "gateway", "message.send.expired", "m1", None, {"final": False, "status": "expired"}),), 1),
        (((0, "gateway", "message.send.expired", "m1", None, {"final": True, "status": "expired"}),), 0),
        # The message has come to something else meanwhile.
        (((0, "gateway", "message.send.expired", "m1", None, {"final": False, "status": "sent"}),), 0),
        (
            (
                (0, "gateway", "message.send.expired", "m1", None, {"final": False, "status": "expired"}),
                event("message.send.retry", 0),
            ),
            0,
        ),
    ],
)
def test_every_push_may_expire(rows: tuple[Any, ...], violations: int) -> None:
    assert len(broken(written(*rows), LOST)) == violations


# -- the phone's queue ---------------------------------------------------------------------------------------------

OWN = (0, "gateway", "message.api.sent", "m1", None, {"owner": "+1"})
PUSHED = (1, "phone", "pushed", "m1")


def beat(at_s: float, cause: int | None = 0, numbers: str = "+1, +2") -> Any:
    return (at_s, "phone", "heartbeat", None, cause, {"numbers": numbers})


CAUSE = (0, "phone", "permissions asked")
TEXT = (1, "phone", "text received", None, None, {"to": "+2"})
RECEIVE = "POST /v1/messages/receive"


@pytest.mark.parametrize(
    ("rows", "violations"),
    [
        ((CAUSE, OWN, PUSHED, beat(700)), 1),
        ((CAUSE, OWN, PUSHED, beat(500)), 0),
        ((CAUSE, OWN, PUSHED), 0),
        ((CAUSE, OWN, PUSHED, (1, "phone", "fetched", "m1"), beat(700)), 0),
        ((CAUSE, OWN, PUSHED, (1, "phone", "fetch failed", "m1"), beat(700)), 0),
        ((CAUSE, OWN, (1, "phone", "sent", "m1"), beat(700)), 1),
        ((CAUSE, OWN, (1, "phone", "sent", "m1"), (1, "phone", "reported", "m1"), beat(700)), 0),
        ((CAUSE, OWN, (1, "phone", "sent", "m1"), (1, "phone", "report lost", "m1"), beat(700)), 0),
        ((CAUSE, TEXT, beat(700)), 1),
        ((CAUSE, (1, "phone", "text received", None, None, {"to": "+3"}), beat(700)), 0),
        ((CAUSE, TEXT, (1, "api", "x", None, 1), beat(700)), 0),
        # What waited for its turn is caused by what gave it the turn; one request is that of one text.
        ((CAUSE, TEXT, (1, "api", RECEIVE, None, 0), beat(700)), 0),
        ((CAUSE, TEXT, (1, "api", "x", None, 0), beat(700)), 1),
        ((CAUSE, (1, "api", RECEIVE, None, 0), TEXT, beat(700)), 1),
        ((CAUSE, TEXT, TEXT, (1, "api", RECEIVE, None, 0), beat(700)), 1),
        ((CAUSE, TEXT, TEXT, (1, "api", RECEIVE, None, 1), beat(700)), 1),
        # Another phone's heartbeat says nothing, nor does one that is no job.
        ((CAUSE, OWN, PUSHED, beat(700, numbers="+3")), 0),
        (((0, "phone", "heartbeat asked for"), OWN, PUSHED, beat(700)), 0),
        ((CAUSE, OWN, PUSHED, beat(700, None)), 0),
        # The phone has had its troubles, or is one that makes jobs wait.
        ((CAUSE, OWN, PUSHED, (2, "phone", "network", None, None, {"network": "none"}), beat(700)), 0),
        (((0, "phone", "logged in", None, None, {"holds_jobs": True}), OWN, PUSHED, beat(700)), 0),
    ],
)
def test_a_phone_that_goes_on_has_done_its_jobs(rows: tuple[Any, ...], violations: int) -> None:
    found = [line for line in broken(written(*rows), LOST) if "the phone went on" in line]
    assert len(found) == violations


# -- sends ---------------------------------------------------------------------------------------------------------

QUEUED = event("message.api.sent", owner=ALICE)
ACCEPTED = asked("POST /v1/messages/send")


def at(kind: str, status: str | None, at_s: float = 0, **facts: Any) -> Any:
    return (at_s, "gateway", kind, "m1", None, {"was": "x", "status": status, **facts})


PENDING = at("message.api.sent", "pending")
SCHEDULED = at(PLANNED, "scheduled", wait_ns=5 * S)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ((PENDING, SCHEDULED, at("message.phone.sent", "sent")), None),
        ((PENDING, SCHEDULED, at("message.phone.delivered", "delivered")), None),
        ((PENDING, at("message.send.failed", "failed")), None),
        ((PENDING, SCHEDULED, at("message.send.expired", "expired", final=True)), None),
        ((PENDING, SCHEDULED, at("message.send.expired", "expired", final=True), at("message.x", "expired")), None),
        ((PENDING, SCHEDULED, (0, "gateway", "message.api.deleted", "m1")), None),
        ((PENDING, SCHEDULED, at("message.send.expired.check", None)), None),
        ((GATEWAY, ACCEPTED), "accepted; its time has not come"),
        ((PENDING,), "pending; its push is being planned"),
        ((PENDING, SCHEDULED), "scheduled; its push is planned"),
        ((PENDING, SCHEDULED, at(PUSH, "scheduled", 5)), "scheduled; its push is under way"),
        (
            (PENDING, SCHEDULED, at("message.notification.sent", "scheduled", expires_in_ns=60 * S)),
            "scheduled; it waits for its phone, or to expire",
        ),
        (
            (PENDING, SCHEDULED, at("message.notification.sent", "scheduled", expires_in_ns=60 * S), later(61)),
            "scheduled; nothing is due for it any more",
        ),
        ((PENDING, SCHEDULED, at("message.phone.sending", "sending")), "sending; the phone has it and may report"),
        ((PENDING, later(1)), "pending; nothing is due for it any more"),
        (
            (PENDING, SCHEDULED, at("message.send.expired", "expired", final=False), at(RETRIED, "expired")),
            "expired; nothing is due for it any more",
        ),
    ],
)
def test_a_send_that_has_not_ended_is_named_with_what_is_to_come(rows: tuple[Any, ...], told: str | None) -> None:
    assert dict(still_open(written(*rows))).get("m1") == told


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ((), {"m1"}),
        (((0, "webhook", "message.phone.sent", "m1"),), set()),
        (((0, "webhook", "message.send.failed", "m1"),), set()),
        (((0, "phone", "reported", "m1"),), set()),
        (((0, "webhook", "message.send.expired", "m1"),), {"m1"}),
    ],
)
def test_of_another_server_s_message_only_its_end_is_seen(rows: tuple[Any, ...], names: set[str]) -> None:
    by_hand = (0, "client", "accepted", "received by hand", None, {"step": "api"})
    entries = written(SEND, (0, "client", "accepted", "m1", 0, {"step": "s"}), by_hand, *rows)
    assert {one.message for one in open_sends(Story(entries))} == names
    assert broken(entries, ENDS) == []


@pytest.mark.parametrize(
    ("rows", "violations"),
    [
        ((PENDING, later(1)), 1),
        ((PENDING, SCHEDULED), 0),
        ((PENDING, later(1), (1, "gateway", "message.saved", "m1")), 0),
        ((PENDING, later(1), (1, "api", "POST /v1/events", None, None, {"status": 204})), 0),
    ],
)
def test_a_send_that_nothing_is_due_for_is_stuck(rows: tuple[Any, ...], violations: int) -> None:
    assert len(broken(written(*rows), ENDS)) == violations
