"""The door keeps the guard's word on every path, whoever built it."""

from __future__ import annotations

import asyncio

import pytest

from harness.device_radio import DeviceDoor, EndCall, InjectText, NumberGuard, PlaceCall, Refused, SendText, Taken
from tests.device_radio.pocket import Pocket

BOB, CAROL = "+18005550100", "+18005550101"
HARDWARE = NumberGuard(is_emulator=False, allowed=frozenset({BOB}))


def through(door: DeviceDoor, event: SendText | InjectText) -> Taken | Refused:
    return asyncio.run(door.send(event) if isinstance(event, SendText) else door.inject(event))


@pytest.mark.parametrize(
    ("event", "may"),
    [
        (SendText("1", BOB, "hi", 1), True),
        (SendText("1", CAROL, "hi", 1), False),
        (InjectText("1", BOB, "hi"), False),
    ],
)
def test_the_door_of_hardware_lets_only_allowed_texts_through(event: SendText | InjectText, may: bool) -> None:
    door = Pocket(HARDWARE)
    assert isinstance(through(door, event), Taken) is may
    assert door.texted == ([BOB] if may else [])
    assert door.boxes["inbox"] == []


def test_a_call_is_named_by_the_same_id_when_it_ends() -> None:
    door: DeviceDoor = Pocket()
    rings = asyncio.run(door.call(PlaceCall("c", BOB)))
    ends = asyncio.run(door.call(EndCall("c", BOB)))
    assert (rings.id, ends.id) == ("c", "c")
