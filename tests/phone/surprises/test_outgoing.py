"""Surprises on the way from a push to the radio."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from harness import cipher
from harness.http.values import Outcome, Response
from harness.instants import SECOND
from harness.modem import PER_MINUTE, AnswerDialog, ChangeDelays, ChangeTelephony, Delays, PlanMms, PlanResults
from harness.phone import Card, ChangeSettings, Device, KillProcess, LogOut, Sim, SwitchSim
from harness.radio import RESULT_OK
from tests.phone.kit import BOB, ID, LOGGED_OUT, SETTINGS, TWO_SIMS, message, outstanding
from tests.phone.surprises.bench import DAY_S, IO_ERRORS, RADIO, Bench, Late, broken

FAILURES = [*map(Response, (204, 301, 400, 401, 403, 404, 422, 429, 500, 502, 503)), *IO_ERRORS]
UNDECODABLE = [b"", b"null", b"[]", b"{}", b"<html>hi</html>", b'{"data": null, "message": "m", "status": "s"}']
NULLABLE = ("failure_reason", "last_attempted_at", "received_at", "send_time", "sent_at")
KEYS = [key for key in message() if key != "attachments"]
ONE_CARD = Device((Card(1, 1),))
FILE = "http://files.internal/photo.png"
PNG = Response(200, (("Content-Type", "image/png"),), b"\x89PNG")


def without(key: str, *, outside: bool = False) -> Response:
    """The answer to a fetch with one key less."""
    whole = json.loads(outstanding().body)
    del (whole if outside else whole["data"])[key]
    return Response(200, (), json.dumps(whole).encode())


# -- 1, 2: the fetch -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [*FAILURES, *(Response(200, (), body) for body in UNDECODABLE)], ids=repr)
def test_a_fetch_that_fails_in_any_way_is_final_and_silent(outcome: Outcome) -> None:
    bench = Bench(fetch=outcome)
    bench.push()
    bench.wait(DAY_S)
    assert [asked.what for asked in bench.asked] == ["fetch"]
    assert bench.texts == []
    assert bench.phone.pending(bench.world.now) == ()


@pytest.mark.parametrize("key", KEYS)
def test_a_message_without_one_of_its_keys_is_lost_in_silence(key: str) -> None:
    bench = Bench(fetch=without(key))
    bench.push()
    bench.wait(DAY_S)
    assert ([asked.what for asked in bench.asked], bench.texts) == (["fetch"], [])


@pytest.mark.parametrize("key", ["message", "status", "data"])
def test_an_answer_without_its_envelope_is_lost_in_silence(key: str) -> None:
    bench = Bench(fetch=without(key, outside=True))
    bench.push()
    bench.wait(DAY_S)
    assert ([asked.what for asked in bench.asked], bench.texts) == (["fetch"], [])


@pytest.mark.parametrize("key", [key for key in KEYS if key not in NULLABLE])
def test_most_keys_of_a_message_must_not_be_null(key: str) -> None:
    bench = Bench(fetch=outstanding(**{key: None}))
    bench.push()
    bench.wait(DAY_S)
    assert ([asked.what for asked in bench.asked], bench.texts) == (["fetch"], [])


@pytest.mark.parametrize(
    "answer", [without("attachments"), *(outstanding(**{key: None}) for key in NULLABLE)], ids=repr
)
def test_only_attachments_may_be_missing_and_some_keys_may_be_null(answer: Response) -> None:
    bench = Bench(fetch=answer)
    bench.push()
    assert bench.texts == ["hello"]


def test_an_answer_to_the_fetch_whose_body_breaks_off_is_a_silent_loss() -> None:
    bench = Bench(fetch=broken(body=outstanding().body[:-1]))
    bench.push()
    bench.wait(DAY_S)
    assert ([asked.what for asked in bench.asked], bench.texts) == (["fetch"], [])


# -- 6: pushes -----------------------------------------------------------------------------------------------


def test_a_push_that_comes_twice_is_two_fetches_and_two_texts() -> None:
    bench = Bench()
    bench.push()
    bench.push()
    bench.wait(60)
    assert len(bench.requests("fetch")) == 2
    assert bench.texts == ["hello", "hello"]
    assert sorted(bench.reports) == [("DELIVERED", None)] * 2 + [("SENT", None)] * 2


def test_two_workers_of_the_same_push_run_side_by_side() -> None:
    bench = Bench(fetch=Late(outstanding(), 5))
    bench.push()
    bench.push()
    assert [asked.at_s for asked in bench.requests("fetch")] == [0, 0]


def test_a_phone_that_is_logged_out_takes_pushes_without_a_word() -> None:
    bench = Bench(settings=LOGGED_OUT)
    bench.push()
    bench.wait(DAY_S)
    assert len(bench.facts("phone", "pushed")) == 1
    assert bench.asked == []


# -- 9: the process ------------------------------------------------------------------------------------------

SLOW = ChangeDelays(Delays((5 * SECOND, 5 * SECOND), (60 * SECOND, 60 * SECOND)))


def test_a_process_that_dies_before_the_result_reports_nothing_though_the_text_is_out() -> None:
    bench = Bench()
    bench.tell(RADIO, SLOW)
    bench.push()
    bench.do(KillProcess())
    bench.wait(DAY_S)
    assert bench.texts == ["hello"]
    assert bench.reports == []
    assert [facts["event"] for facts in bench.facts("phone", "nobody listened")] == ["SENT", "DELIVERED"]


def test_the_next_text_makes_the_app_listen_again() -> None:
    bench = Bench()
    bench.tell(RADIO, SLOW)
    bench.push()
    bench.wait(10)
    bench.do(KillProcess())
    bench.push("another")
    bench.wait(600)
    reported = [(asked.request.path.split("/")[3], asked.told["event_name"]) for asked in bench.requests("event")]
    assert sorted(reported) == sorted([(ID, "SENT"), (ID, "DELIVERED"), ("another", "SENT"), ("another", "DELIVERED")])


# -- 10: segments --------------------------------------------------------------------------------------------

THREE = "x" * 400
PLANS: list[tuple[tuple[tuple[int, int], ...], list[tuple[str, str | None]]]] = [
    (((1, 1),), [("SENT", None), ("DELIVERED", None)]),
    (((1, 1), (2, 4)), [("SENT", None), ("DELIVERED", None)]),
    (((-1, 4),), [("FAILED", "NO_SERVICE")]),
    (((1, 1), (2, 2), (3, 4)), [("FAILED", "NO_SERVICE")]),
    ((), [("SENT", None), ("DELIVERED", None)]),
]


@pytest.mark.parametrize(("plan", "reports"), PLANS)
def test_only_the_last_segment_of_a_text_counts(plan: Any, reports: Any) -> None:
    bench = Bench()
    bench.tell(RADIO, PlanResults(plan))
    bench.push(content=THREE)
    bench.wait(DAY_S)
    assert sorted(bench.reports) == sorted(reports)


# -- 13: codes -----------------------------------------------------------------------------------------------

NAMED = {1: "GENERIC_FAILURE", 2: "RADIO_OFF", 3: "NULL_PDU", 4: "NO_SERVICE", 5: "LIMIT_EXCEEDED"}
CODES = [0, *range(1, 35), *range(100, 139), 65_535]


@pytest.mark.parametrize("code", CODES)
def test_a_code_that_the_app_does_not_know_is_reported_as_unknown(code: int) -> None:
    bench = Bench()
    bench.tell(RADIO, PlanResults(((1, code),)))
    bench.push()
    bench.wait(60)
    assert bench.reports == [("FAILED", NAMED.get(code, f"UNKNOWN:{code}"))]


def with_file(*urls: str, **answers: Any) -> Bench:
    """A message with attachments has been pushed."""
    bench = Bench(**{"other": PNG, **answers})
    bench.push(attachments=list(urls))
    return bench


@pytest.mark.parametrize("code", range(1, 13))
def test_the_result_of_an_mms_is_reported_by_the_name_that_its_number_has_for_a_text(code: int) -> None:
    bench = Bench(other=PNG)
    bench.tell(RADIO, PlanMms(code))
    bench.push(attachments=[FILE])
    bench.wait(60)
    assert bench.reports == [("FAILED", NAMED.get(code, f"UNKNOWN:{code}"))]


def test_an_mms_is_never_reported_as_delivered() -> None:
    bench = with_file(FILE)
    bench.wait(DAY_S)
    assert [facts["code"] for facts in bench.facts("radio", "mms result")] == [RESULT_OK]
    assert len(bench.facts("contact", "received mms")) == 1
    assert bench.reports == [("SENT", None)]


# -- 14, 46: encryption --------------------------------------------------------------------------------------

KEYED = replace(SETTINGS, encryption_key="Password123")
IV = bytes(range(16))


def encrypted(text: str, key: str = "Password123") -> str:
    return cipher.encrypt(key, text, iv=IV)


def test_a_text_under_another_key_goes_out_as_garbage_and_counts_as_sent() -> None:
    bench = Bench(settings=KEYED)
    bench.push(content=encrypted("meet me at nine", "another key"), encrypted=True)
    (text,) = bench.texts
    assert text != "meet me at nine"
    assert "\ufffd" in text
    assert sorted(bench.reports) == [("DELIVERED", None), ("SENT", None)]


def test_a_ciphertext_of_nothing_but_its_iv_is_an_invalid_body() -> None:
    bench = Bench(settings=KEYED)
    bench.push(content=base64.b64encode(IV).decode(), encrypted=True)
    assert (bench.texts, bench.reports) == ([], [("FAILED", "Invalid message body")])


@pytest.mark.parametrize("text", ["four", "fives", "sixsix"])
def test_base64_needs_no_padding(text: str) -> None:
    bench = Bench(settings=KEYED)
    bench.push(content=encrypted(text).rstrip("="), encrypted=True)
    assert bench.texts == [text]


# -- 15, 46: cards -------------------------------------------------------------------------------------------

DISABLED = "Outgoing messages have been disabled on the mobile app"


def test_a_message_for_sim2_fails_on_a_phone_with_one_number() -> None:
    bench = Bench(device=Device((Card(1, 1), Card(2, 2))))
    bench.push(sim="SIM2")
    assert (bench.texts, bench.reports) == ([], [("FAILED", DISABLED)])


def test_a_message_for_sim2_leaves_by_the_default_card_if_there_is_but_one() -> None:
    bench = Bench(settings=replace(SETTINGS, sims=TWO_SIMS), device=ONE_CARD)
    bench.push(sim="SIM2")
    (received,) = bench.facts("contact", "received")
    assert received["from"] == SETTINGS.sims[0].number
    assert sorted(bench.reports) == [("DELIVERED", None), ("SENT", None)]


@pytest.mark.parametrize("attachments", [None, [FILE]])
@pytest.mark.parametrize("content", ["hello", "x" * 161])
def test_without_any_card_a_message_fails_at_once(content: str, attachments: Any) -> None:
    bench = Bench(device=Device((), default_subscription=None), other=PNG)
    bench.push(content=content, attachments=attachments)
    assert bench.reports == [("FAILED", "UNKNOWN:32")]
    assert {asked.at_s for asked in bench.asked} == {0}


# -- 16, 17: what is in a message ----------------------------------------------------------------------------

EMPTY = [
    ({"content": ""}, "Invalid message body"),
    ({"contact": ""}, "Invalid destinationAddress"),
    ({"content": "", "contact": ""}, "Invalid destinationAddress"),
]


@pytest.mark.parametrize(("changes", "reason"), EMPTY)
def test_an_empty_content_or_contact_fails_with_the_words_of_android(changes: dict[str, str], reason: str) -> None:
    bench = Bench()
    bench.push(**changes)
    assert (bench.texts, bench.reports) == ([], [("FAILED", reason)])


OLD = [
    {"status": "expired"},
    {"status": "delivered"},
    {"status": "whatever"},
    {"type": "mobile-originated"},
    {"owner": BOB},
    {"created_at": "1999-01-01T00:00:00Z", "order_timestamp": "no time at all"},
]


@pytest.mark.parametrize("changes", OLD)
def test_whatever_the_server_hands_out_is_sent_however_old_it_is(changes: dict[str, str]) -> None:
    bench = Bench()
    bench.push(**changes)
    assert bench.texts == ["hello"]


# -- 18: switched off meanwhile ------------------------------------------------------------------------------

BOTH_OFF = (SwitchSim(1, "active", False), SwitchSim(2, "active", False))
MEANWHILE: list[tuple[tuple[Any, ...], list[str]]] = [
    (BOTH_OFF, []),
    ((LogOut(),), []),
    ((ChangeSettings((("api_key", None),)),), []),
    (BOTH_OFF[:1], ["SENT", "DELIVERED"]),
    ((), ["SENT", "DELIVERED"]),
]


@pytest.mark.parametrize(("acts", "events"), MEANWHILE)
def test_nobody_reports_a_text_after_a_logout_or_with_both_sims_off(acts: Any, events: list[str]) -> None:
    bench = Bench(settings=replace(SETTINGS, sims=TWO_SIMS))
    bench.tell(RADIO, SLOW)
    bench.push()
    bench.do(*acts)
    bench.wait(DAY_S)
    assert bench.texts == ["hello"]
    assert [event for event, _ in bench.reports] == events


def test_only_the_sim_that_exists_counts_when_results_are_heard() -> None:
    bench = Bench(settings=replace(SETTINGS, sims=(SETTINGS.sims[0], Sim("", active=True))))
    bench.tell(RADIO, SLOW)
    bench.push()
    bench.do(SwitchSim(1, "active", False))
    bench.wait(DAY_S)
    assert bench.reports == []


# -- 19: dialogs ---------------------------------------------------------------------------------------------

LIMITED = ChangeTelephony((("limit", PER_MINUTE),))


def at_the_limit() -> Bench:
    """Thirty segments have gone out, and one text more waits behind a dialog."""
    bench = Bench()
    bench.tell(RADIO, LIMITED)
    for number in range(31):
        bench.push(f"m{number}")
    return bench


def to_a_short_code() -> Bench:
    bench = Bench()
    bench.push("m0", contact="12345")
    return bench


DIALOGS: list[tuple[Any, str, Any]] = [
    (at_the_limit, "allow", ("SENT", None)),
    (at_the_limit, "deny", ("FAILED", "LIMIT_EXCEEDED")),
    (to_a_short_code, "allow", ("SENT", None)),
    (to_a_short_code, "deny", ("FAILED", "UNKNOWN:7")),
]


@pytest.mark.parametrize(("begin", "answer", "report"), DIALOGS)
def test_nothing_is_reported_of_a_text_behind_a_dialog_until_a_human_answers(
    begin: Any, answer: str, report: tuple[str, str | None]
) -> None:
    bench = begin()
    before = len(bench.reports)
    bench.wait(7 * DAY_S)
    assert len(bench.reports) == before
    bench.tell(RADIO, AnswerDialog(answer))
    assert report in bench.reports[before:]


def test_the_sixth_text_behind_dialogs_fails_at_once() -> None:
    bench = Bench()
    for number in range(6):
        bench.push(f"m{number}", contact="12345")
    assert [asked.request.path.split("/")[3] for asked in bench.requests("event")] == ["m5"]
    assert bench.reports == [("FAILED", "LIMIT_EXCEEDED")]


# -- 20: attachments -----------------------------------------------------------------------------------------

URLS = [
    ("ftp://files.internal/a.png", "Expected URL scheme 'http' or 'https' but was 'ftp'"),
    ("/rel/photo.png", "Expected URL scheme 'http' or 'https' but no scheme was found for /rel/p..."),
    ("a.png", "Expected URL scheme 'http' or 'https' but no scheme was found for a.png"),
    ("http://a b/c.png", 'Invalid URL host: "a b"'),
    ("http://files.internal:99999/c.png", 'Invalid URL port: "99999"'),
]


@pytest.mark.parametrize(("url", "reason"), URLS)
def test_a_malformed_url_of_an_attachment_is_reported_in_okhttps_words(url: str, reason: str) -> None:
    bench = with_file(url)
    (report,) = bench.requests("event")
    assert f'"reason": "{reason}"' in report.request.body.decode()
    assert report.is_json is ('"' not in reason)


@pytest.mark.parametrize("url", [url for url, _ in URLS])
def test_nothing_is_sent_of_a_message_whose_attachment_cannot_be_had(url: str) -> None:
    bench = with_file(FILE, url)
    bench.wait(DAY_S)
    assert len(bench.requests("other")) == 1
    assert bench.facts("radio", "mms submitted") == []
