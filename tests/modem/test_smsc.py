"""The SMSC: who gets a text, and who hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core import Command, Record, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.instants import SECOND
from harness.modem import Smsc
from harness.modem.smsc import EVERYONE
from harness.radio import AirDeliver, AirDelivered, AirReport, AirSubmit, AirSubmitted, Joined
from harness.sms import divide, parse_deliver, parse_status_report, submit_tpdus
from tests.phone.kit import ALICE, BOB, NOW, rows, told_in


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
