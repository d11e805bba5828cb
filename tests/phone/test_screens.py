"""Login, main screen, settings; tokens and heartbeats beside the jobs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.core import Record, Tell
from harness.delays import Fixed
from harness.http.values import Call, Closed, ConnectFailed, Outcome, Response, TimedOut
from harness.instants import SECOND
from harness.phone import (
    AnswerPermissions,
    Boot,
    Build,
    ChangeCharging,
    ChangeSettings,
    LogIn,
    LogOut,
    NewRegistrationToken,
    OpenApp,
    PowerOffHandset,
    ResumeApp,
    SendHeartbeat,
    Settings,
    Sim,
    SwitchSim,
    TypeEncryptionKey,
)
from harness.phone.events import JobDue, MainScreenOpens
from harness.phone.screens import UPLOAD_AGE
from harness.phone.work import PERIOD
from harness.profile import OemProfile
from harness.wire.client import PhoneKeyIssued
from harness.wire.fcm import HEARTBEAT_ID, MESSAGE_ID, Listening, PushReceived, StreamOpened
from tests.phone.kit import (
    ALICE,
    ID,
    LOGGED_OUT,
    NOW,
    OK,
    SECOND_SIM,
    SERVER_ERROR,
    SETTINGS,
    TOKEN_TAKEN,
    TWO_CARDS,
    TWO_SIMS,
    a_phone,
    answer,
    answer_all,
    call_in,
    due_in,
    facts_in,
    kinds_in,
    opened,
    requests_in,
    rows,
    tell,
)

TOKEN = Listening("fcm-token-one")
FRESH = Settings(server_url="http://api.internal", registration_token="fcm-token-one")


def _uploads(commands: Any) -> list[tuple[str, str]]:
    bodies = [json.loads(request.body) for request in requests_in(commands)]
    return [(body["sim"], body["phone_number"]) for body in bodies]


# -- login ---------------------------------------------------------------------------------------------------


def test_a_phone_tells_the_push_service_its_token_before_it_logs_in() -> None:
    assert tell(a_phone(LOGGED_OUT), LogIn("pk_two")) == [Tell("push", StreamOpened("fcm-token-one", "phone:alice"))]


@pytest.mark.parametrize("act", [LogIn("pk_two"), PhoneKeyIssued("pk_two"), LogIn(" pk_two ", (ALICE, SECOND_SIM))])
def test_a_login_uploads_the_token_for_one_sim_after_the_other_on_one_client(act: Any) -> None:
    phone = a_phone(FRESH, TWO_CARDS)
    tell(phone, act)
    first = tell(phone, TOKEN)
    second = answer(phone, first, TOKEN_TAKEN)
    assert not phone.settings.logged_in
    done = answer(phone, second, TOKEN_TAKEN)
    assert _uploads([*first, *second]) == [("SIM1", ALICE), ("SIM2", SECOND_SIM)]
    assert {call.client for call in (call_in(first), call_in(second))} == {call_in(first).client}
    assert kinds_in(done)[:2] == ["registered", "logged in"]
    assert facts_in(done, "logged in") == {"numbers": f"{ALICE}, {SECOND_SIM}"}
    assert (phone.settings.api_key, phone.settings.sims[1].number) == ("pk_two", SECOND_SIM)
    assert "login" not in phone.facts


def test_a_login_tells_that_the_maker_holds_jobs_back() -> None:
    build = Build(oem=OemProfile(job_delay=Fixed(SECOND)))
    phone = a_phone(FRESH, TWO_CARDS, build)
    tell(phone, LogIn("pk_two"))
    done = answer(phone, answer(phone, tell(phone, TOKEN), TOKEN_TAKEN), TOKEN_TAKEN)
    assert facts_in(done, "logged in")["holds_jobs"] is True


def test_after_a_login_the_main_screen_opens_and_uploads_twice_for_each_sim() -> None:
    phone = a_phone(FRESH, TWO_CARDS)
    tell(phone, LogIn("pk_two"))
    done = answer(phone, answer(phone, tell(phone, TOKEN), TOKEN_TAKEN), TOKEN_TAKEN)
    assert sorted(_uploads(done)) == [("SIM1", ALICE)] * 2 + [("SIM2", SECOND_SIM)] * 2
    assert len({call.client for call in done if isinstance(call, Call)}) == 4
    (first,) = due_in(done, JobDue)
    assert NOW < first.due_at <= NOW + PERIOD
    answer_all(phone, done, TOKEN_TAKEN)
    assert (phone.settings.token_uploaded_at, phone.settings.user_id) == (NOW, "u")
    assert tell(phone, MainScreenOpens(), NOW + SECOND)  # and no second schedule, no second upload
    assert len(phone.jobs) == 1
    assert not phone.threads


@pytest.mark.parametrize(
    "outcome",
    [Response(401), SERVER_ERROR, Response(200, (), b"{}"), Response(204), TimedOut("read"), ConnectFailed("refused")],
)
def test_a_refused_login_leaves_the_phone_logged_out_and_says_why(outcome: Outcome) -> None:
    phone = a_phone(LOGGED_OUT)
    tell(phone, LogIn("pk_two"))
    (record,) = answer(phone, tell(phone, TOKEN), outcome)
    assert isinstance(record, Record)
    assert (record.kind, record.facts["number"]) == ("login failed", ALICE)
    assert record.facts["error"]
    assert record.facts["field"] == ("api_key" if outcome == Response(401) else "server_url")
    assert not phone.settings.logged_in
    assert "login" not in phone.facts


@pytest.mark.parametrize("typed", [LogIn("pk_bad"), LogIn("pk_bad", ("99",))])
def test_the_answer_to_an_earlier_login_says_nothing_about_a_later_one(typed: LogIn) -> None:
    phone = a_phone(LOGGED_OUT)
    tell(phone, LogIn("pk_good"))
    upload = tell(phone, TOKEN)
    tell(phone, typed)
    assert answer(phone, upload, TOKEN_TAKEN) == []
    assert not phone.settings.logged_in


def test_a_stream_that_opens_again_starts_no_second_login() -> None:
    phone = a_phone(LOGGED_OUT)
    tell(phone, LogIn("pk_two"))
    upload = tell(phone, TOKEN)
    assert tell(phone, TOKEN) == []
    answer(phone, upload, TOKEN_TAKEN)
    assert tell(phone, TOKEN) == []


@pytest.mark.parametrize(
    ("settings", "act", "field"),
    [
        (replace(FRESH, registration_token=""), LogIn("k", (ALICE,)), "toast"),
        (FRESH, LogIn("k"), "phone_sim1"),
        (FRESH, LogIn("k", ("12345",)), "phone_sim1"),
        (FRESH, LogIn("k", ()), "phone_sim1"),
        (FRESH, LogIn("k", (ALICE,), "nowhere"), "server_url"),
    ],
)
def test_what_is_typed_is_checked_before_anything_is_asked(settings: Any, act: Any, field: str) -> None:
    (failed,) = tell(a_phone(settings), act)
    assert isinstance(failed, Record)
    assert (failed.kind, failed.facts["field"]) == ("login failed", field)


def test_a_second_number_is_asked_for_with_two_cards() -> None:
    (failed,) = tell(a_phone(FRESH, TWO_CARDS), LogIn("k", (ALICE, "99")))
    assert isinstance(failed, Record)
    assert failed.facts["field"] == "phone_sim2"


def test_https_is_demanded_by_a_build_that_does() -> None:
    phone = a_phone(LOGGED_OUT, build=Build(https_only=True))
    (failed,) = tell(phone, LogIn("k"))
    assert isinstance(failed, Record)
    assert failed.facts["error"] == "Server URL [http://api.internal] must be HTTPS"


@pytest.mark.parametrize("url", ["http://api.internal/a b", "http://api.internal/a%20b"])
def test_a_login_from_which_no_request_can_be_made_fails(url: str) -> None:
    phone = a_phone(LOGGED_OUT)
    commands = [*tell(phone, LogIn("pk_two", None, url)), *tell(phone, TOKEN)]
    assert kinds_in(commands) == ["login failed"]
    assert requests_in(commands) == []


def test_a_key_that_no_header_carries_is_not_shown_in_the_trace() -> None:
    phone = a_phone(LOGGED_OUT)
    tell(phone, LogIn("hush\u00e9"))
    (failed,) = tell(phone, TOKEN)
    assert isinstance(failed, Record)
    assert failed.facts["error"] == (
        "An unexpected error occurred: Unexpected char 0xe9 at 4 in x-api-key value: <key>"
    )


def test_after_a_logout_the_cards_still_know_their_numbers() -> None:
    phone = a_phone()
    asked = tell(phone, LogOut())
    assert kinds_in(asked) == ["logged out"]
    assert facts_in(asked, "logged out") == {"numbers": ALICE}
    assert phone.settings.sims == (Sim(), Sim())
    tell(phone, LogIn("pk_two"))
    assert _uploads(tell(phone, TOKEN)) == [("SIM1", ALICE)]


# -- main screen ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "kinds"),
    [
        (FRESH, ["screen opened", "service started", "permissions asked", "screen opened"]),
        (replace(SETTINGS, token_uploaded_at=NOW), ["service started", "permissions asked"]),
        (
            replace(SETTINGS, sims=(Sim(ALICE, active=False),), token_uploaded_at=NOW),
            ["permissions asked"],
        ),
    ],
)
def test_what_opening_the_app_does(settings: Settings, kinds: list[str]) -> None:
    phone = a_phone(settings)
    assert kinds_in(phone.handle(OpenApp(), NOW)) == kinds


@pytest.mark.parametrize(("age", "uploads"), [(UPLOAD_AGE, 2), (UPLOAD_AGE - 1, 0)])
def test_both_hooks_of_the_main_screen_upload_a_token_that_is_a_day_old(age: int, uploads: int) -> None:
    phone = a_phone(replace(SETTINGS, token_uploaded_at=NOW - age))
    tell(phone, OpenApp())
    puts = [thread.request for thread in phone.threads.values() if thread.request.method == "PUT"]
    assert len(puts) == uploads


def test_a_failed_upload_is_made_up_for_at_the_next_resume() -> None:
    phone = a_phone(SETTINGS)
    answer_all(phone, tell(phone, OpenApp()), SERVER_ERROR)
    again = tell(phone, ResumeApp())
    assert _uploads(again) == [("SIM1", ALICE)]
    answer(phone, again, TOKEN_TAKEN)
    assert tell(phone, ResumeApp()) == []


def test_who_is_logged_out_is_shown_the_login_screen() -> None:
    assert kinds_in(tell(a_phone(FRESH), ResumeApp())) == ["screen opened"]


def test_a_second_opening_keeps_the_schedule_of_heartbeats() -> None:
    phone = opened()
    assert "heartbeats kept" in kinds_in(tell(phone, OpenApp()))
    assert len(phone.jobs) == 1


def test_refusing_the_call_log_switches_missed_calls_off() -> None:
    settings = replace(SETTINGS, sims=(Sim(ALICE, calls=True), Sim(SECOND_SIM, calls=True)), token_uploaded_at=NOW)
    phone = a_phone(settings)
    (asked,) = [
        item for item in tell(phone, OpenApp()) if isinstance(item, Record) and item.kind == "permissions asked"
    ]
    assert "READ_CALL_LOG" in str(asked.facts["permissions"])
    tell(phone, AnswerPermissions((("READ_CALL_LOG", False), ("READ_PHONE_STATE", True))))
    assert not any(sim.calls for sim in phone.settings.sims)
    tell(phone, SwitchSim(1, "calls", True))
    tell(phone, OpenApp())  # refused for ever
    assert not any(sim.calls for sim in phone.settings.sims)
    tell(phone, AnswerPermissions((("READ_CALL_LOG", True),)))
    assert "READ_CALL_LOG" not in phone.device.denied


def test_a_switch_and_a_key_are_stored() -> None:
    phone = a_phone()
    tell(phone, SwitchSim(2, "incoming", False))
    tell(phone, TypeEncryptionKey(" k "))
    assert not phone.settings.sims[1].incoming
    assert phone.settings.encryption_key == "k"


# -- tokens --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "uploads"),
    [
        (SETTINGS, [("SIM1", ALICE)]),
        (replace(SETTINGS, sims=TWO_SIMS), [("SIM1", ALICE), ("SIM2", SECOND_SIM)]),
        (replace(SETTINGS, sims=TWO_SIMS, api_key=None), [("SIM2", SECOND_SIM)]),
        (LOGGED_OUT, []),
        (replace(SETTINGS, sims=TWO_SIMS, api_key="k\u00e9"), []),
    ],
)
@pytest.mark.parametrize("outcome", [TOKEN_TAKEN, SERVER_ERROR, TimedOut("read")])
def test_a_new_token_goes_up_for_one_sim_after_the_other(settings: Settings, uploads: Any, outcome: Outcome) -> None:
    phone = a_phone(settings)
    commands = tell(phone, NewRegistrationToken("two"))
    seen: list[tuple[str, str]] = []
    while requests_in(commands):
        seen += _uploads(commands)
        assert json.loads(call_in(commands).request.body)["fcm_token"] == "two"
        commands = answer(phone, commands, outcome)
    assert seen == uploads
    assert phone.settings.registration_token == "two"
    stored = outcome == TOKEN_TAKEN and ("SIM1", ALICE) in uploads
    assert (phone.settings.user_id, phone.settings.token_uploaded_at) == ("u" if stored else "", 0)


def test_a_token_that_comes_to_a_phone_that_is_away_is_kept_for_it() -> None:
    phone = a_phone()
    tell(phone, PowerOffHandset())
    assert tell(phone, NewRegistrationToken("two")) == []
    assert _uploads(tell(phone, Boot())) == [("SIM1", ALICE)]


# -- heartbeats ----------------------------------------------------------------------------------------------

OFF_AND_ON = replace(SETTINGS, sims=(Sim(ALICE, active=False), Sim(SECOND_SIM)), token_uploaded_at=NOW)
HEARTBEAT_PUSH = PushReceived("", ((HEARTBEAT_ID, ""), (MESSAGE_ID, ID)))


@pytest.mark.parametrize(
    ("event", "numbers"),
    [(OpenApp(), [SECOND_SIM]), (SendHeartbeat(), [ALICE, SECOND_SIM]), (HEARTBEAT_PUSH, [ALICE, SECOND_SIM])],
)
def test_only_the_periodic_heartbeat_leaves_out_a_first_sim_that_is_off(event: Any, numbers: list[str]) -> None:
    phone = a_phone(OFF_AND_ON)
    tell(phone, ChangeCharging(True))
    body = json.loads(call_in(tell(phone, event)).request.body)
    assert body == {"charging": True, "phone_numbers": numbers}


@pytest.mark.parametrize("outcome", [OK, SERVER_ERROR, TimedOut("read"), Closed(sent_all=True)])
def test_heartbeats_come_every_quarter_of_an_hour_whatever_becomes_of_them(outcome: Outcome) -> None:
    phone = a_phone(replace(SETTINGS, token_uploaded_at=NOW))
    asked = tell(phone, OpenApp())
    now = NOW
    for _ in range(3):
        assert call_in(asked).request.path == "/v1/heartbeats"
        (due,) = due_in(answer(phone, asked, outcome, now + SECOND), JobDue)
        assert due.due_at == now + SECOND + PERIOD
        now = due.due_at
        asked = tell(phone, due.event, now)


@pytest.mark.parametrize(
    "settings", [FRESH, replace(SETTINGS, sims=(Sim(ALICE, active=False),)), replace(SETTINGS, api_key="k\u00e9")]
)
def test_a_period_without_a_heartbeat_is_followed_by_the_next(settings: Settings) -> None:
    phone = a_phone(replace(settings, token_uploaded_at=NOW))
    asked = tell(phone, OpenApp())
    assert "heartbeat" not in kinds_in(asked)
    (due,) = due_in(asked, JobDue)
    assert due.due_at == NOW + PERIOD


@pytest.mark.parametrize(
    ("outcome", "text", "counts"),
    [
        (OK, "Heartbeat sent successfully", True),
        (SERVER_ERROR, "Could not send heartbeat make sure the phone is connected to the internet", False),
        (TimedOut("read"), "SocketTimeoutException", False),
        (ConnectFailed("refused"), "ConnectException", False),
    ],
)
def test_the_button_says_what_became_of_the_heartbeat(outcome: Outcome, text: str, counts: bool) -> None:
    phone = a_phone()
    (toast,) = answer(phone, tell(phone, SendHeartbeat()), outcome)
    assert isinstance(toast, Record)
    assert (toast.kind, toast.facts["text"]) == ("toast", text)
    assert bool(phone.settings.heartbeat_at) is counts


def test_an_http_error_after_a_push_counts_as_a_heartbeat_and_nobody_is_told() -> None:
    phone = a_phone()
    for outcome, at in ((SERVER_ERROR, NOW), (TimedOut("read"), NOW)):
        assert answer(phone, tell(phone, HEARTBEAT_PUSH), outcome) == []
        assert phone.settings.heartbeat_at == at


def test_a_key_that_no_header_can_carry_leaves_no_heartbeat() -> None:
    phone = a_phone(replace(SETTINGS, api_key="k\u00e9"))
    assert kinds_in(tell(phone, HEARTBEAT_PUSH)) == ["heartbeat asked for"]
    (toast,) = tell(phone, SendHeartbeat())
    assert isinstance(toast, Record)
    assert toast.facts["text"] == "IllegalArgumentException"
    before = rows(phone)
    tell(phone, ChangeSettings(()))
    assert rows(phone) == before
