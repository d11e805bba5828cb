"""Faults in combination: whatever happens at once, the harness itself does not stumble, and no rule is broken."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.cast import PhoneSpec
from harness.report import as_text
from harness.scenario.plan import Advance, EndFault, Expect, Fault, MessageLook, Scenario, Send, Step, Text
from harness.testing import run_scenario
from tests.faults.playing import ALICE, BOB, S

CAROL = PhoneSpec("carol", "+18005550198")
PHONES = st.sampled_from([None, "alice"])
TIMES = st.integers(1, 3)
FAULTS: st.SearchStrategy[Any] = st.one_of(
    st.builds(Fault, st.sampled_from(["lost-push", "duplicate-push"]), PHONES, TIMES),
    st.builds(Fault, st.just("late-push"), PHONES, TIMES, st.sampled_from([S, 20 * S])),
    st.builds(Fault, st.just("refused-push"), PHONES, TIMES, error=st.sampled_from(["UNAVAILABLE", "UNREGISTERED"])),
    st.just(Fault("lost-update")),
    st.builds(Fault, st.just("slow-network"), PHONES, TIMES | st.none(), st.just(3 * S), who=st.just("phone")),
    st.builds(Fault, st.just("failing-api"), PHONES, TIMES | st.none(), status=st.just(503), who=st.just("phone")),
    st.builds(Fault, st.sampled_from(["unreachable", "lost-answer"]), PHONES, TIMES | st.none(), who=st.just("phone")),
)


@given(st.lists(FAULTS, min_size=1, max_size=4), st.integers(1, 1000))
def test_when_all_of_them_have_ended_messages_arrive_as_ever(faults: list[Fault], seed: int) -> None:
    steps = [
        *map(Step, faults),
        Step(Send("alice", ("bob",), "Hello")),
        Step(Text("bob", "alice", "Hi")),
        Step(Send("carol", ("bob",), "Hey")),
        Step(Advance(1800 * S)),
        *(Step(EndFault(fault.name)) for fault in faults),  # more than once does no harm
        Step(EndFault()),
        Step(Advance(1800 * S)),
        Step(Send("alice", ("bob",), "Again"), alias="again"),
        Step(Expect(MessageLook("again", "delivered"), 3600 * S)),
    ]
    outcome = run_scenario(Scenario("s", (ALICE, CAROL), (BOB,), tuple(steps)), seed)
    assert outcome.passed, as_text(outcome)
