"""A thread shows the last thing that happened between an owner and a contact (gateway-protocol.md §8.2)."""

from __future__ import annotations

from typing import NamedTuple

from harness.instants import SECOND, Instant
from harness.standin.rows import Thread, evolve
from harness.standin.state import Change, Load, State
from harness.wire import texts
from harness.wire.events import (
    ApiDeleted,
    ApiSent,
    CallMissed,
    Event,
    NotificationScheduled,
    Payload,
    PhoneDelivered,
    PhoneReceived,
    PhoneSending,
    PhoneSent,
    SendExpired,
    SendFailed,
)
from harness.wire.json import micros
from harness.wire.server import COLORS, Status

__all__ = [
    "on_call_missed",
    "on_deleted",
    "on_delivered",
    "on_expired",
    "on_failed",
    "on_notification_scheduled",
    "on_queued",
    "on_received",
    "on_sending",
    "on_sent",
]


class _News(NamedTuple):
    """What a thread is told. `unread`: something came in."""

    user_id: str
    owner: str
    contact: str
    message_id: str
    status: Status
    at: Instant
    content: str
    unread: bool = False


def _told(state: State, news: _News, event: Event, now: Instant) -> Change | None:
    if "\0" in news.contact or "\0" in news.content:
        return None  # no text for the database: the message was not stored either, but its event is told (§5.1)
    thread = state.threads.first((news.user_id, news.owner, news.contact))
    if thread is None:
        return _opened(state, news, now)
    if _stale(thread, news):
        return None
    is_read, is_archived = thread.is_read, thread.is_archived
    # What happens at one instant here is never at one in the server: a thread that is only just there is older.
    if news.unread and (thread.last_read_at is None or thread.last_read_at <= event.time.at):
        is_read = False
    if is_archived and news.status is Status.RECEIVED and _unarchives(state, news):
        is_archived = False
    told = evolve(
        thread,
        is_read=is_read,
        is_archived=is_archived,
        status=news.status,
        last_message_id=news.message_id,
        last_message_content=news.content,
        order_at=micros(news.at),  # also backwards in time (§10.2-40)
        updated_at=micros(now),
    )
    return Change((("threads", thread.id, told),))


def _stale(thread: Thread, news: _News) -> bool:
    """Old news of the message that the thread shows; times are compared in whole seconds."""
    if thread.last_message_id != news.message_id:
        return False
    if thread.status is Status.DELIVERED:
        return True
    return thread.status is not Status.SENDING and thread.order_at // SECOND > news.at // SECOND


def _unarchives(state: State, news: _News) -> bool:
    phone = state.phone_of(news.user_id, news.owner)
    return phone is not None and phone.unarchive_thread


def _opened(state: State, news: _News, now: Instant) -> Change:
    at = micros(now)
    thread = Thread(
        state.draws.uuid4(),
        news.owner,
        news.contact,
        news.user_id,
        COLORS[state.draws.between(0, len(COLORS) - 1)],
        False,
        not news.unread,
        news.status,
        news.content,
        news.message_id,
        at,
        at,
        micros(news.at),
        at,  # as if it had been read then
    )
    return Change((("threads", thread.id, thread),))


def on_queued(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, ApiSent)
    at = data.request_received_at.at
    news = _News(data.user_id, data.owner, data.contact, data.message_id, Status.PENDING, at, data.content)
    return _told(state, news, event, now)


def on_notification_scheduled(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, NotificationScheduled)
    at = data.scheduled_at.at
    news = _News(data.user_id, data.owner, data.contact, data.id, Status.SCHEDULED, at, data.content)
    return _told(state, news, event, now)


_REPORTS: dict[type[Payload], Status] = {
    PhoneSending: Status.SENDING,
    PhoneSent: Status.SENT,
    PhoneDelivered: Status.DELIVERED,
    SendFailed: Status.FAILED,
}


def _on_report(state: State, event: Event, now: Instant) -> Change | None:
    """The thread does not ask whether the message itself has taken the report."""
    data = event.data
    assert isinstance(data, PhoneSending | PhoneSent | PhoneDelivered | SendFailed)
    status = _REPORTS[type(data)]
    news = _News(data.user_id, data.owner, data.contact, data.id, status, data.timestamp.at, data.content)
    return _told(state, news, event, now)


on_sending: Load = _on_report
on_sent: Load = _on_report
on_delivered: Load = _on_report
on_failed: Load = _on_report


def on_expired(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, SendExpired)
    at = data.timestamp.at
    news = _News(data.user_id, data.owner, data.contact, data.message_id, Status.EXPIRED, at, data.content)
    return _told(state, news, event, now)


def on_received(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, PhoneReceived)
    at = data.timestamp.at
    news = _News(data.user_id, data.owner, data.contact, data.message_id, Status.RECEIVED, at, data.content, True)
    return _told(state, news, event, now)


def on_call_missed(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, CallMissed)
    at, content = data.timestamp.at, texts.MISSED_CALL_CONTENT
    news = _News(data.user_id, data.owner, data.contact, data.message_id, Status.RECEIVED, at, content, True)
    return _told(state, news, event, now)


def on_deleted(state: State, event: Event, now: Instant) -> Change | None:
    """The thread shows the message before the one that is gone; with the last message it goes too (§8.3).

    The time of the thread stays as it is. What the message before is was settled when the event arose.
    """
    data = event.data
    assert isinstance(data, ApiDeleted)
    thread = state.threads.first((data.user_id, data.owner, data.contact))
    if thread is None:
        return None
    if data.previous_message_id is None:
        return Change((("threads", thread.id, None),))
    if thread.last_message_id not in (None, data.message_id):
        return None
    if data.previous_message_status not in _STATUSES:
        return None  # only an event from outside can be so: there the server fails
    repaired = evolve(
        thread,
        last_message_id=data.previous_message_id,
        last_message_content=data.previous_message_content,
        status=Status(data.previous_message_status),
        updated_at=micros(now),
    )
    return Change((("threads", thread.id, repaired),))


_STATUSES = frozenset(Status)
