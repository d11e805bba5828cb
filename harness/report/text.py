"""The story report: what is missing first, then the message's own life, then how to repeat it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.report.life import first_missing, timeline
from harness.trace import Entry
from harness.verdict import Failure, Verdict

__all__ = ["as_json", "as_text"]


def as_text(verdict: Verdict, entries: Iterable[Entry], repeat: str) -> str:
    """One line for a story that passed; for one that failed everything that its reader needs."""
    if verdict.skipped is not None:
        return f"SKIP  {verdict.title}: {verdict.skipped}"
    if verdict.failure is None:
        return f"pass  {verdict.title}  ({len(verdict.steps)} steps, {verdict.took / 1e9:.3f} s of its own time)"
    lines = [*_failure(verdict.failure, list(entries)), f"repeat with: {repeat}"]
    return "\n".join([f"FAIL  {verdict.title}", *(f"      {line}" for line in lines)])


def _failure(failure: Failure, entries: list[Entry]) -> list[str]:
    life = timeline(entries, failure.message)
    missing = first_missing(entries, failure.message)
    lines = [f"missing: {missing}"] if life and missing else []
    lines.append(f"{failure.place}: {failure.title}" if failure.place else failure.title)
    lines += failure.why
    if life:
        whose = "the text's" if failure.message is None else "the message's"
        lines += [f"{whose} life{' so far' if missing else ', complete'}:", *(f"  {line}" for line in life)]
    return lines


def as_json(verdict: Verdict, seed: int, trace_hash: str | None) -> dict[str, Any]:
    """The verdict for machines."""
    failure = verdict.failure
    return {
        "scenario": verdict.title,
        "verdict": "skipped" if verdict.skipped is not None else "passed" if verdict.passed else "failed",
        "seed": seed,
        "took_s": round(verdict.took / 1e9, 6),
        "trace_hash": trace_hash,
        "steps": [{"step": step.title, "passed": step.passed} for step in verdict.steps],
        "failure": None
        if failure is None
        else {
            "step": failure.title,
            "place": failure.place,
            "why": list(failure.why),
            "message": failure.message or None,
        },
        "skipped": verdict.skipped,
    }
