"""Nothing happens where there is no service, no power, or nobody logged in."""

from __future__ import annotations

from typing import Any

import pytest

from harness.scenario.invariants import check
from harness.trace import Entry
from tests.scenario.invariants.traces import (
    ALICE,
    CAROL,
    DORA,
    Case,
    assert_noticed,
    before,
    broken,
    find,
    real,
    written,
)

IN_CLEAR = find("radio", "submitted", text="In clear")
TO_CAROL = find("radio", "delivered", to=CAROL)
RADIO, PHONE = "nothing-on-a-dead-radio", "nothing-on-a-phone-that-is-out"

TAMPERED: dict[str, Case] = {
    "a text without service": (
        before(IN_CLEAR, "radio", "service", number=ALICE, service="none"),
        RADIO,
        "a text was submitted while the radio had no service",
    ),
    "a text to a radio that is off": (
        before(TO_CAROL, "radio", "service", number=CAROL, service="off"),
        RADIO,
        "a text was delivered while the radio had no service",
    ),
    "a call to a radio that is off": (
        before(find("radio", "call"), "radio", "service", number=DORA, service="off"),
        RADIO,
        "a call came while the radio had no service",
    ),
    "a phone that is off and sends": (
        before(IN_CLEAR, "phone", "powered off", numbers=ALICE),
        PHONE,
        "sent, on a phone that was switched off",
    ),
    "a phone that is off and receives": (
        before(TO_CAROL, "phone", "powered off", numbers=f"{CAROL}, +1"),
        PHONE,
        "text received, on a phone that was switched off",
    ),
    "a phone that nobody is logged in on": (
        before(TO_CAROL, "phone", "logged out", numbers=CAROL),
        PHONE,
        "text received, on a phone that was logged out",
    ),
}


@pytest.mark.parametrize("case", TAMPERED.values(), ids=TAMPERED)
def test_tampering_is_noticed(case: Case) -> None:
    assert_noticed(*case)


def test_a_radio_that_is_back_may_be_used() -> None:
    services = [
        Entry(number, 0, "radio", "service", None, None, {"number": CAROL, "service": service})
        for number, service in ((-2, "none"), (-1, "full"))
    ]
    assert check([*services, *real()]) == ()
    assert check([services[1], services[0], *real()]) != ()


def off(kind: str, numbers: str = "+1, +2") -> Any:
    return (0, "phone", kind, None, None, {"numbers": numbers})


ACCEPTED = (0, "gateway", "message.api.sent", "m1", None, {"owner": "+2"})


@pytest.mark.parametrize(
    ("rows", "violations"),
    [
        ((ACCEPTED, off("powered off"), (1, "phone", "pushed", "m1")), 1),
        ((ACCEPTED, off("powered off"), (1, "phone", "pushed", "m1.0")), 1),
        ((ACCEPTED, off("powered off", "+1"), (1, "phone", "pushed", "m1")), 0),
        ((ACCEPTED, off("powered off"), off("booted"), (1, "phone", "pushed", "m1")), 0),
        ((ACCEPTED, off("logged out"), (1, "phone", "pushed", "m1")), 0),
        ((ACCEPTED, off("logged out"), (1, "phone", "fetched", "m1")), 0),
        ((ACCEPTED, off("logged out"), (1, "phone", "sent", "m1")), 1),
        ((ACCEPTED, off("logged out"), off("booted"), (1, "phone", "sent", "m1")), 1),
        ((ACCEPTED, off("logged out"), off("logged in"), (1, "phone", "sent", "m1")), 0),
        ((off("logged out"), (1, "phone", "heartbeat", None, None, {"numbers": "+1, +2"})), 2),
        ((off("logged out"), (1, "phone", "call missed", None, None, {"to": "+2"})), 1),
        ((off("logged out"), (1, "phone", "toast", None, None, {"text": "x"})), 0),
    ],
)
def test_a_phone_that_is_out_is_quiet(rows: tuple[Any, ...], violations: int) -> None:
    assert len(broken(written(*rows), PHONE)) == violations


def test_another_phone_goes_on() -> None:
    entries = before(IN_CLEAR, "phone", "powered off", numbers="+1")(list(real()))
    assert check(entries) == ()
