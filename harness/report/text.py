"""The story report: what is missing first, then the message's own life, then how to repeat it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.report.life import first_missing, timeline
from harness.trace import Entry
from harness.verdict import Verdict

__all__ = ["as_json", "as_text"]


def as_text(verdict: Verdict, entries: Iterable[Entry], repeat: str) -> str:
    """One line for a story that passed; for one that failed everything that its reader needs."""
    kept = list(entries)
    if verdict.skipped is not None:
        return f"SKIP  {verdict.title}: {verdict.skipped}"
    if verdict.failure is None:
        return f"pass  {verdict.title}  ({len(verdict.steps)} steps, {verdict.took / 1e9:.3f} s of its own time)"
    failure = verdict.failure
    lines = [f"FAIL  {verdict.title}", f"      {failure.place}: {failure.title}"]
    lines += [f"      {line}" for line in failure.why]
    if failure.message is not None:
        missing = first_missing(kept, failure.message)
        lines.append(f"      the first step missing from the message's life: {missing or 'none'}")
        lines.append("      its life so far:")
        lines += [f"        {line}" for line in timeline(kept, failure.message)]
    lines.append(f"      repeat with: {repeat}")
    return "\n".join(lines)


def as_json(verdict: Verdict, seed: int, trace_hash: str | None) -> dict[str, Any]:
    """The verdict for machines."""
    failure = verdict.failure
    return {
        "scenario": verdict.title,
        "verdict": "skipped" if verdict.skipped else "passed" if verdict.passed else "failed",
        "seed": seed,
        "took_s": verdict.took / 1e9,
        "trace_hash": trace_hash,
        "steps": [{"step": step.title, "passed": step.passed} for step in verdict.steps],
        "failure": None
        if failure is None
        else {
            "step": failure.title,
            "place": failure.place,
            "why": list(failure.why),
            "message": failure.message,
        },
        "skipped": verdict.skipped,
    }
