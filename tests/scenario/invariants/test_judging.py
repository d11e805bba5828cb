"""What the rules find, and what it means for a verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.scenario.invariants import Violation, check, judge, violations
from harness.verdict import Failure, Verdict
from tests.scenario.invariants.traces import written

PASSED = Verdict("A story", True, (), None, 0)
ENCRYPTED = (0, "gateway", "message.api.sent", "m1", None, {"content": "x", "encrypted": True})
ON_AIR = (0, "radio", "submitted", "m1", None, {"text": "hi there", "segment": 1})
SHOWN = (0, "push", "x", None, None, {"a": "hi there"})
LEAK = written(ENCRYPTED, ON_AIR, SHOWN)
TOLD = "no-clear-text: push x shows the clear text of an encrypted one in a (message m1); entries 2, 1"


def test_a_violation_is_told_with_its_message_and_its_entries() -> None:
    assert check(LEAK) == (TOLD,)
    (found,) = violations(LEAK)
    assert found == Violation(
        "no-clear-text", "push x shows the clear text of an encrypted one in a", "m1", (2, 1)
    )  # fmt: skip
    assert str(replace(found, message=None, entries=(2,))).endswith("in a; entry 2")


def test_a_violation_fails_a_story_that_went_as_told() -> None:
    verdict = judge(PASSED, LEAK, (), "s.yaml:1")
    assert not verdict.passed
    assert verdict.failure == Failure("what holds in every story", "s.yaml:1", (TOLD,), "m1", rule="no-clear-text")


@pytest.mark.parametrize(
    ("verdict", "breaks"),
    [
        (PASSED, ["no-clear-text"]),
        (Verdict("A story", False, (), Failure("look", "", ("not seen",)), 0), []),
        (Verdict("A story", True, (), None, 0, (), "no such device"), []),
    ],
)
def test_a_violation_that_is_meant_or_comes_too_late_fails_nothing(verdict: Verdict, breaks: list[str]) -> None:
    assert replace(judge(verdict, LEAK, breaks, ""), still_open=()) == verdict


def test_only_the_first_violations_are_shown() -> None:
    verdict = judge(PASSED, written(ENCRYPTED, ON_AIR, *[SHOWN] * 100), (), "")
    assert verdict.failure is not None
    assert len(verdict.failure.why) == 12


def test_a_send_that_was_on_its_way_is_named_and_fails_nothing() -> None:
    pending = (0, "gateway", "message.api.sent", "m1", None, {"was": "pending", "status": "pending"})
    verdict = judge(PASSED, written(pending), (), "")
    assert verdict.passed
    assert verdict.still_open == (("m1", "pending; its push is being planned"),)
