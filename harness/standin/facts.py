"""What the trace says of an event, beside its kind and its message: read from the tables once its listeners are done.

The facts are there for looks and invariants, so they come from the rows and not from whoever has just changed them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.core import Fact
from harness.instants import Instant, rfc3339
from harness.standin import usage
from harness.standin.rows import Message, Webhook
from harness.standin.state import State
from harness.wire import events

__all__ = ["FACTS", "THREADED", "Facts", "moved", "of_webhook", "thread"]

Facts = Callable[[State, events.Payload, Instant], dict[str, Fact]]


def moved(before: Message | None, after: Message | None) -> dict[str, Fact]:
    """By how much the time that sorts the message has moved, in ns, if it has."""
    if before is None or after is None or before.order_at == after.order_at:
        return {}
    return {"order_moved_ns": after.order_at - before.order_at}


# The events that a thread is told of (gateway-protocol.md §8.2), and the deletion that mends it (§8.3).
THREADED: frozenset[type[events.Payload]] = frozenset(
    {
        events.ApiSent,
        events.ApiDeleted,
        events.NotificationScheduled,
        events.PhoneSending,
        events.PhoneSent,
        events.PhoneDelivered,
        events.SendFailed,
        events.SendExpired,
        events.PhoneReceived,
        events.CallMissed,
    }
)


def thread(state: State, data: events.Payload, message_id: str) -> dict[str, Fact]:
    """What the thread shows of the message: its status there, None where no thread shows it.

    Where one conversation has several threads, how many.
    """
    scope: tuple[str, str, str] = (data.user_id, data.owner, data.contact)  # type: ignore[attr-defined]
    count = state.threads.size(scope)
    if count > 1:
        return {"thread": f"{count} threads"}
    row = state.threads.first(scope)
    return {"thread": None if row is None or row.last_message_id != message_id else row.status.value}


def of_webhook(webhook: Webhook) -> dict[str, Fact]:
    """Who subscribes to what; `signed`: with a key."""
    return {
        "webhook": webhook.id,
        "url": webhook.url,
        "events": ", ".join(webhook.events),
        "numbers": ", ".join(webhook.phone_numbers),
        "signed": bool(webhook.signing_key),
    }


def _used(state: State, user_id: str, at: Instant, name: str) -> dict[str, Fact]:
    """The account's counter of that name, and the cycle that it counts in."""
    row = usage.known(state, user_id, at)
    return {} if row is None else {name: getattr(row, name), "cycle": rfc3339(row.start_at)[:10]}


def _of_text(data: events.ApiSent | events.PhoneReceived) -> dict[str, Fact]:
    return {
        "content": data.content,
        "encrypted": data.encrypted,
        "owner": data.owner,
        "contact": data.contact,
        "sim": data.sim,
    }


def _queued(state: State, data: events.Payload, now: Instant) -> dict[str, Fact]:
    assert isinstance(data, events.ApiSent)
    own_time: dict[str, Fact] = {"own_time": True} if data.exact_send_time else {}
    used = _used(state, data.user_id, data.request_received_at.at, "sent_messages")
    return {**_of_text(data), "max_attempts": data.max_send_attempts, **own_time, **used}


def _received(state: State, data: events.Payload, now: Instant) -> dict[str, Fact]:
    assert isinstance(data, events.PhoneReceived)
    return {**_of_text(data), **_used(state, data.user_id, data.timestamp.at, "received_messages")}


def _missed(state: State, data: events.Payload, now: Instant) -> dict[str, Fact]:
    assert isinstance(data, events.CallMissed)
    return {"owner": data.owner, "contact": data.contact, "sim": data.sim}


def _failed(state: State, data: events.Payload, now: Instant) -> dict[str, Fact]:
    assert isinstance(data, events.SendFailed)
    return {"reason": data.error_message}


def _expired(state: State, data: events.Payload, now: Instant) -> dict[str, Fact]:
    assert isinstance(data, events.SendExpired)
    return {"final": data.is_final}


def _planned(state: State, data: events.Payload, now: Instant) -> dict[str, Fact]:
    """`wait_ns` is how long the push waits from here, `per_minute` the rate that is kept (0: none).

    `windows` is the phone's schedule, if it has one.
    """
    assert isinstance(data, events.NotificationScheduled)
    told: dict[str, Fact] = {"wait_ns": data.scheduled_at.at - now}
    phone = state.phones.get(data.phone_id)
    if phone is None:
        return told
    told["per_minute"] = phone.messages_per_minute if state.settings.keep_rate else 0
    schedule = state.schedule_of(phone.user_id, phone.message_send_schedule_id or "")
    if schedule is not None:
        windows = [f"{day} {start}-{end}" for day, start, end in schedule.windows]
        told["windows"] = "; ".join([schedule.timezone, *windows])
    return told


def _pushed(state: State, data: events.Payload, now: Instant) -> dict[str, Fact]:
    """`expires_in_ns`: how long from here until somebody looks whether the phone has reported."""
    assert isinstance(data, events.NotificationSent)
    message = state.messages.get(data.message_id)
    told: dict[str, Fact] = {"attempt": None if message is None else message.send_attempt_count}
    if data.message_expiration_duration:
        told["expires_in_ns"] = max(0, data.notification_sent_at.at + data.message_expiration_duration - now)
    return told


def _phone_updated(state: State, data: events.Payload, now: Instant) -> dict[str, Fact]:
    assert isinstance(data, events.PhoneUpdated)
    key = state.phone_keys.get(data.phone_api_key_id or "")
    is_associated = key is not None and data.owner in key.phone_numbers
    return {"owner": data.owner, "key_associated": is_associated, "sim": data.sim}


def _owner(state: State, data: events.Payload, now: Instant) -> dict[str, Fact]:
    return {"owner": data.owner}  # type: ignore[attr-defined]


FACTS: Mapping[type[events.Payload], Facts] = {
    events.ApiSent: _queued,
    events.PhoneReceived: _received,
    events.CallMissed: _missed,
    events.SendFailed: _failed,
    events.SendExpired: _expired,
    events.NotificationScheduled: _planned,
    events.NotificationSent: _pushed,
    events.HeartbeatOnline: _owner,
    events.HeartbeatOffline: _owner,
    events.PhoneUpdated: _phone_updated,
    events.PhoneDeleted: _owner,
}
