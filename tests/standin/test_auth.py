"""harness.standin.auth: who is let in, and where the key may stand (gateway-protocol.md §1.1, §1.3, §1.4)."""

from __future__ import annotations

import pytest

from harness.instants import rfc3339
from tests.standin.gateways import OWNER, Gateway

KEYS = {"user": "{user}", "phone": "{phone}", "wrong": "nobody-has-this-key", "undefined": "undefined", "empty": ""}


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({"x-api-key": "{user}"}, "", 200),
        ({"X-API-KEY": "{user}"}, "", 200),
        ({}, "?x-api-key={user}", 200),
        ({"x-api-key": ""}, "?x-api-key={user}", 200),
        ({"x-api-key": "undefined"}, "?x-api-key={user}", 401),
        ({"x-api-key": "{phone}"}, "?x-api-key={user}", 401),
        ({"x-api-key": "nobody-has-this-key"}, "", 401),
        ({"Authorization": "Bearer {user}"}, "", 401),
        ({}, "", 401),
    ],
)
def test_a_user_key_opens_the_users_routes(headers: dict[str, str], query: str, status: int) -> None:
    gateway = Gateway.with_phone()
    keys = {"user": gateway.account.api_key, "phone": gateway.key}
    headers = {name: value.format(**keys) for name, value in headers.items()}
    answer = gateway.call("GET", "/v1/phones" + query.format(**keys), key="", headers=headers)
    assert answer.status == status


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", '{{"name":"k","x-api-key":"{user}"}}', 200),
        ("application/x-www-form-urlencoded", "name=k&x-api-key={user}", 200),
        ("text/plain", '{{"name":"k","x-api-key":"{user}"}}', 401),
        ("application/json", '{{"name":"k","x-api-key":"{phone}"}}', 401),
    ],
)
def test_a_user_key_may_stand_in_the_body(content_type: str, body: str, status: int) -> None:
    gateway = Gateway.with_phone()
    raw = body.format(user=gateway.account.api_key, phone=gateway.key).encode()
    headers = {"Content-Type": content_type}
    assert gateway.call("POST", "/v1/phone-api-keys", key="", headers=headers, raw=raw).status == status


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/messages/outstanding?message_id=3f2504e0-4f89-41d3-9a0c-0305e82c3301", None),
        ("POST", "/v1/messages/3f2504e0-4f89-41d3-9a0c-0305e82c3301/events", {"event_name": "SENT"}),
        ("POST", "/v1/messages/receive", {"from": "1", "to": OWNER, "content": "x"}),
        ("POST", "/v1/messages/calls/missed", {"from": "1", "to": OWNER}),
        ("POST", "/v1/heartbeats", {"phone_numbers": [OWNER]}),
        ("PUT", "/v1/phones/fcm-token", {"phone_number": OWNER}),
    ],
)
def test_a_phone_key_opens_six_routes_in_the_header_only(method: str, path: str, body: object) -> None:
    gateway = Gateway.with_phone()
    assert gateway.call(method, path, body, key=gateway.key).status != 401
    in_query = path + ("&" if "?" in path else "?") + f"x-api-key={gateway.key}"
    assert gateway.call(method, in_query, body, key="").status == 401


@pytest.mark.parametrize("path", ["/v1/phones", "/v1/messages?owner=x", "/v1/webhooks", "/v1/users/me"])
def test_a_phone_key_opens_no_other_route(path: str) -> None:
    gateway = Gateway.with_phone()
    answer = gateway.call("GET", path, key=gateway.key)
    assert answer.status == 401
    assert answer.data == "Make sure your API key is set in the [x-api-key] header in the request"


def test_a_phone_key_without_numbers_is_refused_by_name() -> None:
    gateway = Gateway.with_phone()
    key = gateway.call("POST", "/v1/phone-api-keys", {"name": "second"}).data["api_key"]
    answer = gateway.call("POST", "/v1/heartbeats", {"phone_numbers": [OWNER]}, key=key)
    assert answer.status == 401
    assert answer.data.endswith(f"[{OWNER}]. The API key is only configured for these phone numbers []")


def test_what_was_taken_off_a_key_is_seen_when_its_entry_is_15_seconds_old() -> None:
    gateway = Gateway.with_phone()
    beat = {"phone_numbers": [OWNER]}
    assert gateway.call("POST", "/v1/heartbeats", beat, key=gateway.key).status == 201
    phone_key = gateway.phone_key()
    path = f"/v1/phone-api-keys/{phone_key.id}/phones/{phone_key.phone_ids[0]}"
    assert gateway.call("DELETE", path).status == 204
    gateway.settle(14)
    assert gateway.call("POST", "/v1/heartbeats", beat, key=gateway.key).status == 201
    gateway.settle(1)
    assert gateway.call("POST", "/v1/heartbeats", beat, key=gateway.key).status == 401


def test_an_account_without_an_email_is_nobody() -> None:
    gateway = Gateway()
    gateway.standin.create_account(gateway.world.now, api_key="uk_1", email="x@example.com")
    assert gateway.call("GET", "/v1/phones", key="uk_1").status == 200
    assert rfc3339(gateway.world.now)  # the world stands still meanwhile
    account = gateway.standin.accounts[gateway.standin.account_ids["uk_1"]]
    gateway.standin.accounts[account.id] = type(account)(account.id, "", "uk_1", "free", 0, 0)
    assert gateway.call("GET", "/v1/phones", key="uk_1").status == 401
