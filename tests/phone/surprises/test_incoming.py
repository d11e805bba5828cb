"""Surprises with texts, multimedia messages and calls that come in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness import cipher
from harness.delays import Fixed
from harness.http.values import Outcome, Response
from harness.instants import MS, SECOND, android_time, ns
from harness.mms import Part, notification, retrieve_conf, text_part
from harness.modem import AddRules, DeliverPdu, Late, LoseService, RegainService
from harness.parties import CallNumber, PushMms, WriteText
from harness.phone import ChangeSettings, Device, Settings, Sim, SmsBroadcast
from harness.radio import CALL_TYPES, CallLogged, CallStateChanged
from harness.sms import deliver_data_tpdus, deliver_tpdus, parse_deliver
from tests.phone.kit import ALICE, BOB, NOW, OK, SECOND_SIM, SETTINGS, TWO_CARDS, TWO_SIMS
from tests.phone.surprises.bench import DAY_S, IO_ERRORS, RADIO, Bench, broken

PERMITTED = Device(denied=())


def texted(text: str = "hello", *, sender: str | None = None, **answers: Any) -> Bench:
    """Bob has texted Alice, long ago."""
    bench = Bench(**answers)
    bench.tell("bob", WriteText(ALICE, text, sender))
    bench.wait(7 * DAY_S)
    return bench


def one_sim(**switches: Any) -> Settings:
    return replace(SETTINGS, sims=(replace(SETTINGS.sims[0], **switches), Sim()))


# -- 21, 22: answers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 422, 429, 499])
def test_a_4xx_drops_a_received_text_as_if_it_were_taken(status: int) -> None:
    bench = texted(receive=[Response(status), OK])
    assert len(bench.requests("receive")) == 1
    assert bench.phone.pending(bench.world.now) == ()


@pytest.mark.parametrize("outcome", [*IO_ERRORS, *map(Response, (304, 500, 502, 503))], ids=repr)
def test_a_received_text_is_posted_again_after_an_io_error_unlike_a_report(outcome: Outcome) -> None:
    bench = texted(receive=[outcome] * 5 + [OK])
    posts = bench.requests("receive")
    assert len(posts) == 6
    assert {asked.request for asked in posts} == {posts[0].request}


def test_nothing_in_a_repeated_text_tells_a_server_that_it_had_it_already() -> None:
    bench = texted(receive=[IO_ERRORS[0], OK])
    first, second = bench.requests("receive")
    names = {name.lower() for name, _ in second.request.headers}
    assert first.request == second.request
    assert [name for name in names if "idempot" in name or "request-id" in name] == []


def test_an_answer_to_a_received_text_may_break_off() -> None:
    assert len(texted(receive=broken()).requests("receive")) == 1


# -- 23, 24: gates -------------------------------------------------------------------------------------------

GATES: list[tuple[Settings, int, int]] = [
    (one_sim(active=False), 1, 0),
    (one_sim(active=True), 1, 1),
    (one_sim(incoming=False), 1, 0),
    (replace(SETTINGS, sims=(TWO_SIMS[0], replace(TWO_SIMS[1], active=False))), 2, 0),
    (replace(SETTINGS, sims=(TWO_SIMS[0], replace(TWO_SIMS[1], active=False))), 1, 1),
]


@pytest.mark.parametrize(("settings", "slot", "count"), GATES)
def test_the_switch_for_outgoing_texts_stops_incoming_ones_too(settings: Settings, slot: int, count: int) -> None:
    bench = Bench(settings=settings, device=TWO_CARDS)
    bench.tell("bob", WriteText((ALICE, SECOND_SIM)[slot - 1], "hello"))
    assert len(bench.requests("receive")) == count


SLOTS = [
    (SETTINGS, 1, ("SIM1", ALICE)),
    (replace(SETTINGS, sims=TWO_SIMS), 1, ("SIM2", SECOND_SIM)),
    (replace(SETTINGS, sims=TWO_SIMS), 0, ("SIM1", ALICE)),
    (replace(SETTINGS, sims=TWO_SIMS), None, ("SIM1", ALICE)),
]


@pytest.mark.parametrize(("settings", "slot_index", "credited"), SLOTS)
def test_a_text_in_the_second_slot_is_credited_to_sim1_unless_two_numbers_are_stored(
    settings: Settings, slot_index: int | None, credited: tuple[str, str]
) -> None:
    bench = Bench(settings=settings, device=TWO_CARDS)
    bench.do(SmsBroadcast(deliver_tpdus(BOB, "hello", NOW, 1), slot_index))
    (post,) = bench.requests("receive")
    assert (post.told["sim"], post.told["to"]) == credited


# -- 25: time ------------------------------------------------------------------------------------------------


def late_by_the_carrier(bench: Bench) -> None:
    bench.tell("smsc", AddRules((Late(Fixed(3600 * SECOND)),)))
    bench.tell("bob", WriteText(ALICE, "hello"))


def in_a_tunnel(bench: Bench) -> None:
    bench.tell(RADIO, LoseService())
    bench.tell("bob", WriteText(ALICE, "hello"))
    bench.wait(3600)
    bench.tell(RADIO, RegainService())


@pytest.mark.parametrize("begin", [late_by_the_carrier, in_a_tunnel])
def test_a_late_text_bears_the_time_of_its_receipt_not_of_its_sending(begin: Any) -> None:
    bench = Bench()
    begin(bench)
    bench.wait(7200)
    (delivered,) = bench.facts("radio", "delivered")
    (post,) = bench.requests("receive")
    assert post.told["timestamp"] == android_time(NOW + ns(3600))
    assert parse_deliver(bytes.fromhex(delivered["pdu"])).timestamp_at == NOW // SECOND * SECOND


# -- 26, 28, 30: bytes ---------------------------------------------------------------------------------------


def test_the_body_of_a_received_text_has_odd_blanks_alphabetical_keys_and_always_attachments() -> None:
    bench = Bench()
    bench.tell("bob", WriteText(ALICE, "hello"))
    (post,) = bench.requests("receive")
    assert post.request.body.decode() == (
        '{"attachments" : null, "content" : "hello", "encrypted" : false, "from" : "+18005550100", '
        '"sim" : "SIM1", "timestamp" : "2026-07-23T05:10:10.123000000Z", "to" : "+18005550199"}'
    )


ESCAPES = [
    ("€", "\\u20ac"),
    ("’“”–…", "\\u2019\\u201c\\u201d\\u2013\\u2026"),
    ("👩\u200d👧", "👩\\u200d👧"),
    ("\u2000\u20ff", "\\u2000\\u20ff"),
    ("\u1fff\u2100äж", "\u1fff\u2100äж"),
    ('"\\', '\\"\\\\'),
    ("\n\r", "\\n\\r"),
    ("a/b", "a/b"),
]


@pytest.mark.parametrize(("text", "written"), ESCAPES)
def test_a_block_of_punctuation_is_escaped_and_an_emoji_is_not(text: str, written: str) -> None:
    bench = Bench()
    bench.tell("bob", WriteText(ALICE, text))
    (post,) = bench.requests("receive")
    assert f'"content" : "{written}"' in post.request.body.decode()
    assert post.told["content"] == text


def test_a_text_without_a_text_body_is_forwarded_as_null() -> None:
    bench = Bench()
    bench.tell("smsc", *[DeliverPdu(ALICE, tpdu) for tpdu in deliver_data_tpdus(BOB, b"\0\1", NOW, 1)])
    (post,) = bench.requests("receive")
    assert post.told["content"] == "null"


@pytest.mark.parametrize("sender", ["BANK", "12345", "08001234567", "+4915112345678", "Tele Co 24", ""])
def test_the_sender_of_a_text_is_forwarded_as_it_is(sender: str) -> None:
    bench = Bench()
    bench.tell("bob", WriteText(ALICE, "hello", sender))
    assert [asked.told["from"] for asked in bench.requests("receive")] == [sender]


# -- 29: too much --------------------------------------------------------------------------------------------

LENGTHS = [
    ("x" * 9900, False, 1),
    ("x" * 10_241, False, 0),
    ("x" * 7000, True, 1),
    ("x" * 7700, True, 0),
    ("😀" * 1600, False, 1),
    ("😀" * 1720, False, 0),
    ("€" * 3300, False, 1),
    ("€" * 3420, False, 0),
]


@pytest.mark.parametrize(("text", "encrypts", "count"), LENGTHS, ids=lambda value: str(value)[:9])
def test_a_text_of_more_than_ten_kilobytes_is_lost(text: str, encrypts: bool, count: int) -> None:
    bench = Bench(settings=replace(SETTINGS, encryption_key="Password123", encrypt_received=encrypts))
    bench.tell("bob", WriteText(ALICE, text))
    bench.wait(DAY_S)
    assert len(bench.requests("receive")) == count
    assert len(bench.facts("phone", "text dropped")) == 1 - count


# -- 27: multimedia ------------------------------------------------------------------------------------------

PARTS = (text_part("look"), Part("image/png", "photo.png", "", "", b"\x89PNG"))
WHOLE = retrieve_conf("T1", BOB, NOW // SECOND, PARTS)
NOTICE = notification("T1", BOB, "http://mmsc.internal/1", 4711)
ATTACHED = [{"content": "iVBORw==", "content_type": "image/png", "name": "photo.png"}]


def pushed(pdu: bytes, device: Device = PERMITTED, settings: Settings = SETTINGS, **answers: Any) -> Bench:
    bench = Bench(device=device, settings=settings, **answers)
    bench.tell("bob", PushMms(ALICE, pdu))
    bench.wait(DAY_S)
    return bench


def test_an_mms_that_is_posted_again_has_lost_its_attachments() -> None:
    first, *others = pushed(WHOLE, receive=[Response(500), IO_ERRORS[0], OK]).requests("receive")
    assert (first.told["content"], first.told["attachments"]) == ("look", ATTACHED)
    assert [(asked.told["content"], asked.told["attachments"]) for asked in others] == [("look", [])] * 2


def test_the_attachments_of_an_mms_are_never_encrypted() -> None:
    keyed = replace(SETTINGS, encryption_key="Password123", encrypt_received=True)
    (post,) = pushed(WHOLE, settings=keyed).requests("receive")
    assert post.told["encrypted"] is True
    assert cipher.decrypt("Password123", post.told["content"]) == "look"
    assert post.told["attachments"] == ATTACHED


@pytest.mark.parametrize("device", [Device(), PERMITTED])
def test_a_real_mms_is_never_forwarded_with_the_permission_or_without(device: Device) -> None:
    bench = pushed(NOTICE, device)
    assert len(bench.facts("radio", "delivered")) > 0
    assert bench.asked == []


def test_the_permission_for_mms_is_never_asked_for_so_not_even_a_whole_message_in_a_push_gets_through() -> None:
    assert pushed(WHOLE, Device()).asked == []


# -- 30, 31: calls -------------------------------------------------------------------------------------------

CALLS = one_sim(calls=True)


def called(*calls: CallNumber, settings: Settings = CALLS) -> Bench:
    """One call after the other, a minute apart."""
    bench = Bench(settings=settings)
    for call in calls:
        bench.tell("bob", call)
        bench.wait(60)
    return bench


@pytest.mark.parametrize("caller", ["", "12345", "+4915112345678"])
def test_the_caller_is_forwarded_as_it_is_and_an_unknown_one_as_nothing(caller: str) -> None:
    bench = called(CallNumber(ALICE, caller=caller))
    assert [asked.told["from"] for asked in bench.requests("call")] == [caller]


@pytest.mark.parametrize(
    ("log_ms", "count"), [(0, 1), (100, 1), (199, 1), (201, 0), (1000, 0)], ids=lambda value: str(value)
)
def test_a_call_whose_row_is_not_in_the_log_after_a_fifth_of_a_second_is_lost(log_ms: int, count: int) -> None:
    bench = called(CallNumber(ALICE, log=Fixed(log_ms * MS)))
    assert len(bench.facts("radio", "call logged")) == 1
    assert len(bench.requests("call")) == count


@pytest.mark.parametrize("outcome", ["answered", "rejected", "blocked", "voicemail"])
def test_only_a_missed_call_is_forwarded(outcome: str) -> None:
    assert called(CallNumber(ALICE, outcome)).requests("call") == []


def test_a_late_row_makes_the_call_before_it_come_twice() -> None:
    bench = called(CallNumber(ALICE), CallNumber(ALICE, "answered", log=Fixed(SECOND)))
    first, second = bench.requests("call")
    assert first.request.body == second.request.body


@pytest.mark.parametrize(("logged", "count"), [(BOB, 1), (BOB[1:], 0), ("+1 800-555-0100", 0), ("", 0)])
def test_a_number_that_the_log_writes_otherwise_is_no_match(logged: str, count: int) -> None:
    bench = Bench(settings=CALLS)
    bench.do(CallLogged(logged, CALL_TYPES["missed"], NOW, 1), CallStateChanged("IDLE", BOB))
    bench.wait(1)
    assert len(bench.requests("call")) == count


@pytest.mark.parametrize("switches", [{"active": False}, {"incoming": False}, {"active": False, "incoming": False}])
def test_the_switches_for_texts_do_not_stop_missed_calls(switches: dict[str, bool]) -> None:
    bench = called(CallNumber(ALICE), settings=one_sim(calls=True, **switches))
    assert len(bench.requests("call")) == 1


def test_missed_calls_are_forwarded_only_where_their_own_switch_is_on() -> None:
    assert called(CallNumber(ALICE), settings=SETTINGS).requests("call") == []


# -- 47: no request can be made ------------------------------------------------------------------------------

UNUSABLE = [{"server_url": "http://a b"}, {"server_url": "no url"}, {"api_key": "k\u00e9"}, {"api_key": "k\n"}]


@pytest.mark.parametrize("changes", UNUSABLE)
@pytest.mark.parametrize("what", ["text", "call", "message"])
def test_settings_that_no_request_can_be_made_of_lose_what_the_worker_had_to_do(
    what: str, changes: dict[str, str]
) -> None:
    bench = Bench(settings=replace(CALLS, **changes))  # type: ignore[arg-type]
    if what == "message":
        bench.push()
    else:
        bench.tell("bob", WriteText(ALICE, "hello") if what == "text" else CallNumber(ALICE))
    bench.wait(60)
    good = {name: getattr(SETTINGS, name) for name in changes}
    bench.do(ChangeSettings(tuple(good.items())))
    bench.wait(7 * DAY_S)
    assert bench.asked == []
    assert bench.phone.pending(bench.world.now) == ()
