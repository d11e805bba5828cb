"""`serve` under live load beside the real server: ideal phones that answer at once, over sockets on 127.0.0.1.

The gateway runs in a process of its own; this one plays its FCM endpoint, the application and the phones. The real
server's figures stand in harness/recordings/gateway/README.md: two shared cores, the same kind of phone. Its DELIVERED
takes one second by itself, so the cycles at the faithful pace are shown too.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from table import show

from harness.adapters.http_client import HttpClient
from harness.adapters.http_server import HttpServer
from harness.http.values import Call, Limits, Request, Response
from harness.wire.client import UserAccess, api_request

ROOT = Path(__file__).parent.parent
CONTACT = "+18005550100"
USER_KEY = "uk_bench"
# Phones at once: the real server's cycles a second, its send → push and its send → delivered in ms.
REAL = {1: (0.9, 38, 1120), 8: (3.2, 215, 1580), 32: (7.9, 578, 3070)}
SECONDS = 6.0
PATIENCE_S = 30.0


@contextlib.contextmanager
def gateway(fcm_port: int, *options: str) -> Iterator[str]:
    """The URL of a `serve` without phones in it."""
    child = subprocess.Popen(
        [sys.executable, "-m", "harness", "serve", "--port", "0", "--account", f"api_key={USER_KEY}", *options],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True,
        env={**os.environ, "FCM_ENDPOINT": f"http://127.0.0.1:{fcm_port}"},
    )  # fmt: skip
    try:
        assert child.stdout is not None
        yield child.stdout.readline().strip()
    finally:
        os.kill(child.pid, signal.SIGINT)
        child.wait()


@dataclass
class Load:
    """What the load has seen: seconds from send to push and to `delivered`, and what never came."""

    url: str
    client: HttpClient = field(default_factory=HttpClient)
    pushes: dict[str, asyncio.Future[float]] = field(default_factory=dict)
    to_push: list[float] = field(default_factory=list)
    to_delivered: list[float] = field(default_factory=list)
    undelivered: int = 0

    async def ask(self, name: str, key: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        access = UserAccess("http", self.url.removeprefix("http://"), key)
        request = api_request(access, method, path, body)
        outcome = await self.client.call(Call(name, name, request, Limits(total_s=PATIENCE_S)))
        assert isinstance(outcome, Response), outcome
        assert outcome.status < 300, (path, outcome)
        return json.loads(outcome.body)["data"]

    def pushed(self, message: str) -> None:
        self.push_of(message).set_result(time.perf_counter())

    def push_of(self, message: str) -> asyncio.Future[float]:
        return self.pushes.setdefault(message, asyncio.get_running_loop().create_future())

    async def phone(self, index: int) -> tuple[str, str]:
        """A new phone: its number and key. It may send without spacing or at the API's most."""
        number = f"+1844555{index:04d}"
        key = (await self.ask("app", USER_KEY, "POST", "/v1/phone-api-keys", {"name": f"phone {index}"}))["api_key"]
        token = {"phone_number": number, "fcm_token": f"token-{index}"}
        await self.ask("app", key, "PUT", "/v1/phones/fcm-token", token)
        await self.ask("app", USER_KEY, "PUT", "/v1/phones", {**token, "messages_per_minute": 60})
        return number, key

    async def cycle(self, number: str, key: str, contact: str = CONTACT) -> str:
        """From send to `delivered`; the id of the message."""
        began = time.perf_counter()
        text = {"from": number, "to": contact, "content": "Hello"}
        message = (await self.ask(number, USER_KEY, "POST", "/v1/messages/send", text))["id"]
        pushed_at = await self.push_of(message)
        del self.pushes[message]
        await self.ask(number, key, "GET", f"/v1/messages/outstanding?message_id={message}")
        for name in ("SENT", "DELIVERED"):
            report = {"event_name": name, "timestamp": "2026-11-20T10:00:00.123000000Z"}
            await self.ask(number, key, "POST", f"/v1/messages/{message}/events", report)
        until = began + PATIENCE_S
        while (await self.ask(number, USER_KEY, "GET", f"/v1/messages/{message}"))["status"] != "delivered":
            if time.perf_counter() > until:
                self.undelivered += 1
                return message
            await asyncio.sleep(0.02)
        self.to_push.append(pushed_at - began)
        self.to_delivered.append(time.perf_counter() - began)
        return message


async def measure(phones: int, *options: str) -> tuple[float, Load]:
    """Cycles a second, each phone sending its next text when the last one is delivered."""
    loads: list[Load] = []
    names = itertools.count(1)

    def arrived(exchange: str, request: Request) -> None:
        answer = json.dumps({"name": f"projects/httpsms-test/messages/{next(names)}"}).encode()
        fcm.respond(exchange, Response(200, (("Content-Type", "application/json"),), answer))
        loads[0].pushed(json.loads(request.body)["message"]["data"]["KEY_MESSAGE_ID"])

    fcm = HttpServer(arrived, lambda _exchange: None)
    with gateway(await fcm.start("127.0.0.1", 0), *options) as url:
        load = Load(url)
        loads.append(load)
        made = [await load.phone(index) for index in range(phones)]
        await load.cycle(*made[0])
        load.to_push.clear()
        load.to_delivered.clear()
        began = time.perf_counter()

        async def use(number: str, key: str) -> None:
            while time.perf_counter() < began + SECONDS:
                await load.cycle(number, key)

        await asyncio.gather(*(use(*phone) for phone in made))
        rate = len(load.to_delivered) / (time.perf_counter() - began)
        await load.client.close()
    await fcm.close()
    return rate, load


def row(phones: int, what: str, *options: str) -> tuple[str, str, str]:
    rate, load = asyncio.run(measure(phones, *options))
    figures = (
        f"{rate:7.1f} cycles/s, send → push {statistics.median(load.to_push) * 1000:6.1f} ms,"
        f" → delivered {statistics.median(load.to_delivered) * 1000:6.1f} ms, undelivered {load.undelivered}"
    )
    if phones not in REAL:
        return what, figures, ""
    real_rate, real_push, real_delivered = REAL[phones]
    times = f"real server {real_rate}/s, {real_push} ms, {real_delivered} ms: {rate / real_rate:.0f} times"
    return what, figures, times + (" (goal ≥ 25)" if phones == 32 and "instant" in what else "")


def main() -> None:
    rows = [row(phones, f"{phones} phones, instant, no rate spacing") for phones in (1, 8, 32, 200)]
    with tempfile.TemporaryDirectory() as folder:
        rows.append(row(32, "32 phones, instant, state file", "--state", f"{folder}/state.db"))
    # One text a phone: the next would have to wait for its second.
    rows.append(row(32, "32 phones, faithful, 60 a minute", "--pace", "faithful"))
    show("live over loopback, medians", rows)


if __name__ == "__main__":
    main()
