"""What stays of a case on an account that is not its own."""

from __future__ import annotations

import pytest

from harness.conform.cases import Json
from harness.conform.leftovers import made_by, removal, thread_paths, threads_of, webhook_paths, webhooks_of
from harness.conform.requests import Base, json_request

BASE = Base("http://api.internal")
MADE: Json = {"data": {"id": "i-1"}}


@pytest.mark.parametrize(
    ("method", "target", "answer", "path"),
    [
        ("POST", "/v1/phone-api-keys", MADE, "/v1/phone-api-keys/i-1"),
        ("POST", "/v1/webhooks", MADE, "/v1/webhooks/i-1"),
        ("POST", "/v1/send-schedules", MADE, "/v1/send-schedules/i-1"),
        ("PUT", "/v1/phones", MADE, "/v1/phones/i-1"),
        ("PUT", "/v1/phones/fcm-token", MADE, "/v1/phones/i-1"),
        ("GET", "/v1/webhooks", MADE, None),
        ("PUT", "/v1/webhooks/i-1", MADE, None),
        ("POST", "/v1/messages/send", MADE, None),
        ("POST", "/v1/webhooks", {"data": None}, None),
        ("POST", "/v1/webhooks", "OK", None),
    ],
)
def test_what_stays_is_known_by_the_route_that_made_it(
    method: str, target: str, answer: Json, path: str | None
) -> None:
    for base in (BASE, Base("http://api.internal/below")):
        assert made_by(base, json_request(base, method, target, "uk_1", {}), answer) == path


def test_it_is_removed_with_the_key_of_its_account() -> None:
    request = removal(BASE, "/v1/webhooks/i-1", "uk_1")
    assert (request.method, request.path, request.header("x-api-key")) == ("DELETE", "/v1/webhooks/i-1", "uk_1")


def test_threads_are_found_by_the_number_of_the_phone() -> None:
    request = threads_of(BASE, "+18445550123", "uk_1")
    assert request.target == b"/v1/message-threads?limit=20&owner=%2B18445550123"
    rows: Json = {"data": [{"id": "t-1"}, {"id": 7}, None, {"id": "t-2"}]}
    assert thread_paths(rows) == ["/v1/message-threads/t-1", "/v1/message-threads/t-2"]
    nothings: list[Json] = [None, "OK", {}, {"data": None}]
    for nothing in nothings:
        assert thread_paths(nothing) == []


def test_webhooks_are_found_by_where_they_go() -> None:
    request = webhooks_of(BASE, "uk_1")
    assert (request.target, request.header("x-api-key")) == (b"/v1/webhooks?limit=20", "uk_1")
    rows: Json = {
        "data": [{"id": "w-1", "url": "http://a.test/1"}, {"id": "w-2", "url": "http://a.test/2"}, {"url": {}}, None]
    }
    assert webhook_paths(rows, ["http://a.test/2", "http://a.test/3"]) == ["/v1/webhooks/w-2"]
    assert webhook_paths(None, ["http://a.test/2"]) == []
