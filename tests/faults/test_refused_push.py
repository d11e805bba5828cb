"""FCM refuses the pushes of a message, with any of its errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.draws import Draws
from harness.fault_words import FCM_ERRORS
from harness.faults import RefusedPush
from harness.http.values import Arrived, Request, Respond, Response
from harness.matchers import Equals
from harness.scenario.plan import Expect, Fault, MessageLook, TraceLook
from harness.wire.fcm import HEARTBEAT_ID, MESSAGE_ID
from harness.wire.server import push_body
from tests.faults.playing import HELLO, played, played_live, seen

DRAWS = Draws(1, "world")
AGAIN = {"QUOTA_EXCEEDED", "INTERNAL", "UNAVAILABLE"}  # gateway-protocol.md §9.2


def _arrived(token: str = "one", key: str = MESSAGE_ID, message: str = "m") -> Arrived:
    body = push_body(token, key, message, "high")
    return Arrived("http-1", Request("POST", "http", "push.test", b"/v1/projects/p/messages:send", (), body))


def _error(fault: RefusedPush, event: Any) -> Any:
    out = fault.admit(event, DRAWS)
    if out is None:
        return None
    told, (_, respond) = out
    assert told is None  # the push service never hears of it
    assert isinstance(respond, Respond)
    return respond.response


@pytest.mark.parametrize(("error", "status"), FCM_ERRORS.items())
def test_the_answer_is_fcms(error: str, status: int) -> None:
    answer = _error(RefusedPush("one", error), _arrived())
    assert isinstance(answer, Response)
    assert answer.status == status
    told = json.loads(answer.body)["error"]
    assert (told["code"], told["details"][0]["errorCode"]) == (status, error)


def test_of_a_message_every_try_is_refused_and_that_counts_once() -> None:
    fault = RefusedPush("one", "UNAVAILABLE", times=1)
    refused = [_error(fault, _arrived(message=message)) is not None for message in ("a", "a", "b", "a")]
    assert refused == [True, True, False, True]


@pytest.mark.parametrize(
    "event",
    [_arrived(token="another"), _arrived(key=HEARTBEAT_ID), Arrived("http-1", Request("GET", "http", "x", b"/")), "x"],
    ids=["another phone's", "a heartbeat", "no push", "no request"],
)
def test_what_is_no_push_of_a_message_to_that_phone_is_left_alone(event: Any) -> None:
    fault = RefusedPush("one", "INTERNAL")
    assert fault.admit(event, DRAWS) is None
    assert fault.times == 1


@pytest.mark.parametrize("error", FCM_ERRORS)
def test_the_message_fails_after_as_many_tries_as_the_server_makes(error: str) -> None:
    entries = played(
        Fault("refused-push", "alice", error=error),
        HELLO,
        Expect(MessageLook("hello", "failed")),
        Expect(TraceLook("push", "refused", "hello", (("error", Equals(error)),))),
        HELLO,
        Expect(MessageLook("hello", "delivered")),
    )
    assert len(seen(entries, "push", "refused")) == (3 if error in AGAIN else 1)


def test_over_sockets_the_message_fails_too() -> None:
    played_live(Fault("refused-push", "alice", error="UNREGISTERED"), HELLO, Expect(MessageLook("hello", "failed")))
