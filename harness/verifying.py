"""Vectors through runners: what each of them makes of each vector, and whether each reads what the others encrypt.

A runner is asked in its own way (within this process, as a child, or by a command line for each call), several of them
at once. What is to be asked, and what the answers mean, is decided in `harness.interop`.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from harness.adapters import runner_commands, runner_in_process, runner_process, toolchains
from harness.cipher import Dialect
from harness.frozen import frozen
from harness.interop import ourselves
from harness.interop.answering import Cipher
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.expected import ExpectedFailures
from harness.interop.ivs import drawn
from harness.interop.judging import judge
from harness.interop.outcomes import Decrypted, Encrypted, Outcome, Refused, Skipped
from harness.interop.pairs import PAIRS
from harness.interop.placeholders import parse_templates
from harness.interop.protocol import VERSION
from harness.interop.results import Cell, Hello, Interop, MatrixFailure, RunnerReport, VectorResult
from harness.interop.suite import Suite, Vector
from harness.interop.talk import Talked

__all__ = ["DEFAULT", "Progress", "Runner", "adapted", "builtin", "child", "matrix", "verify", "verify_functions"]

DEFAULT = ("python", "node", "go", "jvm")
_AT_A_TIME = 100

Ask = Callable[[Sequence[Call], Callable[[int], None]], Awaitable[Talked]]
Progress = Callable[[str, int, int], None]
"""Gets the name of a runner, how many of its calls are answered, and how many there are."""


@frozen
class Runner:
    """Somebody who can be asked; without `ask`, `missing` says why not.

    `name` is what reports call it; unless it is `named`, only until it says itself what it is called.
    """

    name: str
    ask: Ask | None = None
    missing: str = ""
    named: bool = True


def builtin(name: str) -> Runner:
    """The runner of that name that comes along (toolchains.RUNNERS)."""
    if name == "python":
        return Runner(name, partial(_ask_ourselves, "phone"))
    match toolchains.find(name):
        case toolchains.Found(command):
            return Runner(name, partial(_ask_child, command))
        case toolchains.Missing(why, remedy):
            return Runner(name, missing=f"{why}\n{remedy}")


def child(command: Sequence[str]) -> Runner:
    """A command that speaks the runner protocol. Its name is the one that it says."""
    return Runner(
        _word(" ".join(Path(word).name for word in command[:2])), partial(_ask_child, tuple(command)), named=False
    )


def adapted(templates: Sequence[str]) -> Runner:
    """Command lines with places for what is encrypted and decrypted, one process for each call. Raises UsageError."""
    parse_templates(templates)
    return Runner("command", partial(_ask_commands, tuple(templates)))


async def _ask_child(command: Sequence[str], calls: Sequence[Call], progress: Callable[[int], None]) -> Talked:
    return await runner_process.talk(command, calls, progress=progress)


async def _ask_commands(templates: Sequence[str], calls: Sequence[Call], progress: Callable[[int], None]) -> Talked:
    talked = await runner_commands.talk(templates, calls, at_once=os.cpu_count() or 1, progress=progress)
    # Nobody introduces himself there: what was asked stands in for a version.
    hello = Hello(VERSION, "command", " and ".join(templates), frozenset(parse_templates(templates)))
    return replace(talked, hello=hello)


async def _ask_ourselves(dialect: Dialect, calls: Sequence[Call], progress: Callable[[int], None]) -> Talked:
    """Our own cipher, in this process. In between, those who talk to other runners have their turn."""
    perform = ourselves.performer(dialect)
    outcomes: list[Outcome] = []
    seconds = 0.0
    for start in range(0, len(calls), _AT_A_TIME):
        began = time.perf_counter()
        outcomes += map(perform, calls[start : start + _AT_A_TIME])
        seconds += time.perf_counter() - began
        progress(len(outcomes))
        await asyncio.sleep(0)
    return Talked(ourselves.introduction(dialect), tuple(outcomes), seconds=seconds)


# -- vectors -----------------------------------------------------------------------------------------------------------


async def verify(
    suite: Suite,
    runners: Sequence[Runner],
    *,
    at_once: int = 1,
    dialect: Dialect | None = None,
    expected: ExpectedFailures | None = None,
    progress: Progress = lambda _runner, _done, _all: None,
) -> Interop:
    """Every vector through every runner, `at_once` of them at the same time.

    A runner shall do what the client `dialect` does (whatever it calls its errors); without it, what the client does
    that it claims to be, and if it claims none, what a correct client does. Never raises for what a runner does.
    """
    expected = expected or ExpectedFailures()
    calls = [call for vector in suite.vectors for call in _calls_of(vector)]
    asked = await _ask_all(runners, calls, at_once, progress)
    reports = [
        _report(name, runner, talked, _results(suite.vectors, talked, dialect, expected.of(name)) if talked else ())
        for name, runner, talked in zip(_names(runners, asked), runners, asked, strict=True)
    ]
    borne = {flag for vector in suite.vectors for flag in vector.flags}
    return Interop(tuple(reports), flags=tuple(flag for name, flag in suite.flags.items() if name in borne))


def verify_functions(
    vectors: Sequence[Vector], encrypt: Cipher | None, decrypt: Cipher | None, dialect: Dialect | None
) -> tuple[VectorResult, ...]:
    """What two functions of this process make of the vectors; those that need a function that is None are skipped."""
    calls = [call for vector in vectors for call in _calls_of(vector)]
    return _results(vectors, runner_in_process.in_process(encrypt, decrypt, calls), dialect, ())


def _calls_of(vector: Vector) -> list[Call]:
    """What a runner is asked for a vector: one call, or for `ivs` one for each encryption."""
    if vector.operation == "decrypt":
        assert vector.ciphertext is not None
        return [Decrypt(vector.key, vector.ciphertext)]
    assert vector.text is not None
    if vector.operation == "encrypt":
        return [Encrypt(vector.key, vector.text, vector.iv)]
    return [Encrypt(vector.key, vector.text)] * vector.encryptions


def _results(
    vectors: Sequence[Vector], talked: Talked, wanted: Dialect | None, listed: Collection[str]
) -> tuple[VectorResult, ...]:
    claimed = talked.hello.dialect if talked.hello else None
    takes_iv = talked.hello is not None and "iv" in talked.hello.can
    dialect = wanted or claimed

    def result(vector: Vector, outcome: Outcome) -> VectorResult:
        judged = outcome if dialect in (None, claimed) else _in_their_words(outcome, vector.outcomes.get(dialect))
        iv_given = takes_iv and vector.iv is not None
        return VectorResult(
            vector,
            outcome,
            judge(vector, judged, dialect=dialect, iv_given=iv_given, expected=vector.id in listed),
        )

    return tuple(map(result, vectors, _outcomes(vectors, talked.outcomes)))


def _in_their_words(outcome: Outcome, theirs: Outcome | None) -> Outcome:
    """Who shall do as a client in another language does cannot have its classes of errors: a refusal is a refusal."""
    both = isinstance(outcome, Refused) and isinstance(theirs, Refused)
    return theirs if both and theirs is not None else outcome


def _outcomes(vectors: Sequence[Vector], outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    """One outcome for each vector from one for each call."""
    start = 0
    for vector in vectors:
        end = start + len(_calls_of(vector))
        yield _drawn(outcomes[start:end]) if vector.operation == "ivs" else outcomes[start]
        start = end


def _drawn(outcomes: Sequence[Outcome]) -> Outcome:
    """What a series of encryptions tells of the IVs, or the first outcome that is no envelope."""
    ciphertexts = [outcome.ciphertext for outcome in outcomes if isinstance(outcome, Encrypted)]
    if len(ciphertexts) == len(outcomes):
        return drawn(ciphertexts)
    return next(outcome for outcome in outcomes if not isinstance(outcome, Encrypted))


# -- the matrix --------------------------------------------------------------------------------------------------------


async def matrix(
    runners: Sequence[Runner],
    *,
    pairs: Sequence[Encrypt] = PAIRS,
    at_once: int = 1,
    progress: Progress = lambda _runner, _done, _all: None,
) -> Interop:
    """Every runner encrypts every pair of key and text, and decrypts what each of them has encrypted.

    A call that cannot be carried is not tried; what was not encrypted counts against every pair of its encryptor.
    """
    encrypted = await _ask_all(runners, pairs, at_once, progress)
    names = _names(runners, encrypted)
    made = {
        name: tuple(zip(pairs, talked.outcomes, strict=True))
        for name, talked in zip(names, encrypted, strict=True)
        if talked is not None
    }
    decrypted = await _ask_all(runners, _envelopes(made.values()), at_once, progress)
    cells = [
        _cell(encryptor, decryptor, made[encryptor], outcomes)
        for decryptor, talked in zip(names, decrypted, strict=True)
        if talked is not None
        for encryptor, outcomes in zip(made, _by_encryptor(made.values(), talked.outcomes), strict=True)
    ]
    order = {name: number for number, name in enumerate(names)}
    reports = map(_report, names, runners, map(_joined, encrypted, decrypted))
    return Interop(tuple(reports), tuple(sorted(cells, key=lambda cell: order[cell.encryptor])))


Made = Sequence[tuple[Encrypt, Outcome]]
"""What an encryptor made of each pair of key and text."""


def _envelopes(made: Iterable[Made]) -> list[Call]:
    return [
        Decrypt(call.key, outcome.ciphertext)
        for envelopes in made
        for call, outcome in envelopes
        if isinstance(outcome, Encrypted)
    ]


def _by_encryptor(made: Iterable[Made], outcomes: Sequence[Outcome]) -> Iterator[Iterator[Outcome]]:
    """What a decryptor made of `_envelopes`, divided again."""
    start = 0
    for envelopes in made:
        end = start + sum(isinstance(outcome, Encrypted) for _, outcome in envelopes)
        yield iter(outcomes[start:end])
        start = end


def _cell(encryptor: str, decryptor: str, made: Made, decrypted: Iterator[Outcome]) -> Cell:
    failures, tried = [], 0
    for call, envelope in made:
        outcome = next(decrypted) if isinstance(envelope, Encrypted) else envelope
        if isinstance(outcome, Skipped):
            continue
        tried += 1
        if outcome != Decrypted(call.text):
            ciphertext = envelope.ciphertext if isinstance(envelope, Encrypted) else ""
            failures.append(MatrixFailure(call, ciphertext, outcome))
    return Cell(encryptor, decryptor, tried, tried - len(failures), tuple(failures))


# -- asking ------------------------------------------------------------------------------------------------------------


async def _ask_all(
    runners: Sequence[Runner], calls: Sequence[Call], at_once: int, progress: Progress
) -> list[Talked | None]:
    """What each runner says to the calls, None for those that are missing."""
    seats = asyncio.Semaphore(at_once)

    async def ask(name: str, runner: Runner) -> Talked | None:
        if runner.ask is None:
            return None
        async with seats:
            return await runner.ask(calls, lambda done: progress(name, done, len(calls)))

    named = zip(_names(runners, [None] * len(runners)), runners, strict=True)
    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(ask(name, runner)) for name, runner in named]
    return [task.result() for task in asked]


def _report(name: str, runner: Runner, talked: Talked | None, results: tuple[VectorResult, ...] = ()) -> RunnerReport:
    if talked is None:
        return RunnerReport(name, missing=runner.missing)
    return RunnerReport(
        name, talked.hello, results, talked.complaints, restarts=talked.restarts, seconds=talked.seconds
    )


def _joined(first: Talked | None, second: Talked | None) -> Talked | None:
    """Two conversations with one runner as one."""
    if first is None or second is None:
        return None
    return Talked(
        first.hello or second.hello,
        first.outcomes + second.outcomes,
        tuple(dict.fromkeys(first.complaints + second.complaints)),
        first.restarts + second.restarts,
        first.seconds + second.seconds,
    )


_NO_NAME = re.compile(r"[^\w.+-]+")
_NAME_MAX = 40


def _word(text: str) -> str:
    """`text` as one word, which can stand in a list of expected failures."""
    return _NO_NAME.sub("-", text).strip("-")[:_NAME_MAX]


def _names(runners: Sequence[Runner], asked: Sequence[Talked | None]) -> list[str]:
    """A name for each, which is one word and nobody else's; those that came first, or have a fixed one, keep it."""
    wanted = [
        _word(talked.hello.name) or runner.name
        if talked is not None and talked.hello is not None and not runner.named
        else runner.name
        for runner, talked in zip(runners, asked, strict=True)
    ]
    names = [""] * len(runners)
    for number in sorted(range(len(runners)), key=lambda number: not runners[number].named):
        names[number] = _free(wanted[number], names)
    return names


def _free(name: str, taken: Collection[str]) -> str:
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 2))
    return next(free for free in (name, *numbered) if free not in taken)
