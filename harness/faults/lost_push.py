"""A push that the service accepts and the device never gets."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core import Command, Record, Tell
from harness.draws import Draws
from harness.wire.fcm import MESSAGE_ID, PushReceived

__all__ = ["LostPush"]


class LostPush:
    """Loses the next `times` pushes to the device with the registration `token`. Stands behind the push service."""

    name = "lost-push"

    def __init__(self, token: str, times: int = 1) -> None:
        self._token = token
        self.times = times

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        if not isinstance(command, Tell) or not isinstance(command.event, PushReceived):
            return None
        if self.times == 0 or command.event.token != self._token:
            return None
        self.times -= 1
        return [(0, Record("push", "lost", command.event.get(MESSAGE_ID)))]

    def fork(self) -> LostPush:
        return LostPush(self._token, self.times)
