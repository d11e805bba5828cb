"""A missed call is answered by text, if the phone has one (gateway-protocol.md §5.1)."""

from __future__ import annotations

from harness.instants import Instant
from harness.standin import outgoing
from harness.standin.state import Change, State
from harness.wire.events import CallMissed, Event

__all__ = ["on_call_missed"]


def on_call_missed(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, CallMissed)
    phone = state.phone_of(data.user_id, data.owner)
    if phone is None or not phone.missed_call_auto_reply:
        return None
    order = outgoing.Order(data.contact, phone.missed_call_auto_reply, request_id=f"missed-call-{data.message_id}")
    message = outgoing.made(state, phone, order, now)
    puts, command = outgoing.queued(state, message, order, event.source, now)
    return Change(puts, then=(command,))
