"""Each command has its words, and the console knows them."""

from __future__ import annotations

import pytest

from harness.emulator import commands
from harness.emulator.answers import Ko
from harness.emulator.commands import (
    Auth,
    Command,
    GsmCall,
    GsmMeter,
    GsmSignal,
    GsmVoice,
    Help,
    NetworkCaptureStop,
    PowerPresent,
    SmsPdu,
    SmsSend,
)
from harness.emulator.vocabulary import AFTER_AUTH, BEFORE_AUTH


@pytest.mark.parametrize(
    ("command", "words", "argument"),
    [
        (SmsSend("500", "a\n\\"), "sms send", r"500 a\n\\"),
        (SmsPdu(b"\x00\x04"), "sms pdu", "0004"),
        (GsmCall("+1"), "gsm call", "+1"),
        (GsmVoice("home"), "gsm voice", "home"),
        (GsmSignal(20), "gsm signal", "20"),
        (GsmSignal(20, 3), "gsm signal", "20 3"),
        (GsmMeter(on=False), "gsm meter", "off"),
        (PowerPresent(present=True), "power present", "true"),
        (NetworkCaptureStop(), "network capture stop", ""),
        (Help("sms"), "help", "sms"),
    ],
)
def test_a_command_has_its_words_and_the_argument_after_them(command: Command, words: str, argument: str) -> None:
    assert (command.words, command.argument) == (words, argument)


def test_every_command_has_its_words_in_one_of_the_vocabularies() -> None:
    kinds = [value for value in vars(commands).values() if isinstance(getattr(value, "words", None), str)]
    assert len(kinds) > 30
    for kind in kinds:
        known = BEFORE_AUTH if kind is Auth else AFTER_AUTH
        assert known.parsed(kind.words) != Ko("unknown command, try 'help'")
