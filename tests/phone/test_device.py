"""Which card a message leaves by."""

from __future__ import annotations

import pytest

from harness.phone import Device


@pytest.mark.parametrize(
    ("cards", "default", "sim", "card"),
    [
        ((1,), 1, "SIM1", 1),
        ((1,), 5, "SIM2", 5),
        ((1,), 5, "DEFAULT", 5),
        ((1, 2), 2, "SIM1", 1),
        ((1, 2), 1, "SIM2", 2),
        ((7, 3), 3, "sim2", 3),
        ((), 4, "SIM1", 4),
        ((), None, "SIM1", None),
    ],
)
def test_a_card_that_is_there_is_taken_by_name_else_the_default(
    cards: tuple[int, ...], default: int | None, sim: str, card: int | None
) -> None:
    assert Device(cards, default).subscription(sim) == card
