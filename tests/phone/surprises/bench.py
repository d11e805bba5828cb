"""A handset in a world of virtual time: the phone, its radios, the network, Bob, and a gateway that does as it is told.

Requests leave the world, and each is carried by its client's own connections (`harness.okhttp`), so the gateway may do
what no server in a world can: break off, fall silent, be away.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

from harness.http.values import BodyBroken, Call, Closed, ConnectFailed, Outcome, Request, Response, TimedOut
from harness.instants import Instant, ns
from harness.modem import Modem, Smsc
from harness.okhttp import Connections
from harness.parties import Contact
from harness.phone import Build, Device, Phone, Settings
from harness.push import PushService
from harness.radio import Joined
from harness.wire.fcm import MESSAGE_ID, PushReceived
from harness.world import Outward, World
from tests.okhttp.playing import Network, play
from tests.phone.kit import ALICE, BOB, ID, NOW, OK, SECOND_SIM, SETTINGS, TOKEN_TAKEN, outstanding

__all__ = [
    "DAY_S", "IO_ERRORS", "RADIO", "SIX_HOURS_S", "Asked", "Bench", "Gateway", "Late", "broken",
]  # fmt: skip

DAY_S = 86_400
SIX_HOURS_S = 21_600
RADIO = "modem:1"
READ_TIMEOUT_S = 10
ADDRESS = "192.0.2.1"

IO_ERRORS: list[Outcome] = [
    TimedOut("read"),
    Closed(sent_all=True),
    ConnectFailed("refused"),
    ConnectFailed("resolve"),
    ConnectFailed("tls"),
]
"""What goes wrong without an answer and without Android noticing that the network is gone."""


@dataclass(frozen=True, slots=True)
class Late:
    """An answer that takes its time."""

    outcome: Outcome
    after_s: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that went out, `at_s` after the beginning, as the `nth` on the connection of its client."""

    at_s: float
    what: str
    request: Request
    client: str
    connection: int
    nth: int

    @property
    def told(self) -> Any:
        """The body as JSON."""
        return json.loads(self.request.body)

    @property
    def is_json(self) -> bool:
        try:
            json.loads(self.request.body)
        except ValueError:
            return False
        return True


def _what(request: Request) -> str:
    """Which of the app's requests this is; `other` is none of them."""
    end = request.path.rpartition("/")[2]
    known = {"outstanding": "fetch", "events": "event", "receive": "receive", "missed": "call"}
    known |= {"heartbeats": "heartbeat", "fcm-token": "token"}
    return known.get(end, "other") if request.method != "GET" or end == "outstanding" else "other"


@dataclass
class Gateway:
    """Hands out what is in its `outbox`, as often as it is asked, and takes everything else.

    `answers` say what becomes of requests instead, by kind: in turn, and the last one for ever.
    """

    answers: dict[str, Sequence[Outcome | Late]] = field(default_factory=dict)
    outbox: dict[str, Response] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)

    def answer(self, what: str, request: Request) -> Late:
        planned = self.answers.get(what)
        nth = self.asked.get(what, 0)
        self.asked[what] = nth + 1
        answer = planned[min(nth, len(planned) - 1)] if planned else self._usual(what, request)
        if isinstance(answer, Late):
            return answer
        return Late(answer, READ_TIMEOUT_S if isinstance(answer, TimedOut) else 0)

    def _usual(self, what: str, request: Request) -> Response:
        match what:
            case "fetch":
                return self.outbox.get(request.query.partition("=")[2], Response(404))
            case "token":
                return TOKEN_TAKEN
            case "other":
                return Response(404)
            case _:
                return OK


class Bench:
    """`answers` are the gateway's; `device`, `build` and `settings` the phone's."""

    def __init__(
        self,
        seed: int = 1,
        *,
        settings: Settings = SETTINGS,
        device: Device | None = None,
        build: Build | None = None,
        **answers: Sequence[Outcome | Late] | Outcome | Late,
    ) -> None:
        self.world = world = World(seed, start_at=NOW)
        self.gateway = Gateway({what: said if isinstance(said, Sequence) else [said] for what, said in answers.items()})
        self.asked: list[Asked] = []
        self.clients: dict[str, tuple[Connections, Network]] = {}
        self.phone = Phone("phone", world.draws("phone"), settings, device, build)
        self._answers: list[tuple[Instant, int, Outward, Outcome]] = []
        world.add(self.phone)
        world.add(Smsc("smsc", world.draws("smsc")))
        world.add(PushService("push", world.draws("push")))
        world.add(Contact("bob", world.draws("bob"), BOB))
        world.wire("phone", "push", "push")
        world.wire("bob", "smsc", "smsc")
        for slot, number, port in ((1, ALICE, "radio"), (2, SECOND_SIM, "radio2")):
            self._add_radio(slot, number, port)
        for number in (BOB, "*"):
            self.tell("smsc", Joined("bob", number))

    def _add_radio(self, slot: int, number: str, port: str) -> None:
        name, world = f"modem:{slot}", self.world
        world.add(Modem(name, world.draws(name), number, slot=slot, subscription_id=slot))
        world.wire("phone", port, name)
        world.wire(name, "phone", "phone")
        world.wire(name, "smsc", "smsc")
        self.tell("smsc", Joined(name, number))

    # -- what is done --------------------------------------------------------------------------------------------

    def tell(self, core: str, *events: Any) -> None:
        """One after the other, each with everything that comes of it at once."""
        for event in events:
            self.world.inject(core, event)
            self.wait(0)

    def do(self, *events: Any) -> None:
        self.tell("phone", *events)

    def push(self, message_id: str = ID, **message: Any) -> None:
        """The gateway has a message for the phone, and says so."""
        self.gateway.outbox.setdefault(message_id, outstanding(**{"id": message_id, **message}))
        self.do(PushReceived("", ((MESSAGE_ID, message_id),)))

    def wait(self, s: float) -> None:
        until_at = self.world.now + ns(s)
        for _ in range(200_000):
            if not self._step(until_at):
                self.world.run_until(until_at)
                return
        raise AssertionError("it goes on for ever")

    # -- what came of it -----------------------------------------------------------------------------------------

    @property
    def now_s(self) -> float:
        return (self.world.now - NOW) / 1e9

    def requests(self, *whats: str) -> list[Asked]:
        """Those of these kinds, or all of them."""
        return [asked for asked in self.asked if not whats or asked.what in whats]

    @property
    def reports(self) -> list[tuple[str, str | None]]:
        """Event and reason of every report that went out."""
        return [(asked.told["event_name"], asked.told["reason"]) for asked in self.requests("event")]

    @property
    def texts(self) -> list[str]:
        """What Bob has read."""
        return [facts["text"] for facts in self.facts("contact", "received")]

    def facts(self, hop: str, kind: str) -> list[dict[str, Any]]:
        return [dict(entry.facts) for entry in self.world.trace.entries if (entry.hop, entry.kind) == (hop, kind)]

    # -- the way to the gateway ----------------------------------------------------------------------------------

    def _step(self, until_at: Instant) -> bool:
        self._send()
        next_at = self.world.next_due_at
        due_at = self._answers[0][0] if self._answers else until_at + 1
        if due_at > until_at or (next_at is not None and next_at < due_at):
            return self.world.step(until_at)
        self.world.run_until(due_at)
        _, _, outward, outcome = heappop(self._answers)
        assert isinstance(outward.command, Call)
        self.world.answer_call(outward.core, outward.command, outcome)
        return True

    def _send(self) -> None:
        leaving, self.world.outward = self.world.outward, []
        for outward in leaving:
            assert isinstance(outward.command, Call)
            late = self._carry(outward.command)
            heappush(self._answers, (self.world.now + ns(late.after_s), len(self.asked), outward, late.outcome))

    def _carry(self, call: Call) -> Late:
        request, what = call.request, _what(call.request)
        late = self.gateway.answer(what, request)
        room, network = self.clients.setdefault(call.client, (Connections(), Network(lambda *_: late.outcome)))
        network.server = lambda *_: late.outcome
        network.dead = {ADDRESS: late.outcome} if isinstance(late.outcome, ConnectFailed) else {}
        network.sent.clear()
        room.close_old(self.world.now)
        play(room, network, request, len(self.asked) + 1, self.world.now)
        places = [(sent.connection, sent.nth) for sent in network.sent] or [(0, 0)]  # it never got out
        self.asked += [Asked(self.now_s, what, request, call.client, *place) for place in places]
        return late


def broken(status: int = 200, body: bytes = b"{") -> BodyBroken:
    """An answer that breaks off behind its head."""
    return BodyBroken(Response(status, (("Content-Type", "application/json"),), body), body)
