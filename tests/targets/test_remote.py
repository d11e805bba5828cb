"""What has no API is done by the control routes of a stand-in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.core import Call, Record
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.values import Answered, Outcome, Response, TimedOut
from harness.standin import FACTS_REFUSED, FACTS_SET, LoseUpdates, SetFacts
from harness.targets.remote import RemoteGateway
from harness.wire.client import UserAccess

ACCESS = UserAccess("http", "127.0.0.1:8000", "uk_one")
PHONES = {"data": [{"id": "p1", "phone_number": "+18005550100"}]}


def told(event: Any, *answers: Outcome | dict[str, Any]) -> tuple[list[str], Record | None]:
    """The requests that it makes, and the entry that comes of them."""
    core = RemoteGateway("gateway", Draws(1, "gateway"), ACCESS, "token")
    asked: list[str] = []
    commands = list(core.handle(event, 0))
    for answer in answers:
        [call] = commands
        assert isinstance(call, Call)
        request = call.request
        shown = request.header("Authorization") or request.header("x-api-key")
        asked.append(f"{request.method} {request.target.decode()} {shown} {request.body.decode()}".rstrip())
        outcome = Response(200, (), json.dumps(answer).encode()) if isinstance(answer, dict) else answer
        commands = list(core.handle(Answered(call.exchange, outcome), 0))
    records = [command for command in commands if isinstance(command, Record)]
    return asked, records[0] if records else None


def test_facts_of_the_account_are_set() -> None:
    asked, record = told(SetFacts("step-1", "u1", (("sent_messages", 7), ("plan", "free"))), {})
    assert asked == ['PATCH /_control/accounts/u1 Bearer token {"sent_messages": 7, "plan": "free"}']
    assert record is not None
    assert (record.hop, record.kind) == ("gateway", FACTS_SET)
    assert record.facts == {"step": "step-1", "sent_messages": 7, "plan": "free", "observed": True}


def test_facts_of_a_phone_are_set_by_its_id() -> None:
    facts = SetFacts("step-1", "u1", (("last_heartbeat_age_s", 1.5),), "+18005550100")
    asked, record = told(facts, PHONES, {})
    assert asked == [
        "GET /v1/phones?limit=1000 uk_one",
        'PATCH /_control/phones/p1 Bearer token {"last_heartbeat_age_s": 1.5}',
    ]
    assert record is not None
    assert record.facts["last_heartbeat_age_s"] == "1.5"


def test_a_fault_of_the_gateway_is_switched_on() -> None:
    asked, record = told(LoseUpdates(), {})
    assert asked == ['POST /_control/faults Bearer token {"lost_update": true}']
    assert record is None


@pytest.mark.parametrize(
    ("event", "answers", "error"),
    [
        (SetFacts("s", "u1", ()), [Response(400, (), b'{"error": "plan is not known"}')], "plan is not known"),
        (SetFacts("s", "u1", ()), [Response(404, (), b"Not Found")], "it answers 404"),
        (SetFacts("s", "u1", ()), [TimedOut("total")], "there was no answer (TimedOut)"),
        (SetFacts("s", "u1", (), "+18005550199"), [PHONES], "there is no phone +18005550199"),
    ],
)
def test_what_is_refused_fails_the_step_with_the_reason(event: SetFacts, answers: list[Any], error: str) -> None:
    _, record = told(event, *answers)
    assert record is not None
    assert (record.kind, record.facts) == (FACTS_REFUSED, {"step": "s", "error": error, "observed": True})


def test_an_answer_that_was_not_asked_for_is_illegal() -> None:
    with pytest.raises(ProtocolError):
        RemoteGateway("gateway", Draws(1, "gateway"), ACCESS, None).handle(Answered("x", Response(200)), 0)
