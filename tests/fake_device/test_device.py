from __future__ import annotations

import pytest

from harness.errors import MalformedPdu
from harness.fake_device import Box, FakeDevice, Troubles
from harness.fake_device.device import RUN_MAX
from harness.fake_device.happened import (
    CallEnded,
    NetworkSet,
    Rang,
    TextArrived,
    TextLost,
    TextRefused,
    TextSubmitted,
)
from harness.fake_device.state import Registration
from harness.instants import MS
from harness.sms.pdu import deliver_tpdus
from tests.fake_device.asking import AT_MS, asked

SENT_MS = 1_784_783_400_000
FROM = "+18005550100"
CENTER = bytes((7, 0x91, 0x44, 0x77, 0x58, 0x10, 0x06, 0x50))


def test_a_text_that_arrives_is_a_row_and_happens() -> None:
    device = FakeDevice()
    device.incoming_text(FROM, "hi", AT_MS)
    assert device.take() == [TextArrived(FROM, "hi", 1, 1)]
    assert device.take() == []
    (row,) = device.sms.rows
    assert (row.box, row.date_ms, row.date_sent_ms, row.protocol, row.read) == (Box.INBOX, AT_MS, AT_MS, 0, 0)


def test_segments_wait_for_one_another() -> None:
    device = FakeDevice(sims=2)
    text = "ж" * 100
    first, second = deliver_tpdus("BANK", text, SENT_MS * MS, 7)
    device.incoming_pdu(CENTER + second, AT_MS, 2)
    assert not device.sms.rows
    device.incoming_pdu(CENTER + first, AT_MS + 1, 2)
    (row,) = device.sms.rows
    assert (row.address, row.body, row.date_ms, row.date_sent_ms, row.sub_id, row.service_center) == (
        "BANK",
        text,
        AT_MS + 1,
        SENT_MS,
        2,
        "+447785016005",
    )


def test_a_flash_leaves_no_row() -> None:
    device = FakeDevice()
    for tpdu in deliver_tpdus(FROM, "now", 0, 0, message_class=0):
        device.incoming_pdu(b"\0" + tpdu, AT_MS)
    assert device.sms.rows == ()


@pytest.mark.parametrize("octets", [b"", b"\0", b"\7\x91", b"\0\4"])
def test_octets_that_are_no_pdu_are_refused(octets: bytes) -> None:
    with pytest.raises(MalformedPdu):
        FakeDevice().incoming_pdu(octets, AT_MS)


def test_a_call_rings_until_the_caller_gives_up() -> None:
    device = FakeDevice()
    device.incoming_call(FROM)
    device.cancel_call("+18005550199")
    device.cancel_call(FROM)
    device.cancel_call(FROM)
    assert device.take() == [Rang(FROM, 1), CallEnded(FROM, 1)]


@pytest.mark.parametrize(
    ("state", "result"),
    [("home", 0), ("roaming", 0), ("on", 0), ("off", 4), ("searching", 4), ("denied", 4), ("unregistered", 4)],
)
def test_without_service_a_text_fails(state: Registration, result: int) -> None:
    device = FakeDevice()
    device.set_voice(state)
    device.take()
    device.submit_text(1, FROM, "hi", None, AT_MS)
    row = device.sms.rows[0]
    assert (row.box, row.error_code) == ((Box.FAILED, result) if result else (Box.SENT, 0))
    told = TextRefused(FROM, "hi", 1, 1, result) if result else TextSubmitted(FROM, "hi", 1, 1)
    assert device.take() == [told]


@pytest.mark.parametrize(("to", "text", "box"), [("null", "hi", 5), (FROM, "a" * 161, 5), (FROM, "a" * 160, 2)])
def test_a_text_that_is_no_pdu_fails(to: str, text: str, box: int) -> None:
    device = FakeDevice()
    device.submit_text(1, to, text, None, AT_MS)
    assert device.sms.rows[0].box == box


def test_the_shell_does_not_see_a_text_that_failed() -> None:
    device = FakeDevice()
    device.set_airplane(True)
    device.submit_text(1, FROM, "hi", None, AT_MS)
    assert [row.error_code for row in device.sms.rows] == [2]
    assert asked("content query --uri content://sms", device).out == b"No result found.\n"


def test_texts_wait_for_service() -> None:
    device = FakeDevice()
    device.set_airplane(True)
    device.incoming_text(FROM, "hi", AT_MS)
    device.incoming_call(FROM)
    assert device.sms.rows == ()
    device.set_airplane(False)
    told = [NetworkSet("airplane", True), NetworkSet("airplane", False), TextArrived(FROM, "hi", 1, 1)]
    assert device.take() == told


def test_a_device_may_lose_texts() -> None:
    device = FakeDevice(troubles=Troubles(loses_texts=True))
    device.incoming_text(FROM, "hi", AT_MS)
    assert (device.take(), device.sms.rows) == ([TextLost(FROM, "hi", 1)], ())


def test_an_apps_own_text_has_its_row() -> None:
    device = FakeDevice()
    assert device.app_submitted(FROM, "hi", AT_MS).creator == "com.httpsms"
    assert b"creator=com.httpsms" in asked("content query --uri content://sms/sent", device).out


def test_the_same_seed_makes_the_same_device() -> None:
    assert FakeDevice(seed=1).iccids == FakeDevice(seed=1).iccids != FakeDevice(seed=2).iccids


def test_a_shell_without_a_command_runs_what_it_is_fed() -> None:
    process = FakeDevice().start("")
    process.feed(b"echo a; exit 3\n")
    process.end_input()
    assert (process.take().out, process.code) == (b"a\n", 3)


def test_what_says_more_than_anybody_keeps_is_cut_off() -> None:
    ran = asked("yes")
    assert RUN_MAX <= len(ran.out) <= RUN_MAX * 1.01


def test_the_log_keeps_the_last_lines() -> None:
    device = FakeDevice()
    for number in range(5000):
        device.note("T", str(number), AT_MS)
    assert (len(device.log), device.log[-1].text, device.dropped_lines) == (4096, "4999", 904)


def test_a_registration_for_data_shows() -> None:
    device = FakeDevice()
    device.set_data("off")
    assert b"mDataRegState=1(OUT_OF_SERVICE)" in asked("dumpsys telephony.registry", device).out
