"""Talks to a runner that is a child process: does what `harness.interop.talk` decides."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.adapters.children import Child, Death, why_not_started
from harness.instants import Instant, ns, seconds
from harness.interop.calls import Call
from harness.interop.protocol import LineSplitter
from harness.interop.talk import (
    LIMITS,
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
    Started,
    Talked,
    TimeUp,
    Write,
)

__all__ = ["talk"]


async def talk(
    command: Sequence[str],
    calls: Sequence[Call],
    *,
    limits: Limits = LIMITS,
    progress: Callable[[int], None] | None = None,
    cwd: Path | None = None,
) -> Talked:
    """Asks the runner that `command` starts all `calls`, and tells what it made of them, whatever it did.

    `progress` gets how many calls have their outcome, as often as there are more. No process is left when this
    returns, raises or is cancelled; what raises is `progress` alone.
    """
    return await _Driver(tuple(command), RunnerTalk(calls, limits), limits, progress, cwd).run()


class _Driver:
    """Carries one machine through the lives of its processes."""

    def __init__(
        self,
        command: tuple[str, ...],
        machine: RunnerTalk,
        limits: Limits,
        progress: Callable[[int], None] | None,
        cwd: Path | None,
    ) -> None:
        self._command = command
        self._machine = machine
        self._line_bytes = limits.line_bytes
        self._progress = progress
        self._cwd = cwd
        self._told = 0
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._lines = LineSplitter(0)
        self._child: Child | None = None

    async def run(self) -> Talked:
        self._feed(Begun())
        while not self._machine.is_done:
            await self._live()
        return self._machine.talked

    async def _live(self) -> None:
        """One process, from its start to its end."""
        self._lines = LineSplitter(self._line_bytes)
        self._child = Child(self._heard, started=lambda: self._feed(Started()), output_end=self._heard_all)
        try:
            try:
                await self._child.start(self._command, cwd=self._cwd, talks=True)
            except (OSError, ValueError) as error:
                self._feed(NotStarted(why_not_started(error)))
                return
            death = await self._child.ended()
            self._feed(Ended(_how(death), self._child.last_words))
        finally:
            self._stop_timer()
            await self._child.end()

    def _heard(self, data: bytes) -> None:
        lines, is_too_long = self._lines.feed(data)
        if lines:
            self._feed(LinesRead(lines))
        if is_too_long:
            self._feed(LineTooLong())

    def _heard_all(self) -> None:
        if rest := self._lines.end():
            self._feed(LinesRead(rest))
        self._feed(OutputClosed())

    def _feed(self, event: Event) -> None:
        for command in self._machine.handle(event, self._now()):
            self._do(command)
        self._set_timer()
        if self._progress is not None and self._machine.settled != self._told:
            self._told = self._machine.settled
            self._progress(self._told)

    def _do(self, command: Command) -> None:
        match command, self._child:
            case Write(data), Child() as child:
                child.write(data)
            case CloseInput(), Child() as child:
                child.close_input()
            case Kill(), Child() as child:
                child.kill()
            # `Start` is done by `run`: it is the only command there is when no process is.

    # -- time --------------------------------------------------------------------------------------------------------

    def _now(self) -> Instant:
        return ns(self._loop.time())

    def _set_timer(self) -> None:
        """One timer, which goes off too early if the machine wants to be woken later by then: that costs less."""
        wake_at = self._machine.wake_at
        if wake_at is None:
            self._stop_timer()
        elif self._timer is None or ns(self._timer.when()) > wake_at:
            self._stop_timer()
            self._timer = self._loop.call_at(seconds(wake_at), self._time_up)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _time_up(self) -> None:
        self._timer = None
        wake_at = self._machine.wake_at
        if wake_at is not None and self._now() >= wake_at:
            self._feed(TimeUp())
        else:
            self._set_timer()


def _how(death: Death) -> str:
    return death.signal or f"exit status {death.status}"
