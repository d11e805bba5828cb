"""Which card a message leaves by."""

from __future__ import annotations

import pytest

from harness.phone import Card, Device
from harness.plain import dump, load

ONE = (Card(1, 1),)
TWO = (Card(1, 1, "+1"), Card(2, 2, "+2"))
ODD = (Card(7, 1), Card(3, 2))


@pytest.mark.parametrize(
    ("cards", "default", "sim", "card"),
    [
        (ONE, 1, "SIM1", 1),
        (ONE, 5, "SIM2", 5),
        (ONE, 5, "DEFAULT", 5),
        (TWO, 2, "SIM1", 1),
        (TWO, 1, "SIM2", 2),
        (ODD, 3, "sim2", 3),
        ((Card(4, 2),), 4, "SIM1", 4),
        ((), 4, "SIM1", 4),
        ((), None, "SIM1", None),
    ],
)
def test_a_card_that_is_there_is_taken_by_name_else_the_default(
    cards: tuple[Card, ...], default: int | None, sim: str, card: int | None
) -> None:
    assert Device(cards, default).subscription(sim) == card


def test_without_the_permission_the_app_sees_no_cards() -> None:
    device = Device(TWO, 2, denied=("READ_PHONE_STATE",))
    assert device.subscriptions == ()
    assert device.subscription("SIM1") == 2
    assert not device.dual_sim


def test_a_subscription_is_in_a_slot_and_one_that_is_unknown_in_the_first() -> None:
    assert [Device(ODD).slot_of(card) for card in (7, 3, 9, None)] == [1, 2, 1, 1]
    assert [Device(TWO).number_in(slot) for slot in (1, 2, 3)] == ["+1", "+2", ""]


def test_a_device_comes_back_from_a_file() -> None:
    device = Device(TWO, None, charging=True, denied=("SEND_SMS",), throws=("java.lang.Error", None))
    assert load(dump(device)) == device
