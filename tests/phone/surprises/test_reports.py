"""Surprises on the way back: what becomes of the reports about a text, and of those about a missed call."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest

from harness.delays import AT_ONCE
from harness.http.values import Outcome, Response
from harness.instants import SECOND, android_time, ns
from harness.modem import AddRules, ChangeDelays, ChangeTelephony, Delays, Lose, PlanResults, Reports
from harness.parties import CallNumber
from harness.phone import (
    ChangeSettings,
    KillProcess,
    LoseNetwork,
    LoseValidation,
    RegainNetwork,
    ResultBroadcast,
    Sim,
    TelephonyThrows,
)
from tests.phone.kit import ALICE, ID, NOW, OK, outstanding
from tests.phone.surprises.bench import DAY_S, IO_ERRORS, RADIO, SIX_HOURS_S, Bench, Late, broken

REFUSALS = [300, 304, 400, 401, 402, 403, 409, 422, 429, 500, 502, 503]
DOUBLING = [30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15_360, *[18_000] * 5]
STILL_TRYING, GIVEN_UP = 48, 70


def deliver_nothing(bench: Bench) -> None:
    """The carrier loses every text and reports nothing."""
    bench.tell("smsc", AddRules((Lose(), Reports(()))))


def sent(bench: Bench) -> None:
    deliver_nothing(bench)
    bench.push()


def failed(bench: Bench) -> None:
    bench.tell(RADIO, PlanResults(((1, 4),)))
    bench.push()


def delivered(bench: Bench) -> None:
    bench.push("unheard", contact="")  # the app listens from its first message on
    bench.do(ResultBroadcast("delivered", ID, -1))


def missed(bench: Bench) -> None:
    bench.do(ChangeSettings((("sims", (Sim(ALICE, calls=True), Sim())),)))
    bench.tell("bob", CallNumber(ALICE))
    bench.wait(1)


REPORTS = [(sent, "SENT"), (failed, "FAILED"), (delivered, "DELIVERED"), (missed, None)]


def posted(bench: Bench, event: str | None) -> list[Any]:
    """The reports of this event; of missed calls for None."""
    if event is None:
        return bench.requests("call")
    path = f"/v1/messages/{ID}/events"
    return [
        asked for asked in bench.requests("event") if asked.request.path == path and asked.told["event_name"] == event
    ]


# -- 3, 4, 21, 43, 48: answers -------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", IO_ERRORS, ids=repr)
@pytest.mark.parametrize(("begin", "event"), REPORTS)
def test_an_io_error_loses_a_report_for_ever(begin: Any, event: str | None, outcome: Outcome) -> None:
    bench = Bench(event=outcome, call=outcome)
    begin(bench)
    bench.wait(7 * DAY_S)
    assert len(posted(bench, event)) == 1


@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize(("begin", "event"), REPORTS)
def test_a_bad_status_is_asked_again_for_ever(begin: Any, event: str | None, status: int) -> None:
    if event is None and 400 <= status < 500:
        status = 500  # for a call, these are a success: test_a_4xx_drops_a_missed_call_as_if_it_were_taken
    bench = Bench(event=Response(status), call=Response(status))
    begin(bench)
    bench.wait(7 * DAY_S)
    tries = posted(bench, event)
    assert len(tries) > 35
    assert {asked.request for asked in tries} == {tries[0].request}


def test_the_waits_between_attempts_double_from_half_a_minute_to_five_hours_and_never_end() -> None:
    bench = Bench(event=Response(500))
    failed(bench)
    bench.wait(30 * DAY_S)
    waits = [round(two.at_s - one.at_s) for one, two in pairwise(bench.requests("event"))]
    assert waits[: len(DOUBLING)] == DOUBLING
    assert set(waits[len(DOUBLING) :]) == {18_000}
    assert bench.now_s - bench.requests("event")[-1].at_s < 18_000


@pytest.mark.parametrize(("begin", "event"), REPORTS[:3])
def test_a_404_on_an_event_counts_as_success(begin: Any, event: str) -> None:
    bench = Bench(event=Response(404))
    begin(bench)
    bench.wait(7 * DAY_S)
    assert len(posted(bench, event)) == 1
    assert event in [facts["event"] for facts in bench.facts("phone", "reported")]


@pytest.mark.parametrize("status", [400, 401, 402, 404, 422, 429, 499])
def test_a_4xx_drops_a_missed_call_as_if_it_were_taken(status: int) -> None:
    bench = Bench(call=Response(status))
    missed(bench)
    bench.wait(7 * DAY_S)
    assert len(bench.requests("call")) == 1


@pytest.mark.parametrize("answer", [broken(), broken(404), broken(201)], ids=repr)
@pytest.mark.parametrize(("begin", "event"), REPORTS[:3])
def test_an_answer_to_an_event_whose_body_breaks_off_is_a_success(begin: Any, event: str, answer: Outcome) -> None:
    bench = Bench(event=answer)
    begin(bench)
    bench.wait(7 * DAY_S)
    assert len(posted(bench, event)) == 1
    assert event in [facts["event"] for facts in bench.facts("phone", "reported")]


# -- 3: the network goes away --------------------------------------------------------------------------------


def cut_while_posting(seed: int) -> int:
    """How often a report goes out whose answer the lost network kept back."""
    bench = Bench(seed, event=[Late(OK, 5), OK])
    failed(bench)
    bench.do(LoseNetwork())
    bench.wait(60)
    bench.do(RegainNetwork())
    bench.wait(DAY_S)
    return len(bench.requests("event"))


def test_a_report_whose_network_goes_away_is_lost_or_posted_once_more() -> None:
    assert {cut_while_posting(seed) for seed in range(20)} == {1, 2}


def test_the_server_may_get_a_report_twice_though_nothing_failed() -> None:
    bench = Bench(event=[Late(OK, 5), OK])
    failed(bench)
    bench.do(LoseValidation())  # the worker is stopped, its request goes on
    bench.wait(60)
    bench.do(RegainNetwork())
    bench.wait(DAY_S)
    first, second = bench.requests("event")
    assert first.request == second.request


def test_a_worker_that_is_stopped_sends_its_text_all_the_same_and_again_when_it_runs_again() -> None:
    bench = Bench()
    bench.gateway.answers["fetch"] = [Late(outstanding(), 5), outstanding()]
    bench.push()
    bench.do(LoseValidation())
    bench.wait(60)
    assert bench.texts == ["hello"]
    bench.do(RegainNetwork())
    assert bench.texts == ["hello", "hello"]


# -- 5: reasons ----------------------------------------------------------------------------------------------

REASONS = ['no "service" here', "back\\slash", "tab\there", "two\nlines"]


def thrown(text: str, **answers: Any) -> Bench:
    """A text has failed with these words of Android's."""
    bench = Bench(**answers)
    bench.do(TelephonyThrows("java.lang.IllegalStateException", text))
    bench.push()
    return bench


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_goes_into_the_body_as_it_is_even_if_that_is_no_json_then(reason: str) -> None:
    (report,) = thrown(reason).requests("event")
    assert f'"reason": "{reason}"'.encode() in report.request.body
    assert not report.is_json


def test_a_server_that_refuses_a_broken_body_gets_it_for_ever() -> None:
    bench = thrown(REASONS[0], event=Response(400))
    bench.wait(7 * DAY_S)
    bodies = [asked.request.body for asked in bench.requests("event")]
    assert len(bodies) > 35
    assert set(bodies) == {bodies[0]}


INDENTS = [("one line", (0, 2)), ("two\nlines", (12, 14)), ("two\n                  lines", (0, 2))]


@pytest.mark.parametrize(("reason", "indents"), INDENTS)
def test_a_reason_with_a_line_of_its_own_keeps_the_indentation_of_the_source(
    reason: str, indents: tuple[int, int]
) -> None:
    (report,) = thrown(reason).requests("event")
    outer, inner = (re.search(mark, report.request.body.decode()) for mark in (r"^( *)\{", r"(?m)^( *)\"event_name"))
    assert outer is not None
    assert inner is not None
    assert (len(outer[1]), len(inner[1])) == indents


# -- 7: order ------------------------------------------------------------------------------------------------


def order(seed: int) -> list[str]:
    bench = Bench(seed)
    bench.push()
    return [event for event, _ in bench.reports]


def test_sent_and_delivered_are_posted_in_either_order() -> None:
    assert {tuple(order(seed)) for seed in range(20)} == {("SENT", "DELIVERED"), ("DELIVERED", "SENT")}


def test_sent_and_delivered_are_posted_at_the_same_time() -> None:
    bench = Bench(event=Late(OK, 5))
    bench.push()
    assert [asked.at_s for asked in bench.requests("event")] == [0, 0]


def test_delivered_comes_without_a_sent_that_was_lost() -> None:
    bench = Bench(event=[IO_ERRORS[0], OK])
    bench.tell(RADIO, ChangeDelays(Delays(report_ns=(60 * SECOND, 60 * SECOND))))
    bench.push()
    bench.wait(DAY_S)
    assert [facts["event"] for facts in bench.facts("phone", "report lost")] == ["SENT"]
    assert [facts["event"] for facts in bench.facts("phone", "reported")] == ["DELIVERED"]


def test_delivered_needs_no_sent_before_it() -> None:
    bench = Bench()
    delivered(bench)
    assert [asked.told["event_name"] for asked in posted(bench, "DELIVERED")] == ["DELIVERED"]
    assert posted(bench, "SENT") == []


def test_a_sent_whose_process_died_never_comes() -> None:
    bench = Bench()
    bench.tell(RADIO, ChangeDelays(Delays(accept_ns=(5 * SECOND, 5 * SECOND), report_ns=(60 * SECOND, 60 * SECOND))))
    bench.push()
    bench.do(KillProcess())
    bench.wait(10)
    bench.push("another", contact="")  # the app listens again
    bench.wait(DAY_S)
    assert [asked.told["event_name"] for asked in bench.requests("event") if ID in asked.request.path] == ["DELIVERED"]


# -- 8: times ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("begin", "event"), REPORTS[:3])
def test_a_report_bears_the_time_of_the_broadcast_however_late_it_is_posted(begin: Any, event: str) -> None:
    bench = Bench(event=[*[Response(500)] * 20, OK])
    begin(bench)
    bench.wait(7 * DAY_S)
    *_, last = posted(bench, event)
    assert last.at_s > 3600
    assert last.told["timestamp"] == android_time(NOW)


def test_a_report_that_could_not_go_out_for_hours_bears_the_time_of_the_broadcast() -> None:
    bench = Bench()
    bench.tell(RADIO, ChangeDelays(Delays(accept_ns=(5 * SECOND, 5 * SECOND))))
    deliver_nothing(bench)
    bench.push()
    bench.do(LoseNetwork())
    bench.wait(SIX_HOURS_S)
    bench.do(RegainNetwork())
    (report,) = bench.requests("event")
    assert (report.at_s, report.told["timestamp"]) == (SIX_HOURS_S, android_time(NOW + ns(5)))


# -- 11, 12: what Android makes of status reports ------------------------------------------------------------


def reported_as(*reports: tuple[Any, int], vendor: bool = False) -> list[tuple[str, str | None]]:
    bench = Bench()
    bench.tell("smsc", AddRules((Lose(), Reports(tuple(reports)))))
    if vendor:
        bench.tell(RADIO, ChangeTelephony((("failed_report_code", 1),)))
    bench.push()
    bench.wait(DAY_S)
    return sorted(bench.reports)


SENT, DELIVERED = ("SENT", None), ("DELIVERED", None)


@pytest.mark.parametrize("status", [0, STILL_TRYING, GIVEN_UP, 127])
def test_whatever_a_status_report_says_it_is_posted_as_delivered(status: int) -> None:
    assert reported_as((AT_ONCE, status)) == [DELIVERED, SENT]


@pytest.mark.parametrize("final", [0, GIVEN_UP])
def test_a_temporary_status_report_makes_delivered_come_twice(final: int) -> None:
    assert reported_as((AT_ONCE, STILL_TRYING), (AT_ONCE, final)) == [DELIVERED, DELIVERED, SENT]


def test_only_the_telephony_of_a_vendor_says_that_a_text_cannot_be_delivered() -> None:
    reason = ("FAILED", "CANNOT BE DELIVERED")
    assert reported_as((AT_ONCE, GIVEN_UP), vendor=True) == [reason, SENT]
    assert reason not in reported_as((AT_ONCE, GIVEN_UP))


def test_a_broadcast_of_another_app_can_say_that_a_text_cannot_be_delivered() -> None:
    bench = Bench()
    bench.push()
    bench.do(ResultBroadcast("delivered", ID, 1))
    assert bench.reports[-1] == ("FAILED", "CANNOT BE DELIVERED")


# -- 38: redirects -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirected_event_becomes_a_get_whose_404_is_a_success(status: int) -> None:
    bench = Bench(event=Response(status, (("Location", "/moved"),)))
    failed(bench)
    bench.wait(7 * DAY_S)
    asked = [(asked.request.method, asked.request.path) for asked in bench.asked[1:]]
    assert asked == [("POST", f"/v1/messages/{ID}/events"), ("GET", "/moved")]
    assert bench.asked[-1].request.body == b""
    assert [facts["event"] for facts in bench.facts("phone", "reported")] == ["FAILED"]


@pytest.mark.parametrize("status", [307, 308])
def test_other_redirects_keep_the_post(status: int) -> None:
    bench = Bench(event=Response(status, (("Location", "/moved"),)))
    failed(bench)
    moved = bench.asked[-1].request
    assert (moved.method, moved.path, moved.body) == ("POST", "/moved", bench.asked[-2].request.body)
