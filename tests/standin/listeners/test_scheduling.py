"""harness.standin.listeners.scheduling: a message waits for its turn (gateway-protocol.md §4.3, §4.4)."""

from __future__ import annotations

import pytest

from harness.instants import SECOND
from harness.standin.rows import evolve
from tests.standin.gateways import CONTACT, OWNER, TOKEN, Gateway


def _rate(gateway: Gateway, messages_per_minute: int) -> None:
    (phone,) = gateway.standin.phones.values()
    gateway.standin.phones[phone.id] = evolve(phone, messages_per_minute=messages_per_minute)


@pytest.mark.parametrize(("rate", "gap_s"), [(10, 6), (45, 1), (0, 0)])
def test_the_next_push_is_planned_behind_the_latest_one(rate: int, gap_s: int) -> None:
    gateway = Gateway.with_phone()
    _rate(gateway, rate)
    planned = []
    for _ in range(3):
        message_id = gateway.send().data["id"]
        gateway.settle(0)
        planned.append(gateway.message(message_id).scheduled_at or 0)
    assert [at - planned[0] for at in planned] == [0, gap_s * SECOND, 2 * gap_s * SECOND]


def test_a_planned_time_takes_no_notice_of_the_rate_but_holds_the_next_one_back() -> None:
    gateway = Gateway.with_phone()
    _rate(gateway, 10)
    first = gateway.send(send_at="2026-11-20T10:00:02Z").data["id"]
    second = gateway.send(send_at="2026-11-20T10:00:02Z").data["id"]
    gateway.settle(2)
    third = gateway.send().data["id"]
    gateway.settle(0)
    at = [gateway.message(message_id).scheduled_at or 0 for message_id in (first, second, third)]
    assert [later - at[0] for later in at] == [0, 0, 6 * SECOND]


def test_the_chain_hangs_on_the_latest_push_that_is_planned() -> None:
    gateway = Gateway.with_phone()
    _rate(gateway, 10)
    sends: list[dict[str, str]] = [{}, {}, {"send_at": "2026-11-20T10:00:00Z"}, {}]
    planned = []
    for fields in sends:
        message_id = gateway.send(**fields).data["id"]
        gateway.settle(0)
        planned.append(gateway.message(message_id).scheduled_at or 0)
    assert [at - planned[0] for at in planned] == [0, 6 * SECOND, 0, 12 * SECOND]


def test_a_message_of_a_phone_that_is_gone_stays_pending() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send(send_at="2026-11-20T10:00:10Z").data["id"]
    (phone_id,) = gateway.standin.phones
    gateway.call("DELETE", f"/v1/phones/{phone_id}")
    gateway.settle(60)
    assert gateway.message(message_id).status == "pending"
    assert gateway.pushes() == []


def test_a_phone_that_goes_before_the_push_fails_the_message() -> None:
    gateway = Gateway.with_phone()
    gateway.send()
    message_id = gateway.send().data["id"]
    gateway.settle(0.5)
    (phone_id,) = gateway.standin.phones
    gateway.call("DELETE", f"/v1/phones/{phone_id}")
    gateway.settle(5)
    reason = f"cannot load phone with userID [{gateway.account.id}] and phoneID [{phone_id}]"
    assert (gateway.message(message_id).status, gateway.message(message_id).failure_reason) == ("failed", reason)


def test_a_phone_without_a_token_fails_the_message() -> None:
    gateway = Gateway.with_phone()
    gateway.call("PUT", "/v1/phones", {"phone_number": OWNER})
    gateway.subscribe("message.send.failed")
    message_id = gateway.send().data["id"]
    gateway.settle(1)
    (phone_id,) = gateway.standin.phones
    assert gateway.message(message_id).failure_reason == f"phone with id [{phone_id}] has no FCM token"
    assert gateway.pushes() == []
    assert [event["data"]["id"] for event in gateway.hooks()] == [message_id]


def test_an_empty_token_is_pushed_to() -> None:
    gateway = Gateway.with_phone()
    gateway.call("PUT", "/v1/phones", {"phone_number": OWNER, "fcm_token": ""})
    gateway.send()
    gateway.settle(1)
    assert [push["token"] for push in gateway.pushes()] == [""]


def test_a_message_is_pushed_whatever_has_become_of_it() -> None:
    gateway = Gateway.with_phone()
    gateway.send()
    message_id = gateway.send().data["id"]
    gateway.settle(0.5)
    gateway.report(message_id, "FAILED")
    gateway.settle(1)
    assert len(gateway.pushes()) == 2
    assert gateway.message(message_id).status == "failed"


def test_a_silent_phone_is_asked_for_a_heartbeat() -> None:
    gateway = Gateway.with_phone()
    (phone_id,) = gateway.standin.phones
    data = {"phone_id": phone_id, "user_id": gateway.account.id, "owner": OWNER}
    gateway.inject("phone.heartbeat.missed", data)
    assert gateway.pushes() == [
        {"token": TOKEN, "data": {"KEY_HEARTBEAT_ID": "2026-11-20T10:00:01Z"}, "android": {"priority": "high"}}
    ]
    gateway.call("PUT", "/v1/phones", {"phone_number": OWNER})
    gateway.inject("phone.heartbeat.missed", data)
    assert len(gateway.pushes()) == 1


def test_a_retry_keeps_the_rate() -> None:
    gateway = Gateway.with_phone()
    _rate(gateway, 1)
    first = gateway.send().data["id"]
    gateway.settle(1)
    gateway.check_expiry(first)
    gateway.settle(120)
    (one, _), (two, _) = gateway.fcm.requests
    assert two - one == 60 * SECOND
    assert {push["data"]["KEY_MESSAGE_ID"] for push in gateway.pushes()} == {first}
    assert gateway.message(first).contact == CONTACT
