"""What a story's run comes to, beside its own steps: what always holds, known defects, and what did not run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.scenario.invariants import judge
from harness.scenario.plan import Scenario
from harness.trace import Entry
from harness.verdict import Failure, Verdict

__all__ = ["DEFECT_GONE", "concluded", "skipped"]

DEFECT_GONE = "the known defect is gone"


def concluded(scenario: Scenario, verdict: Verdict, entries: Sequence[Entry], *, in_set_up: bool = False) -> Verdict:
    """The verdict of a run once its trace has been looked at, and its known defect.

    `in_set_up`: it failed before its first step, which is never the failure that is expected.
    """
    judged = judge(verdict, entries, scenario.may_break, str(scenario.place))
    if judged.failure is not None and not judged.failure.line and not in_set_up and judged.failure.place:
        judged = replace(judged, failure=_placed(judged.failure, scenario))
    if scenario.expect_failure is None or in_set_up or judged.skipped is not None:
        return judged
    if judged.passed:
        return replace(judged, passed=False, failure=_gone(scenario, scenario.expect_failure))
    return replace(judged, passed=True, expected=scenario.expect_failure)


def _placed(failure: Failure, scenario: Scenario) -> Failure:
    return replace(failure, line=scenario.place.line, column=scenario.place.column)


def _gone(scenario: Scenario, reason: str) -> Failure:
    why = (f"the story was expected to fail: {reason}", "it passes now: remove expect_failure")
    place = scenario.place
    return Failure(DEFECT_GONE, str(place), why, "", line=place.line, column=place.column)


def skipped(scenario: Scenario, reason: str) -> Verdict:
    """The verdict on a story that does not run."""
    return Verdict(scenario.title, True, (), None, 0, skipped=reason)
