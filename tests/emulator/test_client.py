"""A host's side: each command gets what the console says about it, and a refusal becomes an error with a remedy."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.emulator.answers import Ko, Ok, answer_bytes
from harness.emulator.client import ANSWER_BYTES_MAX, Broken, ConsoleTalk, Heard, Ready, Refused, Replied
from harness.emulator.commands import Command, GsmCall, GsmList, Help, Kill, Ping, Quit, SmsSend
from harness.emulator.console import Console, Session
from harness.errors import ConsoleError, ProtocolError, UsageError

TOKEN = "9/DO11I8NEPn1Yqv"
SERIAL = "emulator-5554"
OPEN = Console("", "", "Pixel_7")
GUARDED = Console(TOKEN, "/somewhere/.emulator_console_auth_token", "Pixel_7")
PROMPT = b"Android Console: type 'help' for a list of commands\r\nOK\r\n"


def ready() -> ConsoleTalk:
    talk = ConsoleTalk(SERIAL)
    assert talk.feed(PROMPT) == [Ready()]
    return talk


def said_by(talk: ConsoleTalk, data: bytes, piece: int = 1 << 20) -> list[Heard]:
    return [heard for at in range(0, len(data), piece) for heard in talk.feed(data[at : at + piece])]


def error_of(heard: list[Heard]) -> ConsoleError:
    assert len(heard) == 1
    assert isinstance(heard[0], Refused | Broken)
    return heard[0].error


@dataclass
class Joined:
    """Both ends of a talk, back to back."""

    session: Session
    talk: ConsoleTalk
    heard: list[Heard] = field(default_factory=list)

    def run(self) -> list[Heard]:
        """Until nothing more is said; what the host has heard."""
        while (told := self.session.take()) or (typed := self.talk.take()):
            if told:
                self.heard += self.talk.feed(told)
            else:
                asked = self.session.feed(typed)
                while asked:
                    asked = self.session.reply(Ok((repr(asked[0].command),)))
        heard, self.heard = self.heard, []
        return heard


@pytest.mark.parametrize(("console", "token"), [(OPEN, ""), (OPEN, TOKEN), (GUARDED, TOKEN)])
def test_the_token_is_shown_to_a_console_that_asks_for_it(console: Console, token: str) -> None:
    both = Joined(Session(console), ConsoleTalk(SERIAL, token))
    assert both.run() == [Ready()]
    both.talk.ask(GsmList())
    assert both.run() == [Replied(("GsmList()",))]


@given(st.lists(st.builds(SmsSend, st.just("+18005550100"), st.text(max_size=200)), max_size=5))
def test_what_is_asked_is_what_the_device_gets(commands: list[Command]) -> None:
    both = Joined(Session(GUARDED), ConsoleTalk(SERIAL, TOKEN))
    both.run()
    for command in commands:
        both.talk.ask(command)
        assert both.run() == [Replied((repr(command),))]


@pytest.mark.parametrize(
    ("token", "words", "part"),
    [
        ("another", "auth: authentication token does not match", "of the user who runs the emulator"),
        ("", "the console asks for a token, and none is there to show", "give the token"),
        ("", "(it says that the token is in '/somewhere/.emulator_console_auth_token')", "give the token"),
    ],
)
def test_without_the_right_token_there_is_no_talk(token: str, words: str, part: str) -> None:
    both = Joined(Session(GUARDED), ConsoleTalk(SERIAL, token))
    error = error_of(both.run())
    assert words in str(error)
    assert part in error.remedy
    assert error.serial == SERIAL
    with pytest.raises(ConsoleError):
        both.talk.ask(Ping())


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"OK\r\n", ()),
        (b"OK\n", ()),
        (b"I am alive!\r\nOK\r\n", ("I am alive!",)),
        (b"OK: killing emulator, bye bye\r\nOK\r\n", ("OK: killing emulator, bye bye",)),
        (b"\r\nOKAY\r\n OK\r\nOK\r\n", ("", "OKAY", " OK")),
        (b"caf\xc3\xa9 \xff\r\nOK\r\n", ("café �",)),
    ],
)
def test_an_answer_is_what_stands_before_its_ok(data: bytes, lines: tuple[str, ...], piece: int) -> None:
    talk = ready()
    talk.ask(Ping())
    assert talk.take() == b"ping\n"
    assert said_by(talk, data, piece) == [Replied(lines)]


@pytest.mark.parametrize(
    ("command", "words", "part"),
    [
        (SmsSend("1", "a"), "bad phone number format, must be [+](0-9)*", "a sender with letters is impossible there"),
        (SmsSend("1", "a"), "modem emulation not running", "telephony"),
        (SmsSend("1", "a"), "unknown command, try 'help'", "`help` lists"),
        (GsmCall("1"), "could not cancel this number", ""),
        (Help("x"), " bad sub-command", ""),
    ],
)
@pytest.mark.parametrize("piece", [1, 1 << 20])
def test_a_refusal_is_an_error_with_a_remedy_and_the_talk_goes_on(
    command: Command, words: str, part: str, piece: int
) -> None:
    talk = ready()
    talk.ask(command)
    error = error_of(said_by(talk, answer_bytes(Ko(words, ("because",))), piece))
    assert error.serial == SERIAL
    assert error.command == command.words
    assert str(error).startswith(f"{SERIAL}: {command.words}: {words.strip()}")
    assert part in error.remedy
    talk.ask(Ping())
    assert talk.feed(b"I am alive!\r\nOK\r\n") == [Replied(("I am alive!",))]


@pytest.mark.parametrize("data", [b"", b"inbound from 1", b"inbound from 1 : active\r\n", b"OK"])
def test_a_console_that_closes_in_mid_command_breaks_the_talk(data: bytes) -> None:
    talk = ready()
    talk.ask(GsmList())
    assert talk.feed(data) == []
    error = error_of(talk.ended())
    assert str(error).startswith(
        f"{SERIAL}: gsm list: the console closed the connection before its answer was complete"
    )
    assert "still runs" in error.remedy
    assert talk.ended() == []
    with pytest.raises(ConsoleError):
        talk.ask(Ping())


@pytest.mark.parametrize("command", [Quit(), Kill()])
def test_a_console_that_was_told_to_close_has_done_so(command: Command) -> None:
    talk = ready()
    talk.ask(command)
    talk.feed(b"OK: killing emulator, bye bye\r\n")
    assert talk.ended() == [Replied(("OK: killing emulator, bye bye",))]


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 400 Bad Request\r\n",
        b"OK\r\n",
        b"KO: go away\r\n",
        b"\r\n",
        b"Android Console" + b"x" * ANSWER_BYTES_MAX,
        b"Android Console\r\n" * (ANSWER_BYTES_MAX // 10),
    ],
)
def test_what_is_no_console_is_recognised(data: bytes) -> None:
    error = error_of(said_by(ConsoleTalk(SERIAL, TOKEN), data, 4096))
    assert "no console" in str(error)
    assert "port" in error.remedy


def test_a_console_that_asks_for_the_token_again_and_again_gets_it_once() -> None:
    talk = ConsoleTalk(SERIAL, TOKEN)
    greeting = GUARDED.greeting()
    assert talk.feed(greeting) == []
    assert talk.take() == f"auth {TOKEN}\n".encode()
    assert talk.feed(greeting) == [Ready()]
    assert talk.take() == b""


def test_an_answer_to_nothing_breaks_the_talk() -> None:
    talk = ready()
    assert "no console" in str(error_of(talk.feed(b"OK\r\n")))
    assert talk.feed(b"OK\r\n") == []


def test_a_command_is_asked_when_it_is_time() -> None:
    talk = ConsoleTalk(SERIAL)
    with pytest.raises(ProtocolError):
        talk.ask(Ping())
    talk.feed(PROMPT)
    talk.ask(Ping())
    with pytest.raises(ProtocolError):
        talk.ask(Ping())
    assert talk.take() == b"ping\n"


def test_a_command_that_cannot_be_typed_leaves_the_talk_as_it_was() -> None:
    talk = ready()
    with pytest.raises(UsageError, match="sms pdu"):
        talk.ask(SmsSend("BANK", "a"))
    assert talk.take() == b""
    talk.ask(Ping())
    assert talk.take() == b"ping\n"


def test_after_it_was_given_up_a_talk_hears_nothing() -> None:
    talk = ready()
    talk.ask(Ping())
    talk.give_up(ConsoleError(SERIAL, "ping", "given up"))
    assert talk.feed(b"OK\r\n") == []
    assert talk.ended() == []
    with pytest.raises(ConsoleError, match="given up"):
        talk.ask(Ping())


def test_a_console_that_repeats_the_token_does_not_bring_it_into_an_error() -> None:
    talk = ConsoleTalk(SERIAL, TOKEN)
    talk.feed(GUARDED.greeting())
    error = error_of(talk.feed(f"KO: unknown command auth {TOKEN}\r\n".encode()))
    assert TOKEN not in str(error) + repr(error) + repr(error.args) + repr(talk)


@given(st.lists(st.sampled_from([b"OK\r\n", b"KO: no\r\n", b"Android Console: x\r\n", b"'x\r\n", b"\xff", b"\n"])))
def test_whatever_the_console_says_the_talk_stays_in_order(said: list[bytes]) -> None:
    talk = ConsoleTalk(SERIAL, TOKEN)
    for data in said:
        talk.feed(data)
        if talk.is_ready:
            talk.ask(Ping())
            break
    talk.ended()
    assert talk.is_over
