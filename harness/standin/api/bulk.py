"""Many messages at once, and what became of them (gateway-protocol.md §2.5, §2.11)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from harness.core import Command
from harness.standin import answers, outgoing, usage
from harness.standin.answers import Reply
from harness.standin.outgoing import Order
from harness.standin.rows import Message, Phone
from harness.standin.state import State
from harness.standin.visits import Visit
from harness.wire import bulk, server, texts
from harness.wire.json import Stamp

__all__ = ["index", "send", "upload"]

_SENDING = "sending messages"
_SENDING_FILE = "sending bulk SMS"
_GROUPS_MOST = 10


def send(state: State, visit: Visit) -> Reply:
    """One text to many numbers. The answer has each message at the place of its number; null: it was not stored."""
    asked = bulk.BulkSend.read(visit.body)
    if problems := asked.problems():
        return answers.invalid(_SENDING, problems)
    phone = state.phone_of(visit.who.user_id, asked.sender)
    if phone is None:
        return answers.invalid(_SENDING, {"from": bulk.no_phone(asked.sender)})
    if over := usage.over_limit(state, visit.who.user_id, len(asked.to), visit.now):
        return answers.refused(402, texts.limit_reached(*over))
    orders = [
        Order(contact, asked.content, asked.attachments, asked.encrypted, asked.request_id) for contact in asked.to
    ]
    batch = _Batch(state, visit)
    made = [batch.add(phone, order, place) for place, order in enumerate(orders)]
    at = Stamp(visit.now)
    shown = [None if message is None else server.message_as_written(message, at, at) for message in made]
    return answers.ok(shown, bulk.processed(batch.stored, len(made)), then=batch.then)


def upload(state: State, visit: Visit) -> Reply:
    """A file with a line for each message. A problem in one line refuses all."""
    file = bulk.uploaded(visit.body)
    user_id = visit.who.user_id
    account = state.accounts.get(user_id)
    if account is None:  # deleted, and its key is remembered
        return answers.invalid(_SENDING_FILE, {bulk.DOCUMENT: [bulk.NO_ACCOUNT]})
    try:
        records = bulk.read(file, account.timezone, visit.now)
    except bulk.Refused as refused:
        return answers.invalid(_SENDING_FILE, {bulk.DOCUMENT: refused.problems})
    phones = {sender: state.phone_of(user_id, sender) for sender in {record.sender for record in records}}
    if missing := bulk.not_registered(records, [sender for sender, phone in phones.items() if phone is None]):
        return answers.invalid(_SENDING_FILE, {bulk.DOCUMENT: missing})
    if over := usage.over_limit(state, user_id, len(records), visit.now):
        return answers.refused(402, texts.limit_reached(*over))
    request_id = bulk.request_id(file.name, visit.now)
    batch = _Batch(state, visit)
    places: Counter[str] = Counter()
    for record in records:
        phone = phones[record.sender]
        assert phone is not None
        send_at = None if record.send_at is None else Stamp(record.send_at)
        order = Order(record.to, record.content, record.attachments or None, False, request_id, send_at)
        batch.add(phone, order, places[record.sender])
        places[record.sender] += send_at is None
    return answers.accepted(bulk.accepted(batch.stored, len(records)), then=batch.then)


@dataclass(slots=True)
class _Batch:
    """Messages that one request makes, one after the other."""

    state: State
    visit: Visit
    stored: int = 0
    then: list[Command] = field(default_factory=list)

    def add(self, phone: Phone, order: Order, place: int) -> Message | None:
        """Makes the message at a place of the phone's; None if the database does not take it."""
        if not outgoing.is_storable(order):
            return None
        state, now = self.state, self.visit.now
        message = outgoing.made(state, phone, order, now)
        delay_ns = outgoing.index_delay(state, phone, place)
        puts, command = outgoing.queued(state, message, order, self.visit.source, now, delay_ns)
        state.store(puts)
        self.stored += 1
        self.then.append(command)
        return message


def index(state: State, visit: Visit) -> Reply:
    """The latest groups of messages with the same request id, by the first message of each."""
    groups: dict[str, list[Message]] = {}
    for message in state.messages.ascending(("bulk", visit.who.user_id)):
        groups.setdefault(message.request_id or "", []).append(message)
    latest = list(groups.items())[: -_GROUPS_MOST - 1 : -1]
    tallies = [
        bulk.tally(request_id, [message.status for message in messages], messages[0].created_at)
        for request_id, messages in latest
    ]
    return answers.ok([bulk.write(tally) for tally in tallies], texts.fetched(len(tallies), "bulk message"))
