"""What an answer means for a job, and what is in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.core import Record
from harness.http.values import BodyBroken, Closed, ConnectFailed, Outcome, Response, TimedOut
from harness.okhttp import GaveUp
from harness.phone.jobs import (
    Fetch,
    Forward,
    Heartbeat,
    MissedCall,
    Report,
    Task,
    facts_of,
    input_of,
    is_too_big,
    lost,
    message_of,
    taken,
    title_of,
    verdict_on,
)
from harness.phone.work import INPUT_MAX, Happening, input_size
from tests.phone.kit import ALICE, BOB, ID, NOW

FETCH = Fetch(ID)
REPORT = Report(ID, "SENT", None, NOW)
FORWARD = Forward(BOB, ALICE, "hello", "SIM1", False, NOW)
MISSED = MissedCall(BOB, "SIM1", ALICE, NOW)
TASKS = (FETCH, REPORT, FORWARD, MISSED, Heartbeat())
NO_ANSWER = (ConnectFailed("refused"), TimedOut("read"), Closed(sent_all=True), GaveUp())
BAD = (301, 304, 400, 401, 402, 403, 404, 409, 422, 429, 499, 500, 502, 503, 599)


@pytest.mark.parametrize(
    ("task", "retried", "failed"),
    [
        (FETCH, (), BAD),
        (REPORT, tuple(status for status in BAD if status != 404), ()),
        (FORWARD, (301, 304, 500, 502, 503, 599), ()),
        (MISSED, (301, 304, 500, 502, 503, 599), ()),
        (Heartbeat(), (), ()),
    ],
)
def test_a_status_ends_a_job_or_has_it_run_again(task: Task, retried: tuple[int, ...], failed: tuple[int, ...]) -> None:
    for status in (200, 201, 204, *BAD):
        wanted = Happening.RETRY if status in retried else Happening.FAILED if status in failed else Happening.SUCCEEDED
        assert verdict_on(task, Response(status)) is wanted, status


@pytest.mark.parametrize(
    ("task", "happening"),
    [(FETCH, Happening.THREW), (REPORT, Happening.THREW), (MISSED, Happening.THREW), (FORWARD, Happening.RETRY),
     (Heartbeat(), Happening.FAILED)],
)  # fmt: skip
@pytest.mark.parametrize("outcome", NO_ANSWER)
def test_without_an_answer_only_a_received_text_is_tried_again(
    task: Task, happening: Happening, outcome: Outcome
) -> None:
    assert verdict_on(task, outcome) is happening


@pytest.mark.parametrize(
    ("task", "status", "happening"),
    [
        (FETCH, 200, Happening.THREW),
        (REPORT, 200, Happening.SUCCEEDED),
        (REPORT, 404, Happening.SUCCEEDED),
        (REPORT, 500, Happening.THREW),
        (FORWARD, 200, Happening.SUCCEEDED),
        (FORWARD, 500, Happening.THREW),
        (MISSED, 200, Happening.SUCCEEDED),
        (MISSED, 400, Happening.THREW),
        (Heartbeat(), 500, Happening.FAILED),
    ],
)
def test_a_body_that_breaks_off_counts_where_the_app_reads_it(task: Task, status: int, happening: Happening) -> None:
    assert verdict_on(task, BodyBroken(Response(status), b"{")) is happening


@pytest.mark.parametrize("task", [REPORT, FORWARD, MISSED])
@pytest.mark.parametrize("status", [0, 101, 199])
def test_a_status_below_200_is_no_success(task: Task, status: int) -> None:
    assert verdict_on(task, Response(status)) is Happening.RETRY


@pytest.mark.parametrize(
    ("task", "end", "kind", "about"),
    [
        (FETCH, lost, "fetch failed", {}),
        (REPORT, taken, "reported", {"event": REPORT.event}),
        (REPORT, lost, "report lost", {"event": REPORT.event}),
        (FORWARD, taken, "text forwarded", {"from": FORWARD.sender}),
        (FORWARD, lost, "text dropped", {"from": FORWARD.sender}),
        (MISSED, taken, "call forwarded", {"from": MISSED.caller}),
        (MISSED, lost, "call dropped", {"from": MISSED.caller}),
    ],
)
def test_the_end_of_a_job_is_written_down(
    task: Task, end: Callable[..., Any], kind: str, about: dict[str, str]
) -> None:
    assert end(task, {"status": 200}) == [Record("phone", kind, message_of(task), {**about, "status": 200})]


@pytest.mark.parametrize(("task", "end"), [(FETCH, taken), (Heartbeat(), taken), (Heartbeat(), lost)])
def test_nobody_hears_of_what_goes_on(task: Task, end: Callable[..., Any]) -> None:
    assert end(task, {}) == []


def test_an_outcome_is_shown_by_its_status_or_its_name() -> None:
    shown = [facts_of(outcome) for outcome in (Response(404), TimedOut("read"), BodyBroken(Response(200), b""))]
    assert shown == [{"status": 404}, {"outcome": "TimedOut"}, {"status": 200, "outcome": "BodyBroken"}]


@pytest.mark.parametrize("task", TASKS)
def test_every_job_has_a_title_and_an_input_that_fits(task: Task) -> None:
    assert title_of(task)
    assert input_size(input_of(task)) < INPUT_MAX
    assert not is_too_big(task)


@pytest.mark.parametrize(("letter", "bytes_each"), [("a", 1), ("\0", 2), ("é", 2), ("€", 3), ("😀", 6), ("\ud800", 3)])
def test_a_job_takes_ten_kilobytes_and_not_one_more(letter: str, bytes_each: int) -> None:
    room = INPUT_MAX - input_size(input_of(Forward(BOB, ALICE, "", "SIM1", False, NOW)))
    fits = Forward(BOB, ALICE, letter * (room // bytes_each), "SIM1", False, NOW)
    assert not is_too_big(fits)
    assert is_too_big(Forward(BOB, ALICE, fits.content + letter, "SIM1", False, NOW))


@pytest.mark.parametrize(
    "task",
    [Fetch("x" * INPUT_MAX), Report("x" * INPUT_MAX, "SENT", None, NOW), Report(ID, "FAILED", "x" * INPUT_MAX, NOW),
     MissedCall("x" * INPUT_MAX, "SIM1", ALICE, NOW), Forward(BOB, ALICE, "", "SIM1", False, NOW, ("x" * INPUT_MAX,))],
)  # fmt: skip
def test_anything_in_a_job_may_be_too_much(task: Task) -> None:
    assert is_too_big(task)
