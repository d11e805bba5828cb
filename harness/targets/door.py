"""The way to somebody's server: makes every call, keeps a story to what is its own, and remembers what it has made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.adapters.http_client import Address, HttpClient
from harness.conform.inbox import body_of
from harness.conform.leftovers import made_by
from harness.conform.requests import Base
from harness.http.parse import Sink
from harness.http.values import Call, ConnectFailed, Outcome, Response
from harness.targets.guards import Owned, learned, request_refusal

__all__ = ["Door", "Visit"]

CLIENT = "client"
"""The core that is a story's application."""


class Visit:
    """One story's dealings with the server. `made`: the paths of what stays until it is deleted, the oldest first.

    `refused` tells why a request was not made; None where all were.
    """

    def __init__(self, owned: Owned, *, take_over: bool) -> None:
        self.owned = owned
        self.made: list[str] = []
        self.refused: str | None = None
        self.take_over = take_over

    def own(self, ids: frozenset[str]) -> None:
        if not ids <= self.owned.ids:
            self.owned = Owned(self.owned.numbers, self.owned.ids | ids)


class Door(HttpClient):
    """An HTTP client whose story (`visit`) is kept to what is its own on the server at `url`."""

    def __init__(self, url: str, **settings: Any) -> None:
        super().__init__(**settings)
        self._base = Base(url)
        self.visit: Visit | None = None

    async def call(
        self,
        call: Call,
        *,
        sink: Callable[[Response], Sink | None] | None = None,
        on_sent: Callable[[Address], None] | None = None,
    ) -> Outcome:
        visit = self.visit
        if visit is None or call.request.authority != self._base.authority:
            return await super().call(call, sink=sink, on_sent=on_sent)
        if call.client == CLIENT:
            refusal = request_refusal(call.request, visit.owned, take_over=visit.take_over)
            if refusal is not None:
                visit.refused = visit.refused or refusal
                return ConnectFailed("refused by the harness", refusal)
        outcome = await super().call(call, sink=sink, on_sent=on_sent)
        if isinstance(outcome, Response):
            self._note(visit, call, outcome)
        return outcome

    def _note(self, visit: Visit, call: Call, response: Response) -> None:
        visit.own(learned(call.request, response, visit.owned))
        if 200 <= response.status < 300:
            path = call.request.path.rstrip("/")
            if call.request.method == "DELETE" and path in visit.made:
                visit.made.remove(path)
            made = made_by(self._base, call.request, body_of(response))
            if made is not None and made not in visit.made:
                visit.made.append(made)
