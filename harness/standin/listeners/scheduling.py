"""A message waits for its turn, then the phone is told by a push (gateway-protocol.md §4.3, §4.4)."""

from __future__ import annotations

from harness.instants import SECOND, Instant
from harness.standin import pushes
from harness.standin.rows import Notification, Phone, PushCall
from harness.standin.state import Change, State
from harness.wire import texts
from harness.wire.events import (
    ApiDeleted,
    ApiSent,
    Event,
    HeartbeatMissed,
    NotificationFailed,
    NotificationScheduled,
    NotificationSend,
    Retry,
)
from harness.wire.fcm import HEARTBEAT_ID, MESSAGE_ID
from harness.wire.json import Stamp

__all__ = ["on_deleted", "on_heartbeat_missed", "on_notification_send", "on_queued", "on_retry"]

_EXPIRATION_S = 600


def on_queued(state: State, event: Event, now: Instant) -> Change | None:
    """With `send_at` the push goes out at that time, whatever the rate and the windows (§10.2-36)."""
    data = event.data
    assert isinstance(data, ApiSent)
    phone = state.phone_of(data.user_id, data.owner)
    if phone is None:
        return None  # the message stays pending for ever
    if data.exact_send_time and data.scheduled_send_time is not None:
        change = _planned(state, data, phone, max(data.scheduled_send_time.at, now), event, now)
        # Told twice, the server pushes twice; but while the first push is to come, it plans only one.
        planned = state.notifications.last(("message", data.message_id))
        return change if planned is None or planned.scheduled_at < now else change._replace(puts=())
    return _planned(state, data, phone, pushes.planned_at(state, phone, now), event, now)


def on_retry(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, Retry)
    phone = state.phone_of(data.user_id, data.owner)
    if phone is None:
        return None
    return _planned(state, data, phone, pushes.planned_at(state, phone, now), event, now)


def on_deleted(state: State, event: Event, now: Instant) -> Change | None:
    """The message's places in the queue of pushes are free again; a push that is under way still goes out."""
    data = event.data
    assert isinstance(data, ApiDeleted)
    planned = state.notifications.ascending(("message", data.message_id))
    return Change(tuple(("notifications", row.id, None) for row in planned if row.user_id == data.user_id))


def _planned(state: State, data: ApiSent | Retry, phone: Phone, at: Instant, event: Event, now: Instant) -> Change:
    row = Notification(state.draws.uuid4(), data.message_id, data.user_id, phone.id, at)
    stamp = Stamp(at)
    scheduled = NotificationScheduled(
        data.message_id,
        data.owner,
        data.contact,
        data.content,
        data.encrypted,
        data.sim,
        data.user_id,
        phone.id,
        stamp,
        row.id,
    )
    send = NotificationSend(data.message_id, data.user_id, phone.id, stamp, row.id)
    return Change(
        (("notifications", row.id, row),),
        then=(
            state.queue(scheduled, event.source, now),
            state.queue(send, event.source, now, at - now),
        ),
    )


def on_notification_send(state: State, event: Event, now: Instant) -> Change | None:
    """Pushes whatever state the message is in, also if it is gone (§4.4)."""
    data = event.data
    assert isinstance(data, NotificationSend)
    phone = state.phones.get(data.phone_id)
    if phone is None or phone.user_id != data.user_id:
        return _refused(state, data, texts.not_loaded(data.user_id, data.phone_id), event, now)
    if phone.fcm_token is None:
        return _refused(state, data, texts.no_token(phone.id), event, now)
    push = PushCall(
        phone.fcm_token,
        MESSAGE_ID,
        data.id,
        "normal",
        event.source,
        data.user_id,
        phone.id,
        phone.phone_number,
        data.id,
        data.notification_id,
        data.scheduled_at.at,
        (phone.message_expiration_seconds or _EXPIRATION_S) * SECOND,
    )
    return Change(calls=(push,))


def _refused(state: State, data: NotificationSend, why: str, event: Event, now: Instant) -> Change:
    failed = NotificationFailed(data.id, data.user_id, data.notification_id, data.phone_id, why, Stamp(now))
    return Change(then=(state.queue(failed, event.source, now),))


def on_heartbeat_missed(state: State, event: Event, now: Instant) -> Change | None:
    """Asks the phone for a sign of life, even if one has come meanwhile (§6)."""
    data = event.data
    assert isinstance(data, HeartbeatMissed)
    phone = state.phones.get(data.phone_id)
    if phone is None or phone.user_id != data.user_id or phone.fcm_token is None:
        return None
    push = PushCall(
        phone.fcm_token,
        HEARTBEAT_ID,
        str(Stamp(now - now % SECOND)),
        "high",
        event.source,
        data.user_id,
        phone.id,
        phone.phone_number,
        None,
        "",
        now,
        0,
    )
    return Change(calls=(push,))
