"""Requests from within this process: the same exchanges as over a socket, without one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Protocol

from harness.http.values import Exchange, Request, Response

__all__ = ["DirectServer", "Doors", "Server"]

_NO_STREAM = Response(
    501, (("Content-Type", "text/plain; charset=utf-8"),), b"a stream needs a socket: ask for it at the URL"
)


class Server(Protocol):
    """Where requests come in, each named by an exchange, and where their answers go."""

    @property
    def open_exchanges(self) -> tuple[Exchange, ...]: ...

    def request(self, exchange: Exchange) -> Request | None: ...

    def peer(self, exchange: Exchange) -> tuple[str, int] | None: ...

    def respond(self, exchange: Exchange, response: Response) -> None: ...

    def chunk(self, exchange: Exchange, data: bytes, last: bool = False) -> None: ...

    def drop(self, exchange: Exchange) -> None: ...


class DirectServer:
    """Takes requests by `ask`, from the thread of the event loop. `on_request` gets each of them."""

    def __init__(self, on_request: Callable[[Exchange, Request], None], *, prefix: str) -> None:
        self._on_request = on_request
        self._prefix = prefix
        self._numbers = itertools.count(1)
        self._closed = False
        self._open: dict[Exchange, tuple[Request, Callable[[Response | None], None]]] = {}

    def ask(self, request: Request, answered: Callable[[Response | None], None]) -> None:
        """Hands a request over. `answered` is called once, also at once, with None when nobody will answer."""
        if self._closed:
            answered(None)
            return
        exchange = f"{self._prefix}-{next(self._numbers)}"
        self._open[exchange] = request, answered
        self._on_request(exchange, request)

    @property
    def open_exchanges(self) -> tuple[Exchange, ...]:
        return tuple(self._open)

    def request(self, exchange: Exchange) -> Request | None:
        return self._open[exchange][0] if exchange in self._open else None

    def peer(self, exchange: Exchange) -> tuple[str, int] | None:
        return None

    def respond(self, exchange: Exchange, response: Response) -> None:
        self._close(exchange, _NO_STREAM if response.stream else response)

    def chunk(self, exchange: Exchange, data: bytes, last: bool = False) -> None:
        """Pieces of a stream, which nobody here reads."""

    def drop(self, exchange: Exchange) -> None:
        self._close(exchange, None)

    def close(self) -> None:
        """Nobody who waits will be answered any more, nor whoever comes later."""
        self._closed = True
        for exchange in self.open_exchanges:
            self.drop(exchange)

    def _close(self, exchange: Exchange, response: Response | None) -> None:
        _, answered = self._open.pop(exchange, (None, None))
        if answered is not None:
            answered(response)


class Doors:
    """Several servers as one: an exchange is named for the server that it came to (`http-7` is of `http`)."""

    def __init__(self, servers: Mapping[str, Server]) -> None:
        self._servers = servers

    def of(self, exchange: Exchange) -> Server | None:
        return self._servers.get(exchange.rpartition("-")[0])

    @property
    def open_exchanges(self) -> tuple[Exchange, ...]:
        return tuple(exchange for server in self._servers.values() for exchange in server.open_exchanges)

    def respond(self, exchange: Exchange, response: Response) -> None:
        server = self.of(exchange)
        if server is not None:
            server.respond(exchange, response)

    def chunk(self, exchange: Exchange, data: bytes, last: bool = False) -> None:
        server = self.of(exchange)
        if server is not None:
            server.chunk(exchange, data, last)

    def drop(self, exchange: Exchange) -> None:
        server = self.of(exchange)
        if server is not None:
            server.drop(exchange)

    def request(self, exchange: Exchange) -> Request | None:
        server = self.of(exchange)
        return None if server is None else server.request(exchange)

    def peer(self, exchange: Exchange) -> tuple[str, int] | None:
        server = self.of(exchange)
        return None if server is None else server.peer(exchange)
