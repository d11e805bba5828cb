"""A contact's handset: reads whole texts, writes any."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import Command, Record
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.parties import Contact, WriteText
from harness.radio import AirDeliver, AirDelivered, AirReport, AirSubmit, AirSubmitted
from harness.sms import deliver_tpdus, parse_submit, reassemble
from tests.phone.kit import ALICE, BOB, NOW, PhoneWorld, rows, told_in


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


@pytest.mark.parametrize("air", [AirSubmitted(1), AirReport(b"")])
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
