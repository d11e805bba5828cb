"""The plan of an account follows what its payment provider says (gateway-protocol.md §2.17)."""

from __future__ import annotations

from typing import Any

from harness.instants import Instant
from harness.standin.rows import evolve
from harness.standin.state import Change, State
from harness.wire.events import (
    Event,
    SubscriptionCancelled,
    SubscriptionCreated,
    SubscriptionExpired,
    SubscriptionUpdated,
)
from harness.wire.json import micros
from harness.wire.server import FREE_PLAN

__all__ = ["on_cancelled", "on_expired", "on_subscribed", "on_updated"]

_ACTIVE = "active"


def _saved(state: State, user_id: str, now: Instant, **changes: Any) -> Change | None:
    account = state.accounts.get(user_id)
    if account is None:
        return None
    return Change((("accounts", user_id, evolve(account, updated_at=micros(now), **changes)),))


def on_subscribed(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, SubscriptionCreated)
    return _saved(
        state,
        data.user_id,
        now,
        plan=data.subscription_name,
        subscription_id=data.subscription_id,
        subscription_status=data.subscription_status,
        subscription_renews_at=micros(data.subscription_renews_at.at),
        subscription_ends_at=None,
    )


def on_updated(state: State, event: Event, now: Instant) -> Change | None:
    """Only an active subscription changes anything."""
    data = event.data
    assert isinstance(data, SubscriptionUpdated)
    if data.subscription_status != _ACTIVE:
        return None
    ends = data.subscription_ends_at
    return _saved(
        state,
        data.user_id,
        now,
        plan=data.subscription_name,
        subscription_id=data.subscription_id,
        subscription_status=data.subscription_status,
        subscription_renews_at=micros(data.subscription_renews_at.at),
        subscription_ends_at=None if ends is None else micros(ends.at),
    )


def on_cancelled(state: State, event: Event, now: Instant) -> Change | None:
    """The plan stays until it expires."""
    data = event.data
    assert isinstance(data, SubscriptionCancelled)
    return _saved(
        state,
        data.user_id,
        now,
        plan=data.subscription_name,
        subscription_id=data.subscription_id,
        subscription_status=data.subscription_status,
        subscription_renews_at=None,
        subscription_ends_at=micros(data.subscription_ends_at.at),
    )


def on_expired(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, SubscriptionExpired)
    return _saved(
        state,
        data.user_id,
        now,
        plan=FREE_PLAN,
        subscription_id=None,
        subscription_status=None,
        subscription_renews_at=None,
        subscription_ends_at=None,
    )
