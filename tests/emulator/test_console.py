"""The console's side: what hosts type becomes commands for the device, in order, whatever the pieces it comes in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.emulator.answers import MODEM_OFF, Answer, Ko, Ok
from harness.emulator.commands import LINE_BYTES_MAX, Command, GsmCall, GsmList, Kill, SmsSend
from harness.emulator.console import Asked, Console, Session
from harness.emulator.lines import line
from harness.errors import ProtocolError

TOKEN = "9/DO11I8NEPn1Yqv"
OPEN = Console("", "", "Pixel_7")
GUARDED = Console(TOKEN, "/somewhere/.emulator_console_auth_token", "Pixel_7")
PROMPT = b"Android Console: type 'help' for a list of commands\r\nOK\r\n"
UNKNOWN = b"KO: unknown command, try 'help'\r\n"


class Host:
    """Types at a console whose device answers everything in the same way."""

    def __init__(self, console: Console, answer: Answer | None = None) -> None:
        self.session = Session(console)
        self.greeting = self.session.take()
        self.asked: list[Command] = []
        self._answer = answer or Ok()

    def types(self, data: bytes, *, piece: int = 1 << 20) -> bytes:
        """What the console answers."""
        for at in range(0, len(data), piece):
            asked = self.session.feed(data[at : at + piece])
            while asked:
                self.asked.append(asked[0].command)
                asked = self.session.reply(self._answer)
        return self.session.take()


def test_a_console_with_a_token_says_how_to_show_it() -> None:
    assert Host(GUARDED).greeting == (
        b"Android Console: Authentication required\r\n"
        b"Android Console: type 'auth <auth_token>' to authenticate\r\n"
        b"Android Console: you can find your <auth_token> in \r\n"
        b"'/somewhere/.emulator_console_auth_token'\r\n"
        b"OK\r\n"
    )


def test_a_console_without_a_token_is_ready_at_once() -> None:
    host = Host(OPEN)
    assert host.greeting == PROMPT
    assert host.types(b"gsm list\n") == b"OK\r\n"
    assert host.asked == [GsmList()]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (b"ping\n", b"I am alive!\r\nOK\r\n"),
        (b"ping\r\n", b"I am alive!\r\nOK\r\n"),
        (b"pi\rng\n", b"I am alive!\r\nOK\r\n"),
        (b"ping\0 and whatever\n", b"I am alive!\r\nOK\r\n"),
        (b"avd name\n", b"Pixel_7\r\nOK\r\n"),
        (b"avd status\n", b"virtual device is running\r\nOK\r\n"),
        (b"\n", UNKNOWN),
        (b"ping", b""),
        (b"geo fix 1 2\n", UNKNOWN),
        (b"gsm\n", b"available sub-commands:\r\n    list\r\n"),
        (b"network nap\n", b"available sub-commands:\r\n    status\r\n"),
        (b"help\n", b"Android console commands:\r\n    help\r\n"),
        (b"sms send BANK a\n", b"KO: bad phone number format, must be [+](0-9)*\r\n"),
        (b"sms send 1 \\t\n", b"message must be utf8 and can use the following escapes:\r\n    \\n "),
    ],
)
@pytest.mark.parametrize("piece", [1, 1 << 20])
def test_the_console_answers_by_itself_what_is_not_the_devices(typed: bytes, answer: bytes, piece: int) -> None:
    host = Host(OPEN)
    said = host.types(typed, piece=piece)
    assert said.startswith(answer)
    assert said == answer or said.endswith((b"OK\r\n", b"sub-command\r\n", b"KO: badly formatted text\r\n"))
    assert host.asked == []


def test_nothing_is_the_devices_before_the_token_is_shown() -> None:
    host = Host(GUARDED)
    assert host.types(b"sms send 1 a\navd status\nkill\n").count(b"KO:") == 3
    assert host.types(b"auth\n") == b"KO: missing authentication token\r\n"
    wrong = b"KO: authentication token does not match ~/.emulator_console_auth_token\r\n"
    assert host.types(f"auth {TOKEN}x\nauth {TOKEN[:-1]}\nauth \n".encode()).startswith(2 * wrong)
    assert host.types(b"avd name\n") == b"Pixel_7\r\nOK\r\n"
    assert host.asked == []
    assert host.types(f"auth {TOKEN}\n".encode()) == PROMPT
    assert host.types(f"auth {TOKEN}\n".encode()) == UNKNOWN
    assert host.types(b"sms send 1 a\n") == b"OK\r\n"
    assert host.asked == [SmsSend("1", "a")]


def test_what_adb_sends_all_at_once_is_answered_in_order() -> None:
    host = Host(GUARDED, Ok(("inbound from 1          : active",)))
    said = host.types(f"auth {TOKEN}\ngsm list\nquit\nping\n".encode())
    assert said == PROMPT + b"inbound from 1          : active\r\nOK\r\n"
    assert host.session.is_over
    assert host.types(b"ping\n") == b""


def test_the_devices_refusal_is_said_and_the_talk_goes_on() -> None:
    host = Host(OPEN, MODEM_OFF)
    assert host.types(b"gsm call 5551\nping\n") == b"KO: modem emulation not running\r\nI am alive!\r\nOK\r\n"
    assert host.asked == [GsmCall("5551")]


def test_lines_that_come_while_the_device_is_asked_wait_for_its_answer() -> None:
    session = Session(OPEN)
    session.take()
    assert session.feed(b"gsm list\nping\ngsm call 1\n") == [Asked(GsmList())]
    assert session.feed(b"ping\n") == []
    assert session.take() == b""
    assert session.reply(Ok()) == [Asked(GsmCall("1"))]
    assert session.take() == b"OK\r\nI am alive!\r\nOK\r\n"
    assert session.reply(Ok()) == []
    assert session.take() == b"OK\r\nI am alive!\r\nOK\r\n"


def test_an_answer_to_nothing_is_illegal_and_changes_nothing() -> None:
    session = Session(OPEN)
    session.take()
    with pytest.raises(ProtocolError):
        session.reply(Ok())
    assert session.take() == b""
    assert not session.is_over


@pytest.mark.parametrize(("answer", "is_over"), [(Ok(), True), (Ko("not now"), False)])
def test_a_killed_emulator_takes_its_leave(answer: Answer, is_over: bool) -> None:
    host = Host(OPEN, answer)
    said = host.types(b"kill\n")
    assert said == (b"OK: killing emulator, bye bye\r\nOK\r\n" if is_over else b"KO: not now\r\n")
    assert host.asked == [Kill()]
    assert host.session.is_over is is_over


@pytest.mark.parametrize(
    "typed",
    [
        b"GET / HTTP/1.1\r\n",
        b"POST /sms%20send HTTP/1.0\n",
        b"CONNECT\tx\tHTTP/2 \t\n",
        b"GET HTTP/1.1\n",
        b"PUT /\xff HTTP/1.1\n",
    ],
)
def test_a_browser_is_sent_away(typed: bytes) -> None:
    host = Host(OPEN)
    assert host.types(typed + b"Host: localhost\r\n\r\nsms send 1 a\n") == b"KO: Forbidden HTTP request. Aborting\r\n"
    assert host.session.is_over
    assert host.asked == []


@pytest.mark.parametrize("typed", [b"GET\n", b"GET /\n", b"GET / HTTP/\n", b"get / HTTP/1.1\n", b"GETS / HTTP/1.1\n"])
def test_what_only_resembles_http_is_an_unknown_command(typed: bytes) -> None:
    host = Host(OPEN)
    assert host.types(typed) == UNKNOWN
    assert not host.session.is_over


@pytest.mark.parametrize("typed", [b"\xff\xfd\x01ping\n", b"sms send 1 \xe2\x82\n", b"sms send 1 \xed\xa0\x80\n"])
def test_what_is_no_utf8_ends_the_talk(typed: bytes) -> None:
    host = Host(OPEN)
    assert host.types(typed + b"ping\n") == b"KO: Forbidden binary request. Aborting\r\n"
    assert host.session.is_over


@pytest.mark.parametrize("piece", [1, 1000, LINE_BYTES_MAX, 1 << 20])
@pytest.mark.parametrize("buffers", [1, 2, 5])
def test_of_a_line_that_is_too_long_only_the_end_is_left(piece: int, buffers: int) -> None:
    host = Host(OPEN)
    assert host.types(b"x" * (buffers * LINE_BYTES_MAX) + b"ping\n", piece=piece) == b"I am alive!\r\nOK\r\n"
    assert host.types(b"x" * (buffers * LINE_BYTES_MAX - 1) + b"ping\n", piece=piece) == UNKNOWN


def test_the_longest_line_that_can_be_typed_arrives_whole() -> None:
    command = SmsSend("1", "x" * (LINE_BYTES_MAX - len("sms send 1 ")))
    host = Host(OPEN)
    assert host.types(f"{line(command)}\r\n".encode()) == b"OK\r\n"
    assert host.asked == [command]


@given(
    st.lists(
        st.one_of(
            st.sampled_from([b"ping", b"avd name", b"gsm list", b"sms send 1 \\u20ac", f"auth {TOKEN}".encode(), b""]),
            st.binary(max_size=30),
        ),
        max_size=12,
    ),
    st.sampled_from([b"\n", b"\r\n"]),
    st.integers(1, 40),
    st.sampled_from([OPEN, GUARDED]),
)
def test_the_pieces_that_it_comes_in_change_nothing(
    lines: list[bytes], end: bytes, piece: int, console: Console
) -> None:
    whole, pieces = Host(console), Host(console)
    typed = b"".join(said + end for said in lines)
    assert pieces.types(typed, piece=piece) == whole.types(typed)
    assert pieces.asked == whole.asked
    assert pieces.session.is_over is whole.session.is_over


def test_the_token_is_shown_nowhere() -> None:
    host = Host(GUARDED)
    said = host.greeting + host.types(f"auth {TOKEN[:-1]}\nhelp\nauth {TOKEN}\nhelp\n".encode())
    assert TOKEN.encode() not in said
    assert TOKEN not in repr(GUARDED) + repr(host.session)
