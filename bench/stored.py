"""What a `serve` with 1,000 and with 100,000 stored messages costs: memory, and processor time by kind of request.

Half of the messages came in, half went out and were delivered, with 100 contacts. The gateway is a process of its own;
its memory and its processor time are read from the system, so the client's work does not count.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import time
from collections.abc import Awaitable, Callable
from typing import Any

from gateway import USER_KEY, Load, gateway
from reads import reads_a_second
from table import show

from harness.adapters.http_server import HttpServer
from harness.http.values import Request, Response

FEW, MANY = 1_000, 100_000
CONTACTS = [f"+1855555{index:04d}" for index in range(100)]
AT_ONCE = 32
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
ASKED = 2_000


def child_of(parent: int) -> int:
    """The one child process of this one."""
    return int(
        subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True, check=True).stdout.split()[0]
    )


def memory_mib(pid: int) -> float:
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def processor_s(pid: int) -> float:
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        user, system = file.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) * TICK_S


class Full:
    """A gateway that is being filled, and asked."""

    def __init__(self, load: Load, pid: int, number: str, key: str) -> None:
        self.load, self.pid, self.number, self.key = load, pid, number, key
        self.numbers = itertools.count()
        self.stored = 0
        self.last = ""

    async def receive(self, index: int) -> None:
        body = {"from": CONTACTS[index % 100], "to": self.number, "content": f"text number {index}", "sim": "SIM1",
                "timestamp": "2026-11-20T10:00:00.123000000Z"}  # fmt: skip
        self.last = (await self.ask("POST", "/v1/messages/receive", body, self.key))["id"]

    async def ask(self, method: str, path: str, body: Any = None, key: str = USER_KEY) -> Any:
        return await self.load.ask(f"client-{next(self.numbers) % AT_ONCE}", key, method, path, body)

    async def fill(self, count: int) -> None:
        left = iter(range(self.stored, count))

        async def work() -> None:
            for index in left:
                if index % 2:
                    await self.receive(index)
                else:
                    await self.load.cycle(self.number, self.key, CONTACTS[index // 2 % 100])

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
        self.stored = count

    async def costs(self) -> dict[str, float]:
        """Processor time of the gateway in µs for a request of each kind."""
        owner = self.number.replace("+", "%2B")
        contact = CONTACTS[7].replace("+", "%2B")
        kinds: dict[str, Callable[[int], Awaitable[Any]]] = {
            "GET a message": lambda _: self.ask("GET", f"/v1/messages/{self.last}"),
            "GET a conversation": lambda _: self.ask("GET", f"/v1/messages?owner={owner}&contact={contact}"),
            "GET the threads": lambda _: self.ask("GET", f"/v1/message-threads?owner={owner}"),
            "POST a received text": self.receive,
            "send to delivered, five requests": lambda index: self.load.cycle(
                self.number, self.key, CONTACTS[index % 100]
            ),
        }
        return {kind: await self._cost(act) for kind, act in kinds.items()}

    async def _cost(self, act: Callable[[int], Awaitable[Any]]) -> float:
        began = processor_s(self.pid)
        for index in range(ASKED):
            await act(index)
        return (processor_s(self.pid) - began) / ASKED * 1e6


async def measure() -> list[tuple[str, str, str]]:
    loads: list[Load] = []

    def arrived(exchange: str, request: Request) -> None:
        fcm.respond(exchange, Response(200, (("Content-Type", "application/json"),), b'{"name": "push"}'))
        loads[0].pushed(json.loads(request.body)["message"]["data"]["KEY_MESSAGE_ID"])

    fcm = HttpServer(arrived, lambda _exchange: None)
    with gateway(await fcm.start("127.0.0.1", 0)) as url:
        loads.append(Load(url))
        pid = child_of(os.getpid())
        full = Full(loads[0], pid, *await loads[0].phone(1))
        await full.fill(FEW)
        at_few, memory_few = await full.costs(), memory_mib(pid)
        began = time.perf_counter()
        await full.fill(MANY)
        filled_s = time.perf_counter() - began
        memory, at_many = memory_mib(pid), await full.costs()
        rate, bare = await reads_a_second(url, full.last)
        await loads[0].client.close()
    await fcm.close()
    rows = [
        (f"memory with {MANY:,} messages", f"{memory:.0f} MiB ({memory_few:.0f} with {FEW:,})", "goal < 250 MiB"),
        (f"filled in {filled_s:.0f} s", f"{(MANY - FEW) / filled_s:.0f} messages a second", ""),
    ]
    for kind, cost in at_many.items():
        figure = f"{at_few[kind]:.0f} → {cost:.0f} µs: {cost / at_few[kind]:.2f} times"
        rows.append((f"{kind}, {FEW:,} → {MANY:,}", figure, "goal within 1.3"))
    rows.append(("GET a message", f"{rate:.0f} a second; a bare asyncio.Protocol: {bare:.0f}", "goal ≥ 5,000"))
    return rows


if __name__ == "__main__":
    show("a gateway that has much to remember", asyncio.run(measure()))
