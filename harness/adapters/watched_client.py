"""Makes the calls of phones, and tells when pushes or polls stop coming through, and when they do again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Literal

from harness.adapters.http_client import Address, HttpClient
from harness.frozen import frozen
from harness.http.parse import Sink
from harness.http.values import Call, Closed, Outcome, Response, TimedOut

__all__ = ["Reach", "WatchedClient"]

_STREAM = "event stream"
_POLLER = "poller:"
# A poll begins with this question; those that follow are about one thread, and say nothing of the way there.
_FIRST = "threads-"
# Whoever fails tries again sooner than that, or nobody asks any more.
_GONE_S = 30.0


@frozen
class Reach:
    """Whether `pushes` or `polls` come through from `place` (scheme and authority). `outcome` None: they do again."""

    what: Literal["pushes", "polls"]
    place: str
    outcome: Outcome | None


class WatchedClient(HttpClient):
    """Tells `told` once when the first stream of pushes, or the first poll, fails, and once when all are well again.

    A stream without an answer for `patience_s` counts as failed, though it is waited for. One that has worked is
    tried again whatever a server answers in between: whoever comes back may have something else there for a while.
    """

    def __init__(self, told: Callable[[Reach], object], patience_s: float, **settings: Any) -> None:
        super().__init__(**settings)
        self._told = told
        self._patience_s = patience_s
        self._worked: set[str] = set()
        # Who fails, and when that is forgotten.
        self._failing: dict[str, dict[str, float]] = {"pushes": {}, "polls": {}}

    async def call(
        self,
        call: Call,
        *,
        sink: Callable[[Response], Sink | None] | None = None,
        on_sent: Callable[[Address], None] | None = None,
    ) -> Outcome:
        if call.client == _STREAM:
            return await self._stream(call, sink, on_sent)
        outcome = await super().call(call, sink=sink, on_sent=on_sent)
        if call.client.startswith(_POLLER) and call.exchange.startswith(_FIRST):
            is_well = isinstance(outcome, Response) and outcome.status == 200
            self._judge("polls", call.client, call, None if is_well else outcome)
        return outcome

    async def _stream(
        self,
        call: Call,
        sink: Callable[[Response], Sink | None] | None,
        on_sent: Callable[[Address], None] | None,
    ) -> Outcome:
        stream = repr(call.request.target)
        opened = False

        def open_(head: Response) -> Sink | None:
            nonlocal opened
            taken = None if sink is None else sink(head)
            if taken is not None:
                opened = True
                late.cancel()
                self._worked.add(stream)
                self._judge("pushes", stream, call, None)
            return taken

        loop = asyncio.get_running_loop()
        late = loop.call_later(self._patience_s, self._judge, "pushes", stream, call, TimedOut("read"), float("inf"))
        try:
            outcome = await super().call(call, sink=open_, on_sent=on_sent)
        except asyncio.CancelledError:
            self._failing["pushes"].pop(stream, None)  # nobody follows it any more
            raise
        finally:
            late.cancel()
        if opened:
            return outcome
        if isinstance(outcome, Response) and outcome.status < 500 and stream not in self._worked:
            return outcome  # nothing that hands out pushes: whoever follows it ends
        self._judge("pushes", stream, call, outcome)
        return outcome if not isinstance(outcome, Response) or outcome.status >= 500 else Closed(sent_all=True)

    def _judge(
        self, what: Literal["pushes", "polls"], one: str, call: Call, outcome: Outcome | None, for_s: float = _GONE_S
    ) -> None:
        """`for_s`: when it is forgotten, if nothing more is heard of it."""
        now = asyncio.get_running_loop().time()
        failing = {name: until for name, until in self._failing[what].items() if until > now}
        was_well = not failing
        if outcome is None:
            failing.pop(one, None)
        else:
            failing[one] = now + for_s
        self._failing[what] = failing
        if was_well != (not failing):
            self._told(Reach(what, f"{call.request.scheme}://{call.request.authority}", outcome))
