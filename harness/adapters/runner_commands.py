"""Runs command lines as a runner: one process for each call, some of them at once."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path

from harness.adapters.children import Child, why_not_started
from harness.interop import placeholders
from harness.interop.calls import Call, Encrypt
from harness.interop.outcomes import Garbled, NotRun, Outcome, Silent, Skipped
from harness.interop.placeholders import Finished
from harness.interop.talk import LIMITS, Limits, Talked

__all__ = ["talk"]


async def talk(
    templates: Sequence[str],
    calls: Sequence[Call],
    *,
    limits: Limits = LIMITS,
    at_once: int = 1,
    progress: Callable[[int], None] | None = None,
    cwd: Path | None = None,
) -> Talked:
    """Makes a command line of each call by `templates` ("prog decrypt {key} {ciphertext}") and tells what came of it.

    At most `at_once` processes run at the same time. Raises UsageError for templates that cannot be used. Nobody says
    hello here. No process is left when this returns, raises or is cancelled.
    """
    commands = _Commands(templates, limits, cwd)
    outcomes: list[Outcome | None] = [None] * len(calls)
    numbered = iter(enumerate(calls))
    settled = 0

    async def work() -> None:
        nonlocal settled
        for index, call in numbered:
            outcomes[index] = await commands.outcome(call)
            settled += 1
            if progress is not None:
                progress(settled)

    await commands.probe()
    began = asyncio.get_running_loop().time()
    await _together([work() for _ in range(max(1, at_once))])
    took = asyncio.get_running_loop().time() - began
    done = tuple(outcome for outcome in outcomes if outcome is not None)
    return Talked(None, done, commands.complaints, seconds=took)


async def _together(works: Sequence[Coroutine[None, None, None]]) -> None:
    """All of them; what one of them raises ends the others, and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as tasks:
            for work in works:
                tasks.create_task(work)
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None


class _Commands:
    """Does one call after the other, and knows when it is no use any more."""

    def __init__(self, templates: Sequence[str], limits: Limits, cwd: Path | None) -> None:
        self._templates = placeholders.parse_templates(templates)
        self._limits = limits
        self._cwd = cwd
        self._newline = True
        self._silences = 0
        self._given_up = ""

    @property
    def complaints(self) -> tuple[str, ...]:
        return (f"it was given up: {self._given_up}",) if self._given_up else ()

    async def probe(self) -> None:
        """Finds out whether the program that decrypts ends what it prints with a line break: a text may end so too."""
        words = placeholders.arguments(self._templates, placeholders.PROBE)
        if not isinstance(words, Skipped):
            probed = await self._run(words)
            self._newline = not isinstance(probed, Finished) or placeholders.adds_newline(probed)

    async def outcome(self, call: Call) -> Outcome:
        words = placeholders.arguments(self._templates, call)
        if isinstance(words, Skipped):
            return words
        if self._given_up:
            return NotRun(self._given_up)
        finished = await self._run(words)
        if isinstance(finished, Silent):
            self._was_silent()
        if not isinstance(finished, Finished):
            return finished
        # No envelope ends with a line break.
        return placeholders.outcome(call, finished, isinstance(call, Encrypt) or self._newline)

    async def _run(self, words: Sequence[bytes]) -> Finished | Outcome:
        printed = _Printed(self._limits.line_bytes)
        child = Child(printed.take)
        try:
            async with asyncio.timeout(self._limits.per_call_s):
                await child.start(words, cwd=self._cwd)
                death = await child.ended()
        except TimeoutError:
            return Silent(self._limits.per_call_s)
        except _TooMuch:
            return Garbled(f"more than {self._limits.line_bytes} bytes")
        except OSError as error:
            return self._not_started(error)
        finally:
            await child.end()
        return Finished(death.status, death.signal, bytes(printed.data), child.last_words)

    def _was_silent(self) -> None:
        self._silences += 1
        if self._silences >= self._limits.silences:
            self._given_up = f"it left {self._silences} calls without an answer"

    def _not_started(self, error: OSError) -> Outcome:
        if error.errno == errno.E2BIG:
            return Skipped("the command line would be longer than the system allows")
        self._given_up = f"it cannot be started: {why_not_started(error)}"
        return NotRun(self._given_up)


class _TooMuch(Exception):
    """More output than is read."""


class _Printed:
    """What a process prints, up to a limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.data = bytearray()

    def take(self, data: bytes) -> None:
        self.data += data
        if len(self.data) > self._limit:
            raise _TooMuch
