"""harness.standin.outgoing: how an outgoing message comes to be (gateway-protocol.md §4.1, §4.2)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core import At, Tell
from harness.instants import SECOND, Instant
from harness.standin import outgoing
from harness.standin.outgoing import Order
from harness.standin.rows import evolve
from harness.wire.json import Stamp
from tests.standin.gateways import CONTACT, OWNER, Gateway

NOW: Instant = 1_790_000_000 * SECOND + 123_456_789


def _made(order: Order, **settings: Any) -> tuple[Gateway, Any]:
    gateway = Gateway.with_phone()
    phone = gateway.standin.phone_of(gateway.account.id, OWNER)
    assert phone is not None
    return gateway, outgoing.made(gateway.standin, evolve(phone, **settings), order, NOW)


@pytest.mark.parametrize(("attempts", "kept"), [(3, 3), (0, 2)])
def test_a_message_takes_the_settings_of_the_phone(attempts: int, kept: int) -> None:
    _, message = _made(Order(CONTACT, "hi"), max_send_attempts=attempts, sim="SIM2")
    assert (message.max_send_attempts, message.sim, message.owner) == (kept, "SIM2", OWNER)


@pytest.mark.parametrize(("send_at", "order_at"), [(None, NOW - 789), (Stamp(5_000_999, 60), 5_000_000)])
def test_a_planned_message_is_ordered_by_its_time(send_at: Stamp | None, order_at: Instant) -> None:
    _, message = _made(Order(CONTACT, "hi", send_at=send_at))
    assert (message.order_at, message.created_at, message.status) == (order_at, NOW - 789, "pending")


@pytest.mark.parametrize(
    ("settings", "rate", "index", "delay_ns"),
    [
        ({}, 60, 0, 0),
        ({}, 60, 2, 2 * SECOND),
        ({}, 45, 1, 1_333_333_333),
        ({}, 7, 3, 3 * 8_571_428_571),
        ({}, 0, 3, 0),
        ({"keep_rate": False}, 60, 3, 0),
    ],
)
def test_a_message_of_a_batch_waits_by_its_place(settings: Any, rate: int, index: int, delay_ns: int) -> None:
    gateway = Gateway.with_phone(**settings)
    phone = gateway.standin.phone_of(gateway.account.id, OWNER)
    assert phone is not None
    assert outgoing.index_delay(gateway.standin, evolve(phone, messages_per_minute=rate), index) == delay_ns


@pytest.mark.parametrize(
    ("order", "storable"),
    [
        (Order(CONTACT, "h\u00e9", ("https://a.b/c",), False, "r"), True),
        (Order(CONTACT, "\0"), False),
        (Order(CONTACT, "\udce4"), False),
        (Order(CONTACT, "hi", None, False, "\0"), False),
        (Order(CONTACT, "hi", ("\0",)), False),
    ],
)
def test_the_database_takes_texts_of_utf_8_without_a_nul(order: Order, storable: bool) -> None:
    assert outgoing.is_storable(order) is storable


@pytest.mark.parametrize(
    ("send_at", "delay_ns", "due_at"),
    [
        (None, 0, None),
        (None, SECOND, NOW + SECOND),
        (Stamp(NOW + 5), 0, NOW + 5),
        (Stamp(NOW - 5), 0, None),
        (Stamp(NOW + 5), SECOND, NOW + 5),
    ],
)
def test_the_event_waits_for_the_planned_time(send_at: Stamp | None, delay_ns: int, due_at: Instant | None) -> None:
    order = Order(CONTACT, "hi", send_at=send_at)
    gateway, message = _made(order)
    _, command = outgoing.queued(gateway.standin, message, order, "/v1/messages/send", NOW, delay_ns)
    assert type(command) is (Tell if due_at is None else At)
    if isinstance(command, At):
        assert command.due_at == due_at
