"""How an outgoing message comes to be, whoever asked for it (gateway-protocol.md §4.1, §5.1)."""

from __future__ import annotations

import re

from harness.core import Command
from harness.frozen import frozen
from harness.instants import SECOND, Instant
from harness.standin.rows import Message, Phone
from harness.standin.state import Put, State
from harness.wire.events import ApiSent
from harness.wire.json import Stamp, micros
from harness.wire.server import MessageType, Status

__all__ = ["Order", "index_delay", "is_storable", "made", "queued"]


@frozen
class Order:
    """What is to be sent, and how it was asked for."""

    contact: str
    content: str
    attachments: tuple[str, ...] | None = None
    encrypted: bool = False
    request_id: str | None = None
    send_at: Stamp | None = None


def is_storable(order: Order) -> bool:
    """Whether the database takes its texts: not with a NUL, and not with bytes that are no UTF-8 (lone surrogates)."""
    texts = (order.content, order.request_id or "", *(order.attachments or ()))
    return not any(_UNSTORABLE.search(text) for text in texts)


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def index_delay(state: State, phone: Phone, index: int) -> int:
    """How long the message at a place of a batch waits, in ns: by the exact rate, but not where spacing is lifted."""
    rate = phone.messages_per_minute
    return index * (60 * SECOND // rate) if rate and state.settings.keep_rate else 0


def made(state: State, phone: Phone, order: Order, now: Instant) -> Message:
    """The new message, `pending`."""
    at = micros(now)
    send_at = None if order.send_at is None else micros(order.send_at.at)
    return Message(
        state.draws.uuid4(),
        order.request_id,
        phone.phone_number,
        phone.user_id,
        order.contact,
        order.content,
        order.attachments,
        order.encrypted,
        MessageType.OUTGOING,
        Status.PENDING,
        phone.sim,
        at,
        at,
        at,
        at if send_at is None else send_at,
        send_at,
        phone.max_send_attempts or 2,
    )


def queued(
    state: State, message: Message, order: Order, source: str, now: Instant, delay_ns: int = 0
) -> tuple[tuple[Put, ...], Command]:
    """What stores the message, and the event that sends it on its way.

    With `send_at` the event waits for that time, else for `delay_ns` (§4.2).
    """
    puts: tuple[Put, ...] = (("messages", message.id, message),)
    if order.send_at is not None:
        delay_ns = order.send_at.at - now
    sent = ApiSent(
        message.id,
        message.user_id,
        message.owner,
        message.request_id,
        message.max_send_attempts,
        message.contact,
        order.send_at,
        order.send_at is not None,
        Stamp(now),
        message.content,
        message.attachments,
        message.encrypted,
        message.sim,
    )
    return puts, state.queue(sent, source, now, delay_ns)
