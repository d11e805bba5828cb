"""Binary texts and WAP pushes: collected, unwrapped, handed to whom they are for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.modem import FillStorage, Reorder
from harness.parties import PushMms, WriteData, WriteText
from harness.radio import AirDeliver, AirDelivered, DataReceived, DeliverReceived, WapPushReceived
from harness.sms import deliver_tpdus
from tests.modem.kit import ALICE, BOB, NOW, Network, a_modem, told_in


@given(st.binary(max_size=600), st.integers(0, 0xFFFF).filter(lambda port: port != 2948))
def test_data_for_a_port_reaches_the_handset_whole(data: bytes, port: int) -> None:
    network = Network()
    network.do("contact:bob", WriteData(ALICE, data, port))
    assert network.told() == [DataReceived(BOB, data, port)]
    assert not network.modem.pushes


@given(st.binary(max_size=600))
def test_a_wap_push_is_unwrapped_and_its_segments_may_come_in_any_order(pdu: bytes) -> None:
    network = Network(rules=(Reorder(),))
    network.do("contact:bob", PushMms(ALICE, pdu))
    assert network.told() == [WapPushReceived(pdu)]


def test_a_push_that_is_no_mms_is_only_noted() -> None:
    network = Network()
    network.do("contact:bob", WriteData(ALICE, b"\x01\x06\x01\xae\x00", 2948))
    assert network.told() == []
    assert network.facts("radio", "push ignored") == [{"from": BOB, "pdu": "010601ae00"}]


@pytest.mark.parametrize(
    ("message_class", "kinds"),
    [(None, [DeliverReceived]), (0, [DeliverReceived]), (1, [DeliverReceived]), (2, []), (3, [DeliverReceived])],
)
@pytest.mark.parametrize("text", ["hi", "привет", "x" * 161])
def test_a_text_for_the_card_is_broadcast_to_nobody(message_class: Any, kinds: list[type], text: str) -> None:
    network = Network()
    network.do("contact:bob", WriteText(ALICE, text, message_class=message_class))
    assert sorted({type(event) for event in network.told()}, key=str) == kinds
    assert bool(network.facts("radio", "stored on the card")) is not bool(kinds)


def test_a_flash_text_needs_no_room() -> None:
    network = Network()
    network.do("modem", FillStorage())
    network.do("contact:bob", WriteText(ALICE, "hi", message_class=0), WriteText(ALICE, "hi"))
    assert len(network.told()) == 1
    assert len(network.facts("radio", "refused for want of room")) == 1


def test_data_without_a_port_is_a_text_without_text() -> None:
    modem = a_modem()
    (text,) = deliver_tpdus(BOB, "hi", NOW, 1)
    place = 3 + (text[1] + 1) // 2 + 1
    tpdu = text[:place] + b"\x04" + text[place + 1 : place + 8] + b"\x02ok"
    assert told_in(modem.handle(AirDeliver(ALICE, tpdu, "1"), NOW)) == [
        DeliverReceived(tpdu),
        AirDelivered("1"),
    ]
