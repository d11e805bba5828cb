"""Answers that get lost: the gateway has done it, and whoever asked does it once more."""

from __future__ import annotations

from typing import Any

import pytest

from harness.answers import NO_ANSWER, Answer
from harness.draws import Draws
from harness.faults import LostAnswer
from harness.http.values import Answered, Call, Closed, Request, Response, TimedOut
from harness.scenario.plan import Advance, Expect, Fault, Send, SmsLook, Text, TraceLook, WebhookLook
from tests.faults.playing import S, played, played_live, seen

DRAWS = Draws(1, "world")
CALL = Call("c", "client", Request("POST", "http", "api.test", b"/v1/messages/send"))


def test_the_connection_breaks_in_the_place_of_the_answer() -> None:
    fault = LostAnswer("client", 1)
    assert fault.apply(CALL, DRAWS) is None  # it gets there
    out = fault.admit(Answered("c", Response(200)), DRAWS)
    assert out is not None
    assert out[0] == Answered("c", Closed(sent_all=True))
    assert fault.times == 0


@pytest.mark.parametrize("event", [Answered("c", TimedOut("read")), Answered("earlier", Response(200)), "hello"])
def test_only_answers_to_what_was_asked_since_are_lost(event: Any) -> None:
    fault = LostAnswer("client", 1)
    fault.apply(CALL, DRAWS)
    assert fault.admit(event, DRAWS) is None
    assert fault.times == 1


def test_a_fork_remembers_what_was_asked_on_its_own_account() -> None:
    fault = LostAnswer("client")
    fault.apply(CALL, DRAWS)
    twin = fault.fork()
    assert twin.admit(Answered("c", Response(200)), DRAWS) is not None
    assert fault.admit(Answered("c", Response(200)), DRAWS) is not None


@pytest.mark.parametrize("play", [played, played_live])
def test_a_phone_forwards_a_text_twice_when_the_first_answer_is_lost(play: Any) -> None:
    entries = play(
        Fault("lost-answer", phone="alice", times=1),
        Text("bob", "alice", "Hi"),
        Expect(TraceLook("phone", "job retried")),
        Advance(60 * S),
        Expect(WebhookLook("message.phone.received"), at_least=2),
    )
    assert seen(entries, "api", "answer lost") == ["answer lost"]


def test_an_application_does_not_know_of_the_text_that_was_sent() -> None:
    entries = played(
        Fault("lost-answer", who="client"),
        Send("alice", ("bob",), "Hello", answer=Answer(NO_ANSWER)),
        Expect(SmsLook("bob")),
    )
    assert seen(entries, "client", "accepted", "unanswered")[-1] == "unanswered"
