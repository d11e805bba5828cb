"""harness.standin.hooks: calls to webhooks (gateway-protocol.md §7.4)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.core import Tell
from harness.http.values import Answered, BodyBroken, Closed, ConnectFailed, Outcome, Response, TimedOut
from harness.instants import MS, SECOND
from harness.standin import Pace
from harness.wire import tokens
from harness.wire.events import Event, WebhookSendFailed
from tests.standin.gateways import HOOK, OWNER, Gateway

RECEIVED = "message.phone.received"


def _received(
    answers: list[Response | None], signing_key: str = "signing-key", url: str = HOOK, **settings: Any
) -> Gateway:
    gateway = Gateway.with_phone(**settings)
    assert gateway.subscribe(RECEIVED, signing_key=signing_key, url=url).status == 201
    gateway.hook.plan.extend(answers)
    gateway.receive()
    gateway.settle(15)
    return gateway


def test_a_webhook_is_called_as_by_the_server() -> None:
    gateway = _received([])
    ((at, request),) = gateway.hook.requests
    names = [name for name, _ in request.headers]
    assert (request.method, request.url) == ("POST", HOOK)
    assert names == [
        "Host",
        "User-Agent",
        "Content-Length",
        "Authorization",
        "Content-Type",
        "X-Event-Type",
        "Accept-Encoding",
    ]
    values = dict(request.headers)
    token = values.pop("Authorization").removeprefix("Bearer ")
    assert values == {
        "Host": "hooks.internal.test",
        "User-Agent": "Go-http-client/1.1",
        "Content-Length": str(len(request.body)),
        "Content-Type": "application/json",
        "X-Event-Type": RECEIVED,
        "Accept-Encoding": "gzip",
    }
    assert tokens.verify(token, "signing-key", HOOK, at)["sub"] == gateway.account.id


def test_a_token_tells_the_time_of_those_who_check_it() -> None:
    gateway = _received([], token_clock=lambda now: now - 3600 * SECOND)
    ((at, request),) = gateway.hook.requests
    token = (request.header("Authorization") or "").removeprefix("Bearer ")
    assert tokens.verify(token, "signing-key", HOOK, at - 3600 * SECOND)["sub"] == gateway.account.id
    with pytest.raises(ValueError, match="expired"):
        tokens.verify(token, "signing-key", HOOK, at)


def test_without_a_signing_key_there_is_no_token() -> None:
    ((_, request),) = _received([], signing_key="").hook.requests
    assert request.header("Authorization") is None


@pytest.mark.parametrize(
    ("answers", "outcomes"),
    [
        ([Response(200)], [{"status": 200}]),
        ([Response(399)], [{"status": 399}]),
        ([Response(500), Response(204)], [{"status": 500}, {"status": 204}]),
        ([Response(400), Response(404)], [{"status": 400}, {"status": 404}]),
        ([None, Response(200)], [{"outcome": "timed out"}, {"status": 200}]),
    ],
)
def test_a_failing_receiver_is_called_twice(answers: list[Response | None], outcomes: list[dict[str, Any]]) -> None:
    gateway = _received(answers)
    assert len(gateway.hook.requests) == len(answers)
    seen = [entry.facts for entry in gateway.entries("gateway", "webhook.answered")]
    (webhook,) = gateway.standin.webhooks
    call = {"event": RECEIVED, "url": HOOK, "webhook": webhook}
    assert seen == [{**call, "attempt": number, **outcome} for number, outcome in enumerate(outcomes, 1)]
    called = [entry.facts["attempt"] for entry in gateway.entries("gateway", "webhook.called")]
    assert called == list(range(1, len(answers) + 1))
    assert gateway.standin.calls == {}


@pytest.mark.parametrize(
    ("answer", "pace", "at_least", "at_most"),
    [
        (Response(500), Pace.FAITHFUL, 100 * MS, 200 * MS),
        (None, Pace.FAITHFUL, 5 * SECOND + 100 * MS, 5 * SECOND + 200 * MS),
        (Response(500), Pace.INSTANT, 0, 0),
        (None, Pace.INSTANT, 5 * SECOND, 5 * SECOND),
    ],
)
def test_there_is_a_pause_between_the_attempts(
    answer: Response | None, pace: Pace, at_least: int, at_most: int
) -> None:
    gateway = _received([answer], pace=pace)
    (first, _), (second, _) = gateway.hook.requests
    assert at_least <= second - first <= at_most


def test_both_attempts_tell_the_same_event_with_tokens_of_their_own() -> None:
    gateway = _received([None])
    (_, first), (_, second) = gateway.hook.requests
    assert first.body == second.body
    assert first.header("Authorization") != second.header("Authorization")


@pytest.mark.parametrize(
    ("outcome", "text", "code"),
    [
        (Response(502, (), b"still broken"), "still broken", 502),
        (Response(503), "status 503", 503),
        (TimedOut("total"), "TIMEOUT after 10 seconds", None),
        (ConnectFailed("refused"), "refused", None),
        (Closed(True), "closed before an answer", None),
        (BodyBroken(Response(200), b""), "answer broken off", None),
    ],
)
def test_after_the_second_failure_the_server_gives_up(outcome: Outcome, text: str, code: int | None) -> None:
    gateway = Gateway.with_phone()
    gateway.subscribe(RECEIVED)
    gateway.hook.plan.extend([Response(500), None])
    gateway.receive()
    gateway.settle(1)
    (exchange,) = gateway.standin.calls
    commands = gateway.standin.handle(Answered(exchange, outcome), gateway.world.now)
    (told,) = [command.event for command in commands if isinstance(command, Tell)]
    assert isinstance(told, Event)
    assert isinstance(told.data, WebhookSendFailed)
    assert (told.data.error_message, told.data.http_response_status_code) == (text, code)
    assert json.loads(told.data.event_payload)["owner"] == OWNER
    assert (told.data.event_type, told.data.event_id) == (RECEIVED, gateway.hooks()[0]["id"])
    assert told.source == "/v1/messages/receive"


@pytest.mark.parametrize(
    ("status", "method", "has_body"),
    [(301, "GET", False), (302, "GET", False), (303, "GET", False), (307, "POST", True), (308, "POST", True)],
)
def test_a_redirect_is_followed_with_all_headers(status: int, method: str, has_body: bool) -> None:
    gateway = _received([Response(status, (("Location", "/elsewhere?a=1"),))])
    (_, first), (_, second) = gateway.hook.requests
    assert (second.method, second.url) == (method, "http://hooks.internal.test/elsewhere?a=1")
    assert (second.body == first.body, second.header("Content-Length") is not None) == (has_body, has_body)
    assert second.header("Authorization") == first.header("Authorization")
    answered = [entry.facts for entry in gateway.entries("gateway", "webhook.answered")]
    assert [(facts["attempt"], facts["status"]) for facts in answered] == [(1, 200)]


def test_a_circle_of_redirects_is_a_failure_at_the_tenth_request() -> None:
    around = Response(307, (("Location", HOOK),))
    gateway = _received([around] * 40)
    assert len(gateway.hook.requests) == 20
    answered = [entry.facts for entry in gateway.entries("gateway", "webhook.answered")]
    assert [(facts["attempt"], facts["status"]) for facts in answered] == [(1, 307), (2, 307)]
    assert gateway.entries("gateway", "webhook.send.failed")


def test_a_redirect_that_leads_nowhere_is_a_success() -> None:
    gateway = _received([Response(302)])
    assert len(gateway.hook.requests) == 1


@pytest.mark.parametrize(
    ("location", "has_token"),
    [
        ("http://hooks.internal.test:80/x", True),
        ("http://deeper.hooks.internal.test/x", True),
        ("http://internal.test/x", False),
        ("http://otherhooks.internal.test/x", False),
        ("http://other.internal.test/x", False),
    ],
)
def test_a_redirect_takes_the_token_to_no_other_host(location: str, has_token: bool) -> None:
    gateway = Gateway.with_phone()
    gateway.world.site(location.split("/")[2], "hook")
    gateway.subscribe(RECEIVED)
    gateway.hook.plan.append(Response(307, (("Location", location),)))
    gateway.receive()
    gateway.settle(1)
    (_, first), (_, second) = gateway.hook.requests
    assert (second.url, second.body) == (location, first.body)
    assert (second.header("Authorization") is not None) is has_token
    assert (second.header("Referer"), second.header("X-Event-Type")) == (HOOK, RECEIVED)


def test_a_token_that_was_left_behind_does_not_come_back() -> None:
    gateway = Gateway.with_phone()
    gateway.world.site("other.test", "hook")
    gateway.subscribe(RECEIVED)
    gateway.hook.plan.extend([Response(307, (("Location", url),)) for url in ("http://other.test/x", HOOK)])
    gateway.receive()
    gateway.settle(1)
    _, _, (_, third) = gateway.hook.requests
    assert (third.url, third.header("Authorization"), third.header("Referer")) == (HOOK, None, "http://other.test/x")


def test_a_url_that_is_none_fails_without_a_call() -> None:
    gateway = _received([], url="example.com:8080/x")
    answered = [entry.facts["outcome"] for entry in gateway.entries("gateway", "webhook.answered")]
    assert answered == ["resolve: unsupported protocol scheme"] * 2
    assert gateway.hook.requests == []


def test_two_webhooks_of_an_event_are_told_the_same_event() -> None:
    gateway = Gateway.with_phone()
    for _ in range(2):
        gateway.subscribe(RECEIVED)
    gateway.receive()
    gateway.settle()
    first, second = gateway.hooks()
    assert first == second
    causes = {entry.cause for entry in gateway.entries("gateway", "webhook.called")}
    assert len(causes) == 1


def test_the_event_is_the_documented_one() -> None:
    gateway = _received([])
    ((_, request),) = gateway.hook.requests
    event = json.loads(request.body)
    assert list(event) == ["specversion", "id", "source", "type", "datacontenttype", "time", "data"]
    assert (event["source"], event["data"]["owner"]) == ("/v1/messages/receive", OWNER)
