"""A push that comes twice: FCM promises no more than that it comes."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core import Command, Record
from harness.draws import Draws
from harness.faults.counted import OfPushes
from harness.wire.fcm import MESSAGE_ID

__all__ = ["DuplicatePush"]


class DuplicatePush(OfPushes):
    """The next `times` pushes to the device come once more, right after themselves."""

    name = "duplicate-push"

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        push = self._next_push(command)
        if push is None:
            return None
        return [(0, command), (0, Record("push", "duplicated", push.get(MESSAGE_ID))), (0, command)]
