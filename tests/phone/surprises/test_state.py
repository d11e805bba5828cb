"""Surprises of connections, logins, heartbeats, and of what is stored."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from harness.http.values import ConnectFailed, Outcome, Request, Response
from harness.instants import SECOND
from harness.modem import ChangeDelays, Delays
from harness.parties import CallNumber, WriteText
from harness.phone import (
    Build,
    Card,
    ChangeSettings,
    Device,
    LogIn,
    LogOut,
    LoseValidation,
    NewRegistrationToken,
    OpenApp,
    RegainNetwork,
    ResumeApp,
    SendHeartbeat,
    Settings,
    Sim,
)
from harness.profile import AppProfile
from harness.wire.fcm import HEARTBEAT_ID, PushReceived
from tests.phone.kit import ALICE, LOGGED_OUT, NOW, OK, SECOND_SIM, SETTINGS, TOKEN_TAKEN, TWO_CARDS, TWO_SIMS
from tests.phone.surprises.bench import DAY_S, IO_ERRORS, RADIO, Asked, Bench

BOTH = replace(SETTINGS, sims=TWO_SIMS)
CALLS = replace(SETTINGS, sims=(Sim(ALICE, calls=True), Sim()))
ASKS_FOR_HEARTBEAT = PushReceived("", ((HEARTBEAT_ID, "2026-07-23T05:10:10Z"),))
FILE = "http://files.internal/photo.png"
PNG = Response(200, (("Content-Type", "image/png"),), b"\x89PNG")
ONE_CARD = Device((Card(1, 1, ALICE),))


def sims_in(asked: list[Any]) -> list[str]:
    return [request.told["sim"] for request in asked]


# -- 32, 33: where requests go -------------------------------------------------------------------------------

URLS = [
    ("https://sms.internal/", "https://v1/messages/outstanding"),
    ("https://sms.internal", "https://sms.internal/v1/messages/outstanding"),
    ("https://sms.internal/base/", "https://sms.internal/base/v1/messages/outstanding"),
]


@pytest.mark.parametrize(("server_url", "url"), URLS)
def test_a_server_url_of_a_host_and_a_slash_leads_to_a_host_called_v1(server_url: str, url: str) -> None:
    bench = Bench(settings=replace(SETTINGS, server_url=server_url))
    bench.push()
    assert [asked.request.url.partition("?")[0] for asked in bench.requests("fetch")] == [url]


def test_nobody_can_log_in_by_a_server_url_of_a_host_and_a_slash() -> None:
    bench = Bench(settings=LOGGED_OUT, device=ONE_CARD, token=ConnectFailed("resolve"))
    bench.do(LogIn("pk_two", server_url="https://sms.internal/"))
    assert [asked.request.authority for asked in bench.asked] == ["v1"]
    assert len(bench.facts("phone", "login failed")) == 1


def a_busy_day(bench: Bench) -> None:
    """A text out, one in, a call, a heartbeat, the app opened."""
    bench.push()
    bench.tell("bob", WriteText(ALICE, "hello"), CallNumber(ALICE))
    bench.wait(1)
    bench.do(SendHeartbeat(), OpenApp())


def test_every_request_takes_a_new_connection() -> None:
    bench = Bench(settings=CALLS)
    a_busy_day(bench)
    assert {asked.what for asked in bench.asked} == {"fetch", "event", "receive", "call", "heartbeat", "token"}
    places = [(asked.client, asked.connection) for asked in bench.asked]
    assert len(set(places)) == len(places)
    assert {asked.nth for asked in bench.asked} == {1}


def test_a_connection_lingers_for_five_minutes_after_its_only_request() -> None:
    bench = Bench(settings=CALLS)
    a_busy_day(bench)
    rooms = [room for room, _ in bench.clients.values()]
    assert all(len(room.idle) == 1 for room in rooms)
    now = bench.world.now
    assert [close for room in rooms for close in room.close_old(now + 298 * SECOND)] == []
    assert sum(len(room.close_old(now + 300 * SECOND)) for room in rooms) == len(rooms)


SHARED: list[tuple[Any, str]] = [
    (lambda bench: bench.do(LogOut(), LogIn("pk_two")), "token"),
    (lambda bench: bench.push(attachments=[FILE, FILE]), "other"),
]


@pytest.mark.parametrize(("begin", "what"), SHARED)
def test_only_a_login_and_the_attachments_of_a_message_share_a_connection(begin: Any, what: str) -> None:
    bench = Bench(settings=BOTH, device=TWO_CARDS, other=PNG)
    begin(bench)
    first, second = bench.requests(what)[:2]
    assert (first.client, first.connection) == (second.client, second.connection)
    assert (first.nth, second.nth) == (1, 2)


# -- 34, 35: the registration token --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device", "sims"), [(ONE_CARD, ["SIM1"] * 3), (TWO_CARDS, ["SIM1", "SIM2"] * 3)], ids=["one", "two"]
)
def test_a_login_is_three_uploads_of_the_token_for_each_sim(device: Device, sims: list[str]) -> None:
    bench = Bench(settings=LOGGED_OUT, device=device)
    bench.do(LogIn("pk_two"))
    assert sorted(sims_in(bench.requests("token"))) == sorted(sims)


@pytest.mark.parametrize(("settings", "count"), [(SETTINGS, 1), (BOTH, 2)], ids=["one", "two"])
def test_an_app_that_is_opened_after_a_day_uploads_the_token_twice_for_each_sim(settings: Settings, count: int) -> None:
    bench = Bench(settings=settings)
    bench.do(OpenApp())
    assert len(bench.requests("token")) == 2 * count
    bench.wait(DAY_S - 1)
    bench.do(OpenApp(), ResumeApp())
    assert len(bench.requests("token")) == 2 * count
    bench.wait(1)
    bench.do(OpenApp())
    assert len(bench.requests("token")) == 4 * count


NOT_TAKEN = [Response(401), Response(500), Response(204), Response(200, (), b"{}"), *IO_ERRORS]


@pytest.mark.parametrize("outcome", NOT_TAKEN, ids=repr)
def test_a_failed_upload_from_the_main_screen_is_made_up_for_at_its_next_resume(outcome: Outcome) -> None:
    bench = Bench(token=[outcome, outcome, TOKEN_TAKEN])
    bench.do(OpenApp())
    bench.wait(60)
    assert len(bench.requests("token")) == 2
    bench.do(ResumeApp())
    assert len(bench.requests("token")) == 3
    bench.do(ResumeApp())
    assert len(bench.requests("token")) == 3


@pytest.mark.parametrize("outcome", NOT_TAKEN, ids=repr)
def test_a_failed_upload_of_a_new_token_waits_for_the_next_that_is_due(outcome: Outcome) -> None:
    bench = Bench(settings=replace(SETTINGS, token_uploaded_at=NOW), token=[outcome, TOKEN_TAKEN])
    bench.do(NewRegistrationToken("another token"))
    bench.wait(3600)
    bench.do(OpenApp(), ResumeApp())
    assert len(bench.requests("token")) == 1
    bench.wait(DAY_S)
    bench.do(ResumeApp())
    assert [asked.told["fcm_token"] for asked in bench.requests("token")] == ["another token"] * 2


# -- 36: an exception without a message ----------------------------------------------------------------------


@pytest.mark.parametrize(("body", "logs_in"), [(b"null", True), (b"null x", True), (b"{}", False), (b"", False)])
def test_an_exception_without_a_message_counts_as_a_login(body: bytes, logs_in: bool) -> None:
    bench = Bench(settings=LOGGED_OUT, device=ONE_CARD, token=Response(200, (), body))
    bench.do(LogIn("pk_two"))
    assert bench.phone.settings.logged_in is logs_in
    assert len(bench.facts("phone", "login failed")) == (not logs_in)


# -- 37: logout ----------------------------------------------------------------------------------------------


def test_a_logout_sends_nothing() -> None:
    bench = Bench()
    bench.do(LogOut())
    bench.wait(DAY_S)
    assert bench.asked == []


SLOW = ChangeDelays(Delays(accept_ns=(5 * SECOND, 5 * SECOND)))


def queued(*acts: Any, **answers: Any) -> list[Asked]:
    """What goes out once there is a network again.

    The results of a text, a received text, a missed call and a push have been waiting for it while something was done.
    """
    bench = Bench(settings=CALLS, **answers)
    bench.tell(RADIO, SLOW)
    bench.push()
    bench.do(LoseValidation())
    bench.wait(10)
    bench.tell("bob", WriteText(ALICE, "hello"), CallNumber(ALICE))
    bench.push("another")
    bench.wait(1)
    bench.do(*acts, RegainNetwork())
    bench.wait(7 * DAY_S)
    return [asked for asked in bench.asked if asked.at_s > 10]


def test_what_was_queued_before_a_logout_runs_with_an_empty_key() -> None:
    refused = Response(401)
    asked = queued(LogOut(), event=refused, receive=refused, call=refused)
    assert {one.request.header("x-api-key") for one in asked} == {""}
    counts = Counter(one.what for one in asked)
    assert counts.keys() == {"event", "receive", "call"}
    assert (counts["receive"], counts["call"]) == (1, 1)  # a refusal is taken for a success
    assert counts["event"] > 70  # two of them, for ever


def test_a_push_that_was_queued_before_a_logout_ends_without_a_request() -> None:
    assert [one for one in queued(LogOut()) if one.what == "fetch"] == []
    assert len([one for one in queued() if one.what == "fetch"]) == 1


# -- 39, 40: heartbeats --------------------------------------------------------------------------------------

FIRST_OFF = replace(BOTH, sims=(Sim(ALICE, active=False), Sim(SECOND_SIM)))
ALL_OFF = replace(BOTH, sims=(Sim(ALICE, active=False), Sim(SECOND_SIM, active=False)))
BEATS: list[tuple[Any, Settings, list[list[str]]]] = [
    (ASKS_FOR_HEARTBEAT, FIRST_OFF, [[ALICE, SECOND_SIM]]),
    (SendHeartbeat(), FIRST_OFF, [[ALICE, SECOND_SIM]]),
    (OpenApp(), FIRST_OFF, [[SECOND_SIM]]),
    (ASKS_FOR_HEARTBEAT, ALL_OFF, [[ALICE]]),
    (SendHeartbeat(), ALL_OFF, [[ALICE]]),
    (OpenApp(), ALL_OFF, []),
]


@pytest.mark.parametrize(("act", "settings", "numbers"), BEATS)
def test_a_heartbeat_by_push_or_button_names_sim1_even_when_it_is_off_a_periodic_one_does_not(
    act: Any, settings: Settings, numbers: list[list[str]]
) -> None:
    bench = Bench(settings=settings)
    bench.do(act)
    assert [asked.told["phone_numbers"] for asked in bench.requests("heartbeat")] == numbers


@pytest.mark.parametrize("act", [ASKS_FOR_HEARTBEAT, OpenApp()], ids=["push", "periodic"])
@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_an_http_error_on_a_heartbeat_looks_like_a_heartbeat_to_the_app(act: Any, status: int) -> None:
    bench = Bench(heartbeat=Response(status))
    bench.do(act)
    bench.wait(899)
    assert len(bench.requests("heartbeat")) == 1
    assert bench.phone.settings.heartbeat_at == NOW


@pytest.mark.parametrize("outcome", [Response(500), *IO_ERRORS], ids=repr)
@pytest.mark.parametrize("act", [ASKS_FOR_HEARTBEAT, SendHeartbeat()], ids=["push", "button"])
def test_no_heartbeat_is_tried_again(act: Any, outcome: Outcome) -> None:
    bench = Bench(heartbeat=outcome)
    bench.do(act)
    bench.wait(DAY_S)
    assert len(bench.requests("heartbeat")) == 1


def first_heartbeat_s(seed: int) -> float:
    """When the first one comes, in seconds after the login."""
    bench = Bench(seed, settings=LOGGED_OUT)
    bench.do(LogIn("pk_two"))
    bench.wait(1000)
    return bench.requests("heartbeat")[0].at_s


def test_the_first_periodic_heartbeat_comes_within_a_quarter_of_an_hour_after_the_login() -> None:
    times = [first_heartbeat_s(seed) for seed in range(12)]
    assert all(0 < time <= 900 for time in times)
    assert max(times) - min(times) > 300


def test_the_schedule_of_heartbeats_is_older_than_the_login() -> None:
    bench = Bench(settings=LOGGED_OUT)
    bench.do(OpenApp())
    bench.wait(600)
    bench.do(LogIn("pk_two"))
    bench.wait(2000)
    assert [asked.at_s for asked in bench.requests("heartbeat")] == [900, 1800]


# -- 41: validation ------------------------------------------------------------------------------------------


def test_no_worker_runs_on_a_network_that_android_has_not_validated() -> None:
    bench = Bench(settings=CALLS)
    bench.do(LoseValidation(), OpenApp())
    bench.push()
    bench.tell("bob", WriteText(ALICE, "hello"), CallNumber(ALICE))
    bench.wait(DAY_S)
    assert {asked.what for asked in bench.asked} == {"token"}
    bench.do(RegainNetwork())
    assert {asked.what for asked in bench.asked} == {"token", "heartbeat", "fetch", "event", "receive", "call"}


@pytest.mark.parametrize(
    ("act", "what"), [(ASKS_FOR_HEARTBEAT, "heartbeat"), (SendHeartbeat(), "heartbeat"), (ResumeApp(), "token")]
)
def test_what_is_no_worker_needs_no_validation(act: Any, what: str) -> None:
    bench = Bench()
    bench.do(LoseValidation(), act)
    assert [asked.what for asked in bench.asked] == [what]


# -- 42, 45: headers -----------------------------------------------------------------------------------------


PUBLISHED = Build(AppProfile(sentry_headers=True))


def everything(build: Build) -> list[Request]:
    """Requests of every kind, those of an attachment and of a redirect included."""
    moved = Response(302, (("Location", "http://elsewhere.internal/moved"),))
    bench = Bench(settings=CALLS, build=build, other=PNG, call=moved)
    a_busy_day(bench)
    bench.push("another", attachments=[FILE])
    assert {asked.request.authority for asked in bench.requests("other")} == {"files.internal", "elsewhere.internal"}
    return [asked.request for asked in bench.asked]


@pytest.mark.parametrize("build", [Build(), Build(AppProfile(version="0123abc"))])
def test_the_client_version_is_the_short_hash_of_a_commit(build: Build) -> None:
    own = [request for request in everything(build) if request.authority != "files.internal"]
    versions = [request.header("X-Client-Version") for request in own]
    assert set(versions) == {build.app.version}
    assert re.fullmatch("[0-9a-f]{7}", build.app.version)


def test_the_published_app_sends_two_headers_more_with_every_request() -> None:
    ids = set()
    for request in everything(PUBLISHED):
        trace = re.fullmatch("([0-9a-f]{32})-[0-9a-f]{16}", request.header("sentry-trace") or "")
        assert trace is not None
        assert f"sentry-trace_id={trace[1]}" in (request.header("baggage") or "")
        ids.add(trace[1])
    assert len(ids) == 1


def test_the_two_headers_stand_between_the_apps_own_and_those_of_the_body() -> None:
    post = next(request for request in everything(PUBLISHED) if request.path == "/v1/heartbeats")
    names = [name for name, _ in post.headers]
    assert names[:5] == ["x-api-key", "X-Client-Version", "sentry-trace", "baggage", "Content-Type"]


def test_a_build_without_the_crash_reporter_sends_neither() -> None:
    names = {name for request in everything(Build()) for name, _ in request.headers}
    assert names & {"sentry-trace", "baggage"} == set()


# -- 44: whatever is stored ----------------------------------------------------------------------------------

ELSEWHERE = ChangeSettings((("api_key", "pk_two"), ("server_url", "http://other.internal")))


def test_what_was_queued_goes_out_under_the_key_and_url_that_are_stored_when_it_runs() -> None:
    asked = queued(ELSEWHERE)
    assert {one.what for one in asked} == {"fetch", "event", "receive", "call"}
    assert {one.request.header("x-api-key") for one in asked} == {"pk_two"}
    assert {one.request.authority for one in asked} == {"other.internal"}


def test_a_job_that_is_tried_again_takes_the_new_key_and_url_too() -> None:
    bench = Bench(receive=[Response(500), OK])
    bench.tell("bob", WriteText(ALICE, "hello"))
    bench.do(ELSEWHERE)
    bench.wait(60)
    first, second = bench.requests("receive")
    assert (first.request.body, first.request.authority) == (second.request.body, "api.internal")
    assert (second.request.authority, second.request.header("x-api-key")) == ("other.internal", "pk_two")


def test_a_heartbeat_goes_out_under_the_key_and_url_of_its_time() -> None:
    bench = Bench()
    bench.do(OpenApp(), ELSEWHERE)
    bench.wait(900)
    assert [asked.request.authority for asked in bench.requests("heartbeat")] == ["api.internal", "other.internal"]
