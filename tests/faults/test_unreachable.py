"""Requests that find no connection: a phone tries again, an application is told."""

from __future__ import annotations

import pytest

from harness.answers import NO_ANSWER, Answer
from harness.core import At, Record, Tell
from harness.draws import Draws
from harness.faults import Unreachable
from harness.http.values import Answered, Call, ConnectFailed, Request
from harness.matchers import Equals
from harness.scenario.plan import Advance, Api, EndFault, Expect, Fault, MessageLook, Text, TraceLook, WebhookLook
from tests.faults.playing import HELLO, S, played, played_live, seen


def test_a_request_ends_at_once_without_a_connection() -> None:
    call = Call("c", "client", Request("GET", "http", "api.test", b"/v1/phones"))
    out = Unreachable("client").apply(call, Draws(1, "world"))
    assert out is not None
    assert [(delay, type(command)) for delay, command in out] == [(0, Record), (0, At)]
    assert out[1][1] == At(0, Answered("c", ConnectFailed("unreachable")))


def test_what_is_no_request_is_left_alone() -> None:
    assert Unreachable("client", 1).apply(Tell("@phone", "hello"), Draws(1, "world")) is None


@pytest.mark.parametrize("play", [played, played_live])
def test_a_phone_forwards_later_what_it_could_not_forward(play: object) -> None:
    assert callable(play)
    entries = play(
        Fault("unreachable", phone="alice", times=1),
        Text("bob", "alice", "Hi"),
        Expect(TraceLook("phone", "job retried")),
        Advance(60 * S),
        Expect(WebhookLook("message.phone.received")),
    )
    assert seen(entries, "api", "unreachable") == ["unreachable"]
    assert seen(entries, "phone", "job retried") == ["job retried"]


@pytest.mark.parametrize("play", [played, played_live])
def test_an_application_gets_no_answer_until_the_fault_ends(play: object) -> None:
    assert callable(play)
    entries = play(
        Fault("unreachable", who="client"),
        Api("GET", "/v1/phones", answer=Answer(NO_ANSWER)),
        Api("GET", "/v1/phones", answer=Answer(NO_ANSWER)),
        EndFault("unreachable"),
        Api("GET", "/v1/phones"),
        HELLO,
        Expect(MessageLook("hello", "delivered")),
    )
    assert seen(entries, "client", "unanswered") == ["unanswered"] * 2


def test_without_a_word_it_is_about_everybody() -> None:
    played(
        Fault("unreachable"),
        Api("GET", "/v1/phones", answer=Answer(NO_ANSWER)),
        Text("bob", "alice", "Hi"),
        Expect(TraceLook("api", "unreachable", facts=(("who", Equals("phone:alice")),))),
    )
