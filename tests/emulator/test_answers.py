"""Answers are laid out as the emulator lays them out, and every refusal that a user may meet has a remedy."""

from __future__ import annotations

import pytest

from harness.emulator import answers
from harness.emulator.answers import (
    Answer,
    Ko,
    Ok,
    answer_bytes,
    call_line,
    network_status,
    no_call,
    no_outgoing_call,
    power_display,
    registrations,
    remedy,
)


@pytest.mark.parametrize(
    ("answer", "data"),
    [
        (Ok(), b"OK\r\n"),
        (Ok(("I am alive!",)), b"I am alive!\r\nOK\r\n"),
        (Ok(("a\nb\r\nc",)), b"a\r\nb\r\nc\r\nOK\r\n"),
        (Ko("missing sub-command"), b"KO: missing sub-command\r\n"),
        (Ko("badly formatted text", ("why",)), b"why\r\nKO: badly formatted text\r\n"),
        (Ok(("\ud800",)), b"?\r\nOK\r\n"),
    ],
)
def test_an_answer_ends_with_ok_or_ko(answer: Answer, data: bytes) -> None:
    assert answer_bytes(answer) == data


@pytest.mark.parametrize(
    ("answer", "data"),
    [
        (registrations("off", "on"), b"gsm voice state: unregistered\r\ngsm data state:  home\r\nOK\r\n"),
        (
            Ok((call_line("inbound", "5551", "incoming"), call_line("outbound", "+18005550100", "active"))),
            b"inbound from 5551       : incoming\r\noutbound to  +18005550100 : active\r\nOK\r\n",
        ),
        (power_display([("AC", "online"), ("capacity", "85")]), b"AC: online\r\ncapacity: 85\r\nOK\r\n"),
        (
            network_status(14400, 0, 150, 550),
            b"Current network status:\r\n"
            b"  download speed:      14400 bits/s (1.8 KB/s)\r\n"
            b"  upload speed:            0 bits/s (0.0 KB/s)\r\n"
            b"  minimum latency:  150 ms\r\n"
            b"  maximum latency:  550 ms\r\n"
            b"OK\r\n",
        ),
        (no_call("5551"), b"KO: no current call to/from number '5551'\r\n"),
        (no_outgoing_call("5551"), b"KO: no current outbound call to number '5551' (call (nil))\r\n"),
    ],
)
def test_what_is_asked_for_is_laid_out_as_by_the_emulator(answer: Answer, data: bytes) -> None:
    assert answer_bytes(answer) == data


@pytest.mark.parametrize(
    ("reason", "part"),
    [
        ("authentication token does not match ~/.emulator_console_auth_token", "of the user who runs the emulator"),
        ("bad phone number format, must be [+](0-9)*", "`sms pdu`"),
        ("bad phone number format, use digits, # and + only", "digits, + and #"),
        ("badly formatted text", r"\uNNNN"),
        ("badly formatted <hexstring>", "SMS-DELIVER"),
        ("modem emulation not running", "telephony"),
        ("unknown command, try 'help'", "`help`"),
        (answers.CLOSED, "still runs"),
        (answers.LATE, "frozen"),
        (answers.NOBODY, "start the emulator"),
        (answers.NO_TOKEN, "give the token"),
        (answers.NOT_A_CONSOLE, "port of the console"),
        (answers.TOO_LONG, "shorter"),
        (answers.ABANDONED, "connect anew"),
    ],
)
def test_a_refusal_has_its_remedy(reason: str, part: str) -> None:
    assert part in remedy(reason)


def test_words_that_nobody_knows_have_none() -> None:
    assert remedy("the flux capacitor is empty") == ""


def test_no_remedy_hides_behind_another() -> None:
    reasons = [begin for begin, _ in answers.REMEDIES]
    assert [remedy(reason) for reason in reasons] == [words for _, words in answers.REMEDIES]
