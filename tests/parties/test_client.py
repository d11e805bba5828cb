"""The user's application: each act is one request, and its outcome one entry."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import cipher
from harness.core import Command, Record, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.values import Answered, Closed, Response, TimedOut
from harness.parties import ApiCall, Client, IssuePhoneKey, SendText, Subscribe
from harness.wire.client import PhoneKeyIssued, UserAccess
from tests.phone.kit import ALICE, BOB, ID, NOW, call_in, rows

SEND = SendText("step-1", ALICE, BOB, "hello")
ISSUE = IssuePhoneKey("step-2", "phone:alice", "alice's key")
SUBSCRIBE = Subscribe("step-3", "http://hooks.test/", "signing-key", (ALICE,), ("message.phone.sent",))
CALL = ApiCall("step-4", "PUT", "/v1/phones", {"phone_number": ALICE})
ACTS = (SEND, ISSUE, SUBSCRIBE, CALL)


def _client() -> Client:
    return Client("client", Draws(1, "client"), UserAccess("http", "api.internal", "uk_one"))


def _outcome(act: Any, outcome: Any) -> list[Command]:
    client = _client()
    call = call_in(client.handle(act, NOW))
    return list(client.handle(Answered(call.exchange, outcome), NOW))


def _answer(body: Any, status: int = 200) -> Response:
    return Response(status, (), json.dumps(body).encode())


@pytest.mark.parametrize(
    ("act", "line", "body"),
    [
        (SEND, "POST /v1/messages/send", {"from": ALICE, "to": BOB, "content": "hello", "encrypted": False}),
        (ISSUE, "POST /v1/phone-api-keys", {"name": "alice's key"}),
        (SUBSCRIBE, "POST /v1/webhooks",
         {"url": "http://hooks.test/", "signing_key": "signing-key", "phone_numbers": [ALICE],
          "events": ["message.phone.sent"]}),
        (CALL, "PUT /v1/phones", {"phone_number": ALICE}),
    ],
)  # fmt: skip
def test_an_act_is_a_request_with_the_user_key(act: Any, line: str, body: Any) -> None:
    call = call_in(_client().handle(act, NOW))
    request = call.request
    assert f"{request.method} {request.path}" == line
    assert json.loads(request.body) == body
    assert request.header("x-api-key") == "uk_one"
    assert call.limits.total_s == 30


def test_a_text_with_a_key_leaves_encrypted_and_the_trace_shows_only_that() -> None:
    act = SendText("step-1", ALICE, BOB, "secret words", encryption_key="Password123", request_id="r-1")
    (record, call) = _client().handle(act, NOW)
    assert isinstance(record, Record)
    body = json.loads(call_in([call]).request.body)
    assert (body["encrypted"], body["request_id"]) == (True, "r-1")
    assert cipher.decrypt("Password123", body["content"]) == "secret words"
    assert record.facts["content"] == body["content"]


def test_two_texts_with_one_key_have_different_ciphertexts() -> None:
    client = _client()
    act = SendText("step-1", ALICE, BOB, "secret words", encryption_key="Password123")
    assert call_in(client.handle(act, NOW)).request.body != call_in(client.handle(act, NOW)).request.body


@pytest.mark.parametrize(
    ("act", "body", "message"),
    [
        (SEND, {"data": {"id": ID}}, ID),
        (ISSUE, {"data": {"api_key": "pk_one"}}, None),
        (SUBSCRIBE, {"data": {}}, None),
        (CALL, None, None),
    ],
)
def test_a_success_is_accepted_under_the_name_of_the_act(act: Any, body: Any, message: str | None) -> None:
    accepted = _outcome(act, _answer(body, 201))[0]
    assert accepted == Record("client", "accepted", message, {"step": act.step, "status": 201})


def test_a_phone_key_is_handed_to_its_phone() -> None:
    told = _outcome(ISSUE, _answer({"data": {"api_key": "pk_one"}}))[1]
    assert told == Tell("@phone:alice", PhoneKeyIssued("pk_one"))


@pytest.mark.parametrize(
    ("outcome", "kind", "facts"),
    [
        (_answer({"message": "no", "data": None}, 401), "refused", {"status": 401, "error": "no"}),
        (TimedOut("total"), "unanswered", {"outcome": "TimedOut"}),
        (Closed(sent_all=True), "unanswered", {"outcome": "Closed"}),
        (_answer({"data": {}}), "refused", {"status": 200, "error": "the answer has no data.id"}),
    ],
)
def test_a_failure_is_told_with_its_reason(outcome: Any, kind: str, facts: Any) -> None:
    assert _outcome(SEND, outcome) == [Record("client", kind, None, {"step": "step-1", **facts})]


@given(st.sampled_from(ACTS), st.integers(200, 599), st.binary(max_size=60))
def test_no_answer_makes_a_client_raise(act: Any, status: int, body: bytes) -> None:
    (record, *_) = _outcome(act, Response(status, (), body))
    assert isinstance(record, Record)
    assert record.kind in ("accepted", "refused")


@pytest.mark.parametrize("event", [object(), Answered("api-7", Response(200))])
def test_an_answer_to_nothing_is_illegal_and_changes_nothing(event: Any) -> None:
    client = _client()
    client.handle(SEND, NOW)
    before = rows(client)
    with pytest.raises(ProtocolError):
        client.handle(event, NOW)
    assert rows(client) == before


@pytest.mark.parametrize(
    "act",
    [
        SendText("step", ALICE, BOB, "hi", encryption_key="hush"),
        Subscribe("step", "http://hooks.test/", "hush", (), ()),
        ApiCall("step", "PUT", "/v1/phones", {"fcm_token": "hush"}),
    ],
)
def test_an_act_shows_no_secret(act: Any) -> None:
    assert "hush" not in repr(act)
