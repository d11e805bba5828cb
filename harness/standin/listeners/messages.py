"""The message row follows its events (gateway-protocol.md §3.2, §4.5)."""

from __future__ import annotations

from typing import Any

from harness.core import Command
from harness.instants import Instant
from harness.standin.rows import Message, evolve
from harness.standin.state import Change, State
from harness.standin.states import Trigger, after
from harness.wire.events import (
    Event,
    ExpiredCheck,
    NotificationFailed,
    NotificationScheduled,
    NotificationSent,
    PhoneDelivered,
    PhoneSending,
    PhoneSent,
    Retry,
    SendExpired,
    SendFailed,
    ThreadDeleted,
)
from harness.wire.json import Stamp, micros
from harness.wire.server import Status

__all__ = [
    "on_delivered",
    "on_expired",
    "on_expired_check",
    "on_failed",
    "on_notification_failed",
    "on_notification_scheduled",
    "on_notification_sent",
    "on_sending",
    "on_sent",
    "on_thread_deleted",
]


def _saved(message: Message, now: Instant, **changes: Any) -> Change:
    """The whole row is written, whatever has become of it since it was read."""
    return Change((("messages", message.id, evolve(message, updated_at=micros(now), **changes)),))


def on_notification_scheduled(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, NotificationScheduled)
    message = state.message_of(data.user_id, data.id)
    if message is None:
        return None
    at = micros(data.scheduled_at.at)
    status = after(message.status, Trigger.PLAN) or message.status
    return _saved(message, now, scheduled_at=at, status=status, order_at=_raised(message, at))


def on_notification_sent(state: State, event: Event, now: Instant) -> Change | None:
    """Counts the attempt, and has it checked when its time is up."""
    data = event.data
    assert isinstance(data, NotificationSent)
    message = state.message_of(data.user_id, data.message_id)
    then: tuple[Command, ...] = ()
    if data.message_expiration_duration:  # only an event from outside can have none
        due_at = data.notification_sent_at.at + data.message_expiration_duration
        check = ExpiredCheck(data.message_id, Stamp(due_at), data.user_id)
        then = (state.queue(check, event.source, now, due_at - now),)
    if message is None:
        return Change(then=then)
    counted = evolve(message, updated_at=micros(now), send_attempt_count=message.send_attempt_count + 1)
    return Change((("messages", message.id, counted),), then=then)


def on_notification_failed(state: State, event: Event, now: Instant) -> Change | None:
    """A push that failed fails the message; it is not tried again."""
    data = event.data
    assert isinstance(data, NotificationFailed)
    message = state.message_of(data.user_id, data.message_id)
    if message is None:
        return None
    failed = SendFailed(
        message.id,
        data.error_message,
        message.user_id,
        message.owner,
        message.request_id,
        message.contact,
        data.notification_failed_at,
        message.encrypted,
        message.content,
        message.sim,
    )
    return Change(then=(state.queue(failed, event.source, now),))


def on_sending(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, PhoneSending)
    message = state.message_of(data.user_id, data.id)
    if message is None or after(message.status, Trigger.ATTEMPT) is None:
        return None
    at = micros(event.time.at)  # the time of the event, where all others take one from its data
    return _saved(message, now, last_attempted_at=at, order_at=_raised(message, at))


def _unix_nanos(at: Instant) -> int:
    """As Go counts: in 64 bits, so the years before 1678 and after 2262 come out somewhere else."""
    return (at + _HALF) % (2 * _HALF) - _HALF


_HALF = 1 << 63


def _raised(message: Message, at: Instant) -> Instant:
    """The time by which messages are sorted only moves forward."""
    return at if _unix_nanos(at) > _unix_nanos(message.order_at) else message.order_at


def _duration(message: Message, at: Instant) -> int:
    return _unix_nanos(_unix_nanos(at) - _unix_nanos(message.request_received_at))


def on_sent(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, PhoneSent)
    message = state.message_of(data.user_id, data.id)
    status = None if message is None else after(message.status, Trigger.SENT)
    if message is None or status is None:
        return None
    at = data.timestamp.at
    return _saved(
        message,
        now,
        status=status,
        sent_at=micros(at),
        send_duration=_duration(message, at),
        order_at=_raised(message, micros(at)),
    )


def on_delivered(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, PhoneDelivered)
    message = state.message_of(data.user_id, data.id)
    status = None if message is None else after(message.status, Trigger.DELIVERED)
    if message is None or status is None:
        return None
    at = data.timestamp.at
    duration = _duration(message, at) if message.send_duration is None else message.send_duration
    return _saved(
        message,
        now,
        status=status,
        delivered_at=micros(at),
        send_duration=duration,
        order_at=_raised(message, micros(at)),
    )


def on_failed(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, SendFailed)
    message = state.message_of(data.user_id, data.id)
    status = None if message is None else after(message.status, Trigger.FAIL)
    if message is None or status is None or "\0" in data.error_message:  # the database takes no NUL: nothing is saved
        return None
    at = micros(data.timestamp.at)
    return _saved(
        message,
        now,
        status=status,
        failed_at=at,
        failure_reason=data.error_message,
        order_at=_raised(message, at),
    )


def on_expired_check(state: State, event: Event, now: Instant) -> Change | None:
    """Nobody has reported in time: the message expires."""
    data = event.data
    assert isinstance(data, ExpiredCheck)
    message = state.message_of(data.user_id, data.message_id)
    if message is None or after(message.status, Trigger.EXPIRE) is None:
        return None
    expired = SendExpired(
        message.id,
        message.owner,
        message.send_attempt_count,
        message.send_attempt_count == message.max_send_attempts,
        message.request_id,
        message.contact,
        message.encrypted,
        message.user_id,
        Stamp(now),
        message.content,
        message.sim,
    )
    return Change(then=(state.queue(expired, event.source, now),))


def on_expired(state: State, event: Event, now: Instant) -> Change | None:
    """The message is expired, and goes round again if it has attempts left."""
    data = event.data
    assert isinstance(data, SendExpired)
    message = state.message_of(data.user_id, data.message_id)
    if message is None or after(message.status, Trigger.EXPIRE) is None:
        return None
    at = micros(data.timestamp.at)
    expired = evolve(
        message, status=Status.EXPIRED, expired_at=at, updated_at=micros(now), order_at=_raised(message, at)
    )
    puts = (("messages", message.id, expired),)
    if message.send_attempt_count >= message.max_send_attempts:
        return Change(puts)
    retry = Retry(
        message.id,
        message.owner,
        message.contact,
        message.encrypted,
        message.user_id,
        Stamp(now),
        message.content,
        message.sim,
    )
    return Change(puts, then=(state.queue(retry, event.source, now),))


def on_thread_deleted(state: State, event: Event, now: Instant) -> Change | None:
    """All messages between owner and contact go, also those that came meanwhile; planned pushes stay planned."""
    data = event.data
    assert isinstance(data, ThreadDeleted)
    found = state.messages.descending((data.user_id, data.owner, data.contact))
    return Change(tuple(("messages", message.id, None) for message in found))
