"""CPU per request of a phone's HTTP client against stock httpx, on loopback, in the same run.

Both send what the app sends. `a connection each` is what the app does nearly always: a client of its own for each
request. The server is another process, so that its work counts for nobody.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe

import httpx
from table import show

from harness.adapters.http_client import HttpClient
from harness.http.values import Call, Request, Response
from harness.okhttp import prepare

BODY = b'{\n  "event_name": "SENT",\n  "reason": null,\n  "timestamp": "2026-07-23T05:10:10.123000000Z"\n}'
TARGET = "/v1/messages/3c320a91-439b-35e5-ac34-d5a416db228d/events"
KEYS = (("x-api-key", "pk_bench"), ("X-Client-Version", "v0.0.1"))
REQUESTS, ROUNDS = 400, 7

Measure = Callable[[int], Awaitable[None]]
"""Makes so many requests."""


class Answering(asyncio.Protocol):
    """Answers every request that comes whole, as these do, with the same bytes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.unread = b""

    def data_received(self, data: bytes) -> None:
        self.unread += data
        if self.unread.endswith(BODY):
            self.unread = b""
            answer = b'{"data": null, "message": "stored", "status": "success"}'
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
            self.transport.write(head % len(answer) + answer)


async def _serve(pipe: Pipe) -> None:
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0, backlog=4096)
    pipe.send(server.sockets[0].getsockname()[1])
    await asyncio.Event().wait()


def _server(pipe: Pipe) -> None:
    asyncio.run(_serve(pipe))


@contextmanager
def served() -> Iterator[int]:
    """The port of a server in a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=_server, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def ours(port: int, client: HttpClient, name: str) -> Measure:
    asked = Call("1", name, Request("POST", "http", f"127.0.0.1:{port}", TARGET.encode(), KEYS, BODY))

    async def measure(requests: int) -> None:
        for _ in range(requests):
            outcome = await client.call(asked)
            assert isinstance(outcome, Response), outcome

    return measure


def stock(port: int, *, shared: httpx.AsyncClient | None) -> Measure:
    url = f"http://127.0.0.1:{port}{TARGET}"
    headers = list(prepare(Request("POST", "http", f"127.0.0.1:{port}", b"/", KEYS, BODY)).headers)
    verify = httpx.create_ssl_context(trust_env=False)  # made once: else it would be all that is measured

    async def measure(requests: int) -> None:
        for _ in range(requests):
            if shared is not None:
                answer = await shared.post(url, content=BODY, headers=headers)
            else:
                async with httpx.AsyncClient(trust_env=False, verify=verify) as client:
                    answer = await client.post(url, content=BODY, headers=headers)
            assert answer.status_code == 200

    return measure


async def cpu_s(measure: Measure) -> float:
    """CPU seconds of this process for one request."""
    began = time.process_time()
    await measure(REQUESTS)
    return (time.process_time() - began) / REQUESTS


async def compare(mine: Measure, other: Measure) -> tuple[float, float, float]:
    """Medians of both and of their ratio, measured in turn."""
    await mine(50)
    await other(50)
    rounds = [(await cpu_s(mine), await cpu_s(other)) for _ in range(ROUNDS)]
    medians = [statistics.median(values) for values in zip(*rounds, strict=True)]
    return medians[0], medians[1], statistics.median(one / two for one, two in rounds)


def row(title: str, measured: tuple[float, float, float]) -> tuple[str, str, str]:
    mine, other, ratio = measured
    figure = f"{ratio:.2f} of httpx ({mine * 1e6:.0f} us against {other * 1e6:.0f} us)"
    return title, figure, "goal <= 0.4"


async def main() -> None:
    with served() as port:
        client = HttpClient()
        async with httpx.AsyncClient(trust_env=False) as shared:
            rows = [
                row("a connection each", await compare(ours(port, client, "phone:p"), stock(port, shared=None))),
                row(
                    "one connection for all", await compare(ours(port, client, "phone:p#1"), stock(port, shared=shared))
                ),
            ]
        await client.close()
    show("CPU for a request of one phone", rows)


if __name__ == "__main__":
    asyncio.run(main())
