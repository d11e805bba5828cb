"""An event comes off the queue: who listens, and what the trace says of it (gateway-protocol.md §7.1, §7.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from harness.core import Command, Fact, Record, Tell
from harness.instants import Instant
from harness.standin import pushes, races, waits
from harness.standin.facts import FACTS, THREADED, Facts, moved, thread
from harness.standin.listeners import (
    accounts,
    auto_reply,
    billing,
    cleanup,
    messages,
    monitors,
    phone_keys,
    schedules,
    scheduling,
    threads,
    webhooks,
)
from harness.standin.rows import HookCall, Message, PushCall, evolve
from harness.standin.state import Change, Load, Put, State
from harness.wire import events

__all__ = ["LISTENERS", "listened", "occur", "saved"]

# In the order of gateway-protocol.md §7.3. The real server runs the listeners of an event side by side.
LISTENERS: Mapping[type[events.Payload], tuple[Load, ...]] = {
    events.ApiSent: (threads.on_queued, billing.on_queued, scheduling.on_queued),
    events.ApiDeleted: (threads.on_deleted, scheduling.on_deleted),
    events.PhoneSending: (messages.on_sending, threads.on_sending),
    events.PhoneSent: (messages.on_sent, threads.on_sent, webhooks.on_event),
    events.PhoneDelivered: (messages.on_delivered, threads.on_delivered, webhooks.on_event),
    events.SendFailed: (messages.on_failed, threads.on_failed, webhooks.on_event),
    events.SendExpired: (messages.on_expired, threads.on_expired, webhooks.on_event),
    events.PhoneReceived: (threads.on_received, webhooks.on_event, billing.on_received),
    events.CallMissed: (threads.on_call_missed, webhooks.on_event, auto_reply.on_call_missed),
    events.HeartbeatOnline: (webhooks.on_event,),
    events.HeartbeatOffline: (monitors.on_offline, webhooks.on_event),
    events.HeartbeatMissed: (scheduling.on_heartbeat_missed,),
    events.HeartbeatCheck: (monitors.on_check,),
    events.NotificationScheduled: (messages.on_notification_scheduled, threads.on_notification_scheduled),
    events.NotificationSend: (scheduling.on_notification_send,),
    events.NotificationSent: (messages.on_notification_sent,),
    events.NotificationFailed: (messages.on_notification_failed,),
    events.ExpiredCheck: (messages.on_expired_check,),
    events.Retry: (scheduling.on_retry,),
    events.ScheduleDeleted: (schedules.on_deleted,),
    events.PhoneUpdated: (monitors.on_phone_updated, phone_keys.on_phone_updated),
    events.PhoneDeleted: (monitors.on_phone_deleted, phone_keys.on_phone_deleted),
    events.ThreadDeleted: (messages.on_thread_deleted,),
    events.AccountDeleted: cleanup.ON_ACCOUNT_DELETED,
    events.SubscriptionCreated: (accounts.on_subscribed,),
    events.SubscriptionUpdated: (accounts.on_updated,),
    events.SubscriptionCancelled: (accounts.on_cancelled,),
    events.SubscriptionExpired: (accounts.on_expired,),
}


def occur(state: State, event: events.Event, now: Instant, exchange: str = "") -> tuple[list[Command], int]:
    """Handles an event: its entry in the trace, then what its listeners want done.

    Also returns for how many things the request `exchange` has to wait: calls that were begun, and listeners that a
    fault delays.
    """
    loads, id_of, more = _REACTIONS.get(type(event.data), _NO_REACTION)
    message_id = None if id_of is None else id_of(event.data)
    was = None if message_id is None else state.messages.get(message_id)
    if state.faults and loads:
        listeners = races.listen(state, event, len(loads), now, exchange)
        return [_begun(state, event.data, message_id, was, more, now), *listeners], len(loads)
    calls: list[PushCall | HookCall] = []
    then: list[Command] = []
    for load in loads:
        change = load(state, event, now)
        if change is not None:
            state.store(change.puts)
            calls += change.calls
            then += change.then
    commands: list[Command] = [_entry(state, event.data, message_id, was, more, now), *then]
    for row in calls:
        commands += _begin(state, row, now, exchange)
    return commands, len(calls)


def listened(state: State, listener: races.Listen, now: Instant) -> list[Command]:
    """A listener that was delayed has its turn."""
    change = _REACTIONS[type(listener.event.data)][0][listener.index](state, listener.event, now) or Change()
    later = races.save(state, listener, change, now)
    if later is not None:
        return [later]
    waits.expect_more(state, listener.exchange, len(change.calls))
    commands = _stored(state, listener, change.puts, change.then)
    for row in change.calls:
        commands += _begin(state, row, now, listener.exchange)
    return commands


def saved(state: State, save: races.Save, now: Instant) -> list[Command]:
    """A store that was put off is made."""
    return _stored(state, save.listener, save.puts, save.then)


def _stored(state: State, listener: races.Listen, puts: tuple[Put, ...], then: Sequence[Command]) -> list[Command]:
    """What becomes of the message has an entry of its own: it may be undone by the next listener that stores."""
    was = {key: _status(state.messages.get(key)) for table, key, _ in puts if table == "messages"}
    races.store(state, puts)
    saved = [
        Record("gateway", SAVED, key, {"was": before, "status": _status(state.messages.get(key))})
        for key, before in was.items()
    ]
    return [*saved, *then, *waits.done(state, listener.exchange)]


SAVED = "message.saved"


def _begun(
    state: State, data: events.Payload, message_id: str | None, was: Message | None, more: Facts | None, now: Instant
) -> Record:
    """The entry of an event whose listeners take their time: what they make of it is not known yet."""
    facts: dict[str, Fact] = {} if message_id is None else {"was": _status(was)}
    if more is not None:
        facts |= more(state, data, now)
    return Record("gateway", data.TYPE, message_id, facts)


def _entry(
    state: State, data: events.Payload, message_id: str | None, was: Message | None, more: Facts | None, now: Instant
) -> Record:
    if message_id is None:
        return Record("gateway", data.TYPE, None, {} if more is None else more(state, data, now))
    message = state.messages.get(message_id)
    facts: dict[str, Fact] = {"was": _status(was), "status": _status(message)}
    if more is not None:
        facts |= more(state, data, now)
    if message is not was:
        facts |= moved(was, message)
    if type(data) in THREADED:
        facts |= thread(state, data, message_id)
    return Record("gateway", data.TYPE, message_id, facts)


def _begin(state: State, row: PushCall | HookCall, now: Instant, exchange: str) -> list[Command]:
    if exchange:
        row = evolve(row, waits=exchange)
    if type(row) is PushCall:
        return list(pushes.call(state, row, now))
    return [Tell(state.port, row)]  # each in a step of its own, so that the event is the cause of every one


def _status(message: Message | None) -> str | None:
    return None if message is None else message.status.value


# -- what the trace says -----------------------------------------------------------------------------------------


def _id(data: events.Payload) -> str:
    message_id: str = data.id  # type: ignore[attr-defined]
    return message_id


def _message_id(data: events.Payload) -> str:
    message_id: str = data.message_id  # type: ignore[attr-defined]
    return message_id


# Some payloads name the message `id`, some `message_id` (§10.3-58).
_MESSAGE_ID: dict[type[events.Payload], Callable[[events.Payload], str]] = {
    events.ApiSent: _message_id,
    events.ApiDeleted: _message_id,
    events.PhoneSending: _id,
    events.PhoneSent: _id,
    events.PhoneDelivered: _id,
    events.SendFailed: _id,
    events.SendExpired: _message_id,
    events.PhoneReceived: _message_id,
    events.CallMissed: _message_id,
    events.NotificationScheduled: _id,
    events.NotificationSend: _id,
    events.NotificationSent: _message_id,
    events.NotificationFailed: _message_id,
    events.ExpiredCheck: _message_id,
    events.Retry: _message_id,
}

_Reaction = tuple[tuple[Load, ...], Callable[[events.Payload], str] | None, Facts | None]

_NO_REACTION: _Reaction = ((), None, None)
_REACTIONS: dict[type[events.Payload], _Reaction] = {
    kind: (LISTENERS.get(kind, ()), _MESSAGE_ID.get(kind), FACTS.get(kind)) for kind in events.PAYLOADS.values()
}
