"""What an SMSC carries on is what was submitted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import MalformedPdu
from harness.instants import parse_rfc3339
from harness.sms.pdu import (
    SmsDeliver,
    forwarded_tpdu,
    parse_deliver,
    parse_submit,
    resent,
    submit_head,
    submit_tpdus,
    with_reference,
)
from harness.sms.segments import divide
from tests.sms.test_segments import TEXTS

ALICE = "+18005550199"
BOB = "+18005550100"
AT = parse_rfc3339("2026-07-23T05:10:10Z")


@given(TEXTS, st.integers(0, 255))
def test_a_submit_is_carried_on_with_its_text_and_place(text: str, concat_ref: int) -> None:
    for tpdu in submit_tpdus(BOB, divide(text), concat_ref):
        submit = parse_submit(tpdu)
        deliver = SmsDeliver(ALICE, submit.text, submit.concat, submit.dcs, AT)
        assert parse_deliver(forwarded_tpdu(tpdu, ALICE, AT)) == deliver


def test_the_octets_are_those_of_the_standard() -> None:
    submit = bytes.fromhex("312a0b918100550501f00008a7020436")
    assert forwarded_tpdu(submit, ALICE, AT).hex() == "040b918100550591f9" + "0008" + "62703250010100" + "020436"


def test_a_sender_without_a_name_has_an_address_without_a_digit() -> None:
    submit = bytes.fromhex("312a0b918100550501f00008a7020436")
    octets = forwarded_tpdu(submit, "", AT)
    assert octets.hex() == "04" + "0081" + "0008" + "62703250010100" + "020436"
    assert parse_deliver(octets).sender == ""


@given(TEXTS.filter(bool), st.booleans(), st.integers(0, 255))
def test_a_network_reads_the_head_of_a_submit_and_a_radio_writes_its_reference(
    text: str, status_report: bool, tp_mr: int
) -> None:
    for tpdu in submit_tpdus(BOB, divide(text), 7, status_report):
        sent = with_reference(tpdu, tp_mr)
        assert submit_head(sent) == (tp_mr, BOB, status_report)
        assert parse_submit(sent) == replace(parse_submit(tpdu), tp_mr=tp_mr)
        assert parse_submit(resent(sent)) == replace(parse_submit(sent), reject_duplicates=True)


def test_what_is_no_submit_is_refused() -> None:
    with pytest.raises(MalformedPdu):
        forwarded_tpdu(bytes.fromhex("040b918100550501f0"), ALICE, AT)
