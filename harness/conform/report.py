"""The results of a replay as text and as plain data. Colour, if any, is the door's business."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from harness.conform.cases import ABSENT, Json, Maybe
from harness.conform.match import Difference
from harness.conform.results import CaseResult, StepResult, Verdict
from harness.errors import CaseError

__all__ = ["differing_steps", "summary", "text", "to_json"]

_VERDICTS: tuple[Verdict, ...] = ("agree", "differ", "skip")
# Longer values and answers are cut: whole they are in the JSON.
_VALUE_WIDTH = 200
_ANSWER_WIDTH = 1000


def text(results: Sequence[CaseResult]) -> str:
    """The whole report: the table, the differing steps, and what was skipped."""
    parts = [summary(results), *(differing_steps(result) for result in results if result.verdict == "differ")]
    skips = [f"{result.case}  {result.reason}" for result in results if result.verdict == "skip"]
    if skips:
        parts.append("\n".join(["skipped", *(f"  {line}" for line in skips)]))
    return "\n\n".join(parts) + "\n"


def summary(results: Iterable[CaseResult]) -> str:
    """A table: how many cases of each area agree, differ, were skipped."""
    counts = Counter((result.area, result.verdict) for result in results)
    areas = sorted({area for area, _ in counts})
    rows = [[area, *(str(counts[area, verdict]) for verdict in _VERDICTS)] for area in areas]
    totals = [sum(counts[area, verdict] for area in areas) for verdict in _VERDICTS]
    return _table([["area", *_VERDICTS], *rows, ["total", *map(str, totals)]])


def _table(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows)


def differing_steps(result: CaseResult) -> str:
    """One case: its name, why it ended early if it did, and each differing step as a diff."""
    lines = [f"{result.case} ({result.area})"]
    if result.reason:
        lines.append(f"  {result.reason}")
    for step in result.steps:
        if step.differences:
            lines += _step(step, result.path)
    return "\n".join(lines)


def _step(step: StepResult, path: str) -> Iterator[str]:
    yield f"  step {step.index}, {step.do}: {step.title}"
    if path:
        yield f"    at {path}" + (f":{step.line}" if step.line is not None else "")
    for difference in step.differences:
        yield from _difference(difference)
    if step.answer:
        yield f"    answer: {_cut(step.answer, _ANSWER_WIDTH)}"


def _difference(difference: Difference) -> Iterator[str]:
    yield f"    {difference.path}"
    yield f"      - expected {_value(difference.expected)}"
    yield f"      + actual   {_value(difference.actual)}"


def _value(value: Maybe) -> str:
    match value:
        case {"#oneof": list(alternatives)}:
            return "one of " + " | ".join(_value(item) for item in alternatives)
        case {"#time_but": list()}:
            return "a time of the server's own"
    if value is ABSENT:
        return "nothing"
    return _cut(json.dumps(value, ensure_ascii=False), _VALUE_WIDTH)


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[:width]}… ({len(line)} characters)"


# -- plain data --------------------------------------------------------------------------------------


def to_json(results: Sequence[CaseResult], unreadable: Sequence[CaseError] = ()) -> dict[str, Json]:
    """The same as plain data: `cases` in their order, `totals` by verdict, and what is `unreadable`.

    A value that is absent has no member.
    """
    totals: dict[str, Json] = {verdict: sum(result.verdict == verdict for result in results) for verdict in _VERDICTS}
    errors: list[Json] = [{"path": error.path, "why": error.why} for error in unreadable]
    return {"totals": totals, "cases": [_case_data(result) for result in results], "unreadable": errors}


def _case_data(result: CaseResult) -> Json:
    return {
        "case": result.case,
        "area": result.area,
        "verdict": result.verdict,
        "reason": result.reason,
        "path": result.path,
        "steps": [_step_data(step) for step in result.steps],
    }


def _step_data(step: StepResult) -> Json:
    return {
        "step": step.index,
        "line": step.line,
        "do": step.do,
        "title": step.title,
        "differences": [_difference_data(difference) for difference in step.differences],
        "answer": step.answer,
    }


def _difference_data(difference: Difference) -> Json:
    data: dict[str, Json] = {"path": difference.path}
    if difference.expected is not ABSENT:
        data["expected"] = difference.expected
    if difference.actual is not ABSENT:
        data["actual"] = difference.actual
    return data
