"""Time limits for what a device is asked, which survive a jump of the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from harness.errors import DeviceError

__all__ = ["Limit"]

_STEP_S_MAX = 1.0
_STEPS_MIN = 4


class Limit:
    """Ends what is within it after `limit_s`, by the error that `late` makes; None: never.

    A host that was asleep or stopped has not waited: the time is counted in steps, and what went by between two of
    them counts as one. An answer that waits in the socket when the host wakes up is therefore still read.
    """

    def __init__(self, limit_s: float | None, late: Callable[[], DeviceError]) -> None:
        self._limit_s = limit_s
        self._late = late
        self._left_s = 0.0
        self._timeout = asyncio.timeout(None)
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Limit:
        await self._timeout.__aenter__()
        self.restart()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()
        try:
            await self._timeout.__aexit__(kind, error, traceback)
        except TimeoutError:
            raise self._late() from None

    def restart(self, limit_s: float | None = None) -> None:
        """The time begins anew: something has come. `limit_s` is another limit from now on."""
        self._limit_s = self._limit_s if limit_s is None else limit_s
        if self._limit_s is None:
            return
        self._left_s = self._limit_s
        if self._timer is None:
            self._step()

    def _step(self) -> None:
        """Counts what is left in steps; the last one ends it."""
        loop = asyncio.get_running_loop()
        if self._left_s <= 0:
            self._timer = None
            self._timeout.reschedule(loop.time())
            return
        step_s = min(self._left_s, _STEP_S_MAX, (self._limit_s or 0) / _STEPS_MIN)
        self._timer = loop.call_later(step_s, self._stepped, step_s)

    def _stepped(self, step_s: float) -> None:
        self._left_s -= step_s
        self._step()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
