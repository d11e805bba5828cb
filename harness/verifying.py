"""Vectors through runners: what each of them makes of each vector, and whether each reads what the others encrypt.

A runner is asked in its own way (within this process, as a child, or by a command line for each call), several of them
at once. What is to be asked, and what the answers mean, is decided in `harness.interop`.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from harness.adapters import runner_commands, runner_in_process, runner_process, toolchains
from harness.cipher import Dialect
from harness.frozen import frozen
from harness.interop import ourselves
from harness.interop.asking import calls_of, results_of
from harness.interop.calls import Call, Encrypt
from harness.interop.complaints import joined
from harness.interop.expected import ExpectedFailures
from harness.interop.matrix import PAIRS, Made, cells, envelopes
from harness.interop.outcomes import NotRun, Outcome
from harness.interop.placeholders import parse_templates
from harness.interop.results import Interop, RunnerReport, VectorResult
from harness.interop.suite import Suite
from harness.interop.talk import LIMITS, Limits, Talked

__all__ = ["DEFAULT", "Progress", "Runner", "adapted", "builtin", "child", "matrix", "names", "verify"]

DEFAULT = ("python", "node", "go", "jvm")

Ask = Callable[[Sequence[Call], Callable[[int], None]], Awaitable[Talked]]
Progress = Callable[[str, int, int], None]
"""Gets the name of a runner, how many of its calls are answered, and how many there are."""


@frozen
class Runner:
    """Somebody who can be asked; without `ask`, `missing` says why not.

    `name` is what reports call it; unless it is `named`, only until it says itself what it is called. `version` stands
    in for the one of whoever does not introduce himself.
    """

    name: str
    ask: Ask | None = None
    missing: str = ""
    named: bool = True
    version: str = ""


# -- the ways to a runner ----------------------------------------------------------------------------------------------


def builtin(name: str, limits: Limits = LIMITS) -> Runner:
    """The runner of that name that comes along (toolchains.RUNNERS)."""
    if name == "python":
        return Runner(name, _ask_ourselves)
    match toolchains.find(name):
        case toolchains.Found(command):
            return Runner(name, partial(_ask_installed, name, command, limits))
        case toolchains.Missing(why, remedy):
            return Runner(name, missing=f"{why}\n{remedy}")


def child(command: Sequence[str], limits: Limits = LIMITS) -> Runner:
    """A command that speaks the runner protocol. Its name is the one that it says."""
    said = [Path(word).name for word in command[:2] if not word.startswith("-")]
    name = _word(" ".join(said))
    return Runner(name, partial(_ask_child, tuple(command), limits), named=False)


def adapted(templates: Sequence[str], limits: Limits = LIMITS, at_once: int | None = None) -> Runner:
    """Command lines with places for what is encrypted and decrypted, one process for each call, `at_once` of them at
    the same time (default: as many as there are processors). Raises UsageError."""
    parse_templates(templates)
    ask = partial(_ask_commands, tuple(templates), limits, at_once or os.cpu_count() or 1)
    # Nobody introduces himself there: what is asked stands in for a version.
    return Runner("command", ask, version=" and ".join(templates))


async def _ask_ourselves(calls: Sequence[Call], progress: Callable[[int], None]) -> Talked:
    perform, hello = ourselves.performer("phone"), ourselves.introduction("phone")
    return await runner_in_process.talk(perform, calls, hello=hello, progress=progress)


async def _ask_child(
    command: Sequence[str], limits: Limits, calls: Sequence[Call], progress: Callable[[int], None]
) -> Talked:
    return await runner_process.talk(command, calls, limits=limits, progress=progress)


async def _ask_installed(
    name: str, command: Sequence[str], limits: Limits, calls: Sequence[Call], progress: Callable[[int], None]
) -> Talked:
    """As `_ask_child`, of one that is made with a certain version of a client."""
    talked = await _ask_child(command, limits, calls, progress)
    pinned = toolchains.pinned(name)
    said = talked.hello.version.partition(",")[0] if talked.hello else pinned
    if pinned is None or said == pinned:
        return talked
    return replace(talked, complaints=(*talked.complaints, f"it says it is {said}, and {pinned} was installed"))


async def _ask_commands(
    templates: Sequence[str], limits: Limits, at_once: int, calls: Sequence[Call], progress: Callable[[int], None]
) -> Talked:
    return await runner_commands.talk(templates, calls, limits=limits, at_once=at_once, progress=progress)


# -- vectors, and the matrix -------------------------------------------------------------------------------------------


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
    calls = [call for vector in suite.vectors for call in calls_of(vector)]
    asked = await _ask_all(runners, calls, at_once, progress)

    def results(name: str, talked: Talked | None) -> tuple[VectorResult, ...]:
        if talked is None:
            return ()
        listed = expected.of(name)
        return results_of(suite.vectors, talked.outcomes, hello=talked.hello, wanted=dialect, listed=listed)

    named = zip(names(runners, asked), runners, asked, strict=True)
    reports = tuple(_report(name, runner, talked, results(name, talked)) for name, runner, talked in named)
    borne = {flag for vector in suite.vectors for flag in vector.flags}
    return Interop(reports, flags=tuple(flag for name, flag in suite.flags.items() if name in borne))


async def matrix(
    runners: Sequence[Runner],
    *,
    pairs: Sequence[Encrypt] = PAIRS,
    at_once: int = 1,
    progress: Progress = lambda _runner, _done, _all: None,
) -> Interop:
    """Every runner encrypts every pair of key and text, and decrypts what each of them has encrypted."""
    encrypted = await _ask_all(runners, pairs, at_once, progress)
    known = names(runners, encrypted)
    made = [Made(name, pairs, outcomes) for name, outcomes in _said(known, encrypted).items()]
    decrypted = await _ask_all(list(map(_once, runners, encrypted)), envelopes(made), at_once, progress)
    reports = map(_report, known, runners, map(_joined, encrypted, decrypted))
    return Interop(tuple(reports), cells(made, _said(known, decrypted)))


def _once(runner: Runner, talked: Talked | None) -> Runner:
    """Who had to be given up is not waited for a second time."""
    given_up = next((outcome for outcome in talked.outcomes if isinstance(outcome, NotRun)), None) if talked else None
    return replace(runner, ask=partial(_ask_nobody, given_up)) if given_up else runner


async def _ask_nobody(why: NotRun, calls: Sequence[Call], _progress: Callable[[int], None]) -> Talked:
    return Talked(None, (why,) * len(calls))


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

    named = zip(names(runners), runners, strict=True)
    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(ask(name, runner)) for name, runner in named]
    return [task.result() for task in asked]


def _said(names: Sequence[str], asked: Sequence[Talked | None]) -> Mapping[str, tuple[Outcome, ...]]:
    """The outcomes by the names of those who could be asked."""
    return {name: talked.outcomes for name, talked in zip(names, asked, strict=True) if talked is not None}


def _report(name: str, runner: Runner, talked: Talked | None, results: tuple[VectorResult, ...] = ()) -> RunnerReport:
    if talked is None:
        return RunnerReport(name, missing=runner.missing)
    return RunnerReport(
        name,
        talked.hello,
        results,
        talked.complaints,
        version=runner.version,
        restarts=talked.restarts,
        seconds=talked.seconds,
    )


def _joined(first: Talked | None, second: Talked | None) -> Talked | None:
    """Two conversations with one runner as one."""
    if first is None or second is None:
        return None
    return Talked(
        first.hello or second.hello,
        first.outcomes + second.outcomes,
        joined((*first.complaints, *second.complaints)),
        first.restarts + second.restarts,
        first.seconds + second.seconds,
    )


_NO_NAME = re.compile(r"[^\w.+-]+")
_NAME_MAX = 40


def _word(text: str) -> str:
    """`text` as one word, which can stand in a list of expected failures."""
    return _NO_NAME.sub("-", text).strip("-")[:_NAME_MAX]


def names(runners: Sequence[Runner], asked: Sequence[Talked | None] = ()) -> list[str]:
    """A name for each, which is one word and nobody else's; those that came first, or have a fixed one, keep it.

    Before they were `asked`, what they say themselves is not known.
    """
    asked = asked or [None] * len(runners)
    wanted = [
        _word(talked.hello.name) or runner.name
        if talked is not None and talked.hello is not None and not runner.named
        else runner.name
        for runner, talked in zip(runners, asked, strict=True)
    ]
    found = [""] * len(runners)
    for number in sorted(range(len(runners)), key=lambda number: not runners[number].named):
        found[number] = _free(wanted[number], found)
    return found


def _free(name: str, taken: Collection[str]) -> str:
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 2))
    return next(free for free in (name, *numbered) if free not in taken)
