"""An event loop whose clock a test moves, so that it proves time limits without waiting for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any

PATIENCE_S = 60  # of the loop's time: what a test waits for comes sooner, or never


class MovedLoop(asyncio.SelectorEventLoop):
    """Its time is the real one and what it was moved by."""

    moved_s = 0.0

    def __init__(self) -> None:
        super().__init__()
        self.timers: list[asyncio.TimerHandle] = []
        self.has_timer = asyncio.Event()

    def time(self) -> float:
        return super().time() + self.moved_s

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        timer = super().call_at(when, callback, *args, context=context)
        self.timers.append(timer)
        self.has_timer.set()
        return timer

    def due_at(self) -> float | None:
        """When the next of its timers is due, save those that wait for a test that hangs."""
        self.timers = [timer for timer in self.timers if not timer.cancelled() and timer.when() > self.time()]
        due = min((timer.when() for timer in self.timers), default=None)
        return None if due is None or due > self.time() + PATIENCE_S / 2 else due


def run(main: Coroutine[Any, Any, None]) -> None:
    """Runs a test in such a loop."""

    async def patiently() -> None:
        async with asyncio.timeout(PATIENCE_S):
            await main

    with asyncio.Runner(loop_factory=MovedLoop) as runner:
        runner.run(patiently())


async def move(by_s: float) -> None:
    """Moves the clock of the running loop, and lets it do what has become due."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, MovedLoop)
    loop.moved_s += by_s
    for _ in range(3):
        await asyncio.sleep(0)


async def moved_until_over(work: Coroutine[Any, Any, object]) -> float:
    """Moves the clock from one timer to the next, as they are set, until the work is over; how long it took."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, MovedLoop)
    began_at = loop.time()
    working = asyncio.ensure_future(work)
    while not working.done():
        loop.has_timer.clear()
        due_at = loop.due_at()
        if due_at is not None:
            await move(due_at - loop.time())
            continue
        timed = asyncio.ensure_future(loop.has_timer.wait())
        await asyncio.wait((working, timed), return_when=asyncio.FIRST_COMPLETED)
        timed.cancel()
    working.result()
    return loop.time() - began_at
