"""What an emulator's console does to a fake device."""

from __future__ import annotations

import pytest

from harness.emulator import Ko, Ok, parsed
from harness.fake_device import FakeDevice
from harness.fake_device.happened import CallEnded, NetworkSet, Rang, TextArrived, TextLost
from harness.fake_device.service_console import ConsoleService
from harness.fake_device.state import Troubles
from tests.fake_device.asking import AT_MS

RINGS = "inbound from +18005550100 : ringing"
NUMBER = "+18005550100"


def typed(lines: list[str], device: FakeDevice) -> list[Ok | Ko]:
    """The answers to lines, as if typed one after the other."""
    service = ConsoleService(device)
    commands = [parsed(line) for line in lines]
    return [command if isinstance(command, Ko) else service.do(command, AT_MS) for command in commands]


ANSWERS: list[tuple[list[str], Ok | Ko]] = [
    ([f"gsm call {NUMBER}"], Ok()),
    ([f"gsm call {NUMBER}", "gsm list"], Ok((RINGS,))),
    ([f"gsm call {NUMBER}", f"gsm accept {NUMBER}", "gsm list"], Ok((RINGS.replace("ringing", "active"),))),
    ([f"gsm call {NUMBER}", f"gsm hold {NUMBER}", "gsm list"], Ok((RINGS.replace("ringing", "held"),))),
    ([f"gsm call {NUMBER}", f"gsm cancel {NUMBER}", "gsm list"], Ok()),
    (["gsm cancel 1"], Ko("could not cancel this number")),
    (["gsm accept 1"], Ko("no current call to/from number '1'")),
    (["gsm busy 1"], Ko("no current outbound call to number '1' (call (nil))")),
    (
        ["gsm voice off", "gsm data roaming", "gsm status"],
        Ok(("gsm voice state: unregistered", "gsm data state:  roaming")),
    ),
    (["gsm signal 31"], Ok()),
    (["network capture stop"], Ok()),
    (["sms pdu 00"], Ko("badly formatted <hexstring>")),
    (
        ["power ac off", "power capacity 5", "power status discharging", "power health dead", "power display"],
        Ok(("AC: offline", "status: Discharging", "health: Dead", "present: true", "capacity: 5")),
    ),
]


@pytest.mark.parametrize(("lines", "answer"), ANSWERS, ids=[lines[-1] + f" {len(lines)}" for lines, _ in ANSWERS])
def test_a_line_is_answered_as_by_an_emulator(lines: list[str], answer: Ok | Ko) -> None:
    assert typed(lines, FakeDevice())[-1] == answer


@pytest.mark.parametrize(
    ("lines", "speeds"),
    [
        ([], ("0 bits/s", "0 bits/s", "0 ms", "0 ms")),
        (["network speed gsm", "network delay gprs"], ("14400 bits/s", "14400 bits/s", "35 ms", "200 ms")),
        (["network speed 10:20", "network delay 5"], ("20000 bits/s", "10000 bits/s", "5 ms", "5 ms")),
        (["network speed gsm", "network speed full"], ("0 bits/s", "0 bits/s", "0 ms", "0 ms")),
        (["network speed 5g"], ("0 bits/s", "0 bits/s", "0 ms", "0 ms")),
    ],
)
def test_the_network_is_as_it_was_set(lines: list[str], speeds: tuple[str, ...]) -> None:
    told = typed([*lines, "network status"], FakeDevice())[-1].lines[1:]
    assert [speed in line for speed, line in zip(speeds, told, strict=True)] == [True] * 4, told


def test_a_text_arrives_and_can_be_read() -> None:
    device = FakeDevice()
    typed([f"sms send {NUMBER} Hello\\nyou"], device)
    assert device.take() == [TextArrived(NUMBER, "Hello\nyou", 1, 1)]
    out = device.run("content query --uri content://sms/inbox --projection _id:address:body").out
    assert out == f"Row: 0 _id=1, address={NUMBER}, body=Hello\nyou\n".encode()


def test_a_pdu_may_come_from_letters() -> None:
    device = FakeDevice()
    deliver = "0409D0C2E231CB0C00006270723204830002C834"
    assert typed([f"sms pdu 00{deliver}"], device) == [Ok()]
    [happened] = device.take()
    assert isinstance(happened, TextArrived)
    assert happened.text == "Hi"


def test_a_device_that_loses_texts_says_ok_all_the_same() -> None:
    device = FakeDevice(troubles=Troubles(loses_texts=True))
    assert typed([f"sms send {NUMBER} Hello"], device) == [Ok()]
    assert device.take() == [TextLost(NUMBER, "Hello", 1)]


def test_a_call_rings_until_it_is_cancelled_or_answered() -> None:
    device = FakeDevice()
    typed([f"gsm call {NUMBER}", f"gsm cancel {NUMBER}"], device)
    assert device.take() == [Rang(NUMBER, 1), CallEnded(NUMBER, 1)]
    typed([f"gsm call {NUMBER}", f"gsm accept {NUMBER}", f"gsm cancel {NUMBER}"], device)
    assert device.take() == [Rang(NUMBER, 1)]
    assert device.ringing == {}


def test_without_a_network_nothing_arrives_until_there_is_one() -> None:
    device = FakeDevice()
    typed(["gsm voice off", f"sms send {NUMBER} Hello"], device)
    assert device.take() == [NetworkSet("voice", False)]
    typed(["gsm voice home"], device)
    assert device.take() == [NetworkSet("voice", True), TextArrived(NUMBER, "Hello", 1, 1)]
