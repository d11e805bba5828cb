"""Messages: send, fetch, report, receive, missed calls, lists (gateway-protocol.md §2.4 to §2.10)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from harness.core import Command
from harness.instants import SECOND, Instant
from harness.standin import answers, outgoing, races, sql, usage
from harness.standin.answers import Reply
from harness.standin.api import lists
from harness.standin.rows import Message, StoredFile, evolve
from harness.standin.state import Pace, State
from harness.standin.states import Trigger, after
from harness.standin.visits import Visit
from harness.wire import requests, server, texts
from harness.wire.events import (
    ApiDeleted,
    CallMissed,
    Payload,
    PhoneDelivered,
    PhoneReceived,
    PhoneSending,
    PhoneSent,
    SendFailed,
)
from harness.wire.json import Stamp, micros
from harness.wire.rules import Problems
from harness.wire.server import MessageType, Status

__all__ = [
    "attachment",
    "call_missed",
    "delete",
    "index",
    "outstanding",
    "read",
    "receive",
    "report",
    "reported",
    "send",
]

_HORIZON_NS = 480 * 3600 * SECOND
_DELIVERED_NS = SECOND
_SENDING = "sending message"
_STORING_EVENT = "storing event"


def _has_nul(*values: str | None) -> bool:
    """The database takes no text with a NUL (§1.5)."""
    return any(value is not None and "\0" in value for value in values)


def send(state: State, visit: Visit) -> Reply:
    sent = requests.SendMessage.read(visit.body)
    if problems := sent.problems():
        return answers.invalid(_SENDING, problems)
    phone = state.phone_of(visit.who.user_id, sent.sender)
    if phone is None or sent.send_at is not None:
        problems = _send_problems(sent, phone is not None, visit.now)
        if problems:
            return answers.invalid(_SENDING, problems)
    assert phone is not None
    if over := usage.over_limit(state, visit.who.user_id, 1, visit.now):
        return answers.refused(402, texts.limit_reached(*over))
    if _has_nul(sent.content, sent.request_id, *(sent.attachments or ())):
        return answers.internal()
    order = outgoing.Order(sent.to, sent.content, sent.attachments, sent.encrypted, sent.request_id, sent.send_at)
    message = outgoing.made(state, phone, order, visit.now)
    puts, command = outgoing.queued(state, message, order, visit.source, visit.now)
    state.store(puts)
    at = Stamp(visit.now)
    entity = server.message_as_written(message, at, at, sent.send_at)
    reply = answers.ok(entity, texts.MESSAGE_QUEUED, message_id=message.id, then=(command,))
    if sent.send_at is not None:
        reply.facts = {"wait_ns": max(0, sent.send_at.at - visit.now)}
    return reply


def _send_problems(sent: requests.SendMessage, registered: bool, now: Instant) -> Problems:
    problems: Problems = {}
    if sent.send_at is not None and sent.send_at.at > now + _HORIZON_NS:
        problems["send_at"] = [texts.SEND_AT_TOO_LATE]
    if not registered:
        problems["from"] = texts.no_phone(sent.sender)
    return problems


def outstanding(state: State, visit: Visit) -> Reply:
    """Hands a message to the phone, once. The change of status is one step: nothing comes in between (§3.2)."""
    asked = requests.Outstanding.read(visit.query)
    if problems := asked.problems():
        return answers.invalid("fetching outstanding messages", problems)
    who = visit.who
    message = state.message_of(who.user_id, asked.message_id)
    status = None if message is None else after(message.status, Trigger.FETCH)
    # A phone key without numbers may fetch any message of its user (§10.2-27).
    if message is None or status is None or (who.phone_numbers and not who.may_act_for(message.owner)):
        return answers.refused(404, texts.no_outstanding(asked.message_id), asked.message_id)
    message = evolve(message, status=status, updated_at=micros(visit.now))
    state.messages[message.id] = message
    sending = PhoneSending(
        message.id,
        message.user_id,
        None,  # never carried (§10.3-56)
        Stamp(visit.now),
        message.owner,
        message.encrypted,
        message.contact,
        message.content,
        message.sim,
    )
    return answers.ok(
        server.message(message),
        texts.FETCHED_OUTSTANDING,
        message_id=message.id,
        then=(state.queue(sending, visit.request.path, visit.now),),  # without the query, unlike all others (§7.2)
    )


def index(state: State, visit: Visit) -> Reply:
    """The conversation of an owner and a contact, by time; equal times in the order of writing, newest first."""
    asked = requests.MessageQuery.read(visit.query)
    if problems := asked.problems():
        return answers.invalid("fetching messages", problems)
    sql.check(asked.contact)
    found = state.messages.descending((visit.who.user_id, asked.owner, asked.contact))
    page = lists.page(found, asked.page, lambda row: row.content)
    return answers.ok([server.message(row) for row in page], texts.fetched(len(page), "message"))


def _own(state: State, visit: Visit) -> Message | Reply:
    """The message whose id stands in the path, or why there is none."""
    (message_id,) = visit.ids
    if problems := requests.path_id("messageID", message_id):
        return answers.invalid(_STORING_EVENT, problems)  # sic
    message = state.message_of(visit.who.user_id, message_id)
    return message or answers.refused(404, texts.cannot_find("message", message_id), message_id)


def read(state: State, visit: Visit) -> Reply:
    message = _own(state, visit)
    if isinstance(message, Reply):
        return message
    return answers.ok(server.message(message), texts.FETCHED_MESSAGE, message_id=message.id)


def delete(state: State, visit: Visit) -> Reply:
    """The row goes at once; the thread and the place in the queue of pushes follow by event (§8.3)."""
    message = _own(state, visit)
    if isinstance(message, Reply):
        return message
    del state.messages[message.id]
    last = _last(state, message)
    deleted = ApiDeleted(
        message.id,
        message.user_id,
        message.owner,
        message.request_id,
        message.contact,
        Stamp(visit.now),
        message.content,
        message.encrypted,
        None if last is None else last.id,
        None if last is None else last.status,
        None if last is None else last.content,
        message.sim,
    )
    return answers.silent(message.id, (state.queue(deleted, visit.source, visit.now),))


def _last(state: State, message: Message) -> Message | None:
    """The newest message of the same conversation; of equally new ones the server takes that with the smallest id."""
    rows = state.messages.descending((message.user_id, message.owner, message.contact))
    newest = next(rows, None)
    if newest is None:
        return None
    return min((newest, *takewhile(lambda row: row.order_at == newest.order_at, rows)), key=lambda row: row.id)


# -- reports -----------------------------------------------------------------------------------------------------


def report(state: State, visit: Visit) -> Reply:
    """What the phone says of a message; the answer shows the message as it was before (§10.2-21), or with lost updates
    maybe as it is after.
    """
    (message_id,) = visit.ids
    asked = requests.Report.read(message_id, visit.body)
    if "." in message_id:  # a part of a long SMS (§10.3-62)
        return answers.silent()
    if problems := asked.problems():
        return answers.invalid(_STORING_EVENT, problems)
    message = state.message_of(visit.who.user_id, message_id)
    if message is None:
        return answers.refused(404, texts.cannot_find("message", message_id), message_id)
    if not visit.who.may_act_for(message.owner):
        return answers.not_allowed(message.owner, visit.who.phone_numbers, message_id)
    then = (_event(state, message, asked, visit),)
    if state.faults:
        return answers.later(message_id, (*then, races.reread(state, visit, message_id)))
    return _shown(message, then)


def reported(state: State, user_id: str, message_id: str) -> Reply:
    """The answer to a report: the message as it is now. That one was deleted meanwhile is no case the server knows."""
    message = state.message_of(user_id, message_id)
    return answers.internal() if message is None else _shown(message)


def _shown(message: Message, then: Sequence[Command] = ()) -> Reply:
    return answers.ok(server.message(message), texts.MESSAGE_EVENT_STORED, message_id=message.id, then=then)


def _event(state: State, message: Message, asked: requests.Report, visit: Visit) -> Command:
    data: Payload
    match asked.event_name:
        case "SENT":
            data = PhoneSent(
                message.id,
                message.user_id,
                message.request_id,
                message.owner,
                message.contact,
                message.encrypted,
                asked.timestamp,
                message.content,
                message.sim,
            )
        case "DELIVERED":
            data = PhoneDelivered(
                message.id,
                message.owner,
                message.contact,
                message.request_id,
                message.user_id,
                message.encrypted,
                asked.timestamp,
                message.content,
                message.sim,
            )
            delay_ns = 0 if state.settings.pace is Pace.INSTANT else _DELIVERED_NS
            return state.queue(data, visit.source, visit.now, delay_ns)
        case _:
            data = SendFailed(
                message.id,
                _reason(asked.reason),
                message.user_id,
                message.owner,
                message.request_id,
                message.contact,
                asked.timestamp,
                message.encrypted,
                message.content,
                message.sim,
            )
    return state.queue(data, visit.source, visit.now)


def _reason(given: str | None) -> str:
    if given is None:
        return texts.UNKNOWN_ERROR
    return given + texts.SMS_PERMISSION if "android.permission.SEND_SMS" in given else given


# -- what came in ------------------------------------------------------------------------------------------------


def _incoming(
    state: State, visit: Visit, kind: MessageType, asked: requests.ReceiveMessage | requests.MissedCall
) -> Message:
    at, written_at = micros(asked.timestamp.at), micros(visit.now)
    return Message(
        state.draws.uuid4(),
        None,
        asked.to,
        visit.who.user_id,
        asked.sender,
        "",
        None,
        False,
        kind,
        Status.RECEIVED,
        asked.sim,
        at,
        written_at,
        written_at,
        at,
    )


def receive(state: State, visit: Visit) -> Reply:
    """A text reached the phone. Every call is a new message (§10.2-33)."""
    asked = requests.ReceiveMessage.read(visit.body)
    if problems := asked.problems():
        return answers.invalid("receiving message", problems)
    if over := usage.over_limit(state, visit.who.user_id, 1, visit.now):
        return answers.refused(402, texts.limit_reached(*over))
    if not visit.who.may_act_for(asked.to):
        return answers.not_allowed(asked.to, visit.who.phone_numbers)
    message = _incoming(state, visit, MessageType.INCOMING, asked)
    message = evolve(
        message,
        content=asked.content,
        encrypted=asked.encrypted,
        received_at=message.order_at,
        attachments=tuple(_kept(state, message, index, file) for index, file in enumerate(asked.attachments)),
    )
    received = PhoneReceived(
        message.id,
        message.user_id,
        message.owner,
        message.encrypted,
        message.contact,
        asked.timestamp,
        message.content,
        message.sim,
        message.attachments,
    )
    # The event is queued before the row is stored, so it goes out even if storing fails (§5.1).
    then = (state.queue(received, visit.source, visit.now),)
    if _has_nul(message.content, message.contact):
        return answers.internal(then)
    state.messages[message.id] = message
    entity = server.message_as_written(message, asked.timestamp, Stamp(visit.now))
    return answers.ok(entity, texts.MESSAGE_RECEIVED, message_id=message.id, then=then)


def _kept(state: State, message: Message, index: int, file: requests.Attachment) -> str:
    """Keeps an attachment; returns its public address (§5.2)."""
    name = file.file_name(index)
    parts = (message.user_id, message.id, str(index), name)
    state.files[parts] = StoredFile(requests.file_type(name), file.decoded())
    return f"{state.settings.base_url}/v1/attachments/{'/'.join(parts)}"


def attachment(state: State, visit: Visit) -> Reply:
    user_id, message_id, index, name = visit.ids
    file = state.files.get((user_id, message_id, index, name))
    if file is None:
        return answers.refused(404, texts.ATTACHMENT_NOT_FOUND)
    headers = (
        ("Content-Type", file.content_type),
        ("Content-Disposition", "attachment"),
        ("X-Content-Type-Options", "nosniff"),
    )
    return Reply(200, headers, file.content)


def call_missed(state: State, visit: Visit) -> Reply:
    asked = requests.MissedCall.read(visit.body)
    if problems := asked.problems():
        return answers.invalid("storing missed call event", problems)
    if not visit.who.may_act_for(asked.to):
        return answers.not_allowed(asked.to, visit.who.phone_numbers)
    if _has_nul(asked.sender):
        return answers.internal()
    message = _incoming(state, visit, MessageType.MISSED_CALL, asked)
    state.messages[message.id] = message
    missed = CallMissed(message.id, message.user_id, message.owner, message.contact, asked.timestamp, message.sim)
    entity = server.message_as_written(message, asked.timestamp, Stamp(visit.now))
    then = (state.queue(missed, visit.source, visit.now),)
    return answers.ok(entity, texts.CALL_STORED, message_id=message.id, then=then)
