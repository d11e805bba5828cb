"""Segments are collected until all of a text are there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.sms import deliver_tpdus, parse_deliver, reassemble
from harness.sms.collecting import COLLECTING_MAX, Collecting
from harness.sms.pdu import SmsDeliver
from tests.phone.kit import ALICE, BOB, NOW

TEXT = "0123456789" * 40


def _segments(sender: str = BOB, concat_ref: int = 7) -> list[SmsDeliver]:
    return [parse_deliver(tpdu) for tpdu in deliver_tpdus(sender, TEXT, NOW, concat_ref)]


@given(st.permutations(range(3)), st.integers(0, 2))
def test_a_text_is_whole_with_its_last_segment_in_whatever_order_they_come(order: list[int], twice: int) -> None:
    table, segments = Collecting(), _segments()
    for place in order[:-1]:
        assert table.collect(segments[place]) == ()
        if place == twice:
            assert table.collect(segments[place]) == ()
    whole = table.collect(segments[order[-1]])
    assert (list(whole), reassemble(whole), len(table)) == (segments, TEXT, 0)


def test_texts_are_told_apart_by_sender_recipient_and_reference() -> None:
    table = Collecting()
    for sender, concat_ref, recipient in ((BOB, 7, ""), (ALICE, 7, ""), (BOB, 8, ""), (BOB, 7, ALICE)):
        assert table.collect(_segments(sender, concat_ref)[0], recipient) == ()
    assert len(table) == 4


def test_a_text_of_one_segment_waits_for_nothing() -> None:
    (segment,) = [parse_deliver(tpdu) for tpdu in deliver_tpdus(BOB, "hi", NOW, 7)]
    assert Collecting().collect(segment) == (segment,)


def test_of_too_many_texts_that_lack_segments_the_oldest_is_given_up() -> None:
    table, segments = Collecting(), _segments()
    for number in range(COLLECTING_MAX + 1):
        table.collect(segments[0], str(number))
    assert len(table) == COLLECTING_MAX
    assert [table.collect(segment, "0") for segment in segments[1:]] == [(), ()]
