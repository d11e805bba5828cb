"""The user's application: each act is one request, and its outcome one entry."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import cipher
from harness.answers import NO_ANSWER, Answer, Capture, Captured, Replied
from harness.core import Command, Record, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.values import Answered, Closed, Response, TimedOut
from harness.instants import SECOND
from harness.matchers import Equals
from harness.parties import NOBODY, ApiCall, Client, IssuePhoneKey, SendText, Subscribe
from harness.wire.client import PhoneKeyIssued, UserAccess
from tests.phone.kit import ALICE, BOB, ID, NOW, call_in, rows

CAROL = "+18005550101"
SEND = SendText("step-1", ALICE, BOB, "hello")
ISSUE = IssuePhoneKey("step-2", "phone:alice", "alice's key")
SUBSCRIBE = Subscribe("step-3", "http://hooks.test/", "signing-key", (ALICE,), ("message.phone.sent",))
CALL = ApiCall("step-4", "PUT", "/v1/phones", {"phone_number": ALICE})
BULK = SendText("step-5", ALICE, (BOB, CAROL), "hello", attachments=("http://files.test/a.png",))
ACTS = (SEND, ISSUE, SUBSCRIBE, CALL, BULK)


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
        (BULK, "POST /v1/messages/bulk-send",
         {"from": ALICE, "to": [BOB, CAROL], "content": "hello", "encrypted": False,
          "attachments": ["http://files.test/a.png"]}),
        (SendText("s", ALICE, BOB, "later", later=90 * SECOND), "POST /v1/messages/send",
         {"from": ALICE, "to": BOB, "content": "later", "encrypted": False, "send_at": "2026-07-23T05:11:40.123Z"}),
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


# -- any request ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "headers", "body"),
    [
        (ApiCall("s", "GET", "/v1/phones"), {"x-api-key": "uk_one", "Content-Type": None}, b""),
        (ApiCall("s", "GET", "/v1/phones", credential=NOBODY), {"x-api-key": None}, b""),
        (ApiCall("s", "GET", "/v1/phones", credential=NOBODY, key="uk_other"), {"x-api-key": "uk_other"}, b""),
        (ApiCall("s", "GET", "/v1/phones", credential="phone:alice"), {"x-api-key": "pk_one"}, b""),
        (ApiCall("s", "POST", "/", {"a": None}), {"Content-Type": "application/json", "Content-Length": "11"},
         b'{"a": null}'),
        (ApiCall("s", "POST", "/", raw="{nonsense"), {"Content-Type": "application/json"}, b"{nonsense"),
        (ApiCall("s", "POST", "/", raw="a,b", headers=(("content-type", "text/csv"), ("X-One", "1"))),
         {"Content-Type": "text/csv", "X-One": "1"}, b"a,b"),
    ],
)  # fmt: skip
def test_a_request_is_made_as_it_was_asked_for(act: ApiCall, headers: dict[str, str | None], body: bytes) -> None:
    client = _client()
    answered = call_in(client.handle(ISSUE, NOW)).exchange
    client.handle(Answered(answered, _answer({"data": {"api_key": "pk_one"}})), NOW)
    request = call_in(client.handle(act, NOW)).request
    assert {name: request.header(name) for name in headers} == headers
    assert request.body == body


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/v1/messages?owner=%2B1800&limit=1", b"/v1/messages?owner=%2B1800&limit=1"),
        ("/v1/a b?q=é#x", b"/v1/a%20b?q=%C3%A9%23x"),
    ],
)
def test_a_path_is_sent_as_it_is_but_for_what_no_request_line_may_have(path: str, target: bytes) -> None:
    assert call_in(_client().handle(ApiCall("s", "GET", path), NOW)).request.target == target


def test_a_phone_without_a_key_cannot_ask() -> None:
    out = list(_client().handle(ApiCall("s", "GET", "/", credential="phone:alice", asked_by="scenario"), NOW))
    why = "no phone key was made for it: it has not logged in"
    assert out == [
        Record("client", "refused", None, {"step": "s", "error": why}),
        Tell("@scenario", Replied("s", (why,))),
    ]


# -- what whoever asked is told ------------------------------------------------------------------------------------

WANTED = Answer(402, body=(("status", Equals("error")),), captures=(Capture("why", "message"),))
REFUSED = {"status": "error", "message": "you have sent enough"}


@pytest.mark.parametrize(
    ("act", "outcome", "kind", "replied"),
    [
        (SendText("s", ALICE, BOB, "hi"), _answer({"data": {"id": ID}}), "accepted", Replied("s", (), ID)),
        (SendText("s", ALICE, BOB, "hi", answer=WANTED), _answer(REFUSED, 402), "refused",
         Replied("s", (), None, (Captured("why", "you have sent enough"),))),
        (SendText("s", ALICE, BOB, "hi"), _answer(REFUSED, 402), "refused",
         Replied("s", ("status: expected a success, got 402: you have sent enough",))),
        (SendText("s", ALICE, BOB, "hi"), _answer({"data": {}}), "refused",
         Replied("s", ("the answer has no data.id",))),
        (SendText("s", ALICE, BOB, "hi", answer=Answer(NO_ANSWER)), TimedOut("total"), "unanswered", Replied("s")),
        (ApiCall("s", "GET", "/"), TimedOut("total"), "unanswered",
         Replied("s", ("there was no answer (TimedOut)",))),
        (ApiCall("s", "POST", "/v1/messages/send"), _answer({"data": {"id": ID}}), "accepted", Replied("s", (), ID)),
        (ApiCall("s", "GET", "/v1/messages/send"), _answer({"data": {"id": ID}}), "accepted", Replied("s")),
    ],
)  # fmt: skip
def test_whoever_asked_hears_what_came_of_it(act: Any, outcome: Any, kind: str, replied: Replied) -> None:
    asked = replace(act, asked_by="scenario")
    record, tell = _outcome(asked, outcome)
    assert isinstance(record, Record)
    assert record.kind == kind
    assert tell == Tell("@scenario", replied)
    assert len(_outcome(act, outcome)) == 1  # nobody asked


def test_each_message_of_a_bulk_send_has_its_entry_and_the_first_one_is_told() -> None:
    first, tell, second = _outcome(replace(BULK, asked_by="scenario"), _answer({"data": [{"id": "a"}, {"id": "b"}]}))
    facts: dict[str, Any] = {"step": "step-5", "status": 200}
    assert first == Record("client", "accepted", "a", {**facts, "to": BOB})
    assert second == Record("client", "accepted", "b", {**facts, "to": CAROL})
    assert tell == Tell("@scenario", Replied("step-5", (), "a"))


def test_a_message_of_a_bulk_send_that_could_not_be_stored_has_none() -> None:
    (record,) = _outcome(BULK, _answer({"data": [None, {"id": "b"}]}))
    assert isinstance(record, Record)
    assert (record.message, record.facts["to"]) == ("b", CAROL)
    assert _outcome(BULK, _answer({"data": [None, None]}))[0].kind == "refused"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "act",
    [
        SendText("step", ALICE, BOB, "hi", encryption_key="hush"),
        Subscribe("step", "http://hooks.test/", "hush", (), ()),
        ApiCall("step", "PUT", "/v1/phones", {"fcm_token": "hush"}),
        ApiCall("step", "PUT", "/v1/phones", raw="hush", key="hush", headers=(("x-api-key", "hush"),)),
        Replied("step", captured=(Captured("key", "hush", is_secret=True),)),
    ],
)
def test_an_act_shows_no_secret(act: Any) -> None:
    assert "hush" not in repr(act)
