"""An answer that gets lost: what was asked for is done, and whoever asked does not know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from harness.core import Command
from harness.draws import Draws
from harness.faults.counted import OfRequests
from harness.http.values import Answered, Call, Closed, Request, Response

__all__ = ["LostAnswer"]


class LostAnswer(OfRequests):
    """The connections of the next `times` requests of `core` break before the answer comes."""

    name = "lost-answer"

    def __init__(self, core: str, times: int | None = None) -> None:
        super().__init__(core, times)
        self._asked: dict[str, Request] = {}

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        if isinstance(command, Call) and self._is_its(command.request):
            self._asked[command.exchange] = command.request
        return None

    def admit(self, event: Any, draws: Draws) -> tuple[Any, Sequence[Command]] | None:
        if not isinstance(event, Answered):
            return None
        # What was asked before the fault came is answered.
        request = self._asked.pop(event.exchange, None)
        if request is None or not isinstance(event.outcome, Response) or not self.happens():
            return None
        lost = self._record("answer lost", request, status=event.outcome.status)
        return Answered(event.exchange, Closed(sent_all=True)), [lost]

    def fork(self) -> Self:
        twin = super().fork()
        twin._asked = dict(self._asked)
        return twin
