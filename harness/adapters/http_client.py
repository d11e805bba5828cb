"""HTTP clients by name: makes the calls of cores, each with the connection habits of its client."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from functools import partial
from typing import Protocol

from harness.adapters.http_connection import Connection
from harness.adapters.http_dialing import Address, Dialer, Resolver, resolve_name
from harness.adapters.http_phones import PhoneCalls
from harness.frozen import frozen
from harness.http.parse import ResponseParser, Sink
from harness.http.render import complete, request_bytes
from harness.http.urls import host_and_port
from harness.http.values import Call, Closed, ConnectFailed, Limits, Outcome, Request, Response, TimedOut

__all__ = ["Address", "Caller", "HttpClient", "Resolver", "resolve_name"]

_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"})
_APP = "phone:"

_Place = tuple[str, str, str]  # client, scheme, authority


@frozen
class _Errand:
    """A request on its way."""

    place: _Place
    request: Request
    limits: Limits
    sink: Callable[[Response], Sink | None] | None
    on_sent: Callable[[Address], None] | None

    def parser(self) -> ResponseParser:
        return ResponseParser(self.request.method, sink=self.sink)


class Caller(Protocol):
    """Makes calls: an `HttpClient`, or what stands in its place."""

    async def call(
        self,
        call: Call,
        *,
        sink: Callable[[Response], Sink | None] | None = None,
        on_sent: Callable[[Address], None] | None = None,
    ) -> Outcome: ...


class HttpClient:
    """Makes calls; what becomes of them is an outcome, never an exception.

    A client named `phone:…` does as the app does: `okhttp.Connections` decides which connection a request takes and
    where it is sent again (`PhoneCalls`); `okhttp.prepare` gives it its headers. `phone:alice#7` is one okhttp
    instance, whose calls share connections; `phone:alice` is a new one for each call. An idle connection closes
    after `linger_s`. With `follows_up` redirects, 408 and 503 are followed here; a core that does so by itself
    finds nothing left to do. Where a TLS server picks HTTP/2 it is spoken, unless `http1`.

    Every other client keeps its connections for `idle_s`, takes the answer as it comes, and speaks HTTP/1.1.

    `trust` makes a TLS context: one for phones, one for all others. Resolving a name and connecting have `connect_s`,
    each address anew; agreeing on TLS has `read_s` for a phone, as with okhttp, else `connect_s`. A body of more
    than 8 MiB is a broken one; for a phone that is one of more than 4 MiB (`okhttp.http1`).
    """

    def __init__(
        self,
        *,
        trust: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        resolve: Resolver = resolve_name,
        linger_s: float = 300.0,
        idle_s: float = 15.0,
        follows_up: bool = True,
        http1: bool = False,
    ) -> None:
        self._dialer = Dialer(resolve=resolve, trust=trust)
        self._phones = PhoneCalls(resolve=resolve, trust=trust, linger_s=linger_s, follows_up=follows_up, http1=http1)
        self._idle_s = idle_s
        self._idle: dict[_Place, list[Connection]] = {}

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return self._dialer.open + self._phones.dialer.open

    async def call(
        self,
        call: Call,
        *,
        sink: Callable[[Response], Sink | None] | None = None,
        on_sent: Callable[[Address], None] | None = None,
    ) -> Outcome:
        """What became of the call. `sink` may have the body piece by piece (`ResponseParser`).

        `on_sent` gets our address of each connection just before a request goes out over it: the server sees the same.

        Raises ValueError for a request that cannot be written: a line break in a header, a port that is no
        number.
        """
        try:
            async with asyncio.timeout(call.limits.total_s):
                if call.client.startswith(_APP):
                    return await self._phones.call(call.client, call.request, call.limits, sink, on_sent, call.reads)
                place = (call.client, call.request.scheme, call.request.authority)
                return await self._run(_Errand(place, complete(call.request), call.limits, sink, on_sent))
        except TimeoutError:
            return TimedOut("total")

    async def close(self) -> None:
        """Closes every connection; calls under way, and later ones, end as `Closed`."""
        await asyncio.gather(self._dialer.close(), self._phones.dialer.close())

    # -- one call of a client that is no phone -----------------------------------------------------------------------

    async def _run(self, errand: _Errand) -> Outcome:
        """One request and its answer, over an idle connection if there is one."""
        content = request_bytes(errand.request)
        connection = self._take(errand.place)
        if connection is not None:
            parser = errand.parser()
            outcome = await self._exchange(errand, connection, content, parser)
            if not _was_stale(errand.request, parser, outcome):
                return outcome
        return await self._run_anew(errand, content)

    async def _run_anew(self, errand: _Errand, content: bytes) -> Outcome:
        """Over a new connection: to the first address that takes one."""
        host, port = host_and_port(errand.request.scheme, errand.request.authority)
        addresses = await self._dialer.addresses(host, errand.limits.connect_s)
        if isinstance(addresses, ConnectFailed | TimedOut):
            return addresses
        outcome: Outcome = ConnectFailed("resolve", f"no address for {host}")
        for address in addresses:
            connection = await self._connect(errand, address, host, port)
            if isinstance(connection, Connection):
                return await self._exchange(errand, connection, content, errand.parser())
            outcome = connection
        return outcome

    async def _exchange(
        self, errand: _Errand, connection: Connection, content: bytes, parser: ResponseParser
    ) -> Outcome:
        if errand.on_sent is not None:
            errand.on_sent(connection.transport.get_extra_info("sockname")[:2])
        outcome = await connection.exchange(content, parser, errand.limits)
        if connection.reusable:
            self._idle.setdefault(errand.place, []).append(connection)
            connection.close_after(self._idle_s)
        return outcome

    async def _connect(
        self, errand: _Errand, address: str, host: str, port: int
    ) -> Connection | ConnectFailed | TimedOut | Closed:
        if self._dialer.is_closed():
            return Closed(sent_all=False)
        reached = await self._dialer.reach(address, port, errand.limits.connect_s)
        if isinstance(reached, ConnectFailed | TimedOut):
            return reached
        return await self._dialer.attach(
            reached,
            lambda _protocol: Connection(partial(self._lost, errand.place)),
            host=host if errand.request.scheme == "https" else None,
            limit_s=errand.limits.connect_s,
        )

    # -- idle connections --------------------------------------------------------------------------------------------

    def _take(self, place: _Place) -> Connection | None:
        """An idle connection of the same client to the same place, the last one used first."""
        connections = self._idle.get(place, [])
        while connections:
            connection = connections.pop()
            if not connection.transport.is_closing():
                return connection
        return None

    def _lost(self, place: _Place, connection: Connection) -> None:
        connections = self._idle.get(place, [])
        if connection in connections:
            connections.remove(connection)
        if not connections:
            self._idle.pop(place, None)
        self._dialer.lost(connection)


def _was_stale(request: Request, parser: ResponseParser, outcome: Outcome) -> bool:
    """The peer had closed the idle connection, and sending the request again cannot do it twice."""
    if not isinstance(outcome, Closed) or parser.started:
        return False
    return request.method in _REPEATABLE or not outcome.sent_all
