"""Where a server's webhooks and pushes come in: ports that outlive the stories, and who takes what comes there."""

from __future__ import annotations

from collections.abc import Callable

from harness.adapters.http_server import HttpServer
from harness.http.values import Exchange, Request, Response

__all__ = ["Ear"]

Taker = Callable[[Exchange, Request], bool]
"""Takes a request and sees to its answer; False for what it does not know."""


class Ear:
    """A port. What nobody takes, as it is for a story that is over, is answered with `otherwise`."""

    def __init__(self, prefix: str, otherwise: Response) -> None:
        self.prefix = prefix
        self.server = HttpServer(self._arrived, lambda _exchange: None, prefix=prefix)
        self.taker: Taker | None = None
        self._otherwise = otherwise

    def _arrived(self, exchange: Exchange, request: Request) -> None:
        if self.taker is None or not self.taker(exchange, request):
            self.server.respond(exchange, self._otherwise)
