"""What a run comes to is a value: it can be compared, and kept in a state file."""

from __future__ import annotations

from harness.plain import dump, load
from harness.verdict import Failure, StepVerdict, Verdict

FAILED = Verdict(
    "A plain text",
    False,
    (StepVerdict("send", True), StepVerdict("expect", False)),
    Failure("expect", "story.yaml:7", ("not seen within 30 s",), "m1"),
    30_000_000_000,
    (("greeting", "m1"),),
)


def test_a_verdict_outlives_a_restart() -> None:
    assert load(dump(FAILED)) == FAILED


def test_a_failure_that_is_about_an_incoming_text_names_no_message() -> None:
    assert Failure("expect", "", ()).message is None
