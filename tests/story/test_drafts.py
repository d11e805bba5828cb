"""The steps of a story while it is written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.answers import Answer, Capture
from harness.errors import UsageError
from harness.scenario.plan import Act, Advance, Api, CallPhone, Expect, Never, Send, SmsLook, Text
from harness.story.drafts import Answered, Drafts, Found, Message

SMS = SmsLook("bob")
SEND = Send("shop", ("bob",), "Hi")


def test_a_name_is_given_when_it_is_needed() -> None:
    drafts = Drafts()
    first = Found(drafts, drafts.add(Expect(SMS)), "seen")
    drafts.add(Expect(SMS), "seen-2")
    second = Found(drafts, drafts.add(Expect(SMS)), "seen")
    assert (drafts.step(second), drafts.step(first), drafts.step(first)) == ("seen-3", "seen-4", "seen-4")
    assert [step.alias for step in drafts.planned()] == ["seen-4", "seen-2", "seen-3"]


def test_values_are_taken_of_looks_and_of_answers() -> None:
    drafts = Drafts()
    Found(drafts, drafts.add(Expect(SMS)), "seen").capture(r"\d+")
    message = Message(drafts, drafts.add(SEND))
    message.capture("data.id", name="id")
    Answered(drafts, drafts.add(Api("GET", "/v1")), "call").capture("data.0", pattern="x")
    looked, sent, asked = [step.what for step in drafts.planned()]
    assert isinstance(looked, Expect)
    assert looked.captures == (Capture("value-1", "text", r"\d+"),)
    assert isinstance(sent, Send)
    assert sent.answer.captures == (Capture("id", "data.id"),)
    assert isinstance(asked, Api)
    assert asked.answer.captures == (Capture("value-2", "data.0", "x"),)


def test_a_value_that_cannot_be_taken_leaves_the_step_as_it_was() -> None:
    drafts = Drafts()
    found = Found(drafts, drafts.add(Expect(SMS)), "seen")
    found.capture("a", name="x")
    before = drafts.planned()
    with pytest.raises(ValueError, match="captured already"):
        found.capture("b", name="x")
    with pytest.raises(UsageError):
        found.capture("(")
    with pytest.raises(ValueError, match="values are kept"):
        Found(drafts, drafts.add(Never(SMS)), "never").capture("a", name="y")
    assert drafts.planned()[:1] == before
    found.capture("b", name="y")


@pytest.mark.parametrize(
    ("act", "problem"),
    [
        (SEND, ""),
        (Api("POST", "/v1/messages/send"), ""),
        (Send("shop", ("bob", "carol"), "Hi"), "several messages"),
        (Send("shop", ("bob",), "Hi", answer=Answer("none")), "no message"),
        (Text("bob", "shop", "Hi"), "no message"),
        (CallPhone("bob", "shop", "missed"), "no message"),
    ],
)
def test_looks_are_about_steps_with_one_message(act: Act, problem: str) -> None:
    drafts = Drafts()
    drafts.add(act, "it")
    assert drafts.step("it") == "it"
    if not problem:
        assert drafts.message("it") == "it"
        return
    with pytest.raises(ValueError, match=problem):
        drafts.message("it")


def test_branches_stand_in_together_and_steps_in_branches() -> None:
    drafts = Drafts()
    with drafts.together():
        with drafts.branch():
            drafts.add(Advance(1))
        with drafts.branch():
            drafts.add(Advance(2))
    drafts.add(Advance(3))
    assert [step.title for step in drafts.planned()] == ["together: 2 branches", "advance 3e-09 s"]


def _bare_step(drafts: Drafts) -> None:
    with drafts.together():
        drafts.add(Advance(1))


def _one_branch(drafts: Drafts) -> None:
    with drafts.together(), drafts.branch():
        drafts.add(Advance(1))


def _bare_branch(drafts: Drafts) -> None:
    with drafts.branch():
        pass


@pytest.mark.parametrize(
    ("write", "problem"),
    [(_bare_step, "in its branches"), (_one_branch, "two branches"), (_bare_branch, "directly within together")],
)
def test_what_stands_where_it_cannot_is_refused_and_the_story_goes_on(
    write: Callable[[Drafts], None], problem: str
) -> None:
    drafts = Drafts()
    with pytest.raises(ValueError, match=problem):
        write(drafts)
    drafts.add(Advance(1))
    assert drafts.planned()[-1].what == Advance(1)
