"""harness.standin.auth: who is let in, and where the key may stand (gateway-protocol.md §1.1, §1.3, §1.4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.standin.rows import CachedKey, evolve
from harness.standin.visits import NOBODY
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
    account = gateway.standin.create_account(gateway.world.now, api_key="uk_1")
    gateway.standin.accounts[account.id] = evolve(account, email="")
    assert _status(gateway, "uk_1") == 401


# -- what is remembered of keys ----------------------------------------------------------------------------------

HOUR = 3600


def _status(gateway: Gateway, key: str) -> int:
    return gateway.call("GET", "/v1/phones", key=key).status


def _inserted(gateway: Gateway, key: str) -> None:
    """An account that comes to be without our control routes, as by a statement in the database."""
    account = evolve(gateway.account, id="inserted", api_key=key)
    gateway.standin.accounts[account.id] = account
    gateway.standin.account_ids[key] = account.id


def test_an_unknown_key_stays_unknown_for_two_hours() -> None:
    gateway = Gateway()
    assert _status(gateway, "uk_late") == 401
    _inserted(gateway, "uk_late")
    gateway.settle(2 * HOUR - 1)
    assert _status(gateway, "uk_late") == 401
    gateway.settle(1)
    assert _status(gateway, "uk_late") == 200


def test_an_account_that_is_made_works_at_once_though_its_key_was_tried_before() -> None:
    gateway = Gateway()
    assert _status(gateway, "uk_late") == 401
    gateway.standin.create_account(gateway.world.now, api_key="uk_late")
    assert _status(gateway, "uk_late") == 200


def test_the_key_of_a_deleted_account_works_for_two_hours_from_its_first_use() -> None:
    gateway = Gateway()
    key = gateway.account.api_key
    assert _status(gateway, key) == 200
    gateway.settle(HOUR)
    assert gateway.call("DELETE", "/v1/users/me").status == 204
    gateway.settle(HOUR - 1)
    assert _status(gateway, key) == 200
    gateway.settle(1)
    assert _status(gateway, key) == 401


def _associate(gateway: Gateway) -> None:
    register = {"phone_number": OWNER, "fcm_token": "token"}
    assert gateway.call("PUT", "/v1/phones/fcm-token", register, key=gateway.key).status == 200


def _delete_phone(gateway: Gateway) -> None:
    (phone_id,) = gateway.standin.phones
    assert gateway.call("DELETE", f"/v1/phones/{phone_id}").status == 200


def _take_phone_off_its_key(gateway: Gateway) -> None:
    key = gateway.phone_key()
    assert gateway.call("DELETE", f"/v1/phone-api-keys/{key.id}/phones/{key.phone_ids[0]}").status == 204


def _register_as_user(gateway: Gateway) -> None:
    assert gateway.call("PUT", "/v1/phones", {"phone_number": OWNER, "fcm_token": "token"}).status == 200


@pytest.mark.parametrize(
    ("act", "cleared"),
    [(_associate, True), (_delete_phone, True), (_take_phone_off_its_key, False), (_register_as_user, False)],
)
def test_the_memory_of_all_accounts_is_cleared_with_a_phone(act: Callable[[Gateway], None], cleared: bool) -> None:
    gateway = Gateway.with_phone()
    stranger = gateway.standin.create_account(gateway.world.now).api_key
    assert (_status(gateway, stranger), _status(gateway, "uk_late")) == (200, 401)
    _inserted(gateway, "uk_late")
    gateway.standin.account_ids.drop(stranger)
    act(gateway)
    gateway.settle(0)
    seen = (_status(gateway, stranger), _status(gateway, "uk_late"))
    assert seen == ((401, 200) if cleared else (200, 401))


def test_a_key_is_written_down_once_and_not_with_every_request() -> None:
    gateway = Gateway()
    _status(gateway, gateway.account.api_key)
    gateway.standin.cached_keys.watch()
    gateway.standin.cached_keys.changes()
    for _ in range(3):
        assert _status(gateway, gateway.account.api_key) == 200
    assert gateway.standin.cached_keys.changes() == []


def test_so_many_keys_are_remembered_and_no_more() -> None:
    gateway = Gateway()
    for number in range(5000):
        gateway.standin.cached_keys[f"uk_{number}"] = CachedKey(NOBODY, gateway.world.now + 10**15)
    assert _status(gateway, "uk_another") == 401
    assert len(gateway.standin.cached_keys) == 5000
    assert "uk_0" not in gateway.standin.cached_keys


# -- bearer tokens -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer {user}"}, 200),
        ({"Authorization": "Bearer  {user} "}, 200),
        ({"Authorization": "{user}"}, 200),
        ({"Authorization": "bearer {user}"}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": "Bearer nobody-has-this-key"}, 401),
        ({"Authorization": "Bearer nobody-has-this-key", "x-api-key": "{user}"}, 200),
        ({"x-api-key": "{user}"}, 200),
        ({"x-api-key": "{phone}"}, 401),
        ({}, 401),
    ],
)
def test_one_route_takes_a_user_key_as_a_bearer_token(headers: dict[str, str], status: int) -> None:
    gateway = Gateway.with_phone()
    keys = {"user": gateway.account.api_key, "phone": gateway.key}
    headers = {name: value.format(**keys) for name, value in headers.items()}
    body = {"from": OWNER, "to": "+18005550100", "text": "hi"}
    assert gateway.call("POST", "/integration/3cx/messages", body, key="", headers=headers).status == status


def test_a_bearer_token_is_stronger_than_a_key() -> None:
    gateway = Gateway.with_phone()
    stranger = gateway.standin.create_account(gateway.world.now)
    headers = {"Authorization": f"Bearer {stranger.api_key}"}
    body = {"from": OWNER, "to": "+18005550100", "text": "hi"}
    gateway.call("POST", "/integration/3cx/messages", body, headers=headers)
    (message,) = gateway.standin.messages.values()
    assert message.user_id == stranger.id


def test_a_phone_key_is_a_bearer_token_while_it_is_remembered() -> None:
    gateway = Gateway.with_phone()
    headers = {"Authorization": f"Bearer {gateway.key}"}
    body = {"from": OWNER, "to": "+18005550100", "text": "hi"}

    def send() -> int:
        return gateway.call("POST", "/integration/3cx/messages", body, key="", headers=headers).status

    gateway.call("POST", "/v1/heartbeats", {"phone_numbers": [OWNER]}, key=gateway.key)
    assert send() == 200
    gateway.settle(15)
    assert send() == 401  # and now it is remembered as unknown, by its phone too
    assert gateway.call("POST", "/v1/heartbeats", {"phone_numbers": [OWNER]}, key=gateway.key).status == 401


def test_a_text_that_is_too_long_for_a_key_is_not_remembered() -> None:
    gateway = Gateway()
    for size in (1000, 1001):
        gateway.call("GET", "/v1/phones", key="", headers={"x-api-key": "x" * size})
    assert [len(key) for key in gateway.standin.cached_keys] == [1000]
