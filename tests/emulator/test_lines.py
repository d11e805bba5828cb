"""A command is typed as a line that the console reads back, or it is not typed at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.emulator.commands import (
    HEALTHS,
    LINE_BYTES_MAX,
    REGISTRATIONS,
    STATUSES,
    Auth,
    AvdName,
    AvdStatus,
    Command,
    GsmAccept,
    GsmBusy,
    GsmCall,
    GsmCancel,
    GsmData,
    GsmHold,
    GsmList,
    GsmMeter,
    GsmSignal,
    GsmSignalProfile,
    GsmStatus,
    GsmVoice,
    Help,
    Kill,
    NetworkCaptureStart,
    NetworkCaptureStop,
    NetworkDelay,
    NetworkSpeed,
    NetworkStatus,
    Ping,
    PowerAc,
    PowerCapacity,
    PowerDisplay,
    PowerHealth,
    PowerPresent,
    PowerStatus,
    Quit,
    SmsPdu,
    SmsSend,
)
from harness.emulator.lines import line
from harness.emulator.vocabulary import BEFORE_AUTH, parsed
from harness.errors import UsageError

NUMBERS = st.from_regex(r"\+?[0-9]{1,32}", fullmatch=True)
CALLED = st.from_regex(r"[0-9+#]{1,20}", fullmatch=True)
COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.builds(SmsSend, NUMBERS, st.text(max_size=300)),
    st.builds(SmsPdu, st.binary(max_size=180).map(b"\0".__add__)),
    *(st.builds(kind, CALLED) for kind in (GsmCall, GsmAccept, GsmCancel, GsmBusy, GsmHold)),
    *(st.builds(kind, st.sampled_from(REGISTRATIONS)) for kind in (GsmVoice, GsmData)),
    *(st.builds(kind, st.booleans()) for kind in (GsmMeter, PowerAc, PowerPresent)),
    st.builds(GsmSignal, st.integers(0, 31) | st.just(99), st.none() | st.integers(0, 7) | st.just(99)),
    st.builds(GsmSignalProfile, st.integers(0, 4)),
    st.builds(PowerStatus, st.sampled_from(STATUSES)),
    st.builds(PowerHealth, st.sampled_from(HEALTHS)),
    st.builds(PowerCapacity, st.integers(0, 100)),
    st.builds(NetworkSpeed, st.sampled_from(["gsm", "full", "5g", "14.4", "28.8:57.6"])),
    st.builds(NetworkDelay, st.sampled_from(["gprs", "none", "150", "150:550"])),
    st.builds(NetworkCaptureStart, st.just("/tmp/all packets.pcap")),
    st.builds(Help, st.sampled_from(["", "sms", "gsm call"])),
    st.sampled_from([GsmList(), GsmStatus(), PowerDisplay(), NetworkStatus(), NetworkCaptureStop(), AvdName()]),
    st.sampled_from([AvdStatus(), Ping(), Kill(), Quit()]),
)


@given(COMMANDS)
def test_any_command_that_is_typed_is_read_as_it_was(command: Command) -> None:
    assert parsed(line(command)) == command


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs"]), min_size=1))
def test_a_token_is_read_as_it_was_and_shown_nowhere(token: str) -> None:
    command = Auth(token)
    assert BEFORE_AUTH.parsed(line(command)) == command
    assert repr(command) == "Auth()"


@pytest.mark.parametrize(
    ("command", "part"),
    [
        (SmsSend("BANK", "your code"), "use `sms pdu`"),
        (SmsSend("+1 800", "a"), "leave out blanks and control characters"),
        (SmsSend("", "a"), ""),
        (SmsPdu(b""), ""),
        (SmsPdu(b"\x07\x91"), "SMS-DELIVER"),
        (GsmCall("Bank"), "digits, + and #"),
        (GsmCall("1\nkill"), "digits, + and #"),
        (GsmAccept("1\nkill"), "leave out blanks and control characters"),
        (GsmHold(" 1"), "leave out blanks and control characters"),
        (GsmBusy("\ud800"), "leave out blanks and control characters"),
        (GsmVoice("asleep"), ""),
        (GsmSignal(20, 9), ""),
        (PowerCapacity(101), ""),
        (NetworkSpeed(""), ""),
        (Auth("a\nkill"), "leave out blanks and control characters"),
    ],
)
def test_what_the_console_would_not_understand_is_not_typed(command: Command, part: str) -> None:
    with pytest.raises(UsageError) as caught:
        line(command)
    assert str(caught.value).startswith(f"{command.words}: ")
    assert part in str(caught.value)


@pytest.mark.parametrize(("char", "size"), [("a", 1), ("é", 2), ("€", 3), ("\n", 2), ("😀", 12)])
def test_a_line_is_never_longer_than_the_consoles_buffer(char: str, size: int) -> None:
    room = LINE_BYTES_MAX - len("sms send 500 ")
    fits = SmsSend("500", char * (room // size))
    assert len(line(fits).encode()) <= LINE_BYTES_MAX
    with pytest.raises(UsageError, match=r"sms send: too long for a line of the console \(\d+ bytes of 4095\)"):
        line(SmsSend("500", char * (room // size + 1)))


def test_a_secret_that_cannot_be_typed_is_not_told() -> None:
    for token in ("hidden\nkill", "hidden" * 1000, " hidden"):
        with pytest.raises(UsageError) as caught:
            line(Auth(token))
        assert "hidden" not in str(caught.value) + repr(caught.value)
