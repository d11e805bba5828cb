"""A contact's handset: reads whole texts, writes any."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import Command, Record
from harness.delays import Fixed
from harness.draws import Draws
from harness.errors import ProtocolError, UsageError
from harness.instants import SECOND
from harness.modem import Modem
from harness.parties import (
    Answer,
    Behave,
    CallNumber,
    CallsBack,
    Contact,
    Echo,
    OptsOut,
    PushMms,
    ReadsCodes,
    WriteData,
    WriteMms,
    WriteText,
)
from harness.parties.contact import READ_MAX
from harness.plain import dump, load
from harness.radio import (
    AirCall,
    AirDeliver,
    AirDelivered,
    AirMms,
    AirRefused,
    AirReport,
    AirSubmit,
    AirSubmitted,
    CallLogged,
    DeliverReceived,
    Joined,
)
from harness.sms import deliver_tpdus, parse_deliver, parse_submit, reassemble
from tests.modem.kit import ALICE, BOB, CAROL, NOW, Network, a_submit, rows, told_in
from tests.phone.kit import PhoneWorld


def _bob() -> Contact:
    return Contact("contact:bob", Draws(1, "contact:bob"), BOB)


def _delivers(text: str, sender: str = ALICE, to: str = BOB, concat_ref: int = 7) -> list[AirDeliver]:
    tpdus = deliver_tpdus(sender, text, NOW, concat_ref)
    return [AirDeliver(to, tpdu, f"{sender}/{number}") for number, tpdu in enumerate(tpdus)]


def _read(bob: Contact, delivers: list[AirDeliver]) -> list[Command]:
    return [command for deliver in delivers for command in bob.handle(deliver, NOW)]


def _texts(commands: list[Command]) -> list[Any]:
    return [command.facts["text"] for command in commands if isinstance(command, Record)]


@given(st.text(max_size=400), st.randoms(use_true_random=False))
def test_a_text_is_read_once_all_its_segments_are_there(text: str, random: Any) -> None:
    delivers = _delivers(text)
    random.shuffle(delivers)
    bob = _bob()
    commands = _read(bob, delivers)
    assert _texts(commands) == [text]
    assert told_in(commands) == [AirDelivered(deliver.token) for deliver in delivers]
    assert not bob.collecting


def test_the_trace_tells_who_wrote_to_whom_and_in_how_many_segments() -> None:
    (record, *_) = [entry for entry in _read(_bob(), _delivers("x" * 161)) if isinstance(entry, Record)]
    assert record == Record("contact", "received", None, {"from": ALICE, "to": BOB, "text": "x" * 161, "segments": 2})


def test_a_segment_that_comes_twice_is_acknowledged_twice_and_counts_once() -> None:
    first, second = _delivers("x" * 161)
    commands = _read(_bob(), [first, first, second])
    assert _texts(commands) == ["x" * 161]
    assert len(told_in(commands)) == 3


def test_texts_under_one_reference_are_kept_apart_by_who_wrote_and_to_whom() -> None:
    """To whom: a contact may answer for every number."""
    everybody = _bob()
    texts = [_delivers("x" * 161), _delivers("y" * 161, sender="+18005550177"), _delivers("z" * 161, to=ALICE)]
    interleaved = [deliver for pair in zip(*texts, strict=True) for deliver in pair]
    assert _texts(_read(everybody, interleaved)) == ["x" * 161, "y" * 161, "z" * 161]


@given(st.text(st.characters(exclude_characters="\x1b\uffff", codec="utf-8"), max_size=400))
def test_what_a_contact_writes_goes_out_whole(text: str) -> None:
    (wrote, *told) = _bob().handle(WriteText(ALICE, text), NOW)
    assert wrote == Record("contact", "wrote", None, {"from": BOB, "to": ALICE, "text": text})
    airs = told_in(told)
    submits = [parse_submit(air.tpdu) for air in airs if isinstance(air, AirSubmit)]
    assert reassemble(submits) == text
    assert {submit.to for submit in submits} == {ALICE}
    assert not any(submit.report_requested for submit in submits)
    assert len({submit.tp_mr for submit in submits}) == len(airs)


def test_a_contact_may_write_in_the_name_of_another() -> None:
    (_, told) = _bob().handle(WriteText(ALICE, "hi", sender="BANK"), NOW)
    (air,) = told_in([told])
    assert (air.origin, air.number) == ("contact:bob", "BANK")


def test_two_long_texts_have_references_of_their_own() -> None:
    bob = _bob()
    concats = [
        parse_submit(air.tpdu).concat for _ in range(2) for air in told_in(bob.handle(WriteText(ALICE, "x" * 161), NOW))
    ]
    assert len({concat.concat_ref for concat in concats if concat}) == 2


@pytest.mark.parametrize("air", [AirSubmitted(1), AirReport(b""), AirRefused(106, "")])
def test_a_contact_does_not_look_at_reports(air: Any) -> None:
    assert list(_bob().handle(air, NOW)) == []


def test_what_is_no_word_to_a_contact_is_illegal_and_changes_nothing() -> None:
    bob = _bob()
    before = rows(bob)
    with pytest.raises(ProtocolError):
        bob.handle(AirDelivered("1"), NOW)
    assert rows(bob) == before


@given(st.lists(st.text(max_size=200), max_size=3), st.integers(0, 1 << 32))
def test_texts_to_a_phone_are_forwarded_whole(texts: list[str], seed: int) -> None:
    here = PhoneWorld(seed)
    for text in texts:
        here.world.inject("contact:bob", WriteText("+18005550199", text.translate({0x1B: None, 0xFFFF: None})))
    here.run()
    received = sorted(body["content"] for body in here.gateway.script.received)
    assert received == sorted(text.translate({0x1B: None, 0xFFFF: None}) for text in texts)


# -- behaviours ----------------------------------------------------------------------------------------------


def _answers(network: Network) -> list[tuple[float, str, str]]:
    """What reached the phone: after how many seconds, from whom, which text."""
    delivers = [parse_deliver(event.pdu) for event in network.told(DeliverReceived)]
    told = zip(network.when(DeliverReceived), delivers, strict=True)
    return [(at_s, deliver.sender, str(deliver.text)) for at_s, deliver in told]


def _texted(*texts: str, **settings: Any) -> Network:
    network = Network(**settings)
    for number, text in enumerate(texts):
        network.send(a_submit(str(number), text))
    return network


@pytest.mark.parametrize(
    ("behaviours", "answers"),
    [
        ((), []),
        ((Answer("Yes?"),), [(0, BOB, "Yes?")]),
        ((Answer("Yes?", delay=Fixed(90 * SECOND)),), [(90, BOB, "Yes?")]),
        ((Echo(), Answer("!", to="5")), [(0, BOB, "At 5"), (0, BOB, "!")]),
        ((Answer("never", to="6"),), []),
    ],
    ids=repr,
)
def test_a_contact_who_behaves_answers_by_themselves(behaviours: Any, answers: Any) -> None:
    assert _answers(_texted("At 5", behaviours=behaviours)) == answers


def test_a_contact_behaves_as_they_were_told_last() -> None:
    network = _texted("hi", behaviours=(Echo(),))
    network.do("contact:bob", Behave((Answer("no"),)))
    network.send(a_submit("again", "hi"))
    assert [text for _, _, text in _answers(network)] == ["hi", "no"]


def test_who_answers_for_everybody_answers_as_whoever_was_meant() -> None:
    network = Network(behaviours=(Echo(),), everybody=True)
    network.send(a_submit("m", "hi", to=CAROL))
    assert _answers(network) == [(0, CAROL, "hi")]


@pytest.mark.parametrize("behaviour", [Echo(), Answer("after you")], ids=repr)
def test_two_who_answer_each_other_at_once_come_to_an_end(behaviour: Any) -> None:
    network = Network(behaviours=(behaviour,))
    carol = Contact("contact:carol", Draws(1, "contact:carol"), CAROL, (Answer("no, after you"),))
    network.world.add(carol)
    network.world.wire("contact:carol", "smsc", "smsc")
    network.do("smsc", Joined("contact:carol", CAROL))
    network.do("contact:carol", WriteText(BOB, "hi"))
    assert READ_MAX < network.bob.counts[f"{BOB}/{CAROL}"] + carol.counts[f"{CAROL}/{BOB}"] <= 2 * READ_MAX + 2
    assert len(network.facts("contact", "answers no more")) == 1


def test_so_many_texts_in_a_second_are_reacted_to_and_more_in_the_next() -> None:
    bob = Contact("contact:bob", Draws(1, "contact:bob"), BOB, (Echo(),))
    (deliver,) = _delivers("hi")
    for _ in range(READ_MAX):
        assert len(told_in(bob.handle(deliver, NOW))) == 2
    assert len(told_in(bob.handle(deliver, NOW))) == 1
    assert len(told_in(bob.handle(deliver, NOW + SECOND))) == 2


def test_an_echo_answers_the_same_text_as_often_as_it_comes() -> None:
    assert [text for _, _, text in _answers(_texted("hi", "hi", "hi", behaviours=(Echo(),)))] == ["hi"] * 3


def test_who_has_opted_out_wants_no_more_until_they_come_back() -> None:
    network = _texted("one", "two", "three", "four", behaviours=(OptsOut(2, 4),))
    assert [text for _, _, text in _answers(network)] == ["STOP", "START"]
    assert [facts["text"] for facts in network.facts("contact", "unwanted")] == ["three", "four"]
    network.send(a_submit("five", "five"))
    assert len(network.facts("contact", "unwanted")) == 2


@pytest.mark.parametrize(
    ("word", "unwanted"), [("STOP", 1), (" stop ", 1), ("Unsubscribe", 1), ("stop it", 0), ("hi", 0)]
)
def test_a_stop_that_the_story_wrote_counts_too(word: str, unwanted: int) -> None:
    network = Network()
    network.do("contact:bob", WriteText(ALICE, word))
    network.send(a_submit("m", "an offer"))
    network.do("contact:bob", WriteText(ALICE, "START"))
    network.send(a_submit("n", "an offer"))
    assert len(network.facts("contact", "unwanted")) == unwanted


def test_a_code_is_read_aloud_in_the_trace() -> None:
    network = _texted("Your code is 482910", behaviours=(ReadsCodes(answers=True),))
    assert network.facts("contact", "read a code") == [{"from": ALICE, "to": BOB, "code": "482910"}]
    assert _answers(network) == [(0, BOB, "482910")]


def test_a_contact_may_call_back() -> None:
    network = _texted("call me", behaviours=(CallsBack("rejected", delay=Fixed(SECOND)),))
    assert [(row.number, row.type) for row in network.told(CallLogged)] == [(BOB, 5)]
    assert network.when(CallLogged) == [1.0]


@pytest.mark.parametrize(
    "wrong",
    [
        *(lambda outcome=outcome: CallNumber(ALICE, outcome) for outcome in ("", "incoming", "busy")),
        *(lambda port=port: WriteData(ALICE, b"", port) for port in (-1, 65536)),
        *(lambda number=number: WriteText(ALICE, "hi", message_class=number) for number in (-1, 4)),
    ],
)
def test_what_cannot_be_done_is_refused_where_it_is_made(wrong: Any) -> None:
    with pytest.raises(UsageError):
        wrong()


@pytest.mark.parametrize("act", [WriteText("CAFE", "hi"), WriteData("CAFE", b"", 1), PushMms("CAFE", b"")])
def test_what_nobody_can_write_is_only_noted(act: Any) -> None:
    (record,) = _bob().handle(act, NOW)
    assert isinstance(record, Record)
    assert (record.kind, record.facts["why"]) == ("could not write", "no digit in the destination: 'CAFE'")


def test_octets_that_are_no_deliver_are_acknowledged_and_never_read() -> None:
    (record, stored) = _bob().handle(AirDeliver(BOB, b"\x04", "1"), NOW)
    assert isinstance(record, Record)
    assert record.kind == "unreadable"
    assert told_in([stored]) == [AirDelivered("1")]


@pytest.mark.parametrize(
    ("air", "kind"),
    [(AirCall(BOB, ALICE, "missed", 0), "called"), (AirMms(BOB, ALICE, b"\x8c"), "received mms")],
)
def test_the_trace_tells_of_calls_and_mms_to_a_contact(air: Any, kind: str) -> None:
    (record,) = _bob().handle(air, NOW)
    assert isinstance(record, Record)
    assert (record.kind, record.facts["from"], record.facts["to"]) == (kind, ALICE, BOB)


@pytest.mark.parametrize(
    ("act", "sender"),
    [
        (WriteText(ALICE, "hi"), "BANK"),
        (WriteText(ALICE, "hi", CAROL), CAROL),
        (WriteMms(ALICE, "hi", ()), "BANK"),
        (CallNumber(ALICE), BOB),
    ],
)
def test_a_contact_who_shows_a_name_writes_under_it_and_calls_from_the_number(act: Any, sender: str) -> None:
    bank = Contact("contact:bank", Draws(1, "contact:bank"), BOB, shown="BANK")
    record, tell = bank.handle(act, NOW)
    assert isinstance(record, Record)
    assert record.facts["from"] == sender
    (air,) = told_in([tell])
    assert getattr(air, {AirSubmit: "number", AirMms: "sender", AirCall: "caller"}[type(air)]) == sender


def test_a_contact_who_shows_a_name_answers_under_it() -> None:
    bank = Contact("contact:bank", Draws(1, "contact:bank"), BOB, (Echo(),), "BANK")
    airs = [air for air in told_in(_read(bank, _delivers("hi"))) if isinstance(air, AirSubmit)]
    assert [air.number for air in airs] == ["BANK"]


def test_what_a_contact_keeps_comes_back_from_a_file() -> None:
    network = Network(behaviours=(Answer("x", delay=Fixed(SECOND)), OptsOut()))
    network.world.inject("phone", a_submit("m", "x" * 161))
    network.run(NOW)
    snapshot = tuple(network.world.snapshot())
    assert load(dump(snapshot)) == snapshot
    assert network.bob.counts
    assert isinstance(network.modem, Modem)
