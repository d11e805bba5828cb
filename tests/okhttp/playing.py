"""Carries requests through `Connections` in a network of values: no sockets, no time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.http.values import BodyBroken, ConnectFailed, Outcome, Request, Response
from harness.instants import Instant
from harness.okhttp import GaveUp, follow_up
from harness.okhttp.connections import Connections
from harness.okhttp.events import (
    Abandon,
    Asked,
    Close,
    Connect,
    ConnectBroke,
    Event,
    Exchanged,
    Finish,
    NotResolved,
    Number,
    Reached,
    Resolve,
    Resolved,
    Secure,
    Secured,
    Send,
)

__all__ = ["Network", "Sent", "play", "play_call"]


@dataclass(frozen=True, slots=True)
class Sent:
    """A request went out over a connection to an address, as the n-th of that connection."""

    connection: Number
    nth: int
    address: str


Server = Callable[[str, Request], Outcome | Exchanged]
"""What a server at an address does with a request; an `Exchanged` says more of it (its call does not matter)."""


@dataclass(slots=True)
class Network:
    """`names` has the addresses of hosts, others have one; `dead` what is wrong with an address."""

    server: Server
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dead: Mapping[str, Outcome] = field(default_factory=dict)
    multiplexes: bool = False
    sent: list[Sent] = field(default_factory=list)
    closed: list[Number] = field(default_factory=list)
    addresses: dict[Number, str] = field(default_factory=dict)

    def take(self, step: object, request: Request) -> Event:
        match step:
            case Resolve(call, host):
                found = self.names.get(host, ["192.0.2.1"])
                return Resolved(call, tuple(found)) if found else NotResolved(call, ConnectFailed("resolve"))
            case Connect(call, connection, address):
                self.addresses[connection] = address
                if address in self.dead:
                    return ConnectBroke(call, connection, self.dead[address])
                return Reached(call, connection)
            case Secure(call, connection, _):
                return Secured(call, connection, self.multiplexes)
            case Send(call, connection, nth):
                self.sent.append(Sent(connection, nth, self.addresses[connection]))
                return self._exchange(call, connection, request)
        raise LookupError(step)

    def _exchange(self, call: int, connection: Number, request: Request) -> Exchanged:
        done = self.server(self.addresses[connection], request)
        if isinstance(done, Exchanged):
            return Exchanged(call, done.outcome, done.reusable, done.cause)
        return Exchanged(call, done, reusable=isinstance(done, Response))


def play(room: Connections, network: Network, request: Request, call: int = 1, now: Instant = 0) -> Outcome:
    """What becomes of one prepared request."""
    event: Event = Asked(call, request)
    while True:
        step = None
        for action in room.feed(event, now):
            match action:
                case Finish(_, outcome):
                    step = outcome
                case Close(connection) | Abandon(connection):
                    network.closed.append(connection)
                case _:
                    step = action  # type: ignore[assignment]
        if isinstance(step, Outcome):
            return step
        event = network.take(step, request)


def play_call(room: Connections, network: Network, request: Request, now: Instant = 0) -> Outcome | GaveUp:
    """The same with everything that okhttp sends after it by itself."""
    previous: list[Response] = []
    while True:
        outcome = play(room, network, request, now=now)
        answer = outcome.response if isinstance(outcome, BodyBroken) else outcome
        again = follow_up(request, answer, previous) if isinstance(answer, Response) else None
        if again is None:
            return outcome
        if isinstance(again, GaveUp):
            return again
        assert isinstance(answer, Response)
        previous.append(answer)
        request = again
