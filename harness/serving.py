"""Worlds behind sockets: a gateway that is served, a phone as a process, a story over the loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.adapters.control import Control
from harness.adapters.http_client import HttpClient
from harness.adapters.http_server import HttpServer
from harness.adapters.live import LiveDriver, wall_clock
from harness.adapters.state_file import StateFile
from harness.errors import KeyRefused, ServerError, ServerMisbehaved, ServerUnreachable, StateFileError, UsageError
from harness.http.values import Call, ConnectFailed, Gone, Limits, Outcome, Request, Response, TimedOut
from harness.instants import SECOND
from harness.modem import Modem, Smsc
from harness.parties import Contact, WriteText
from harness.parties.poller import Poll, Poller
from harness.phone import LogIn, Phone, Settings, Sim
from harness.push import PushService
from harness.push.streams import STREAM_PATH
from harness.scenario import ContactSpec, PhoneSpec, Scenario
from harness.scenario.invariants import judge
from harness.standin import Pace
from harness.testbed import Places, Testbed, gateway_site
from harness.testing import Outcome as StoryOutcome
from harness.testing import repeat_command
from harness.trace import Entry, Trace
from harness.wire.client import UserAccess, api_request
from harness.world import OUTSIDE, Row, World

__all__ = [
    "AccountSpec", "PhoneLine", "PhoneOptions", "ServeOptions", "Served", "run_phone", "run_scenario_live", "serving",
]  # fmt: skip

KEY_NAME = "httpsms-harness"
SERVED_NUMBER = "+18005550199"
SETTLE_S = 2.0  # what is still under way when a story ends may take so long
TRACE_KEPT = 100_000
EVERYBODY = ContactSpec("everybody", "*")


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """An account to open; what is None is made up."""

    user_id: str | None = None
    api_key: str | None = field(default=None, repr=False)
    email: str | None = None
    plan: str | None = None


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """How a gateway is served. `phones`: how many emulated phones are in it, 0 or 1."""

    host: str = "127.0.0.1"
    port: int = 0
    pace: Pace = Pace.INSTANT
    seed: int | None = None
    accounts: tuple[AccountSpec, ...] = ()
    phones: int = 1
    control: bool = False
    control_token: str | None = field(default=None, repr=False)
    keep_rate: bool = False
    fcm_endpoint: str | None = None
    queue_user: tuple[str, str] | None = field(default=None, repr=False)
    state: Path | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """A gateway that runs: what its user needs to know, and its parts."""

    url: str
    user_key: str = field(repr=False)
    number: str
    phone_key: str = field(repr=False)
    bed: Testbed = field(repr=False)
    driver: LiveDriver = field(repr=False)


@contextlib.asynccontextmanager
async def serving(options: ServeOptions) -> AsyncIterator[Served]:
    """Runs a gateway until the context ends. Raises `PortInUse`, `StateFileError`."""
    async with contextlib.AsyncExitStack() as open_things:
        state: StateFile | None = None
        rows: list[Row] = []
        if options.state is not None:
            state = open_things.enter_context(contextlib.closing(StateFile(options.state)))
            rows = list(state.rows())
        own = {key: row for owner, name, key, row in rows if (owner, name) == ("", "serve")}
        seed = own.get("seed", options.seed if options.seed is not None else secrets.randbits(32))
        boot = own.get("boot", 0) + 1
        if state is not None:
            state.put([("", "serve", "boot", boot), ("", "serve", "seed", seed)], lambda: None)
        client = HttpClient()
        open_things.push_async_callback(client.close)
        # Exchanges of an earlier process must not be taken for this one's.
        host = _Host(f"http{boot}")
        open_things.push_async_callback(host.server.close)
        port = await host.server.start(options.host, options.port)
        bed = _gateway(options, seed, f"http://{_authority(options.host, port)}")
        if "offset" in own:
            try:
                _wake(bed, rows)
            except ValueError as error:
                raise StateFileError(str(options.state), str(error)) from None
        driver = LiveDriver(bed.world, client=client, servers={host.prefix: host.server}, state=state)
        driver.offset = own.get("offset", 0)
        await open_things.enter_async_context(driver)
        host.open(driver)
        served = await _furnish(options, bed, driver, client)
        if options.control:
            # Only now: a reset goes back to a gateway whose phone has logged in.
            settings = {"pace": options.pace.name.lower(), "seed": seed}
            host.control = Control(driver, settings, options.control_token, host.chunk)
        yield served


class _Host:
    """A server's port: control routes first, everything else goes into the world."""

    def __init__(self, prefix: str, site: Callable[[Request], str] = gateway_site) -> None:
        self.prefix = prefix
        self.server = HttpServer(self._arrived, self._gone, prefix=prefix)
        self._site = site
        self.control: Control | None = None
        self._driver: LiveDriver | None = None
        self._early: list[tuple[str, Request]] = []

    def open(self, driver: LiveDriver) -> None:
        self._driver = driver
        early, self._early = self._early, []
        for exchange, request in early:
            self._arrived(exchange, request)

    def chunk(self, exchange: str, data: bytes) -> None:
        self.server.chunk(exchange, data)

    def _arrived(self, exchange: str, request: Request) -> None:
        if self._driver is None:
            self._early.append((exchange, request))
            return
        answer = self.control.answer(exchange, request) if self.control is not None else None
        if answer is not None:
            self.server.respond(exchange, answer)
        else:
            self._driver.arrived(self._site(request), exchange, request)

    def _gone(self, exchange: str) -> None:
        if self.control is not None:
            self.control.gone(exchange)
        if self._driver is not None and self._driver.world.cores.get("push-streams") is not None:
            self._driver.gone("push-streams", exchange)


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _gateway(options: ServeOptions, seed: int, url: str) -> Testbed:
    bed = Testbed(
        seed,
        places=Places(api=url, fcm=options.fcm_endpoint or Places().fcm),
        pace=options.pace,
        trace=Trace(TRACE_KEPT, hashed=False),
        start_at=wall_clock(),
        draws_order=False,
        queue_user=options.queue_user,
        control=options.control,
        control_token=options.control_token,
        keep_rate=options.keep_rate,
        built_in_push=options.fcm_endpoint is None,
    )
    first, *others = options.accounts or (AccountSpec(),)
    bed.open_account(**_facts(first))
    for account in others:
        try:
            bed.standin.create_account(bed.world.now, **_facts(account))
        except ValueError as error:
            raise UsageError(str(error), "give each --account an id and a key of its own") from None
    bed.add_contact(EVERYBODY)
    bed.add_phone(PhoneSpec("phone", SERVED_NUMBER))
    return bed


def _facts(account: AccountSpec) -> dict[str, Any]:
    names = ("user_id", "api_key", "email", "plan")
    return {name: getattr(account, name) for name in names if getattr(account, name) is not None}


def _wake(bed: Testbed, rows: list[Row]) -> None:
    """A world from its file. Streams of the old process are gone, their phones will come again."""
    bed.world.restore(rows)
    account = next(iter(bed.standin.accounts.values()), None)
    if account is None:
        raise ValueError("no account is in it, so it is no whole world")
    bed.account = account
    streams = bed.world.cores["push-streams"]
    for exchange in list(streams.tables()["tokens"]):
        bed.world.inject("push-streams", Gone(exchange))


async def _furnish(options: ServeOptions, bed: Testbed, driver: LiveDriver, client: HttpClient) -> Served:
    """The phone key of the phone, by the API as any user would make it, and the phone logged in."""
    access = UserAccess("http", urlsplit(bed.places.api).netloc, bed.account.api_key)
    keys = _data(await _ask(client, api_request(access, "GET", "/v1/phone-api-keys?limit=100")))
    key = next((key for key in keys if key["name"] == KEY_NAME), None)
    if key is None:
        key = _data(await _ask(client, api_request(access, "POST", "/v1/phone-api-keys", {"name": KEY_NAME})))
    phone_key: str = key["api_key"]
    if options.phones:
        await _log_in(bed, driver, phone_key)
    return Served(bed.places.api, bed.account.api_key, SERVED_NUMBER, phone_key, bed, driver)


async def _log_in(bed: Testbed, driver: LiveDriver, phone_key: str) -> None:
    """Until the phone can be sent with: the gateway knows it and its key."""
    phone = bed.world.cores["phone:phone"]
    assert isinstance(phone, Phone)
    if phone.settings.logged_in:
        return
    failed: list[Entry] = []
    bed.trace.subscribe(lambda entry: failed.append(entry) if entry.kind == "login failed" else None)
    driver.tell(phone.name, LogIn(phone_key))
    keys = bed.standin.phone_keys

    def is_known() -> bool:
        return phone.settings.logged_in and any(SERVED_NUMBER in key.phone_numbers for key in keys.values())

    await driver.until(lambda: bool(failed) or is_known())
    if failed:
        raise _login_error(bed.places.api, failed[0])


async def _ask(client: HttpClient, request: Request) -> Response:
    """One request of ours. Raises `ServerError`."""
    outcome = await client.call(Call("ask", "harness", request, Limits(total_s=10.0)))
    return _response(request, outcome)


def _response(request: Request, outcome: Outcome) -> Response:
    where = f"{request.scheme}://{request.authority}"
    if not isinstance(outcome, Response):
        raise ServerUnreachable(where, _why(outcome))
    if outcome.status == 401:
        raise KeyRefused(where, "the server refuses the API key (401)")
    if outcome.status >= 300:
        raise ServerMisbehaved(where, outcome.status, outcome.body)
    return outcome


def _data(response: Response) -> Any:
    return json.loads(response.body)["data"]


# -- a story over the loopback -----------------------------------------------------------------------------------------


def run_scenario_live(scenario: Scenario, seed: int = 1) -> StoryOutcome:
    """Runs a story by the real clock: API, push, phones and webhooks talk through sockets on 127.0.0.1."""
    return asyncio.run(_run_live(scenario, seed))


async def _run_live(scenario: Scenario, seed: int) -> StoryOutcome:
    gateway, hooks = _Host("http"), _Host("hook", lambda _request: "receiver")
    client = HttpClient()
    try:
        url = f"http://127.0.0.1:{await gateway.server.start('127.0.0.1', 0)}"
        hook = f"http://127.0.0.1:{await hooks.server.start('127.0.0.1', 0)}/events"
        bed = Testbed.for_scenario(
            scenario,
            seed,
            places=Places(url, url, hook),
            pace=Pace.INSTANT,
            trace=Trace(hashed=False),
            linked=False,
            start_at=wall_clock(),
            draws_order=False,
            built_in_push=False,
        )
        run = bed.run
        assert run is not None
        servers = {gateway.prefix: gateway.server, hooks.prefix: hooks.server}
        driver = LiveDriver(bed.world, client=client, servers=servers, push_url=url + STREAM_PATH)
        async with driver:
            gateway.open(driver)
            hooks.open(driver)
            bed.start()
            driver.pump_soon()
            await driver.until(lambda: run.verdict is not None)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SETTLE_S):
                    await driver.quiet()
        assert run.verdict is not None
        verdict = judge(run.verdict, bed.trace.entries, scenario.breaks, str(scenario.place))
        return StoryOutcome(verdict, bed.trace, seed, repeat_command(scenario, seed) + " --live")
    finally:
        await gateway.server.close()
        await hooks.server.close()
        await client.close()


# -- a phone as a process ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PhoneOptions:
    """An emulated phone for a server. `push_url`: the push service to join (None: the server's own).

    `push_port` brings a push service along instead; `poll_key` asks the API for messages with this user key.
    `timeout_s` is how long the server may take for its first answer.
    """

    server: str
    phone_key: str = field(repr=False)
    numbers: tuple[str, ...] = ()
    encryption_key: str = field(default="", repr=False)
    push_url: str | None = None
    push_port: int | None = None
    poll_key: str | None = field(default=None, repr=False)
    seed: int = 1
    poll_every_s: float = 1.0
    timeout_s: float = 10.0


async def run_phone(
    options: PhoneOptions,
    say: Callable[[Entry], None],
    opened: Callable[[PhoneLine], None],
    stop: asyncio.Event,
) -> None:
    """Runs a phone until `stop` is set. `say` gets every trace entry, `opened` the running phone.

    Raises `ServerError` when the login fails, `UsageError` for a URL that is none.
    """
    access = _access(options)
    client = HttpClient()
    world = _phone_world(options, access)
    host = _Host("push", lambda _request: "push")
    failed: list[Entry] = []

    def watch(entry: Entry) -> None:
        say(entry)
        if entry.kind == "login failed":
            failed.append(entry)
            stop.set()

    world.trace.subscribe(watch)
    try:
        port = None
        if options.push_port is not None:
            port = await host.server.start("127.0.0.1", options.push_port)
        push_url = options.push_url or options.server.rstrip("/") + STREAM_PATH
        await _knock(client, access, options.timeout_s)
        driver = LiveDriver(world, client=client, servers={"push": host.server}, push_url=push_url)
        async with driver:
            host.open(driver)
            opened(PhoneLine(driver, options.numbers[0], port))
            driver.tell("phone", LogIn(options.phone_key))
            await stop.wait()
    finally:
        await host.server.close()
        await client.close()
    if failed:
        raise _login_error(options.server, failed[0])


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """A running phone: how others text it. `push_port`: where its own push service listens, if it has one."""

    driver: LiveDriver = field(repr=False)
    number: str
    push_port: int | None

    def text(self, sender: str, text: str) -> None:
        """Somebody texts the phone."""
        self.driver.tell("contact:everybody", WriteText(self.number, text, sender))


async def _knock(client: HttpClient, access: UserAccess, timeout_s: float) -> None:
    """Whether anybody is there at all; whether it is httpSMS shows at the login. Raises `ServerError`."""
    request = api_request(access, "GET", "/health")
    outcome = await client.call(Call("knock", "harness", request, Limits(total_s=timeout_s)))
    where = f"{access.scheme}://{access.authority}"
    if not isinstance(outcome, Response):
        raise ServerUnreachable(where, _why(outcome))
    if outcome.status >= 500:
        raise ServerMisbehaved(where, outcome.status, outcome.body)


def _why(outcome: Outcome) -> str:
    match outcome:
        case ConnectFailed(kind, text):
            return f"no connection ({kind}{': ' + text if text else ''})"
        case TimedOut(phase):
            return f"no answer in time ({phase})"
        case _:
            return "the connection broke before an answer"


def _access(options: PhoneOptions) -> UserAccess:
    url = urlsplit(options.server)
    if url.scheme not in ("http", "https") or not url.netloc:
        raise UsageError(f"{options.server!r} is no http or https URL", "write it like http://127.0.0.1:8000")
    return UserAccess(url.scheme, url.netloc, options.poll_key or "")


def _phone_world(options: PhoneOptions, access: UserAccess) -> World:
    """Handset, radio and a contact that reads every number; and what brings the pushes."""
    world = World(options.seed, Trace(1000, hashed=False), start_at=wall_clock(), draws_order=False)
    draws = world.draws(f"phone:{options.numbers[0]}")
    settings = Settings(
        sims=tuple(Sim(number) for number in options.numbers),
        server_url=options.server.rstrip("/"),
        encryption_key=options.encryption_key,
        encrypt_received=bool(options.encryption_key),
        registration_token=draws.stream("token").token(142),
    )
    world.add(Phone("phone", draws, settings))
    world.add(Modem("modem", world.draws("modem"), options.numbers[0]))
    smsc = Smsc("smsc", world.draws("smsc"))
    world.add(smsc)
    world.add(Contact("contact:everybody", world.draws("contact"), EVERYBODY.number))
    for sender, port, target in (
        ("phone", "radio", "modem"),
        ("modem", "phone", "phone"),
        ("modem", "smsc", "smsc"),
        ("contact:everybody", "smsc", "smsc"),
    ):
        world.wire(sender, port, target)
    smsc.directory[options.numbers[0]] = "modem"
    smsc.directory[EVERYBODY.number] = "contact:everybody"
    _bring_pushes(world, options, access)
    return world


def _bring_pushes(world: World, options: PhoneOptions, access: UserAccess) -> None:
    if options.poll_key is None and options.push_port is None:
        world.wire("phone", "push", OUTSIDE)
        return
    # The phone's own push service: a server that is told of it reaches it by its port, a poller needs none.
    world.add(PushService("push", world.draws("push")))
    world.wire("phone", "push", "push")
    if options.poll_key is not None:
        every = round(options.poll_every_s * SECOND)
        world.add(Poller("poller", world.draws("poller"), access, options.numbers[0], every))
        world.wire("poller", "phone", "phone")
        world.inject("poller", Poll())


def _login_error(server: str, entry: Entry) -> ServerError:
    status = entry.facts.get("status")
    if status == 401:
        return KeyRefused(server, "the server refuses the phone key (401)")
    if status is None:
        return ServerUnreachable(server, f"no answer to the login ({entry.facts.get('outcome')})")
    why = entry.facts.get("error") or f"it answers the login with {status}"
    return ServerError(server, str(why))
