"""An HTTP/1.1 server for cores: hands requests over as values and writes the answers, whenever they come."""

from __future__ import annotations

import asyncio
import errno
import itertools
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from harness.errors import PortInUse, UsageError
from harness.http.parse import (
    BODY_BYTES_MAX,
    HEAD_BYTES_MAX,
    Refusal,
    RequestEvent,
    RequestHead,
    RequestParser,
)
from harness.http.render import CONTINUE, chunk_bytes, response_bytes
from harness.http.values import Exchange, Request, Response

__all__ = ["HttpServer", "ServerLimits"]

_BACKLOG = 4096  # with asyncio's 100, the 200th connection at once waits a second
_PIPELINED_MAX = 64  # so many events wait in line before the connection is no longer read
_CLOSING_S = 1.0  # how long a connection that is being closed may still send, or read the end of its answer


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """What a client may do. Times in seconds, sizes in bytes.

    `head_s`: from the first byte of a head to its last. `idle_s`: silence between requests and within a
    body, or without reading an answer. `unread_bytes`: of a stream that its client does not keep up with.
    """

    head_s: float = 10.0
    idle_s: float = 75.0
    unread_bytes: int = 1024 * 1024
    head_bytes: int = HEAD_BYTES_MAX
    body_bytes: int = BODY_BYTES_MAX


class HttpServer:
    """Listens, and names each request by an exchange `http-1`, `http-2` … that is answered once.

    `on_request` gets every whole request; `on_gone` the exchange whose client left before its answer, or its
    stream, was complete. Requests of one connection are handed over one after the other. Both are called
    from within the event loop and may answer at once. An exchange that is over may still be answered: that
    does nothing. `prefix` keeps the exchanges of several servers apart.
    """

    def __init__(
        self,
        on_request: Callable[[Exchange, Request], None],
        on_gone: Callable[[Exchange], None],
        *,
        limits: ServerLimits | None = None,
        prefix: str = "http",
    ) -> None:
        self._on_request = on_request
        self._on_gone = on_gone
        self._limits = limits or ServerLimits()
        self._prefix = prefix
        self._numbers = itertools.count(1)
        self._listening: list[asyncio.Server] = []
        self._connections: set[_Connection] = set()
        self._open: dict[Exchange, _Connection] = {}
        self._emptied: asyncio.Event | None = None  # there once it is being closed

    async def start(self, host: str, port: int) -> int:
        """Listens on every address of `host` and returns the port (0: any free one).

        Raises PortInUse, or UsageError when the address cannot be listened on for another reason.
        """
        for address in await _addresses(host):
            port = await self._listen(host, address, port)
        return port

    async def _listen(self, host: str, address: str, port: int) -> int:
        loop = asyncio.get_running_loop()
        try:
            listening = await loop.create_server(lambda: _Connection(self), address, port, backlog=_BACKLOG)
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL and self._listening:
                return port  # localhost has a second address in the hosts file, but not on this machine
            await self.close()
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(host, port) from None
            raise UsageError(f"cannot listen on {host}:{port}: {_why(error)}") from None
        self._listening.append(listening)
        bound: int = listening.sockets[0].getsockname()[1]
        return bound

    def peer(self, exchange: Exchange) -> tuple[str, int] | None:
        """The client's address, None when it is gone."""
        connection = self._open.get(exchange)
        return None if connection is None else connection.peer

    def respond(self, exchange: Exchange, response: Response) -> None:
        """Answers. A stream stays open for `chunk`. Raises ValueError for a header that breaks its line."""
        connection = self._open.get(exchange)
        if connection is not None:
            connection.respond(response)

    def chunk(self, exchange: Exchange, data: bytes, last: bool = False) -> None:
        """One more piece of a streamed answer; `last` ends it. A client that reads too slowly is dropped."""
        connection = self._open.get(exchange)
        if connection is not None:
            connection.chunk(data, last)

    async def close(self) -> None:
        """Stops listening and closes every connection; what was answered still goes out. Nobody is told."""
        self._emptied = asyncio.Event()
        for listening in self._listening:
            listening.close()
        for connection in list(self._connections):
            connection.close()
        if self._connections:
            await self._emptied.wait()
        self._listening.clear()

    # -- what the connections ask ----------------------------------------------------------------------------

    @property
    def limits(self) -> ServerLimits:
        return self._limits

    def joined(self, connection: _Connection) -> None:
        self._connections.add(connection)
        if self._emptied is not None:  # was accepted just before the listening stopped
            connection.close()

    def left(self, connection: _Connection) -> None:
        self._connections.discard(connection)
        if self._emptied is not None and not self._connections:
            self._emptied.set()

    def new_exchange(self, connection: _Connection) -> Exchange:
        exchange = f"{self._prefix}-{next(self._numbers)}"
        self._open[exchange] = connection
        return exchange

    def arrived(self, exchange: Exchange, request: Request) -> None:
        self._on_request(exchange, request)

    def finished(self, exchange: Exchange) -> None:
        self._open.pop(exchange, None)

    def gone(self, exchange: Exchange) -> None:
        self._open.pop(exchange, None)
        if self._emptied is None:
            self._on_gone(exchange)


async def _addresses(host: str) -> list[str]:
    """Every address of a name, IPv4 first. Raises UsageError if there is none."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise UsageError(f"cannot listen on {host}: {_why(error)}") from None
    found.sort(key=lambda entry: entry[0] != socket.AF_INET)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


class _Connection(asyncio.Protocol):
    """One client: parses, keeps its requests in line, writes the answers, watches the clock.

    `_exchange` is the request that is being answered; the next ones wait in `_waiting`.
    """

    _transport: asyncio.Transport

    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._limits = server.limits
        self._loop = asyncio.get_running_loop()
        self._parser = RequestParser(head_bytes_max=self._limits.head_bytes, body_bytes_max=self._limits.body_bytes)
        self._waiting: deque[RequestEvent] = deque()
        self._head: RequestHead | None = None
        self._exchange: Exchange | None = None
        self._streaming = False
        self._unread = False  # the client does not read as fast as we write
        self._half_closed = False  # the client has sent all it wants to send
        self._closing = False
        self._advancing = False
        self._phase = ""
        self._due_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    # -- what asyncio calls ----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # it has TCP_NODELAY already
        self._server.joined(self)
        self._watch()

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        events = self._parser.feed(data)
        self._waiting += events
        self._advance()
        if events or self._parser.phase == "body":  # it is another one now, or a body that moves
            self._phase = ""
        self._watch()

    def eof_received(self) -> bool:
        """A client may half-close and still wait for its answer; a stream is nothing without its client."""
        self._half_closed = True
        return self._exchange is not None and not self._streaming and not self._closing

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        if self._timer is not None:
            self._timer.cancel()
        self._server.left(self)
        if self._exchange is not None:
            self._server.gone(self._exchange)
            self._exchange = None

    def pause_writing(self) -> None:
        self._unread = True
        self._watch()

    def resume_writing(self) -> None:
        self._unread = False
        self._advance()
        self._watch()

    # -- answers ---------------------------------------------------------------------------------------------

    @property
    def peer(self) -> tuple[str, int] | None:
        name = self._transport.get_extra_info("peername")
        return None if name is None else name[:2]

    def respond(self, response: Response) -> None:
        if self._head is None or self._exchange is None or self._streaming or self._closing:
            return
        head = self._head.request.method == "HEAD"
        # Without chunks, the end of the connection is the only end that a stream has.
        close = not self._head.keep_alive or (response.stream and not self._head.chunked)
        self._transport.write(response_bytes(response, close=close, head=head, chunked=self._head.chunked))
        if not response.stream:
            self._finish(close=close)
        elif head:  # it has all it asked for, but who streams must be told to stop
            self._loop.call_soon(self._server.gone, self._exchange)
            self._finish(close=close)
        else:
            self._streaming = True
            self._watch()

    def chunk(self, data: bytes, last: bool) -> None:
        if not self._streaming or self._head is None or self._closing:
            return
        self._transport.write(chunk_bytes(data, last=last) if self._head.chunked else data)
        if last:
            self._finish(close=not (self._head.keep_alive and self._head.chunked))
        elif self._transport.get_write_buffer_size() > self._limits.unread_bytes:
            self._transport.abort()

    def _finish(self, *, close: bool) -> None:
        assert self._exchange is not None
        self._server.finished(self._exchange)
        self._exchange = None
        self._streaming = False
        if close:
            self.close()
        else:
            self._advance()
            self._watch()

    # -- requests in line ------------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Takes what waits in line, until a request has to be answered first."""
        if self._advancing:  # an answer within `on_request`: the loop below goes on
            return
        self._advancing = True
        try:
            while self._waiting and self._exchange is None and not self._unread and not self._closing:
                self._take(self._waiting.popleft())
        finally:
            self._advancing = False
        if self._half_closed and not self._waiting and self._exchange is None:
            self.close()
        elif not self._closing:
            self._read_or_rest()

    def _take(self, event: RequestEvent) -> None:
        match event:
            case RequestHead():
                self._head = event
                if event.expects_continue and not self._waiting:
                    self._transport.write(CONTINUE)
            case Request():
                self._exchange = self._server.new_exchange(self)
                self._server.arrived(self._exchange, event)
            case Refusal(response, close):
                self._transport.write(response_bytes(response, close=close, head=False))
                if close:
                    self._part()

    def _read_or_rest(self) -> None:
        """Stops reading while a long line of requests waits. (Both calls may be repeated.)"""
        if len(self._waiting) > _PIPELINED_MAX:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    # -- the end ---------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Closes once everything is written, or soon if it is not read."""
        self._closing = True
        self._transport.close()
        self._set_timer(_CLOSING_S)

    def _part(self) -> None:
        """Closes our direction, and hears the client out for a moment.

        Closing with bytes unread would reset the connection, and the client might never see its answer.
        """
        self._closing = True
        self._waiting.clear()
        self._transport.write_eof()
        self._set_timer(_CLOSING_S)

    # -- the clock -------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        """Sets the limit of what the connection is waiting for now, if that has changed."""
        phase = self._waits_for()
        if phase == self._phase or self._closing:
            return
        self._phase = phase
        limit = self._limits.head_s if phase == "head" else self._limits.idle_s
        self._due_at = self._loop.time() + limit
        if phase and (self._timer is None or self._timer.when() > self._due_at):
            self._set_timer(limit)

    def _waits_for(self) -> str:
        """Empty while it is our turn."""
        if self._unread:
            return "reader"
        return "" if self._exchange is not None else self._parser.phase

    def _set_timer(self, delay_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(delay_s, self._expired)

    def _expired(self) -> None:
        """The timer is not moved at every byte, so it may come too early."""
        self._timer = None
        left_s = self._due_at - self._loop.time()
        if self._closing or (self._phase == "reader" and left_s <= 0):
            self._transport.abort()
        elif self._phase and left_s > 0:
            self._set_timer(left_s)
        elif self._phase == "head":
            timeout = Response(408, (("Content-Type", "text/plain; charset=utf-8"),), b"Request Timeout")
            self._transport.write(response_bytes(timeout, close=True, head=False))
            self._part()
        elif self._phase:
            self.close()
