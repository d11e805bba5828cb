"""Whether a server's pushes come to us."""

from __future__ import annotations

import pytest

from harness.conform.cases import ABSENT
from harness.conform.match import Difference
from harness.conform.probe import PROBE, why_no_pushes
from harness.conform.results import CaseResult, StepResult
from harness.core import Command
from harness.http.values import Call, Request
from harness.instants import Instant
from tests.conform.worlds import FakeServer, push, replay_case, reply

ENDPOINT = "http://127.0.0.1:9099"


class _Pushing(FakeServer):
    def _visit(self, request: Request, now: Instant) -> list[Command]:
        return [Call("p", "server", push(self.token))] if request.path == "/v1/messages/send" else []


SENT = {"POST /v1/messages/send": [reply(200, {"data": {"id": "m-1"}})]}
REFUSED = {"POST /v1/messages/send": [reply(402, {"message": "You have exceeded your limit"})]}
NO_KEYS = {"POST /v1/phone-api-keys": [reply(500, "oh")]}


@pytest.mark.parametrize(
    ("server", "why"),
    [
        (_Pushing(SENT), ""),
        (
            FakeServer(SENT),
            "the server's pushes do not come to us: start it with FCM_ENDPOINT=http://127.0.0.1:9099, "
            "and give --listen-port 9099",
        ),
        (
            FakeServer(REFUSED),
            'no message could be sent to see whether pushes come: 402 {"message": "You have exceeded your limit"}',
        ),
        (
            FakeServer(NO_KEYS),
            "no message could be sent to see whether pushes come: set-up, key phone_key: 500 oh",
        ),
    ],
    ids=["come", "do not come", "not sent", "no set-up"],
)
def test_a_server_whose_pushes_do_not_come_is_told_how_to_send_them(server: FakeServer, why: str) -> None:
    assert why_no_pushes(replay_case(PROBE, server), ENDPOINT) == why


def test_an_answer_that_never_came_is_no_push() -> None:
    step = StepResult(0, "call", "POST", (Difference("answer", "an answer", ABSENT),), "")
    assert why_no_pushes(CaseResult("probe", "probe", "differ", (step,)), ENDPOINT).startswith("no message could be")
