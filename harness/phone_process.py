"""Emulated phones as a process: handsets, a network with everybody else in it, and a server that somebody has."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.adapters.control import WorldControl
from harness.adapters.http_client import HttpClient
from harness.adapters.live import LiveDriver, wall_clock
from harness.adapters.state_file import StateFile
from harness.adapters.watched_client import Reach, WatchedClient
from harness.cast import ContactSpec, PhoneSpec
from harness.core import Command, Record
from harness.draws import Draws
from harness.errors import KeyRefused, ServerMisbehaved, ServerUnreachable, StateFileError, UsageError
from harness.frozen import frozen
from harness.handset import Handset, add_handset, build_for
from harness.handsets import Handsets, Keyed
from harness.http.values import Call, ConnectFailed, Limits, Response
from harness.instants import SECOND
from harness.modem import Smsc
from harness.parties import Contact
from harness.parties.poller import Poll, Poller
from harness.phone import Build, KillProcess, LogIn, Network, Phone
from harness.phone.work import State
from harness.profile import DEFAULT_APP, STOCK
from harness.push import PushService
from harness.push.streams import STREAM_PATH
from harness.serving import EVERYBODY, Host, login_error, why
from harness.sms import PhoneNumber
from harness.trace import Entry, Trace
from harness.wire.client import UserAccess, api_request
from harness.wire.fcm import StreamOpened
from harness.world import OUTSIDE, Row, World

__all__ = ["PHONE", "REACHES", "PhoneOptions", "Phones", "phones_running"]

TRACE_KEPT = 10_000
PHONE = "phone"
"""The fact of an entry that tells which of several phones it is about."""


@frozen
class PhoneOptions:
    """Emulated phones for a server. `numbers`: those of the first one's SIMs; the others have the next numbers.

    `push_url`: the push service to join (None: the server's own). `push_port` brings a push service along instead, on
    `push_host`; `poll_key` asks the API for messages with this user key. `timeout_s` is how long the server may take
    for its first answer. `control_port`: where the control routes are (None: nowhere). `app` and `oem` name profiles,
    `operator` (MCC and MNC) and `android` decide how texts are divided.
    """

    server: str
    phone_key: str = field(repr=False)
    numbers: tuple[str, ...] = ()
    count: int = 1
    encryption_key: str = field(default="", repr=False)
    push_url: str | None = None
    push_port: int | None = None
    push_host: str = "127.0.0.1"
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
    operator: str | None = None
    android: int | None = None

    @property
    def pushes(self) -> str:
        """Where messages are heard of."""
        if self.poll_key is not None:
            return "--poll"
        return "--push-port" if self.push_port is not None else "a stream"


class Phones:
    """Phones that run. `push_place` (host, port) and `control_port` are where this process listens, None: nowhere."""

    def __init__(
        self,
        driver: LiveDriver,
        handsets: Handsets,
        phones: Sequence[Phone],
        logins: _Logins,
        push_place: tuple[str, int] | None,
        control_port: int | None,
    ) -> None:
        self.driver = driver
        self.handsets = handsets
        self.phones = phones
        self.push_place = push_place
        self.control_port = control_port
        self._logins = logins

    @property
    def logged_in(self) -> bool:
        """Every phone has logged in, whatever became of it since."""
        return not self._logins.left

    @property
    def login_failed(self) -> bool:
        """A first login has failed: the error comes as the context ends."""
        return self._logins.failed is not None

    def when_logged_in(self, action: Callable[[], object]) -> None:
        """Does `action` once every phone has logged in."""
        self._logins.then.append(action)
        self._logins.look()

    @property
    def jobs(self) -> int:
        """How many jobs are left, but for the one that comes back for ever."""
        return sum(not job.period for phone in self.phones for job in phone.jobs.values())

    async def finish(self, timeout_s: float) -> None:
        """Until nothing is under way and no job runs that could, or the time is over. What is paused stays so."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self.driver.until(self._is_idle)

    def _is_idle(self) -> bool:
        world = self.driver.world
        due_at = world.next_due_at
        if due_at is not None and due_at <= self.driver.now:
            return False
        return not any(_is_at_work(phone) for phone in self.phones if not world.is_paused(phone.name))


def _is_at_work(phone: Phone) -> bool:
    return bool(phone.threads or phone.ready) or any(job.state is State.RUNNING for job in phone.jobs.values())


@contextlib.asynccontextmanager
async def phones_running(
    options: PhoneOptions, say: Callable[[Entry], None], stop: asyncio.Event
) -> AsyncIterator[Phones]:
    """Runs phones until the context ends; `say` gets every trace entry. Sets `stop` when a first login has failed.

    Raises `ServerError` then, as the context ends; `UsageError`, `PortInUse`, `StateFileError` as it begins.
    """
    access, specs = _access(options), _specs(options)
    build = build_for(specs[0])
    async with contextlib.AsyncExitStack() as open_things:
        state, rows = _state_file(options, open_things)
        own = _own_rows(options, specs, rows)
        boot = own.get("boot", 0) + 1
        reaches: list[Callable[[Reach], None]] = []
        client = WatchedClient(
            lambda reach: [tell(reach) for tell in reaches], options.timeout_s, trust=_trust(options),
            follows_up=False, http1=options.http1,
        )  # fmt: skip
        open_things.push_async_callback(client.close)
        pushes, control = Host(f"push{boot}", lambda _request: "push"), Host("control")
        open_things.push_async_callback(pushes.server.close)
        open_things.push_async_callback(control.server.close)
        push_port = await _listen(pushes, options.push_host, options.push_port)
        control_port = await _listen(control, "127.0.0.1", options.control_port)
        await _knock(client, access, options)
        seed = own.get("seed", options.seed if options.seed is not None else secrets.randbits(32))
        world, handsets = _world(options, specs, build, access, seed)
        world.trace.subscribe(say)
        gone = _wake(options, world, handsets, rows, build) if "offset" in own else []
        if state is not None:
            facts = {"boot": boot, "seed": seed, **_facts(options, specs)}
            state.put([*gone, *(("", "phone", name, row) for name, row in facts.items())], lambda: None)
        driver = LiveDriver(
            world, client=client, servers={pushes.prefix: pushes.server}, state=state, push_url=_push_url(options)
        )
        driver.offset = own.get("offset", 0)
        reaches.append(lambda reach: _tell_reach(driver, options, reach))
        phones = [phone for phone in world.cores.values() if isinstance(phone, Phone)]
        logins = _Logins(phones, options.phone_key, stop)
        world.trace.subscribe(logins.watch)
        try:
            await open_things.enter_async_context(driver)
            pushes.open(driver)
            keyed = [Keyed(handset, options.phone_key) for handset in handsets]
            known = Handsets(driver, keyed, f"contact:{EVERYBODY.name}")
            place = None if push_port is None else (options.push_host, push_port)
            running = Phones(driver, known, phones, logins, place, control_port)
            settings = {"server": options.server, "seed": seed}
            control.control = WorldControl(driver, settings, options.control_token, control.server, known)
            control.open(driver)
            _begin(options, driver, phones, logins)
            yield running
        finally:
            if logins.failed is not None:
                raise _login_error(options.server, logins.failed)


class _Logins:
    """The first login of each phone: who has not got through it, which one failed, and what is done once all have.

    A phone that a file has switched off, or without a network, is left as it is: its user may log in later.
    """

    def __init__(self, phones: Iterable[Phone], key: str, stop: asyncio.Event) -> None:
        self._key = key
        self._stop = stop
        self.left = [phone for phone in phones if not self._is_through(phone)]
        self.failed: Entry | None = None
        self.then: list[Callable[[], object]] = []

    def _is_through(self, phone: Phone) -> bool:
        is_in = phone.settings.logged_in and phone.settings.api_key == self._key
        return is_in or not _is_reachable(phone)

    def watch(self, entry: Entry) -> None:
        """A later login is its user's affair: it fails, or not, and the phone goes on."""
        if not self.left or entry.hop != "phone":
            return
        if entry.kind == "login failed":
            self.failed = self.failed or entry
            self._stop.set()
        elif entry.kind == "logged in":
            self.left = [phone for phone in self.left if not self._is_through(phone)]
            asyncio.get_running_loop().call_soon(self.look)

    def look(self) -> None:
        if not self.left:
            actions, self.then = self.then, []
            for action in actions:
                action()


def _begin(options: PhoneOptions, driver: LiveDriver, phones: Iterable[Phone], logins: _Logins) -> None:
    """Phones that a file has logged in with this key go on; the others log in."""
    for phone in phones:
        if phone in logins.left:
            driver.tell(phone.name, LogIn(options.phone_key))
        elif _is_reachable(phone):
            driver.listen(phone.name, StreamOpened(phone.settings.registration_token, phone.name))


def _is_reachable(phone: Phone) -> bool:
    return phone.life.powered and phone.device.network is not Network.NONE


def _login_error(server: str, entry: Entry) -> Exception:
    """A number that the app does not take never reaches the server."""
    if str(entry.facts.get("field")).startswith("phone_sim") and "status" not in entry.facts:
        return UsageError(f"the app does not take the number {entry.facts['number']}", str(entry.facts["error"]))
    return login_error(server, entry)


# -- the way to the server ---------------------------------------------------------------------------------------------


async def _listen(host: Host, address: str, port: int | None) -> int | None:
    return None if port is None else await host.server.start(address, port)


def _trust(options: PhoneOptions) -> Callable[[], ssl.SSLContext]:
    """Makes contexts that trust the system, if nothing else is said; a new one each time. Raises `UsageError`."""

    def make() -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=options.ca_file)
        if options.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    if options.ca_file is not None:
        try:
            make()
        except OSError as error:  # an SSLError for a file that is none
            raise UsageError(f"{options.ca_file}: no certificates are in it", "give a PEM file") from error
    return make


async def _knock(client: HttpClient, access: UserAccess, options: PhoneOptions) -> None:
    """Whether anybody is there at all, and takes the user key; whether it is httpSMS shows at the login.

    Raises `ServerError`.
    """
    path = "/health" if options.poll_key is None else "/v1/users/me"
    outcome = await client.call(
        Call("knock", "harness", api_request(access, "GET", path), Limits(total_s=options.timeout_s))
    )
    where = f"{access.scheme}://{access.authority}"
    if not isinstance(outcome, Response):
        remedy = "; give its certificate with --ca-file, or trust any with --insecure"
        is_strange = isinstance(outcome, ConnectFailed) and outcome.kind == "tls"
        raise ServerUnreachable(where, why(outcome) + (remedy if is_strange else ""))
    if outcome.status >= 500:
        raise ServerMisbehaved(where, outcome.status, outcome.body)
    if outcome.status == 401 and options.poll_key is not None:
        raise KeyRefused(where, USER_KEY_REFUSED)


USER_KEY_REFUSED = "the server refuses the user key (401); give --user-key the API key of the account"


def _access(options: PhoneOptions) -> UserAccess:
    url = urlsplit(options.server)
    if url.scheme not in ("http", "https") or not url.netloc:
        raise UsageError(f"{options.server!r} is no http or https URL", "write it like http://127.0.0.1:8000")
    return UserAccess(url.scheme, url.netloc, options.poll_key or "")


def _push_url(options: PhoneOptions) -> str | None:
    """Whom to ask for pushes; nobody where this process has its own ways."""
    if options.poll_key is not None or options.push_port is not None:
        return None
    return options.push_url or options.server.rstrip("/") + STREAM_PATH


REACHES = {"pushes": ("no push comes", "pushes come again"), "polls": ("no poll succeeds", "polls succeed again")}
"""The kinds of entries that tell that the way of messages to the phones is broken, and that it is well again."""


def _tell_reach(driver: LiveDriver, options: PhoneOptions, reach: Reach) -> None:
    """As an entry of the trace: what no longer comes through, why, and what may be done."""
    ill, well = REACHES[reach.what]
    facts = {"at": reach.place}
    if reach.outcome is not None:
        facts |= {"why": _why_no(reach), "remedy": _remedy(options, reach)}
    driver.world.trace.write(driver.now, "harness", well if reach.outcome is None else ill, None, None, facts)
    driver.pump_soon()  # nothing in the world has led to it, and somebody may wait for it


def _why_no(reach: Reach) -> str:
    outcome = reach.outcome
    assert outcome is not None
    return f"it answers {outcome.status}" if isinstance(outcome, Response) else why(outcome)


def _remedy(options: PhoneOptions, reach: Reach) -> str:
    if isinstance(reach.outcome, Response) and reach.outcome.status == 401:
        return "give --user-key the API key of the account"
    if reach.what == "pushes" and options.push_url is not None:
        return "is that push service up, and --push right? It is tried again"
    return "is that server up? It is asked again"


# -- the world ---------------------------------------------------------------------------------------------------------


def _world(
    options: PhoneOptions, specs: Sequence[PhoneSpec], build: Build, access: UserAccess, seed: int
) -> tuple[World, tuple[Handset, ...]]:
    """Handsets, a contact that reads every number, and what brings the pushes."""
    world = World(seed, Trace(TRACE_KEPT, hashed=False), start_at=wall_clock(), draws_order=False)
    smsc = Smsc("smsc", world.draws("smsc"))
    world.add(smsc)
    if _push_url(options) is None:
        # The phones' own push service: a server that is told of it reaches it by its port, a poller needs none.
        world.add(PushService("push", world.draws("push")))
    push = "push" if "push" in world.cores else OUTSIDE
    server_url = options.server.rstrip("/")
    handsets = tuple(
        [add_handset(world, smsc, spec, server_url=server_url, push=push, build=build) for spec in specs]
    )  # fmt: skip
    _add_everybody(world, smsc, EVERYBODY)
    for handset in handsets:
        if len(handsets) > 1:
            world.fault(handset.phone, _Stamp(handset.numbers[0]))
        if options.poll_key is not None:
            _add_poller(world, handset, access, round(options.poll_every_s * SECOND))
    return world, handsets


class _Stamp:
    """No fault at all: stands behind one phone of several, and tells in each of its entries which one it is."""

    name = "stamp"

    def __init__(self, number: str) -> None:
        self._number = number

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        if not isinstance(command, Record):
            return None
        return [(0, Record(command.hop, command.kind, command.message, {PHONE: self._number, **command.facts}))]

    def fork(self) -> _Stamp:
        return self


def _specs(options: PhoneOptions) -> list[PhoneSpec]:
    """The first phone has the numbers given; each other one the next that is free.

    They are named by their numbers: whatever is drawn for one differs from what another process draws for others.
    """
    if len(set(options.numbers)) < len(options.numbers):
        raise UsageError("both SIMs have the same number", "give each --number once")
    numbers, last = list(options.numbers[:1]), int(options.numbers[0])
    while len(numbers) < options.count:
        last += 1
        if f"+{last}" not in options.numbers:
            numbers.append(PhoneNumber.parse(f"+{last}").e164)
    key = options.encryption_key or None
    seconds = [*options.numbers[1:2], *([None] * options.count)]
    return [
        PhoneSpec(
            number,
            number,
            key,
            second_number=second,
            app=options.app,
            oem=options.oem,
            operator=options.operator,
            android=options.android,
        )
        for number, second in zip(numbers, seconds, strict=False)
    ]


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


def _facts(options: PhoneOptions, specs: Sequence[PhoneSpec]) -> dict[str, str]:
    """What must be the same whenever a file is used again."""
    numbers = " ".join(number for spec in specs for number in spec.numbers)
    profiles = {"app profile": options.app or DEFAULT_APP.name, "oem profile": options.oem or STOCK.name}
    return {"server": options.server, "numbers": numbers, "way of pushes": options.pushes, **profiles}


def _own_rows(options: PhoneOptions, specs: Sequence[PhoneSpec], rows: list[Row]) -> dict[str, Any]:
    """What this module keeps beside the world.

    Raises `StateFileError` for a gateway's file, `UsageError` for that of other phones.
    """
    own = {key: row for owner, name, key, row in rows if (owner, name) in (("", "phone"), ("", "serve"))}
    facts = _facts(options, specs)
    if rows and not {*facts, "boot", "seed"} <= own.keys():
        raise StateFileError(str(options.state), "it holds no phones")
    for name, asked in facts.items() if own else ():
        if own[name] != asked:
            problem = f"{options.state}: its phones have the {name} {_shown(own[name])}, not {_shown(asked)}"
            raise UsageError(problem, "give the same, or another file")
    for name in ("boot", "seed", "offset"):
        if type(own.get(name, 0)) is not int:
            raise StateFileError(str(options.state), f"cannot be read: {name}")
    return own


def _shown(text: object) -> str:
    """Without the middle of a thousand numbers."""
    words = str(text).split(" ") if str(text).startswith("+") else [str(text)]
    return " ".join(words) if len(words) <= 4 else f"{words[0]} … {words[-1]} ({len(words)})"


def _wake(
    options: PhoneOptions, world: World, handsets: tuple[Handset, ...], rows: list[Row], build: Build
) -> list[Row]:
    """A world from its file. The apps died with the process: requests are not repeated, jobs are.

    Returns the rows that the file has no more use for: a world tells of those alone that go while it runs.
    """
    try:
        world.check(rows)
        world.restore(rows)
    except ValueError as error:
        raise StateFileError(str(options.state), str(error)) from None
    for handset in handsets:
        phone = world.cores[handset.phone]
        assert isinstance(phone, Phone)
        phone.facts["build"] = build  # a profile is a file too, and may say something else by now
        world.forget_calls(handset.phone)
        world.inject(handset.phone, KillProcess())
    calls = [key for owner, name, key, _ in rows if (owner, name) == ("", "open_calls")]
    return [("", "open_calls", key, None) for key in calls if key not in world.open_calls]
