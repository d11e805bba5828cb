"""harness.standin.listeners.phone_keys: which numbers a key may act for (gateway-protocol.md §1.4)."""

from __future__ import annotations

import pytest

from tests.standin.gateways import OWNER, TOKEN, Gateway

REGISTER = {"phone_number": OWNER, "fcm_token": TOKEN, "sim": "SIM1"}
BEAT = {"phone_numbers": [OWNER]}


def test_a_key_is_associated_by_event_and_not_before() -> None:
    gateway = Gateway()
    key = gateway.call("POST", "/v1/phone-api-keys", {"name": "key"}).data["api_key"]
    assert gateway.call("PUT", "/v1/phones/fcm-token", REGISTER, key=key).status == 200
    (row,) = gateway.standin.phone_keys.values()
    assert row.phone_numbers == ()
    gateway.settle(0)
    (row,) = gateway.standin.phone_keys.values()
    assert (row.phone_numbers, row.phone_ids) == ((OWNER,), tuple(gateway.standin.phones))
    assert gateway.call("POST", "/v1/heartbeats", BEAT, key=key).status == 201


@pytest.mark.parametrize("path", ["/v1/phones", "/v1/phones/fcm-token"])
def test_a_user_key_associates_nothing(path: str) -> None:
    gateway = Gateway()
    gateway.call("POST", "/v1/phone-api-keys", {"name": "key"})
    gateway.call("PUT", path, REGISTER)
    gateway.settle(0)
    (row,) = gateway.standin.phone_keys.values()
    assert row.phone_numbers == ()


def test_a_second_key_takes_the_phone_over_at_once() -> None:
    gateway = Gateway.with_phone()
    assert gateway.call("POST", "/v1/heartbeats", BEAT, key=gateway.key).status == 201
    second = gateway.add_phone(OWNER, TOKEN)
    assert gateway.call("POST", "/v1/heartbeats", BEAT, key=gateway.key).status == 401
    assert gateway.call("POST", "/v1/heartbeats", BEAT, key=second).status == 201


def test_registering_again_changes_nothing() -> None:
    gateway = Gateway.with_phone()
    gateway.call("PUT", "/v1/phones/fcm-token", REGISTER, key=gateway.key)
    gateway.settle(0)
    assert gateway.phone_key().phone_numbers == (OWNER,)


def test_a_deleted_phone_is_taken_off_all_keys() -> None:
    gateway = Gateway.with_phone()
    register = {**REGISTER, "phone_number": "+18005550198"}
    gateway.call("PUT", "/v1/phones/fcm-token", register, key=gateway.key)
    gateway.settle(0)
    assert gateway.phone_key().phone_numbers == (OWNER, "+18005550198")
    phone = gateway.standin.phone_of(gateway.account.id, OWNER)
    assert phone is not None
    gateway.call("DELETE", f"/v1/phones/{phone.id}")
    gateway.settle(0)
    assert gateway.phone_key().phone_numbers == ("+18005550198",)
    assert len(gateway.phone_key().phone_ids) == 1


def test_a_key_of_another_user_is_not_associated() -> None:
    gateway = Gateway.with_phone()
    stranger = gateway.standin.create_account(gateway.world.now)
    (phone_id,) = gateway.standin.phones
    data = {"phone_id": phone_id, "user_id": stranger.id, "phone_api_key_id": gateway.phone_key().id, "owner": "+1"}
    assert gateway.inject("phone.updated", data).status == 204
    assert gateway.phone_key().phone_numbers == (OWNER,)


def test_a_phone_that_is_gone_is_not_associated() -> None:
    gateway = Gateway.with_phone()
    gateway.call("PUT", "/v1/phones/fcm-token", {**REGISTER, "phone_number": "+18005550198"}, key=gateway.key)
    phone = gateway.standin.phone_of(gateway.account.id, "+18005550198")
    assert phone is not None
    gateway.standin.store((("phones", phone.id, None), ("phone_ids", (phone.user_id, phone.phone_number), None)))
    gateway.settle(0)
    assert gateway.phone_key().phone_numbers == (OWNER,)


def test_an_association_leaves_the_time_of_a_key() -> None:
    gateway = Gateway.with_phone()
    before = gateway.phone_key().updated_at
    gateway.settle(10)
    gateway.call("PUT", "/v1/phones/fcm-token", {**REGISTER, "phone_number": "+18005550198"}, key=gateway.key)
    gateway.settle(0)
    assert len(gateway.phone_key().phone_numbers) == 2
    assert gateway.phone_key().updated_at == before
