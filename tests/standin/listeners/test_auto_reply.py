"""harness.standin.listeners.auto_reply: a missed call is answered by text (gateway-protocol.md §5.1)."""

from __future__ import annotations

import pytest

from tests.standin.gateways import OWNER, TOKEN, Gateway


def _missed(gateway: Gateway, caller: str = "18005550102") -> str:
    body = {"from": caller, "to": OWNER}
    call_id: str = gateway.call("POST", "/v1/messages/calls/missed", body, key=gateway.key).data["id"]
    gateway.settle(1)
    return call_id


def _reply_with(gateway: Gateway, text: str) -> None:
    settings = {"phone_number": OWNER, "fcm_token": TOKEN, "sim": "SIM2", "missed_call_auto_reply": text}
    gateway.call("PUT", "/v1/phones", settings)


@pytest.mark.parametrize(("caller", "contact"), [("18005550102", "+18005550102"), ("Bank", "Bank")])
def test_a_missed_call_is_answered_with_the_text_of_the_phone(caller: str, contact: str) -> None:
    gateway = Gateway.with_phone()
    _reply_with(gateway, "I will call back")
    call_id = _missed(gateway, caller)
    (push,) = gateway.pushes()
    reply = gateway.message(push["data"]["KEY_MESSAGE_ID"])
    assert (reply.content, reply.contact, reply.request_id) == ("I will call back", contact, f"missed-call-{call_id}")
    assert (reply.type, reply.encrypted, reply.sim) == ("mobile-terminated", False, "SIM2")


def test_without_a_text_there_is_no_reply() -> None:
    gateway = Gateway.with_phone()
    _missed(gateway)
    assert gateway.pushes() == []
