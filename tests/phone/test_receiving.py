"""Texts, multimedia messages and missed calls that come in."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from harness import cipher
from harness.core import At
from harness.errors import MalformedPdu
from harness.http.values import TimedOut
from harness.instants import MS, SECOND, Instant, android_time
from harness.mms import Part, notification, retrieve_conf, text_part
from harness.phone import Device, ForceStop, KillProcess, OpenApp, Sim, SmsBroadcast
from harness.phone.receiving import CALLS_MAX, LOG_DELAY, CallLogDue
from harness.radio import CallLogged, CallStateChanged, DataReceived, DeliverReceived, TextReceived, WapPushReceived
from harness.sms import deliver_tpdus
from tests.phone.kit import (
    ALICE,
    BOB,
    NOW,
    OK,
    SECOND_SIM,
    SERVER_ERROR,
    SETTINGS,
    TWO_CARDS,
    TWO_SIMS,
    a_phone,
    answer,
    call_in,
    due_in,
    facts_in,
    kinds_in,
    requests_in,
    rows,
    tell,
)

PERMITTED = Device(denied=())


def _bodies(commands: Any) -> list[Any]:
    return [json.loads(request.body) for request in requests_in(commands)]


# -- texts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sims", "slot", "credited"),
    [
        ((Sim(ALICE),), 1, ("SIM1", ALICE)),
        ((Sim(ALICE),), 2, ("SIM1", ALICE)),
        (TWO_SIMS, 2, ("SIM2", SECOND_SIM)),
        (TWO_SIMS, 3, ("SIM2", SECOND_SIM)),
        ((Sim(ALICE, incoming=False),), 1, None),
        ((Sim(ALICE, active=False),), 1, None),
        ((Sim(ALICE, incoming=False), Sim(SECOND_SIM)), 2, ("SIM2", SECOND_SIM)),
        ((), 1, None),
    ],
)
def test_a_text_is_credited_to_its_sim_or_ignored(sims: Any, slot: int, credited: Any) -> None:
    phone = a_phone(replace(SETTINGS, sims=sims))
    asked = tell(phone, TextReceived(BOB, "hi", slot))
    assert [(body["sim"], body["to"]) for body in _bodies(asked)] == ([credited] if credited else [])
    assert kinds_in(asked) == (["text received"] if credited else ["text ignored"])
    if credited:
        assert facts_in(asked, "text received")["to"] == credited[1]


@pytest.mark.parametrize(("slot_index", "sim"), [(None, "SIM1"), (0, "SIM1"), (1, "SIM2"), (2, "SIM2")])
def test_a_broadcast_counts_its_slots_from_zero(slot_index: int | None, sim: str) -> None:
    phone = a_phone(replace(SETTINGS, sims=TWO_SIMS))
    (pdu,) = deliver_tpdus(BOB, "hi", NOW, 1)
    assert [body["sim"] for body in _bodies(tell(phone, SmsBroadcast((pdu,), slot_index)))] == [sim]


def test_a_received_text_is_encrypted_once_for_all_attempts() -> None:
    phone = a_phone(replace(SETTINGS, encryption_key="Password123", encrypt_received=True))
    asked = tell(phone, TextReceived(BOB, "secret words"))
    first = call_in(asked).request
    body = json.loads(first.body)
    assert body["encrypted"] is True
    assert cipher.decrypt("Password123", body["content"]) == "secret words"
    (_, again) = answer(phone, asked, TimedOut("read"))
    assert isinstance(again, At)
    assert call_in(tell(phone, again.event, again.due_at)).request == first


def test_a_key_that_no_header_can_carry_loses_the_text() -> None:
    phone = a_phone(replace(SETTINGS, api_key="k\u00e9"))
    commands = tell(phone, TextReceived(BOB, "hello"))
    assert kinds_in(commands) == ["text received", "text dropped"]
    assert not phone.jobs


def test_octets_that_are_no_sms_deliver_change_nothing() -> None:
    phone = a_phone()
    before = rows(phone)
    for event in (DeliverReceived(b"\x04"), SmsBroadcast((b"\x04",))):
        with pytest.raises(MalformedPdu):
            phone.handle(event, NOW)
    assert rows(phone) == before


def test_segments_are_collected_while_the_app_is_stopped_and_the_text_is_not_heard() -> None:
    phone = a_phone()
    first, second, third = deliver_tpdus(BOB, "y" * 400, NOW, 7)
    tell(phone, ForceStop())
    tell(phone, DeliverReceived(first))
    tell(phone, OpenApp())
    tell(phone, DeliverReceived(second))
    assert [body["content"] for body in _bodies(tell(phone, DeliverReceived(third)))] == ["y" * 400]
    tell(phone, ForceStop())
    (whole,) = deliver_tpdus(BOB, "hi", NOW, 7)
    assert tell(phone, DeliverReceived(whole)) == []


def test_without_the_permission_no_text_comes() -> None:
    assert kinds_in(tell(a_phone(device=Device(denied=("RECEIVE_SMS",))), TextReceived(BOB, "hi"))) == []


def test_a_binary_text_is_another_apps() -> None:
    assert tell(a_phone(), DataReceived(BOB, b"\1", 7)) == []


# -- multimedia messages -------------------------------------------------------------------------------------

PICTURE = Part("image/png", "photo.png", "photo.png", "photo.png", b"picture")
MESSAGE = retrieve_conf("T1", BOB, NOW // SECOND, [text_part("look"), PICTURE])


def test_a_whole_message_is_forwarded_and_a_retry_has_lost_its_files() -> None:
    phone = a_phone(device=PERMITTED)
    asked = tell(phone, WapPushReceived(MESSAGE))
    (body,) = _bodies(asked)
    assert (body["content"], body["from"]) == ("look", BOB)
    (file,) = body["attachments"]
    assert (base64.b64decode(file["content"]), file["content_type"], file["name"]) == (
        b"picture",
        "image/png",
        "photo.png",
    )
    assert len(phone.files) == 1
    _, again = answer(phone, asked, SERVER_ERROR)
    assert not phone.files
    assert isinstance(again, At)
    assert _bodies(tell(phone, again.event, again.due_at))[0]["attachments"] == []


def test_a_job_that_died_with_its_process_still_has_its_files() -> None:
    phone = a_phone(device=PERMITTED)
    tell(phone, WapPushReceived(MESSAGE))
    (due,) = [command for command in tell(phone, KillProcess()) if isinstance(command, At)]
    assert len(_bodies(tell(phone, due.event, due.due_at))[0]["attachments"]) == 1


@pytest.mark.parametrize(
    ("pdu", "device", "kinds"),
    [
        (notification("T1", BOB, "http://mmsc.test/1", 100), PERMITTED, ["MMS ignored"]),
        (b"\1\2\3", PERMITTED, ["MMS ignored"]),
        (MESSAGE, Device(), []),
    ],
)
def test_real_incoming_mms_are_not_forwarded(pdu: bytes, device: Device, kinds: list[str]) -> None:
    assert kinds_in(tell(a_phone(device=device), WapPushReceived(pdu))) == kinds


def test_what_a_gate_stops_leaves_its_files() -> None:
    phone = a_phone(replace(SETTINGS, sims=(Sim(ALICE, incoming=False),)), PERMITTED)
    assert kinds_in(tell(phone, WapPushReceived(MESSAGE))) == ["text ignored"]
    assert list(phone.files) == [f"received_mms_{NOW // MS}_1"]


def test_only_the_text_of_an_mms_is_encrypted() -> None:
    phone = a_phone(replace(SETTINGS, encryption_key="k", encrypt_received=True), PERMITTED)
    (body,) = _bodies(tell(phone, WapPushReceived(MESSAGE)))
    assert cipher.decrypt("k", body["content"]) == "look"
    assert base64.b64decode(body["attachments"][0]["content"]) == b"picture"


# -- calls ---------------------------------------------------------------------------------------------------

WITH_CALLS = replace(SETTINGS, sims=(Sim(ALICE, calls=True), Sim(SECOND_SIM, calls=True)))
RUNG_AT = NOW - 5 * SECOND


def _missed(phone: Any, row: CallLogged | None, number: str | None = BOB, now: Instant = NOW) -> list[Any]:
    """A call from Bob ends, and the log has this row."""
    if row is not None:
        tell(phone, row)
    commands = tell(phone, CallStateChanged("IDLE", number), now)
    return [more for due in due_in(commands, CallLogDue) for more in tell(phone, due.event, due.due_at)]


def test_a_missed_call_is_reported_with_the_time_of_the_log_a_fifth_of_a_second_later() -> None:
    phone = a_phone(WITH_CALLS, TWO_CARDS)
    tell(phone, CallLogged(BOB, 3, RUNG_AT, 2))
    (due,) = due_in(tell(phone, CallStateChanged("IDLE", BOB)), CallLogDue)
    assert due.due_at == NOW + LOG_DELAY
    asked = tell(phone, due.event, due.due_at)
    assert facts_in(asked, "call missed") == {"from": BOB, "to": SECOND_SIM, "sim": "SIM2"}
    assert _bodies(asked) == [{"sim": "SIM2", "from": BOB, "timestamp": android_time(RUNG_AT), "to": SECOND_SIM}]
    assert kinds_in(answer(phone, asked, OK)) == ["call forwarded"]


@pytest.mark.parametrize(
    ("row", "number"),
    [
        (None, BOB),
        (CallLogged(BOB, 1, RUNG_AT), BOB),
        (CallLogged(BOB, 5, RUNG_AT), BOB),
        (CallLogged(ALICE, 3, RUNG_AT), BOB),
        (CallLogged(BOB, 3, RUNG_AT), BOB.removeprefix("+1")),
        (CallLogged(BOB, 3, RUNG_AT), None),
    ],
)
def test_anything_but_a_missed_call_from_that_very_number_is_nothing(
    row: CallLogged | None, number: str | None
) -> None:
    assert _missed(a_phone(WITH_CALLS), row, number) == []


@pytest.mark.parametrize("state", ["RINGING", "OFFHOOK"])
def test_a_call_that_goes_on_is_nothing(state: str) -> None:
    assert tell(a_phone(WITH_CALLS), CallStateChanged(state, BOB)) == []


@pytest.mark.parametrize(
    ("account", "sim"), [("1", "SIM1"), ("2", "SIM2"), ("99", "SIM1"), ("8944538525004714414F", "SIM1"), ("", "SIM1")]
)
def test_the_account_of_a_call_names_its_card_or_none(account: str, sim: str) -> None:
    phone = a_phone(WITH_CALLS, TWO_CARDS)
    commands = _missed(phone, CallLogged(BOB, 3, RUNG_AT, phone_account_id=account))
    assert [body["sim"] for body in _bodies(commands)] == [sim]


def test_the_newest_row_counts_even_if_it_is_old() -> None:
    phone = a_phone(WITH_CALLS)
    tell(phone, CallLogged(BOB, 3, RUNG_AT))
    tell(phone, CallLogged(ALICE, 1, RUNG_AT - SECOND))
    assert _bodies(_missed(phone, None))
    assert _bodies(_missed(phone, None))


def test_a_call_is_reported_by_its_own_switch_alone() -> None:
    off = replace(SETTINGS, sims=(Sim(ALICE, active=False, incoming=False, calls=True),))
    assert _bodies(_missed(a_phone(off), CallLogged(BOB, 3, RUNG_AT)))
    assert kinds_in(_missed(a_phone(SETTINGS), CallLogged(BOB, 3, RUNG_AT))) == ["call ignored"]


def test_a_process_that_dies_meanwhile_looks_into_no_log() -> None:
    phone = a_phone(WITH_CALLS)
    tell(phone, CallLogged(BOB, 3, RUNG_AT))
    (due,) = due_in(tell(phone, CallStateChanged("IDLE", BOB)), CallLogDue)
    tell(phone, KillProcess())
    assert tell(phone, due.event, due.due_at) == []


def test_without_the_permission_the_broadcast_has_no_number() -> None:
    phone = a_phone(WITH_CALLS, Device(denied=("READ_CALL_LOG",)))
    assert _missed(phone, CallLogged(BOB, 3, RUNG_AT)) == []


def test_the_call_log_is_bounded() -> None:
    phone = a_phone()
    for number in range(CALLS_MAX + 9):
        tell(phone, CallLogged(BOB, 3, RUNG_AT + number))
    assert len(phone.calls) == CALLS_MAX
