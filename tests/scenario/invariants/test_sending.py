"""A text that goes out: what asked for it, how often, by which SIM, and what is reported of it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.scenario.invariants import check
from tests.scenario.invariants.traces import (
    ALICE,
    CAROL,
    DORA,
    DORA_2,
    Case,
    assert_noticed,
    both,
    broken,
    changed,
    find,
    late,
    of_message,
    real,
    twice,
    without,
    written,
)

SUBMITTED = find("radio", "submitted", text="In clear")
REPORT = find("radio", "report")
POSTED = find("api", "POST /v1/messages/{id}/events")
BY_DORA = find("radio", "submitted", text="From the second card")

TAMPERED: dict[str, Case] = {
    "the radio sends what nobody sent": (
        of_message(SUBMITTED, "nobody"),
        "no-sms-without-a-send",
        "a text went to the radio that nobody sent (message nobody)",
    ),
    "a text goes out twice": (twice(SUBMITTED), "one-sms-per-send", "one send became 2 texts"),
    "SENT without a hand-over": (
        without(SUBMITTED),
        "every-report-has-its-radio-result",
        "message.phone.sent without radio submitted or radio mms result before it",
    ),
    "a phone that says SENT by itself": (
        without(SUBMITTED),
        "every-report-has-its-radio-result",
        "the phone says sent without radio submitted or radio mms result before it",
    ),
    "DELIVERED without a status report": (
        without(REPORT),
        "every-report-has-its-radio-result",
        "message.phone.delivered without radio report before it",
    ),
    "FAILED though the radio had nothing against it": (
        without(find("radio", "rejected")),
        "every-report-has-its-radio-result",
        "the phone says failed without radio rejected or radio report or radio mms result before it",
    ),
    "FAILED without a word of the phone": (
        both(without(find("radio", "rejected")), without(find("phone", "failed")), without(POSTED)),
        "every-report-has-its-radio-result",
        "message.send.failed without radio rejected",
    ),
    "a report before its result": (
        late(SUBMITTED),
        "every-report-has-its-radio-result",
        "message.phone.sent without radio submitted",
    ),
    "a reason that the phone has not told": (
        changed(find("gateway", "message.send.failed"), reason="RADIO_OFF"),
        "every-report-has-its-radio-result",
        "the phone's reason is 'NO_SERVICE', the gateway's 'RADIO_OFF'",
    ),
    "a text by the other SIM": (
        changed(BY_DORA, from_=DORA),
        "right-sim",
        f"a text of {DORA_2} went out by {DORA}",
    ),
    "a text by another phone's SIM": (
        changed(SUBMITTED, from_=CAROL),
        "right-sim",
        f"a text of {ALICE} went out by {CAROL}",
    ),
}


@pytest.mark.parametrize("case", TAMPERED.values(), ids=TAMPERED)
def test_tampering_is_noticed(case: Case) -> None:
    assert_noticed(*case)


def test_a_text_that_goes_out_twice_is_no_other_text() -> None:
    entries = twice(SUBMITTED)(list(real()))
    assert [line.partition(":")[0] for line in check(entries)] == ["one-sms-per-send"]


# -- one text for each send ----------------------------------------------------------------------------------------

FIRST = (1, "radio", "submitted", "m1", None, {"segment": 1})
SECOND_SEGMENT = (1, "radio", "submitted", "m1", None, {"segment": 2})
MMS = (1, "radio", "mms submitted", "m1")
FETCHED = (1, "phone", "fetched", "m1")
EXPIRED = (1, "gateway", "message.send.expired", "m1")
OTHER = (1, "gateway", "phone.updated")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ((OTHER, FETCHED, FIRST, SECOND_SEGMENT), []),
        ((OTHER, FETCHED, FIRST, FIRST), ["one send became 2 texts (message m1); entries 2, 3"]),
        ((OTHER, FETCHED, MMS, MMS), ["one send became 2 texts (message m1); entries 2, 3"]),
        # What expired is pushed and fetched again, and the server knows of no text that is out.
        ((FETCHED, FIRST, EXPIRED, FETCHED, FIRST), []),
        ((FETCHED, FIRST, EXPIRED, FIRST), ["one send became 2 texts (message m1); entries 1, 3"]),
        ((OTHER, FETCHED, FIRST, FETCHED, FIRST), ["one send became 2 texts (message m1); entries 2, 4"]),
        ((FETCHED, FIRST, EXPIRED, FETCHED, FIRST, FIRST), ["one send became 3 texts (message m1); entries 1, 4, 5"]),
        # What another server does with an expiry is not seen, but that it gave the message out once more is.
        ((FETCHED, FIRST, FETCHED, FIRST), []),
        ((FETCHED, FIRST, FIRST), ["one send became 2 texts (message m1); entries 1, 2"]),
    ],
)
def test_a_send_is_one_text_but_for_what_expires(rows: tuple[Any, ...], told: list[str]) -> None:
    assert broken(written(*rows), "one-sms-per-send") == told


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ((("client", "accepted", "m1"),), 0),
        ((("gateway", "message.api.sent", "m1"),), 0),
        ((("client", "accepted", "other"),), 1),
        # A server that is not ours makes messages of its own: the phone has it from there.
        ((("client", "accepted", "other"), ("phone", "fetched", "m1")), 0),
        ((("gateway", "phone.updated", None), ("phone", "fetched", "m1")), 1),
        ((("phone", "powered off", None),), 0),
    ],
)
def test_a_text_needs_somebody_who_wants_it_sent(rows: tuple[Any, ...], told: int) -> None:
    entries = written(*((0, *row) for row in rows), FIRST)
    assert len(broken(entries, "no-sms-without-a-send")) == told


# -- reports -------------------------------------------------------------------------------------------------------

REPORTS = "every-report-has-its-radio-result"


@pytest.mark.parametrize(
    "rows",
    [
        # The phone refuses by itself.
        ((0, "phone", "fetched", "m1"), (0, "phone", "failed", "m1", 0, {"reason": "no"}), (0, "radio", "call")),
        ((0, "phone", "no card", "m1"), (0, "phone", "failed", "m1", 0, {"reason": "no"}), (0, "radio", "call")),
        # Another app broadcasts a result.
        ((0, "phone", "sent", "m1"), (0, "radio", "call")),
        ((0, "client", "accepted", None), (0, "phone", "delivered", "m1", 0), (0, "radio", "call")),
        # Somebody posts a report by hand.
        (
            (0, "api", "POST /v1/messages/{id}/events", "m1", None, {"as": "user"}),
            (0, "gateway", "message.phone.sent", "m1", 0),
            (0, "radio", "call"),
        ),
        # The phone has no radio that is seen.
        ((0, "phone", "fetched", "m1"), (0, "phone", "sent", "m1", 0)),
        # The push has failed.
        (
            (0, "gateway", "message.notification.failed", "m1"),
            (0, "gateway", "message.send.failed", "m1", 0),
            (0, "radio", "call"),
        ),
        # The server says more.
        (
            (0, "phone", "submitted", "m1"),
            (0, "radio", "rejected", "m1", 0),
            (0, "phone", "failed", "m1", 1, {"reason": "no"}),
            (0, "api", "POST /v1/messages/{id}/events", "m1", 2),
            (0, "gateway", "message.send.failed", "m1", 3, {"reason": "no, and here is why"}),
        ),
    ],
)
def test_a_report_that_is_not_due_to_our_radio_is_in_order(rows: tuple[Any, ...]) -> None:
    assert broken(written(*rows), REPORTS) == []


# -- the SIM -------------------------------------------------------------------------------------------------------

TWO = (
    (0, "gateway", "phone.updated", None, None, {"owner": "+1", "sim": "SIM1"}),
    (0, "gateway", "phone.updated", None, None, {"owner": "+2", "sim": "SIM2"}),
    (0, "gateway", "message.api.sent", "m1", None, {"owner": "+2"}),
)
BY_1 = (0, "radio", "submitted", "m1", None, {"from": "+1"})


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ((BY_1,), 1),
        (((0, "radio", "submitted", "m1", None, {"from": "+2"}),), 0),
        (((0, "radio", "mms submitted", "m1", None, {"from": "+1"}),), 1),
        # Nobody has registered it: a card whose number the phone does not know.
        (((0, "radio", "submitted", "m1", None, {"from": "+3"}),), 0),
        # The card is not there.
        (((0, "phone", "submitted", "m1", None, {"card": "SIM1"}), BY_1), 0),
        # Somebody has told the gateway another SIM.
        (((0, "gateway", "phone.updated", None, None, {"owner": "+2", "sim": "SIM1"}), BY_1), 0),
    ],
)
def test_a_text_leaves_by_the_sim_of_its_number(rows: tuple[Any, ...], told: int) -> None:
    assert len(broken(written(*TWO, *rows), "right-sim")) == told


def test_an_app_on_a_device_may_report_before_its_text_is_found() -> None:
    report = (0, "gateway", "message.phone.sent", "m1")
    text = (0, "radio", "submitted", "m1")
    assert len(broken(written(report, text), REPORTS)) == 1
    assert broken(written((0, "harness", "app told its settings"), report, text), REPORTS) == []
