"""What a run comes to beside its own steps: what always holds, known defects, stories that did not run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.scenario.ending import DEFECT_GONE, concluded, skipped
from harness.scenario.plan import NOWHERE, Place, Scenario
from harness.trace import Entry
from harness.verdict import Failure, Status, Verdict

STORY = Scenario("s", (), (), (), place=Place("s.yaml", 3, 1, "scenario: s"))
PASSED = Verdict("s", True, (), None, 0)
FAILED = Verdict("s", False, (), Failure("a step", "s.yaml:9", ("no",), line=9, column=5), 0)
# A token that does not verify breaks an invariant.
BAD = (Entry(0, 0, "webhook", "message.phone.sent", None, None, {"verified": False}),)
KNOWN = replace(STORY, expect_failure="it is slow")


@pytest.mark.parametrize(
    ("scenario", "verdict", "entries", "in_set_up", "status", "line"),
    [
        (STORY, PASSED, (), False, Status.PASSED, None),
        (STORY, FAILED, (), False, Status.FAILED, 9),
        (STORY, PASSED, BAD, False, Status.FAILED, 3),
        (replace(STORY, breaks=("webhook-tokens-verify",)), PASSED, BAD, False, Status.PASSED, None),
        (KNOWN, FAILED, (), False, Status.EXPECTED, 9),
        (KNOWN, PASSED, BAD, False, Status.EXPECTED, 3),
        (KNOWN, PASSED, (), False, Status.FAILED, 3),
        # The set-up is not what the author knows to be broken.
        (KNOWN, FAILED, (), True, Status.FAILED, 9),
        (KNOWN, skipped(KNOWN, "later"), (), False, Status.SKIPPED, None),
    ],
)
def test_a_verdict_is_concluded(
    scenario: Scenario, verdict: Verdict, entries: tuple[Entry, ...], in_set_up: bool, status: Status, line: int | None
) -> None:
    ended = concluded(scenario, verdict, entries, in_set_up=in_set_up)
    assert ended.status is status
    assert (ended.failure.line if ended.failure else None) == line


def test_a_known_defect_that_shows_keeps_its_failure_and_its_reason() -> None:
    ended = concluded(KNOWN, FAILED, ())
    assert (ended.passed, ended.expected, ended.failure) == (True, "it is slow", FAILED.failure)


@pytest.mark.parametrize(("place", "told"), [(STORY.place, "s.yaml:3"), (NOWHERE, "")])
def test_a_known_defect_that_is_gone_fails_loudly(place: Place, told: str) -> None:
    ended = concluded(replace(KNOWN, place=place), PASSED, ())
    assert ended.failure is not None
    assert (ended.passed, ended.expected) == (False, None)
    assert (ended.failure.title, ended.failure.place, ended.failure.line) == (DEFECT_GONE, told, place.line)
    assert ended.failure.why == ("the story was expected to fail: it is slow", "it passes now: remove expect_failure")


def test_a_story_that_does_not_run_says_why() -> None:
    verdict = skipped(replace(STORY, row="sim: 1"), "later")
    assert (verdict.title, verdict.skipped, verdict.status) == ("s [sim: 1]", "later", Status.SKIPPED)
    assert (verdict.passed, verdict.took) == (True, 0)
