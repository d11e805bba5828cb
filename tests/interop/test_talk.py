"""Who talks to a runner: tables of what happens and what is done then, and whatever a runner may do."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ProtocolError
from harness.instants import SECOND, Instant
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Garbled, NotRun, Outcome, Refused, Silent, Skipped
from harness.interop.talk import (
    Begun,
    CloseInput,
    Command,
    Ended,
    Event,
    Kill,
    Limits,
    LinesRead,
    LineTooLong,
    NotStarted,
    OutputClosed,
    RunnerTalk,
    Start,
    Started,
    TimeUp,
    Write,
)

LIMITS = Limits(per_call_s=10, start_s=30, end_s=5, window=3, deaths=2, crashes=2, silences=2, starts=2)
CALLS = [Decrypt("k", text) for text in ("c0", "c1", "c2", "c3", "c4")]
EXIT_3 = Ended("exit status 3", "boom")
KILLED = Ended("SIGKILL")
LEFT = Ended("exit status 0")
Step = tuple[Event | int, str]
"""What happens (or how much time passes), and what is to be done then."""


def says(*answers: dict[str, Any] | bytes) -> LinesRead:
    return LinesRead([one if isinstance(one, bytes) else json.dumps(one).encode() for one in answers])


def texts(*ids: int) -> LinesRead:
    """Answers to calls, each with a text of its own."""
    return says(*({"id": number, "text": f"t{number}"} for number in ids))


def hello(number: int = 1, **other: Any) -> LinesRead:
    return says({"id": number, "protocol": 1, "name": "r", "version": "1", "can": ["decrypt", "encrypt"], **other})


def after(seconds: int) -> int:
    """Time passes."""
    return seconds * SECOND


def shown(command: Command) -> str:
    """What a write asks, by the ids; the other commands by their names."""
    if not isinstance(command, Write):
        return {Start: "start", CloseInput: "close", Kill: "kill"}[type(command)]
    asked = [json.loads(line) for line in command.data.splitlines()]
    words = [one["op"] if one["op"] in ("hello", "bye") else str(one["id"]) for one in asked]
    return "+".join(words)


def play(machine: RunnerTalk, steps: Sequence[Step]) -> None:
    """Does one step after the other, and compares what is to be done; a time that passes ends with `TimeUp`."""
    now: Instant = 0
    for happens, expected in steps:
        if isinstance(happens, int):
            now += happens
        event: Event = TimeUp() if isinstance(happens, int) else happens
        assert " ".join(map(shown, machine.handle(event, now))) == expected, (happens, machine.talked)


BEGIN: list[Step] = [(Begun(), "start"), (Started(), "hello")]
GREETED: list[Step] = [*BEGIN, (hello(), "2+3+4")]
LEAVE: list[Step] = [(texts(2, 3, 4), "5+6"), (texts(5, 6), "bye close")]


def again(number: int, asked: str, **other: Any) -> list[Step]:
    """The process that was started anew says hello under this id."""
    return [(Started(), "hello"), (hello(number, **other), asked)]


def bye(number: int) -> list[Step]:
    """It leaves as it should."""
    return [(says({"id": number}), ""), (LEFT, "")]


@dataclass
class Told:
    """What is expected at the end."""

    outcomes: str
    complaints: list[str] = field(default_factory=list)
    restarts: int = 0
    more: list[Outcome] = field(default_factory=list)


def word(outcome: Outcome) -> str:
    """An outcome in one word, for tables."""
    match outcome:
        case Decrypted(text):
            return text
        case Crashed():
            return "crashed"
        case other:
            return type(other).__name__.lower()


GIVEN_UP = "it was given up"
DIES = "it dies at calls that it answers when asked again"
NO_FLUSH = "it said no hello within 30 s (does it flush its output after each line?)"
SCRIPTS: dict[str, tuple[list[Step], Told]] = {
    "a runner that does what it should": (
        [*GREETED, *LEAVE, (says({"id": 7}), ""), (OutputClosed(), ""), (LEFT, "")],
        Told("t2 t3 t4 t5 t6"),
    ),
    "each answer makes room for the next call": (
        [*GREETED, (texts(2), "5"), (texts(3), "6"), (texts(4), ""), (texts(5), ""), (texts(6), "bye close"), *bye(7)],
        Told("t2 t3 t4 t5 t6"),
    ),
    "it cannot be started": (
        [(Begun(), "start"), (NotStarted("foo: not found"), "")],
        Told("notrun " * 5, [f"{GIVEN_UP}: it cannot be started: foo: not found"]),
    ),
    "it ends before hello": (
        [*BEGIN, (OutputClosed(), ""), (EXIT_3, "")],
        Told("notrun " * 5, [f"{GIVEN_UP}: it ended before it said hello, with exit status 3: boom"]),
    ),
    "it says no hello": (
        [*BEGIN, (after(29), ""), (after(1), "kill"), (KILLED, "")],
        Told("notrun " * 5, [f"{GIVEN_UP}: {NO_FLUSH}"]),
    ),
    "it closes its output before hello": (
        [*BEGIN, (OutputClosed(), ""), (after(5), "kill"), (KILLED, "")],
        Told(
            "notrun " * 5,
            ["it closes its output and goes on running", f"{GIVEN_UP}: it closed its output before it said hello"],
        ),
    ),
    "it speaks another protocol": (
        [*BEGIN, (hello(protocol=2), "kill"), (texts(2), ""), (OutputClosed(), ""), (KILLED, "")],
        Told("notrun " * 5, [f"{GIVEN_UP}: it speaks protocol 2, and this is 1"]),
    ),
    "what it says after a bad hello is not read": (
        [*BEGIN, (LinesRead([*hello(protocol=2).lines, b"noise", *texts(2).lines]), "kill"), (KILLED, "")],
        Told("notrun " * 5, [f"{GIVEN_UP}: it speaks protocol 2, and this is 1"]),
    ),
    "its hello has no id": (
        [*BEGIN, (says({"protocol": 1, "name": "r"}), "kill"), (KILLED, "")],
        Told("notrun " * 5, [f"{GIVEN_UP}: its hello cannot be used: it has no id"]),
    ),
    "its hello has another id": (
        [*BEGIN, (hello(0), "kill"), (KILLED, "")],
        Told("notrun " * 5, [f"{GIVEN_UP}: its hello has the id 0 instead of 1"]),
    ),
    "noise before hello": (
        [*BEGIN, (says(b"Welcome!", b"", {"level": "info"}), ""), (hello(), "2+3+4"), *LEAVE, *bye(7)],
        Told("t2 t3 t4 t5 t6", ["it prints lines that are no answers (3 times, first: 'Welcome!' (it is no JSON))"]),
    ),
    "an answer before hello": (
        [*BEGIN, (texts(2), ""), (hello(), "2+3+4"), *LEAVE, *bye(7)],
        Told("t2 t3 t4 t5 t6", ["it answers what nobody asked: id 2"]),
    ),
    "a dialect that there is not": (
        [*BEGIN, (hello(dialect="ruby"), "2+3+4"), *LEAVE, *bye(7)],
        Told("t2 t3 t4 t5 t6", ["it claims a dialect that there is not: 'ruby'"]),
    ),
    "it can only encrypt": (
        [*BEGIN, (hello(can=["encrypt"]), "bye close"), *bye(2)],
        Told("skipped " * 5),
    ),
    "answers out of order": (
        [*GREETED, (texts(4, 2, 3), "5+6"), (texts(6, 5), "bye close"), *bye(7)],
        Told("t2 t3 t4 t5 t6", ["it answers out of order (2 times, first: id 4 before 2)"]),
    ),
    "answers twice": (
        [*GREETED, (texts(2, 2), "5"), (texts(3, 4, 5, 2), "6"), (texts(6), "bye close"), *bye(7)],
        Told("t2 t3 t4 t5 t6", ["it answers again (2 times, first: id 2)"]),
    ),
    "answers what nobody asked": (
        [*GREETED, (texts(99, -1), ""), *LEAVE, *bye(7)],
        Told("t2 t3 t4 t5 t6", ["it answers what nobody asked (2 times, first: id 99)"]),
    ),
    "ids as strings": (
        [*GREETED, (says({"id": "2", "text": "t2"}), "5"), (texts(3, 4, 5), "6"), (texts(6), "bye close"), *bye(7)],
        Told("t2 t3 t4 t5 t6", ["it writes a string as the id"]),
    ),
    "answers of another shape": (
        [
            *GREETED,
            (says({"id": 2}, {"id": 3, "text": 5}, {"id": 4, "error": "E"}), "5+6"),
            (texts(5, 6), "bye close"),
            *bye(7),
        ],
        Told(
            "garbled garbled refused t5 t6",
            more=[Garbled("no text, text_hex, error, panic or skip"), Garbled("text is a number"), Refused("E")],
        ),
    ),
    "an answer that is far too long": (
        [
            *GREETED,
            (says({"id": 2, "error": "E" * 70_000}), "5"),
            (texts(3, 4, 5), "6"),
            (texts(6), "bye close"),
            *bye(7),
        ],
        Told("garbled t3 t4 t5 t6", more=[Garbled("an answer of 70022 bytes")]),
    ),
    "a hello that is far too long": (
        [*BEGIN, (hello(name="n" * 70_000), "kill"), (KILLED, "")],
        Told("notrun " * 5, [f"{GIVEN_UP}: its hello has 70083 bytes"]),
    ),
    "a death by chance": (
        [
            *GREETED,
            (texts(2), "5"),
            (EXIT_3, "start"),
            *again(6, "7"),
            (texts(7), "8+9+10"),
            (texts(8, 9, 10), "bye close"),
            *bye(11),
        ],
        Told("t2 t7 t8 t9 t10", [f"{DIES}: exit status 3: boom"], 1),
    ),
    "a death that one call brings": (
        [
            *GREETED,
            (texts(2), "5"),
            (OutputClosed(), ""),
            (EXIT_3, "start"),
            *again(6, "7"),
            (Ended("SIGSEGV"), "start"),
            *again(8, "9+10+11"),
            (texts(9, 10, 11), "bye close"),
            *bye(12),
        ],
        Told("t2 crashed t9 t10 t11", [], 2, [Decrypted("t2"), Crashed("SIGSEGV", "")]),
    ),
    "a death at the last call": (
        [*GREETED, (texts(2, 3, 4), "5+6"), (texts(5), ""), (EXIT_3, "start"), *again(7, "8"), (EXIT_3, "")],
        Told("t2 t3 t4 t5 crashed", [], 1),
    ),
    "silence in a new process after a death": (
        [
            *GREETED,
            (EXIT_3, "start"),
            *again(5, "6"),
            (after(10), "kill"),
            (KILLED, "start"),
            *again(7, "8+9+10"),
            (texts(8, 9, 10), "11"),
            (texts(11), "bye close"),
            *bye(12),
        ],
        Told("silent t8 t9 t10 t11", [], 2),
    ),
    "it dies again and again by chance": (
        [
            *GREETED,
            (texts(2), "5"),
            (EXIT_3, "start"),
            *again(6, "7"),
            (texts(7), "8+9+10"),
            (EXIT_3, "start"),
            *again(11, "12"),
            (texts(12), "bye close"),
            *bye(13),
        ],
        Told(
            "t2 t7 t12 notrun notrun",
            [
                f"{DIES} (2 times, first: exit status 3: boom)",
                f"{GIVEN_UP}: it died at 2 calls that it answers when asked again",
            ],
            2,
        ),
    ),
    "it crashes again and again": (
        [
            *GREETED,
            (EXIT_3, "start"),
            *again(5, "6"),
            (EXIT_3, "start"),
            *again(7, "8+9+10"),
            (EXIT_3, "start"),
            *again(11, "12"),
            (EXIT_3, ""),
        ],
        Told("crashed crashed notrun notrun notrun", [f"{GIVEN_UP}: it crashed at 2 calls"], 3),
    ),
    "no answer to one call": (
        [
            *GREETED,
            (after(9), ""),
            (texts(2), "5"),
            (after(9), ""),
            (after(1), "kill"),
            (texts(3), ""),
            (KILLED, "start"),
            *again(6, "7+8+9"),
            (texts(7, 8, 9), "bye close"),
            *bye(10),
        ],
        Told("t2 silent t7 t8 t9", [], 1, [Decrypted("t2"), Silent(10)]),
    ),
    "the time of a start is not that of a call": (
        [
            *GREETED,
            (after(10), "kill"),
            (KILLED, "start"),
            (Started(), "hello"),
            (after(25), ""),
            (hello(5), "6+7+8"),
            (after(9), ""),
            (texts(6, 7, 8), "9"),
            (after(9), ""),
            (texts(9), "bye close"),
            *bye(10),
        ],
        Told("silent t6 t7 t8 t9", [], 1),
    ),
    "an answer out of order does not buy time": (
        [
            *GREETED,
            (after(9), ""),
            (texts(3), "5"),
            (after(1), "kill"),
            (KILLED, "start"),
            *again(6, "7+8+9"),
            (texts(7, 8, 9), "bye close"),
            *bye(10),
        ],
        Told("silent t3 t7 t8 t9", ["it answers out of order: id 3 before 2"], 1),
    ),
    "noise does not buy time": (
        [
            *GREETED,
            (after(9), ""),
            (says(b"working..."), ""),
            (after(1), "kill"),
            (KILLED, "start"),
            *again(5, "6+7+8"),
            (texts(6, 7, 8), "9"),
            (texts(9), "bye close"),
            *bye(10),
        ],
        Told("silent t6 t7 t8 t9", ["it prints lines that are no answers: 'working...' (it is no JSON)"], 1),
    ),
    "no answer again and again": (
        [*GREETED, (after(10), "kill"), (KILLED, "start"), *again(5, "6+7+8"), (after(10), "kill"), (KILLED, "")],
        Told("silent silent notrun notrun notrun", [f"{GIVEN_UP}: it left 2 calls without an answer"], 1),
    ),
    "a line without an end": (
        [
            *GREETED,
            (texts(2), "5"),
            (LineTooLong(), "kill"),
            (OutputClosed(), ""),
            (KILLED, "start"),
            *again(6, "7+8+9"),
            (texts(7, 8, 9), "bye close"),
            *bye(10),
        ],
        Told("t2 garbled t7 t8 t9", ["it prints a line of more than 8388608 bytes"], 1),
    ),
    "a line without an end for a hello": (
        [*BEGIN, (LineTooLong(), "kill"), (KILLED, "")],
        Told(
            "notrun " * 5,
            [
                "it prints a line of more than 8388608 bytes",
                f"{GIVEN_UP}: it printed a line of more than 8388608 bytes before it said hello",
            ],
        ),
    ),
    "a line without an end for a goodbye": (
        [*GREETED, *LEAVE, (LineTooLong(), "kill"), (LineTooLong(), ""), (KILLED, "")],
        Told("t2 t3 t4 t5 t6", ["it prints a line of more than 8388608 bytes"]),
    ),
    "it closes its output and lives": (
        [
            *GREETED,
            (texts(2), "5"),
            (OutputClosed(), ""),
            (after(4), ""),
            (after(1), "kill"),
            (KILLED, "start"),
            *again(6, "7"),
            (OutputClosed(), ""),
            (after(5), "kill"),
            (KILLED, "start"),
            *again(8, "9+10+11"),
            (texts(9, 10, 11), "bye close"),
            *bye(12),
        ],
        Told(
            "t2 crashed t9 t10 t11",
            ["it closes its output and goes on running (2 times)"],
            2,
            [Decrypted("t2"), Crashed("closed its output", "")],
        ),
    ),
    "another version after a restart": (
        [
            *GREETED,
            (EXIT_3, "start"),
            *again(5, "6", version="2", name="s", can=["decrypt"]),
            (texts(6), "7+8+9"),
            (texts(7, 8, 9), "10"),
            (texts(10), "bye close"),
            *bye(11),
        ],
        Told(
            "t6 t7 t8 t9 t10",
            [
                "it says another name after a restart: 's' instead of 'r'",
                "it says another version after a restart: '2' instead of '1'",
                "it says another can after a restart: decrypt instead of decrypt, encrypt",
                f"{DIES}: exit status 3: boom",
            ],
            1,
        ),
    ),
    "another protocol after a restart": (
        [*GREETED, (texts(2), "5"), (EXIT_3, "start"), *again(6, "kill", protocol=2), (KILLED, "")],
        Told("t2 notrun notrun notrun notrun", [f"{GIVEN_UP}: it speaks protocol 2, and this is 1"], 1),
    ),
    "it cannot decrypt any more after a restart": (
        [*GREETED, (texts(2), "5"), (EXIT_3, "start"), *again(6, "bye close", can=[]), *bye(7)],
        Told(
            "t2 skipped skipped skipped skipped",
            ["it says another can after a restart: nothing instead of decrypt, encrypt"],
            1,
        ),
    ),
    "one start that fails": (
        [
            *GREETED,
            (EXIT_3, "start"),
            (NotStarted("busy"), "start"),
            *again(5, "6"),
            (texts(6), "7+8+9"),
            (texts(7, 8, 9), "10"),
            (texts(10), "bye close"),
            *bye(11),
        ],
        Told("t6 t7 t8 t9 t10", [f"{DIES}: exit status 3: boom"], 2),
    ),
    "starts that fail now and then": (
        [
            *GREETED,
            (EXIT_3, "start"),
            (NotStarted("busy"), "start"),
            *again(5, "6"),
            (EXIT_3, "start"),
            (NotStarted("busy"), "start"),
            *again(7, "8+9+10"),
            (texts(8, 9, 10), "11"),
            (texts(11), "bye close"),
            *bye(12),
        ],
        Told("crashed t8 t9 t10 t11", [], 4),
    ),
    "restarts that fail": (
        [
            *GREETED,
            (texts(2), "5"),
            (EXIT_3, "start"),
            (Started(), "hello"),
            (Ended("exit status 4"), "start"),
            (Started(), "hello"),
            (after(30), "kill"),
            (KILLED, ""),
        ],
        Told("t2 notrun notrun notrun notrun", [f"{GIVEN_UP}: {NO_FLUSH}"], 2),
    ),
    "it does not answer bye": (
        [*GREETED, *LEAVE, (OutputClosed(), ""), (LEFT, "")],
        Told("t2 t3 t4 t5 t6", ["it does not answer bye"]),
    ),
    "it ends badly": (
        [*GREETED, *LEAVE, (says({"id": 7}), ""), (EXIT_3, "")],
        Told("t2 t3 t4 t5 t6", ["it ends badly after bye: exit status 3: boom"]),
    ),
    "it does not end": (
        [*GREETED, *LEAVE, (says({"id": 7}, {"id": 7}), ""), (after(5), "kill"), (KILLED, "")],
        Told("t2 t3 t4 t5 t6", ["it answers again: id 7", "it does not end within 5 s after bye"]),
    ),
}


@pytest.mark.parametrize(("steps", "told"), SCRIPTS.values(), ids=SCRIPTS.keys())
def test_a_runner_is_talked_to_by_this_script(steps: list[Step], told: Told) -> None:
    machine = RunnerTalk(CALLS, LIMITS)
    play(machine, steps)
    talked = machine.talked
    assert machine.is_done
    assert machine.wake_at is None
    assert [word(outcome) for outcome in talked.outcomes] == told.outcomes.split()
    assert machine.settled == len(CALLS)
    assert (list(talked.complaints), talked.restarts) == (told.complaints, told.restarts)
    assert list(talked.outcomes[: len(told.more)]) == told.more


# -- what else there is to say of it ---------------------------------------------------------------------------------


def test_why_it_was_given_up_is_said_at_each_call_that_was_not_made() -> None:
    machine = RunnerTalk(CALLS, LIMITS)
    play(machine, SCRIPTS["restarts that fail"][0])
    assert machine.talked.outcomes[1:] == (NotRun(NO_FLUSH),) * 4
    assert machine.talked.hello is not None


def test_without_calls_it_says_hello_and_bye() -> None:
    machine = RunnerTalk([], LIMITS)
    play(machine, [*BEGIN, (hello(), "bye close"), (says({"id": 2}), ""), (LEFT, "")])
    assert (machine.talked.outcomes, machine.talked.complaints) == ((), ())
    assert machine.talked.hello is not None


def test_the_seconds_count_from_the_first_call_to_the_last_answer() -> None:
    machine = RunnerTalk(CALLS, LIMITS)
    events: list[Event] = [Begun(), Started(), hello(), texts(2), texts(3, 4, 5), texts(6), says({"id": 7}), LEFT]
    for at_s, event in enumerate(events):
        machine.handle(event, at_s * SECOND)
    assert machine.talked.seconds == 3.0


@pytest.mark.parametrize(("window_bytes", "asked"), [(1, ["2"]), (100, ["2+3"]), (10_000, ["2+3+4"])])
def test_large_requests_are_under_way_one_by_one(window_bytes: int, asked: list[str]) -> None:
    machine = RunnerTalk(CALLS, Limits(window=3, window_bytes=window_bytes))
    play(machine, BEGIN)
    assert [shown(command) for command in machine.handle(hello(), 0)] == asked


def test_answers_and_deaths_make_room_for_large_requests() -> None:
    machine = RunnerTalk(CALLS, Limits(window=3, window_bytes=100))
    play(machine, [*BEGIN, (hello(), "2+3"), (texts(2), "4"), (EXIT_3, "start")])
    play(machine, [*again(5, "6"), (texts(6), "7+8"), (texts(7, 8), "9")])


def test_a_suspect_that_is_skipped_holds_nobody_up() -> None:
    machine = RunnerTalk([CALLS[0], *[Encrypt("k", "t")] * 3], LIMITS)
    play(machine, [*GREETED, (EXIT_3, "start"), *again(5, "6+7+8", can=["encrypt"])])
    assert machine.talked.outcomes[0] == Skipped("it cannot decrypt")


def test_an_iv_goes_along_to_who_takes_one_and_what_comes_back_is_carried() -> None:
    calls: list[Call] = [Encrypt("k", "t", bytes(16))]
    for can, asks in ((["encrypt", "iv"], True), (["encrypt"], False)):
        machine = RunnerTalk(calls, LIMITS)
        play(machine, BEGIN)
        [write] = machine.handle(hello(can=can), 0)
        assert isinstance(write, Write)
        assert ("iv_hex" in json.loads(write.data)) is asks
        machine.handle(says({"id": 2, "ciphertext": "////"}), 0)
        assert machine.talked.outcomes == (Encrypted("////"),)


@pytest.mark.parametrize("read", [says(b"\xff" * 5000), hello(10**4000), says(b'{"error":"%s"}' % (b"x" * 5000))])
def test_no_example_in_a_complaint_is_long(read: LinesRead) -> None:
    machine = RunnerTalk(CALLS, LIMITS)
    play(machine, BEGIN)
    machine.handle(read, 0)
    assert machine.talked.complaints
    assert all(len(complaint) < 400 for complaint in machine.talked.complaints)
    assert all(isinstance(one, NotRun) and len(one.why) <= 300 for one in machine.talked.outcomes)


def test_a_long_answer_to_a_long_request_is_taken() -> None:
    machine = RunnerTalk([Decrypt("k", "c" * 100_000)], LIMITS)
    play(machine, [*GREETED[:2], (hello(), "2"), (says({"id": 2, "text": "t" * 600_000}), "bye close")])
    assert machine.talked.outcomes == (Decrypted("t" * 600_000),)


# -- illegal events --------------------------------------------------------------------------------------------------

EVENTS: dict[str, Event] = {
    "begun": Begun(),
    "started": Started(),
    "not started": NotStarted("why"),
    "lines": texts(2),
    "too long": LineTooLong(),
    "closed": OutputClosed(),
    "ended": EXIT_3,
    "time up": TimeUp(),
}
# How a state is reached, and which events are legal there.
LEGAL: dict[str, tuple[list[Step], str]] = {
    "new": ([], "begun"),
    "starting": (BEGIN[:1], "started, not started"),
    "greeting": (BEGIN, "lines, too long, closed, ended, time up"),
    "talking": (GREETED, "lines, too long, closed, ended, time up"),
    "mute": ([*GREETED, (OutputClosed(), "")], "ended, time up"),
    "leaving": ([*GREETED, *LEAVE], "lines, too long, closed, ended, time up"),
    "ending": ([*GREETED, (after(10), "kill")], "lines, too long, closed, ended"),
    "done": ([(Begun(), "start"), (NotStarted("why"), "")], ""),
}


@pytest.mark.parametrize("state", LEGAL)
@pytest.mark.parametrize("name", EVENTS)
def test_an_illegal_event_raises_and_changes_nothing(state: str, name: str) -> None:
    steps, legal = LEGAL[state]
    machine = RunnerTalk(CALLS, LIMITS)
    play(machine, steps)
    before = pickle.dumps(vars(machine))
    if name in legal.split(", "):
        machine.handle(EVENTS[name], 0)
        return
    with pytest.raises(ProtocolError, match=f"is illegal in the state {state}"):
        machine.handle(EVENTS[name], 0)
    assert pickle.dumps(vars(machine)) == before


# -- whatever a runner does ------------------------------------------------------------------------------------------


class Wild:
    """A runner that does what is drawn. It answers honestly (the text turned round), or says that it does not."""

    def __init__(self, draw: Callable[[Any], Any], calls: Sequence[Call]) -> None:
        self._draw = draw
        self.machine = RunnerTalk(calls, LIMITS)
        self.now: Instant = 0
        self.starts = 0
        self.asked: dict[int, dict[str, Any]] = {}  # requests that this process has not answered
        self.said: list[int] = []
        self.is_mute = self.is_killed = self.is_running = False

    def run(self, act: Callable[[], Event]) -> None:
        """Until the machine is done; `act` says what a process does that runs."""
        self._take(Begun())
        while not self.machine.is_done:
            if not self.is_running:
                self.is_running = self._draw(st.sampled_from([True, True, True, False]))
                self._take(Started() if self.is_running else NotStarted("no"))
            else:
                self._take(Ended("SIGKILL") if self.is_killed else act())

    def _take(self, event: Event) -> None:
        for command in self.machine.handle(event, self.now):
            match command:
                case Start():
                    self.starts += 1
                    self.asked, self.said = {}, []
                    self.is_mute = self.is_killed = self.is_running = False
                case Write(data):
                    self.asked |= {one["id"]: one for one in map(json.loads, data.splitlines())}
                case Kill():
                    self.is_killed = True
                case CloseInput():
                    pass

    def act(self) -> Event:
        doings = ["die", "wait"]
        if not self.is_mute:
            doings = ["answer"] * 6 * bool(self.asked) + doings + ["lie", "noise", "flood", "close"]
        return self.do(self._draw(st.sampled_from(doings)))

    def do(self, doing: str) -> Event:
        match doing:
            case "answer":
                return says(*self._answers())
            case "lie":
                return says(self._draw(LIES))
            case "noise":
                return LinesRead([self._draw(st.binary(max_size=5))])
            case "flood":
                return LineTooLong()
            case "close":
                self.is_mute = True
                return OutputClosed()
            case "die":
                return Ended(self._draw(st.sampled_from(["exit status 0", "exit status 3", "SIGSEGV"])))
        assert self.machine.wake_at is not None
        self.now = max(self.now, self.machine.wake_at)
        return TimeUp()

    def greet(self) -> Event | None:
        """Hello, if that is asked."""
        greeting = [asked for asked in self.asked.values() if asked["op"] == "hello"]
        self.asked.clear()
        return says(honest(greeting[0])) if greeting else None

    def _answers(self) -> Iterator[dict[str, Any]]:
        order = self._draw(st.permutations(sorted(self.asked))) if self._draw(st.booleans()) else sorted(self.asked)
        for number in order[: self._draw(st.integers(1, 3))]:
            yield honest(self.asked.pop(number))
            self.said.append(number)
        if self.said and self._draw(st.booleans()):
            yield {"id": self._draw(st.sampled_from(self.said)), "error": "lie"}


LIES = st.fixed_dictionaries(
    {"id": st.integers(0, 40) | st.sampled_from(["3", 4.0, None, "x"])},
    optional={"error": st.just("lie"), "text": st.just(5), "protocol": st.integers(0, 2), "name": st.just("n")},
)


def honest(asked: dict[str, Any]) -> dict[str, Any]:
    match asked["op"]:
        case "hello":
            said: dict[str, Any] = {"protocol": 1, "name": "w", "version": "1", "can": ["decrypt"]}
        case "decrypt":
            said = {"text": asked["ciphertext"][::-1]}
        case _:
            said = {}
    return {"id": asked["id"], **said}


# Every process that said hello ends one call (silence, crash) or makes one a suspect, which the next one resolves.
STARTS_MAX = LIMITS.starts * (2 * (LIMITS.deaths + LIMITS.crashes + LIMITS.silences) + 2)


@given(st.data(), st.integers(0, 8))
def test_whatever_a_runner_does_each_call_has_one_outcome_and_it_ends(data: st.DataObject, number: int) -> None:
    wild = Wild(data.draw, [Decrypt("k", f"c{index}") for index in range(number)])
    wild.run(wild.act)
    talked = wild.machine.talked
    assert len(talked.outcomes) == wild.machine.settled == number
    for index, outcome in enumerate(talked.outcomes):
        assert not isinstance(outcome, Decrypted) or outcome.text == f"{index}c"
    assert wild.starts == talked.restarts + 1 <= STARTS_MAX
    assert talked.seconds >= 0
    assert ("it was given up" in "".join(talked.complaints)) >= any(isinstance(one, NotRun) for one in talked.outcomes)
    with pytest.raises(ProtocolError):
        wild.machine.handle(Begun(), wild.now)


@pytest.mark.parametrize("doing", ["die", "wait", "close", "flood"])
def test_a_runner_that_says_hello_and_then_only_does_harm_is_given_up(doing: str) -> None:
    def draw(strategy: Any) -> Any:
        return True

    wild = Wild(draw, [Decrypt("k", "c")] * 50)
    wild.run(lambda: wild.greet() or wild.do("die" if wild.is_mute else doing))
    assert wild.starts <= STARTS_MAX
    assert len(wild.machine.talked.outcomes) == 50


def test_a_call_is_skipped_by_who_says_that_it_cannot() -> None:
    machine = RunnerTalk([Encrypt("k", "t"), CALLS[0]], LIMITS)
    play(machine, [*BEGIN, (hello(can=["decrypt", "dance"]), "2"), (texts(2), "bye close")])
    assert machine.talked.outcomes == (Skipped("it cannot encrypt"), Decrypted("t2"))
