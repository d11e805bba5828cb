"""Between httpx and the values of requests and answers. httpx is loaded by who comes here, and by nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

import httpx

from harness.adapters.http_client import Address
from harness.http.parse import Sink
from harness.http.values import Call, Closed, ConnectFailed, Limits, Outcome, Request, Response, TimedOut

__all__ = ["AsyncGatewayTransport", "GatewayTransport", "HttpxClient"]

Exchange = Callable[[Request], Future[Response]]
"""Hands a request over; the future raises `ConnectionError` when nobody answers."""

# httpx has taken the body out of its chunks, and unpacked it.
_UNPACKED = frozenset({"transfer-encoding", "content-encoding", "content-length"})


class GatewayTransport(httpx.BaseTransport):
    """`httpx.Client(transport=…)`: its requests reach a gateway in this process without a socket."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx's own errors: `ReadTimeout` by the request's limit, `RemoteProtocolError`."""
        answer = self._exchange(_request(request, request.read()))
        try:
            return _httpx_response(answer.result(_read_s(request)), request)
        except TimeoutError:
            raise httpx.ReadTimeout("no answer in time", request=request) from None
        except ConnectionError as error:
            raise httpx.RemoteProtocolError(str(error), request=request) from None


class AsyncGatewayTransport(httpx.AsyncBaseTransport):
    """The same for `httpx.AsyncClient`, in an event loop of asyncio."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._exchange(_request(request, await request.aread()))
        try:
            async with asyncio.timeout(_read_s(request)):
                return _httpx_response(await asyncio.wrap_future(answer), request)
        except TimeoutError:
            raise httpx.ReadTimeout("no answer in time", request=request) from None
        except ConnectionError as error:
            raise httpx.RemoteProtocolError(str(error), request=request) from None


def _read_s(request: httpx.Request) -> float | None:
    limit: float | None = request.extensions.get("timeout", {}).get("read")
    return limit


def _request(request: httpx.Request, body: bytes) -> Request:
    """Raises `httpx.UnsupportedProtocol`, as httpx's own transports do, for a path without a server."""
    if request.url.scheme not in ("http", "https"):
        problem = f"{str(request.url)!r} is no http:// or https:// URL: give the client base_url=gateway.url"
        raise httpx.UnsupportedProtocol(problem, request=request)
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw)
    host = request.headers.get("host") or request.url.netloc.decode("ascii")
    return Request(request.method, request.url.scheme, host, request.url.raw_path, headers, body)


def _httpx_response(response: Response, request: httpx.Request) -> httpx.Response:
    body = b"" if request.method == "HEAD" else response.body
    return httpx.Response(response.status, headers=list(response.headers), content=body, request=request)


class HttpxClient:
    """Makes the calls of a world through any `httpx.AsyncBaseTransport`, in the place of an `HttpClient`.

    A phone's own habits (its connections, its headers) are not to be seen there: it is about what is asked and
    answered. Redirects are left to who asked.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def call(
        self,
        call: Call,
        *,
        sink: Callable[[Response], Sink | None] | None = None,
        on_sent: Callable[[Address], None] | None = None,
    ) -> Outcome:
        """What became of the call; never an exception of httpx. `sink` may have the body piece by piece."""
        try:
            async with asyncio.timeout(call.limits.total_s):
                answer = await self._transport.handle_async_request(_httpx_request(call.request, call.limits))
                return await _outcome(answer, sink)
        except TimeoutError:
            return TimedOut("total")
        except httpx.TimeoutException as error:
            return TimedOut("connect" if isinstance(error, httpx.ConnectTimeout) else "read")
        except httpx.ConnectError as error:
            return ConnectFailed("refused", str(error))
        except httpx.TransportError as error:
            return Closed(sent_all=True, complaint=str(error))

    async def close(self) -> None:
        await self._transport.aclose()


def _httpx_request(request: Request, limits: Limits) -> httpx.Request:
    timeout = httpx.Timeout(None, connect=limits.connect_s, read=limits.read_s, write=limits.write_s)
    return httpx.Request(
        request.method, request.url, headers=list(request.headers), content=request.body,
        extensions={"timeout": timeout.as_dict()},
    )  # fmt: skip


async def _outcome(answer: httpx.Response, sink: Callable[[Response], Sink | None] | None) -> Response:
    headers = tuple((name, value) for name, value in answer.headers.multi_items() if name.lower() not in _UNPACKED)
    head = Response(answer.status_code, headers)
    take = None if sink is None else sink(head)
    try:
        if take is None:
            return Response(head.status, head.headers, await answer.aread())
        async for piece in answer.aiter_bytes():
            take(piece)
        return head
    finally:
        await answer.aclose()
