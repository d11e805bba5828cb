"""The phone's job queue: what WorkManager keeps and runs (phone-behaviour.md §7).

A job is a row; running it is one HTTP request. What the answer means for the job is a table by its kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from harness.http.values import BodyBroken, Outcome, Response
from harness.instants import SECOND, Instant

__all__ = ["End", "Fetch", "Forward", "Job", "Report", "Task", "backoff", "verdict_on"]

BACKOFF_FIRST = 30 * SECOND
BACKOFF_MAX = 18_000 * SECOND


@dataclass(frozen=True, slots=True)
class Fetch:
    """Get the message that a push named."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Report:
    """Tell the server what became of a message. `at` is frozen when the result came, not when it is posted."""

    message_id: str
    event: str
    reason: str | None
    at: Instant


@dataclass(frozen=True, slots=True)
class Forward:
    """Post a received text. Content and `at` are frozen at receipt; a retry repeats the very same bytes."""

    sender: str
    owner: str
    content: str
    sim: str
    encrypted: bool
    at: Instant


Task = Fetch | Report | Forward


@dataclass(frozen=True, slots=True)
class Job:
    """A queued task. `attempts` counts the starts so far."""

    number: int
    task: Task
    attempts: int = 0


class End(Enum):
    """What becomes of a job after an attempt."""

    DONE = "done"
    RETRY = "retry"
    LOST = "lost"


def backoff(attempts: int) -> int:
    """How long to wait after so many attempts: 30 s, doubled each time, 5 h at most, without end."""
    return min(BACKOFF_FIRST << min(attempts - 1, 16), BACKOFF_MAX)


def verdict_on(task: Task, outcome: Outcome) -> End:
    """What the app makes of an outcome (tables in phone-behaviour.md §2.5)."""
    match task:
        case Fetch():
            # Any failure of the fetch is final and silent.
            return End.DONE if isinstance(outcome, Response) and outcome.status < 300 else End.LOST
        case Report():
            if isinstance(outcome, Response | BodyBroken):
                # The body is not read, so one that breaks off is a success; 404 means the message is gone.
                status = outcome.status if isinstance(outcome, Response) else outcome.response.status
                return End.DONE if status < 300 or status == 404 else End.RETRY
            return End.LOST
        case Forward():
            # 4xx counts as done: the text is dropped. An I/O error is retried, unlike a report's.
            if isinstance(outcome, Response) and (outcome.status < 300 or 400 <= outcome.status < 500):
                return End.DONE
            return End.RETRY
