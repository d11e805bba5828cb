"""What follows a send schedule (gateway-protocol.md §2.16)."""

from __future__ import annotations

from harness.instants import Instant
from harness.standin.rows import evolve
from harness.standin.state import Change, State
from harness.wire.events import Event, ScheduleDeleted
from harness.wire.json import micros

__all__ = ["on_deleted"]


def on_deleted(state: State, event: Event, now: Instant) -> Change | None:
    """The phones that referred to the schedule refer to none."""
    data = event.data
    assert isinstance(data, ScheduleDeleted)
    return Change(
        tuple(
            ("phones", phone.id, evolve(phone, message_send_schedule_id=None, updated_at=micros(now)))
            for phone in state.phones.descending((data.user_id,))
            if phone.message_send_schedule_id == data.schedule_id
        )
    )
