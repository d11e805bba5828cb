"""harness.standin.listeners.billing: what is counted, and in which cycle (gateway-protocol.md §2.17)."""

from __future__ import annotations

import pytest

from tests.standin.gateways import CONTACT, OWNER, Gateway


def _usage(gateway: Gateway) -> tuple[int, int]:
    data = gateway.call("GET", "/v1/billing/usage").data
    return data["sent_messages"], data["received_messages"]


def test_texts_count_and_missed_calls_do_not() -> None:
    gateway = Gateway.with_phone()
    gateway.send()
    gateway.receive()
    gateway.receive()
    gateway.call("POST", "/v1/messages/calls/missed", {"from": CONTACT, "to": OWNER}, key=gateway.key)
    gateway.settle(1)
    assert _usage(gateway) == (1, 2)


@pytest.mark.parametrize("timestamp", ["2026-07-23T05:10:00Z", None])
def test_an_old_text_counts_in_an_old_cycle(timestamp: str | None) -> None:
    gateway = Gateway.with_phone()
    gateway.receive(timestamp=timestamp)
    gateway.settle(1)
    assert _usage(gateway) == (0, 0)
    assert sorted(row.received_messages for row in gateway.standin.usages.values()) == [0, 1]


def test_a_planned_message_counts_at_its_time_in_the_cycle_of_its_request() -> None:
    gateway = Gateway.with_phone()
    gateway.send(send_at="2026-11-20T11:00:00Z")
    gateway.settle(1)
    assert _usage(gateway) == (0, 0)
    gateway.settle(3600)
    assert _usage(gateway) == (1, 0)


def test_an_automatic_reply_counts() -> None:
    gateway = Gateway.with_phone()
    gateway.call("PUT", "/v1/phones", {"phone_number": OWNER, "fcm_token": "t", "missed_call_auto_reply": "later"})
    gateway.call("POST", "/v1/messages/calls/missed", {"from": CONTACT, "to": OWNER}, key=gateway.key)
    gateway.settle(1)
    assert _usage(gateway) == (1, 0)
