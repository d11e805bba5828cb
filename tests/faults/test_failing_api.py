"""Something answers in the place of the gateway."""

from __future__ import annotations

from typing import Any

import pytest

from harness.answers import Answer
from harness.matchers import Equals
from harness.scenario.plan import Api, EndFault, Expect, Fault, MessageLook, Text, WebhookLook
from tests.faults.playing import HELLO, S, played, played_live, seen


@pytest.mark.parametrize("play", [played, played_live])
@pytest.mark.parametrize("status", [401, 503])
def test_an_application_is_answered_with_the_status_until_the_fault_ends(play: Any, status: int) -> None:
    wanted = Answer(status, body=(("status", Equals("error")),))
    entries = play(
        Fault("failing-api", who="client", status=status),
        Api("GET", "/v1/phones", answer=wanted),
        EndFault(),
        HELLO,
        Expect(MessageLook("hello", "delivered")),
    )
    assert seen(entries, "api", "failed") == ["failed"]
    assert seen(entries, "api", "GET /v1/phones") == []


def test_a_phone_tries_again_after_a_failure_of_the_server() -> None:
    entries = played(
        Fault("failing-api", phone="alice", status=503, times=2),
        Text("bob", "alice", "Hi"),
        Expect(WebhookLook("message.phone.received"), 100 * S),
    )
    assert seen(entries, "phone", "job retried") == ["job retried"] * 2
