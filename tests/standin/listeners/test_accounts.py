"""harness.standin.listeners.accounts: the plan follows the payment provider (gateway-protocol.md §2.17)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.instants import parse_rfc3339, rfc3339
from harness.standin.rows import evolve
from tests.standin.gateways import Gateway

SOON, LATER = "2026-12-01T00:00:00.123456Z", "2027-01-01T00:00:00Z"
FACTS = {"subscription_id": "7", "subscription_name": "pro-monthly", "subscription_status": "active"}


def _plan(gateway: Gateway) -> tuple[str | None, ...]:
    """Name, id, status, renewal and end."""
    data = gateway.call("GET", "/v1/users/me").data
    names = ("name", "id", "status", "renews_at", "ends_at")
    return tuple(data[f"subscription_{name}"] for name in names)


def _gateway() -> Gateway:
    """An account with another subscription that ends."""
    gateway = Gateway(plan="ultra-yearly")
    account = evolve(
        gateway.account,
        subscription_id="1",
        subscription_status="cancelled",
        subscription_ends_at=parse_rfc3339(LATER),
    )
    gateway.standin.accounts[account.id] = account
    return gateway


BEFORE = ("ultra-yearly", "1", "cancelled", None, LATER)


@pytest.mark.parametrize(
    ("event", "facts", "plan"),
    [
        ("created", {"subscription_renews_at": SOON}, ("pro-monthly", "7", "active", SOON, None)),
        ("updated", {"subscription_renews_at": SOON}, ("pro-monthly", "7", "active", SOON, None)),
        (
            "updated",
            {"subscription_renews_at": SOON, "subscription_ends_at": LATER},
            ("pro-monthly", "7", "active", SOON, LATER),
        ),
        ("updated", {"subscription_status": "paused", "subscription_renews_at": SOON}, BEFORE),
        ("cancelled", {"subscription_ends_at": SOON}, ("pro-monthly", "7", "active", None, SOON)),
        ("expired", {"subscription_ends_at": SOON}, ("free", None, None, None, None)),
        ("created", {"user_id": "somebody-else", "subscription_renews_at": SOON}, BEFORE),
    ],
)
def test_the_plan_follows_what_is_said_of_the_subscription(
    event: str, facts: dict[str, Any], plan: tuple[str | None, ...]
) -> None:
    gateway = _gateway()
    data = {"user_id": gateway.account.id, **FACTS, **facts}
    assert gateway.inject(f"user.subscription.{event}", data).status == 204
    assert _plan(gateway) == plan


def test_an_account_with_a_plan_that_renews_is_not_deleted_until_it_expires() -> None:
    gateway = Gateway()
    data = {"user_id": gateway.account.id, **FACTS}
    gateway.inject("user.subscription.created", data | {"subscription_renews_at": SOON})
    assert gateway.call("DELETE", "/v1/users/me").status == 500
    assert rfc3339(gateway.world.now) < SOON
    gateway.inject("user.subscription.expired", data | {"subscription_ends_at": SOON})
    assert gateway.call("DELETE", "/v1/users/me").status == 204
