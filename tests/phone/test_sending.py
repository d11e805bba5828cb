"""The send worker's decisions, the hand-over, and the results of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.errors import ProtocolError
from harness.http.values import Response
from harness.phone import (
    Card,
    ChangeSettings,
    Device,
    KillProcess,
    LogOut,
    PowerOffHandset,
    ResultBroadcast,
    Sim,
    TelephonyThrows,
)
from harness.phone.sending import SUBMISSIONS_MAX
from harness.phone.work import State
from harness.radio import StatusReport, SubmitAccepted, SubmitRejected, SubmitThrew
from harness.sms import parse_submit
from harness.wire.fcm import MESSAGE_ID, PushReceived
from tests.phone.kit import (
    ALICE,
    ID,
    LOGGED_OUT,
    NOW,
    PUSH,
    SETTINGS,
    TWO_SIMS,
    a_phone,
    answer,
    call_in,
    facts_in,
    kinds_in,
    outstanding,
    requests_in,
    rows,
    submitted,
    tell,
    told_in,
)


def test_a_push_to_a_phone_that_is_logged_out_ends_without_a_request() -> None:
    phone = a_phone(LOGGED_OUT)
    assert kinds_in(tell(phone, PUSH)) == ["pushed"]
    assert not phone.jobs


@pytest.mark.parametrize("outcome", [Response(404), Response(500), Response(200, (), b"<html>"), Response(204)])
def test_whatever_goes_wrong_with_a_fetch_ends_in_silence(outcome: Response) -> None:
    phone = a_phone()
    assert kinds_in(answer(phone, tell(phone, PUSH), outcome)) == ["fetch failed"]
    assert not phone.jobs


def test_the_same_push_twice_is_two_fetches_and_two_texts() -> None:
    phone = a_phone()
    submits = [submitted(phone), submitted(phone)]
    assert len({submit.id for submit in submits}) == 2
    for submit in submits:
        assert "sent" in kinds_in(tell(phone, SubmitAccepted(submit.id, 0, 1)))


def test_a_long_text_is_handed_over_with_a_reference_of_its_own() -> None:
    phone = a_phone()
    first, second = (submitted(phone, content="x" * 161) for _ in range(2))
    assert first.segments == ("x" * 153, "x" * 8)
    references = [[parse_submit(tpdu).concat for tpdu in submit.tpdus] for submit in (first, second)]
    (one, other) = [{concat.concat_ref for concat in concats if concat} for concats in references]
    assert len(one) == len(other) == 1
    assert other == {(concat_ref + 1) % 256 for concat_ref in one}


def test_a_destination_without_a_digit_is_left_to_the_radio_to_reject() -> None:
    submit = submitted(a_phone(), contact="CAFE")
    assert (submit.segments, submit.tpdus) == (("hello",), ())


def test_a_text_leaves_by_the_card_and_the_radio_of_its_sim() -> None:
    device = Device((Card(7, 1), Card(3, 2)), default_subscription=3)
    left = []
    for sim in ("SIM1", "SIM2", "DEFAULT"):
        phone = a_phone(replace(SETTINGS, sims=TWO_SIMS), device)
        (told,) = [item for item in answer(phone, tell(phone, PUSH), outstanding(sim=sim)) if told_in([item])]
        left.append((told.port, told.event.subscription_id))  # type: ignore[union-attr]
    assert left == [("radio", 7), ("radio2", 3), ("radio2", 3)]


@pytest.mark.parametrize(
    ("cards", "sim", "told"),
    [
        ((Card(7, 1), Card(3, 2)), "SIM1", None),
        ((Card(7, 1), Card(3, 2)), "SIM2", None),
        ((Card(7, 1), Card(3, 2)), "DEFAULT", "SIM2"),
        ((Card(3, 2),), "SIM1", "SIM2"),
        ((Card(3, 1),), "SIM2", "SIM1"),
    ],
)
def test_a_text_that_leaves_by_another_card_says_so(cards: tuple[Card, ...], sim: str, told: str | None) -> None:
    phone = a_phone(replace(SETTINGS, sims=TWO_SIMS), Device(cards, default_subscription=3))
    assert facts_in(answer(phone, tell(phone, PUSH), outstanding(sim=sim)), "submitted").get("card") == told


@pytest.mark.parametrize(
    ("device", "changes", "reason"),
    [
        (Device((), None), {}, "UNKNOWN:32"),
        (Device(), {"contact": ""}, "Invalid destinationAddress"),
        (Device(), {"content": ""}, "Invalid message body"),
        (Device(denied=("SEND_SMS",)), {}, "Sending SMS message: uid 10234 does not have android.permission.SEND_SMS."),
        (Device(throws=("java.lang.IllegalStateException", None)), {}, "IllegalStateException"),
        (Device(throws=("java.lang.IllegalStateException", "busy")), {}, "busy"),
    ],
)
def test_what_sms_manager_refuses_is_reported(device: Device, changes: Any, reason: str) -> None:
    phone = a_phone(device=device)
    asked = answer(phone, tell(phone, PUSH), outstanding(**changes))
    assert told_in(asked) == []
    body = json.loads(call_in(asked).request.body)
    assert (body["event_name"], body["reason"]) == ("FAILED", reason)


def test_a_telephony_service_that_works_again_sends() -> None:
    phone = a_phone()
    tell(phone, TelephonyThrows("java.lang.Error"))
    assert told_in(answer(phone, tell(phone, PUSH), outstanding())) == []
    tell(phone, TelephonyThrows(None))
    assert submitted(phone)


# -- results -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        SubmitAccepted("unknown", 0, 1),
        SubmitRejected("unknown", 0, 1),
        SubmitThrew("unknown", "SecurityException"),
        StatusReport(f"{ID}/99", 0, 1, 0),
    ],
)
def test_a_result_of_what_was_never_handed_over_is_illegal_and_changes_nothing(event: Any) -> None:
    phone = a_phone()
    submitted(phone)
    before = rows(phone)
    with pytest.raises(ProtocolError):
        phone.handle(event, NOW)
    assert rows(phone) == before


@pytest.mark.parametrize("segment", [-1, 1])
def test_a_segment_that_is_not_there_has_no_result(segment: int) -> None:
    phone = a_phone()
    submit = submitted(phone)
    before = rows(phone)
    with pytest.raises(ProtocolError):
        phone.handle(SubmitAccepted(submit.id, segment, 1), NOW)
    assert rows(phone) == before


def test_only_the_results_of_the_last_segment_count() -> None:
    phone = a_phone()
    submit = submitted(phone, content="x" * 161)
    assert tell(phone, SubmitRejected(submit.id, 0, 1)) == []
    assert kinds_in(tell(phone, SubmitAccepted(submit.id, 1, 2))) == ["sent"]


@pytest.mark.parametrize("act", [LogOut(), ChangeSettings((("sims", (Sim(ALICE, active=False),)),))])
def test_nobody_reports_a_result_after_a_logout_or_with_all_sims_off(act: Any) -> None:
    phone = a_phone()
    submit = submitted(phone)
    tell(phone, act)
    assert tell(phone, SubmitAccepted(submit.id, 0, 1)) == []
    assert tell(phone, StatusReport(submit.id, 0, 1, 0)) == []


def test_a_result_is_lost_when_the_process_dies_until_the_next_message() -> None:
    phone = a_phone()
    first = submitted(phone)
    tell(phone, KillProcess())
    assert kinds_in(tell(phone, SubmitAccepted(first.id, 0, 1))) == ["nobody listened"]
    submitted(phone)
    assert "delivered" in kinds_in(tell(phone, StatusReport(first.id, 0, 1, 0)))


def test_a_handset_that_was_off_knows_nothing_of_what_its_radio_had() -> None:
    phone = a_phone()
    submit = submitted(phone)
    tell(phone, PowerOffHandset())
    assert tell(phone, SubmitAccepted(submit.id, 0, 1)) == []
    assert not phone.submissions
    assert not phone.intents


@pytest.mark.parametrize(
    ("event", "body"),
    [
        (ResultBroadcast("sent", "forged", 0), ("FAILED", "UNKNOWN:0")),
        (ResultBroadcast("delivered", "forged", -1), ("DELIVERED", None)),
        (ResultBroadcast("sent", None, -1), None),
        (ResultBroadcast("sent", "a.b", -1), None),
    ],
)
def test_the_receivers_hear_whoever_broadcasts(event: Any, body: Any) -> None:
    phone = a_phone()
    submitted(phone)
    bodies = [json.loads(request.body) for request in requests_in(tell(phone, event))]
    assert [(told["event_name"], told["reason"]) for told in bodies] == ([body] if body else [])


def test_two_ids_with_the_same_hash_share_the_first_ones_result() -> None:
    phone = a_phone()
    submits = []
    for name in ("AaAa", "BBBB"):
        push = PushReceived("", ((MESSAGE_ID, name),))
        submits += told_in(answer(phone, tell(phone, push), outstanding(id=name)))
    paths = [call_in(tell(phone, SubmitAccepted(submit.id, 0, 1))).request.path for submit in submits]
    assert paths == ["/v1/messages/AaAa/events"] * 2
    for submit in submits:
        tell(phone, StatusReport(submit.id, 0, 1, 0))
    assert not phone.intents


def test_no_more_hand_overs_are_remembered_than_a_radio_can_report_on() -> None:
    phone = a_phone()
    first = submitted(phone)
    for _ in range(SUBMISSIONS_MAX + 50):
        submit = submitted(phone)
        tell(phone, SubmitAccepted(submit.id, 0, 1))
        for job in [job for job in phone.jobs.values() if job.state is State.RUNNING]:
            del phone.jobs[job.number]
        phone.threads = type(phone.threads)()
    assert len(phone.submissions) == SUBMISSIONS_MAX
    assert first.id in phone.submissions  # the radio may still take it
    assert len(phone.intents) == 1
