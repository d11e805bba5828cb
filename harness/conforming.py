"""Replaying recorded cases: on the embedded stand-in in virtual time, or on a server behind sockets."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import field
from functools import partial

from harness.adapters.http_client import HttpClient
from harness.adapters.http_server import HttpServer
from harness.adapters.live import LiveDriver, wall_clock
from harness.adapters.virtual import run_virtual
from harness.conform import (
    Account,
    Accounts,
    Begin,
    Case,
    CaseResult,
    ConformRun,
    ControlAccounts,
    GivenAccounts,
    needs_pushes,
    runs,
)
from harness.conform.cases import Json
from harness.conform.inbox import body_of
from harness.conform.leftovers import removal, thread_paths, threads_of, webhook_paths, webhooks_of
from harness.conform.names import pick
from harness.conform.probe import PROBE, why_no_pushes
from harness.conform.requests import Base, json_request
from harness.conform.setup import control_request
from harness.draws import Draws
from harness.errors import KeyRefused, NoControlRoutes, NotHttpSms, ServerUnreachable
from harness.frozen import frozen
from harness.http.values import Call, ConnectFailed, Limits, Request, Response
from harness.standin import Pace, StandIn
from harness.trace import Trace
from harness.world import World

__all__ = ["Target", "replay_live", "replay_virtual", "spawned", "there"]

QUEUE_USER = "system-user"
STOP_S = 10.0
KNOCK = Limits(total_s=10.0)
# An account has ten webhooks at most (gateway-protocol.md §2.15), and an order subscribes one.
WEBHOOKS_MAX = 10
# What a case may list of a given account.
_LISTS = ("/v1/phones", "/v1/phone-api-keys", "/v1/webhooks", "/v1/send-schedules")


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


# -- live --------------------------------------------------------------------------------------------------------------


@frozen
class Target:
    """A server to replay on. Accounts are those of `user_keys`, or made by the control routes if there are none.

    `sequential`: it is our own, handles one event after the other, and its pushes come to us.
    """

    url: str
    system_key: str | None = field(default=None, repr=False)
    user_keys: tuple[str, ...] = field(default=(), repr=False)
    control_token: str | None = field(default=None, repr=False)
    sequential: bool = False


Opening = Callable[[int], contextlib.AbstractAsyncContextManager[Target]]
"""Gets the port of our FCM endpoint and receivers, and gives the server while the replay lasts."""


async def replay_live(
    cases: Sequence[Case],
    target: Opening,
    *,
    listen_port: int = 0,
    at_once: int = 1,
    say: Callable[[CaseResult], None] = lambda _result: None,
    warn: Callable[[str], None] = lambda _text: None,
) -> list[CaseResult]:
    """The cases, `at_once` of them at the same time where they cannot disturb each other; results in their order.

    `say` gets each result as it comes, `warn` what keeps some cases from being replayed. What cases make on given
    accounts is removed. Raises `ServerUnreachable`, `NotHttpSms`, `NoControlRoutes`, `KeyRefused`, `PortInUse`.
    """
    ours = _OurSide()
    try:
        port = await ours.server.start("127.0.0.1", listen_port)
        async with target(port) as place:
            accounts = await _accounts(ours.client, place)
            replay = _Replay(ours, place, port, accounts, at_once, say)
            no_pushes = await replay.why_no_pushes(cases)
            if no_pushes:
                warn(no_pushes)
            return await replay.cases(cases, no_pushes)
    finally:
        await ours.close()


class _OurSide:
    """Our FCM endpoint and webhook receivers, and the world that the cases of the moment are in."""

    def __init__(self) -> None:
        self.server = HttpServer(self._arrived, lambda _exchange: None, prefix="conform")
        self.client = HttpClient()
        self._runs: Sequence[ConformRun] = ()
        self._driver: LiveDriver | None = None

    def _arrived(self, exchange: str, request: Request) -> None:
        """Hands a request to the case that it is for; a push to a phone of no case is answered by any of them."""
        run = next((run for run in self._runs if run.expects(request)), next(iter(self._runs), None))
        if self._driver is None or run is None:
            self.server.respond(exchange, Response(503))
        else:
            self._driver.arrived(run.name, exchange, request)

    @contextlib.asynccontextmanager
    async def carrying(self, runs: Sequence[ConformRun]) -> AsyncIterator[LiveDriver]:
        world = World(0, Trace(0, hashed=False), start_at=wall_clock(), draws_order=False)
        for run in runs:
            world.add(run)
        async with LiveDriver(world, client=self.client, servers={"conform": self.server}) as driver:
            self._runs, self._driver = runs, driver
            try:
                yield driver
            finally:
                self._runs, self._driver = (), None

    async def close(self) -> None:
        await self.server.close()
        await self.client.close()


@frozen
class _Replay:
    """How cases are replayed on one server."""

    ours: _OurSide
    place: Target
    port: int
    accounts: Accounts
    at_once: int
    say: Callable[[CaseResult], None]

    async def why_no_pushes(self, cases: Iterable[Case]) -> str:
        """Why the server's pushes do not come to us; empty if they do, or no case needs any."""
        if self.place.sequential or not any(map(needs_pushes, cases)):
            return ""
        [run] = self._runs([PROBE])
        await self._replay([run], 1, lambda _result: None)
        assert run.result is not None
        return why_no_pushes(run.result, f"http://127.0.0.1:{self.port}")

    async def cases(self, cases: Sequence[Case], no_pushes: str) -> list[CaseResult]:
        runs = self._runs(cases, no_pushes)
        # Whatever looks at its account as a whole has it for itself.
        given = isinstance(self.accounts, GivenAccounts)
        alone = [run for run in runs if given and not run.case.shares]
        await self._replay(alone, 1, self.say)
        await self._replay([run for run in runs if run not in alone], self._lanes(), self.say)
        return [run.result for run in runs if run.result is not None]

    def _lanes(self) -> int:
        if isinstance(self.accounts, GivenAccounts):
            return max(1, min(self.at_once, WEBHOOKS_MAX - self.accounts.webhooks))
        return self.at_once

    def _runs(self, cases: Sequence[Case], no_pushes: str = "") -> list[ConformRun]:
        own = f"127.0.0.1:{self.port}"
        return runs(
            cases, Draws(secrets.randbits(64), "conform"), api=self.place.url, fcm_authority=own,
            hook_base=f"http://{own}", accounts=self.accounts, system_key=self.place.system_key,
            sequential=self.place.sequential, no_pushes=no_pushes,
            taken=self.accounts.numbers if isinstance(self.accounts, GivenAccounts) else (),
        )  # fmt: skip

    async def _replay(self, runs: Sequence[ConformRun], lanes: int, say: Callable[[CaseResult], None]) -> None:
        todo = iter(runs)
        async with self.ours.carrying(runs) as driver, asyncio.TaskGroup() as tasks:
            for _ in range(min(lanes, len(runs))):
                tasks.create_task(self._lane(driver, todo, say))

    async def _lane(self, driver: LiveDriver, todo: Iterator[ConformRun], say: Callable[[CaseResult], None]) -> None:
        for run in todo:
            driver.tell(run.name, Begin())
            try:
                await driver.until(partial(_is_over, run))
            finally:
                if isinstance(self.accounts, GivenAccounts):
                    await self._clean_up(run)
            assert run.result is not None
            say(run.result)

    async def _clean_up(self, run: ConformRun) -> None:
        """Removes what the case has made, last things first; what is gone already answers 404."""
        key = str(run.names.get("user_key", ""))
        paths = list(reversed(run.made))
        # Who is interrupted may not have the answer yet to what it has just made: its webhooks are known by their URL.
        hooks = [str(value) for name, value in run.names.items() if name.startswith("hook_url")]
        made = webhook_paths(await self._try(webhooks_of(run.base, key)), hooks)
        paths = [*(path for path in made if path not in paths), *paths]
        for number in [run.names[phone.number] for phone in run.case.phones if phone.number in run.names]:
            paths += thread_paths(await self._try(threads_of(run.base, str(number), key)))
        for path in paths:
            await self._try(removal(run.base, path, key))

    async def _try(self, request: Request) -> Json:
        """The body of the answer, null if none came."""
        outcome = await self.ours.client.call(Call("clean-up", "harness", request, KNOCK))
        return body_of(outcome) if isinstance(outcome, Response) else None


def _is_over(run: ConformRun) -> bool:
    return run.result is not None


# -- the server --------------------------------------------------------------------------------------------------------


async def _accounts(client: HttpClient, place: Target) -> Accounts:
    """Finds out that the server is there, and what accounts it has for us."""
    if place.user_keys:
        return await _given(client, place)
    accounts = ControlAccounts(place.control_token)
    answer = await _answer(client, place, control_request(Base(place.url), accounts, "GET", "/health"))
    if answer.status == 401:
        raise KeyRefused(place.url, "the control routes refuse the token (401); give the server's --control-token")
    if answer.status != 200 or not isinstance(pick(body_of(answer), "version"), str):
        raise NoControlRoutes(place.url, answer.status)
    return accounts


async def _given(client: HttpClient, place: Target) -> GivenAccounts:
    base = Base(place.url)
    accounts = tuple([await _account(client, place, base, key) for key in place.user_keys])
    found: dict[str, list[Json]] = {}
    for path in _LISTS:
        for key in place.user_keys:
            answer = body_of(await _answer(client, place, json_request(base, "GET", f"{path}?limit=100", key)))
            rows = answer.get("data") if isinstance(answer, dict) else None
            found.setdefault(path, []).extend(rows if isinstance(rows, list) else [])
    return GivenAccounts(
        accounts,
        frozenset(str(pick(phone, "phone_number")) for phone in found["/v1/phones"]),
        frozenset(path for path, rows in found.items() if rows),
        len(found["/v1/webhooks"]),
    )


async def _account(client: HttpClient, place: Target, base: Base, key: str) -> Account:
    answer = await _answer(client, place, json_request(base, "GET", "/v1/users/me", key))
    if answer.status == 401:
        raise KeyRefused(place.url, "the server refuses the user key (401); give the API key of an account (uk_…)")
    user_id, email, plan = (pick(body_of(answer), f"data.{name}") for name in ("id", "email", "subscription_name"))
    if answer.status != 200 or not isinstance(user_id, str):
        raise NotHttpSms(place.url, "GET /v1/users/me", answer.status)
    return Account(user_id, key, str(email), plan if isinstance(plan, str) else None)


async def _answer(client: HttpClient, place: Target, request: Request) -> Response:
    outcome = await client.call(Call("ask", "harness", request, KNOCK))
    if isinstance(outcome, Response):
        return outcome
    raise ServerUnreachable(place.url, "no connection" if isinstance(outcome, ConnectFailed) else "no answer in time")


def there(target: Target) -> Opening:
    """A server that runs already."""
    return lambda _port: contextlib.nullcontext(target)


@contextlib.asynccontextmanager
async def spawned(port: int, *options: str) -> AsyncIterator[Target]:
    """A `serve` in a process of its own, at the faithful pace, pushing to `port`, with more `options`.

    Raises `ServerUnreachable`.
    """
    key = "uk_" + secrets.token_urlsafe(48)
    environment = {
        **os.environ,
        "FCM_ENDPOINT": f"http://127.0.0.1:{port}",
        "EVENTS_QUEUE_USER_ID": QUEUE_USER,
        "EVENTS_QUEUE_USER_API_KEY": key,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "harness", "serve", "--port", "0", "--pace", "faithful", "--control",
        *options,
        stdin=DEVNULL, stdout=PIPE, stderr=PIPE, env=environment,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    said = asyncio.create_task(process.stderr.read())
    try:
        url = (await process.stdout.readline()).decode().strip()
        if not url:
            raise ServerUnreachable("serve", (await said).decode().strip() or f"it ended with {await process.wait()}")
        yield Target(url, key, sequential=True)
    finally:
        await _stop(process)
        await said


async def _stop(process: Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
