"""The SMSC: who gets a text, and who hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core import Command, Record, Tell
from harness.delays import Fixed
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.instants import SECOND
from harness.modem import DailyCap, DeliverPdu, Late, Modem, Smsc, Throttle
from harness.modem.smsc import EVERYONE
from harness.plain import dump, load
from harness.radio import (
    AirCall,
    AirDeliver,
    AirDelivered,
    AirMms,
    AirReport,
    AirSubmit,
    AirSubmitted,
    DeliverReceived,
    Joined,
    StatusReport,
)
from harness.sms import deliver_tpdus, divide, parse_deliver, parse_status_report, submit_tpdus
from tests.modem.kit import ALICE, BOB, CAROL, NOW, Handset, Network, a_submit, records_in, rows, told_in


def _smsc(*joined: tuple[str, str]) -> Smsc:
    smsc = Smsc("smsc", Draws(1, "smsc"))
    for origin, number in joined:
        smsc.handle(Joined(origin, number), NOW)
    return smsc


def _submit(to: str = BOB, *, wants_report: bool = True) -> AirSubmit:
    (tpdu,) = submit_tpdus(to, divide("hello"), 1, status_report=wants_report)
    return AirSubmit("modem", ALICE, tpdu[:1] + b"\x2a" + tpdu[2:], "m/1/0")


def _ports(commands: list[Command]) -> list[str]:
    return [command.port for command in commands if isinstance(command, Tell)]


@pytest.mark.parametrize(
    ("joined", "port"),
    [
        ((("contact:bob", BOB),), "@contact:bob"),
        ((("everybody", EVERYONE),), "@everybody"),
        ((("everybody", EVERYONE), ("contact:bob", BOB)), "@contact:bob"),
        ((("contact:bob", BOB), ("modem:bob", BOB)), "@modem:bob"),
    ],
)
def test_a_text_goes_to_the_core_that_joined_last_with_its_number(joined: Any, port: str) -> None:
    commands = list(_smsc(*joined).handle(_submit(), NOW))
    assert _ports(commands) == ["@modem", port]
    (answer, deliver) = told_in(commands)
    assert answer == AirSubmitted(0x2A, "m/1/0")
    assert isinstance(deliver, AirDeliver)
    assert (parse_deliver(deliver.tpdu).sender, parse_deliver(deliver.tpdu).text) == (ALICE, "hello")


def test_a_text_to_nobody_is_taken_and_never_reported() -> None:
    commands = list(_smsc().handle(_submit(), NOW))
    assert told_in(commands) == [AirSubmitted(0x2A, "m/1/0")]
    assert [record.kind for record in commands if isinstance(record, Record)] == ["no subscriber"]


def test_the_sender_hears_when_the_text_was_taken_and_when_it_arrived() -> None:
    smsc = _smsc(("contact:bob", BOB))
    (_, deliver) = told_in(smsc.handle(_submit(), NOW))
    later = NOW + 5 * SECOND
    commands = list(smsc.handle(AirDelivered(deliver.token), later))
    assert _ports(commands) == ["@modem"]
    (air,) = told_in(commands)
    assert isinstance(air, AirReport)
    report = parse_status_report(air.tpdu)
    assert (report.tp_mr, report.recipient, report.status) == (0x2A, BOB, 0)
    assert (report.submitted_at, report.discharged_at) == (NOW - NOW % SECOND, later - later % SECOND)


def test_a_text_is_reported_once_however_often_it_is_acknowledged() -> None:
    smsc = _smsc(("contact:bob", BOB))
    (_, deliver) = told_in(smsc.handle(_submit(), NOW))
    told = [len(told_in(smsc.handle(AirDelivered(deliver.token), NOW))) for _ in range(2)]
    assert told == [1, 0]


def test_a_sender_that_asks_for_no_report_gets_none() -> None:
    smsc = _smsc(("contact:bob", BOB))
    (_, deliver) = told_in(smsc.handle(_submit(wants_report=False), NOW))
    assert list(smsc.handle(AirDelivered(deliver.token), NOW)) == []


def test_what_is_no_word_to_an_smsc_is_illegal_and_changes_nothing() -> None:
    smsc = _smsc(("contact:bob", BOB))
    before = rows(smsc)
    with pytest.raises(ProtocolError):
        smsc.handle(AirReport(b""), NOW)
    assert rows(smsc) == before


@pytest.mark.parametrize("act", [AirCall("+18005550111", ALICE, "missed", 0), AirMms("+18005550111", ALICE, b"")])
def test_what_is_no_text_to_nobody_comes_to_nothing(act: Any) -> None:
    assert [record.kind for record in records_in(_smsc().handle(act, NOW))] == ["no subscriber"]


@pytest.mark.parametrize("act", [AirCall(BOB, ALICE, "missed", 0), AirMms(BOB, ALICE, b"")])
def test_calls_and_mms_go_where_the_number_is(act: Any) -> None:
    commands = list(_smsc(("contact:bob", BOB)).handle(act, NOW))
    assert (_ports(commands), told_in(commands)) == (["@contact:bob"], [act])


def test_whatever_octets_the_director_wants_reach_the_handset() -> None:
    network = Network()
    (tpdu,) = deliver_tpdus("BANK", "hello", NOW, 1)
    network.do("smsc", DeliverPdu(ALICE, tpdu), DeliverPdu(ALICE, b"\x04"), DeliverPdu("+18005550111", tpdu))
    assert network.told() == [DeliverReceived(tpdu)]
    assert len(network.facts("radio", "unreadable")) == 1
    assert len(network.facts("radio", "no subscriber")) == 1


def test_two_phones_text_each_other() -> None:
    network = Network()
    other = Modem("modem:carol", Draws(1, "modem:carol"), CAROL)
    network.world.add(other)
    carol = Handset("phone:carol")
    network.world.add(carol)
    for sender, port, target in (("phone:carol", "radio", "modem:carol"), ("modem:carol", "phone", "phone:carol"),
                                 ("modem:carol", "smsc", "smsc")):  # fmt: skip
        network.world.wire(sender, port, target)
    network.do("smsc", Joined("modem:carol", CAROL))
    network.send(a_submit("m", "hi", to=CAROL))
    network.do("phone:carol", a_submit("n", "hello", to=ALICE))
    for handset, text in ((carol, "hi"), (network.handset, "hello")):
        delivers = [event for _, event in handset.told if isinstance(event, DeliverReceived)]
        assert [parse_deliver(deliver.pdu).text for deliver in delivers] == [text]
        assert len([event for _, event in handset.told if isinstance(event, StatusReport)]) == 1


def test_an_smsc_can_be_written_to_a_file() -> None:
    network = Network(rules=(Throttle(1, 5), DailyCap(3), Late(Fixed(5))))
    network.world.inject("phone", a_submit("m", "hi"))
    network.run(NOW)
    snapshot = network.world.snapshot()
    assert tuple(load(dump(tuple(snapshot)))) == tuple(snapshot)
    assert network.smsc.counts
