"""send → delivered over loopback sockets: `serve` and `phone` in processes of their own, the client in this one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from table import show

from harness.adapters.http_client import HttpClient
from harness.http.values import Call, Limits, Request, Response
from harness.wire.client import UserAccess, api_request, send_body

ROOT = Path(__file__).parent.parent
NUMBER = "+18005550199"


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "harness", *command],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        yield child
    finally:
        os.kill(child.pid, signal.SIGINT)
        child.wait()


class Api:
    """The gateway as an application sees it, and its trace as server-sent events for the moment of delivery."""

    def __init__(self, url: str, key: str) -> None:
        self.access = UserAccess("http", url.removeprefix("http://"), key)
        self.client = HttpClient()
        self.delivered: dict[str, asyncio.Future[None]] = {}

    async def ask(self, request: Request) -> Response:
        outcome = await self.client.call(Call("bench", "bench", request, Limits(total_s=30)))
        assert isinstance(outcome, Response), outcome
        return outcome

    async def follow(self) -> None:
        def read(head: Response):  # type: ignore[no-untyped-def]
            unread = bytearray()

            def take(data: bytes) -> None:
                unread.extend(data)
                *lines, rest = bytes(unread).split(b"\n")
                unread[:] = rest
                for line in lines:
                    if line.startswith(b"data: ") and b'"message.phone.delivered"' in line:
                        entry = json.loads(line[6:])
                        self._future(entry["message"]).done() or self._future(entry["message"]).set_result(None)

            return take

        request = api_request(self.access, "GET", "/_control/trace?follow=1")
        await self.client.call(Call("trace", "trace", request, Limits(read_s=None)), sink=read)

    def _future(self, message: str) -> asyncio.Future[None]:
        return self.delivered.setdefault(message, asyncio.get_running_loop().create_future())

    async def cycle(self) -> float:
        """Seconds from the request to `delivered`."""
        began = time.perf_counter()
        body = send_body(NUMBER, "+18005550100", "Hello", encrypted=False)
        answer = await self.ask(api_request(self.access, "POST", "/v1/messages/send", body))
        message = json.loads(answer.body)["data"]["id"]
        await self._future(message)
        del self.delivered[message]
        return time.perf_counter() - began


async def measure(url: str, key: str) -> tuple[list[float], float]:
    api = Api(url, key)
    following = asyncio.create_task(api.follow())
    for _ in range(20):
        await api.cycle()
    one_by_one = [await api.cycle() for _ in range(200)]
    total, flying = 1000, 50
    began = time.perf_counter()

    async def worker() -> None:
        for _ in range(total // flying):
            await api.cycle()

    await asyncio.gather(*(worker() for _ in range(flying)))
    rate = total / (time.perf_counter() - began)
    following.cancel()
    await api.client.close()
    return one_by_one, rate


def main() -> None:
    with process("serve", "--port", "0", "--phones", "0", "--control") as gateway:
        assert gateway.stdout is not None
        url = gateway.stdout.readline().strip()
        key, _, phone_key = (gateway.stdout.readline().split()[-1] for _ in range(3))
        with process("phone", "--server", url, "--phone-key", phone_key, "--number", NUMBER):
            asyncio.run(_wait_for_phone(url, key))
            one_by_one, rate = asyncio.run(measure(url, key))
    show(
        "loopback sockets, three processes",
        [
            ("send → delivered, one after the other", f"median {statistics.median(one_by_one) * 1000:.1f} ms "
             f"(p90 {statistics.quantiles(one_by_one, n=10)[8] * 1000:.1f})", "goal < 10 ms"),
            ("50 in flight", f"{rate:.0f} cycles a second", "goal ≥ 200"),
        ],
    )  # fmt: skip


async def _wait_for_phone(url: str, key: str) -> None:
    api = Api(url, key)
    while NUMBER not in (await api.ask(api_request(api.access, "GET", "/v1/phone-api-keys?limit=9"))).body.decode():  # noqa: ASYNC110 - another process is waited for
        await asyncio.sleep(0.05)
    await api.client.close()


if __name__ == "__main__":
    main()
