"""The phone's core: logins, jobs, results, received texts. What it writes byte for byte is in test_recorded.py."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import cipher
from harness.core import At, Record, Tell
from harness.errors import MalformedPdu, ProtocolError
from harness.http.values import Answered, BodyBroken, Call, Closed, ConnectFailed, Outcome, Response, TimedOut
from harness.instants import SECOND, android_time
from harness.phone import ChangeSettings, Device, LogIn, LogOut, SendHeartbeat, Sim
from harness.phone.core import HEARTBEAT_PERIOD
from harness.phone.events import HeartbeatDue, JobDue
from harness.phone.outgoing import MMS_FAILED
from harness.plain import dump, load
from harness.radio import (
    DeliverReceived,
    StatusReport,
    Submit,
    SubmitAccepted,
    SubmitRejected,
    SubmitThrew,
    TextReceived,
)
from harness.sms import deliver_tpdus, parse_submit
from harness.wire.client import PhoneKeyIssued
from harness.wire.fcm import HEARTBEAT_ID, MESSAGE_ID, Listening, PushReceived, StreamOpened
from tests.phone.kit import (
    ALICE,
    BOB,
    ID,
    NOW,
    OK,
    PUSH,
    SECOND_SIM,
    SETTINGS,
    PhoneWorld,
    a_phone,
    answer,
    call_in,
    kinds_in,
    outstanding,
    requests_in,
    rows,
    submitted,
    tell,
    told_in,
)

LOGGED_OUT = replace(SETTINGS, api_key=None)
TWO_SIMS = (Sim(ALICE), Sim(SECOND_SIM))
TOKEN_TAKEN = Response(200, (), b'{"data": {"id": "1", "user_id": "u"}, "message": "m", "status": "s"}')
SERVER_ERROR = Response(500)


# -- login ---------------------------------------------------------------------------------------------------


def test_a_phone_tells_the_push_service_its_token_before_it_logs_in() -> None:
    assert tell(a_phone(LOGGED_OUT), LogIn("pk_two")) == [Tell("push", StreamOpened("fcm-token-one", "phone:alice"))]


@pytest.mark.parametrize("act", [LogIn("pk_two"), PhoneKeyIssued("pk_two")])
def test_a_login_uploads_the_token_for_one_sim_after_the_other(act: Any) -> None:
    phone = a_phone(replace(LOGGED_OUT, sims=TWO_SIMS))
    tell(phone, act)
    first = tell(phone, Listening("fcm-token-one"))
    second = answer(phone, first, TOKEN_TAKEN)
    assert not phone.settings.logged_in
    done = answer(phone, second, TOKEN_TAKEN)
    uploads = [json.loads(request.body) for request in requests_in([*first, *second])]
    assert [(body["sim"], body["phone_number"]) for body in uploads] == [("SIM1", ALICE), ("SIM2", SECOND_SIM)]
    assert {request.header("x-api-key") for request in requests_in([*first, *second])} == {"pk_two"}
    assert kinds_in(done) == ["registered", "logged in"]
    assert phone.settings.api_key == "pk_two"
    assert "login" not in phone.facts


@pytest.mark.parametrize(
    "outcome",
    [Response(401), SERVER_ERROR, Response(200, (), b"{}"), Response(204), TimedOut("read"), ConnectFailed("refused")],
)
def test_a_refused_login_leaves_the_phone_logged_out_and_says_why(outcome: Outcome) -> None:
    phone = a_phone(LOGGED_OUT)
    tell(phone, LogIn("pk_two"))
    (record,) = answer(phone, tell(phone, Listening("fcm-token-one")), outcome)
    assert isinstance(record, Record)
    assert (record.kind, record.facts["number"]) == ("login failed", ALICE)
    assert record.facts["error"]
    assert not phone.settings.logged_in
    assert "login" not in phone.facts


def test_a_stream_that_opens_again_starts_no_second_login() -> None:
    phone = a_phone(LOGGED_OUT)
    tell(phone, LogIn("pk_two"))
    upload = tell(phone, Listening("fcm-token-one"))
    assert tell(phone, Listening("fcm-token-one")) == []
    answer(phone, upload, TOKEN_TAKEN)
    assert tell(phone, Listening("fcm-token-one")) == []


@pytest.mark.parametrize(
    "settings",
    [
        replace(LOGGED_OUT, sims=()),
        replace(LOGGED_OUT, server_url="ftp://api.internal"),
        replace(LOGGED_OUT, server_url="http://api.internal/a b"),
    ],
)
def test_a_login_from_which_no_request_can_be_made_fails(settings: Any) -> None:
    phone = a_phone(settings)
    commands = [*tell(phone, LogIn("pk_two")), *tell(phone, Listening("fcm-token-one"))]
    assert kinds_in(commands) == ["login failed"]
    assert requests_in(commands) == []


def test_a_logout_keeps_the_numbers_and_forgets_what_was_typed() -> None:
    settings = replace(SETTINGS, sims=(Sim(ALICE, active=False),), encryption_key="secret", encrypt_received=True)
    phone = a_phone(settings)
    tell(phone, LogOut())
    assert phone.settings == replace(LOGGED_OUT, sims=(Sim(ALICE),))


# -- heartbeats ----------------------------------------------------------------------------------------------


def test_heartbeats_come_every_quarter_of_an_hour_after_the_first_login() -> None:
    phone = a_phone(LOGGED_OUT)
    tell(phone, LogIn("pk_two"))
    done = answer(phone, tell(phone, Listening("fcm-token-one")), TOKEN_TAKEN)
    (first,) = [command for command in done if isinstance(command, At)]
    assert first.event == HeartbeatDue()
    assert NOW < first.due_at <= NOW + HEARTBEAT_PERIOD
    asked = tell(phone, HeartbeatDue(), first.due_at)
    assert call_in(asked).request.path == "/v1/heartbeats"
    assert asked[-1] == At(first.due_at + HEARTBEAT_PERIOD, HeartbeatDue())


def test_a_second_login_makes_no_second_schedule() -> None:
    phone = a_phone(LOGGED_OUT)
    for _ in range(2):
        tell(phone, LogIn("pk_two"))
        done = answer(phone, tell(phone, Listening("fcm-token-one")), TOKEN_TAKEN)
    assert not [command for command in done if isinstance(command, At)]


OFF_AND_ON = (Sim(ALICE, active=False), Sim(SECOND_SIM))
HEARTBEAT_PUSH = PushReceived("", ((HEARTBEAT_ID, ""), (MESSAGE_ID, ID)))


@pytest.mark.parametrize(
    ("event", "numbers"),
    [(HeartbeatDue(), [SECOND_SIM]), (SendHeartbeat(), [ALICE, SECOND_SIM]), (HEARTBEAT_PUSH, [ALICE, SECOND_SIM])],
)
def test_only_the_periodic_heartbeat_leaves_out_a_first_sim_that_is_off(event: Any, numbers: list[str]) -> None:
    phone = a_phone(replace(SETTINGS, sims=OFF_AND_ON), Device(charging=True))
    body = json.loads(call_in(tell(phone, event)).request.body)
    assert body == {"charging": True, "phone_numbers": numbers}


@pytest.mark.parametrize("outcome", [OK, SERVER_ERROR, TimedOut("read"), Closed(sent_all=True)])
def test_what_becomes_of_a_heartbeat_changes_nothing(outcome: Outcome) -> None:
    phone = a_phone()
    asked = tell(phone, SendHeartbeat())
    before = rows(phone)
    assert answer(phone, asked, outcome) == []
    assert rows(phone) == before


# -- jobs ----------------------------------------------------------------------------------------------------


def test_a_refused_report_is_tried_again_for_ever_with_the_same_bytes() -> None:
    phone = a_phone()
    submit = submitted(phone)
    asked = tell(phone, SubmitAccepted(submit.id, 0, 1))
    first = call_in(asked).request
    assert json.loads(first.body)["timestamp"] == android_time(NOW)
    at, waits = NOW, []
    for _ in range(12):
        _, again = answer(phone, asked, SERVER_ERROR, at)
        assert isinstance(again, At)
        waits.append((again.due_at - at) // SECOND)
        at = again.due_at
        asked = tell(phone, again.event, at)
        assert call_in(asked).request == first
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 18000, 18000]


def test_a_job_goes_out_under_the_key_that_is_stored_when_it_runs() -> None:
    phone = a_phone()
    (_, job) = phone.handle(PUSH, NOW)
    assert isinstance(job, At)
    assert call_in(tell(phone, SendHeartbeat())).request.header("x-api-key") == "pk_one"
    tell(phone, ChangeSettings((("api_key", "pk_two"),)))
    assert call_in(tell(phone, job.event)).request.header("x-api-key") == "pk_two"


def test_a_job_that_is_over_does_not_run_again() -> None:
    phone = a_phone()
    answer(phone, tell(phone, PUSH), Response(404))
    assert tell(phone, JobDue(1)) == []
    assert not phone.jobs


def test_a_push_to_a_phone_that_is_logged_out_ends_without_a_request() -> None:
    phone = a_phone(LOGGED_OUT)
    assert kinds_in(tell(phone, PUSH)) == ["pushed"]
    assert not phone.jobs


@pytest.mark.parametrize(
    ("event", "kinds"),
    [
        (PUSH, ["pushed", "fetch failed"]),
        (TextReceived(BOB, "hello"), ["text received", "text dropped"]),
        (SendHeartbeat(), []),
    ],
)
def test_a_key_that_no_header_can_carry_loses_the_job(event: Any, kinds: list[str]) -> None:
    phone = a_phone(replace(SETTINGS, api_key="k\u00e9"))
    commands = tell(phone, event)
    assert kinds_in(commands) == kinds
    assert requests_in(commands) == []
    assert not phone.jobs


def test_the_same_push_twice_is_two_fetches_and_two_texts() -> None:
    phone = a_phone()
    submits = [submitted(phone), submitted(phone)]
    assert len({submit.id for submit in submits}) == 2
    for submit in submits:
        assert "sent" in kinds_in(tell(phone, SubmitAccepted(submit.id, 0, 1)))


def test_calls_are_made_by_a_client_that_does_as_okhttp_does() -> None:
    assert call_in(tell(a_phone(), PUSH)).client.startswith("phone:")


# -- outgoing ------------------------------------------------------------------------------------------------


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


def test_a_message_with_attachments_fails_instead_of_losing_them() -> None:
    phone = a_phone()
    asked = answer(phone, tell(phone, PUSH), outstanding(attachments=["http://files.test/1.png"]))
    assert told_in(asked) == []
    assert json.loads(call_in(asked).request.body)["reason"] == MMS_FAILED


def test_a_text_leaves_by_the_card_of_its_sim() -> None:
    device = Device((7, 3), default_subscription=3)
    cards = [submitted(a_phone(replace(SETTINGS, sims=TWO_SIMS), device), sim=sim).subscription_id
             for sim in ("SIM1", "SIM2", "DEFAULT")]  # fmt: skip
    assert cards == [7, 3, 3]


# -- results -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        SubmitAccepted("unknown", 0, 1),
        SubmitRejected("unknown", 0, 1),
        SubmitThrew("unknown", "SecurityException"),
        StatusReport("unknown", 0, 1, 0),
        SubmitAccepted(f"{ID}/1", 1, 1),
        SubmitAccepted(f"{ID}/1", -1, 1),
        object(),
    ],
)
def test_a_result_that_cannot_be_is_illegal_and_changes_nothing(event: Any) -> None:
    phone = a_phone()
    assert submitted(phone).id == f"{ID}/1"
    before = rows(phone)
    with pytest.raises(ProtocolError):
        phone.handle(event, NOW)
    assert rows(phone) == before


def test_octets_that_are_no_sms_deliver_change_nothing() -> None:
    phone = a_phone()
    before = rows(phone)
    with pytest.raises(MalformedPdu):
        phone.handle(DeliverReceived(b"\x04"), NOW)
    assert rows(phone) == before


def test_only_the_results_of_the_last_segment_count() -> None:
    phone = a_phone()
    submit = submitted(phone, content="x" * 161)
    assert tell(phone, SubmitRejected(submit.id, 0, 1)) == []
    assert kinds_in(tell(phone, SubmitAccepted(submit.id, 1, 2))) == ["sent"]


@pytest.mark.parametrize("act", [LogOut(), ChangeSettings((("sims", (Sim(ALICE, active=False),)),))])
def test_nobody_hears_a_result_after_a_logout_or_with_all_sims_off(act: Any) -> None:
    phone = a_phone()
    submit = submitted(phone)
    tell(phone, act)
    assert tell(phone, SubmitAccepted(submit.id, 0, 1)) == []
    assert tell(phone, StatusReport(submit.id, 0, 1, 0)) == []


# -- received texts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sims", "slot", "credited"),
    [
        ((Sim(ALICE),), 1, ("SIM1", ALICE)),
        ((Sim(ALICE),), 2, ("SIM1", ALICE)),
        (TWO_SIMS, 2, ("SIM2", SECOND_SIM)),
        ((Sim(ALICE, incoming=False),), 1, None),
        ((Sim(ALICE, active=False),), 1, None),
        ((Sim(ALICE, incoming=False), Sim(SECOND_SIM)), 2, ("SIM2", SECOND_SIM)),
        ((), 1, None),
    ],
)
def test_a_text_is_credited_to_its_sim_or_ignored(sims: Any, slot: int, credited: Any) -> None:
    phone = a_phone(replace(SETTINGS, sims=sims))
    bodies = [json.loads(request.body) for request in requests_in(tell(phone, TextReceived(BOB, "hi", slot)))]
    assert [(body["sim"], body["to"]) for body in bodies] == ([credited] if credited else [])


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


# -- whatever comes ------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
CHANGED = st.dictionaries(st.sampled_from(["id", "contact", "content", "sim", "encrypted", "attachments"]), JSON)
BODIES = st.one_of(
    st.binary(max_size=80),
    JSON.map(lambda value: json.dumps(value).encode()),
    CHANGED.map(lambda changes: outstanding(**changes).body),
)
CHARSETS = st.sampled_from(["utf-8", "iso-8859-1", "utf-16", "hex", "idna", "unicode_escape", "undefined", "\0"])
CONTENT_TYPES = st.text(max_size=12) | CHARSETS.map(lambda name: f"application/json; charset={name}")
ANSWERS = st.builds(
    lambda status, kind, body: Response(status, (("Content-Type", kind),), body),
    st.sampled_from([200, 201, 204, 301, 304, 400, 401, 404, 408, 429, 500, 599]),
    CONTENT_TYPES,
    BODIES,
)
OUTCOMES = st.one_of(
    ANSWERS,
    st.builds(BodyBroken, ANSWERS, st.binary(max_size=9)),
    st.sampled_from([ConnectFailed("refused"), TimedOut("read"), Closed(sent_all=True)]),
)
ANY_TEXT = st.text(st.characters(), max_size=30)  # lone surrogates too
PUSHES = st.dictionaries(st.sampled_from([MESSAGE_ID, HEARTBEAT_ID, "other"]), ANY_TEXT).map(
    lambda data: PushReceived("", tuple(data.items()))
)


@given(st.lists(PUSHES | st.builds(TextReceived, ANY_TEXT, ANY_TEXT), max_size=4), st.lists(OUTCOMES, max_size=8))
def test_no_push_text_or_answer_makes_a_phone_raise(events: list[Any], outcomes: list[Outcome]) -> None:
    phone = a_phone(replace(SETTINGS, encryption_key="Password123"))
    open_calls = [command for event in events for command in tell(phone, event)]
    while open_calls:
        command = open_calls.pop()
        if isinstance(command, Tell) and isinstance(command.event, Submit):
            open_calls += tell(phone, SubmitAccepted(command.event.id, len(command.event.segments) - 1, 1))
        elif isinstance(command, Call) and outcomes:
            open_calls += tell(phone, Answered(command.exchange, outcomes.pop()))


@given(OUTCOMES)
def test_no_answer_to_a_login_makes_a_phone_raise(outcome: Outcome) -> None:
    phone = a_phone(LOGGED_OUT)
    tell(phone, LogIn("pk_two"))
    kinds = kinds_in(answer(phone, tell(phone, Listening("fcm-token-one")), outcome))
    assert kinds in (["login failed"], ["registered", "logged in"])


# -- in a world ----------------------------------------------------------------------------------------------


def test_a_message_goes_all_the_way_and_is_reported() -> None:
    here = PhoneWorld()
    here.send(ID, "x" * 161)
    here.run()
    assert here.facts("contact", "received") == [{"from": ALICE, "to": BOB, "text": "x" * 161, "segments": 2}]
    assert sorted(here.gateway.script.events) == [(ID, "DELIVERED"), (ID, "SENT")]


@given(st.integers(0, 25), st.integers(0, 1000))
def test_a_phone_taken_from_a_state_file_goes_on_as_the_other(steps: int, seed: int) -> None:
    here = PhoneWorld(seed)
    here.send(ID, "x" * 161)
    for pdu in deliver_tpdus(BOB, "y" * 400, NOW, 7)[:2]:
        here.world.inject("phone:alice", DeliverReceived(pdu))
    for _ in range(steps):
        here.world.step()
    there = PhoneWorld(seed)
    there.gateway.script.outbox = here.gateway.script.outbox
    there.world.restore([load(dump(row)) for row in here.world.snapshot()])
    here.run()
    there.run()
    for mine, other in ((here.phone, there.phone), (here.modem, there.modem), (here.bob, there.bob)):
        assert rows(other) == rows(mine)


def test_a_fork_has_a_future_of_its_own() -> None:
    phone = a_phone()
    submit = submitted(phone)
    twin = phone.fork()
    before = rows(phone)
    tell(twin, SubmitAccepted(submit.id, 0, 1))
    tell(twin, DeliverReceived(deliver_tpdus(BOB, "y" * 400, NOW, 7)[0]))
    assert rows(phone) == before


@given(st.integers(0, 1 << 32))
def test_the_time_of_the_first_heartbeat_comes_from_the_seed(seed: int) -> None:
    times = []
    for _ in range(2):
        here = PhoneWorld(seed, LOGGED_OUT)
        tell(here.phone, LogIn("pk_two"))
        done = answer(here.phone, tell(here.phone, Listening("fcm-token-one")), TOKEN_TAKEN)
        times += [command.due_at for command in done if isinstance(command, At)]
    assert all(one == other for one, other in pairwise(times))
