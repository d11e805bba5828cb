"""Requests to `/v1/events` that answer when the calls of their event are done (gateway-protocol.md §7.1)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core import Command, Fact, Record
from harness.http.values import Respond
from harness.standin.rows import Waiting, evolve
from harness.standin.state import State

__all__ = ["done", "expect", "expect_more"]


def expect(state: State, exchange: str, waiting: Waiting) -> None:
    """The exchange is answered after so many calls."""
    state.waiting[exchange] = waiting


def expect_more(state: State, exchange: str, calls: int) -> None:
    """So many more calls have been begun that `exchange` waits for (empty: nobody waits)."""
    waiting = state.waiting.get(exchange) if calls and exchange else None
    if waiting is not None:
        state.waiting[exchange] = evolve(waiting, calls=waiting.calls + calls)


def done(state: State, exchange: str) -> Sequence[Command]:
    """One call is done that `exchange` waits for (empty: nobody waits)."""
    waiting = state.waiting.get(exchange) if exchange else None
    if waiting is None:
        return ()
    if waiting.calls > 1:
        state.waiting[exchange] = evolve(waiting, calls=waiting.calls - 1)
        return ()
    del state.waiting[exchange]
    return (
        Record("api", waiting.kind, None, _facts(waiting)),
        Respond(exchange, waiting.response),
    )


def _facts(waiting: Waiting) -> dict[str, Fact]:
    return {"status": waiting.response.status, "as": waiting.credential, **dict(waiting.exchange)}
