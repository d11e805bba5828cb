"""WorkManager as far as the app uses it (phone-behaviour.md §7): jobs that outlive the process, and when they run.

A job is a row. The table says where each happening leads; this module knows nothing of what a job does.
"""

from __future__ import annotations

from enum import Enum
from itertools import islice
from typing import Any, NamedTuple

from harness.core import Table
from harness.instants import SECOND, Instant

__all__ = [
    "BACKOFF_FIRST",
    "BACKOFF_MAX",
    "INPUT_MAX",
    "PERIOD",
    "RUN_MAX",
    "SCHEDULED_MAX",
    "TRACKED_MAX",
    "TRANSITIONS",
    "Happening",
    "Job",
    "Queue",
    "State",
    "backoff",
    "input_size",
]

BACKOFF_FIRST = 30 * SECOND
BACKOFF_MAX = 18_000 * SECOND
PERIOD = 900 * SECOND
RUN_MAX = 600 * SECOND
"""After ten minutes Android stops a job."""
SCHEDULED_MAX = 20
"""How many jobs the system knows of, and would start the process for."""
TRACKED_MAX = 200
"""How many jobs a living process looks after."""
INPUT_MAX = 10_240
"""Bytes of input, serialized, that a job may have."""


class State(Enum):
    ENQUEUED = "enqueued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    __hash__ = object.__hash__  # an enumeration's own one is slow, and these are keys of hot tables


class Happening(Enum):
    """What befalls a job. STOPPED: its constraint no longer holds. DIED: its process is gone."""

    STARTED = "started"
    SUCCEEDED = "success"
    FAILED = "failure"
    THREW = "threw"
    RETRY = "retry"
    STOPPED = "stopped"
    DIED = "died"

    __hash__ = object.__hash__  # an enumeration's own one is slow, and these are keys of hot tables


_AGAIN = {Happening.RETRY: State.ENQUEUED, Happening.STOPPED: State.ENQUEUED, Happening.DIED: State.ENQUEUED}

# A periodic job that returns, however, waits for its next period; one that throws is over for ever.
TRANSITIONS: dict[bool, dict[State, dict[Happening, State]]] = {
    False: {
        State.ENQUEUED: {Happening.STARTED: State.RUNNING},
        State.RUNNING: {
            Happening.SUCCEEDED: State.SUCCEEDED,
            Happening.FAILED: State.FAILED,
            Happening.THREW: State.FAILED,
            **_AGAIN,
        },
    },
    True: {
        State.ENQUEUED: {Happening.STARTED: State.RUNNING},
        State.RUNNING: {
            Happening.SUCCEEDED: State.ENQUEUED,
            Happening.FAILED: State.ENQUEUED,
            Happening.THREW: State.FAILED,
            **_AGAIN,
        },
    },
}


class Job(NamedTuple):
    """A piece of work that waits or runs. `attempts` counts the starts, of a periodic one those of this period.

    It does not start before `not_before_at`. `period` in ns; 0: one-time work.
    """

    number: int
    task: Any
    attempts: int = 0
    state: State = State.ENQUEUED
    enqueued_at: Instant = 0
    not_before_at: Instant = 0
    period: int = 0


# A member of an enumeration costs a function call each time it is named; these are named some ten times a message.
_ENQUEUED, _RUNNING = State.ENQUEUED, State.RUNNING


def backoff(attempts: int) -> int:
    """How long to wait after so many attempts: 30 s, doubled each time, 5 h at most, without end."""
    return min(BACKOFF_FIRST << min(attempts - 1, 16), BACKOFF_MAX)


class Queue(Table[int, Job]):
    """The jobs that are not over, in the order in which they were enqueued."""

    __slots__ = ()

    def enqueue(self, number: int, task: Any, now: Instant, *, period: int = 0, first_at: Instant | None = None) -> Job:
        job = Job(number, task, 0, _ENQUEUED, now, now if first_at is None else first_at, period)
        self[number] = job
        return job

    def start(self, job: Job) -> Job:
        number = job.number
        row = Job(number, job.task, job.attempts + 1, _RUNNING, job.enqueued_at, job.not_before_at, job.period)
        self[number] = row
        return row

    def end(self, job: Job, happening: Happening, now: Instant) -> Job | None:
        """The row after what happened to a running job; None if it is over, and its row gone."""
        state = TRANSITIONS[job.period > 0][job.state][happening]
        if state is not _ENQUEUED:
            del self[job.number]
            return None
        attempts, enqueued_at = job.attempts, job.enqueued_at
        if happening is Happening.RETRY:
            enqueued_at = now
        elif job.period and happening in (Happening.SUCCEEDED, Happening.FAILED):
            attempts, enqueued_at = 0, now
        # A stopped job's wait counts from when it was enqueued, so it may be over already.
        wait = backoff(attempts) if attempts else job.period
        row = Job(job.number, job.task, attempts, state, enqueued_at, enqueued_at + wait, job.period)
        # What is enqueued anew stands behind the others.
        if happening is Happening.RETRY:
            del self[job.number]
        self[job.number] = row
        return row

    def is_among(self, number: int, limit: int) -> bool:
        """The job is one of the first so many that are not over."""
        return number in islice(self, limit)

    def nth(self, place: int) -> Job | None:
        """The job in a place, from 0; None if there are not so many."""
        return next(iter(islice(self.values(), place, None)), None) if len(self) > place else None


def input_size(pairs: tuple[tuple[str, Any], ...]) -> int:
    """How many bytes a job's input has once serialized, in the format of WorkManager 2.10 and later.

    Eight bytes in front; each entry has a byte for its type, its value and its key, texts in Java's modified UTF-8
    behind two bytes of length: a character beyond the BMP takes six bytes, a NUL two.
    """
    return 8 + sum([1 + _value_size(value) + _text_size(key) for key, value in pairs])


def _value_size(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, bool):
        return 1
    if isinstance(value, tuple):
        return 4 + sum([_text_size(item) for item in value])
    return _text_size(value)


def _text_size(text: str) -> int:
    if text.isascii():
        return 2 + len(text) + text.count("\0")
    units = memoryview(text.encode("utf-16-le", "surrogatepass")).cast("H")
    return 2 + sum([1 if 0 < unit < 0x80 else 2 if unit < 0x800 else 3 for unit in units])
