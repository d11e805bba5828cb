"""An event loop whose clock a test moves, so that it proves time limits without waiting for them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

PATIENCE_S = 60  # of the loop's time: what a test waits for comes sooner, or never


class MovedLoop(asyncio.SelectorEventLoop):
    """Its time is the real one and what it was moved by."""

    moved_s = 0.0

    def time(self) -> float:
        return super().time() + self.moved_s


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
