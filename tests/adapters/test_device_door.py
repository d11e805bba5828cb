"""The door to a device, with a fake Android behind it: what it types, what it reads, and whom it refuses."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from harness.adapters.device_door import AdbDoor, Console, said_by
from harness.device_radio import (
    CallTold,
    DeviceDoor,
    EndCall,
    InjectText,
    NumberGuard,
    PlaceCall,
    Refused,
    SendText,
    SmsRow,
    Taken,
)
from harness.emulator.answers import ABANDONED, CLOSED, NO_TOKEN, NOT_A_CONSOLE
from harness.emulator.commands import Command, GsmCall, GsmCancel
from harness.errors import ConsoleError, DeviceRefused
from harness.fake_device.device import FakeDevice
from harness.fake_device.releases import RELEASES
from harness.fake_device.state import Troubles
from tests.device_radio.behind import Behind

BOB, CAROL = "+18005550100", "+18005550101"
EMULATOR = NumberGuard(is_emulator=True)
FOR_BOB = NumberGuard(is_emulator=False, allowed=frozenset({BOB}))
NASTY = 'Row: 1 _id=9, body=x\nit\'s "$HOME" `id` \\ ; rm -rf /\nNo result found.\n'
T = TypeVar("T")


def behind(android: str = "13", **settings: Any) -> Behind:
    return Behind(FakeDevice(RELEASES[android], **settings))


def door_of(
    there: Behind, guard: NumberGuard = EMULATOR, android: int = 13, *, console: Console | None = None
) -> DeviceDoor:
    return AdbDoor(there.device.serial, said_by(there), console or there, guard, android, call_s=0.02, every_s=0.005)


def done(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


# -- out ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("android", ["8", "9", "11", "12", "13", "14"])
@pytest.mark.parametrize("text", ["Hello", "", "ж😀", 'it\'s "quoted" $HOME `id` \\ ;\n&& done', "-1"])
def test_what_is_sent_stands_in_the_box_of_sent_texts_as_it_is(android: str, text: str) -> None:
    there = behind(android)
    door = door_of(there, android=int(android))
    assert done(door.send(SendText("1", BOB, text, 1))) == Taken("1")
    rows = done(door.rows("sent", 0))
    assert [(row.address, row.body, row.subscription_id, row.date_ms) for row in rows] == [(BOB, text, 1, 1_000)]


def test_the_card_that_a_text_leaves_by_is_the_one_that_was_named() -> None:
    there = behind(sims=2)
    door = door_of(there)
    done(door.send(SendText("1", BOB, "Hello", 2)))
    assert [row.subscription_id for row in done(door.rows("sent", 0))] == [2]


def test_a_text_that_the_network_does_not_take_never_shows() -> None:
    there = behind()
    there.device.set_voice("off")
    door = door_of(there)
    assert done(door.send(SendText("1", BOB, "Hello", 1))) == Taken("1")
    assert done(door.rows("sent", 0)) == []


def test_a_release_that_nobody_looked_up_sends_nothing() -> None:
    there = behind("10")
    refused = done(door_of(there, android=10).send(SendText("1", BOB, "Hello", 1)))
    assert isinstance(refused, Refused)
    assert "Android 10" in refused.why
    assert there.ran == []


def test_what_the_call_threw_is_the_reason() -> None:
    there = behind(troubles=Troubles(refuses_isms=True))
    refused = done(door_of(there).send(SendText("1", BOB, "Hello", 1)))
    assert isinstance(refused, Refused)
    assert refused.why
    assert "Parcel" not in refused.why


# -- the guard ---------------------------------------------------------------------------------------------------------

ASKED: tuple[tuple[Callable[[DeviceDoor], Coroutine[Any, Any, Any]], bool], ...] = (
    (lambda door: door.send(SendText("1", BOB, "Hello", 1)), True),
    (lambda door: door.send(SendText("1", CAROL, "Hello", 1)), False),
    (lambda door: door.send(SendText("1", BOB.removeprefix("+"), "Hello", 1)), False),
    (lambda door: door.inject(InjectText("1", BOB, "Hello")), False),
    (lambda door: door.call(PlaceCall("1", BOB)), False),
    (lambda door: door.call(EndCall("1", BOB)), False),
)


@pytest.mark.parametrize(("ask", "may"), ASKED)
def test_nothing_reaches_hardware_that_is_not_allowed(
    ask: Callable[[DeviceDoor], Coroutine[Any, Any, Any]], may: bool
) -> None:
    there = behind(is_emulator=False)
    answer = done(ask(door_of(there, FOR_BOB)))
    assert isinstance(answer, Taken) is may
    assert bool(there.ran) is may
    assert there.typed == []


# -- in ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Hello", NASTY, "ж" * 200, ""])
def test_what_is_typed_stands_in_the_inbox_as_it_is(text: str) -> None:
    there = behind()
    door = door_of(there)
    assert done(door.inject(InjectText("1", BOB, text))) == Taken("1")
    assert done(door.rows("inbox", 0)) == [SmsRow(1, BOB, text, 2_000, 1)]


def test_only_what_is_newer_is_told_and_the_boxes_are_kept_apart() -> None:
    there = behind()
    door = door_of(there)
    assert (done(door.newest("inbox")), done(door.newest("sent"))) == (0, 0)
    for text in ("first", NASTY, "third"):
        done(door.inject(InjectText("1", BOB, text)))
    done(door.send(SendText("2", BOB, "sent", 1)))
    assert (done(door.newest("inbox")), done(door.newest("sent"))) == (3, 4)
    assert [row.body for row in done(door.rows("inbox", 1))] == [NASTY, "third"]
    assert [row.body for row in done(door.rows("sent", 0))] == ["sent"]


def test_a_console_that_loses_texts_says_ok_all_the_same() -> None:
    there = behind(troubles=Troubles(loses_texts=True))
    door = door_of(there)
    assert done(door.inject(InjectText("1", BOB, "Hello"))) == Taken("1")
    assert done(door.rows("inbox", 0)) == []


def test_what_the_console_refuses_is_told_with_its_words() -> None:
    there = behind()
    there.ko = "modem emulation not running"
    refused = done(door_of(there).inject(InjectText("1", BOB, "Hello")))
    assert isinstance(refused, Refused)
    assert "modem emulation not running" in refused.why


class Lost(Behind):
    """A console that is lost while something is typed into it: `command` is what was asked last, `why` what is told."""

    command = ""
    why = ""

    async def do(self, command: Command) -> list[str]:
        raise ConsoleError(self.device.serial, self.command, self.why)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("sms send", CLOSED),
        ("sms send", NOT_A_CONSOLE),
        ("sms send", ABANDONED),
        ("auth", "authentication token does not match ~/.emulator_console_auth_token"),
        ("", f"{NO_TOKEN} (it says that the token is in '.emulator_console_auth_token')"),
        ("", NOT_A_CONSOLE),
    ],
)
def test_a_console_that_is_lost_is_the_devices_fault_and_refuses_no_text(command: str, why: str) -> None:
    there = Lost(behind().device)
    there.command, there.why = command, why
    with pytest.raises(ConsoleError, match=re.escape(why)):
        done(door_of(there).inject(InjectText("1", BOB, "Hello")))


def test_without_a_way_to_the_console_nothing_is_typed() -> None:
    there = behind()
    door = AdbDoor(there.device.serial, said_by(there), None, EMULATOR, 13)
    refused = done(door.inject(InjectText("1", BOB, "Hello")))
    assert refused == Refused("1", "there is no way to the emulator's console")


def test_a_box_that_cannot_be_read_ends_it_with_the_devices_words() -> None:
    there = behind()
    door = door_of(there)
    command = done(_query_of(door, there))
    there.says[command] = "Error while accessing provider:sms\njava.lang.SecurityException: no READ_SMS\n"
    with pytest.raises(DeviceRefused, match="no READ_SMS"):
        done(door.newest("inbox"))


async def _query_of(door: DeviceDoor, there: Behind) -> str:
    await door.newest("inbox")
    return there.ran[-1]


# -- calls -------------------------------------------------------------------------------------------------------------


def test_a_call_rings_and_ends_as_the_phone_shows_it() -> None:
    there = behind()
    door = door_of(there)
    assert done(door.call(PlaceCall("1", BOB))) == CallTold("1", "RINGING", "device")
    assert there.device.ringing == {1: BOB}
    assert done(door.call(EndCall("1", BOB))) == CallTold("1", "IDLE", "device")
    assert there.typed == [GsmCall(BOB), GsmCancel(BOB)]


def test_a_phone_that_does_not_tell_its_states_is_believed_to_ring() -> None:
    there = behind()
    there.says["dumpsys telephony.registry"] = "Permission Denial: can't dump telephony.registry\n"
    assert done(door_of(there).call(PlaceCall("1", BOB))) == CallTold("1", "RINGING", "console")


def test_a_phone_that_does_not_ring_although_the_console_said_ok_is_found_out() -> None:
    there = behind()
    there.device.set_voice("off")
    refused = done(door_of(there).call(PlaceCall("1", BOB)))
    assert isinstance(refused, Refused)
    assert "did not ring" in refused.why
