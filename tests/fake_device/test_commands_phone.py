from __future__ import annotations

import pytest

from harness.fake_device import RELEASES, Box, FakeDevice, Troubles
from harness.fake_device.happened import NetworkSet, TextSubmitted
from tests.fake_device.asking import asked, check

DONE = "Result: Parcel(00000000    '....')\n"
TO = "+18005550100"
# phone-behaviour.md 9.3, as public scripts write them.
OLD = f'service call isms 7 i32 1 s16 "com.android.mms.service" s16 "{TO}" s16 "null" s16 "Hi" s16 "null" s16 "null"'
NEW = (
    f'service call isms 5 i32 1 s16 "com.android.mms.service" s16 "null" s16 "{TO}" s16 "null" s16 "Hi" '
    's16 "null" s16 "null" i32 0 i64 0'
)
SHORT = f'service call isms 5 i32 1 s16 "com.android.shell" s16 null s16 "{TO}" s16 null s16 "Hi" i32 0 i32 0 i32 1'


@pytest.mark.parametrize(
    ("android", "command"),
    [("8", OLD), ("9", OLD), *((android, NEW) for android in list(RELEASES)[2:]), ("14", SHORT)],
)
def test_a_text_is_submitted_with_the_releases_own_call(android: str, command: str) -> None:
    device = FakeDevice(RELEASES[android])
    check(command, DONE, device=device)
    assert device.take() == [TextSubmitted(TO, "Hi", 1, 1)]
    (row,) = device.sms.rows
    assert (row.box, row.address, row.body, row.sub_id) == (Box.SENT, TO, "Hi", 1)


@pytest.mark.parametrize(
    ("android", "command"),
    [
        ("14", OLD),
        ("8", NEW),
        ("14", NEW.replace("i32 1 ", "i32 9 ", 1)),
        ("14", "service call isms 4 i32 1"),
    ],
)
def test_a_wrong_call_says_no_exception_and_sends_nothing(android: str, command: str) -> None:
    device = FakeDevice(RELEASES[android])
    check(command, DONE, device=device)
    assert (device.take(), device.sms.rows) == ([], ())


@pytest.mark.parametrize(
    ("command", "begins"),
    [
        (NEW + " i32 1", "  0x00000000: fffffffe "),
        ("service call isms 5 i32 1", "  0x00000000: fffffffd "),
        ("service call isms 5", "  0x00000000: fffffffd "),
    ],
)
def test_a_call_that_throws_says_what(command: str, begins: str) -> None:
    device = FakeDevice()
    assert asked(command, device).out.decode().splitlines()[1].startswith(begins)
    assert device.take() == []


def test_more_arguments_than_are_read_are_refused_from_13_on() -> None:
    check(NEW + " i32 1", DONE, device=FakeDevice(RELEASES["12"]))


def test_a_device_may_refuse_texts_from_the_shell() -> None:
    device = FakeDevice(troubles=Troubles(refuses_isms=True))
    assert b"ffffffff " in asked(NEW, device).out
    assert device.sms.rows == ()


@pytest.mark.parametrize(
    ("command", "out", "err", "code"),
    [
        ("service check isms", "Service isms: found\n", "", 0),
        ("service check nope", "Service nope: not found\n", "", 0),
        ("service call nope 1", "", "service: Service nope does not exist\n", 10),
        ("service call isms 99", 'Result: Parcel(Error: 0xffffffffffffffb6 "Not a data message")\n', "", 0),
        ("service call phone 1", 'Result: Parcel(Error: 0xffffffffffffffb6 "Not a data message")\n', "", 0),
        ("dumpsys nope", "", "Can't find service: nope\n", 0),
        ("dumpsys package nope", "Unable to find package: nope\n", "", 0),
        ("dumpsys wifi", "", "", 0),
        ("dumpsys deviceidle", "  mLightState=ACTIVE\n  mState=ACTIVE\n", "", 0),
        ("cmd sms", "", "cmd: Can't find service: sms\n", 20),
        ("cmd isms", "", "No shell command implementation.\n", 255),
        ("cmd connectivity airplane-mode", "disabled\n", "", 0),
        ("cmd connectivity airplane-mode enable; cmd connectivity airplane-mode", "enabled\n", "", 0),
    ],
)
def test_services_answer(command: str, out: str, err: str, code: int) -> None:
    check(command, out, err, code)


@pytest.mark.parametrize(
    ("command", "says", "code"),
    [
        ("service", b"Usage: service", 0),
        ("service nope", b"service: Unknown command nope", 10),
        ("service call isms", b"service: No service specified for call", 10),
        ("service call isms 5 i32", b"service: no integer supplied for 'i32'", 10),
        ("service list", b"isms: [com.android.internal.telephony.ISms]", 0),
        ("dumpsys", b"telephony.registry", 0),
        ("dumpsys isub", b"simSlotIndex=0", 0),
        ("dumpsys jobscheduler com.httpsms", b"JOB SCHEDULER", 0),
        ("cmd -l", b"connectivity", 0),
        ("cmd", b"No service specified", 20),
        ("cmd wifi", b"set-wifi-enabled", 255),
        ("cmd phone sms", b"data enable|disable", 255),
        ("cmd connectivity", b"airplane-mode [enable|disable]", 255),
    ],
)
def test_services_are_told_of(command: str, says: bytes, code: int) -> None:
    ran = asked(command)
    assert says in ran.out + ran.err
    assert ran.code == code


@pytest.mark.parametrize(("android", "code", "on"), [("10", 255, False), ("11", 0, True), ("16", 0, True)])
def test_airplane_mode_is_a_command_from_11_on(android: str, code: int, on: bool) -> None:
    device = FakeDevice(RELEASES[android])
    assert asked("cmd connectivity airplane-mode enable", device).code == code
    assert device.is_airplane is on
    assert device.take() == ([NetworkSet("airplane", True)] if on else [])
    assert asked("cmd connectivity airplane-mode", FakeDevice(RELEASES["11"])).code == 255


def test_the_registry_shows_calls_and_service() -> None:
    device = FakeDevice(sims=2)
    device.incoming_call("+18005550100", 2)
    said = asked("dumpsys telephony.registry", device).out.decode()
    assert said.count("mVoiceRegState=0(IN_SERVICE)") == 2
    assert "mCallState=1\n    mCallIncomingNumber=+18005550100" in said
    device.set_voice("searching")
    assert (
        "mVoiceRegState=1(OUT_OF_SERVICE), mDataRegState=0" in asked("dumpsys telephony.registry", device).out.decode()
    )
    device.set_airplane(True)
    assert "mVoiceRegState=3(POWER_OFF)" in asked("dumpsys telephony.registry", device).out.decode()


def test_the_battery_is_unplugged_set_and_reset() -> None:
    device = FakeDevice()
    device.run("dumpsys battery unplug; dumpsys battery set level 7")
    said = asked("dumpsys battery", device).out
    assert b"AC powered: false" in said
    assert b"level: 7\n" in said
    device.run("dumpsys battery set ac 1; dumpsys battery reset")
    assert b"AC powered: true" in asked("dumpsys battery", device).out


def test_permissions_are_shown() -> None:
    device = FakeDevice()
    device.run("pm install -g -S 4", b"PK\x03\x04")
    assert b"android.permission.SEND_SMS: granted=true" in asked("dumpsys package com.httpsms", device).out
