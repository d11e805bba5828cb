"""A push that the service accepts and the device never gets."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core import Command, Record
from harness.draws import Draws
from harness.faults.counted import OfPushes
from harness.wire.fcm import MESSAGE_ID

__all__ = ["LostPush"]


class LostPush(OfPushes):
    """Loses the next `times` pushes to the device with the registration `token` (None: to any)."""

    name = "lost-push"

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        push = self._next_push(command)
        return None if push is None else [(0, Record("push", "lost", push.get(MESSAGE_ID)))]
