"""What an account has used is counted by event (gateway-protocol.md §2.17)."""

from __future__ import annotations

from harness.instants import Instant
from harness.standin import usage
from harness.standin.state import Change, State
from harness.wire.events import ApiSent, Event, PhoneReceived

__all__ = ["on_queued", "on_received"]


def on_queued(state: State, event: Event, now: Instant) -> Change | None:
    """Counts in the cycle in which the message was asked for."""
    data = event.data
    assert isinstance(data, ApiSent)
    return _counted(state, data.user_id, data.request_received_at.at, now, sent=1)


def on_received(state: State, event: Event, now: Instant) -> Change | None:
    """Counts in the cycle of the phone's time, which may be an old one."""
    data = event.data
    assert isinstance(data, PhoneReceived)
    return _counted(state, data.user_id, data.timestamp.at, now, received=1)


def _counted(state: State, user_id: str, at: Instant, now: Instant, sent: int = 0, received: int = 0) -> Change | None:
    account = state.accounts.get(user_id)
    if account is None:
        return None
    row = usage.usage_at(state, account, at, now)
    return Change((usage.put(usage.counted(row, now, sent=sent, received=received)),))
