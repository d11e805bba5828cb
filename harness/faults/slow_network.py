"""A network that takes its time."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core import At, Command
from harness.draws import Draws
from harness.faults.counted import OfRequests
from harness.http.values import Answered, Limits, TimedOut
from harness.instants import ns

__all__ = ["SlowNetwork"]


class SlowNetwork(OfRequests):
    """The next `times` requests of `core` get to their server `delay` (ns) later.

    Those whose caller would not wait so long for a connection never get there: the caller gives up.
    """

    name = "slow-network"

    def __init__(self, core: str, delay: int, times: int | None = None) -> None:
        super().__init__(core, times)
        self.delay = delay

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        call = self._next_request(command)
        if call is None:
            return None
        record = self._record("slow", call.request, late_ns=self.delay)
        patience = _patience(call.limits)
        if patience is None or self.delay < patience:
            return [(0, record), (self.delay, call)]
        return [(0, record), (patience, At(0, Answered(call.exchange, TimedOut("connect"))))]


def _patience(limits: Limits) -> int | None:
    """How long a caller waits for a connection, in ns; None: for ever."""
    bounds = [limit for limit in (limits.connect_s, limits.total_s) if limit is not None]
    return ns(min(bounds)) if bounds else None
