"""One handset's radio: what it tells the phone of each segment, and what waits while it is not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core import At, Command, Record, Tell
from harness.delays import Delay, Fixed, LogNormal, Mixture, Uniform
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.instants import SECOND, Instant
from harness.mms import parse_retrieve
from harness.modem import (
    PER_HALF_HOUR,
    PER_MINUTE,
    RESULTS,
    TUNNEL,
    AnswerDialog,
    ChangeDelay,
    ChangeDelays,
    ChangeTelephony,
    ComeHome,
    Coverage,
    Delays,
    DeliverPdu,
    FillStorage,
    FreeStorage,
    InsertSim,
    LoseService,
    Modem,
    OutgoingLimit,
    PlanMms,
    PlanResults,
    PowerOff,
    PowerOn,
    RegainService,
    RejectSegments,
    RemoveSim,
    RestartTelephony,
    Roam,
    SwallowTexts,
    Telephony,
)
from harness.modem.modem import AwaitedReport
from harness.modem.service import Service
from harness.parties import Behave, CallNumber, Echo, File, PushMms, WriteData, WriteMms, WriteText
from harness.plain import dump, load
from harness.radio import (
    RESULT_OK,
    AirCall,
    AirDeliver,
    AirDelivered,
    AirRefused,
    AirSubmit,
    AirSubmitted,
    CallLogged,
    CallStateChanged,
    DataReceived,
    DeliverReceived,
    Joined,
    MmsResult,
    StatusReport,
    Submit,
    SubmitAccepted,
    SubmitMms,
    SubmitRejected,
    WapPushReceived,
)
from harness.sms import parse_submit
from tests.modem.kit import (
    ALICE,
    BOB,
    NOW,
    Network,
    a_deliver,
    a_modem,
    a_report,
    a_submit,
    airs_in,
    records_in,
    rows,
    taken,
    told_in,
)

# As Android divides them; it loses these two on the way (segmentation.md §2).
TEXTS = st.text(st.characters(exclude_characters="\x1b\uffff", codec="utf-8"), min_size=1, max_size=300)


# -- with a network around it --------------------------------------------------------------------------------


@given(
    st.lists(TEXTS, max_size=4),
    st.integers(0, 1 << 32),
    st.sampled_from([None, Delays((1, 9), (1, 9)), Delays((0, 0), (5, 5)), Delays(Uniform(0, 9), LogNormal(5, 0.5))]),
)
def test_every_segment_is_taken_and_reported_once_and_every_text_arrives_whole(
    texts: list[str], seed: int, delays: Delays | None
) -> None:
    submits = [a_submit(str(number), text, number) for number, text in enumerate(texts)]
    network = Network(seed, delays)
    network.send(*submits)
    assert Counter(network.read()) == Counter(texts)
    segments = Counter((submit.id, place) for submit in submits for place in range(len(submit.segments)))
    for kind in (SubmitAccepted, StatusReport):
        assert Counter((event.id, event.segment) for event in network.told(kind)) == segments
    assert len(network.told()) == 2 * segments.total()


def test_no_submit_among_three_hundred_at_once_goes_without_an_answer() -> None:
    submits = [a_submit(str(number), "hello") for number in range(300)]
    network = Network(7)
    network.send(*submits)
    assert len(network.read()) == 300
    assert sorted(event.id for event in network.told(SubmitAccepted)) == sorted(submit.id for submit in submits)


# -- by itself -----------------------------------------------------------------------------------------------


def test_a_submit_goes_out_with_the_next_reference_and_the_segments_own_octets() -> None:
    modem = a_modem()
    first: int = modem.facts["tp_mr"]
    submit = a_submit("m", "x" * 161)
    sent = [air for air in told_in(modem.handle(submit, NOW)) if isinstance(air, AirSubmit)]
    assert [parse_submit(air.tpdu).tp_mr for air in sent] == [(first + 1) % 256, (first + 2) % 256]
    assert [air.tpdu[:1] + b"\0" + air.tpdu[2:] for air in sent] == list(submit.tpdus)


@pytest.mark.parametrize(
    ("act", "code", "undo"),
    [(LoseService(), 4, RegainService()), (PowerOff(), 2, PowerOn()), (RemoveSim(), 4, InsertSim())],
)
def test_without_a_network_every_segment_is_rejected_at_once(act: Any, code: int, undo: Any) -> None:
    modem = a_modem(Delays((5, 5), (5, 5)))
    modem.handle(act, NOW)
    told = told_in(modem.handle(a_submit("m", "x" * 161), NOW))
    assert told == [SubmitRejected("m/1", 0, code), SubmitRejected("m/1", 1, code)]
    modem.handle(undo, NOW)
    assert not [command for command in modem.handle(a_submit("m", "hi"), NOW) if isinstance(command, Tell)]


def test_a_text_without_pdus_is_a_generic_failure() -> None:
    commands = list(a_modem().handle(Submit("m/1", "CAFE", "hi", ("hi",), (), 1), NOW))
    assert told_in(commands) == [SubmitRejected("m/1", 0, 1)]


def test_a_segment_that_is_lost_on_the_way_is_rejected() -> None:
    modem = a_modem(Delays((5, 5), (0, 0)))
    (_, reach) = modem.handle(a_submit("m", "hi"), NOW)
    assert isinstance(reach, At)
    assert reach.due_at == NOW + 5
    modem.handle(PowerOff(), NOW)
    assert told_in(modem.handle(reach.event, reach.due_at)) == [SubmitRejected("m/1", 0, 2)]


@pytest.mark.parametrize(("status", "reports"), [(0, 1), (31, 1), (32, 2), (63, 2), (64, 1), (255, 1)])
def test_a_temporary_report_is_followed_by_another(status: int, reports: int) -> None:
    modem = a_modem()
    (accepted,) = taken(modem, a_submit("m", "hi"))
    told = [told_in(modem.handle(a_report(accepted.tp_mr, status), NOW)) for _ in range(2)]
    assert [event for events in told for event in events] == [StatusReport("m/1", 0, accepted.tp_mr, status)] * reports


def test_a_report_that_overtakes_the_answer_to_its_submit_is_dropped() -> None:
    modem = a_modem()
    (air,) = told_in(modem.handle(a_submit("m", "hi"), NOW))
    (dropped,) = modem.handle(a_report(air.tpdu[1]), NOW)
    assert isinstance(dropped, Record)
    assert (dropped.kind, dropped.facts["tp_mr"]) == ("report dropped", air.tpdu[1])
    assert told_in(modem.handle(AirSubmitted(air.tpdu[1], air.token), NOW)) == [SubmitAccepted("m/1", 0, air.tpdu[1])]


def test_a_late_report_is_credited_to_the_newer_text_with_its_reference() -> None:
    modem = a_modem()
    for number in range(257):
        (accepted,) = taken(modem, a_submit(str(number), "hi"))
    assert modem.pending[accepted.tp_mr] == AwaitedReport("256/1", 0)
    (report,) = told_in(modem.handle(a_report(accepted.tp_mr), NOW))
    assert report.id == "256/1"


def test_what_comes_while_the_radio_is_off_waits_in_order() -> None:
    modem = a_modem()
    (accepted,) = taken(modem, a_submit("m", "hi"))
    modem.handle(PowerOff(), NOW)
    came = [a_deliver("one", "1"), a_report(accepted.tp_mr), a_deliver("two", "2")]
    assert [list(modem.handle(air, NOW)) for air in came] == [[], [], []]
    told = told_in(modem.handle(PowerOn(), NOW))
    kinds = [Joined, DeliverReceived, AirDelivered, StatusReport, DeliverReceived, AirDelivered]
    assert [type(event) for event in told] == kinds
    assert [event.token for event in told if isinstance(event, AirDelivered)] == ["1", "2"]
    assert not modem.waiting


def test_a_delayed_report_waits_if_the_radio_has_gone_off_meanwhile() -> None:
    modem = a_modem(Delays((0, 0), (5, 9)))
    (accepted,) = taken(modem, a_submit("m", "hi"))
    (due,) = modem.handle(a_report(accepted.tp_mr), NOW)
    assert isinstance(due, At)
    assert NOW + 5 <= due.due_at <= NOW + 9
    modem.handle(PowerOff(), NOW)
    assert list(modem.handle(due.event, due.due_at)) == []
    assert [command for command in modem.handle(PowerOn(), due.due_at) if isinstance(command, At)]


def test_a_received_segment_says_which_sim_it_came_on() -> None:
    modem = Modem("modem", Draws(1, "modem"), ALICE, slot=2)
    (event, _) = told_in(modem.handle(a_deliver("hi", "1"), NOW))
    assert event == DeliverReceived(a_deliver("hi", "1").tpdu, 2)


def test_the_trace_tells_of_every_segment_and_of_the_network() -> None:
    modem, submit = a_modem(), a_submit("m", "x" * 161)
    entries = [*modem.handle(submit, NOW), *modem.handle(PowerOff(), NOW)]
    facts = [dict(entry.facts) for entry in entries if isinstance(entry, Record)]
    assert facts == [
        {"from": ALICE, "to": BOB, "text": "x" * 153, "segment": 1, "pdu": submit.tpdus[0].hex()},
        {"from": ALICE, "to": BOB, "text": "x" * 8, "segment": 2, "pdu": submit.tpdus[1].hex()},
        {"number": ALICE, "service": "off"},
    ]


@pytest.mark.parametrize("event", [object(), AirSubmitted(1, "nobody's"), AirDelivered("1")])
def test_an_event_that_is_none_of_the_radios_is_illegal_and_changes_nothing(event: Any) -> None:
    modem = a_modem()
    taken(modem, a_submit("m", "hi"))
    before = rows(modem)
    with pytest.raises(ProtocolError):
        modem.handle(event, NOW)
    assert rows(modem) == before


@pytest.mark.parametrize(
    ("skip", "times", "refused"),
    [(0, 1, [0]), (1, 1, [1]), (2, 1, [2]), (0, 2, [0, 1]), (1, 9, [1, 2]), (3, 1, [])],
)
def test_the_network_refuses_the_segments_that_it_was_told_to(skip: int, times: int, refused: list[int]) -> None:
    modem = a_modem()
    modem.handle(RejectSegments(102, times, skip), NOW)
    told = told_in(modem.handle(a_submit("m", "x" * 400), NOW))
    assert [event.segment for event in told if isinstance(event, SubmitRejected)] == refused
    assert {event.code for event in told if isinstance(event, SubmitRejected)} <= {102}
    assert len([event for event in told if isinstance(event, AirSubmit)]) == 3 - len(refused)


def test_a_refusal_is_over_when_it_was_used_up() -> None:
    modem = a_modem()
    modem.handle(RejectSegments(102), NOW)
    modem.handle(a_submit("m", "first"), NOW)
    assert len(taken(modem, a_submit("n", "second"))) == 1


# -- results -------------------------------------------------------------------------------------------------


def _results(modem: Modem, submit: Submit, now: Instant = NOW) -> dict[int, int]:
    """The codes with which segments of a text are rejected at once, by segment."""
    told = told_in(modem.handle(submit, now))
    return {event.segment: event.code for event in told if isinstance(event, SubmitRejected)}


@pytest.mark.parametrize(
    ("results", "codes"),
    [
        (((1, 1),), {0: 1}),
        (((3, 102),), {2: 102}),
        (((-1, 5),), {2: 5}),
        (((1, 777), (2, -2)), {0: 777, 1: -2}),
        (((2, RESULT_OK),), {}),
        (((9, 1),), {}),
        ((), {}),
    ],
)
def test_each_segment_has_the_result_that_was_planned_for_it(results: Any, codes: dict[int, int]) -> None:
    modem, submit = a_modem(), a_submit("m", "x" * 400)
    modem.handle(PlanResults(results), NOW)
    assert _results(modem, submit) == codes
    assert _results(modem, submit) == {}  # once


@pytest.mark.parametrize("code", [*sorted(RESULTS.keys() - {RESULT_OK, 101}), 34, 139, 65535, -7])
def test_every_result_of_android_and_unknown_ones_reach_the_phone(code: int) -> None:
    network = Network()
    network.do("modem", RejectSegments(code))
    network.send(a_submit("m", "hi"))
    assert network.told() == [SubmitRejected("m/1", 0, code)]
    (rejected,) = network.facts("radio", "rejected")
    assert rejected["code"] == code
    assert network.facts("radio", "submitted") == []


@pytest.mark.parametrize(
    ("asked", "results", "retries"),
    [
        (1, {SubmitAccepted: [2.0]}, 1),
        (3, {SubmitAccepted: [6.0]}, 3),
        (4, {SubmitRejected: [6.0]}, 3),
        (9, {SubmitRejected: [6.0]}, 3),
    ],
)
def test_where_the_radio_asks_for_a_retry_android_tries_three_times_more_two_seconds_apart(
    asked: int, results: dict[type, list[float]], retries: int
) -> None:
    network = Network()
    network.do("modem", RejectSegments(101, asked))
    network.send(a_submit("m", "hi"))
    for kind in (SubmitAccepted, SubmitRejected):
        assert network.when(kind) == results.get(kind, [])
    assert len(network.facts("radio", "retry")) == retries
    assert len(network.facts("radio", "submitted")) == (SubmitAccepted in results)


def test_a_retry_that_the_smsc_asked_for_is_shown_once_and_may_be_dropped_as_a_duplicate() -> None:
    modem = a_modem()
    (first,) = airs_in(modem.handle(a_submit("m", "hi"), NOW))
    (retry, again) = modem.handle(AirRefused(101, first.token), NOW)
    assert isinstance(retry, Record)
    assert isinstance(again, At)
    (second,) = modem.handle(again.event, again.due_at)  # no record: it was submitted once
    assert isinstance(second, Tell)
    assert (second.event.token, second.event.tpdu[0]) == (first.token, first.tpdu[0] | 0x04)
    assert told_in(modem.handle(AirRefused(106, first.token), NOW)) == [SubmitRejected("m/1", 0, 106)]


def test_a_retry_without_a_network_is_a_failure_like_any_other() -> None:
    modem = a_modem()
    modem.handle(RejectSegments(101), NOW)
    (_, again) = modem.handle(a_submit("m", "hi"), NOW)
    modem.handle(LoseService(), NOW)
    assert isinstance(again, At)
    assert told_in(modem.handle(again.event, again.due_at)) == [SubmitRejected("m/1", 0, 4)]


@pytest.mark.parametrize(
    ("status", "code", "seen"),
    [(0, 1, RESULT_OK), (48, 1, RESULT_OK), (70, RESULT_OK, RESULT_OK), (70, 1, 1), (255, 3, 3)],
)
def test_only_a_vendors_telephony_tells_the_app_that_a_delivery_failed(status: int, code: int, seen: int) -> None:
    modem = a_modem(telephony=Telephony(failed_report_code=code))
    (accepted,) = taken(modem, a_submit("m", "hi"))
    (report,) = told_in(modem.handle(a_report(accepted.tp_mr, status), NOW))
    assert (report.status, report.code) == (status, seen)


def test_a_report_after_a_failure_is_dropped() -> None:
    modem = a_modem()
    (air,) = airs_in(modem.handle(a_submit("m", "hi"), NOW))
    modem.handle(AirRefused(102, air.token), NOW)
    assert told_in(modem.handle(a_report(air.tpdu[1]), NOW)) == []


@pytest.mark.parametrize(
    ("delay", "seconds"),
    [(Fixed(3 * SECOND), 3.0), ((2 * SECOND, 2 * SECOND), 2.0), (Mixture(((1, Fixed(SECOND)),)), 1.0)],
)
def test_the_network_takes_as_long_as_it_was_told(delay: Delay, seconds: float) -> None:
    network = Network()
    network.do("modem", ChangeDelays(Delays(accept_ns=delay)))
    network.send(a_submit("m", "hi"))
    assert network.when(SubmitAccepted) == [seconds]


# -- Android in between --------------------------------------------------------------------------------------


def _dialogs(commands: Iterable[Command]) -> list[Any]:
    return [record.facts["about"] for record in records_in(commands) if record.kind == "dialog"]


@pytest.mark.parametrize(
    ("limit", "at_s", "asks"),
    [
        (PER_MINUTE, 0, True),
        (PER_MINUTE, 60, True),
        (PER_MINUTE, 61, False),
        (PER_HALF_HOUR, 61, True),
        (PER_HALF_HOUR, 1801, False),
        (None, 0, False),
    ],
)
def test_the_thirty_first_segment_within_the_interval_waits_for_a_human(limit: Any, at_s: int, asks: bool) -> None:
    modem = a_modem(telephony=Telephony(limit))
    for number in range(30):
        assert _dialogs(modem.handle(a_submit(str(number), "hi"), NOW)) == []
    commands = list(modem.handle(a_submit("one more", "hi"), NOW + at_s * SECOND))
    assert bool(_dialogs(commands)) == asks
    assert bool(told_in(commands)) != asks


def test_a_long_text_is_stopped_as_a_whole_and_counts_all_its_segments() -> None:
    modem = a_modem(telephony=Telephony(PER_MINUTE))
    long = "x" * (153 * 29 + 1)
    assert _dialogs(modem.handle(a_submit("long", long), NOW)) == []
    assert _dialogs(modem.handle(a_submit("another", long), NOW)) == ["outgoing limit"]
    modem = a_modem(telephony=Telephony(PER_MINUTE))
    modem.handle(a_submit("short", "hi"), NOW)
    assert _dialogs(modem.handle(a_submit("long", long), NOW)) == ["outgoing limit"]
    assert _dialogs(modem.handle(a_submit("medium", "x" * 153 * 29), NOW)) == []


def test_five_dialogs_may_wait_and_the_sixth_text_fails_at_once() -> None:
    modem = a_modem()
    for number in range(5):
        assert told_in(modem.handle(a_submit(str(number), "x" * 161, to="12345"), NOW)) == []
    assert _results(modem, a_submit("sixth", "x" * 161, to="12345")) == {0: 5, 1: 5}
    modem.handle(AnswerDialog("deny"), NOW)
    assert _dialogs(modem.handle(a_submit("seventh", "hi", to="12345"), NOW)) == ["short code"]


@pytest.mark.parametrize(
    ("to", "answer", "codes", "next_codes"),
    [
        (BOB, AnswerDialog("allow"), {}, None),
        (BOB, AnswerDialog("deny"), {0: 5, 1: 5}, None),
        (BOB, AnswerDialog("deny", remember=True), {0: 5, 1: 5}, None),
        ("12345", AnswerDialog("allow"), {}, None),
        ("12345", AnswerDialog("deny"), {0: 7, 1: 7}, None),
        ("12345", AnswerDialog("allow", remember=True), {}, {}),
        ("12345", AnswerDialog("deny", remember=True), {0: 8, 1: 8}, {0: 8, 1: 8}),
    ],
)
def test_a_text_behind_a_dialog_does_as_the_human_says(
    to: str, answer: AnswerDialog, codes: dict[int, int], next_codes: dict[int, int] | None
) -> None:
    """`next_codes`: what becomes of the next text; None: there is another dialog."""
    limit = OutgoingLimit(1, SECOND) if to == BOB else None
    modem = a_modem(telephony=Telephony(limit))
    submit = a_submit("m", "x" * 161, to=to)
    assert _dialogs(modem.handle(submit, NOW))
    told = told_in(modem.handle(answer, NOW))
    assert {event.segment: event.code for event in told if isinstance(event, SubmitRejected)} == codes
    assert len(told) == 2
    commands = list(modem.handle(submit, NOW))
    if next_codes is None:
        assert _dialogs(commands)
    else:
        told = told_in(commands)
        assert {event.segment: event.code for event in told if isinstance(event, SubmitRejected)} == next_codes


def test_what_a_human_allowed_counts_for_nothing() -> None:
    modem = a_modem(telephony=Telephony(OutgoingLimit(1, SECOND)))
    modem.handle(a_submit("m", "x" * 161), NOW)
    modem.handle(AnswerDialog("allow"), NOW)
    assert _dialogs(modem.handle(a_submit("n", "hi"), NOW)) == []


def test_an_answer_to_no_dialog_is_only_noted() -> None:
    modem = a_modem()
    before = rows(modem)
    assert [record.kind for record in records_in(modem.handle(AnswerDialog("allow"), NOW))] == ["no dialog"]
    assert rows(modem) == before


def test_dialogs_are_answered_in_their_order() -> None:
    modem = a_modem()
    for name in ("first", "second"):
        modem.handle(a_submit(name, "hi", to="12345"), NOW)
    assert [event.id for event in told_in(modem.handle(AnswerDialog("deny"), NOW))] == ["first/1"]
    assert [event.id for event in told_in(modem.handle(AnswerDialog("deny"), NOW))] == ["second/1"]


def test_fixed_dialling_lets_only_the_cards_numbers_through() -> None:
    modem = a_modem()
    modem.handle(ChangeTelephony((("fixed_dialling", ("+1800",)),)), NOW)
    assert _results(modem, a_submit("m", "hi")) == {}
    assert _results(modem, a_submit("m", "hi", to="+4930123456")) == {0: 6}


def test_a_restart_of_telephony_forgets_dialogs_the_limit_and_every_result_that_is_due() -> None:
    modem = a_modem(Delays(report_ns=(5, 5)), telephony=Telephony(OutgoingLimit(3, 60 * SECOND)))
    (sent,) = taken(modem, a_submit("sent", "hi"))
    (under_way,) = airs_in(modem.handle(a_submit("under way", "hi"), NOW))
    modem.handle(RejectSegments(101), NOW)
    (_, retry) = modem.handle(a_submit("retried", "hi"), NOW)
    assert _dialogs(modem.handle(a_submit("asked", "hi"), NOW))
    (restarted,) = modem.handle(RestartTelephony(), NOW)
    assert isinstance(restarted, Record)
    assert restarted.facts["forgotten"] == 3
    assert isinstance(retry, At)
    for event in (AirSubmitted(under_way.tpdu[1], under_way.token), retry.event, a_report(sent.tp_mr)):
        assert told_in(modem.handle(event, NOW)) == []
    assert [record.kind for record in records_in(modem.handle(AnswerDialog("allow"), NOW))] == ["no dialog"]
    for number in range(3):
        assert _dialogs(modem.handle(a_submit(str(number), "hi"), NOW)) == []


def test_a_text_that_the_smsc_refuses_after_a_restart_has_no_result() -> None:
    modem = a_modem(Delays((5, 5), (0, 0)))
    (_, due) = modem.handle(a_submit("late", "hi"), NOW)
    modem.handle(ChangeDelays(Delays()), NOW)
    (air,) = airs_in(modem.handle(a_submit("m", "hi"), NOW))
    modem.handle(RestartTelephony(), NOW)
    assert isinstance(due, At)
    for event in (AirRefused(106, air.token), due.event):
        (forgotten,) = modem.handle(event, NOW)
        assert isinstance(forgotten, Record)
        assert forgotten.kind == "forgotten"


# -- the network ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "codes", "facts"),
    [
        (Roam(), {}, {"service": "full", "roaming": True}),
        (Roam(code=117), {0: 117}, {"service": "full", "roaming": True}),
        (ComeHome(), {}, {"service": "full"}),
        (RemoveSim(), {0: 4}, {"service": "none", "sim": "removed"}),
        (PowerOff(), {0: 2}, {"service": "off"}),
    ],
)
def test_where_the_handset_is_decides_what_becomes_of_a_text(act: Any, codes: dict[int, int], facts: Any) -> None:
    modem = a_modem()
    (record, *_) = modem.handle(act, NOW)
    assert isinstance(record, Record)
    assert record.facts == {"number": ALICE, **facts}
    assert _results(modem, a_submit("m", "hi")) == codes


def test_in_a_tunnel_texts_fail_and_what_comes_waits_until_its_end() -> None:
    network = Network()
    network.world.inject("modem", TUNNEL)
    network.run(NOW + 299 * SECOND)
    network.world.inject("phone", a_submit("m", "hi"))
    network.world.inject("smsc", DeliverPdu(ALICE, a_deliver("hello").tpdu))
    network.run(NOW + 299 * SECOND)
    assert [type(event) for event in network.told()] == [SubmitRejected]
    network.run()
    assert network.when(DeliverReceived) == [300.0]


def test_coverage_changes_as_it_was_told_and_is_full_in_the_end() -> None:
    network = Network()
    network.do("modem", Coverage(((SECOND, "none"), (SECOND, "roaming"), (SECOND, "full"), (0, "none"))))
    services = [(facts["service"], facts.get("roaming", False)) for facts in network.facts("radio", "service")]
    assert services == [("none", False), ("full", True), ("full", False), ("none", False), ("full", False)]


@pytest.mark.parametrize("act", [LoseService(), RegainService(), Roam(), ComeHome(), Coverage(())])
def test_another_act_on_the_coverage_ends_its_timeline(act: Any) -> None:
    network = Network()
    network.world.inject("modem", TUNNEL)
    network.run(NOW + SECOND)
    network.do("modem", act)
    assert len(network.facts("radio", "service")) == 2


def test_what_a_full_handset_refuses_comes_once_it_has_room_but_for_flash_texts() -> None:
    modem = a_modem()
    modem.handle(FillStorage(), NOW)
    assert told_in(modem.handle(a_deliver("one", "1"), NOW)) == []
    assert told_in(modem.handle(a_deliver("two", "2"), NOW)) == []
    assert len(told_in(modem.handle(a_report(1), NOW))) == 0
    told = told_in(modem.handle(FreeStorage(), NOW))
    assert [event.token for event in told if isinstance(event, AirDelivered)] == ["1", "2"]
    assert len([event for event in told if isinstance(event, DeliverReceived)]) == 2


def test_a_full_handset_goes_on_being_full_when_its_network_comes_back() -> None:
    modem = a_modem()
    modem.handle(FillStorage(), NOW)
    modem.handle(LoseService(), NOW)
    modem.handle(a_deliver("one", "1"), NOW)
    assert [type(event) for event in told_in(modem.handle(RegainService(), NOW))] == [Joined]
    assert len(modem.waiting) == 1


@pytest.mark.parametrize(
    ("sender", "swallowed"), [(None, [True, True, False]), (BOB, [True, True, False]), ("BANK", [False] * 3)]
)
def test_another_app_keeps_texts_to_itself(sender: str | None, swallowed: list[bool]) -> None:
    modem = a_modem()
    modem.handle(SwallowTexts(2, sender), NOW)
    told = [told_in(modem.handle(a_deliver("hi", str(number)), NOW)) for number in range(3)]
    assert [DeliverReceived not in map(type, events) for events in told] == swallowed
    assert all(AirDelivered in map(type, events) for events in told)


@pytest.mark.parametrize("octets", [b"", b"\x04", b"\x04\x0b\x91\x81", b"\xff" * 30])
def test_octets_that_are_no_deliver_are_taken_and_never_shown(octets: bytes) -> None:
    modem = a_modem()
    (record, taken_back) = modem.handle(AirDeliver(ALICE, octets, "1"), NOW)
    assert isinstance(record, Record)
    assert (record.kind, record.facts["pdu"]) == ("unreadable", octets.hex())
    assert isinstance(taken_back, Tell)
    assert taken_back.event == AirDelivered("1")


# -- MMS and calls -------------------------------------------------------------------------------------------

MMS = SubmitMms("m/1", BOB, b"\x8c\x80", 1)


@pytest.mark.parametrize(
    ("acts", "code", "seconds", "read"),
    [
        ((), RESULT_OK, 0.0, 1),
        ((PlanMms(delay=Fixed(3 * SECOND)),), RESULT_OK, 3.0, 1),
        ((PlanMms(5),), 5, 0.0, 0),
        ((PlanMms(77, Fixed(SECOND)),), 77, 1.0, 0),
        ((PowerOff(),), 8, 0.0, 0),
        ((LoseService(), PlanMms(5)), 8, 0.0, 0),
    ],
)
def test_an_mms_has_the_result_that_was_planned(acts: Any, code: int, seconds: float, read: int) -> None:
    network = Network()
    network.do("modem", *acts)
    network.do("modem", MMS)
    assert network.told() == [MmsResult("m/1", code)]
    assert network.when(MmsResult) == [seconds]
    assert network.facts("contact", "received mms") == [{"from": ALICE, "to": BOB, "bytes": 2}] * read


def test_an_mms_that_is_pushed_whole_reaches_the_phone_once_there_is_a_network() -> None:
    network = Network()
    network.do("modem", LoseService())
    network.do("contact:bob", WriteMms(ALICE, "Look", (File("cat.jpg", "image/jpeg", 100_000),)))
    assert network.told(WapPushReceived) == []
    network.do("modem", RegainService())
    (push,) = network.told(WapPushReceived)
    message = parse_retrieve(push.pdu, 0)
    assert message is not None
    assert [(part.content_type, len(part.data or b"")) for part in message.parts] == [
        ("text/plain", 4),
        ("image/jpeg", 100_000),
    ]
    assert network.facts("contact", "wrote mms") == [{"from": BOB, "to": ALICE, "text": "Look", "attachments": 1}]
    assert [facts["from"] for facts in network.facts("radio", "mms delivered")] == [BOB]


def test_one_delay_changes_and_the_other_stays() -> None:
    network = Network(delays=Delays((SECOND, SECOND), (SECOND, SECOND)))
    network.do("modem", ChangeDelay("report", 5 * SECOND))
    network.send(a_submit("m", "hi"))
    assert network.when(SubmitAccepted) == [1.0]
    assert network.when(StatusReport) == [6.0]


def test_an_mms_to_a_handset_waits_for_its_app_to_fetch_it() -> None:
    network = Network()
    network.do("modem", SubmitMms("m/1", ALICE, b"\x8c\x80"))
    assert network.facts("radio", "mms kept") == [{"from": ALICE, "to": ALICE, "bytes": 2}]


def test_a_call_to_a_handset_that_is_not_there_is_never_heard_of() -> None:
    modem = a_modem()
    modem.handle(PowerOff(), NOW)
    commands = list(modem.handle(AirCall(ALICE, BOB, "missed", 0), NOW))
    assert [record.kind for record in records_in(commands)] == ["call unreachable"]
    assert len(commands) == 1


def test_the_slot_of_a_second_sim_is_told_with_everything_that_comes() -> None:
    network = Network(slot=2)
    network.do("contact:bob", WriteText(ALICE, "hi"), CallNumber(ALICE), WriteData(ALICE, b"\x01", 9200))
    network.do("contact:bob", PushMms(ALICE, b"\x8c\x82"))
    slots = {event.sim_slot for event in network.told(DeliverReceived, CallStateChanged, DataReceived, WapPushReceived)}
    assert slots == {2}
    assert [event.subscription_id for event in network.told(CallLogged)] == [2]


# -- anything at all -----------------------------------------------------------------------------------------

_SUBMITS = st.builds(
    lambda text, to: ("submit", text, to),
    st.sampled_from(["hi", "x" * 161, "ж" * 150]),
    st.sampled_from([BOB, "12345", "+1888555" + "0102", "+18885551003", "+18885552002", "+18885552004"]),
)
_ACTS = st.sampled_from(
    [
        LoseService(), RegainService(), PowerOff(), PowerOn(), Roam(117), ComeHome(), RemoveSim(), InsertSim(),
        Coverage(((SECOND, "none"), (SECOND, "roaming"))), RejectSegments(101, 2), RejectSegments(102),
        PlanResults(((1, 1), (-1, 777)), 2), AnswerDialog("allow"), AnswerDialog("deny", remember=True), FillStorage(),
        FreeStorage(), SwallowTexts(), ChangeTelephony((("limit", OutgoingLimit(3, SECOND)),)),
        ChangeTelephony((("fixed_dialling", None), ("failed_report_code", 1))), PlanMms(5),
        ChangeDelays(Delays((1, 2 * SECOND), Uniform(0, SECOND))),
    ]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.one_of(_SUBMITS, _ACTS, st.integers(0, 3)), max_size=30), st.integers(0, 1 << 32))
def test_whatever_happens_every_segment_has_one_result_or_waits_for_a_human(story: list[Any], seed: int) -> None:
    network = Network(seed)
    submits: list[Submit] = []
    for step in story:
        if isinstance(step, int):
            network.run(network.world.now + step * SECOND)
        elif isinstance(step, tuple):
            submits.append(a_submit(str(len(submits)), step[1], to=step[2]))
            network.world.inject("phone", submits[-1])
        else:
            network.world.inject("modem", step)
    network.run()
    results = Counter((event.id, event.segment) for event in network.told(SubmitAccepted, SubmitRejected))
    waiting = {dialog.submit.id for dialog in network.modem.dialogs.values()}
    wanted = Counter(
        (submit.id, segment)
        for submit in submits
        if submit.id not in waiting
        for segment in range(len(submit.segments))
    )
    assert results == wanted
    assert not network.modem.submitted
    read = [facts["pdu"] for facts in network.facts("radio", "submitted")]
    assert len(read) >= len(network.told(SubmitAccepted))
    accepted = Counter((event.id, event.segment) for event in network.told(SubmitAccepted))
    final = Counter((event.id, event.segment) for event in network.told(StatusReport) if not 32 <= event.status < 64)
    assert final <= accepted  # none is reported that was not taken, and none twice


@given(st.lists(_ACTS, max_size=20))
def test_a_modem_can_be_written_to_a_file_and_forked_at_any_time(story: list[Any]) -> None:
    modem = a_modem()
    for act in story:
        modem.handle(act, NOW)
        modem.handle(a_submit("m", "x" * 161, to="12345"), NOW)
        modem.handle(a_deliver("hi"), NOW)
    for name, table in modem.tables().items():
        for key, row in table.items():
            assert load(dump((key, row))) == (key, row), name
    twin = modem.fork()
    assert rows(twin) == rows(modem)
    twin.handle(LoseService(), NOW)
    assert twin.facts["service"] is not modem.facts["service"] or modem.facts["service"] is not Service.FULL


@given(st.lists(_ACTS, max_size=10))
def test_a_network_goes_on_from_its_snapshot_as_it_would_have_gone_on(story: list[Any]) -> None:
    """A row that is None is none in a snapshot: nothing may depend on one."""
    network, twin = Network(), Network()
    network.do("modem", *story)
    network.do("contact:bob", Behave((Echo(),)), WriteText(ALICE, "STOP"))
    twin.world.restore(load(dump(tuple(network.world.snapshot()))))
    twin.handset.told = list(network.handset.told)
    for each in (network, twin):
        each.send(a_submit("m", "x" * 161), a_submit("n", "hi", to="12345"))
        each.do("modem", SubmitMms("m/1", BOB, b""))
    assert twin.handset.told == network.handset.told
