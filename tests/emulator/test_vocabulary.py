"""The console reads what the emulator reads, and refuses the rest in the emulator's words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.emulator.answers import Ko, Ok
from harness.emulator.commands import (
    Command,
    GsmAccept,
    GsmList,
    GsmSignal,
    GsmSignalProfile,
    Help,
    NetworkDelay,
    NetworkSpeed,
    Ping,
    PowerAc,
    PowerCapacity,
    PowerPresent,
    PowerStatus,
    Quit,
    SmsPdu,
    SmsSend,
)
from harness.emulator.vocabulary import AFTER_AUTH, BEFORE_AUTH, parsed


@given(st.text(st.sampled_from("smendgalc cu+0195\\n%x\t'é😀")) | st.text())
def test_every_line_is_a_command_or_is_refused(typed: str) -> None:
    for vocabulary in (BEFORE_AUTH, AFTER_AUTH):
        vocabulary.parsed(typed)
        vocabulary.parsed(f"sms send {typed}")
        vocabulary.helped(typed)


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("sms send +18005550100 Hello  you ", SmsSend("+18005550100", "Hello  you ")),
        ("sms   send  500  two blanks", SmsSend("500", " two blanks")),
        (r"sms send 500 \x41\n\u20ac", SmsSend("500", "A\n€")),
        ("sms pdu 0004", SmsPdu(b"\x00\x04")),
        ("sms pdu 07Aa" + "00" * 7, SmsPdu(bytes([7, 0xAA]) + bytes(7))),
        ("gsm accept anybody at all", GsmAccept("anybody at all")),
        ("gsm list whatever", GsmList()),
        ("gsm signal 99", GsmSignal(99)),
        ("gsm signal 20 \t3 and more", GsmSignal(20, 3)),
        ("gsm signal-profile 4x", GsmSignalProfile(4)),
        ("power ac ON", PowerAc(on=True)),
        ("power present false", PowerPresent(present=False)),
        ("power status Not-Charging", PowerStatus("not-charging")),
        ("power capacity 50%", PowerCapacity(50)),
        ("network speed 5gmetered", NetworkSpeed("5gmetered")),
        ("network delay 100:200", NetworkDelay("100:200")),
        ("h", Help()),
        ("? sms", Help("sms")),
        ("help-verbose", Help()),
        ("ping you", Ping()),
        ("exit", Quit()),
    ],
)
def test_the_console_reads_what_the_emulator_reads(typed: str, command: Command) -> None:
    assert parsed(typed) == command


MISSING_TEXT = "missing argument, try 'sms send <phonenumber> <text message>'"
BAD_SENDER = "bad phone number format, must be [+](0-9)*"
BAD_CALLER = "bad phone number format, use digits, # and + only"
STATUS_USAGE = 'Usage: "status unknown|charging|discharging|not-charging|full"'


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "unknown command, try 'help'"),
        (" ping", "unknown command, try 'help'"),
        ("pingpong", "unknown command, try 'help'"),
        ("PING", "unknown command, try 'help'"),
        ("geo fix 1 2", "unknown command, try 'help'"),
        ("auth abc", "unknown command, try 'help'"),
        ("sms", "missing sub-command"),
        ("sms  ", "missing sub-command"),
        ("sms receive 1 2", " bad sub-command"),
        ("network capture pause", " bad sub-command"),
        ("sms send", MISSING_TEXT),
        ("sms send +18005550100", MISSING_TEXT),
        ("sms send BANK your code", BAD_SENDER),
        ("sms send + text", BAD_SENDER),
        ("sms send 1-800 text", BAD_SENDER),
        ("sms send ++1 text", BAD_SENDER),
        (f"sms send {'1' * 33} text", BAD_SENDER),
        (r"sms send 500 C:\temp", "badly formatted text"),
        ("sms pdu", "missing argument, try 'sms sendpdu <hexstring>'"),
        ("sms pdu 000", "badly formatted <hexstring>"),
        ("sms pdu 00 04", "badly formatted <hexstring>"),
        ("sms pdu 0G", "badly formatted <hexstring>"),
        ("sms pdu 0391", "badly formatted <hexstring>"),
        ("gsm call", "missing argument, try 'gsm call <phonenumber>'"),
        ("gsm call 1 2", BAD_CALLER),
        ("gsm cancel", "missing argument, try 'gsm call <phonenumber>'"),
        ("gsm cancel Bank", BAD_CALLER),
        ("gsm busy", "missing argument, try 'gsm busy <phonenumber>'"),
        ("gsm status now", "no argument required"),
        ("gsm voice", "missing argument, try 'gsm voice <state>'"),
        ("gsm voice Home", "bad GSM data state name, try 'help gsm voice' for list of valid values"),
        ("gsm data home ", "bad GSM data state name, try 'help gsm data' for list of valid values"),
        ("gsm meter maybe", "bad GSM meter state name, try 'help gsm meter' for list of valid values"),
        ("gsm signal", "not enough arguments: see 'help gsm signal' for details"),
        ("gsm signal strong", "argument 'strong' is not a number"),
        ("gsm signal 20 b", "argument 'b' is not a number"),
        ("gsm signal 32", "invalid RSSI - must be 0..31 or 99"),
        ("gsm signal 31 8", "invalid BER - must be 0..7 or 99"),
        ("gsm signal-profile", "argument '' is not a number"),
        ("gsm signal-profile 5", "invalid signal strength - must be 0..4"),
        ("power ac maybe", 'Usage: "ac on" or "ac off"'),
        ("power status", STATUS_USAGE),
        ("power present yes", 'Usage: "present true" or "present false"'),
        ("power health ill", 'Usage: "health unknown|good|overheat|dead|overvoltage|failure"'),
        ("power capacity 101", 'Usage: "capacity <percentage>"'),
        ("network speed", "missing <speed> argument, see 'help network speed'"),
        ("network speed fast", "invalid <speed> argument, see 'help network speed' for valid values"),
        ("network delay full", "invalid <delay> argument, see 'help network delay' for valid values"),
        ("network capture start", "missing <file> argument, see 'help network capture start'"),
    ],
)
def test_what_is_no_command_is_refused_in_the_emulators_words(typed: str, words: str) -> None:
    answer = parsed(typed)
    assert isinstance(answer, Ko)
    assert answer.words == words


@pytest.mark.parametrize("typed", ["ping", "help", "avd name", "auth abc", "quit", "exit"])
def test_little_is_known_before_the_token_is_shown(typed: str) -> None:
    assert not isinstance(BEFORE_AUTH.parsed(typed), Ko)


@pytest.mark.parametrize("typed", ["sms send 500 a", "avd status", "kill", "auth", "gsm list", ""])
def test_most_is_unknown_before_the_token_is_shown(typed: str) -> None:
    assert isinstance(BEFORE_AUTH.parsed(typed), Ko)


@pytest.mark.parametrize(
    ("about", "part"),
    [("", "    gsm"), ("sms", "    pdu"), ("?", "?"), ("sms send", "sms send"), ("network capture", "    stop")],
)
def test_help_tells_which_commands_there_are(about: str, part: str) -> None:
    answer = AFTER_AUTH.helped(about)
    assert isinstance(answer, Ok)
    assert any(part in said for said in answer.lines)


@pytest.mark.parametrize("about", ["geo", "sms receive", "auth"])
def test_help_knows_nothing_about_what_is_no_command(about: str) -> None:
    answer = AFTER_AUTH.helped(about)
    assert isinstance(answer, Ko)
    assert answer.words == "unknown command"
