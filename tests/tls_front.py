"""TLS in front of a server that has none: speaks HTTP/2 and HTTP/1.1, and notes which of them each client picked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from harness.adapters.http_client import HttpClient
from harness.http.values import Call, Limits, Request, Response
from tests.adapters.certificates import server_context
from tests.adapters.http2_server import Http2Peer, Http2Server, Stream

__all__ = ["Front", "tls_front"]

_NOT_PASSED_ON = ("connection", "content-length", "host", "transfer-encoding")


@dataclass
class Front:
    url: str
    protocols: list[str | None] = field(default_factory=list)
    """What each connection speaks: h2, or http/1.1; None where the client offered nothing."""


class _Pipe(asyncio.Protocol):
    """Carries the bytes of one connection to the server behind, or back."""

    def __init__(self, other: asyncio.Transport | None = None) -> None:
        self.other = other
        self.early = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self.other is None:
            self.early += data
        else:
            self.other.write(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self.other is not None:
            self.other.close()

    async def join(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        back, _ = await loop.create_connection(lambda: _Pipe(self.transport), "127.0.0.1", port)
        self.other = back
        back.write(self.early)


class _Door(asyncio.Protocol):
    """Whatever is spoken behind it."""

    def __init__(self, front: Front, h2: Http2Server, port: int, tasks: set[asyncio.Task[None]]) -> None:
        self.front, self.h2, self.port, self.tasks = front, h2, port, tasks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        chosen = transport.get_extra_info("ssl_object").selected_alpn_protocol()
        self.front.protocols.append(chosen)
        inside: asyncio.Protocol = Http2Peer(self.h2) if chosen == "h2" else _Pipe()
        cast(asyncio.Transport, transport).set_protocol(inside)
        inside.connection_made(transport)
        if isinstance(inside, _Pipe):
            _keep(self.tasks, asyncio.create_task(inside.join(self.port)))


def _keep(tasks: set[asyncio.Task[None]], task: asyncio.Task[None]) -> None:
    tasks.add(task)
    task.add_done_callback(tasks.discard)


@contextlib.asynccontextmanager
async def tls_front(certificate: Path, port: int) -> AsyncIterator[Front]:
    """In front of 127.0.0.1:`port`."""
    tasks: set[asyncio.Task[None]] = set()
    client = HttpClient()

    async def pass_on(peer: Http2Peer, stream: Stream) -> None:
        named = dict(stream.headers)
        kept = [(name, value) for name, value in stream.headers if name[0] != ":" and name not in _NOT_PASSED_ON]
        authority = f"127.0.0.1:{port}"
        headers = (("Host", authority), *kept, ("Content-Length", str(len(stream.body))))
        request = Request(named[":method"], "http", authority, named[":path"].encode(), headers, bytes(stream.body))
        answer = await client.call(Call("passed", "front", request, Limits(total_s=10)))
        assert isinstance(answer, Response), answer
        peer.answer(stream, answer.body, status=answer.status)

    h2 = Http2Server(lambda peer, stream: _keep(tasks, asyncio.create_task(pass_on(peer, stream))))
    front = Front("")
    listening = await asyncio.get_running_loop().create_server(
        lambda: _Door(front, h2, port, tasks), "127.0.0.1", 0, ssl=server_context(certificate, "h2", "http/1.1")
    )
    front.url = f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield front
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        for peer in h2.peers:
            peer.transport.abort()
        await client.close()
