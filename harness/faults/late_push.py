"""A push that takes its time, as one does to a device that sleeps."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core import Apart, Command, Record, Tell
from harness.draws import Draws
from harness.faults.counted import OfPushes
from harness.wire.fcm import MESSAGE_ID

__all__ = ["LatePush"]


class LatePush(OfPushes):
    """The next `times` pushes to the device come `delay` (ns) later. What is pushed after them may overtake them."""

    name = "late-push"

    def __init__(self, token: str | None, delay: int, times: int | None = 1) -> None:
        super().__init__(token, times)
        self.delay = delay

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        push = self._next_push(command)
        if push is None or not isinstance(command, Tell):
            return None
        late = Record("push", "late", push.get(MESSAGE_ID), {"late_ns": self.delay})
        return [(0, late), (self.delay, Apart(command))]
