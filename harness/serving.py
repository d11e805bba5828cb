"""Worlds behind sockets: a gateway that is served, a phone as a process."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import field, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.adapters.control import Control, WorldControl
from harness.adapters.direct import DirectServer, Doors
from harness.adapters.http_client import HttpClient
from harness.adapters.http_server import HttpServer
from harness.adapters.live import LiveDriver, wall_clock
from harness.adapters.state_file import StateFile
from harness.cast import ContactSpec, PhoneSpec
from harness.errors import KeyRefused, ServerError, ServerMisbehaved, ServerUnreachable, StateFileError, UsageError
from harness.frozen import frozen
from harness.handsets import Handsets, Keyed
from harness.http.parse import BODY_BYTES_MAX
from harness.http.values import Call, ConnectFailed, Gone, Limits, Outcome, Request, Response, TimedOut
from harness.phone import LogIn, Phone
from harness.standin import Account, LoseUpdates, Pace, StandIn
from harness.standin.races import WITHIN_NS
from harness.standin.state import LOST_UPDATE
from harness.testbed import Places, Testbed, gateway_site
from harness.trace import Entry, Trace
from harness.wire.client import UserAccess, api_request
from harness.world import Row

__all__ = [
    "EVERYBODY", "PHONES_MAX", "AccountSpec", "Host", "ServeOptions", "Served", "ServedPhone", "fault_event",
    "handsets_of", "key_name", "login_error", "phones_of", "serving", "why",
]  # fmt: skip

KEY_NAME = "httpsms-harness"
# From here downwards: stories and people text the numbers from +18005550100 upwards.
LAST_NUMBER = 18005550199
PHONES_MAX = 50
TRACE_KEPT = 10_000
OWN_KEYS = "give each --account an id and a key of its own"
EVERYBODY = ContactSpec("everybody", "*")


@frozen
class AccountSpec:
    """An account to open; what is None is made up."""

    user_id: str | None = None
    api_key: str | None = field(default=None, repr=False)
    email: str | None = None
    plan: str | None = None


@frozen
class ServeOptions:
    """How a gateway is served. `phones`: how many emulated phones are in it, 0 to 50. `faults`: `lost-update`.

    `public_url`: where others reach it (the addresses of attachments begin with it), None: where it listens.
    `receiver`: a webhook receiver is in the world, for whoever subscribes it.
    """

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
    faults: tuple[str, ...] = ()
    public_url: str | None = None
    receiver: bool = False


@frozen
class ServedPhone:
    """A phone of the world's own account, and its phone key. `name` is that of its core, without `phone:`."""

    name: str
    number: str
    key: str = field(default="", repr=False)


@frozen
class Served:
    """A gateway that runs: what its user needs to know, and its parts.

    Without phones inside `phones` has one all the same: that which somebody may bring along.
    """

    url: str
    user_key: str = field(repr=False)
    phones: tuple[ServedPhone, ...]
    bed: Testbed = field(repr=False)
    driver: LiveDriver = field(repr=False)
    control: Control = field(repr=False)
    handsets: Handsets = field(repr=False)
    host: Host = field(repr=False)

    @property
    def number(self) -> str:
        """That of the first phone."""
        return self.phones[0].number

    @property
    def others(self) -> tuple[Account, ...]:
        """The accounts beside the world's own, but for that of the queue user."""
        own = (self.bed.account.id, self.bed.standin.settings.queue_user_id)
        return tuple(account for account in self.bed.standin.accounts.values() if account.id not in own)


def phones_of(count: int) -> list[ServedPhone]:
    """The phones by rule. Raises `UsageError` for more than there are numbers."""
    if not 0 <= count <= PHONES_MAX:
        raise UsageError(f"{count} phones cannot be in a gateway", f"it takes 0 to {PHONES_MAX}")
    names = ["phone", *(f"phone-{number}" for number in range(2, count + 1))]
    return [ServedPhone(name, f"+{LAST_NUMBER - index}") for index, name in enumerate(names)]


def handsets_of(bed: Testbed, driver: LiveDriver, phones: Sequence[ServedPhone]) -> Handsets:
    """The handsets of these phones, as they are led by words."""
    keyed = [Keyed(bed.handsets[phone.name], phone.key) for phone in phones]
    return Handsets(driver, keyed, f"contact:{EVERYBODY.name}")


def key_name(phone: ServedPhone) -> str:
    """What its phone key is called."""
    return KEY_NAME + phone.name.removeprefix("phone").replace("-", " ")


def fault_event(faults: Sequence[str]) -> LoseUpdates:
    """What the gateway is told to have these faults and no others. Raises `UsageError` for one that there is not."""
    unknown = next((fault for fault in faults if fault != LOST_UPDATE), None)
    if unknown is not None:
        raise UsageError(f"there is no fault {unknown!r}", f"the only one is {LOST_UPDATE}")
    return LoseUpdates(WITHIN_NS if faults else 0)


@contextlib.asynccontextmanager
async def serving(options: ServeOptions) -> AsyncIterator[Served]:
    """Runs a gateway until the context ends. Raises `PortInUse`, `StateFileError`, `StateNotKept`."""
    faults, phones = fault_event(options.faults), phones_of(options.phones)
    async with contextlib.AsyncExitStack() as open_things:
        state: StateFile | None = None
        rows: list[Row] = []
        if options.state is not None:
            state = open_things.enter_context(contextlib.closing(StateFile(options.state)))
            rows = list(state.rows())
        own = _own_rows(options.state, rows)
        seed = own.get("seed", options.seed if options.seed is not None else secrets.randbits(32))
        boot = own.get("boot", 0) + 1
        client = HttpClient(follows_up=False)
        open_things.push_async_callback(client.close)
        # Exchanges of an earlier process, or in the snapshot of another one, must not be taken for this one's.
        host = Host(f"http{boot}.{secrets.token_hex(4)}")
        open_things.push_async_callback(host.server.close)
        port = await host.server.start(options.host, options.port)
        # Phones that the file has are in the world, whether they are asked for or not.
        kept = max(len(phones), own.get("phones", 1))
        bed = _gateway(options, seed, f"http://{_authority(options.host, port)}", phones_of(kept))
        if "offset" in own:
            try:
                _wake(bed, rows, own.get("account"))
            except ValueError as error:
                raise StateFileError(str(options.state), str(error)) from None
            _claim_accounts(bed, options)
        if state is not None:  # only now is it sure that the file is ours to change
            facts = {"boot": boot, "seed": seed, "account": bed.account.id, "phones": kept}
            state.put([("", "serve", name, row) for name, row in facts.items()], lambda: None)
        bed.world.inject(bed.standin.name, faults)
        open_things.callback(host.direct.close)
        driver = LiveDriver(bed.world, client=client, servers=host.servers, state=state)
        driver.offset = own.get("offset", 0)
        await open_things.enter_async_context(driver)
        host.open(driver)
        phones = [await _furnish(options, bed, driver, client, phone) for phone in phones]
        # Only now: a reset goes back to a gateway whose phone has logged in.
        settings = {"pace": options.pace.name.lower(), "seed": seed}
        handsets = handsets_of(bed, driver, phones[: options.phones])
        control = Control(driver, settings, options.control_token, Doors(host.servers), handsets)
        if options.control:
            host.control = control
        yield Served(bed.places.api, bed.account.api_key, tuple(phones), bed, driver, control, handsets, host)


def _own_rows(path: Path | None, rows: list[Row]) -> dict[str, Any]:
    """What this module keeps beside the world: numbers, and the id of the account that everything belongs to."""
    own = {key: row for owner, name, key, row in rows if (owner, name) == ("", "serve")}
    wrong = next((key for key, row in own.items() if type(row) is not (str if key == "account" else int)), None)
    if wrong is not None:
        raise StateFileError(str(path), f"cannot be read: {wrong}")
    return own


class Host:
    """A server's port: control routes first, everything else goes into the world.

    `direct` takes requests from within this process. `gate` may answer a request in the world's place.
    """

    def __init__(self, prefix: str, site: Callable[[Request], str] = gateway_site) -> None:
        self.prefix = prefix
        self.server = HttpServer(self._arrived, self._gone, prefix=prefix, body_bytes_of=self._body_bytes_max)
        self.direct = DirectServer(self._arrived, prefix=f"{prefix}.direct")
        self.gate: Callable[[Request], Response | None] | None = None
        self._site = site
        self.control: WorldControl | None = None
        self._driver: LiveDriver | None = None
        self._early: list[tuple[str, Request]] = []

    @property
    def servers(self) -> dict[str, HttpServer | DirectServer]:
        return {self.prefix: self.server, f"{self.prefix}.direct": self.direct}

    def open(self, driver: LiveDriver) -> None:
        self._driver = driver
        early, self._early = self._early, []
        for exchange, request in early:
            self._arrived(exchange, request)

    def _body_bytes_max(self, request: Request) -> int:
        return BODY_BYTES_MAX if self.control is None else self.control.body_bytes_max(request, BODY_BYTES_MAX)

    def _arrived(self, exchange: str, request: Request) -> None:
        if self._driver is None:
            self._early.append((exchange, request))
        else:
            self._driver.guard(partial(self._hand_over, self._driver, exchange, request))

    def _hand_over(self, driver: LiveDriver, exchange: str, request: Request) -> None:
        if self.control is not None and self.control.take(exchange, request):
            return
        answer = None if self.gate is None else self.gate(request)
        if answer is not None:
            Doors(self.servers).respond(exchange, answer)
        else:
            driver.arrived(self._site(request), exchange, request)

    def _gone(self, exchange: str) -> None:
        if self.control is not None:
            self.control.gone(exchange)
        if self._driver is not None and self._driver.world.cores.get("push-streams") is not None:
            self._driver.gone("push-streams", exchange)


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _gateway(options: ServeOptions, seed: int, url: str, phones: list[ServedPhone]) -> Testbed:
    bed = Testbed(
        seed,
        places=Places(api=url, fcm=options.fcm_endpoint or Places().fcm, public=options.public_url),
        pace=options.pace,
        trace=Trace(TRACE_KEPT, hashed=False),
        start_at=wall_clock(),
        draws_order=False,
        queue_user=options.queue_user,
        control=options.control,
        control_token=options.control_token,
        keep_rate=options.keep_rate or None,
        built_in_push=options.fcm_endpoint is None,
        token_clock=lambda _now: wall_clock(),  # an application checks them by its own clock, which nobody moves
    )
    first, *others = accounts = _accounts(options)
    queue_user = options.queue_user
    if queue_user is not None and any(account.user_id == queue_user[0] for account in accounts):
        bed.standin.accounts.drop(queue_user[0])  # it is made as --account has it
        bed.standin.account_ids.drop(queue_user[1])
    try:
        bed.open_account(**_facts(first))
        for account in others:
            bed.standin.create_account(bed.world.now, **_facts(account))
    except ValueError as error:
        raise UsageError(str(error), OWN_KEYS) from None
    bed.add_contact(EVERYBODY)
    if options.receiver:
        bed.add_receiver()
    for phone in phones:
        bed.add_phone(PhoneSpec(phone.name, phone.number))
    return bed


def _accounts(options: ServeOptions) -> list[AccountSpec]:
    """The accounts to open, the world's own first. One that is the queue user's has its id and key."""
    accounts = list(options.accounts) or [AccountSpec()]
    if options.queue_user is None:
        return accounts
    user_id, api_key = options.queue_user
    for index, account in enumerate(accounts):
        if account.user_id == user_id or (account.user_id is None and account.api_key == api_key):
            if account.api_key not in (None, api_key):
                raise UsageError(f"--account has another key for the queue user {user_id}", "leave its key out")
            accounts[index] = replace(account, user_id=user_id, api_key=api_key)
    return accounts


def _facts(account: AccountSpec) -> dict[str, Any]:
    names = ("user_id", "api_key", "email", "plan")
    return {name: getattr(account, name) for name in names if getattr(account, name) is not None}


def _wake(bed: Testbed, rows: list[Row], account_id: str | None) -> None:
    """A world from its file. Streams of the old process are gone, their phones will come again."""
    bed.world.check(rows)
    known = {owner for owner, *_ in rows}
    fresh = [row for row in bed.world.snapshot() if row[0] not in known]  # phones that the file does not know
    bed.world.restore([*fresh, *rows])
    account = bed.standin.accounts.get(account_id or "") or next(iter(bed.standin.accounts.values()), None)
    if account is None:
        raise ValueError("no account is in it, so it is no whole world")
    bed.account = account
    streams = bed.world.cores["push-streams"]
    for exchange in list(streams.tables()["tokens"]):
        bed.world.inject("push-streams", Gone(exchange))


def _claim_accounts(bed: Testbed, options: ServeOptions) -> None:
    """Every account that is asked for: from the file, or new. Raises `UsageError` if the file has it otherwise."""
    wanted = [_facts(account) for account in _accounts(options)]
    if options.queue_user is not None:
        wanted.append(dict(zip(("user_id", "api_key"), options.queue_user, strict=True)))
    for facts in wanted:
        known = _known(bed.standin, facts)
        if known is None:
            try:
                bed.standin.create_account(bed.world.now, **facts)
            except ValueError as error:
                raise UsageError(str(error), OWN_KEYS) from None
            continue
        other = next((name for name in facts if getattr(known, _FIELDS.get(name, name)) != facts[name]), None)
        if other is not None:
            problem = f"{options.state}: the account {known.id} is in it with another {other}"
            raise UsageError(problem, f"leave out {other}, or give another file")


_FIELDS = {"user_id": "id"}


def _known(standin: StandIn, facts: dict[str, Any]) -> Account | None:
    """The account with that id, or else with that key, or else with all these facts."""
    if "user_id" in facts:
        return standin.accounts.get(facts["user_id"])
    if "api_key" in facts:
        return standin.accounts.get(standin.account_ids.get(facts["api_key"], ""))
    same = (
        account for account in standin.accounts.values() if all(getattr(account, name) == facts[name] for name in facts)
    )
    return next(same, None)


async def _furnish(
    options: ServeOptions, bed: Testbed, driver: LiveDriver, client: HttpClient, phone: ServedPhone
) -> ServedPhone:
    """The phone with its phone key, by the API as any user would make it, and logged in."""
    name = key_name(phone)
    access = UserAccess("http", urlsplit(bed.places.api).netloc, bed.account.api_key)
    keys = _data(await _ask(client, api_request(access, "GET", "/v1/phone-api-keys?limit=100")))
    key = next((key for key in keys if key["name"] == name), None)
    if key is None:
        key = _data(await _ask(client, api_request(access, "POST", "/v1/phone-api-keys", {"name": name})))
    phone = replace(phone, key=key["api_key"])
    if options.phones:
        await _log_in(bed, driver, phone)
    return phone


async def _log_in(bed: Testbed, driver: LiveDriver, served: ServedPhone) -> None:
    """Until the phone can be sent with: the gateway knows it and its key."""
    phone = bed.world.cores[f"phone:{served.name}"]
    assert isinstance(phone, Phone)
    if phone.settings.logged_in:
        return
    failed: list[Entry] = []
    bed.trace.subscribe(lambda entry: failed.append(entry) if entry.kind == "login failed" else None)
    driver.tell(phone.name, LogIn(served.key))
    keys = bed.standin.phone_keys

    def is_known() -> bool:
        return phone.settings.logged_in and any(served.number in key.phone_numbers for key in keys.values())

    await driver.until(lambda: bool(failed) or is_known())
    if failed:
        raise login_error(bed.places.api, failed[0])


async def _ask(client: HttpClient, request: Request) -> Response:
    """One request of ours. Raises `ServerError`."""
    outcome = await client.call(Call("ask", "harness", request, Limits(total_s=10.0)))
    return _response(request, outcome)


def _response(request: Request, outcome: Outcome) -> Response:
    where = f"{request.scheme}://{request.authority}"
    if not isinstance(outcome, Response):
        raise ServerUnreachable(where, why(outcome))
    if outcome.status == 401:
        raise KeyRefused(where, "the server refuses the API key (401)")
    if outcome.status >= 300:
        raise ServerMisbehaved(where, outcome.status, outcome.body)
    return outcome


def _data(response: Response) -> Any:
    return json.loads(response.body)["data"]


def why(outcome: Outcome) -> str:
    """Why there is no answer, in words."""
    match outcome:
        case ConnectFailed("refused"):
            return "no connection: nothing listens there; is the server running?"
        case ConnectFailed(kind, text):
            return f"no connection ({kind}{': ' + text if text else ''})"
        case TimedOut(phase):
            return f"no answer in time ({phase})"
        case _:
            return "the connection broke before an answer"


def login_error(server: str, entry: Entry) -> ServerError:
    """What a failed login means, by its entry in the trace."""
    status = entry.facts.get("status")
    if status == 401:
        return KeyRefused(server, "the server refuses the phone key (401)")
    if status is None:
        return ServerUnreachable(server, f"no answer to the login ({entry.facts.get('outcome')})")
    why = entry.facts.get("error") or f"it answers the login with {status}"
    return ServerError(server, str(why))
