"""An HTTP/1.1 server for cores: hands requests over as values and writes the answers, whenever they come.

Whatever its clients do, it keeps serving the others and its memory has a bound: see `ServerLimits`.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import resource
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, cast

from harness.adapters.accepting import stop_accepting
from harness.adapters.rations import SMALL, Rations
from harness.errors import PortInUse, UsageError
from harness.frozen import frozen
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
_ACCEPTED_AT_ONCE = 32  # asyncio accepts as many as its backlog before we hear of one and can make room
_PIPELINED_MAX = 64  # so many events wait in line before the connection is no longer read
_CLOSING_S = 1.0  # how long a connection that is being closed may still send, or read what was sent before
_READ_BYTES = 64 * 1024  # at a time
_READ_BYTES_IN_NEED = 4 * 1024  # at a time, when requests hold all the memory that they may: a head, no more
_PIECE_BYTES = 64 * 1024  # of a large answer, at a time
_NOTHING = memoryview(b"")
_OTHER_FILES = 64  # what a process has open beside its connections


@frozen
class ServerLimits:
    """What a client may do. Times in seconds, sizes in bytes.

    `head_s`: from the first byte of a head to its last. `idle_s`: silence between requests and within a
    body, or without reading an answer. `unread_bytes`: of a stream that its client does not keep up with.
    `held_bytes`: of requests that are not answered yet, of all connections together; those that do not fit wait, and
    a client that keeps others waiting gets `head_s` to send its request. `unfetched_bytes`: of answers that wait for
    their clients, all together; above it the oldest are dropped. `connections`: at once, as many as the process may
    have files if None; above it, whoever has rested longest is closed.
    """

    head_s: float = 10.0
    idle_s: float = 75.0
    unread_bytes: int = 1024 * 1024
    head_bytes: int = HEAD_BYTES_MAX
    body_bytes: int = BODY_BYTES_MAX
    held_bytes: int = 32 * 1024 * 1024
    unfetched_bytes: int = 64 * 1024 * 1024
    connections: int | None = None


class HttpServer:
    """Listens, and names each request by an exchange `http-1`, `http-2` … that is answered once.

    `on_request` gets every whole request; `on_gone` the exchange whose client left before its answer, or its
    stream, was complete. Requests of one connection are handed over one after the other. Both are called
    from within the event loop and may answer at once. An exchange that is over may still be answered: that
    does nothing. `prefix` keeps the exchanges of several servers apart. `body_bytes_of` may allow a request another
    size than `limits.body_bytes`, by its head.
    """

    def __init__(
        self,
        on_request: Callable[[Exchange, Request], None],
        on_gone: Callable[[Exchange], None],
        *,
        limits: ServerLimits | None = None,
        prefix: str = "http",
        body_bytes_of: Callable[[Request], int] | None = None,
    ) -> None:
        self._on_request = on_request
        self._on_gone = on_gone
        self._limits = limits or ServerLimits()
        self._prefix = prefix
        self._numbers = itertools.count(1)
        self._body_bytes_of = body_bytes_of
        self._listening: list[asyncio.Server] = []
        self._connections: dict[_Connection, None] = {}  # in the order in which they came
        self._connections_max = self._limits.connections or _files_max()
        self._open: dict[Exchange, _Connection] = {}
        self._rations: Rations[_Connection] = Rations(self._limits.held_bytes)
        self._relief: asyncio.TimerHandle | None = None
        self._unfetched: dict[_Connection, None] = {}
        # One for all: what is read is parsed before the next one reads.
        self._buffer = memoryview(bytearray(_READ_BYTES))
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
        if loop.get_exception_handler() is None:
            loop.set_exception_handler(_without_full_tables)
        try:
            listening = await self._accept(_bound(address, port))
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

    async def _accept(self, bound: socket.socket) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        try:
            listening = await loop.create_server(lambda: _Connection(self), sock=bound, backlog=_ACCEPTED_AT_ONCE)
            bound.listen(_BACKLOG)
        except OSError:
            bound.close()
            raise
        return listening

    def peer(self, exchange: Exchange) -> tuple[str, int] | None:
        """The client's address, None when it is gone."""
        connection = self._open.get(exchange)
        return None if connection is None else connection.peer

    def request(self, exchange: Exchange) -> Request | None:
        """What was asked, without its body; None when it is over."""
        connection = self._open.get(exchange)
        return None if connection is None else connection.request

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

    def drop(self, exchange: Exchange) -> None:
        """Closes its connection without an answer."""
        connection = self._open.get(exchange)
        if connection is not None:
            connection.close()

    @property
    def open_exchanges(self) -> tuple[Exchange, ...]:
        """What has arrived and is not answered to its end."""
        return tuple(self._open)

    async def close(self) -> None:
        """Stops listening and closes every connection; what was answered still goes out. Nobody is told."""
        self._emptied = asyncio.Event()
        for listening in self._listening:
            await stop_accepting(listening)
        if self._relief is not None:
            self._relief.cancel()
        for connection in list(self._connections):
            connection.close()
        if self._connections:
            await self._emptied.wait()
        self._listening.clear()

    # -- what the connections ask ----------------------------------------------------------------------------

    @property
    def limits(self) -> ServerLimits:
        return self._limits

    def new_parser(self) -> RequestParser:
        limits = self._limits
        return RequestParser(
            head_bytes_max=limits.head_bytes, body_bytes_max=limits.body_bytes, body_bytes_of=self._body_bytes_of
        )

    def buffer(self) -> memoryview:
        """Where a connection reads into."""
        return self._buffer[:_READ_BYTES_IN_NEED] if self._rations.is_spent else self._buffer

    def read(self, size: int) -> bytes:
        """What has just been read."""
        return bytes(self._buffer[:size])

    def joined(self, connection: _Connection) -> None:
        self._connections[connection] = None
        if self._emptied is not None:  # was accepted just before the listening stopped
            connection.close()
        elif len(self._connections) > self._connections_max:
            resting = next((other for other in self._connections if other.rests), connection)
            resting.abort()

    def left(self, connection: _Connection) -> None:
        self._connections.pop(connection, None)
        self._unfetched.pop(connection, None)
        if self._emptied is not None and not self._connections:
            self._emptied.set()

    def hold(self, connection: _Connection, size: int) -> bool:
        """Notes how many bytes of requests a connection holds; False if it has to wait before it reads on."""
        loop = asyncio.get_running_loop()
        may_read = self._rations.hold(connection, size, loop.time())
        for other in self._rations.resumed(loop.time()):
            other.read_on()
        if self._rations.somebody_waits and self._relief is None:
            self._relief = loop.call_later(self._limits.head_s / 4, self._relieve)
        return may_read

    def _relieve(self) -> None:
        """Who keeps others waiting for too long is closed."""
        self._relief = None
        for connection in self._rations.overdue(asyncio.get_running_loop().time(), self._limits.head_s):
            connection.hurry()
        if self._rations.somebody_waits and self._emptied is None:
            self._relief = asyncio.get_running_loop().call_later(self._limits.head_s / 4, self._relieve)

    def unfetched(self, connection: _Connection) -> None:
        """Answers wait for this client; too many at once, and the oldest are dropped."""
        self._unfetched[connection] = None
        while self._unfetched_bytes() > self._limits.unfetched_bytes and len(self._unfetched) > 1:
            oldest = next(iter(self._unfetched))
            del self._unfetched[oldest]
            oldest.abort()

    def _unfetched_bytes(self) -> int:
        waiting = [connection.unfetched for connection in self._unfetched]
        bodies = {id(body): size for _, body, size in waiting}
        return sum(size for size, _, _ in waiting) + sum(bodies.values())

    def fetched(self, connection: _Connection) -> None:
        self._unfetched.pop(connection, None)

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


def _bound(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # asyncio looks at the protocol before it switches off the holding back of small packets.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((address, port))
    except OSError:
        made.close()
        raise
    return made


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _files_max() -> int:
    """How many connections there may be, as far as the system is asked."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1 << 16 if files == resource.RLIM_INFINITY else max(1, files - _OTHER_FILES)


_FULL = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def _without_full_tables(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The loop waits a second by itself when no more can be accepted; a traceback for each time helps nobody."""
    error = context.get("exception")
    if not (isinstance(error, OSError) and error.errno in _FULL and "socket" in context):
        loop.default_exception_handler(context)


class _Connection(asyncio.BufferedProtocol):
    """One client: parses, keeps its requests in line, writes the answers, watches the clock.

    `_exchange` is the request that is being answered; the next ones wait in `_waiting`.
    """

    _transport: asyncio.Transport

    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._limits = server.limits
        self._loop = asyncio.get_running_loop()
        self._parser = server.new_parser()
        self._waiting: deque[RequestEvent] = deque()
        self._waiting_bytes = 0  # of their bodies
        self._taken_bytes = 0  # of the body of the request that is being answered
        self._holds_much = False
        self._may_read = True  # as far as memory goes
        self._rest = _NOTHING  # of an answer, that the client has to make room for
        self._is_last = False  # with the answer the connection ends
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
        # A client whose machine is gone would hold its stream for ever.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._server.joined(self)
        self._watch()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._server.buffer()

    def buffer_updated(self, nbytes: int) -> None:
        if self._closing:
            return
        events = self._parser.feed(self._server.read(nbytes))
        self._waiting += events
        self._waiting_bytes += sum(len(event.body) for event in events if type(event) is Request)
        self._advance()
        if events or self._parser.phase == "body":  # it is another one now, or a body that moves
            self._phase = ""
        self._watch()

    def eof_received(self) -> bool:
        """A client may half-close and still wait for its answer; a stream is nothing without its client."""
        self._half_closed = True
        return not self._is_free and not self._streaming and not self._closing

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        if self._timer is not None:
            self._timer.cancel()
        self._let_go()
        self._server.left(self)
        if self._exchange is not None:
            self._server.gone(self._exchange)
            self._exchange = None

    def pause_writing(self) -> None:
        self._unread = True
        self._server.unfetched(self)
        self._watch()

    def resume_writing(self) -> None:
        self._unread = False
        self._server.fetched(self)
        self._phase = ""  # it reads: its time begins anew
        self._go_on()

    # -- answers ---------------------------------------------------------------------------------------------

    @property
    def request(self) -> Request | None:
        return None if self._head is None else self._head.request

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
        # A large body is not copied, and goes out piece by piece: many may wait for one and the same.
        large = len(response.body) > _PIECE_BYTES and not response.stream and response.status not in (204, 304)
        self._transport.write(response_bytes(response, close=close, head=head or large, chunked=self._head.chunked))
        if not response.stream:
            self._rest = memoryview(response.body) if large and not head else _NOTHING
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
        self._taken_bytes = 0
        self._streaming = False
        self._is_last = close
        self._go_on()

    def _go_on(self) -> None:
        """Sends the rest of an answer, as far as the client takes it; after that it is the next request's turn."""
        while self._rest and not self._unread and not self._closing:
            piece, self._rest = self._rest[:_PIECE_BYTES], self._rest[_PIECE_BYTES:]
            self._transport.write(piece)
        if self._is_last and not self._rest:
            self.close(self._limits.idle_s)
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
            while self._waiting and self._is_free and not self._unread and not self._closing:
                self._take(self._waiting.popleft())
        finally:
            self._advancing = False
        if self._half_closed and not self._waiting and self._is_free:
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
                self._taken_bytes = len(event.body)
                self._waiting_bytes -= self._taken_bytes
                self._server.arrived(self._exchange, event)
            case Refusal(response, close):
                self._transport.write(response_bytes(response, close=close, head=False))
                if close:
                    self._part()

    def _read_or_rest(self) -> None:
        """Stops reading while a long line of requests waits, or memory is short. (Both calls may be repeated.)"""
        self._hold(self._parser.held + self._waiting_bytes + self._taken_bytes)
        if not self._may_read or len(self._waiting) > _PIPELINED_MAX or self._waiting_bytes > self._limits.body_bytes:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _hold(self, size: int) -> None:
        if size > SMALL or self._holds_much:
            self._holds_much = size > SMALL
            self._may_read = self._server.hold(self, size)

    def read_on(self) -> None:
        """There is memory again."""
        if not self._closing:
            self._phase = ""  # its time begins anew
            self._read_or_rest()
            self._watch()

    # -- the end ---------------------------------------------------------------------------------------------

    @property
    def _is_free(self) -> bool:
        """No request is being answered."""
        return self._exchange is None and not self._rest

    @property
    def rests(self) -> bool:
        """It is not our turn to do anything."""
        return self._is_free and not self._closing

    @property
    def unfetched(self) -> tuple[int, bytes, int]:
        """What waits to be fetched: bytes of its own, and a body that others may wait for too, with its size."""
        size = self._transport.get_write_buffer_size()
        body = cast(bytes, self._rest.obj)
        return (size, body, len(body)) if self._rest else (size, body, 0)

    def abort(self) -> None:
        self._closing = True
        self._let_go()
        self._transport.abort()

    def close(self, patience_s: float = _CLOSING_S) -> None:
        """Closes once everything is written, or after `patience_s` if it is not read."""
        self._closing = True
        if self._rest:  # what was answered still goes out
            self._transport.write(self._rest)
        self._let_go()
        self._transport.close()
        self._set_timer(patience_s)

    def hurry(self) -> None:
        """Gives up on a request that does not come to its end, for the sake of others."""
        if self.rests:
            self._time_out()

    def _time_out(self) -> None:
        timeout = Response(408, (("Content-Type", "text/plain; charset=utf-8"),), b"Request Timeout")
        self._transport.write(response_bytes(timeout, close=True, head=False))
        self._part()

    def _let_go(self) -> None:
        """What it holds is read by nobody any more."""
        self._rest = _NOTHING
        self._waiting.clear()
        self._waiting_bytes = self._taken_bytes = 0
        self._parser = self._server.new_parser()
        self._hold(0)

    def _part(self) -> None:
        """Closes our direction, and hears the client out for a moment.

        Closing with bytes unread would reset the connection, and the client might never see its answer.
        """
        self._closing = True
        self._let_go()
        self._transport.resume_reading()
        try:
            self._transport.write_eof()
        except OSError:  # it has gone already
            self._transport.abort()
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
        return "" if self._exchange is not None or not self._may_read else self._parser.phase

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
            self._time_out()
        elif self._phase:
            self.close()
