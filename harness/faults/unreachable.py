"""A gateway that cannot be reached."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core import At, Command
from harness.draws import Draws
from harness.faults.counted import OfRequests
from harness.http.values import Answered, ConnectFailed

__all__ = ["Unreachable"]


class Unreachable(OfRequests):
    """The next `times` requests of `core` find no connection."""

    name = "unreachable"

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        call = self._next_request(command)
        if call is None:
            return None
        # At an instant that is past: at once.
        return [
            (0, self._record("unreachable", call.request)),
            (0, At(0, Answered(call.exchange, ConnectFailed("unreachable")))),
        ]
