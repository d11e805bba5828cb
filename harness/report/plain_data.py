"""The results of a run as plain data, for programs. `docs/schemas/results.schema.json` is its JSON Schema.

The shape is stable: what changes it changes `SCHEMA`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from harness import __version__
from harness.outcome import Outcome
from harness.report import told
from harness.report.life import timeline
from harness.verdict import Failure, Status, StepVerdict

__all__ = ["SCHEMA", "STATUSES", "as_json"]

SCHEMA = "httpsms-harness-results/1"
STATUSES = {Status.PASSED: "passed", Status.FAILED: "failed", Status.EXPECTED: "known", Status.SKIPPED: "skipped"}


def as_json(outcomes: Sequence[Outcome], not_run: int = 0) -> dict[str, Any]:
    """The run; `not_run`: so many stories were never begun. Durations are in seconds."""
    tallied = Counter(STATUSES[outcome.verdict.status] for outcome in outcomes)
    return {
        "schema": SCHEMA,
        "version": __version__,
        "passed": not tallied["failed"] and not not_run,
        "counts": {**{status: tallied[status] for status in STATUSES.values()}, "not_run": not_run},
        "stories": [_story(outcome) for outcome in outcomes],
    }


def _story(outcome: Outcome) -> dict[str, Any]:
    verdict = outcome.verdict
    why = told.skip(outcome)
    began = min((step.began_at for step in verdict.steps), default=0)
    return {
        "title": verdict.title,
        "status": STATUSES[verdict.status],
        "path": outcome.path,
        "line": outcome.line or None,
        "tags": list(outcome.tags),
        "target": outcome.target,
        "seed": outcome.seed,
        "repeat": outcome.repeat,
        "trace_hash": outcome.trace_hash,
        "entries": len(outcome.entries),
        "took_s": _s(verdict.took),
        "people": [{"name": one.name, "number": one.number, "kind": one.kind} for one in outcome.people],
        "messages": [{"name": name, "id": message} for name, message in verdict.messages],
        "still_open": [
            {"message": message, "message_name": told.named(outcome, message) or None, "state": state}
            for message, state in verdict.still_open
        ],
        "steps": [_step(step, began) for step in verdict.steps],
        "failure": None if verdict.failure is None else _failure(outcome, verdict.failure),
        "known_defect": verdict.expected,
        "skipped": None if why is None else {"reason": why.reason, "remedy": why.remedy or None},
    }


def _s(duration: int) -> float:
    return round(duration / 1e9, 6)


def _step(step: StepVerdict, began: int) -> dict[str, Any]:
    return {
        "title": step.title,
        "passed": step.passed,
        "place": step.place or None,
        "branch": step.branch or None,
        "began_s": _s(step.began_at - began),
        "took_s": _s(step.ended_at - step.began_at),
    }


def _failure(outcome: Outcome, failure: Failure) -> dict[str, Any]:
    path, line, column = told.place(failure, outcome)
    lacking = told.missing(outcome)
    about = told.subject(outcome)
    missing = None if lacking is None else {"hop": lacking.hop, "kind": lacking.kind, "words": lacking.words}
    return {
        "step": failure.title,
        "path": path,
        "line": line or None,
        "column": column or None,
        "why": list(failure.why),
        "missing": missing,
        "invariants": list(told.broken(failure)),
        "message": about or None,
        "message_name": told.named(outcome, about) or None,
        "incoming": about is None,
        "life": timeline(outcome.entries, about),
    }
