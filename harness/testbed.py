"""Builds worlds: the only place that knows every core.

A `Testbed` is one world with the gateway, its account, the push service, the network, and the phones and contacts
of a story. Which driver carries it, and whether its parts talk through sockets, is the caller's choice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

from harness.core import Command, Place, Tell
from harness.faults import LostPush
from harness.http.values import Request
from harness.modem import LoseService, Modem, PowerOff, PowerOn, RegainService, Smsc
from harness.parties import ApiCall, Client, Contact, IssuePhoneKey, Receiver, SendText, Subscribe, WriteText
from harness.phone import Phone, Settings, Sim
from harness.push import PushService, PushStreams
from harness.push.streams import STREAM_PATH
from harness.scenario import (
    Advance,
    Await,
    CarrierAct,
    ContactSpec,
    Do,
    Expect,
    FaultAct,
    Forbid,
    Match,
    MessageLook,
    Move,
    Never,
    PhoneAct,
    PhoneSpec,
    RunStep,
    Scenario,
    ScenarioRun,
    Send,
    SmsLook,
    Start,
    Step,
    Text,
    WebhookLook,
)
from harness.scenario.language import EVENTS
from harness.scenario.plan import Look
from harness.standin import Account, Pace, StandIn
from harness.trace import Trace
from harness.wire.client import UserAccess
from harness.world import EPOCH_AT, OUTSIDE, World

__all__ = ["Places", "Testbed"]

INSIDE = "gateway.internal"
SIGNING_KEY = "httpsms-harness-signing-key-0001"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts of a world are reached. Without sockets these are names within the world."""

    api: str = "http://api.internal"
    fcm: str = "http://push.internal"
    hook: str = "http://hooks.internal/events"


@dataclass(slots=True)
class Testbed:
    """One world under construction, then in use.

    `linked`: requests between its parts stay in the world; otherwise they leave it for sockets.
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
    world: World = field(init=False)
    standin: StandIn = field(init=False)
    smsc: Smsc = field(init=False)
    account: Account = field(init=False)
    phones: dict[str, PhoneSpec] = field(init=False, default_factory=dict)
    contacts: dict[str, ContactSpec] = field(init=False, default_factory=dict)
    run: ScenarioRun | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.world = World(self.seed, self.trace, start_at=self.start_at, draws_order=self.draws_order)
        self.standin = StandIn(
            "gateway",
            self.world.draws("gateway"),
            pace=self.pace,
            fcm_endpoint=self.places.fcm,
            base_url=self.places.api,
            queue_user=self.queue_user,
            keep_rate=self.keep_rate,
            control=self.control,
            control_token=self.control_token,
        )
        self.world.add(self.standin)
        self._add_push()
        self._add_network()

    def _add_push(self) -> None:
        world = self.world
        world.add(PushService("push", world.draws("push")))
        world.add(PushStreams("push-streams", world.draws("push-streams")))
        world.wire("push-streams", "push", "push")
        if self.built_in_push:
            world.site(urlsplit(self.places.fcm).netloc, gateway_site)
        world.site(INSIDE, gateway_site)

    def _add_network(self) -> None:
        self.smsc = Smsc("smsc", self.world.draws("smsc"))
        self.world.add(self.smsc)

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
        """A phone that nobody has logged in yet."""
        draws = self.world.draws(f"phone:{spec.name}")
        settings = Settings(
            sims=(Sim(spec.number),),
            server_url=self._api,
            encryption_key=spec.encryption_key or "",
            encrypt_received=bool(spec.encryption_key),
            registration_token=draws.stream("token").token(142),
        )
        phone, modem = f"phone:{spec.name}", f"modem:{spec.name}"
        self.world.add(Phone(phone, draws, settings))
        self.world.add(Modem(modem, self.world.draws(modem), spec.number))
        self.world.wire(phone, "radio", modem)
        self.world.wire(phone, "push", "push" if self.linked else OUTSIDE)
        self.world.wire(modem, "phone", phone)
        self.world.wire(modem, "smsc", "smsc")
        self.smsc.directory[spec.number] = modem
        self.phones[spec.name] = spec

    def add_contact(self, spec: ContactSpec) -> None:
        name = f"contact:{spec.name}"
        self.world.add(Contact(name, self.world.draws(name), spec.number))
        self.world.wire(name, "smsc", "smsc")
        self.smsc.directory[spec.number] = name
        self.contacts[spec.name] = spec

    def add_receiver(self) -> None:
        url = self.places.hook
        self.world.add(Receiver("receiver", self.world.draws("receiver"), url, SIGNING_KEY))
        if self.linked:
            self.world.site(urlsplit(url).netloc, "receiver")

    # -- a story -------------------------------------------------------------------------------------------------

    @classmethod
    def for_scenario(cls, scenario: Scenario, seed: int, **settings: Any) -> Testbed:
        """A world with everybody in the story, ready to be started with `start`."""
        bed = cls(seed, **settings)
        bed.open_account(email="user@example.com")
        for phone in scenario.phones:
            bed.add_phone(phone)
        for contact in scenario.contacts:
            bed.add_contact(contact)
        bed.add_receiver()
        steps = [*bed.setup_steps(), *(bed.bind(number, step) for number, step in enumerate(scenario.steps))]
        bed.run = ScenarioRun("scenario", bed.world.draws("scenario"), scenario.name, steps)
        bed.world.add(bed.run)
        return bed

    def start(self) -> None:
        self.world.inject("scenario", Start())

    def setup_steps(self) -> list[RunStep]:
        """Phones log in one after the other, then the receiver subscribes to everything."""
        steps = [step for spec in self.phones.values() for step in self._phone_steps(spec)]
        if self.phones:
            numbers = tuple(spec.number for spec in self.phones.values())
            subscribe = Subscribe("set-up/webhook", self.places.hook, SIGNING_KEY, numbers, EVENTS)
            steps.append(RunStep("set-up: the webhook receiver subscribes", _client_act(subscribe)))
        return steps

    def _phone_steps(self, spec: PhoneSpec) -> list[RunStep]:
        name = f"set-up/{spec.name}"
        issue = IssuePhoneKey(name, f"phone:{spec.name}", f"httpsms-harness {spec.name}")
        associated = Match("gateway", ("phone.updated",), (("owner", spec.number), ("key_associated", True)))
        steps = [
            RunStep(
                f"set-up: {spec.name} logs in",
                Do((Tell("@client", issue),), associated, Match("phone", ("login failed",))),
            )
        ]
        changes = {
            "messages_per_minute": spec.messages_per_minute,
            "message_expiration_seconds": spec.message_expiration_s,
            "max_send_attempts": spec.max_send_attempts,
        }
        wanted = {key: value for key, value in changes.items() if value is not None}
        if wanted:
            # A PUT without the token would erase it (gateway-protocol.md §2.12).
            body = {"phone_number": spec.number, "sim": "SIM1", "fcm_token": self._token(spec.name), **wanted}
            put = ApiCall(f"{name}/settings", "PUT", "/v1/phones", body)
            steps.append(RunStep(f"set-up: the settings of {spec.name}", _client_act(put)))
        return steps

    def _token(self, phone: str) -> str:
        core = self.world.cores[f"phone:{phone}"]
        assert isinstance(core, Phone)
        return core.settings.registration_token

    def bind(self, number: int, step: Step) -> RunStep:
        """A step of the plan as commands to the cores of this world."""
        what: Do | Await | Forbid | Move
        match step.what:
            case Send() as send:
                what = _client_act(self._send(f"step-{number + 1}", send))
            case Text(sender, to, text):
                write = WriteText(self.phones[to].number, text)
                what = Do((Tell(f"@contact:{sender}", write),))
            case PhoneAct(phone, radio):
                what = Do((Tell(f"@modem:{phone}", PowerOn() if radio == "on" else PowerOff()),))
            case CarrierAct(phone, service):
                what = Do((Tell(f"@modem:{phone}", RegainService() if service == "full" else LoseService()),))
            case FaultAct():
                what = Do((self._fault(step.what),))
            case Advance(duration):
                what = Move(duration)
            case Expect(look, within):
                what = Await(self._match(look), within)
            case Never(look, duration):
                what = Forbid(self._match(look), duration)
        return RunStep(_words(step), what, step.place, step.alias)

    def _send(self, name: str, send: Send) -> SendText:
        sender, to = self.phones[send.sender].number, self._number(send.to)
        return SendText(name, sender, to, send.text, send.key, send.ciphertext)

    def _fault(self, act: FaultAct) -> Command:
        return Place("push", LostPush(self._token(act.phone), act.times))

    def _number(self, name: str) -> str:
        return (self.phones.get(name) or self.contacts[name]).number

    def _match(self, look: Look) -> Match:
        match look:
            case SmsLook(to, text, sender, segments, not_text):
                facts: list[tuple[str, Any]] = [("to", self._number(to))]
                facts += [("text", text)] if text is not None else []
                facts += [("from", self._number(sender))] if sender is not None else []
                facts += [("segments", segments)] if segments is not None else []
                unwanted = (("text", not_text),) if not_text is not None else ()
                if to in self.phones:
                    return Match("radio", ("delivered",), tuple(facts), unwanted)
                return Match("contact", ("received",), tuple(facts), unwanted)
            case MessageLook(message, status, reason):
                state: tuple[tuple[str, Any], ...] = (("status", status),)
                state += (("reason", reason),) if reason is not None else ()
                return Match("gateway", (), state, alias=message, state=True)
            case WebhookLook(event, message, text):
                keys = tuple((spec.number, spec.encryption_key) for spec in self.phones.values() if spec.encryption_key)
                return Match("webhook", (event,), (("verified", True),), alias=message, text=text, keys=keys)


def gateway_site(request: Request) -> str:
    """Which core serves a request to the gateway's port: API, FCM and the phones' streams share it."""
    path = request.path
    if path.startswith("/v1/projects/"):
        return "push"
    return "push-streams" if path == STREAM_PATH else "gateway"


def _client_act(act: SendText | Subscribe | ApiCall) -> Do:
    facts = (("step", act.step),)
    return Do(
        (Tell("@client", act),),
        Match("client", ("accepted",), facts),
        Match("client", ("refused", "unanswered"), facts),
    )


def _words(step: Step) -> str:
    excerpt = step.place.excerpt.strip()
    return excerpt.removeprefix("- ") if excerpt else str(step.what)
