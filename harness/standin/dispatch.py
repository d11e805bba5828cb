"""An event comes off the queue: who listens, and what the trace says of it (gateway-protocol.md §7.1, §7.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from harness.core import Command, Fact, Record, Tell
from harness.instants import Instant
from harness.standin import pushes, races, waits
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
from harness.standin.rows import HookCall, PushCall, evolve
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
    was = None if message_id is None else _status(state, message_id)
    if state.faults and loads:
        listeners = races.listen(state, event, len(loads), now, exchange)
        return [_begun(state, event.data, message_id, was, more), *listeners], len(loads)
    calls: list[PushCall | HookCall] = []
    then: list[Command] = []
    for load in loads:
        change = load(state, event, now)
        if change is not None:
            state.store(change.puts)
            calls += change.calls
            then += change.then
    commands: list[Command] = [_entry(state, event.data, message_id, was, more), *then]
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
    was = {key: _status(state, key) for table, key, _ in puts if table == "messages"}
    races.store(state, puts)
    saved = [
        Record("gateway", SAVED, key, {"was": before, "status": _status(state, key)}) for key, before in was.items()
    ]
    return [*saved, *then, *waits.done(state, listener.exchange)]


SAVED = "message.saved"


def _begun(state: State, data: events.Payload, message_id: str | None, was: str | None, more: _Facts | None) -> Record:
    """The entry of an event whose listeners take their time: what they make of it is not known yet."""
    facts: dict[str, Fact] = {} if message_id is None else {"was": was}
    if more is not None:
        facts |= more(state, data)
    return Record("gateway", data.TYPE, message_id, facts)


def _entry(state: State, data: events.Payload, message_id: str | None, was: str | None, more: _Facts | None) -> Record:
    facts: dict[str, Fact] = {}
    if message_id is not None:
        facts["was"] = was
        facts["status"] = _status(state, message_id)
    if more is not None:
        facts |= more(state, data)
    return Record("gateway", data.TYPE, message_id, facts)


def _begin(state: State, row: PushCall | HookCall, now: Instant, exchange: str) -> list[Command]:
    if exchange:
        row = evolve(row, waits=exchange)
    if type(row) is PushCall:
        return list(pushes.call(state, row, now))
    return [Tell(state.port, row)]  # each in a step of its own, so that the event is the cause of every one


def _status(state: State, message_id: str) -> str | None:
    message = state.messages.get(message_id)
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

_Facts = Callable[[State, events.Payload], dict[str, Fact]]


def _text_facts(state: State, data: events.Payload) -> dict[str, Fact]:
    assert isinstance(data, events.ApiSent | events.PhoneReceived)
    return {
        "content": data.content,
        "encrypted": data.encrypted,
        "owner": data.owner,
        "contact": data.contact,
    }


def _failed_facts(state: State, data: events.Payload) -> dict[str, Fact]:
    assert isinstance(data, events.SendFailed)
    return {"reason": data.error_message}


def _expired_facts(state: State, data: events.Payload) -> dict[str, Fact]:
    assert isinstance(data, events.SendExpired)
    return {"final": data.is_final}


def _attempt_facts(state: State, data: events.Payload) -> dict[str, Fact]:
    assert isinstance(data, events.NotificationSent)
    message = state.messages.get(data.message_id)
    return {"attempt": None if message is None else message.send_attempt_count}


def _phone_facts(state: State, data: events.Payload) -> dict[str, Fact]:
    assert isinstance(data, events.PhoneUpdated)
    key = state.phone_keys.get(data.phone_api_key_id or "")
    return {"owner": data.owner, "key_associated": key is not None and data.owner in key.phone_numbers}


_FACTS: dict[type[events.Payload], _Facts] = {
    events.ApiSent: _text_facts,
    events.PhoneReceived: _text_facts,
    events.SendFailed: _failed_facts,
    events.SendExpired: _expired_facts,
    events.NotificationSent: _attempt_facts,
    events.PhoneUpdated: _phone_facts,
}


_Reaction = tuple[tuple[Load, ...], Callable[[events.Payload], str] | None, _Facts | None]

_NO_REACTION: _Reaction = ((), None, None)
_REACTIONS: dict[type[events.Payload], _Reaction] = {
    kind: (LISTENERS.get(kind, ()), _MESSAGE_ID.get(kind), _FACTS.get(kind)) for kind in events.PAYLOADS.values()
}
