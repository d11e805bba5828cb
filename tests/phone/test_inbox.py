"""Segments are collected until a text is whole, and read as the app reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.phone.inbox import KEPT, Collected, Inbox, read
from harness.sms import deliver_tpdus
from tests.phone.kit import ALICE, BOB, NOW

TEXTS = st.text(max_size=400)
RECEIVED = Path(__file__).parents[1] / "data" / "phone" / "receive.jsonl"


def _pdus(text: str, sender: str = BOB, concat_ref: int = 7) -> list[bytes]:
    return list(deliver_tpdus(sender, text, NOW, concat_ref))


def _collected(pdus: list[bytes], inbox: Inbox | None = None) -> list[Collected]:
    inbox = Inbox() if inbox is None else inbox
    return [read(whole, 1) for pdu in pdus if (whole := inbox.collect(pdu, 1))]


@given(TEXTS, st.randoms(use_true_random=False))
def test_a_text_is_whole_in_whatever_order_its_segments_come(text: str, random: Any) -> None:
    pdus = _pdus(text)
    random.shuffle(pdus)
    inbox = Inbox()
    assert _collected(pdus, inbox) == [Collected(BOB, text, 1)]
    assert not inbox


def test_a_segment_that_comes_twice_counts_once() -> None:
    first, second, third = _pdus("x" * 400)
    assert _collected([first, first, second, second, third]) == [Collected(BOB, "x" * 400, 1)]


@pytest.mark.parametrize(
    ("other", "slot"), [(_pdus("y" * 400, ALICE), 1), (_pdus("y" * 400, BOB, 8), 1), (_pdus("y" * 500), 1),
                        (_pdus("y" * 400), 2)]
)  # fmt: skip
def test_segments_of_another_text_do_not_complete_this_one(other: list[bytes], slot: int) -> None:
    inbox = Inbox()
    assert _collected(_pdus("x" * 400)[:2], inbox) == []
    assert inbox.collect(other[2], slot) == ()
    assert len(inbox) == 2


def test_a_copy_collects_for_itself() -> None:
    inbox = Inbox()
    first, second, third = _pdus("x" * 400)
    assert _collected([first, second], inbox) == []
    assert _collected([third], inbox.copy()) == [Collected(BOB, "x" * 400, 1)]
    assert len(inbox) == 1


@pytest.mark.parametrize(
    ("sender", "text", "shown"),
    [
        ("500", "joe@example.com /subject/ the body", "joe@example.com"),
        ("500", "joe@example.com the body", "joe@example.com"),
        ("500", "joe@example the body", "500"),
        ("500", "joe@example.com", "500"),
        ("500", "to joe@example.com the body", "500"),
        ("12345", "joe@example.com the body", "12345"),
        ("BANK", "joe@example.com the body", "joe@example.com"),
    ],
)
def test_a_short_number_may_stand_for_an_address_in_the_text(sender: str, text: str, shown: str) -> None:
    assert _collected(_pdus(text, sender)) == [Collected(shown, text, 1)]


@pytest.mark.parametrize("name", ["data-then-text", "parts-in-broadcast-order", "two-senders", "data-8bit"])
def test_a_broadcast_is_read_as_the_app_reads_it(name: str) -> None:
    """Also those that Android's own inbox never makes."""
    cases = map(json.loads, RECEIVED.read_text(encoding="utf-8").splitlines())
    case = next(case for case in cases if case["case"] == f"receive/{name}")
    pdus = [bytes.fromhex(pdu)[1:] for pdu in case["steps"][0]["pdus_hex"]]
    (body,) = [entry["body_json"] for entry in case["happened"] if entry["kind"] == "request"]
    assert read(pdus, 1) == Collected(body["from"], body["content"], 1)


def test_halves_of_a_character_that_lie_in_two_segments_are_lost() -> None:
    halves = "0041", "d83d", "de00", "0042"
    pdus = [
        bytes.fromhex(f"440b918100550501f00008627032500101000a0500030702{number:02d}{one}{other}")
        for number, (one, other) in enumerate((halves[:2], halves[2:]), start=1)
    ]
    assert _collected(pdus) == [Collected("+18005550100", "A\ufffd\ufffdB", 1)]


def test_android_gives_up_on_missing_segments_after_a_week() -> None:
    inbox = Inbox()
    first, second, third = _pdus("x" * 400)
    assert inbox.collect(first, 1, NOW) == ()
    assert inbox.collect(second, 1, NOW + KEPT) == ()
    assert inbox.collect(third, 1, NOW + KEPT + 1) == ()
    assert [len(kept.pdus) for kept in inbox.values()] == [1]


def test_a_broadcast_without_pdus_is_an_empty_text_from_nobody() -> None:
    assert read((), 1) == Collected("", "", 1)
