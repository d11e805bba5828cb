"""The phone's job queue: what WorkManager keeps and runs (phone-behaviour.md §7).

A job is a row; running it is one HTTP request. What the answer means for the job is a table by its kind.
"""

from __future__ import annotations

from enum import Enum
from typing import assert_never

from harness.core import Fact, Record
from harness.frozen import frozen
from harness.http.values import BodyBroken, Outcome, Response
from harness.instants import SECOND, Instant

__all__ = [
    "End",
    "Fetch",
    "Forward",
    "Job",
    "Report",
    "Task",
    "backoff",
    "ended",
    "facts_of",
    "message_of",
    "verdict_on",
]

BACKOFF_FIRST = 30 * SECOND
BACKOFF_MAX = 18_000 * SECOND


@frozen
class Fetch:
    """Get the message that a push named."""

    message_id: str


@frozen
class Report:
    """Tell the server what became of a message. `at` is frozen when the result came, not when it is posted."""

    message_id: str
    event: str
    reason: str | None
    at: Instant


@frozen
class Forward:
    """Post a received text. Content and `at` are frozen at receipt; a retry repeats the very same bytes."""

    sender: str
    owner: str
    content: str
    sim: str
    encrypted: bool
    at: Instant


Task = Fetch | Report | Forward


@frozen
class Job:
    """A queued task. `attempts` counts the starts so far."""

    number: int
    task: Task
    attempts: int = 0


class End(Enum):
    """What becomes of a job after an attempt. LOST: it is over, and the server did not take it."""

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
            # The body is not read, so one that breaks off is a success; 404 means the message is gone.
            status = _status(outcome)
            if status is None:
                return End.LOST
            return End.DONE if status < 300 or status == 404 else End.RETRY
        case Forward():
            # 4xx counts as done: the text is dropped. An I/O error is retried, unlike a report's.
            if not isinstance(outcome, Response):
                return End.RETRY
            if outcome.status < 300:
                return End.DONE
            return End.LOST if 400 <= outcome.status < 500 else End.RETRY
        case _:
            assert_never(task)


def _status(outcome: Outcome) -> int | None:
    if isinstance(outcome, BodyBroken):
        outcome = outcome.response
    return outcome.status if isinstance(outcome, Response) else None


def ended(task: Task, end: End, facts: dict[str, Fact]) -> Record:
    """The entry about the end of a job: the server took it, or it is lost. A fetch has one only if it failed."""
    done = end is End.DONE
    match task:
        case Fetch(message_id):
            return Record("phone", "fetch failed", message_id, facts)
        case Report(message_id, event):
            return Record("phone", "reported" if done else "report lost", message_id, {"event": event, **facts})
        case Forward(sender):
            kind = "text forwarded" if done else "text dropped"
            return Record("phone", kind, None, {"from": sender, **facts})
        case _:
            assert_never(task)


def message_of(task: Task) -> str | None:
    """The message that a task is about; a received text has no id yet."""
    return None if isinstance(task, Forward) else task.message_id


def facts_of(outcome: Outcome) -> dict[str, Fact]:
    """An outcome as the trace shows it."""
    if isinstance(outcome, Response):
        return {"status": outcome.status}
    return {"outcome": type(outcome).__name__}
