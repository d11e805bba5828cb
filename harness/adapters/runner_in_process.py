"""A runner that is a function in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter

from harness.interop.calls import Call
from harness.interop.outcomes import Outcome
from harness.interop.results import Hello
from harness.interop.talk import Talked

__all__ = ["talk"]

_AT_A_TIME = 100


async def talk(
    perform: Callable[[Call], Outcome],
    calls: Sequence[Call],
    *,
    hello: Hello | None = None,
    progress: Callable[[int], None] | None = None,
) -> Talked:
    """What `perform` makes of all `calls`. In between, those who talk to other runners have their turn.

    `seconds` are those that it took itself.
    """
    outcomes: list[Outcome] = []
    seconds = 0.0
    for start in range(0, len(calls), _AT_A_TIME):
        began = perf_counter()
        outcomes += map(perform, calls[start : start + _AT_A_TIME])
        seconds += perf_counter() - began
        if progress is not None:
            progress(len(outcomes))
        await asyncio.sleep(0)
    return Talked(hello, tuple(outcomes), seconds=seconds)
