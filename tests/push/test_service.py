"""The push service as gateways and phones see it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import Command, Record, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.values import Arrived, Gone, Request, Respond, Response
from harness.instants import ns
from harness.push import PushService
from harness.wire.fcm import MESSAGE_ID, Listening, PushReceived, StreamClosed, StreamOpened
from tests.phone.kit import ID, NOW, rows

TOKEN = "fcm-token-one"
PATH = "/v1/projects/httpsms-test/messages:send"


def _service(*listeners: str) -> PushService:
    """One at which these have listened with the token, one after the other."""
    service = PushService("push", Draws(1, "push"))
    for listener in listeners:
        service.handle(StreamOpened(TOKEN, listener), NOW)
    return service


def _send(data: Any = None, *, token: str = TOKEN) -> dict[str, Any]:
    return {"message": {"token": token, "data": {MESSAGE_ID: ID} if data is None else data}}


def _post(service: PushService, body: Any, path: str = PATH, method: str = "POST") -> list[Command]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = Request(method, "http", "push.internal", path.encode(), (), content)
    return list(service.handle(Arrived("http-1", request), NOW))


def _response(commands: list[Command]) -> Response:
    (response,) = [command.response for command in commands if isinstance(command, Respond)]
    return response


def _told(commands: list[Command]) -> list[tuple[str, Any]]:
    return [(command.port, command.event) for command in commands if isinstance(command, Tell)]


def test_a_send_is_answered_with_a_name_and_told_to_the_listener() -> None:
    service = _service("phone:alice")
    names = [json.loads(_response(_post(service, _send())).body)["name"] for _ in range(2)]
    assert names == [f"projects/httpsms-test/messages/{number}" for number in (1, 2)]
    told = _told(_post(service, _send({MESSAGE_ID: ID, "other": "x"})))
    assert told == [("@phone:alice", PushReceived(TOKEN, ((MESSAGE_ID, ID), ("other", "x"))))]


def test_the_trace_tells_of_the_message_and_the_priority() -> None:
    body = _send()
    body["message"]["android"] = {"priority": "HIGH"}
    (record, *_) = _post(_service("phone:alice"), body)
    assert record == Record("push", "accepted", ID, {"priority": "high"})


def test_an_unknown_token_is_refused_as_unregistered() -> None:
    commands = _post(_service("phone:alice"), _send(token="another"))
    response = _response(commands)
    error = json.loads(response.body)["error"]
    assert (response.status, error["status"]) == (404, "NOT_FOUND")
    assert error["details"][0]["errorCode"] == "UNREGISTERED"
    assert _told(commands) == []
    assert commands[0] == Record("push", "refused", ID, {"status": 404})


@pytest.mark.parametrize(
    ("body", "path", "method", "status"),
    [
        (b"nonsense", PATH, "POST", 400),
        ({"message": {"data": {}}}, PATH, "POST", 400),
        (_send({"count": 1}), PATH, "POST", 400),
        ({"message": {"token": TOKEN, "android": "high"}}, PATH, "POST", 400),
        ({"message": {"token": TOKEN, "android": {"ttl": "soon"}}}, PATH, "POST", 400),
        ({"message": {"token": TOKEN, "android": {"ttl": 600}}}, PATH, "POST", 400),
        (_send(), "/v1/projects/httpsms-test/messages:sendAll", "POST", 404),
        (_send(), PATH, "GET", 404),
    ],
)
def test_what_is_no_send_is_refused(body: Any, path: str, method: str, status: int) -> None:
    commands = _post(_service("phone:alice"), body, path, method)
    assert _response(commands).status == status
    assert _told(commands) == []


@given(st.binary(max_size=60))
def test_no_request_makes_the_service_raise(body: bytes) -> None:
    assert _response(_post(_service("phone:alice"), body)).status in (400, 404)


def test_pushes_to_a_device_that_is_away_wait_and_come_once_in_order() -> None:
    service = _service("phone:alice")
    service.handle(StreamClosed(TOKEN, "phone:alice"), NOW)
    for message_id in ("one", "two"):
        commands = _post(service, _send({MESSAGE_ID: message_id}))
        assert (_response(commands).status, _told(commands)) == (200, [])
    told = _told(list(service.handle(StreamOpened(TOKEN, "phone:alice"), NOW)))
    assert told == [
        ("@phone:alice", Listening(TOKEN)),
        ("@phone:alice", PushReceived(TOKEN, ((MESSAGE_ID, "one"),))),
        ("@phone:alice", PushReceived(TOKEN, ((MESSAGE_ID, "two"),))),
    ]
    assert len(list(service.handle(StreamOpened(TOKEN, "phone:alice"), NOW))) == 1


@pytest.mark.parametrize(
    ("ttl", "kept_s"), [("600s", 600), ("1.5s", 1.5), (None, 28 * 86_400), ("999999999s", 28 * 86_400)]
)
def test_a_push_is_dropped_when_its_time_is_over(ttl: str | None, kept_s: float) -> None:
    body = _send()
    body["message"]["android"] = {} if ttl is None else {"ttl": ttl}
    for later, comes in ((ns(kept_s) - 1, 1), (ns(kept_s), 0)):
        service = _service("phone:alice")
        service.handle(StreamClosed(TOKEN, "phone:alice"), NOW)
        _post(service, body)
        commands = list(service.handle(StreamOpened(TOKEN, "phone:alice"), NOW + later))
        assert len(_told(commands)) == 1 + comes
        assert (Record("push", "expired", ID) in commands) == (not comes)


def test_of_more_than_a_hundred_pushes_none_is_kept() -> None:
    service = _service("phone:alice")
    service.handle(StreamClosed(TOKEN, "phone:alice"), NOW)
    for sent, kept in ((100, 100), (1, 0), (1, 1)):
        for _ in range(sent):
            _post(service, _send())
        assert len(service.waiting[TOKEN]) == kept


def test_who_listens_last_gets_the_pushes_and_only_he_can_leave() -> None:
    service = _service("phone:alice", "push-streams")
    service.handle(StreamClosed(TOKEN, "phone:alice"), NOW)
    assert [port for port, _ in _told(_post(service, _send()))] == ["@push-streams"]
    service.handle(StreamClosed(TOKEN, "push-streams"), NOW)
    assert _told(_post(service, _send())) == []


def test_what_is_no_word_to_the_service_is_illegal_and_changes_nothing() -> None:
    service = _service("phone:alice")
    before = rows(service)
    with pytest.raises(ProtocolError):
        service.handle(Gone("http-1"), NOW)
    assert rows(service) == before


def test_where_it_is_asked_for_a_push_shows_what_was_asked_without_the_token() -> None:
    service = PushService("push", Draws(1, "push"), exchanges=True)
    service.handle(StreamOpened(TOKEN, "phone"), NOW)
    (record,) = [command for command in _post(service, _send()) if isinstance(command, Record)]
    asked = {"message": {"token": "[hidden]", "data": {MESSAGE_ID: ID}}}
    assert json.loads(str(record.facts["request"])) == asked
    (quiet,) = [command for command in _post(_service("phone"), _send()) if isinstance(command, Record)]
    assert "request" not in quiet.facts
