"""harness.standin.api.phone_keys: phone API keys (gateway-protocol.md §2.13)."""

from __future__ import annotations

import pytest

from tests.standin.gateways import OWNER, Gateway

UNKNOWN = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


def test_a_key_is_made_and_listed_in_the_clear() -> None:
    gateway = Gateway.with_phone()
    answer = gateway.call("POST", "/v1/phone-api-keys", {"name": " second "})
    assert (answer.status, answer.body["message"]) == (200, "phone API key created successfully")
    assert answer.data["api_key"].startswith("pk_")
    assert len(answer.data["api_key"]) == 67
    assert (answer.data["name"], answer.data["phone_numbers"], answer.data["user_email"]) == (
        "second",
        [],
        gateway.account.email,
    )
    assert gateway.call("GET", "/v1/phone-api-keys").data == [
        {
            **answer.data,
            **{name: gateway.call("GET", "/v1/phone-api-keys").data[0][name] for name in ("created_at", "updated_at")},
        }
    ]
    keys = gateway.call("GET", "/v1/phone-api-keys?limit=10").data
    assert [(key["name"], key["phone_numbers"]) for key in keys] == [("second", []), ("key", [OWNER])]


def test_a_key_without_a_name_is_refused() -> None:
    answer = Gateway().call("POST", "/v1/phone-api-keys", {})
    assert (answer.status, answer.body["message"]) == (422, "validation errors while updating phones")


def test_a_list_of_keys_is_judged() -> None:
    assert Gateway().call("GET", "/v1/phone-api-keys?skip=x").status == 422


def test_a_deleted_key_stops_working_at_once() -> None:
    gateway = Gateway.with_phone()
    beat = {"phone_numbers": [OWNER]}
    assert gateway.call("POST", "/v1/heartbeats", beat, key=gateway.key).status == 201
    path = f"/v1/phone-api-keys/{gateway.phone_key().id}"
    assert gateway.call("DELETE", path).status == 204
    assert gateway.call("POST", "/v1/heartbeats", beat, key=gateway.key).status == 401
    assert gateway.call("DELETE", path).status == 404
    assert gateway.call("GET", "/v1/phone-api-keys").data == []


@pytest.mark.parametrize(
    ("key", "phone", "status"),
    [
        ("{key}", "{phone}", 204),
        ("{key}", UNKNOWN, 404),
        (UNKNOWN, "{phone}", 404),
        ("{key}", "x", 422),
        ("x", "x", 422),
    ],
)
def test_a_phone_is_taken_off_a_key_if_both_are_there(key: str, phone: str, status: int) -> None:
    gateway = Gateway.with_phone()
    names = {"key": gateway.phone_key().id, "phone": next(iter(gateway.standin.phones))}
    path = f"/v1/phone-api-keys/{key}/phones/{phone}".format(**names)
    answer = gateway.call("DELETE", path)
    assert answer.status == status
    assert gateway.phone_key().phone_numbers == (() if status == 204 else (OWNER,))
    if status == 404:
        assert "which is associated with phone API key with ID" in answer.body["message"]


@pytest.mark.parametrize("path", ["/v1/phone-api-keys/x", "/v1/phone-api-keys/x/phones/y"])
def test_a_malformed_id_is_judged(path: str) -> None:
    answer = Gateway().call("DELETE", path)
    assert (answer.status, answer.body["message"]) == (422, "validation errors while storing event")


def test_a_name_that_no_database_takes_is_an_internal_error() -> None:
    gateway = Gateway()
    assert gateway.call("POST", "/v1/phone-api-keys", {"name": "a\0b"}).status == 500
    assert gateway.standin.phone_keys == {}
    assert gateway.call("GET", "/v1/phone-api-keys?query=%00").status == 500


def test_the_answer_that_makes_a_key_shows_nanoseconds() -> None:
    gateway = Gateway()
    made = gateway.call("POST", "/v1/phone-api-keys", {"name": "key"}).data
    (read,) = gateway.call("GET", "/v1/phone-api-keys").data
    assert made["created_at"] == made["updated_at"] == "2026-11-20T10:00:00.123456789Z"
    assert read["created_at"] == read["updated_at"] == "2026-11-20T10:00:00.123456Z"
