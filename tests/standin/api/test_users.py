"""harness.standin.api.users: the account (gateway-protocol.md §2.17)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.instants import SECOND
from harness.standin.rows import evolve
from tests.standin.gateways import Answer, Gateway

FLAGS = ("message_status", "webhook", "heartbeat", "newsletter")
PHONE = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


def _flags(data: dict[str, Any]) -> list[bool]:
    return [data[f"notification_{name}_enabled"] for name in FLAGS]


def test_a_user_sees_the_account() -> None:
    gateway = Gateway(plan="free")
    answer = gateway.call("GET", "/v1/users/me")
    assert answer.body["message"] == "user fetched successfully"
    assert (answer.data["id"], answer.data["api_key"]) == (gateway.account.id, gateway.account.api_key)
    assert (answer.data["subscription_name"], answer.data["timezone"]) == ("free", "UTC")
    assert list(answer.data)[-2:] == ["created_at", "updated_at"]


@pytest.mark.parametrize(
    ("body", "zone", "phone_id"),
    [
        ({"timezone": "Europe/London", "active_phone_id": PHONE}, "Europe/London", PHONE),
        ({"timezone": " Europe/London ", "active_phone_id": "  "}, "Europe/London", None),
        ({"timezone": "europe/london"}, "UTC", None),
        ({"timezone": "Nowhere/Land"}, "UTC", None),
        ({"timezone": "Local"}, "Local", None),
        ({"timezone": "  "}, "UTC", None),
        ({"timezone": None, "active_phone_id": None}, "UTC", None),
        ({}, "UTC", None),
    ],
)
def test_both_values_of_the_profile_are_replaced(body: dict[str, Any], zone: str, phone_id: str | None) -> None:
    gateway = Gateway()
    gateway.call("PUT", "/v1/users/me", {"timezone": "Asia/Tokyo", "active_phone_id": PHONE})
    answer = gateway.call("PUT", "/v1/users/me", body)
    assert (answer.status, answer.body["message"]) == (200, "user updated successfully")
    assert (answer.data["timezone"], answer.data["active_phone_id"]) == (zone, phone_id)
    seen = gateway.call("GET", "/v1/users/me").data
    assert answer.data == seen | {"updated_at": answer.data["updated_at"]}


@pytest.mark.parametrize(
    ("body", "status"), [({"active_phone_id": "x"}, 422), ({"active_phone_id": 5}, 400), ({"timezone": []}, 400)]
)
def test_a_profile_that_cannot_be_is_refused(body: dict[str, Any], status: int) -> None:
    answer = Gateway().call("PUT", "/v1/users/me", body)
    assert answer.status == status
    if status == 422:
        assert answer.body["message"] == "validation errors while updating user"
        assert answer.data == {"active_phone_id": ["The active_phone_id field must contain valid UUID"]}


@pytest.mark.parametrize(
    ("body", "flags"),
    [
        ({"message_status_enabled": True, "heartbeat_enabled": True}, [True, False, True, False]),
        ({"webhook_enabled": True, "newsletter_enabled": None}, [False, True, False, False]),
        ({}, [False, False, False, False]),
    ],
)
@pytest.mark.parametrize("named", ["{id}", "somebody-else"])
def test_a_notification_that_is_not_named_is_off(body: dict[str, Any], flags: list[bool], named: str) -> None:
    gateway = Gateway()
    path = f"/v1/users/{named}/notifications".format(id=gateway.account.id)
    answer = gateway.call("PUT", path, body)
    assert (answer.status, answer.body["message"]) == (200, "user notification settings updated successfully")
    assert _flags(answer.data) == _flags(gateway.call("GET", "/v1/users/me").data) == flags


def test_a_notification_is_on_or_off() -> None:
    assert Gateway().call("PUT", "/v1/users/x/notifications", {"webhook_enabled": "yes"}).status == 400


# -- rotation ----------------------------------------------------------------------------------------------------


def test_a_rotated_key_takes_the_place_of_the_old_one_at_once() -> None:
    gateway = Gateway()
    old = gateway.account.api_key
    answer = gateway.call("DELETE", f"/v1/users/{gateway.account.id}/api-keys")
    assert (answer.status, answer.body["message"]) == (200, "API Key rotated successfully")
    new = answer.data["api_key"]
    assert (new[:3], len(new), new == old) == ("uk_", 67, False)
    assert gateway.call("GET", "/v1/users/me").status == 401
    assert gateway.call("GET", "/v1/users/me", key=new).data["api_key"] == new
    gateway.settle(0)
    assert [entry.kind for entry in gateway.entries("gateway")] == ["user.api-key.rotated"]


@pytest.mark.parametrize("user_id", ["somebody-else", "SYSTEM", "system"])
def test_only_the_own_key_is_rotated(user_id: str) -> None:
    gateway = Gateway()
    answer = gateway.call("DELETE", f"/v1/users/{user_id}/api-keys")
    assert (answer.status, answer.body["message"]) == (401, "You are not authorized to carry out this request.")
    assert answer.data == "Make sure your API key is set in the [X-API-Key] header in the request"
    assert gateway.call("GET", "/v1/users/me").status == 200


# -- deletion ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "renews_in_s", "status"),
    [
        ("pro-monthly", None, 204),
        ("pro-monthly", 3600, 500),
        ("pro-monthly", -1, 204),
        ("free", 3600, 204),
        ("", 3600, 204),
    ],
)
def test_an_account_is_not_deleted_while_a_paid_plan_renews(plan: str, renews_in_s: int | None, status: int) -> None:
    gateway = Gateway(plan=plan)
    renews_at = None if renews_in_s is None else gateway.world.now + renews_in_s * SECOND
    gateway.standin.accounts[gateway.account.id] = evolve(gateway.account, subscription_renews_at=renews_at)
    assert gateway.call("DELETE", "/v1/users/me").status == status
    assert (gateway.account.id in gateway.standin.accounts) == (status == 500)


def _deleted() -> Gateway:
    gateway = Gateway.with_phone()
    assert gateway.call("DELETE", "/v1/users/me").status == 204
    gateway.settle(0)
    return gateway


def _after(gateway: Gateway, method: str, path: str, body: Any = None) -> Answer:
    return gateway.call(method, path.format(id=gateway.account.id), body)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("DELETE", "/v1/users/me", None, 500),
        ("DELETE", "/v1/users/{id}/api-keys", None, 500),
        ("PUT", "/v1/users/{id}/notifications", {}, 500),
        ("GET", "/v1/billing/usage", None, 500),
        ("GET", "/v1/billing/usage-history", None, 200),
        ("GET", "/v1/users/subscription/payments", None, 500),
        ("GET", "/v1/phones", None, 200),
    ],
)
def test_a_deleted_account_is_seen_through_while_its_key_is_remembered(
    method: str, path: str, body: Any, status: int
) -> None:
    gateway = _deleted()
    assert _after(gateway, method, path, body).status == status
    assert gateway.account.id not in gateway.standin.accounts


@pytest.mark.parametrize(
    ("method", "body", "zone"), [("GET", None, "Africa/Accra"), ("PUT", {"timezone": "Europe/London"}, "Europe/London")]
)
def test_a_deleted_account_is_made_anew_by_whoever_asks_for_it(method: str, body: Any, zone: str) -> None:
    gateway = _deleted()
    made = _after(gateway, method, "/v1/users/me", body)
    assert made.status == 200
    data = made.data
    assert (data["id"], data["email"]) == (gateway.account.id, gateway.account.email)
    assert (data["subscription_name"], data["timezone"], _flags(data)) == ("free", zone, [True] * 4)
    assert data["api_key"] != gateway.account.api_key
    for key in (data["api_key"], gateway.account.api_key):  # the old one is remembered for a while
        assert gateway.call("GET", "/v1/users/me", key=key).data["api_key"] == data["api_key"]
    gateway.settle(0)
    assert [entry.kind for entry in gateway.entries("gateway", "user.account.")] == [
        "user.account.deleted",
        "user.account.created",
    ]
