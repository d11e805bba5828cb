"""The embedded gateway as a target."""

from __future__ import annotations

import pytest

from harness.capability import Capability
from harness.cast import ContactSpec, PhoneSpec
from harness.scenario.plan import Expect, Scenario, Send, SmsLook, Step
from harness.targets import TargetOptions, opened
from harness.verdict import Status

STORY = Scenario(
    "A text",
    (PhoneSpec("alice", "+18005550100"),),
    (ContactSpec("bob", "+18005550101"),),
    (Step(Send("alice", ("bob",), "Hello")), Step(Expect(SmsLook("bob")))),
)
EXACT = Scenario("Exact", (), (), (), requires=(Capability.VIRTUAL_TIME,))


@pytest.mark.parametrize(("live", "name"), [(False, "embedded"), (True, "embedded (live)")])
def test_a_story_runs_there(live: bool, name: str) -> None:
    with opened(TargetOptions(live=live)) as target:
        assert (target.name, target.parallel) == (name, True)
        outcome = target.run(STORY, 5)
    assert (outcome.verdict.status, outcome.target, outcome.seed) == (Status.PASSED, name, 5)


@pytest.mark.parametrize("live", [False, True])
def test_exact_times_need_virtual_time(live: bool) -> None:
    with opened(TargetOptions(live=live)) as target:
        assert (Capability.VIRTUAL_TIME in target.missing) is live
        verdict = target.run(EXACT).verdict
    assert verdict.status is (Status.SKIPPED if live else Status.PASSED)
    assert not live or "without --live" in str(verdict.skipped)
