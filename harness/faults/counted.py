"""What faults have in common: how often they happen, and whose pushes or requests they are about."""

from __future__ import annotations

import copy
import re
from typing import Self

from harness.core import Command, Fact, Record, Tell
from harness.http.values import Call, Request
from harness.wire.fcm import PushReceived

__all__ = ["Counted", "OfPushes", "OfRequests"]

_OF_ITS_OWN = ("/v1/phones/fcm-token", "/v1/heartbeats")
_MESSAGE_ID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Counted:
    """Happens `times` times (None: as long as it stands there)."""

    def __init__(self, times: int | None) -> None:
        self.times = times

    def happens(self) -> bool:
        """Whether it happens once more; then that is counted."""
        if self.times is None:
            return True
        if self.times == 0:
            return False
        self.times -= 1
        return True

    def fork(self) -> Self:
        return copy.copy(self)


class OfPushes(Counted):
    """Stands behind the push service. `token` is whose pushes it is about (None: everybody's)."""

    def __init__(self, token: str | None, times: int | None = 1) -> None:
        super().__init__(times)
        self._token = token

    def _next_push(self, command: Command) -> PushReceived | None:
        """The push, if it happens to this one."""
        if not isinstance(command, Tell) or not isinstance(command.event, PushReceived):
            return None
        return command.event if self._is_its(command.event.token) and self.happens() else None

    def _is_its(self, token: str) -> bool:
        return self._token is None or token == self._token


class OfRequests(Counted):
    """Stands behind `core`, whose requests it is about.

    What a phone asks on its own account, whenever it likes, is left alone by a fault that counts.
    """

    def __init__(self, core: str, times: int | None = None) -> None:
        super().__init__(times)
        self._core = core

    def _next_request(self, command: Command) -> Call | None:
        """The request, if it happens to this one."""
        return command if isinstance(command, Call) and self._is_its(command.request) and self.happens() else None

    def _is_its(self, request: Request) -> bool:
        is_own = self._core.startswith("phone:") and request.path.endswith(_OF_ITS_OWN)
        return self.times is None or not is_own

    def _record(self, kind: str, request: Request, **more: Fact) -> Record:
        """Of a request that names its message the entry belongs to that."""
        found = _MESSAGE_ID.search(request.target)
        facts: dict[str, Fact] = {"who": self._core, "request": f"{request.method} {request.path}", **more}
        return Record("api", kind, found[0].decode() if found else None, facts)
