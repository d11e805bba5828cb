"""Acts on a radio and on a carrier are plain values: a story, a state file and a process can hand them on."""

from __future__ import annotations

from typing import Any

import pytest

from harness import modem
from harness.delays import Fixed, LogNormal, Mixture, Uniform
from harness.errors import UsageError
from harness.modem import (
    ANDROID,
    TUNNEL,
    AddRules,
    AnswerDialog,
    ChangeDelay,
    ChangeDelays,
    ChangeTelephony,
    ComeHome,
    DailyCap,
    Delays,
    DeliverPdu,
    Duplicate,
    FillStorage,
    FreeStorage,
    InsertSim,
    Late,
    LongCodeFilter,
    Lose,
    LoseService,
    Only,
    OutgoingLimit,
    PlanMms,
    PlanResults,
    PowerOff,
    PowerOn,
    Refuse,
    RegainService,
    RejectSegments,
    RemoveRules,
    RemoveSim,
    Reorder,
    Reports,
    RestartTelephony,
    Roam,
    ShowSender,
    Slow,
    SpamBlock,
    SwallowTexts,
    Throttle,
)
from harness.plain import dump, load

RULES = (
    Refuse(102, Only("+1*", "+18005550100", "win", (1, -1), 3, 1)),
    Slow(Fixed(5)),
    Throttle(3, 10),
    DailyCap(100, 106),
    SpamBlock(Only(text="casino")),
    LongCodeFilter(50),
    Lose(Only(segments=(2,))),
    Late(LogNormal(5, 0.5)),
    Reorder(),
    Duplicate(2, Uniform(1, 2)),
    ShowSender("BANK"),
    Reports(((Mixture(((1, Fixed(1)),)), 48), (Fixed(9), 0)), early=True),
)
VALUES = (
    *(LoseService(), RegainService(), PowerOff(), PowerOn(), Roam(7), ComeHome(), RemoveSim(), InsertSim(), TUNNEL),
    *(RejectSegments(102, 2, 1), PlanResults(((1, 5), (-1, 777)), 2), PlanMms(5, Fixed(9))),
    *(ChangeDelay("report", 5), ChangeDelays(Delays((1, 2))), AnswerDialog("deny", remember=True)),
    ChangeTelephony((("limit", OutgoingLimit(1, 2)), ("fixed_dialling", ("+1",)))),
    *(RestartTelephony(), FillStorage(), FreeStorage(), SwallowTexts(2, "BANK"), ANDROID),
    *(AddRules(RULES), RemoveRules("Lose"), DeliverPdu("+18005550100", b"\x04")),
)  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_comes_back_from_a_file_as_it_was(value: Any) -> None:
    assert load(dump(value)) == value


def test_every_act_and_rule_of_the_room_is_among_them() -> None:
    no_acts = {"Delays", "Modem", "Only", "OutgoingLimit", "Smsc", "Telephony"}
    kinds = {name for name in modem.__all__ if isinstance(getattr(modem, name), type)} - no_acts
    assert kinds == {type(value).__name__ for value in (*VALUES, *RULES)} - no_acts


@pytest.mark.parametrize("answer", ["", "yes", "Allow"])
def test_a_dialog_knows_two_answers(answer: str) -> None:
    with pytest.raises(UsageError):
        AnswerDialog(answer)


def test_a_network_has_two_delays() -> None:
    with pytest.raises(UsageError, match="no network has a delay called 'send'"):
        ChangeDelay("send", 1)
