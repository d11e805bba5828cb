"""Stories in Python: the same plans as files give, run in virtual time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.cast import ContactSpec, PhoneSpec
from harness.deeds import Deed
from harness.instants import SECOND
from harness.scenario import (
    Advance,
    CallPhone,
    Expect,
    LosePushes,
    MessageLook,
    Never,
    PhoneAct,
    Scenario,
    Send,
    SmsLook,
    Step,
    Text,
    WebhookLook,
    read_scenarios,
)
from harness.testing import Story, StoryFailed, repeat_command

FILE = """\
scenario: A story
phones:
  alice: {encryption_key: Password123}
  carol: {number: "+4915112345678", second_number: "+4915112345679"}
contacts: [bob]
breaks: [one-sms-per-send]
steps:
  - send: {from: alice, to: bob, text: hi, encrypted: true}
    as: message-1
  - send: {from: carol, to: bob, text: hi, encrypted: true, key: Other}
    as: message-2
  - send: {from: carol, sim: 2, to: alice, text: ho}
    as: message-3
  - text: {from: bob, to: alice, text: yes}
  - text: {from: bob, to: carol, sim: 2, text: no}
  - call: {from: bob, to: carol, sim: 2}
  - call: {from: bob, to: alice, outcome: answered}
  - phone: {name: alice, do: switch sim1 active off}
  - carrier: {phone: alice, service: none}
  - fault: {name: lost-push, phone: alice, times: 2}
  - advance: 1500ms
  - expect: {sms: {to: bob, from: alice, text: hi}, within: 5s}
  - expect: {message: message-1, status: failed, reason: NO_SERVICE}
  - expect: {webhook: message.phone.received, text: yes}
  - never: {sms: {to: bob, text: ho}, for: 1s}
"""


def story() -> Story:
    """The story of the file, with the same words."""
    story = Story("A story", ("one-sms-per-send",))
    alice = story.phone("alice", encryption_key="Password123")
    carol = story.phone("carol", number="+4915112345678", second_number="+4915112345679")
    bob = story.contact("bob")
    hi = story.send(from_=alice, to=bob, text="hi", encrypted=True)
    story.send(from_=carol, to=bob, text="hi", encrypted=True, key="Other")
    story.send(from_=carol, to=alice, text="ho", sim=2)
    story.text(from_=bob, to=alice, text="yes")
    story.text(from_=bob, to=carol, text="no", sim=2)
    story.call(from_=bob, to=carol, sim=2)
    story.call(from_=bob, to=alice, outcome="answered")
    story.do(alice, "switch sim1 active off")
    story.carrier(phone=alice, service="none")
    story.lose_push(phone=alice, times=2)
    story.advance(1.5)
    story.expect_sms(to=bob, from_=alice, text="hi", within_s=5)
    story.expect_message(hi, status="failed", reason="NO_SERVICE")
    story.expect_webhook("message.phone.received", text="yes")
    story.never_sms(to=bob, text="ho", for_s=1)
    return story


def _without_places(plan: Scenario) -> Scenario:
    steps = tuple(Step(step.what, alias=step.alias) for step in plan.steps)
    return replace(plan, steps=steps, place=Step(Advance(0)).place)


def test_a_story_gives_the_plan_of_the_file_with_the_same_words() -> None:
    (plan,) = read_scenarios(FILE.encode(), "s.yaml")
    assert story().plan() == _without_places(plan)


def test_what_a_story_says_is_in_its_plan() -> None:
    plan = story().plan()
    assert plan.phones == (
        PhoneSpec("alice", "+18005550100", "Password123"),
        PhoneSpec("carol", "+4915112345678", second_number="+4915112345679"),
    )
    assert plan.contacts == (ContactSpec("bob", "+18005550101"),)
    assert [step.what for step in plan.steps] == [
        Send("alice", "bob", "hi", "Password123"),
        Send("carol", "bob", "hi", "Other"),
        Send("carol", "alice", "ho", sim=2),
        Text("bob", "alice", "yes"),
        Text("bob", "carol", "no", 2),
        CallPhone("bob", "carol", "missed", 2),
        CallPhone("bob", "alice", "answered"),
        PhoneAct("alice", Deed("switch", (1, "active", False))),
        PhoneAct("alice", Deed("service", ("none",))),
        LosePushes("alice", 2),
        Advance(1_500_000_000),
        Expect(SmsLook("bob", "hi", "alice"), 5 * SECOND),
        Expect(MessageLook("message-1", "failed", "NO_SERVICE")),
        Expect(WebhookLook("message.phone.received", None, "yes")),
        Never(SmsLook("bob", "ho"), SECOND),
    ]


def test_a_number_by_rule_passes_over_one_that_is_taken() -> None:
    story = Story("s")
    story.contact("bob", number="+18005550100")
    story.phone("alice")
    story.phone("carol", number="+18005550102")
    story.phone("erin")
    assert [spec.number for spec in story.plan().phones] == ["+18005550101", "+18005550102", "+18005550103"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"from_": "nobody"}, "there is no phone nobody"),
        ({"from_": "bob"}, "there is no phone bob"),
        # Else it would go out in clear.
        ({"from_": "carol", "encrypted": True}, "carol has no encryption key"),
        ({"from_": "alice", "key": "Other"}, "a key without encrypted=True"),
    ],
)
def test_a_send_that_cannot_be_meant_is_a_slip_of_the_author(arguments: dict[str, object], problem: str) -> None:
    one = story()
    with pytest.raises(ValueError, match=problem):
        one.send(**{"to": "bob", "text": "hi", **arguments})  # type: ignore[arg-type]
    assert one.plan() == story().plan()


# -- running -------------------------------------------------------------------------------------------------------


def _plain() -> Story:
    story = Story("A plain text, there and back")
    alice, bob = story.phone("alice"), story.contact("bob")
    message = story.send(from_=alice, to=bob, text="hello")
    story.expect_sms(to=bob, text="hello", from_=alice)
    story.expect_message(message, status="delivered")
    story.text(from_=bob, to=alice, text="thanks")
    story.expect_webhook("message.phone.received", text="thanks")
    return story


def test_a_story_runs_and_the_same_seed_gives_the_same_trace() -> None:
    one, again, other = _plain().run(7), _plain().run(7), _plain().run(8)
    assert one.passed
    assert one.trace.hash == again.trace.hash != other.trace.hash
    assert (one.seed, one.repeat) == (7, "run_scenario(story.plan(), seed=7)")


def test_a_story_that_fails_says_everything_in_its_error() -> None:
    story = _plain()
    story.expect_sms(to="bob", text="never said", within_s=1)
    with pytest.raises(StoryFailed) as failed:
        story.run(7)
    outcome = failed.value.outcome
    assert not outcome.passed
    assert str(failed.value) == outcome.report()
    assert str(failed.value).startswith("FAIL  A plain text, there and back\n")
    assert "not seen within 1 s" in str(failed.value)
    assert isinstance(failed.value, AssertionError)


def _escape(breaks: tuple[str, ...] = ()) -> Story:
    """Android drops a bare escape at the end (segmentation.md §2): the contact reads another text."""
    story = Story("An escape", breaks)
    alice, bob = story.phone("alice"), story.contact("bob")
    message = story.send(from_=alice, to=bob, text="cut\x1b")
    story.expect_message(message, status="delivered")
    return story


def test_a_story_that_went_as_told_fails_when_it_breaks_what_always_holds() -> None:
    with pytest.raises(StoryFailed, match="content-unchanged: the contact reads another text than the radio took"):
        _escape().run()


def test_a_story_may_break_what_it_says_that_it_breaks() -> None:
    assert _escape(("content-unchanged",)).run().passed
    with pytest.raises(StoryFailed):
        _escape(("one-sms-per-send",)).run()


@pytest.mark.parametrize(
    ("path", "name", "command"),
    [
        ("s.yaml", "A story", "httpsms-harness run s.yaml -k 'A story' --seed 7"),
        ("my file.yaml", "It's $HOME", """httpsms-harness run 'my file.yaml' -k 'It'"'"'s $HOME' --seed 7"""),
        ("", "A story", "run_scenario(story.plan(), seed=7)"),
    ],
)
def test_the_command_that_repeats_a_story_is_one_for_the_shell(path: str, name: str, command: str) -> None:
    (plan,) = read_scenarios(FILE.encode(), path)
    assert repeat_command(replace(plan, name=name), 7) == command
