"""What an answer means for a job, and how long it waits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.http.values import BodyBroken, Closed, ConnectFailed, Outcome, Response, TimedOut
from harness.instants import SECOND
from harness.phone.jobs import End, Fetch, Forward, Report, Task, backoff, ended, facts_of, message_of, verdict_on
from tests.phone.kit import ALICE, BOB, ID, NOW

FETCH = Fetch(ID)
REPORT = Report(ID, "SENT", None, NOW)
FORWARD = Forward(BOB, ALICE, "hello", "SIM1", False, NOW)
NO_ANSWER = (ConnectFailed("refused"), TimedOut("read"), Closed(sent_all=True))


@pytest.mark.parametrize(
    ("task", "done", "lost", "retried"),
    [
        (FETCH, (200, 201, 204), (301, 400, 401, 402, 404, 422, 429, 500, 503), ()),
        (REPORT, (200, 201, 204, 404), (), (301, 400, 401, 403, 409, 422, 429, 500, 503)),
        (FORWARD, (200, 201, 204), (400, 401, 402, 404, 422, 499), (301, 304, 500, 502, 599)),
    ],
)
def test_a_status_ends_a_job_or_has_it_run_again(
    task: Task, done: tuple[int, ...], lost: tuple[int, ...], retried: tuple[int, ...]
) -> None:
    for end, statuses in ((End.DONE, done), (End.LOST, lost), (End.RETRY, retried)):
        assert [verdict_on(task, Response(status)) for status in statuses] == [end] * len(statuses)


@pytest.mark.parametrize(("task", "end"), [(FETCH, End.LOST), (REPORT, End.LOST), (FORWARD, End.RETRY)])
@pytest.mark.parametrize("outcome", NO_ANSWER)
def test_without_an_answer_only_a_received_text_is_tried_again(task: Task, end: End, outcome: Outcome) -> None:
    assert verdict_on(task, outcome) is end


def test_a_body_that_breaks_off_counts_by_its_status_for_a_report_only() -> None:
    assert verdict_on(REPORT, BodyBroken(Response(200), b"{")) is End.DONE
    assert verdict_on(REPORT, BodyBroken(Response(500), b"{")) is End.RETRY
    assert verdict_on(FETCH, BodyBroken(Response(200), b"{")) is End.LOST


def test_the_wait_doubles_from_half_a_minute_to_five_hours() -> None:
    waits = [backoff(attempts) // SECOND for attempts in range(1, 13)]
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 18000, 18000]


@given(st.integers(1, 10**9))
def test_the_wait_never_gets_longer_than_five_hours(attempts: int) -> None:
    assert 30 * SECOND <= backoff(attempts) <= 18000 * SECOND


@pytest.mark.parametrize(
    ("task", "end", "kind"),
    [
        (FETCH, End.LOST, "fetch failed"),
        (REPORT, End.DONE, "reported"),
        (REPORT, End.LOST, "report lost"),
        (FORWARD, End.DONE, "text forwarded"),
        (FORWARD, End.LOST, "text dropped"),
    ],
)
def test_the_end_of_a_job_is_written_down(task: Task, end: End, kind: str) -> None:
    record = ended(task, end, {"status": 200})
    assert (record.hop, record.kind, record.message) == ("phone", kind, message_of(task))
    assert record.facts["status"] == 200


def test_an_outcome_is_shown_by_its_status_or_its_name() -> None:
    shown = [facts_of(outcome) for outcome in (Response(404), TimedOut("read"))]
    assert shown == [{"status": 404}, {"outcome": "TimedOut"}]
