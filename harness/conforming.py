"""Replaying recorded cases: on the embedded stand-in in virtual time, or on a server behind sockets."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from harness.adapters.http_client import HttpClient
from harness.adapters.http_server import HttpServer
from harness.adapters.live import LiveDriver, wall_clock
from harness.adapters.virtual import run_virtual
from harness.conform import Begin, Case, CaseResult, ConformRun, ControlAccounts
from harness.conform.setup import Account, GivenAccounts
from harness.errors import ServerUnreachable
from harness.http.values import Call, ConnectFailed, Limits, Request, Response, TimedOut
from harness.standin import Pace, StandIn
from harness.trace import Trace
from harness.world import World

__all__ = ["Target", "replay_live", "replay_virtual", "spawned", "there"]

QUEUE_USER = "system-user"
STOP_S = 10.0


def replay_virtual(case: Case, seed: int = 1) -> CaseResult:
    """One case on a fresh stand-in. It handles one event after the other, so of a race only that outcome will do."""
    world = World(seed, Trace(0, hashed=False))
    key = world.draws("system key").token(64)
    world.add(StandIn("gateway", world.draws("gateway"), pace=Pace.FAITHFUL, queue_user=(QUEUE_USER, key), control=True,
                      fcm_endpoint="http://fcm.internal"))  # fmt: skip
    run = ConformRun(
        "conform", world.draws("conform"), case, api="http://api.internal", fcm_authority="fcm.internal",
        hook_base="http://127.0.0.1:9999", accounts=ControlAccounts(), system_key=key, sequential=True,
    )  # fmt: skip
    world.add(run)
    world.site("api.internal", "gateway")
    world.site("fcm.internal", "conform")
    world.site("127.0.0.1:9999", "conform")
    world.inject("conform", Begin())
    run_virtual(world, lambda: run.result is not None)
    assert run.result is not None, "nothing is due any more, and the case is not over"
    return run.result


@dataclass(frozen=True, slots=True)
class Target:
    """A server to replay on. Its pushes must come to us: `listen_port` is where our FCM endpoint and receivers are."""

    url: str
    system_key: str | None = field(default=None, repr=False)
    account: Account | None = field(default=None, repr=False)
    control_token: str | None = field(default=None, repr=False)
    sequential: bool = False


async def replay_live(
    cases: Sequence[Case], listen_port: int, target: Callable[[int], contextlib.AbstractAsyncContextManager[Target]],
    say: Callable[[CaseResult], None],
) -> list[CaseResult]:  # fmt: skip
    """The cases one after the other. `target` gets our port and gives the server while the replay lasts."""
    results: list[CaseResult] = []
    runs: list[ConformRun] = []
    drivers: list[LiveDriver] = []

    def arrived(exchange: str, request: Request) -> None:
        if not drivers:
            server.respond(exchange, Response(503))
            return
        drivers[-1].arrived(runs[-1].name, exchange, request)

    server = HttpServer(arrived, lambda _exchange: None, prefix="conform")
    client = HttpClient()
    try:
        port = await server.start("127.0.0.1", listen_port)
        async with target(port) as place:
            for number, case in enumerate(cases):
                run = _run(case, place, port, number)
                runs.append(run)
                results.append(await _replay(run, number, server, client, drivers))
                say(results[-1])
    finally:
        await server.close()
        await client.close()
    return results


def _run(case: Case, target: Target, port: int, number: int) -> ConformRun:
    account = target.account
    return ConformRun(
        "conform", World(secrets.randbits(32)).draws(f"conform-{number}"), case, api=target.url,
        fcm_authority=f"127.0.0.1:{port}", hook_base=f"http://127.0.0.1:{port}",
        accounts=ControlAccounts(target.control_token) if account is None else GivenAccounts((account,)),
        system_key=target.system_key, sequential=target.sequential,
    )  # fmt: skip


async def _replay(
    run: ConformRun, number: int, server: HttpServer, client: HttpClient, drivers: list[LiveDriver]
) -> CaseResult:
    world = World(number, Trace(0, hashed=False), start_at=wall_clock(), draws_order=False)
    world.add(run)
    driver = LiveDriver(world, client=client, servers={"conform": server})
    drivers.append(driver)
    async with driver:
        driver.tell(run.name, Begin())
        await driver.until(lambda: run.result is not None)
    assert run.result is not None
    return run.result


@contextlib.asynccontextmanager
async def there(target: Target) -> AsyncIterator[Target]:
    """A server that runs already. Raises `ServerUnreachable` if it does not."""
    client = HttpClient()
    try:
        url = urlsplit(target.url)
        request = Request("GET", url.scheme, url.netloc, b"/health", (("Host", url.netloc),))
        outcome = await client.call(Call("knock", "harness", request, Limits(total_s=10.0)))
    finally:
        await client.close()
    if isinstance(outcome, ConnectFailed | TimedOut):
        raise ServerUnreachable(
            target.url, "no connection" if isinstance(outcome, ConnectFailed) else "no answer in time"
        )
    yield target


@contextlib.asynccontextmanager
async def spawned(port: int, *options: str) -> AsyncIterator[Target]:
    """A `serve` in a process of its own, at the faithful pace, pushing to `port`, with more `options`.

    Raises `ServerUnreachable`."""
    key = "uk_" + secrets.token_urlsafe(48)
    environment = {
        **os.environ,
        "FCM_ENDPOINT": f"http://127.0.0.1:{port}",
        "EVENTS_QUEUE_USER_ID": QUEUE_USER,
        "EVENTS_QUEUE_USER_API_KEY": key,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "harness", "serve", "--port", "0", "--pace", "faithful", "--control", *options,
        stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=environment,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        url = (await process.stdout.readline()).decode().strip()
        if not url:
            raise ServerUnreachable("serve", f"it ended at once with {await process.wait()}")
        yield Target(url, key, sequential=True)
    finally:
        await _stop(process)


async def _stop(process: Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
