"""Emulated phones as a process: handsets, a network with everybody else in it, and a server that somebody has."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.adapters.control import WorldControl
from harness.adapters.http_client import HttpClient
from harness.adapters.live import LiveDriver, wall_clock
from harness.adapters.state_file import StateFile
from harness.cast import ContactSpec, PhoneSpec
from harness.errors import ServerMisbehaved, ServerUnreachable, StateFileError, UsageError
from harness.frozen import frozen
from harness.handset import Handset, add_handset
from harness.handsets import Handsets, Keyed
from harness.http.values import Call, Limits, Response
from harness.instants import SECOND
from harness.modem import Smsc
from harness.parties import Contact
from harness.parties.poller import Poll, Poller
from harness.phone import KillProcess, LogIn
from harness.push import PushService
from harness.push.streams import STREAM_PATH
from harness.serving import EVERYBODY, Host, login_error, why
from harness.trace import Entry, Trace
from harness.wire.client import UserAccess, api_request
from harness.wire.fcm import StreamOpened
from harness.world import OUTSIDE, Row, World

__all__ = ["PhoneOptions", "Phones", "phones_running"]

TRACE_KEPT = 10_000


@frozen
class PhoneOptions:
    """Emulated phones for a server. `numbers`: those of the first one's SIMs; the others have the next numbers.

    `push_url`: the push service to join (None: the server's own). `push_port` brings a push service along instead;
    `poll_key` asks the API for messages with this user key. `timeout_s` is how long the server may take for its
    first answer. `control_port`: where the control routes are (None: nowhere).
    """

    server: str
    phone_key: str = field(repr=False)
    numbers: tuple[str, ...] = ()
    count: int = 1
    encryption_key: str = field(default="", repr=False)
    push_url: str | None = None
    push_port: int | None = None
    poll_key: str | None = field(default=None, repr=False)
    seed: int | None = None
    poll_every_s: float = 1.0
    timeout_s: float = 10.0
    state: Path | None = None
    control_port: int | None = None
    control_token: str | None = field(default=None, repr=False)
    http1: bool = False
    ca_file: Path | None = None
    insecure: bool = False
    app: str | None = None
    oem: str | None = None


class Phones:
    """Phones that run. `push_port` and `control_port` are where this process listens, None where it does not."""

    def __init__(
        self, driver: LiveDriver, keyed: tuple[Keyed, ...], push_port: int | None, control_port: int | None
    ) -> None:
        self.driver = driver
        self.handsets = Handsets(driver, keyed, f"contact:{EVERYBODY.name}")
        self.phones = tuple(self.handsets.phone(each.handset) for each in keyed)
        self.push_port = push_port
        self.control_port = control_port

    @property
    def jobs(self) -> int:
        """How many jobs are left."""
        return sum(len(phone.jobs) for phone in self.phones)

    async def finish(self, timeout_s: float) -> None:
        """Until no request is under way, or the time is over."""
        calls = self.driver.world.open_calls
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self.driver.until(lambda: not calls)


@contextlib.asynccontextmanager
async def phones_running(
    options: PhoneOptions, say: Callable[[Entry], None], stop: asyncio.Event
) -> AsyncIterator[Phones]:
    """Runs phones until the context ends; `say` gets every trace entry. Sets `stop` when a login has failed.

    Raises `ServerError` then, as the context ends; `UsageError`, `PortInUse`, `StateFileError` as it begins.
    """
    access = _access(options)
    async with contextlib.AsyncExitStack() as open_things:
        state, rows = _state_file(options, open_things)
        own = _own_rows(options, rows)
        boot = own.get("boot", 0) + 1
        client = HttpClient(trust=_trust(options), follows_up=False, http1=options.http1)
        open_things.push_async_callback(client.close)
        pushes, control = Host(f"push{boot}", lambda _request: "push"), Host("control")
        open_things.push_async_callback(pushes.server.close)
        open_things.push_async_callback(control.server.close)
        push_port = await _listen(pushes, options.push_port)
        control_port = await _listen(control, options.control_port)
        await _knock(client, access, options.timeout_s)
        seed = own.get("seed", options.seed if options.seed is not None else secrets.randbits(32))
        world, handsets = _world(options, access, seed)
        failed: list[Entry] = []
        world.trace.subscribe(lambda entry: _watch(entry, say, failed, stop))
        if "offset" in own:
            _wake(options, world, handsets, rows)
        if state is not None:
            facts = {"boot": boot, "seed": seed, "server": options.server, "numbers": " ".join(_all_numbers(handsets))}
            state.put([("", "phone", name, row) for name, row in facts.items()], lambda: None)
        driver = LiveDriver(
            world, client=client, servers={pushes.prefix: pushes.server}, state=state,
            push_url=options.push_url or options.server.rstrip("/") + STREAM_PATH,
        )  # fmt: skip
        driver.offset = own.get("offset", 0)
        try:
            await open_things.enter_async_context(driver)
            pushes.open(driver)
            keyed = tuple(Keyed(handset, options.phone_key) for handset in handsets)
            phones = Phones(driver, keyed, push_port, control_port)
            control.control = WorldControl(
                driver, {"seed": seed}, options.control_token, control.server, phones.handsets
            )
            control.open(driver)
            _begin(options, phones)
            yield phones
        finally:
            if failed:
                raise login_error(options.server, failed[0])


def _watch(entry: Entry, say: Callable[[Entry], None], failed: list[Entry], stop: asyncio.Event) -> None:
    say(entry)
    if entry.kind == "login failed":
        failed.append(entry)
        stop.set()


def _begin(options: PhoneOptions, phones: Phones) -> None:
    """Phones that a file has logged in go on; the others log in."""
    for phone in phones.phones:
        if phone.settings.logged_in:
            phones.driver.listen(phone.name, StreamOpened(phone.settings.registration_token, phone.name))
        else:
            phones.driver.tell(phone.name, LogIn(options.phone_key))


async def _listen(host: Host, port: int | None) -> int | None:
    return None if port is None else await host.server.start("127.0.0.1", port)


def _trust(options: PhoneOptions) -> Callable[[], ssl.SSLContext]:
    """Whom to trust: the system, if nothing else is said. Raises `UsageError`."""
    if not options.insecure and options.ca_file is None:
        return ssl.create_default_context
    try:
        context = ssl.create_default_context(cafile=options.ca_file)
    except OSError as error:  # an SSLError for a file that is none
        raise UsageError(f"{options.ca_file}: no certificates are in it", "give a PEM file") from error
    if options.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return lambda: context


async def _knock(client: HttpClient, access: UserAccess, timeout_s: float) -> None:
    """Whether anybody is there at all; whether it is httpSMS shows at the login. Raises `ServerError`."""
    request = api_request(access, "GET", "/health")
    outcome = await client.call(Call("knock", "harness", request, Limits(total_s=timeout_s)))
    where = f"{access.scheme}://{access.authority}"
    if not isinstance(outcome, Response):
        raise ServerUnreachable(where, why(outcome))
    if outcome.status >= 500:
        raise ServerMisbehaved(where, outcome.status, outcome.body)


def _access(options: PhoneOptions) -> UserAccess:
    url = urlsplit(options.server)
    if url.scheme not in ("http", "https") or not url.netloc:
        raise UsageError(f"{options.server!r} is no http or https URL", "write it like http://127.0.0.1:8000")
    return UserAccess(url.scheme, url.netloc, options.poll_key or "")


# -- the world ---------------------------------------------------------------------------------------------------------


def _world(options: PhoneOptions, access: UserAccess, seed: int) -> tuple[World, tuple[Handset, ...]]:
    """Handsets, a contact that reads every number, and what brings the pushes."""
    world = World(seed, Trace(TRACE_KEPT, hashed=False), start_at=wall_clock(), draws_order=False)
    smsc = Smsc("smsc", world.draws("smsc"))
    world.add(smsc)
    if options.push_port is not None or options.poll_key is not None:
        # The phones' own push service: a server that is told of it reaches it by its port, a poller needs none.
        world.add(PushService("push", world.draws("push")))
    push = "push" if "push" in world.cores else OUTSIDE
    server_url = options.server.rstrip("/")
    handsets = tuple(
        add_handset(world, smsc, spec, server_url=server_url, push=push) for spec in _specs(options)
    )  # fmt: skip
    _add_everybody(world, smsc, EVERYBODY)
    if options.poll_key is not None:
        for handset in handsets:
            _add_poller(world, handset, access, round(options.poll_every_s * SECOND))
    return world, handsets


def _specs(options: PhoneOptions) -> list[PhoneSpec]:
    """The first phone has the numbers given; each other one the next."""
    first = int(options.numbers[0])
    key = options.encryption_key or None
    second = options.numbers[1] if len(options.numbers) > 1 else None
    specs = [PhoneSpec("1", options.numbers[0], key, second_number=second)]
    return specs + [PhoneSpec(str(place + 1), f"+{first + place}", key) for place in range(1, options.count)]


def _add_everybody(world: World, smsc: Smsc, spec: ContactSpec) -> None:
    name = f"contact:{spec.name}"
    world.add(Contact(name, world.draws(name), spec.number))
    world.wire(name, "smsc", smsc.name)
    smsc.directory[spec.number] = name


def _add_poller(world: World, handset: Handset, access: UserAccess, every: int) -> None:
    for slot, number in enumerate(handset.numbers, start=1):
        name = f"poller:{handset.name}/{slot}"
        world.add(Poller(name, world.draws(name), access, number, every))
        world.wire(name, "phone", handset.phone)
        world.inject(name, Poll())


# -- the state file ----------------------------------------------------------------------------------------------------


def _state_file(options: PhoneOptions, open_things: contextlib.AsyncExitStack) -> tuple[StateFile | None, list[Row]]:
    if options.state is None:
        return None, []
    state = open_things.enter_context(contextlib.closing(StateFile(options.state)))
    return state, list(state.rows())


def _own_rows(options: PhoneOptions, rows: list[Row]) -> dict[str, Any]:
    """What this module keeps beside the world.

    Raises `StateFileError` for a gateway's file, `UsageError` for that of other phones.
    """
    own = {key: row for owner, name, key, row in rows if (owner, name) in (("", "phone"), ("", "serve"))}
    if own and not {"server", "numbers"} <= set(own):
        raise StateFileError(str(options.state), "it holds no phones")
    numbers = " ".join(number for spec in _specs(options) for number in (spec.number, spec.second_number) if number)
    for name, asked in (("server", options.server), ("numbers", numbers)):
        if own and own[name] != asked:
            raise UsageError(
                f"{options.state}: its phones have the {name} {own[name]}", "give the same, or another file"
            )
    return own


def _all_numbers(handsets: tuple[Handset, ...]) -> list[str]:
    return [number for handset in handsets for number in handset.numbers]


def _wake(options: PhoneOptions, world: World, handsets: tuple[Handset, ...], rows: list[Row]) -> None:
    """A world from its file. The apps died with the process: requests are not repeated, jobs are."""
    try:
        world.check(rows)
        world.restore(rows)
    except ValueError as error:
        raise StateFileError(str(options.state), str(error)) from None
    for handset in handsets:
        world.forget_calls(handset.phone)
        world.inject(handset.phone, KillProcess())
