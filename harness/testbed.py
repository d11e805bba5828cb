"""Builds worlds: the only place that knows every core.

A `Testbed` is one world with the gateway, its account, the push service, the network, and whatever phones and
contacts it is given. Which driver carries it, and whether its parts talk through sockets, is the caller's choice.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from harness.cast import ContactSpec, PhoneSpec
from harness.core import Core
from harness.frozen import frozen
from harness.handset import Handset, add_handset, build_for
from harness.http.values import Request
from harness.instants import Instant
from harness.modem import Smsc
from harness.parties import Client, Contact, Receiver
from harness.push import PushService, PushStreams
from harness.push.streams import STREAM_PATH
from harness.standin import Account, Pace, StandIn
from harness.trace import Trace
from harness.wire.client import UserAccess
from harness.world import EPOCH_AT, OUTSIDE, World

__all__ = ["SIGNING_KEY", "Places", "Testbed", "gateway_site"]

C = TypeVar("C", bound=Core)

INSIDE = "gateway.internal"
SIGNING_KEY = "httpsms-harness-signing-key-0001"


@frozen
class Places:
    """Where the parts of a world are reached. Without sockets these are names within the world.

    `public`: what the addresses of attachments begin with, if not with `api`.
    """

    api: str = "http://api.internal"
    fcm: str = "http://push.internal"
    hook: str = "http://hooks.internal/events"
    public: str | None = None


@dataclass(slots=True)
class Testbed:
    """One world under construction, then in use.

    `linked`: requests between its parts stay in the world; otherwise they leave it for sockets. `token_clock`: the time
    that webhook tokens tell, where it is not the world's. `heartbeats_kept`: of each number; None: all. `exchanges`:
    the trace shows what was asked of the gateway and answered, pushed and told to webhooks.
    """

    __test__: ClassVar[bool] = False  # not for pytest to collect

    seed: int
    places: Places = field(default_factory=Places)
    pace: Pace = Pace.FAITHFUL
    trace: Trace = field(default_factory=Trace)
    linked: bool = True
    start_at: int = EPOCH_AT
    queue_user: tuple[str, str] | None = field(default=None, repr=False)
    control_token: str | None = field(default=None, repr=False)
    control: bool = False
    keep_rate: bool | None = None
    built_in_push: bool = True
    draws_order: bool = True
    token_clock: Callable[[Instant], Instant] | None = None
    heartbeats_kept: int | None = None
    exchanges: bool = False
    world: World = field(init=False)
    standin: StandIn = field(init=False)
    smsc: Smsc = field(init=False)
    account: Account = field(init=False)
    phones: dict[str, PhoneSpec] = field(init=False, default_factory=dict)
    handsets: dict[str, Handset] = field(init=False, default_factory=dict)
    contacts: dict[str, ContactSpec] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.world = World(self.seed, self.trace, start_at=self.start_at, draws_order=self.draws_order)
        self.standin = StandIn(
            "gateway",
            self.world.draws("gateway"),
            pace=self.pace,
            fcm_endpoint=self.places.fcm,
            base_url=self.places.public or self.places.api,
            queue_user=self.queue_user,
            keep_rate=self.keep_rate,
            control=self.control,
            control_token=self.control_token,
            token_clock=self.token_clock,
            heartbeats_kept=self.heartbeats_kept,
            exchanges=self.exchanges,
        )
        self.world.add(self.standin)
        self._add_push()
        self._add_network()

    def _add_push(self) -> None:
        world = self.world
        world.add(PushService("push", world.draws("push"), exchanges=self.exchanges))
        world.add(PushStreams("push-streams", world.draws("push-streams")))
        world.wire("push-streams", "push", "push")
        if self.built_in_push:
            world.site(urlsplit(self.places.fcm).netloc, gateway_site)
        world.site(INSIDE, gateway_site)

    def _add_network(self) -> None:
        self.smsc = Smsc("smsc", self.world.draws("smsc"))
        self.world.add(self.smsc)

    def fork(self) -> Testbed:
        """A twin with the same past and a future of its own: nothing that happens in the one is in the other."""
        twin = copy.copy(self)
        twin.world = self.world.fork()
        twin.trace = twin.world.trace
        twin.standin = _twin_of(self.standin, twin.world)
        twin.smsc = _twin_of(self.smsc, twin.world)
        if hasattr(self, "account"):
            twin.account = twin.standin.accounts.get(self.account.id, self.account)
        twin.phones, twin.handsets, twin.contacts = self.phones.copy(), self.handsets.copy(), self.contacts.copy()
        return twin

    @property
    def _api(self) -> str:
        """Where the parties of this world reach the gateway: within it by a name that outlives every port."""
        return f"http://{INSIDE}" if self.linked else self.places.api

    # -- people --------------------------------------------------------------------------------------------------

    def open_account(self, **facts: Any) -> Account:
        """The account that everything here belongs to."""
        self.account = self.standin.create_account(self.world.now, **facts)
        access = UserAccess("http", urlsplit(self._api).netloc, self.account.api_key)
        self.world.add(Client("client", self.world.draws("client"), access))
        return self.account

    def add_phone(self, spec: PhoneSpec) -> None:
        """A phone that nobody has logged in yet. Raises `UsageError` for a profile that there is not."""
        push = "push" if self.linked else OUTSIDE
        self.handsets[spec.name] = add_handset(
            self.world, self.smsc, spec, server_url=self._api, push=push, build=build_for(spec)
        )
        self.phones[spec.name] = spec

    def add_contact(self, spec: ContactSpec) -> None:
        name = f"contact:{spec.name}"
        self.world.add(Contact(name, self.world.draws(name), spec.number, spec.behaviours, spec.sender))
        self.world.wire(name, "smsc", "smsc")
        self.smsc.directory[spec.number] = name
        self.contacts[spec.name] = spec

    def add_receiver(self) -> None:
        url = self.places.hook
        self.world.add(Receiver("receiver", self.world.draws("receiver"), url, SIGNING_KEY))
        if self.linked:
            self.world.site(urlsplit(url).netloc, "receiver")


def _twin_of(core: C, world: World) -> C:
    twin = world.cores[core.name]
    assert isinstance(twin, type(core))
    return twin


def gateway_site(request: Request) -> str:
    """Which core serves a request to the gateway's port: API, FCM and the phones' streams share it."""
    path = request.path
    if path.startswith("/v1/projects/"):
        return "push"
    return "push-streams" if path == STREAM_PATH else "gateway"
