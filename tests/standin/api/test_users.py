"""harness.standin.api.users: the account and its usage (gateway-protocol.md §2.17)."""

from __future__ import annotations

from tests.standin.gateways import Gateway


def test_a_user_sees_the_account() -> None:
    gateway = Gateway(plan="free")
    answer = gateway.call("GET", "/v1/users/me")
    assert answer.body["message"] == "user fetched successfully"
    assert (answer.data["id"], answer.data["api_key"]) == (gateway.account.id, gateway.account.api_key)
    assert (answer.data["subscription_name"], answer.data["timezone"]) == ("free", "UTC")
    assert list(answer.data)[-2:] == ["created_at", "updated_at"]


def test_the_usage_is_made_on_demand_and_stays() -> None:
    gateway = Gateway()
    first, second = (gateway.call("GET", "/v1/billing/usage").data for _ in range(2))
    assert first == second
    assert (first["start_timestamp"], first["end_timestamp"]) == ("2026-11-20T00:00:00Z", "2026-12-19T23:59:59Z")
    assert (first["sent_messages"], first["received_messages"], first["total_cost"]) == (0, 0, 0)
