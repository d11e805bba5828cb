"""A phone in the hand, and a world around one: what the tests of the phone and of its radio share."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from harness.core import At, Command, Core, Record, Tell
from harness.draws import Draws
from harness.http.values import Answered, Arrived, Call, Outcome, Request, Respond, Response
from harness.instants import Instant, parse_rfc3339
from harness.modem import Modem, Smsc
from harness.parties import Contact
from harness.phone import Build, Card, Device, OpenApp, Phone, Settings, Sim
from harness.radio import Joined, Submit
from harness.wire.fcm import MESSAGE_ID, PushReceived
from harness.world import World

ALICE = "+18005550199"
SECOND_SIM = "+18005550198"
BOB = "+18005550100"
ID = "9951112f-8dd2-30e5-a597-c27197f1121c"
NOW = parse_rfc3339("2026-07-23T05:10:10.123Z")
SETTINGS = Settings(
    (Sim(ALICE),), server_url="http://api.internal", api_key="pk_one", registration_token="fcm-token-one"
)
PUSH = PushReceived("fcm-token-one", ((MESSAGE_ID, ID),))
OK = Response(200, (("Content-Type", "application/json"),), b"{}")


def message(**changes: Any) -> dict[str, Any]:
    """What the server hands out for a message, with some fields changed."""
    texts = ("created_at", "order_timestamp", "owner", "request_received_at", "status", "type", "updated_at")
    nulls = ("failure_reason", "last_attempted_at", "received_at", "send_time", "sent_at")
    own = {"id": ID, "contact": BOB, "content": "hello", "sim": "SIM1", "encrypted": False, "attachments": None}
    return {**dict.fromkeys(texts, "x"), **dict.fromkeys(nulls), **own, **changes}


def outstanding(**changes: Any) -> Response:
    """The answer to a fetch."""
    body = {"data": message(**changes), "message": "m", "status": "success"}
    return Response(200, (("Content-Type", "application/json; charset=utf-8"),), json.dumps(body).encode())


LOGGED_OUT = replace(SETTINGS, api_key=None)
TWO_SIMS = (Sim(ALICE), Sim(SECOND_SIM))
TWO_CARDS = Device((Card(1, 1, ALICE), Card(2, 2, SECOND_SIM)))
TOKEN_TAKEN = Response(200, (), b'{"data": {"id": "1", "user_id": "u"}, "message": "m", "status": "s"}')
SERVER_ERROR = Response(500)


def a_phone(settings: Settings = SETTINGS, device: Device | None = None, build: Build | None = None) -> Phone:
    return Phone("phone:alice", Draws(1, "phone:alice"), settings, device, build)


def opened(settings: Settings = SETTINGS, device: Device | None = None) -> Phone:
    """A phone whose app has been opened: heartbeats are scheduled, the token is up, nothing is under way."""
    phone = a_phone(replace(settings, token_uploaded_at=NOW), device)
    answer_all(phone, tell(phone, OpenApp()), TOKEN_TAKEN)
    return phone


def tell(phone: Phone, event: Any, now: Instant = NOW) -> list[Command]:
    """What the phone asks for, its jobs that are due at once included."""
    asked: list[Command] = []
    commands = deque(phone.handle(event, now))
    while commands:
        command = commands.popleft()
        if isinstance(command, At) and command.due_at <= now:
            commands.extend(phone.handle(command.event, now))
        else:
            asked.append(command)
    return asked


def call_in(commands: Iterable[Command]) -> Call:
    """The only call among them."""
    (call,) = [command for command in commands if isinstance(command, Call)]
    return call


def requests_in(commands: Iterable[Command]) -> list[Request]:
    return [command.request for command in commands if isinstance(command, Call)]


def answer_all(phone: Phone, commands: Iterable[Command], outcome: Outcome, now: Instant = NOW) -> list[Command]:
    """Every call among the commands, and among what they lead to, gets this outcome; what is left then."""
    left: list[Command] = []
    open_commands = deque(commands)
    while open_commands:
        command = open_commands.popleft()
        if isinstance(command, Call):
            open_commands.extend(tell(phone, Answered(command.exchange, outcome), now))
        else:
            left.append(command)
    return left


def due_in(commands: Iterable[Command], kind: type) -> list[At]:
    """What is to come back to the phone later, of one kind."""
    return [command for command in commands if isinstance(command, At) and isinstance(command.event, kind)]


def kinds_in(commands: Iterable[Command]) -> list[str]:
    return [command.kind for command in commands if isinstance(command, Record)]


def facts_in(commands: Iterable[Command], kind: str) -> dict[str, Any]:
    """What the only entry of that kind tells."""
    (entry,) = [command for command in commands if isinstance(command, Record) and command.kind == kind]
    return dict(entry.facts)


def told_in(commands: Iterable[Command]) -> list[Any]:
    return [command.event for command in commands if isinstance(command, Tell)]


def answer(phone: Phone, commands: Iterable[Command], outcome: Outcome, now: Instant = NOW) -> list[Command]:
    """The only call among the commands gets this outcome."""
    return tell(phone, Answered(call_in(commands).exchange, outcome), now)


def submitted(phone: Phone, **changes: Any) -> Submit:
    """A push, and the text that the phone then hands to its radio."""
    (submit,) = told_in(answer(phone, tell(phone, PUSH), outstanding(**changes)))
    assert isinstance(submit, Submit)
    return submit


def rows(core: Core) -> dict[str, dict[Any, Any]]:
    """Everything that a core keeps."""
    return {name: dict(table) for name, table in core.tables().items()}


# -- a world -------------------------------------------------------------------------------------------------


@dataclass
class _Script:
    """What the gateway of a world does: hands out `outbox` by id, keeps what it is told."""

    outbox: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[tuple[str, str]] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)


class Gateway(Core):
    """As much of a gateway as a phone needs."""

    def __init__(self, name: str) -> None:
        super().__init__(name, Draws(1, name))
        self.script = _Script()

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        assert isinstance(event, Arrived)
        return [Respond(event.exchange, self._answer(event.request))]

    def _answer(self, request: Request) -> Response:
        if request.method == "GET":
            return outstanding(**self.script.outbox[request.query.partition("=")[2]])
        body = json.loads(request.body)
        if request.path == "/v1/messages/receive":
            self.script.received.append(body)
        else:
            self.script.events.append((request.path.split("/")[3], body["event_name"]))
        return OK


class PhoneWorld:
    """Alice's phone, its radio, the network, Bob, and a scripted gateway."""

    def __init__(self, seed: int = 1, settings: Settings = SETTINGS, gateway: type[Gateway] = Gateway) -> None:
        self.world = world = World(seed)
        self.gateway = gateway("gateway")
        self.phone = Phone("phone:alice", world.draws("phone:alice"), settings)
        self.modem = Modem("modem:alice", world.draws("modem:alice"), ALICE)
        self.bob = Contact("contact:bob", world.draws("contact:bob"), BOB)
        for core in (self.gateway, self.phone, self.modem, self.bob, Smsc("smsc", world.draws("smsc"))):
            world.add(core)
        world.site("api.internal", "gateway")
        world.wire("phone:alice", "radio", "modem:alice")
        world.wire("modem:alice", "phone", "phone:alice")
        world.wire("modem:alice", "smsc", "smsc")
        world.wire("contact:bob", "smsc", "smsc")
        world.inject("smsc", Joined("modem:alice", ALICE))
        world.inject("smsc", Joined("contact:bob", BOB))
        self.run()

    def run(self) -> None:
        """Until nothing is due."""
        while self.world.step():
            pass

    def send(self, message_id: str, content: str, **changes: Any) -> None:
        """The gateway has a message for the phone, and says so."""
        self.gateway.script.outbox[message_id] = {"id": message_id, "content": content, **changes}
        self.world.inject("phone:alice", PushReceived("", ((MESSAGE_ID, message_id),)))

    def facts(self, hop: str, kind: str) -> list[dict[str, Any]]:
        """The facts of the entries of one kind."""
        entries = self.world.trace.entries
        return [dict(entry.facts) for entry in entries if (entry.hop, entry.kind) == (hop, kind)]
