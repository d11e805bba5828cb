"""Something before the gateway that answers in its place: a proxy, a gateway that is being started."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core import At, Command
from harness.draws import Draws
from harness.faults.counted import OfRequests
from harness.http.values import Answered, Response
from harness.wire.server import error

__all__ = ["FailingApi"]

_JSON = (("Content-Type", "application/json; charset=utf-8"),)


class FailingApi(OfRequests):
    """The next `times` requests of `core` are answered with `status`, and the gateway does not see them."""

    name = "failing-api"

    def __init__(self, core: str, status: int, times: int | None = None) -> None:
        super().__init__(core, times)
        self.status = status

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        call = self._next_request(command)
        if call is None:
            return None
        answer = Response(self.status, _JSON, error(f"a fault answers with {self.status}"))
        record = self._record("failed", call.request, status=self.status)
        return [(0, record), (0, At(0, Answered(call.exchange, answer)))]
