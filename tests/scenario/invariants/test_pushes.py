"""Pushes: not too soon after one another, in their windows, and not too often."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenario.invariants.traces import ALICE, Case, S, assert_noticed, broken, changed, find, written

PLANNED = find("gateway", "message.notification.scheduled", wait_ns=6 * S)

TAMPERED: dict[str, Case] = {
    "a push too soon": (
        changed(PLANNED, wait_ns=5 * S),
        "rate-and-windows-kept",
        "two pushes are planned 5 s apart at 10 a minute",
    ),
    "a push out of its windows": (
        changed(PLANNED, windows="UTC; 0 0-60"),
        "rate-and-windows-kept",
        "a push is planned for a time that is in none of the windows (UTC; 0 0-60)",
    ),
    "a push that does not wait": (
        changed(PLANNED, wait_ns=60 * S),
        "rate-and-windows-kept",
        "a push went out 54 s early",
    ),
    "an attempt too many": (
        changed(find("gateway", "message.notification.sent"), attempt=3),
        "attempts-within-the-maximum",
        "attempt 3 of a message that has 2",
    ),
}


@pytest.mark.parametrize("case", TAMPERED.values(), ids=TAMPERED)
def test_tampering_is_noticed(case: Case) -> None:
    assert_noticed(*case)


# -- the rate ------------------------------------------------------------------------------------------------------


def accepted(message: str, owner: str = ALICE, **facts: Any) -> Any:
    return (0, "gateway", "message.api.sent", message, None, {"owner": owner, "status": "pending", **facts})


def planned(at_s: float, message: str, wait_s: float, per_minute: int = 10, cause: int | None = None) -> Any:
    facts = {"wait_ns": int(wait_s * S), "per_minute": per_minute}
    return (at_s, "gateway", "message.notification.scheduled", message, cause, facts)


ONE, TWO = accepted("m1"), accepted("m2")


@pytest.mark.parametrize(
    ("rows", "violations"),
    [
        ((ONE, TWO, planned(0, "m1", 0), planned(0, "m2", 6)), 0),
        ((ONE, TWO, planned(0, "m1", 0), planned(0, "m2", 5.9)), 1),
        ((ONE, TWO, planned(0, "m1", 0), planned(10, "m2", 0)), 0),
        ((ONE, TWO, planned(0, "m1", 60), planned(10, "m2", 0)), 1),
        # Whole seconds: 45 a minute are one a second (gateway-protocol.md §10.2-34).
        ((ONE, TWO, planned(0, "m1", 0, 45), planned(1, "m2", 0, 45)), 0),
        # No rate is kept.
        ((ONE, TWO, planned(0, "m1", 0, 0), planned(0, "m2", 0, 0)), 0),
        # Another phone.
        ((ONE, accepted("m2", "+1"), planned(0, "m1", 0), planned(0, "m2", 0)), 0),
        # A message with a time of its own heeds no rate, but those behind it do.
        ((ONE, accepted("m2", own_time=True), planned(0, "m1", 0), planned(0, "m2", 1, cause=1)), 0),
        ((ONE, accepted("m2", own_time=True), planned(0, "m2", 60, cause=1), planned(0, "m1", 0)), 1),
        # Its retry is like any other.
        (
            (
                ONE,
                accepted("m2", own_time=True),
                (0, "gateway", "message.send.retry", "m2"),
                planned(0, "m1", 0),
                planned(0, "m2", 1, cause=2),
            ),
            1,
        ),
        # A deleted message frees its place, a deleted phone all.
        ((ONE, TWO, planned(0, "m1", 60), (0, "gateway", "message.api.deleted", "m1"), planned(0, "m2", 0)), 0),
        (
            (
                ONE,
                TWO,
                planned(0, "m1", 60),
                (0, "gateway", "phone.deleted", None, None, {"owner": ALICE}),
                planned(0, "m2", 0),
            ),
            0,
        ),
        ((ONE, TWO, planned(0, "m1", 60), (0, "gateway", "user.account.deleted"), planned(0, "m2", 0)), 0),
        # Handlers that race may take the same place.
        ((ONE, TWO, planned(0, "m1", 0), (0, "gateway", "message.saved", "m1"), planned(0, "m2", 0)), 0),
    ],
)
def test_pushes_keep_their_distance(rows: tuple[Any, ...], violations: int) -> None:
    assert len(broken(written(*rows), "rate-and-windows-kept")) == violations


# -- windows -------------------------------------------------------------------------------------------------------

DAY = 86_400


@pytest.mark.parametrize(
    ("at_s", "windows", "violations"),
    [
        # The first of January 1970 was a Thursday.
        (9 * 3600, "UTC; 4 540-1020", 0),
        (9 * 3600 - 1, "UTC; 4 540-1020", 1),
        (17 * 3600, "UTC; 4 540-1020", 1),
        (9 * 3600, "UTC; 3 540-1020; 5 540-1020", 1),
        (DAY + 9 * 3600, "UTC; 3 540-1020; 5 540-1020", 0),
        (8 * 3600, "Europe/Berlin; 4 540-1020", 0),
        (8 * 3600, "Nowhere; 5 0-1", 0),
        (8 * 3600, "UTC", 0),
        # The clock was changed in Berlin on the 6th of April 1980, a Sunday.
        (324_000_000 - 324_000_000 % DAY - 9 * DAY + 3 * 3600, "Europe/Berlin; 1 0-1", 1),
        (323_827_200 + 3 * 3600, "Europe/Berlin; 1 0-1", 0),
    ],
)
def test_a_push_is_planned_for_an_open_window(at_s: int, windows: str, violations: int) -> None:
    one = (at_s, "gateway", "message.notification.scheduled", "m1", None, {"wait_ns": 0, "windows": windows})
    assert len(broken(written(ONE, one), "rate-and-windows-kept")) == violations


def test_a_push_goes_out_when_it_was_planned_for() -> None:
    send = "message.notification.send"
    assert (
        broken(written(ONE, planned(0, "m1", 6, cause=0), (6, "gateway", send, "m1", 0)), "rate-and-windows-kept") == []
    )
    early = written(ONE, planned(0, "m1", 6, cause=0), (4, "gateway", send, "m1", 0))
    assert len(broken(early, "rate-and-windows-kept")) == 1


# -- attempts ------------------------------------------------------------------------------------------------------

LIMITED = accepted("m1", max_attempts=2)
SEND = (0, "gateway", "message.notification.send", "m1")


def expired(*, final: bool) -> Any:
    return (0, "gateway", "message.send.expired", "m1", None, {"final": final})


@pytest.mark.parametrize(
    ("rows", "violations"),
    [
        (
            (
                LIMITED,
                SEND,
                expired(final=False),
                (0, "gateway", "message.send.retry", "m1"),
                SEND,
                expired(final=True),
            ),
            0,
        ),
        ((LIMITED, SEND, SEND, SEND), 1),
        ((LIMITED, expired(final=True), (0, "gateway", "message.send.retry", "m1")), 1),
        ((LIMITED, (0, "gateway", "message.notification.sent", "m1", None, {"attempt": 2})), 0),
        ((LIMITED, (0, "gateway", "message.notification.sent", "m1", None, {"attempt": 3})), 1),
        ((LIMITED, (0, "gateway", "message.notification.sent", "m1", None, {"attempt": None})), 0),
        ((LIMITED, (0, "api", "POST /v1/events", None, None, {"status": 204}), SEND, SEND, SEND), 0),
    ],
)
def test_there_are_no_more_attempts_than_allowed(rows: tuple[Any, ...], violations: int) -> None:
    assert len(broken(written(*rows), "attempts-within-the-maximum")) == violations
