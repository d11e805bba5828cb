"""Who may be texted: everybody in an emulator, on hardware those who are allowed."""

from __future__ import annotations

import pytest

from harness.device_radio import NumberGuard

BOB, CAROL = "+18005550100", "+18005550101"
EMULATOR = NumberGuard(is_emulator=True)
HARDWARE = NumberGuard(is_emulator=False)
FOR_BOB = NumberGuard(is_emulator=False, allowed=frozenset({BOB}))


@pytest.mark.parametrize(
    ("guard", "number", "may"),
    [
        (EMULATOR, BOB, True),
        (EMULATOR, "911", True),
        (HARDWARE, BOB, False),
        (FOR_BOB, BOB, True),
        (FOR_BOB, CAROL, False),
        # Only the very number is allowed: a network may read another notation as somebody else.
        (FOR_BOB, BOB.removeprefix("+"), False),
        (FOR_BOB, f" {BOB}", False),
        (FOR_BOB, f"{BOB}1", False),
        (FOR_BOB, "", False),
    ],
)
def test_a_real_radio_texts_nobody_but_whom_it_may(guard: NumberGuard, number: str, may: bool) -> None:
    refusal = guard.refusal(number)
    assert (refusal is None) is may
    if refusal is not None:
        assert f"--allow {number}" in refusal


def test_only_an_emulator_takes_texts_and_calls_that_are_typed() -> None:
    assert EMULATOR.injection_refusal() is None
    assert "only an emulator" in str(FOR_BOB.injection_refusal())
