"""Requests a second of `GET /v1/messages/{id}` on a `serve` in a process of its own, and on a bare protocol."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

from gateway import USER_KEY, Load, gateway
from table import show

from harness.adapters.http_server import HttpServer
from harness.http.values import Request, Response

CONNECTIONS, SECONDS = 32, 4.0


class Reader(asyncio.Protocol):
    """Asks again as soon as it is answered."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.run.request)

    def data_received(self, data: bytes) -> None:
        self.unread += data
        head, found, body = self.unread.partition(b"\r\n\r\n")
        if not found or len(body) < int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]):
            return
        assert head.startswith(b"HTTP/1.1 200")
        self.unread = b""
        self.run.count += 1
        if time.perf_counter() < self.run.until:
            self.transport.write(self.run.request)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.run.left -= 1
        if not self.run.left:
            self.run.over.set_result(None)


class Run:
    def __init__(self, port: int, request: bytes) -> None:
        self.port, self.request = port, request
        self.count, self.left = 0, CONNECTIONS

    async def rate(self) -> float:
        loop = asyncio.get_running_loop()
        self.over = loop.create_future()
        began = time.perf_counter()
        self.until = began + SECONDS
        for _ in range(CONNECTIONS):
            await loop.create_connection(lambda: Reader(self), "127.0.0.1", self.port)
        await self.over
        return self.count / (time.perf_counter() - began)


class Bare(asyncio.Protocol):
    """Answers the same bytes without reading the request."""

    answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(self.answer)


def _rate(port: int, request: bytes) -> float:
    return asyncio.run(Run(port, request).rate())


async def _from_outside(port: int, request: bytes) -> float:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, _rate, port, request)


async def reads_a_second(url: str, message: str) -> tuple[float, float]:
    """Of the gateway at `url`, and of a bare protocol in this process that gives the same answer."""
    authority = url.removeprefix("http://")
    port = int(authority.rpartition(":")[2])
    request = f"GET /v1/messages/{message} HTTP/1.1\r\nHost: {authority}\r\nx-api-key: {USER_KEY}\r\n\r\n".encode()
    Bare.answer = await _one(port, request)
    bare = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", 0)
    ours, other = await _from_outside(port, request), await _from_outside(bare.sockets[0].getsockname()[1], request)
    bare.close()
    return ours, other


async def _one(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    writer.close()
    return head + body


async def main() -> None:
    loads: list[Load] = []

    def arrived(exchange: str, request: Request) -> None:
        fcm.respond(exchange, Response(200, (), b'{"name": "push"}'))
        loads[0].pushed(json.loads(request.body)["message"]["data"]["KEY_MESSAGE_ID"])

    fcm = HttpServer(arrived, lambda _exchange: None)
    with gateway(await fcm.start("127.0.0.1", 0)) as url:
        loads.append(Load(url))
        message = await loads[0].cycle(*await loads[0].phone(1))
        ours, bare = await reads_a_second(url, message)
        await loads[0].client.close()
    await fcm.close()
    figure = f"{ours:.0f} a second, {ours / bare:.2f} of a bare asyncio.Protocol's {bare:.0f}"
    show("32 kept connections", [("GET /v1/messages/{id}", figure, "goal ≥ 5,000")])


if __name__ == "__main__":
    asyncio.run(main())
