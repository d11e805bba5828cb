"""One handset's radio: what it tells the phone of each segment, and what waits while it is not there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import At, Command, Core, Record, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.instants import Instant
from harness.modem import Delays, LoseService, Modem, PowerOff, PowerOn, RegainService, RejectSegments, Smsc
from harness.modem.modem import Pending
from harness.parties import Contact
from harness.radio import (
    AirDeliver,
    AirDelivered,
    AirReport,
    AirSubmit,
    AirSubmitted,
    DeliverReceived,
    Joined,
    StatusReport,
    Submit,
    SubmitAccepted,
    SubmitRejected,
)
from harness.sms import deliver_tpdus, divide, parse_submit, status_report_tpdu, submit_tpdus
from harness.world import World
from tests.phone.kit import ALICE, BOB, NOW, rows, told_in

# As Android divides them; it loses these two on the way (segmentation.md §2).
TEXTS = st.text(st.characters(exclude_characters="\x1b\uffff", codec="utf-8"), min_size=1, max_size=300)


def _submit(name: str, text: str, concat_ref: int = 1) -> Submit:
    segments = divide(text)
    return Submit(f"{name}/1", BOB, text, segments, submit_tpdus(BOB, segments, concat_ref), 1)


def _modem(delays: Delays | None = None) -> Modem:
    return Modem("modem", Draws(1, "modem"), ALICE, delays)


def _report(tp_mr: int, status: int = 0) -> AirReport:
    return AirReport(status_report_tpdu(tp_mr, BOB, NOW, NOW, status))


def _deliver(text: str, token: str) -> AirDeliver:
    return AirDeliver(ALICE, deliver_tpdus(BOB, text, NOW, 1)[0], token)


def _accepted(modem: Modem, submit: Submit) -> list[SubmitAccepted]:
    """Hands a text over; the SMSC takes all of it."""
    sent = [air for air in told_in(modem.handle(submit, NOW)) if isinstance(air, AirSubmit)]
    answers = [AirSubmitted(air.tpdu[1], air.token) for air in sent]
    told = [event for answer in answers for event in told_in(modem.handle(answer, NOW))]
    assert all(isinstance(event, SubmitAccepted) for event in told)
    return told


# -- with a network around it --------------------------------------------------------------------------------


class Handset(Core):
    """Takes what the radio tells a phone, and hands over what it is given."""

    def __init__(self) -> None:
        super().__init__("phone", Draws(1, "phone"))
        self.told: list[Any] = []

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        if isinstance(event, Submit):
            return [Tell("radio", event)]
        self.told.append(event)
        return []


def _network(seed: int, delays: Delays | None = None) -> tuple[World, Handset]:
    world, handset = World(seed), Handset()
    world.add(handset)
    world.add(Modem("modem", world.draws("modem"), ALICE, delays))
    world.add(Smsc("smsc", world.draws("smsc")))
    world.add(Contact("contact:bob", world.draws("contact:bob"), BOB))
    for sender, port, target in (
        ("phone", "radio", "modem"), ("modem", "phone", "phone"), ("modem", "smsc", "smsc"),
        ("contact:bob", "smsc", "smsc"),
    ):  # fmt: skip
        world.wire(sender, port, target)
    world.inject("smsc", Joined("modem", ALICE))
    world.inject("smsc", Joined("contact:bob", BOB))
    while world.step():
        pass
    return world, handset


def _exchange(world: World, submits: list[Submit]) -> list[str]:
    """All texts at once; what Bob reads."""
    for submit in submits:
        world.inject("phone", submit)
    while world.step():
        pass
    return [str(entry.facts["text"]) for entry in world.trace.entries if entry.hop == "contact"]


@given(
    st.lists(TEXTS, max_size=4),
    st.integers(0, 1 << 32),
    st.sampled_from([None, Delays((1, 9), (1, 9)), Delays((0, 0), (5, 5))]),
)
def test_every_segment_is_taken_and_reported_once_and_every_text_arrives_whole(
    texts: list[str], seed: int, delays: Delays | None
) -> None:
    submits = [_submit(str(number), text, number) for number, text in enumerate(texts)]
    world, handset = _network(seed, delays)
    assert Counter(_exchange(world, submits)) == Counter(texts)
    segments = Counter((submit.id, place) for submit in submits for place in range(len(submit.segments)))
    for kind in (SubmitAccepted, StatusReport):
        assert Counter((event.id, event.segment) for event in handset.told if type(event) is kind) == segments
    assert len(handset.told) == 2 * segments.total()


def test_no_submit_among_three_hundred_at_once_goes_without_an_answer() -> None:
    submits = [_submit(str(number), "hello") for number in range(300)]
    world, handset = _network(7)
    assert len(_exchange(world, submits)) == 300
    accepted = [event.id for event in handset.told if isinstance(event, SubmitAccepted)]
    assert sorted(accepted) == sorted(submit.id for submit in submits)


# -- by itself -----------------------------------------------------------------------------------------------


def test_a_submit_goes_out_with_the_next_reference_and_the_segments_own_octets() -> None:
    modem = _modem()
    first: int = modem.facts["tp_mr"]
    submit = _submit("m", "x" * 161)
    sent = [air for air in told_in(modem.handle(submit, NOW)) if isinstance(air, AirSubmit)]
    assert [parse_submit(air.tpdu).tp_mr for air in sent] == [(first + 1) % 256, (first + 2) % 256]
    assert [air.tpdu[:1] + b"\0" + air.tpdu[2:] for air in sent] == list(submit.tpdus)


@pytest.mark.parametrize(("act", "code"), [(LoseService(), 4), (PowerOff(), 2)])
def test_without_a_network_every_segment_is_rejected_at_once(act: Any, code: int) -> None:
    modem = _modem(Delays((5, 5), (5, 5)))
    modem.handle(act, NOW)
    told = told_in(modem.handle(_submit("m", "x" * 161), NOW))
    assert told == [SubmitRejected("m/1", 0, code), SubmitRejected("m/1", 1, code)]
    modem.handle(RegainService(), NOW)
    assert not [command for command in modem.handle(_submit("m", "hi"), NOW) if isinstance(command, Tell)]


def test_a_text_without_pdus_is_a_generic_failure() -> None:
    commands = list(_modem().handle(Submit("m/1", "CAFE", "hi", ("hi",), (), 1), NOW))
    assert told_in(commands) == [SubmitRejected("m/1", 0, 1)]


def test_a_segment_that_is_lost_on_the_way_is_rejected() -> None:
    modem = _modem(Delays((5, 5), (0, 0)))
    (_, reach) = modem.handle(_submit("m", "hi"), NOW)
    assert isinstance(reach, At)
    assert reach.due_at == NOW + 5
    modem.handle(PowerOff(), NOW)
    assert told_in(modem.handle(reach.event, reach.due_at)) == [SubmitRejected("m/1", 0, 2)]


@pytest.mark.parametrize(("status", "reports"), [(0, 1), (31, 1), (32, 2), (63, 2), (64, 1), (255, 1)])
def test_a_temporary_report_is_followed_by_another(status: int, reports: int) -> None:
    modem = _modem()
    (accepted,) = _accepted(modem, _submit("m", "hi"))
    told = [told_in(modem.handle(_report(accepted.tp_mr, status), NOW)) for _ in range(2)]
    assert [event for events in told for event in events] == [StatusReport("m/1", 0, accepted.tp_mr, status)] * reports


def test_a_report_that_overtakes_the_answer_to_its_submit_is_dropped() -> None:
    modem = _modem()
    (air,) = told_in(modem.handle(_submit("m", "hi"), NOW))
    assert list(modem.handle(_report(air.tpdu[1]), NOW)) == []
    assert told_in(modem.handle(AirSubmitted(air.tpdu[1], air.token), NOW)) == [SubmitAccepted("m/1", 0, air.tpdu[1])]


def test_a_late_report_is_credited_to_the_newer_text_with_its_reference() -> None:
    modem = _modem()
    for number in range(257):
        (accepted,) = _accepted(modem, _submit(str(number), "hi"))
    assert modem.pending[accepted.tp_mr] == Pending("256/1", 0)
    (report,) = told_in(modem.handle(_report(accepted.tp_mr), NOW))
    assert report.id == "256/1"


def test_what_comes_while_the_radio_is_off_waits_in_order() -> None:
    modem = _modem()
    (accepted,) = _accepted(modem, _submit("m", "hi"))
    modem.handle(PowerOff(), NOW)
    came = [_deliver("one", "1"), _report(accepted.tp_mr), _deliver("two", "2")]
    assert [list(modem.handle(air, NOW)) for air in came] == [[], [], []]
    told = told_in(modem.handle(PowerOn(), NOW))
    kinds = [Joined, DeliverReceived, AirDelivered, StatusReport, DeliverReceived, AirDelivered]
    assert [type(event) for event in told] == kinds
    assert [event.token for event in told if isinstance(event, AirDelivered)] == ["1", "2"]
    assert not modem.waiting


def test_a_delayed_report_waits_if_the_radio_has_gone_off_meanwhile() -> None:
    modem = _modem(Delays((0, 0), (5, 9)))
    (accepted,) = _accepted(modem, _submit("m", "hi"))
    (due,) = modem.handle(_report(accepted.tp_mr), NOW)
    assert isinstance(due, At)
    assert NOW + 5 <= due.due_at <= NOW + 9
    modem.handle(PowerOff(), NOW)
    assert list(modem.handle(due.event, due.due_at)) == []
    assert [command for command in modem.handle(PowerOn(), due.due_at) if isinstance(command, At)]


def test_a_received_segment_says_which_sim_it_came_on() -> None:
    modem = Modem("modem", Draws(1, "modem"), ALICE, slot=2)
    (event, _) = told_in(modem.handle(_deliver("hi", "1"), NOW))
    assert event == DeliverReceived(_deliver("hi", "1").tpdu, 2)


def test_the_trace_tells_of_every_segment_and_of_the_network() -> None:
    modem = _modem()
    entries = [*modem.handle(_submit("m", "x" * 161), NOW), *modem.handle(PowerOff(), NOW)]
    facts = [dict(entry.facts) for entry in entries if isinstance(entry, Record)]
    assert facts == [
        {"from": ALICE, "to": BOB, "text": "x" * 153, "segment": 1},
        {"from": ALICE, "to": BOB, "text": "x" * 8, "segment": 2},
        {"number": ALICE, "service": "off"},
    ]


@pytest.mark.parametrize("event", [object(), AirSubmitted(1, "nobody's"), AirDelivered("1")])
def test_an_event_that_is_none_of_the_radios_is_illegal_and_changes_nothing(event: Any) -> None:
    modem = _modem()
    _accepted(modem, _submit("m", "hi"))
    before = rows(modem)
    with pytest.raises(ProtocolError):
        modem.handle(event, NOW)
    assert rows(modem) == before


@pytest.mark.parametrize(
    ("skip", "times", "refused"),
    [(0, 1, [0]), (1, 1, [1]), (2, 1, [2]), (0, 2, [0, 1]), (1, 9, [1, 2]), (3, 1, [])],
)
def test_the_network_refuses_the_segments_that_it_was_told_to(skip: int, times: int, refused: list[int]) -> None:
    modem = _modem()
    modem.handle(RejectSegments(102, times, skip), NOW)
    told = told_in(modem.handle(_submit("m", "x" * 400), NOW))
    assert [event.segment for event in told if isinstance(event, SubmitRejected)] == refused
    assert {event.code for event in told if isinstance(event, SubmitRejected)} <= {102}
    assert len([event for event in told if isinstance(event, AirSubmit)]) == 3 - len(refused)


def test_a_refusal_is_over_when_it_was_used_up() -> None:
    modem = _modem()
    modem.handle(RejectSegments(102), NOW)
    modem.handle(_submit("m", "first"), NOW)
    assert len(_accepted(modem, _submit("n", "second"))) == 1
