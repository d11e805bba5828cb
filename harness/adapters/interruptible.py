"""An event loop that Ctrl-C does not tear in two."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Coroutine
from types import FrameType
from typing import Any, Self, TypeVar

__all__ = ["run_interruptible"]

T = TypeVar("T")

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_interruptible(work: Coroutine[Any, Any, T], runner: asyncio.Runner | None = None) -> T:
    """Runs `work` to its end in an event loop, that of `runner` or one for it alone, and gives what it returns.

    A signal handler that raises KeyboardInterrupt, as Python's own for Ctrl-C does, raises it in the midst of whatever
    the loop is doing, and tasks wait for ever for what was just about to be told to them. Here the work is cancelled
    instead, and KeyboardInterrupt raised once it has ended and the loop is closed.
    """
    results: list[T] = []
    with _Interrupts() as interrupts:

        async def main() -> None:
            interrupts.cancel(asyncio.current_task())
            # A runner makes a repr of what its coroutine returns (3.11), which takes long for a large result.
            results.append(await work)

        with asyncio.Runner() if runner is None else contextlib.nullcontext(runner) as loop:
            try:
                loop.run(main())
            except asyncio.CancelledError:
                if not interrupts.came:
                    raise
    if interrupts.came:
        raise KeyboardInterrupt
    return results[0]


class _Interrupts:
    """Within this context KeyboardInterrupts of signal handlers are kept. Only the main thread gets signals."""

    def __init__(self) -> None:
        self.came = False
        self._task: asyncio.Task[Any] | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                if callable(before := signal.getsignal(number)):
                    self._before[number] = before
                    signal.signal(number, self._handle)
        return self

    def __exit__(self, *_error: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def cancel(self, task: asyncio.Task[Any] | None) -> None:
        """From now on an interrupt cancels this task; one that has come already does so now."""
        self._task = task
        if self.came and task is not None:
            task.cancel()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        try:
            self._before[number](number, frame)
        except KeyboardInterrupt:
            self.came = True
            if self._task is not None and not self._task.get_loop().is_closed():
                self._task.get_loop().call_soon_threadsafe(self._task.cancel)
