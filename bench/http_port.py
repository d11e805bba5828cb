"""What the HTTP port costs: requests and message cycles per second through real sockets on 127.0.0.1.

Every row is measured several times in turn with a bare `asyncio.Protocol` that answers the same bytes without
reading the request; the ratio to it says more than the number, which depends on the machine.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor

from harness.adapters.http_client import HttpClient
from harness.adapters.http_server import HttpServer
from harness.http.render import request_bytes, response_bytes
from harness.http.values import Call, Request, Response
from harness.okhttp import prepare

DURATION_S = 1.5
ROUNDS = 3
CYCLES = 600

APP_HEADERS = (("x-api-key", "pk_one"), ("X-Client-Version", "5dab6f8"))
BODY = b'{\n  "event_name": "SENT",\n  "reason": null,\n  "timestamp": "2026-07-23T05:10:10.123000000Z"\n}'
ANSWER = Response(
    200, (("Content-Type", "application/json; charset=utf-8"),), b'{"message": "stored", "status": "success"}'
)
EVENTS = b"/v1/messages/3c320a91-439b-35e5-ac34-d5a416db228d/events"
REQUEST = request_bytes(prepare(Request("POST", "http", "127.0.0.1", EVENTS, APP_HEADERS, BODY)))
ANSWER_BYTES = response_bytes(ANSWER, close=False, head=False)


class Bare(asyncio.Protocol):
    """Answers as soon as a whole request must be there: counts bytes, reads nothing."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.seen = 0

    def data_received(self, data: bytes) -> None:
        self.seen += len(data)
        while self.seen >= len(REQUEST):
            self.seen -= len(REQUEST)
            self.transport.write(ANSWER_BYTES)


class Loader(asyncio.Protocol):
    """Sends the request again and again; `fresh` connections are closed after each answer."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.seen = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(REQUEST)

    def data_received(self, data: bytes) -> None:
        self.seen += len(data)
        if self.seen < len(ANSWER_BYTES):
            return
        self.seen = 0
        self.load.count += 1
        if self.load.fresh or self.load.over():
            self.transport.close()
        else:
            self.transport.write(REQUEST)

    def connection_lost(self, exc: Exception | None) -> None:
        self.load.lost.put_nowait(None)


class Load:
    def __init__(self, port: int, connections: int, fresh: bool) -> None:
        self.port, self.connections, self.fresh = port, connections, fresh
        self.count = 0
        self.lost: asyncio.Queue[None] = asyncio.Queue()
        self.end_at = time.perf_counter() + DURATION_S

    def over(self) -> bool:
        return time.perf_counter() >= self.end_at

    async def run(self) -> float:
        """Requests per second."""
        loop = asyncio.get_running_loop()
        began_at = time.perf_counter()
        for _ in range(self.connections):
            await loop.create_connection(lambda: Loader(self), "127.0.0.1", self.port)
        open_now = self.connections
        while open_now:
            await self.lost.get()
            if self.fresh and not self.over():
                await loop.create_connection(lambda: Loader(self), "127.0.0.1", self.port)
            else:
                open_now -= 1
        return self.count / (time.perf_counter() - began_at)


def _load(port: int, connections: int, fresh: bool) -> float:
    return asyncio.run(Load(port, connections, fresh).run())


async def start_bare() -> tuple[int, Callable[[], Awaitable[None]]]:
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", 0, backlog=4096)

    async def stop() -> None:
        server.close()

    return server.sockets[0].getsockname()[1], stop


async def start_ours() -> tuple[int, Callable[[], Awaitable[None]]]:
    server = HttpServer(lambda exchange, _: server.respond(exchange, ANSWER), lambda exchange: None)
    return await server.start("127.0.0.1", 0), server.close


async def rate(
    start: Callable[[], Awaitable[tuple[int, Callable[[], Awaitable[None]]]]], connections: int, fresh: bool
) -> float:
    """Requests per second, the load coming from another process."""
    port, stop = await start()
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        loop = asyncio.get_running_loop()
        done = await loop.run_in_executor(pool, _load, port, connections, fresh)
    await stop()
    return done


async def cycles(at_once: int) -> float:
    """Message cycles per second, client and server in one event loop.

    A cycle is five requests: send and look by an application, fetch and two reports by a phone.
    """
    server = HttpServer(lambda exchange, _: server.respond(exchange, ANSWER), lambda exchange: None)
    authority = f"127.0.0.1:{await server.start('127.0.0.1', 0)}"
    client = HttpClient()
    post = Request("POST", "http", authority, EVENTS, APP_HEADERS, BODY)
    get = Request("GET", "http", authority, EVENTS, APP_HEADERS)
    left = iter(range(CYCLES))

    async def worker(number: int) -> None:
        for _ in left:
            for name, request in (
                ("app", post),
                ("phone:", get),
                ("phone:", post),
                ("phone:", post),
                ("app", get),
            ):
                outcome = await client.call(Call("", f"{name}{number}", request))
                assert isinstance(outcome, Response), outcome

    began_at = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for number in range(at_once):
            tasks.create_task(worker(number))
    took_s = time.perf_counter() - began_at
    await client.close()
    await server.close()
    return CYCLES / took_s


def main() -> None:
    print(f"Python {sys.version.split()[0]}, medians of {ROUNDS} rounds of {DURATION_S} s")
    print(f"{'requests per second':34} {'HttpServer':>10} {'bare':>8} {'ratio':>6}")
    for title, connections, fresh in (
        ("kept connections, 1", 1, False),
        ("kept connections, 32", 32, False),
        ("a new connection each, 32 at once", 32, True),
    ):
        ours, bare = [], []
        for _ in range(ROUNDS):
            ours.append(asyncio.run(rate(start_ours, connections, fresh)))
            bare.append(asyncio.run(rate(start_bare, connections, fresh)))
        ratio = statistics.median(mine / other for mine, other in zip(ours, bare, strict=True))
        print(f"{title:34} {statistics.median(ours):10.0f} {statistics.median(bare):8.0f} {ratio:6.2f}")
    print(f"\n{'message cycles per second':34} {'one loop':>10}")
    for at_once in (1, 32):
        done = statistics.median(asyncio.run(cycles(at_once)) for _ in range(ROUNDS))
        print(f"{f'{at_once} at once':34} {done:10.0f}")


if __name__ == "__main__":
    main()
