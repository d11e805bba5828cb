"""HTTP clients by name: makes the calls of cores, each with the connection habits of its client."""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence

from harness import okhttp
from harness.adapters.http_connection import Connection
from harness.frozen import frozen
from harness.http.parse import ResponseParser, Sink
from harness.http.render import complete, request_bytes
from harness.http.urls import host_and_port
from harness.http.values import (
    Call,
    Closed,
    ConnectFailed,
    Limits,
    Outcome,
    Request,
    Response,
    TimedOut,
)

__all__ = ["Address", "HttpClient", "Resolver", "resolve_name"]

Address = tuple[str, int]
"""Host and port of one end of a connection."""

Resolver = Callable[[str], Awaitable[Sequence[str]]]
"""The addresses of a host name. Raises OSError if there are none."""

_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"})
_APP = "phone:"

_Authority = tuple[str, str]  # with its scheme


@frozen
class _Errand:
    """A request on its way. `client` is the name under which its connection may be used again."""

    client: str
    request: Request
    limits: Limits
    sink: Callable[[Response], Sink | None] | None
    on_sent: Callable[[Address], None] | None

    @property
    def authority(self) -> _Authority:
        return self.request.scheme, self.request.authority

    def parser(self) -> ResponseParser:
        return ResponseParser(self.request.method, sink=self.sink)


async def resolve_name(host: str) -> Sequence[str]:
    """The system's answer, in its order."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class HttpClient:
    """Makes calls; what becomes of them is an outcome, never an exception.

    A client named `phone:…` does as the app does: each call begins on a new connection, goes through
    `okhttp.prepare` and `okhttp.follow_up`, and is sent to the next address of its host if the connection
    breaks before an answer. Its connection closes `linger_s` after the answer (the app leaves it idle).
    Every other client keeps its connections for `idle_s` and takes the answer as it comes.

    `tls` is used for https, the system's trust if None; it should not offer HTTP/2. Connecting includes
    resolving the name: both together, and TLS, have `connect_s`, each further address has it anew.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        resolve: Resolver = resolve_name,
        linger_s: float = 0.0,
        idle_s: float = 15.0,
    ) -> None:
        self._tls = tls
        self._resolve = resolve
        self._linger_s = linger_s
        self._idle_s = idle_s
        self._idle: dict[str, dict[_Authority, list[Connection]]] = {}
        self._connections: dict[Connection, _Errand] = {}
        self._numbers = itertools.count()
        self._emptied: asyncio.Event | None = None  # there once it is being closed

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
                    return await self._call_as_app(call, sink, on_sent)
                errand = _Errand(call.client, complete(call.request), call.limits, sink, on_sent)
                return await self._run(errand)
        except TimeoutError:
            return TimedOut("total")

    async def close(self) -> None:
        """Closes every connection; calls under way, and later ones, end as `Closed`."""
        self._emptied = asyncio.Event()
        for connection in list(self._connections):
            connection.transport.abort()
        if self._connections:
            await self._emptied.wait()

    def _is_closed(self) -> bool:
        return self._emptied is not None

    # -- one call -------------------------------------------------------------------------------------------

    async def _call_as_app(
        self, call: Call, sink: Callable[[Response], Sink | None] | None, on_sent: Callable[[Address], None] | None
    ) -> Outcome:
        # Each call has an okhttp instance of its own (phone-behaviour §2.1); its follow-ups share
        # connections.
        instance = f"{call.client} {next(self._numbers)}"
        request = okhttp.prepare(call.request)
        previous: list[Response] = []
        try:
            while True:
                outcome = await self._run(_Errand(instance, request, call.limits, sink, on_sent))
                if not isinstance(outcome, Response):
                    return outcome
                again = okhttp.follow_up(request, outcome, previous)
                if again is None:
                    return outcome
                if isinstance(again, okhttp.GaveUp):
                    return Closed(sent_all=True)
                previous.append(outcome)
                request = again
        finally:
            for connections in self._idle.pop(instance, {}).values():
                for connection in connections:
                    connection.close_after(self._linger_s)

    async def _run(self, errand: _Errand) -> Outcome:
        """One request and its answer, over an idle connection if there is one."""
        content = request_bytes(errand.request)
        connection = self._take(errand)
        if connection is not None:
            parser = errand.parser()
            outcome = await self._exchange(errand, connection, content, parser)
            if not _was_stale(errand.request, parser, outcome):
                return outcome
        return await self._run_anew(errand, content)

    async def _run_anew(self, errand: _Errand, content: bytes) -> Outcome:
        """Over a new connection: to the first address that takes one."""
        host, port = host_and_port(*errand.authority)
        addresses = await self._addresses(host, errand.limits)
        if isinstance(addresses, ConnectFailed | TimedOut):
            return addresses
        outcome: Outcome = ConnectFailed("resolve", f"no address for {host}")
        for address in addresses:
            connection = await self._connect(errand, address, host, port)
            if not isinstance(connection, Connection):
                outcome = connection
                continue
            parser = errand.parser()
            outcome = await self._exchange(errand, connection, content, parser)
            broke = isinstance(outcome, Closed) and not parser.started
            if not (broke and errand.client.startswith(_APP)):
                return outcome
        return outcome

    async def _exchange(
        self, errand: _Errand, connection: Connection, content: bytes, parser: ResponseParser
    ) -> Outcome:
        if errand.on_sent is not None:
            errand.on_sent(connection.transport.get_extra_info("sockname")[:2])
        outcome = await connection.exchange(content, parser, errand.limits)
        if connection.reusable:
            self._keep(errand, connection)
        return outcome

    # -- connections ----------------------------------------------------------------------------------------

    def _take(self, errand: _Errand) -> Connection | None:
        """An idle connection of the same client to the same place, the last one used first."""
        connections = self._idle.get(errand.client, {}).get(errand.authority, [])
        while connections:
            connection = connections.pop()
            if not connection.transport.is_closing():
                return connection
        return None

    def _keep(self, errand: _Errand, connection: Connection) -> None:
        self._idle.setdefault(errand.client, {}).setdefault(errand.authority, []).append(connection)
        if not errand.client.startswith(_APP):  # else the end of the call decides
            connection.close_after(self._idle_s)

    def _lost(self, connection: Connection) -> None:
        errand = self._connections.pop(connection, None)
        if errand is not None:
            self._forget(errand, connection)
        if self._emptied is not None and not self._connections:
            self._emptied.set()

    def _forget(self, errand: _Errand, connection: Connection) -> None:
        places = self._idle.get(errand.client, {})
        connections = places.get(errand.authority, [])
        if connection in connections:
            connections.remove(connection)
        if not connections:
            places.pop(errand.authority, None)
        if not places:
            self._idle.pop(errand.client, None)

    async def _addresses(self, host: str, limits: Limits) -> Sequence[str] | ConnectFailed | TimedOut:
        try:
            async with asyncio.timeout(limits.connect_s) as limit:
                return await self._resolve(host)
        except TimeoutError:
            return TimedOut("connect") if limit.expired() else ConnectFailed("timeout")
        except (OSError, UnicodeError) as error:  # UnicodeError: a name that no DNS can hold
            return ConnectFailed("resolve", _text(error))

    async def _connect(
        self, errand: _Errand, address: str, host: str, port: int
    ) -> Connection | ConnectFailed | TimedOut | Closed:
        if self._is_closed():
            return Closed(sent_all=False)
        tls = self._trust() if errand.request.scheme == "https" else None
        name = host if tls else None
        try:
            async with asyncio.timeout(errand.limits.connect_s) as limit:
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: Connection(self._lost), address, port, ssl=tls, server_hostname=name
                )
        except TimeoutError:  # the system gives up connecting too, after minutes
            return TimedOut("connect") if limit.expired() else ConnectFailed("timeout")
        except (OSError, OverflowError) as error:
            return ConnectFailed(_kind(error, over_tls=tls is not None), _text(error))
        self._connections[connection] = errand
        if self._is_closed():  # while we were connecting
            connection.transport.abort()
        return connection

    def _trust(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


def _was_stale(request: Request, parser: ResponseParser, outcome: Outcome) -> bool:
    """The peer had closed the idle connection, and sending the request again cannot do it twice."""
    if not isinstance(outcome, Closed) or parser.started:
        return False
    return request.method in _REPEATABLE or not outcome.sent_all


def _kind(error: Exception, *, over_tls: bool) -> str:
    match error:
        case ssl.SSLError():
            return "tls"
        case ConnectionRefusedError():
            return "refused"
        case ConnectionError() if over_tls:  # it was connected, and broke off in the handshake
            return "tls"
        case _:
            return "unreachable"


def _text(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
