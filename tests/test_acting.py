"""Deeds as commands: every one of them has somebody to do it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.acting import BINDINGS, LOG_IN, Scene, commands_of
from harness.core import LetThrough, Pause, Resume, Tell
from harness.deeds import SHAPES, parse_deed
from harness.errors import UsageError
from harness.handset import Handset
from harness.instants import SECOND
from harness.modem import (
    PER_HALF_HOUR,
    PER_MINUTE,
    ChangeDelay,
    ChangeTelephony,
    ComeHome,
    FillStorage,
    FreeStorage,
    InsertSim,
    LoseService,
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
)
from harness.parties import CallNumber, WriteText
from harness.phone import (
    Boot,
    ChangeCharging,
    ChangeSettings,
    InsertCard,
    LoseNetwork,
    NewRegistrationToken,
    OpenApp,
    PowerOffHandset,
    Reboot,
    RegainNetwork,
    RemoveCard,
    SwitchSim,
    TypeEncryptionKey,
)

ONE, TWO, FRIEND = "+18005550199", "+18005550200", "+18005550101"
PHONE, RADIO, RADIO2, SOMEBODY = "@phone:alice", "@modem:alice", "@modem:alice/2", "@contact:everybody"


def commands(line: str, *numbers: str, to: str | None = None) -> list[Any]:
    modems = ("modem:alice", "modem:alice/2")[: len(numbers)]
    return list(
        commands_of(parse_deed(line), Scene(Handset("alice", numbers, modems), "contact:everybody", "token-2", to))
    )


def both(event: Any) -> list[Any]:
    return [(RADIO, event), (RADIO2, event)]


def test_every_deed_but_the_login_has_somebody_to_do_it() -> None:
    assert {*BINDINGS, LOG_IN} == set(SHAPES)


DOWN = [(RADIO, PowerOff()), (RADIO2, PowerOff()), (RADIO, RestartTelephony()), (RADIO2, RestartTelephony())]

BOTH: list[tuple[str, list[Any]]] = [
    ("off", [(PHONE, PowerOffHandset()), *DOWN]),
    ("on", [(PHONE, Boot()), (RADIO, PowerOn()), (RADIO2, PowerOn())]),
    ("reboot", [(PHONE, Reboot()), *DOWN, (RADIO, PowerOn()), (RADIO2, PowerOn())]),
    ("open app", [(PHONE, OpenApp())]),
    ("airplane mode on", [(PHONE, LoseNetwork()), (RADIO, PowerOff()), (RADIO2, PowerOff())]),
    ("airplane mode off", [(PHONE, RegainNetwork()), (RADIO, PowerOn()), (RADIO2, PowerOn())]),
    ("radio off", [(RADIO, PowerOff()), (RADIO2, PowerOff())]),
    ("service none", [(RADIO, LoseService()), (RADIO2, LoseService())]),
    ("service full", [(RADIO, RegainService()), (RADIO2, RegainService())]),
    ("reject radio_off 3", [(RADIO, RejectSegments(2, 3)), (RADIO2, RejectSegments(2, 3))]),
    ("reject 124", [(RADIO, RejectSegments(124, 1)), (RADIO2, RejectSegments(124, 1))]),
    ("roam", both(Roam())),
    ("roam network_reject", both(Roam(10))),
    ("come home", both(ComeHome())),
    ("storage full", both(FillStorage())),
    ("storage free", both(FreeStorage())),
    ("swallow 2", both(SwallowTexts(2))),
    ("outgoing limit minute", both(ChangeTelephony((("limit", PER_MINUTE),)))),
    ("outgoing limit half-hour", both(ChangeTelephony((("limit", PER_HALF_HOUR),)))),
    ("outgoing limit off", both(ChangeTelephony((("limit", None),)))),
    ("short codes ask", both(ChangeTelephony((("short_codes", True),)))),
    ("short codes allow", both(ChangeTelephony((("short_codes", False),)))),
    (f"fixed dialling {FRIEND}", both(ChangeTelephony((("fixed_dialling", (FRIEND,)),)))),
    ("fixed dialling off", both(ChangeTelephony((("fixed_dialling", None),)))),
    ("delay accept 2s", both(ChangeDelay("accept", 2 * SECOND))),
    ("delay report 1s", both(ChangeDelay("report", SECOND))),
    ("results 1:radio_off,-1:124 2", both(PlanResults(((1, 2), (-1, 124)), 2))),
    ("mms io_error", both(PlanMms(5))),
    ("mms ok", both(PlanMms())),
    ("remove sim 2", [(PHONE, RemoveCard(2)), (RADIO2, RemoveSim())]),
    ("insert sim 1", [(PHONE, InsertCard(1)), (RADIO, InsertSim())]),
    ("charging on", [(PHONE, ChangeCharging(True))]),
    ("switch sim2 calls on", [(PHONE, SwitchSim(2, "calls", True))]),
    ("encrypt received off", [(PHONE, ChangeSettings((("encrypt_received", False),)))]),
    ("encryption key Pass word", [(PHONE, TypeEncryptionKey("Pass word"))]),
    ("server http://a", [(PHONE, ChangeSettings((("server_url", "http://a"),)))]),
    ("new token", [(PHONE, NewRegistrationToken("token-2"))]),
    (f"text {FRIEND} Hi", [(SOMEBODY, WriteText(ONE, "Hi", FRIEND))]),
    (f"call {FRIEND} answered", [(SOMEBODY, CallNumber(ONE, "answered", FRIEND))]),
]


@pytest.mark.parametrize(("line", "told"), BOTH, ids=[line for line, _ in BOTH])
def test_a_deed_tells_the_phone_its_radios_and_the_people_around(line: str, told: list[Any]) -> None:
    assert commands(line, ONE, TWO) == [Tell(port, event) for port, event in told]


@pytest.mark.parametrize(("line", "kind"), [("pause", Pause), ("step", LetThrough), ("resume", Resume)])
def test_a_phone_is_paused_and_let_go_by_the_world(line: str, kind: Any) -> None:
    assert commands(line, ONE) == [kind("phone:alice")]


@pytest.mark.parametrize(("to", "number"), [(None, ONE), (ONE, ONE), (TWO, TWO)])
def test_somebody_texts_and_calls_the_number_that_is_named(to: str | None, number: str) -> None:
    assert commands("text BANK Hi", ONE, TWO, to=to) == [Tell(SOMEBODY, WriteText(number, "Hi", "BANK"))]
    assert commands("call unknown", ONE, TWO, to=to) == [Tell(SOMEBODY, CallNumber(number, "missed", ""))]


@pytest.mark.parametrize("line", ["remove sim 2", "insert sim 2"])
def test_a_card_without_a_place_is_refused(line: str) -> None:
    with pytest.raises(UsageError, match=r"\+18005550199 has one SIM"):
        commands(line, ONE)


@pytest.mark.parametrize("line", ["reject foo", "roam foo", "results 1:foo", "mms foo", "mms RADIO_OFF"])
def test_a_result_that_android_does_not_have_is_refused(line: str) -> None:
    with pytest.raises(UsageError, match=r"FOO|RADIO_OFF"):
        commands(line, ONE)
