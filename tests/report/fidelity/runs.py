"""Runs of one story as the tests of the comparison write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from harness.instants import SECOND
from harness.outcome import Outcome
from harness.report.fidelity import compared
from harness.verdict import StepVerdict
from tests.report.outcomes import outcome, verdict
from tests.report.traces import SENT, Written, trace

FAILS: list[Written] = [
    *SENT[:8],
    (0.2, "radio", "rejected", "m1", {"text": "hi", "segment": 1, "code": 4}),
    (0.2, "phone", "failed", "m1", {"reason": "NO_SERVICE"}),
    (0.3, "gateway", "message.send.failed", "m1", {"status": "failed", "reason": "NO_SERVICE"}),
]
READ: Written = (0.3, "contact", "received", None, {"from": "+1", "to": "+2", "text": "hi"})
CALL: list[Written] = [
    (0.0, "contact", "calls", None, {"from": "+2", "to": "+1", "outcome": "missed"}),
    (0.1, "phone", "call missed", None, {"from": "+2", "to": "+1"}),
    (0.2, "gateway", "message.call.missed", "m3", {"owner": "+1", "contact": "+2"}),
]
END = StepVerdict("wait: 1m", True, "s.yaml:9", 0, 60 * SECOND)


def ran(written: Sequence[Written], *, linked: bool = True, **more: Any) -> Outcome:
    """A story that passed, was watched for a minute, and has this trace."""
    told = verdict(steps=(END,), **{name: more.pop(name) for name in ("messages", "still_open") if name in more})
    return replace(outcome(told, [], **more), entries=trace(*written, linked=linked))


def changed(written: Sequence[Written], place: int, **facts: Any) -> list[Written]:
    at_s, hop, kind, message, known = written[place]
    return [*written[:place], (at_s, hop, kind, message, {**known, **facts}), *written[place + 1 :]]


def swapped(written: Sequence[Written], first: int, second: int) -> list[Written]:
    found = list(written)
    found[first], found[second] = found[second], found[first]
    return found


def renamed(written: Sequence[Written], **ids: str) -> list[Written]:
    return [(at_s, hop, kind, ids.get(message or "", message), facts) for at_s, hop, kind, message, facts in written]


def later(written: Sequence[Written], by_s: float) -> list[Written]:
    return [(at_s + by_s, *rest) for at_s, *rest in written]  # type: ignore[misc]


def found(one: Outcome, other: Outcome, *more: Any, **named: Any) -> list[tuple[str, str]]:
    return [(each.kind.value, each.what) for each in compared(one, other, *more, **named).differences]
