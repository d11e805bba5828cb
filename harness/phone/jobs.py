"""What the app gives WorkManager to do, and what an outcome means for it (phone-behaviour.md §2.5, §7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from harness.core import Command, Fact, Record
from harness.frozen import frozen
from harness.http.values import BodyBroken, Outcome, Reads, Response
from harness.instants import Instant, android_time
from harness.okhttp import GaveUp
from harness.phone.work import INPUT_MAX, Happening, Job, backoff, input_size

__all__ = [
    "Ended",
    "Fetch",
    "Forward",
    "Heartbeat",
    "Job",
    "MissedCall",
    "Report",
    "Task",
    "backoff",
    "facts_of",
    "input_of",
    "is_too_big",
    "lost",
    "message_of",
    "status_of",
    "taken",
    "title_of",
    "verdict_on",
]


@frozen
class Fetch:
    """Get the message that a push named, and send it."""

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
    """Post a received message. Content and `at` are frozen at receipt; a retry repeats the very same bytes.

    `attachments`: None for an SMS; else a line for each file in the cache: `<path>|<media type>|<name>`.
    """

    sender: str
    owner: str
    content: str
    sim: str
    encrypted: bool
    at: Instant
    attachments: tuple[str, ...] | None = None


@frozen
class MissedCall:
    """Post a missed call. `at` is the time in the call log."""

    caller: str
    sim: str
    owner: str
    at: Instant


@frozen
class Heartbeat:
    """Post a heartbeat, every period anew."""


Ended = Outcome | GaveUp
"""What becomes of a request once okhttp follows up no more."""

Task = Fetch | Report | Forward | MissedCall | Heartbeat


def input_of(task: Task) -> tuple[tuple[str, Any], ...]:
    """The input of the work, by the app's keys."""
    match task:
        case Fetch(message_id):
            return (("KEY_MESSAGE_ID", message_id),)
        case Report(message_id, _, reason, at):
            told = () if reason is None else (("KEY_MESSAGE_REASON", reason),)
            return (("KEY_MESSAGE_ID", message_id), *told, ("KEY_MESSAGE_TIMESTAMP", android_time(at)))
        case Forward():
            return (
                ("KEY_MESSAGE_FROM", task.sender),
                ("KEY_MESSAGE_TO", task.owner),
                ("KEY_MESSAGE_SIM", task.sim),
                ("KEY_MESSAGE_CONTENT", task.content),
                ("KEY_MESSAGE_ENCRYPTED", task.encrypted),
                ("KEY_MESSAGE_TIMESTAMP", android_time(task.at)),
                ("KEY_MESSAGE_ATTACHMENTS", task.attachments),
            )
        case MissedCall(caller, sim, owner, at):
            return (
                ("KEY_MESSAGE_FROM", caller),
                ("KEY_MESSAGE_SIM", sim),
                ("KEY_MESSAGE_TO", owner),
                ("KEY_MESSAGE_TIMESTAMP", android_time(at)),
            )
        case Heartbeat():
            return ()
        case _:
            assert_never(task)


# Six bytes a character at most, and some hundred for keys and times.
_SURELY_FITS = (INPUT_MAX - 600) // 6


def is_too_big(task: Task) -> bool:
    """WorkManager throws instead of taking it (§7)."""
    if type(task) is Report and task.reason is None:
        return len(task.message_id) > _SURELY_FITS and input_size(input_of(task)) > INPUT_MAX
    match task:
        case Fetch(message_id):
            length = len(message_id)
        case Report(message_id, _, reason, _):
            length = len(message_id) + len(reason or "")
        case Forward():
            length = len(task.sender) + len(task.owner) + len(task.content) + sum(map(len, task.attachments or ()))
        case MissedCall(caller, _, owner, _):
            length = len(caller) + len(owner)
        case Heartbeat():
            length = 0
        case _:
            assert_never(task)
    return length > _SURELY_FITS and input_size(input_of(task)) > INPUT_MAX


# A member of an enumeration costs a function call each time it is named; these are named some ten times a message.
_SUCCEEDED, _RETRY, _THREW = Happening.SUCCEEDED, Happening.RETRY, Happening.THREW


def verdict_on(task: Task, outcome: Ended) -> Happening:
    """What the app makes of an outcome (tables in phone-behaviour.md §2.5). A fetch goes on after SUCCEEDED."""
    status = outcome.status if type(outcome) is Response else status_of(outcome, READS[type(task)])
    if type(task) is Report:
        # 404 means that the message is gone.
        if status is None:
            return _THREW
        return _SUCCEEDED if 200 <= status < 300 or status == 404 else _RETRY
    match task:
        case Fetch():
            if not isinstance(outcome, Response):
                return _THREW
            return _SUCCEEDED if 200 <= outcome.status < 300 else Happening.FAILED
        case Forward():
            # 4xx counts as done: the text is dropped. An I/O error is retried, unlike a report's.
            # A failure's body is read outside of what catches exceptions, so a broken one ends the work.
            if status is None and isinstance(outcome, BodyBroken):
                return _THREW
            done = status is not None and (200 <= status < 300 or 400 <= status < 500)
            return _SUCCEEDED if done else _RETRY
        case MissedCall():
            if status is None:
                return _THREW
            return _SUCCEEDED if 200 <= status < 300 or 400 <= status < 500 else _RETRY
        case Heartbeat():
            return Happening.FAILED if status is None else _SUCCEEDED
        case _:
            raise TypeError(f"no task: {task!r}")


READS: dict[type, Reads] = {
    Fetch: Reads.SUCCESSES,
    Report: Reads.FAILURES_BUT_GONE,
    Forward: Reads.FAILURES,
    MissedCall: Reads.FAILURES,
    Heartbeat: Reads.FAILURES,
}
"""Of which answers to a task the app reads the body: of failures it logs them (HttpSmsApiService.kt)."""


def status_of(outcome: Ended, reads: Reads) -> int | None:
    """The status that the app sees. A body that breaks off while it is read is an exception."""
    if isinstance(outcome, BodyBroken) and not reads.wants(outcome.response.status):
        outcome = outcome.response
    return outcome.status if isinstance(outcome, Response) else None


_TAKEN = {Report: "reported", Forward: "text forwarded", MissedCall: "call forwarded"}
_LOST = {Report: "report lost", Forward: "text dropped", MissedCall: "call dropped", Fetch: "fetch failed"}


def taken(task: Task, facts: Mapping[str, Fact]) -> list[Command]:
    """The entry about a job that the server took; none for a fetch, which goes on, and for a heartbeat."""
    return _over(task, _TAKEN, facts)


def lost(task: Task, facts: Mapping[str, Fact]) -> list[Command]:
    """The entry about a job that came to nothing; none for a heartbeat, which has another chance."""
    return _over(task, _LOST, facts)


def _over(task: Task, kinds: Mapping[type, str], facts: Mapping[str, Fact]) -> list[Command]:
    kind = kinds.get(type(task))
    if kind is None:
        return []
    about: dict[str, Fact] = {}
    match task:
        case Report(_, event):
            about["event"] = event
        case Forward(other) | MissedCall(other):
            about["from"] = other
    return [Record("phone", kind, message_of(task), {**about, **facts})]


def title_of(task: Task) -> str:
    """A job in words."""
    match task:
        case Fetch():
            return "fetch and send"
        case Report(_, event):
            return f"report {event}"
        case Forward(sender):
            return f"forward a message from {sender}"
        case MissedCall(caller):
            return f"report a missed call from {caller}"
        case Heartbeat():
            return "heartbeat"
        case _:
            assert_never(task)


def message_of(task: Task) -> str | None:
    """The message that a task is about; a received text has no id yet."""
    return task.message_id if isinstance(task, Fetch | Report) else None


def facts_of(outcome: Ended) -> dict[str, Fact]:
    """An outcome as the trace shows it."""
    if isinstance(outcome, Response):
        return {"status": outcome.status}
    if isinstance(outcome, BodyBroken):
        return {"status": outcome.response.status, "outcome": "BodyBroken"}
    return {"outcome": type(outcome).__name__}
