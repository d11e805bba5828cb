"""What a script is told of a runner: which answers came, what else came, and how it ended."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TypeVar

import pytest

from harness.interop.calls import Decrypt, Encrypt
from harness.interop.outcomes import Decrypted, Encrypted
from harness.interop.probing import Ended, Hear, Heard, Late, Line, Reply, Start, Step, Subject, Write, cut
from harness.interop.results import Hello

T = TypeVar("T")
HELLO = b'{"id":1,"protocol":1,"name":"n","version":"v","can":["encrypt","decrypt","iv"]}'


def drive(script: Generator[Step, Heard | None, T], heard: Sequence[Heard]) -> tuple[T, list[Step]]:
    """What the script returns when it hears this, and what it did before."""
    waiting, steps, answer = list(heard), list[Step](), None
    while True:
        try:
            step = script.send(answer)
        except StopIteration as end:
            result: T = end.value
            assert waiting == []
            return result, steps
        answer = waiting.pop(0) if isinstance(step, Hear) else None
        steps.append(step)


def started() -> Subject:
    subject = Subject()
    drive(subject.start(), [Line(HELLO)])
    return subject


def test_a_start_is_a_process_and_a_hello() -> None:
    subject = Subject()
    reply, steps = drive(subject.start(), [Line(HELLO)])
    assert steps == [Start(), Write(b'{"id":1,"op":"hello","protocol":1}\n'), Hear()]
    assert reply.said == HELLO.decode()
    assert subject.hello == Hello(1, "n", "v", frozenset({"encrypt", "decrypt", "iv"}))
    assert (subject.can("iv"), subject.can("sing"), Subject().can("iv")) == (True, False, False)


def test_replies_are_in_the_order_of_the_requests_whatever_came_first() -> None:
    lines = [Line(b'{"id":3,"text":"t"}'), Line(b'{"id":2,"ciphertext":"c"}')]
    replies, steps = drive(started().ask(Encrypt("k", "t"), Decrypt("k", "c")), lines)
    assert [reply.outcome for reply in replies] == [Encrypted("c"), Decrypted("t")]
    assert [type(step) for step in steps] == [Write, Hear, Hear]
    both, _ = drive(started().ask_all((Encrypt("k", "t"), Decrypt("k", "c"))), lines)
    assert list(both) == [3, 2]


def test_an_iv_goes_only_to_whom_it_can_be_given() -> None:
    [write, _] = drive(started().ask(Encrypt("k", "t", bytes(16))), [Late(1)])[1]
    assert isinstance(write, Write)
    assert b'"iv_hex":"' + b"00" * 16 in write.data


@pytest.mark.parametrize(
    ("line", "noise"),
    [
        (b"DEBUG", "DEBUG"),
        (b'{"id":9,"text":"of nobody"}', '{"id":9,"text":"of nobody"}'),
        (b"\xff", "\\xff"),
        (b"x" * 1000, "x" * 100 + "… (1000 characters)"),
    ],
)
def test_a_line_that_answers_nothing_is_kept_as_noise(line: bytes, noise: str) -> None:
    subject = started()
    [reply], _ = drive(subject.ask(Decrypt("k", "c")), [Line(line), Line(b'{"id":2,"text":"t"}')])
    assert reply.outcome == Decrypted("t")
    assert subject.noise == [noise]


def test_an_odd_id_is_an_answer_and_noise() -> None:
    subject = started()
    [reply], _ = drive(subject.ask(Decrypt("k", "c")), [Line(b'{"id":"2","text":"t"}')])
    assert reply.outcome == Decrypted("t")
    assert subject.noise == ['{"id":"2","text":"t"} (a string as the id)']


@pytest.mark.parametrize(
    ("heard", "trouble"),
    [(Ended("it ended with status 3", 3), "it ended with status 3"), (Late(2.5), "nothing came within 2.5 s")],
)
def test_who_ended_or_was_late_is_asked_no_more(heard: Heard, trouble: str) -> None:
    subject = started()
    replies, _ = drive(subject.ask(Decrypt("k", "c"), Decrypt("k", "d")), [Line(b'{"id":2,"text":"t"}'), heard])
    assert replies == [Reply({"id": 2, "text": "t"}, '{"id":2,"text":"t"}', Decrypted("t")), Reply({}, trouble)]
    assert not subject.is_alive
    assert drive(subject.ask(Decrypt("k", "c")), []) == ([Reply({}, trouble)], [])


@pytest.mark.parametrize(("heard", "status"), [(Ended("it ended", 0), 0), (Ended("gone"), None), (Late(1), None)])
def test_the_end_is_waited_for_and_what_is_said_before_is_noise(heard: Heard, status: int | None) -> None:
    subject = started()
    assert drive(subject.hear_the_end(), [Line(b"bye!"), heard])[0] == status
    assert (subject.noise, subject.is_alive) == (["bye!"], False)


def test_long_texts_are_cut() -> None:
    assert (cut("short"), cut("x" * 101)) == ("short", "x" * 100 + "… (101 characters)")
