"""WorkManager's table, its waits, and what fits into a job."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.instants import SECOND
from harness.phone.work import (
    BACKOFF_MAX,
    PERIOD,
    TRANSITIONS,
    Happening,
    Job,
    Queue,
    State,
    backoff,
    input_size,
)

EDGES = [
    (periodic, state, happening, target)
    for periodic, rows in TRANSITIONS.items()
    for state, row in rows.items()
    for happening, target in row.items()
]


def _queue(*, periodic: bool = False, attempts: int = 0) -> tuple[Queue, Job]:
    queue = Queue()
    job = queue.enqueue(1, "task", 1000, period=PERIOD if periodic else 0)
    for _ in range(attempts):
        running = queue.start(job)
        retried = queue.end(running, Happening.RETRY, 1000)
        assert retried is not None
        job = retried
    return queue, job


@pytest.mark.parametrize(("periodic", "state", "happening", "target"), EDGES)
def test_every_edge_of_the_table_is_gone(periodic: bool, state: State, happening: Happening, target: State) -> None:
    queue, job = _queue(periodic=periodic)
    if happening is Happening.STARTED:
        assert queue.start(job).state is target is State.RUNNING
        return
    row = queue.end(queue.start(job), happening, 2000)
    assert (row is None) is (target is not State.ENQUEUED)
    assert (1 in queue) is (target is State.ENQUEUED)


def test_the_edges_are_these() -> None:
    counts = Counter((periodic, target) for periodic, _, _, target in EDGES)
    print({f"{'periodic' if periodic else 'one-time'} → {target.value}": n for (periodic, target), n in counts.items()})
    assert counts == {
        (False, State.RUNNING): 1, (False, State.SUCCEEDED): 1, (False, State.FAILED): 2, (False, State.ENQUEUED): 3,
        (True, State.RUNNING): 1, (True, State.FAILED): 1, (True, State.ENQUEUED): 5,
    }  # fmt: skip


def test_only_what_asked_for_it_is_enqueued_anew() -> None:
    for happening, enqueued_at in ((Happening.RETRY, 5000), (Happening.STOPPED, 1000), (Happening.DIED, 1000)):
        queue, job = _queue()
        row = queue.end(queue.start(job), happening, 5000)
        assert row is not None
        assert (row.attempts, row.enqueued_at, row.not_before_at) == (1, enqueued_at, enqueued_at + 30 * SECOND)


def test_a_period_counts_from_the_end_of_the_last_run_and_its_attempts_begin_anew() -> None:
    for happening in (Happening.SUCCEEDED, Happening.FAILED):
        queue, job = _queue(periodic=True)
        row = queue.end(queue.start(job), happening, 7000)
        assert row is not None
        assert (row.attempts, row.not_before_at) == (0, 7000 + PERIOD)


def test_a_stopped_periodic_job_waits_as_any_other() -> None:
    queue, job = _queue(periodic=True)
    row = queue.end(queue.start(job), Happening.STOPPED, 7000)
    assert row is not None
    assert (row.attempts, row.not_before_at) == (1, 1000 + 30 * SECOND)


def test_what_asks_for_a_retry_stands_behind_the_others() -> None:
    queue = Queue()
    jobs = [queue.enqueue(number, "task", 0) for number in (1, 2, 3)]
    queue.end(queue.start(jobs[0]), Happening.RETRY, 1)
    assert list(queue) == [2, 3, 1]
    assert queue.is_among(3, 2)
    assert not queue.is_among(1, 2)
    assert [row and row.number for row in (queue.nth(0), queue.nth(2), queue.nth(3))] == [2, 1, None]


def test_the_wait_doubles_from_half_a_minute_to_five_hours() -> None:
    waits = [backoff(attempts) // SECOND for attempts in range(1, 13)]
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 18000, 18000]


@given(st.integers(1, 10**9))
def test_the_wait_never_gets_longer_than_five_hours(attempts: int) -> None:
    assert 30 * SECOND <= backoff(attempts) <= BACKOFF_MAX


@pytest.mark.parametrize(
    ("pairs", "size"),
    [
        ((), 8),
        ((("k", "abc"),), 8 + 1 + 5 + 3),
        ((("k", None),), 8 + 1 + 3),
        ((("k", True),), 8 + 1 + 1 + 3),
        ((("k", ()),), 8 + 1 + 4 + 3),
        ((("k", ("ab",)),), 8 + 1 + 4 + 4 + 3),
        ((("k", "é"),), 8 + 1 + 4 + 3),
        ((("k", "€"),), 8 + 1 + 5 + 3),
        ((("k", "😀"),), 8 + 1 + 8 + 3),
        ((("k", "\0"),), 8 + 1 + 4 + 3),
        ((("k", "\0é"),), 8 + 1 + 6 + 3),
    ],
)
def test_input_is_as_big_as_java_writes_it(pairs: tuple[tuple[str, object], ...], size: int) -> None:
    assert input_size(pairs) == size
