"""The live driver of a story whose gateway has a clock of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from harness.adapters.live import LiveDriver
from harness.instants import SECOND, Instant
from harness.parties.observer import Observer
from harness.parties.poller import Poller
from harness.wire.fcm import StreamClosed

__all__ = ["TravellingDriver"]

Travel = Callable[[int], Awaitable[None]]
"""Moves the gateway's clock on by so many ns, and returns when all that became due there is done."""

_PAUSE_S = 0.02  # so long nothing must happen before time is skipped: what was pushed or posted is on its way
_NEAR = SECOND  # what is due so soon comes by itself
_FIRST = SECOND // 2
_SHARE = 10  # what the gateway does meanwhile comes late by a tenth of the time that was waited, at most


class TravellingDriver(LiveDriver):
    """Moves the gateway's clock on before its own, by `travel`; without one time passes as it does."""

    def __init__(self, *positional: Any, travel: Travel | None, **named: Any) -> None:
        super().__init__(*positional, **named)
        self._travel = travel

    def hurry(self, is_over: Callable[[], bool]) -> None:
        """From now on the time in which nothing happens is skipped, in small steps at first, if it can be."""
        if self._travel is not None:
            self._own(self._hurry(self._travel, is_over))

    async def _hurry(self, travel: Travel, is_over: Callable[[], bool]) -> None:
        seen, began_at = -1, self.now
        while not is_over():
            await asyncio.sleep(_PAUSE_S)
            if seen != self.world.trace.count or self._is_busy():
                seen, began_at = self.world.trace.count, self.now
                continue
            due_at = self._next_due_at()
            if due_at is not None and due_at > self.now + _NEAR:
                step = min(max(_FIRST, (self.now - began_at) // _SHARE), due_at - self.now - _FIRST)
                await travel(step)
                self.advance(step)

    def _tell_outside(self, core: str, event: Any) -> None:
        """A stream of pushes stays open: a phone without a network keeps what comes until it has one, as FCM would."""
        if not isinstance(event, StreamClosed):
            super()._tell_outside(core, event)

    def _is_busy(self) -> bool:
        return any(name.partition("\n")[0] not in self._askers() for name in self.world.open_calls)

    def _askers(self) -> list[str]:
        """Those who ask again and again: nobody waits for them."""
        return [name for name, core in self.world.cores.items() if isinstance(core, Observer | Poller)]

    def _next_due_at(self) -> Instant | None:
        askers = self._askers()
        due = [self.world.awaited(name)[:1] for name in self.world.cores if name not in askers]
        return min([first[0][0] for first in due if first], default=None)
