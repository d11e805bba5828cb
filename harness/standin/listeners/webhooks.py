"""Whom an event is told to outside (gateway-protocol.md §7.4)."""

from __future__ import annotations

from dataclasses import replace

from harness.instants import Instant
from harness.standin.rows import HookCall
from harness.standin.state import Change, State
from harness.wire.events import (
    CallMissed,
    Event,
    HeartbeatOffline,
    HeartbeatOnline,
    PhoneDelivered,
    PhoneReceived,
    PhoneSent,
    SendExpired,
    SendFailed,
)

__all__ = ["on_event"]


def on_event(state: State, event: Event, now: Instant) -> Change | None:
    """Every webhook of the user that subscribed to the type and lists the owner, literally."""
    data = event.data
    assert isinstance(
        data,
        PhoneReceived
        | PhoneSent
        | PhoneDelivered
        | SendFailed
        | SendExpired
        | CallMissed
        | HeartbeatOnline
        | HeartbeatOffline,
    )
    wanted = [
        webhook
        for webhook in state.webhooks.descending((data.user_id,))
        if event.type in webhook.events and data.owner in webhook.phone_numbers
    ]
    if not wanted:
        return None
    if not event.id:
        event = replace(event, id=state.draws.uuid4())
    message_id = getattr(data, "message_id", None) or getattr(data, "id", None)
    return Change(
        calls=tuple(
            HookCall(webhook.id, data.user_id, data.owner, webhook.url, webhook.signing_key, event, message_id)
            for webhook in wanted
        )
    )
