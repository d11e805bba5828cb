"""harness.standin.control: what a test may do that has no API."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core import Record
from harness.standin import FACTS_REFUSED, FACTS_SET, SetFacts
from tests.standin.gateways import OWNER, Answer, Gateway


def _gateway() -> Gateway:
    return Gateway.with_phone(control=True, control_token="control-token")


def _control(gateway: Gateway, method: str, path: str, body: Any = None, token: str = "control-token") -> Answer:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return gateway.call(method, f"/_control/{path}", body, key="", headers=headers)


@pytest.mark.parametrize(
    ("settings", "token", "status"),
    [
        ({}, "", 404),
        ({"control": True}, "", 200),
        ({"control": True, "control_token": "t"}, "t", 200),
        ({"control": True, "control_token": "t"}, "", 401),
        ({"control": True, "control_token": "t"}, "x", 401),
    ],
)
def test_control_is_there_only_if_asked_for_and_for_those_who_know_the_token(
    settings: dict[str, Any], token: str, status: int
) -> None:
    gateway = Gateway(**settings)
    accounts = len(gateway.standin.accounts)
    assert _control(gateway, "POST", "accounts", {}, token).status == status
    assert len(gateway.standin.accounts) == accounts + (status == 200)


def test_an_account_is_made_as_it_is_asked_for() -> None:
    gateway = _gateway()
    facts = {"user_id": "user-9", "api_key": "uk_9", "email": "nine@example.com", "plan": "free"}
    assert _control(gateway, "POST", "accounts", facts).body == facts
    assert _control(gateway, "POST", "accounts", facts).status == 409
    assert gateway.call("GET", "/v1/users/me", key="uk_9").data["subscription_name"] == "free"


def test_what_an_account_has_used_is_set() -> None:
    gateway = _gateway()
    path = f"accounts/{gateway.account.id}"
    assert _control(gateway, "PATCH", path, {"sent_messages": 200, "plan": "free"}).body["sent_messages"] == 200
    assert gateway.send().status == 402
    assert _control(gateway, "PATCH", path, {"plan": "pro-monthly"}).body["sent_messages"] == 200
    assert gateway.send().status == 200


def test_a_phone_gets_settings_that_the_api_refuses() -> None:
    gateway = _gateway()
    (phone_id,) = gateway.standin.phones
    shown = _control(gateway, "GET", f"phones/{phone_id}").body
    assert (shown["phone_number"], shown["last_heartbeat_at"]) == (OWNER, None)
    assert shown["monitor_id"] == gateway.standin.monitors[gateway.account.id, OWNER].id
    settings = {"messages_per_minute": 0, "message_expiration_seconds": 1}
    shown = _control(gateway, "PATCH", f"phones/{phone_id}", settings).body
    assert {name: shown[name] for name in settings} == settings


def test_a_fault_is_switched_on_and_off() -> None:
    gateway = _gateway()
    for is_on in (True, True, False, False):
        assert _control(gateway, "POST", "faults", {"lost_update": is_on}).body == {"lost_update": is_on}
        assert _control(gateway, "POST", "faults", {}).body == {"lost_update": is_on}
        assert bool(gateway.standin.faults) is is_on


def test_a_heartbeat_grows_old() -> None:
    gateway = _gateway()
    (phone_id,) = gateway.standin.phones
    age = {"last_heartbeat_age_s": 4200}
    assert _control(gateway, "PATCH", f"phones/{phone_id}", age).status == 409
    gateway.call("POST", "/v1/heartbeats", {"phone_numbers": [OWNER]}, key=gateway.key)
    before = gateway.world.now
    shown = _control(gateway, "PATCH", f"phones/{phone_id}", age).body
    assert shown["last_heartbeat_at"] == "2026-11-20T08:50:01.223456Z"
    assert gateway.world.now == before


@pytest.mark.parametrize(
    ("facts", "phone", "told"),
    [
        ({"sent_messages": 200, "plan": "free"}, None, {}),
        ({"messages_per_minute": 0, "message_expiration_seconds": 1}, OWNER, {}),
        ({"messages_per_minute": 61}, OWNER, {"error": "messages_per_minute must be 0 to 60"}),
        ({"last_heartbeat_age_s": 60}, OWNER, {"error": "the phone has no heartbeat yet"}),
        ({"messages_per_minute": 0}, "+18005550000", {"error": "no such phone"}),
        ({"colour": "red"}, None, {"error": "colour is not known; known are sent_messages, received_messages, plan"}),
    ],
)
def test_who_is_in_the_same_world_sets_facts_by_an_event(facts: dict[str, Any], phone: str | None, told: Any) -> None:
    gateway = Gateway.with_phone()
    (record,) = gateway.standin.handle(
        SetFacts("step-1", gateway.account.id, tuple(facts.items()), phone), gateway.world.now
    )
    kind = FACTS_REFUSED if told else FACTS_SET
    assert record == Record("gateway", kind, None, {"step": "step-1", **(told or facts)})


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("GET", "nothing", None, 404, "no such control route"),
        ("DELETE", "accounts", None, 404, "no such control route"),
        ("PATCH", "accounts/nobody", {}, 404, "no such account"),
        ("GET", "phones/nobody", None, 404, "no such phone"),
        ("PATCH", "phones/nobody", {}, 404, "no such phone"),
        ("POST", "accounts", {"colour": "red"}, 400, "colour is not known; known are plan, user_id, api_key, email"),
        ("POST", "accounts", {"plan": 5}, 400, "plan must be a text"),
        ("POST", "faults", {"lost_update": 1}, 400, "lost_update must be true or false"),
        ("POST", "faults", {"lost_updates": True}, 400, "lost_updates is not known; known are lost_update"),
        ("POST", "accounts", [], 400, "the body is no JSON object"),
        ("PATCH", "phones/{phone}", {"messages_per_minute": 61}, 400, "messages_per_minute must be 0 to 60"),
        ("PATCH", "phones/{phone}", {"messages_per_minute": True}, 400, "messages_per_minute must be an integer"),
        (
            "PATCH",
            "phones/{phone}",
            {"message_expiration_seconds": 0},
            400,
            "message_expiration_seconds must be 1 to 315360000",
        ),
    ],
)
def test_a_mistake_is_named(method: str, path: str, body: Any, status: int, error: str) -> None:
    gateway = _gateway()
    (phone_id,) = gateway.standin.phones
    answer = _control(gateway, method, path.format(phone=phone_id), body)
    assert (answer.status, answer.body) == (status, {"error": error})


def test_a_body_that_is_no_json_is_named() -> None:
    answer = Gateway(control=True).call("POST", "/_control/accounts", key="", raw=b"{")
    assert (answer.status, answer.body) == (400, {"error": "the body is no JSON"})


def test_control_stands_apart_in_the_trace() -> None:
    gateway = _gateway()
    _control(gateway, "PATCH", f"accounts/{gateway.account.id}", {})
    _control(gateway, "GET", "nothing")
    kinds = [entry.kind for entry in gateway.entries("harness")]
    assert kinds == ["PATCH /_control/accounts/{id}", "GET /_control/*"]
