"""A story is run in virtual time and comes to an outcome."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from harness.answers import Answer as Answered
from harness.behaviours import Answer
from harness.cast import ContactSpec, GatewaySpec, PhoneSpec
from harness.delays import Fixed
from harness.errors import ScenarioError, UsageError
from harness.instants import SECOND
from harness.matchers import Contains, Equals
from harness.outcome import Outcome, Person
from harness.report.text import as_text
from harness.scenario.ending import DEFECT_GONE
from harness.scenario.plan import Api, Expect, Place, Scenario, Send, SmsLook, Step
from harness.testing import StoryFailed, repeat_command, run_scenario
from harness.trace import HOPS
from harness.verdict import Status

ALICE = PhoneSpec("alice", "+18005550100", second_number="+18005550101")
BOB = ContactSpec("bob", "+18005550102")
PLACE = Place("s.yaml", 3, 1, "scenario: s")
SEND = Step(Send("alice", ("bob",), "hello"), Place("s.yaml", 7, 5, "  - send: …"), "greeting")
SEES = Step(Expect(SmsLook("bob", Contains("hell")), 5 * SECOND))
FAILS = Step(Expect(SmsLook("bob", Contains("never")), SECOND), Place("s.yaml", 9, 5, "  - expect: …"))
BOTH = Step(Expect(SmsLook("bob"), 60 * SECOND, at_least=2))
STORY = Scenario("A story", (ALICE,), (BOB,), (SEND, SEES), ("smoke",), place=PLACE)
FAILING = replace(STORY, steps=(SEND, FAILS))
# Android drops a bare escape at the end (segmentation.md 2): the contact reads another text.
ESCAPE = replace(STORY, steps=(Step(Send("alice", ("bob",), "cut\x1b")), Step(Expect(SmsLook("bob")))))
NO_PHONE = replace(STORY, phones=(replace(ALICE, app="no such app"),))


@pytest.mark.parametrize(
    ("story", "status"),
    [
        (STORY, Status.PASSED),
        (FAILING, Status.FAILED),
        (ESCAPE, Status.FAILED),
        (replace(ESCAPE, breaks=("content-unchanged",)), Status.PASSED),
        (replace(ESCAPE, breaks=("one-sms-per-send",)), Status.FAILED),
        (replace(ESCAPE, expect_failure="Android cuts it"), Status.EXPECTED),
        (replace(FAILING, expect_failure="it is slow"), Status.EXPECTED),
        (replace(STORY, expect_failure="it is slow"), Status.FAILED),
        (replace(FAILING, skip="later"), Status.SKIPPED),
        (replace(STORY, skip="later", expect_failure="it is slow"), Status.SKIPPED),
    ],
)
def test_a_story_comes_to_its_status(story: Scenario, status: Status) -> None:
    outcome = run_scenario(story)
    assert outcome.verdict.status is status, as_text(outcome)
    assert outcome.passed is (status is not Status.FAILED)


def test_an_outcome_has_all_that_a_reader_needs() -> None:
    outcome = run_scenario(STORY, 7)
    assert outcome.people == (
        Person("alice", "+18005550100", "phone"),
        Person("alice", "+18005550101", "phone"),
        Person("bob", "+18005550102", "contact"),
    )
    assert (outcome.target, outcome.path, outcome.line, outcome.tags) == ("embedded", "s.yaml", 3, ("smoke",))
    assert (outcome.seed, outcome.hops, outcome.title) == (7, HOPS, "A story")
    assert outcome.entries
    assert pickle.loads(pickle.dumps(outcome)) == outcome


def test_the_same_seed_gives_the_same_outcome_and_another_does_not() -> None:
    first = run_scenario(STORY, 7)
    assert run_scenario(STORY, 7) == first
    assert run_scenario(STORY, 8).trace_hash != first.trace_hash is not None


def test_a_failure_tells_where_it_stands() -> None:
    failure = run_scenario(FAILING).verdict.failure
    assert failure is not None
    assert (failure.place, failure.line, failure.column) == ("s.yaml:9", 9, 5)


def test_a_known_defect_that_is_gone_fails_loudly() -> None:
    failure = run_scenario(replace(STORY, expect_failure="it is slow")).verdict.failure
    assert failure is not None
    assert (failure.title, failure.line) == (DEFECT_GONE, 3)


def test_a_failure_in_the_set_up_is_not_the_one_that_is_known() -> None:
    # A number that no phone may have: the log-in fails.
    broken = replace(FAILING, phones=(PhoneSpec("alice", "+1"),), expect_failure="it is slow")
    outcome = run_scenario(broken)
    assert outcome.verdict.status is Status.FAILED
    assert outcome.verdict.failure is not None
    assert outcome.verdict.failure.title.startswith("set-up: alice logs in")


def test_what_is_under_way_at_the_end_belongs_to_the_story() -> None:
    outcome = run_scenario(replace(STORY, contacts=(replace(BOB, behaviours=(Answer("ok", delay=Fixed(SECOND)),)),)))
    assert any(entry.kind == "message.phone.received" for entry in outcome.entries if entry.hop == "webhook")


@pytest.mark.parametrize("place", [PLACE, Place()])
def test_a_story_that_cannot_be_meant_says_so_at_its_place(place: Place) -> None:
    with pytest.raises(ScenarioError if place.path else UsageError, match="no such app"):
        run_scenario(replace(NO_PHONE, place=place))


@pytest.mark.parametrize(
    ("gateway", "took_s"),
    [(GatewaySpec(), 30), (GatewaySpec(pace="instant"), 0), (GatewaySpec(pace="instant", keep_rate=True), 30)],
)
def test_a_story_chooses_the_pace_of_its_gateway(gateway: GatewaySpec, took_s: int) -> None:
    rare = replace(
        STORY, phones=(replace(ALICE, messages_per_minute=2),), steps=(SEND, replace(SEND, alias=None), BOTH)
    )
    assert run_scenario(replace(rare, gateway=gateway)).verdict.took // SECOND == took_s


def test_a_story_chooses_the_plan_of_its_account() -> None:
    asks = Step(Api("GET", "/v1/users/me", answer=Answered(body=(("data.subscription_name", Equals("pro-monthly")),))))
    assert not run_scenario(replace(STORY, steps=(asks,))).passed
    assert run_scenario(replace(STORY, steps=(asks,), gateway=GatewaySpec(plan="pro-monthly"))).passed


def test_a_story_that_failed_shows_its_report_and_keeps_its_outcome() -> None:
    failed = StoryFailed(run_scenario(FAILING, 7))
    assert str(failed) == as_text(failed.outcome)
    assert isinstance(failed, AssertionError)
    again = pickle.loads(pickle.dumps(failed))
    assert (str(again), again.outcome) == (str(failed), failed.outcome)


@pytest.mark.parametrize(
    ("path", "name", "row", "options", "command"),
    [
        ("s.yaml", "A story", "", "", "httpsms-harness run s.yaml -k 'A story' --seed 7"),
        ("s.yaml", "Sims", "sim: 2", "", "httpsms-harness run s.yaml -k 'Sims [sim: 2]' --seed 7"),
        ("s.yaml", "Sims", "", "--live", "httpsms-harness run s.yaml -k Sims --seed 7 --live"),
        ("my file.yaml", "It's $HOME", "", "",
         """httpsms-harness run 'my file.yaml' -k 'It'"'"'s $HOME' --seed 7"""),
        ("", "A story", "", "", "run_scenario(story.plan(), seed=7)"),
        ("", "A story", "", "--live", "run_scenario_live(story.plan(), seed=7)"),
    ],
)  # fmt: skip
def test_the_command_that_repeats_a_story_is_one_for_the_shell(
    path: str, name: str, row: str, options: str, command: str
) -> None:
    assert repeat_command(replace(STORY, place=Place(path, 1), name=name, row=row), 7, options) == command


def test_a_story_that_did_not_run_tells_how_it_would() -> None:
    outcome: Outcome = run_scenario(replace(STORY, skip="later"), 7)
    assert (outcome.verdict.skipped, outcome.verdict.steps, outcome.entries) == ("later", (), ())
    assert outcome.repeat == "httpsms-harness run s.yaml -k 'A story' --seed 7"
