"""The connections of one okhttp instance: which one a request takes, and what is tried when it fails (5.4.0).

Facts are okhttp's own code (RealRoutePlanner, FastFallbackExchangeFinder, RealConnection, RealConnectionPool) where
phone-behaviour.md §2.1 and the recordings do not show them. Not played: proxies, and HTTP/2 connections shared by hosts
of one certificate.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from harness.errors import ProtocolError
from harness.http.urls import host_and_port
from harness.http.values import BodyBroken, Closed, ConnectFailed, Outcome, Request, Response
from harness.instants import SECOND, Instant
from harness.okhttp.events import (
    Abandon,
    Asked,
    Cancelled,
    Close,
    Connect,
    ConnectBroke,
    Event,
    Exchanged,
    Finish,
    Lost,
    NotResolved,
    Number,
    Reached,
    Resolve,
    Resolved,
    Retired,
    Secure,
    Secured,
    Send,
    Step,
    StreamsLimited,
    Waited,
)
from harness.okhttp.headers import host

__all__ = ["IDLE", "IDLE_MAX", "Action", "Connections", "in_turn"]

IDLE = 5 * 60 * SECOND
IDLE_MAX = 5

Action = Step | Abandon | Close


class _Place(NamedTuple):
    scheme: str
    host: str
    port: int


@dataclass(slots=True, eq=False)
class _Line:
    """One connection that came about. `spent`: no new exchanges by our own doing; `dead`: it cannot take any."""

    number: Number
    place: _Place
    address: str
    multiplexed: bool = False
    streams_max: int = 1
    calls: int = 0
    sent: int = 0
    answered: int = 0
    refused: int = 0
    spent: bool = False
    dead: bool = False
    failed: bool = False  # its address is not worth another connection at once
    idle_at: Instant = 0

    @property
    def takes_more(self) -> bool:
        return self.calls < self.streams_max and not self.spent and not self.dead


@dataclass(slots=True, eq=False)
class _Trip:
    """One request on its way. `addresses`: those still to be tried; None: nobody has asked for them yet."""

    call: int
    place: _Place
    closes: bool
    addresses: deque[str] | None = None
    lost_races: deque[str] = field(default_factory=deque)
    again: str | None = None
    resolving: bool = False
    racing: dict[Number, str] = field(default_factory=dict)
    securing: _Line | None = None
    line: _Line | None = None  # that the request is on
    failure: Outcome | None = None  # the first one of this search for a connection

    @property
    def has_next(self) -> bool:
        return bool(self.lost_races or self.again or self.addresses is None or self.addresses)

    @property
    def has_others(self) -> bool:
        """There are addresses to race with. Who would have to resolve first has none."""
        return bool(self.lost_races or self.addresses)

    @property
    def state(self) -> str:
        if self.line is not None:
            return "sent"
        if self.securing is not None:
            return "securing"
        return "resolving" if self.resolving else "connecting"


class Connections:
    """Decides for one okhttp instance; the driver executes and tells what came of it.

    `feed` takes an event and returns what is to be done, in order: at most one `Step`, for the call that the event is
    about, comes last. A call may come back with another request: it takes its chances like any other. Raises
    `ProtocolError` for an event that cannot happen now, and then changes nothing; news of a connection that is gone
    is no such event.
    """

    def __init__(self, *, idle: int = IDLE, idle_max: int = IDLE_MAX) -> None:
        self._idle = idle
        self._idle_max = idle_max
        self._begun: Number = 0
        self._lines: dict[Number, _Line] = {}  # in the order in which they came about
        self._trips: dict[int, _Trip] = {}
        self._postponed: set[tuple[_Place, str]] = set()

    @property
    def is_empty(self) -> bool:
        """No connection is open and no request under way."""
        return not (self._lines or self._trips)

    @property
    def idle(self) -> list[Number]:
        """Connections that carry nothing, the longest idle one first."""
        return [line.number for line in self._idling()]

    @property
    def next_close_at(self) -> Instant | None:
        """When the next idle connection has lived long enough: `close_old` then."""
        idle_at = [line.idle_at for line in self._lines.values() if not line.calls]
        return min(idle_at) + self._idle if idle_at else None

    def close_old(self, now: Instant) -> list[Close]:
        """Closes what is idle for too long, or too much of it."""
        idling = self._idling()
        surplus = len(idling) - self._idle_max
        old = [line for n, line in enumerate(idling) if n < surplus or now - line.idle_at >= self._idle]
        return [self._drop(line) for line in old]

    def feed(self, event: Event, now: Instant) -> list[Action]:
        return self._HANDLERS[type(event)](self, event, now)

    # -- one request -----------------------------------------------------------------------------------------------

    def _asked(self, event: Asked, now: Instant) -> list[Action]:
        if event.call in self._trips:
            raise ProtocolError("okhttp", event, self._trips[event.call].state)
        request = event.request
        place = _Place(request.scheme, *host_and_port(request.scheme, host(request)))
        trip = self._trips[event.call] = _Trip(event.call, place, _says_close(request))
        return self._go_on(trip)

    def _resolved(self, event: Resolved, now: Instant) -> list[Action]:
        trip = self._trip(event, "resolving")
        trip.resolving = False
        failed = [address for address in event.addresses if (trip.place, address) in self._postponed]
        rest = [address for address in event.addresses if (trip.place, address) not in self._postponed]
        trip.addresses = deque([*in_turn(rest), *in_turn(failed)])
        if not trip.has_next:
            return self._finish(trip, ConnectFailed("resolve", f"no address for {trip.place.host}"))
        return self._go_on(trip)

    def _not_resolved(self, event: NotResolved, now: Instant) -> list[Action]:
        return self._finish(self._trip(event, "resolving"), event.outcome)

    def _reached(self, event: Reached, now: Instant) -> list[Action]:
        trip = self._trip(event, "connecting")
        address = self._racer(trip, event)
        line = _Line(event.connection, trip.place, address)
        abandoned = self._end_race(trip)
        if trip.place.scheme != "https":
            return [*abandoned, self._send(trip, self._open(line))]
        trip.securing = line
        return [*abandoned, Secure(trip.call, line.number, trip.place.host)]

    def _secured(self, event: Secured, now: Instant) -> list[Action]:
        trip = self._trip(event, "securing")
        line = trip.securing
        if line is None or line.number != event.connection:
            raise ProtocolError("okhttp", event, trip.state)
        trip.securing = None
        if event.multiplexed:
            # Two requests began one each at the same time: the second one is not needed.
            first = next((known for known in self._free(trip.place) if known.multiplexed), None)
            if first is not None:
                return [Close(line.number), self._send(trip, first)]
            line.multiplexed = True
            line.streams_max = 2**31 - 1  # until the server says less
        return [self._send(trip, self._open(line))]

    def _connect_broke(self, event: ConnectBroke, now: Instant) -> list[Action]:
        trip = self._trip(event, "connecting", "securing")
        if trip.securing is None:
            self._racer(trip, event)
        elif trip.securing.number != event.connection:
            raise ProtocolError("okhttp", event, trip.state)
        trip.securing = None
        trip.failure = trip.failure or event.outcome
        if trip.racing:
            return []  # the next one has its turn when the quarter of a second is over
        return self._go_on(trip) if trip.has_next else self._finish(trip, trip.failure)

    def _waited(self, event: Waited, now: Instant) -> list[Action]:
        trip = self._trip(event, "connecting")
        return self._go_on(trip) if trip.has_others else []

    def _exchanged(self, event: Exchanged, now: Instant) -> list[Action]:
        trip = self._trip(event, "sent")
        line = trip.line
        assert line is not None
        trip.line = None
        if isinstance(event.outcome, Closed):
            return self._unanswered(trip, line, event, now)
        if isinstance(event.outcome, Response | BodyBroken):
            line.answered += 1
        answer = event.outcome if isinstance(event.outcome, Response) else None
        reusable = event.reusable and answer is not None and not _says_close(answer) and not trip.closes
        if not (reusable or line.multiplexed):
            line.spent = True
        return [*self._release(line, now), *self._finish(trip, event.outcome)]

    def _unanswered(self, trip: _Trip, line: _Line, event: Exchanged, now: Instant) -> list[Action]:
        self._note_failure(line, event)
        closing = self._release(line, now)
        if event.cause == "garbled" or not self._may_retry(trip, line):
            return [*closing, *self._finish(trip, event.outcome)]
        trip.failure = None
        return [*closing, *self._go_on(trip)]

    def _note_failure(self, line: _Line, event: Exchanged) -> None:
        match event.cause:
            case "refused":
                line.refused += 1
                if line.refused > 1:
                    line.spent = line.failed = True
            case "reset":
                line.spent = line.failed = True
            case _ if line.multiplexed and event.cause != "shutdown":
                line.dead = True  # the others notice by themselves
            case _:
                line.spent = True
                # An address that has answered before is worth a new connection.
                if not line.answered:
                    line.failed = True
                    self._postponed.add((line.place, line.address))

    def _may_retry(self, trip: _Trip, line: _Line) -> bool:
        """Only where another route exists; a connection from the pool leaves them all to be tried."""
        if line.spent and not line.failed and not (trip.lost_races or trip.again):
            trip.again = line.address
        return trip.has_next

    def _cancelled(self, event: Cancelled, now: Instant) -> list[Action]:
        trip = self._trip(event, "resolving", "connecting", "securing", "sent")
        actions: list[Action] = [Abandon(number) for number in trip.racing]
        if trip.securing is not None:
            actions.append(Abandon(trip.securing.number))
        del self._trips[trip.call]
        if trip.line is not None:
            trip.line.spent = trip.line.spent or not trip.line.multiplexed
            actions += self._release(trip.line, now)
        return actions

    # -- the search for a connection -------------------------------------------------------------------------------

    def _go_on(self, trip: _Trip) -> list[Action]:
        """A free connection, else one to the next address."""
        line = next(self._free(trip.place), None)
        if line is not None:
            return [*self._end_race(trip), self._send(trip, line)]
        address = self._next_address(trip)
        if address is None:
            trip.resolving = True
            return [Resolve(trip.call, trip.place.host)]
        self._begun += 1
        trip.racing[self._begun] = address
        return [Connect(trip.call, self._begun, address, trip.place.port, trip.has_others)]

    def _next_address(self, trip: _Trip) -> str | None:
        if trip.lost_races:
            return trip.lost_races.popleft()
        if trip.again is not None:
            address, trip.again = trip.again, None
            return address
        return trip.addresses.popleft() if trip.addresses else None

    def _free(self, place: _Place) -> Iterator[_Line]:
        """The connections to a place that take a request, the oldest first."""
        return (line for line in self._lines.values() if line.place == place and line.takes_more)

    def _end_race(self, trip: _Trip) -> list[Action]:
        """The others are given up; their addresses are the next ones to try, should it come to that."""
        trip.lost_races += trip.racing.values()
        abandoned: list[Action] = [Abandon(number) for number in trip.racing]
        trip.racing.clear()
        return abandoned

    def _racer(self, trip: _Trip, event: Reached | ConnectBroke) -> str:
        if event.connection not in trip.racing:
            raise ProtocolError("okhttp", event, trip.state)
        return trip.racing.pop(event.connection)

    def _open(self, line: _Line) -> _Line:
        self._lines[line.number] = line
        self._postponed.discard((line.place, line.address))
        return line

    def _send(self, trip: _Trip, line: _Line) -> Send:
        trip.line = line
        trip.failure = None
        line.calls += 1
        line.sent += 1
        return Send(trip.call, line.number, line.sent)

    def _finish(self, trip: _Trip, outcome: Outcome) -> list[Action]:
        del self._trips[trip.call]
        return [Finish(trip.call, outcome)]

    def _trip(self, event: Any, *states: str) -> _Trip:
        trip = self._trips.get(event.call)
        if trip is None or trip.state not in states:
            raise ProtocolError("okhttp", event, "no such call" if trip is None else trip.state)
        return trip

    # -- the pool --------------------------------------------------------------------------------------------------

    def _idling(self) -> list[_Line]:
        return sorted((line for line in self._lines.values() if not line.calls), key=lambda line: line.idle_at)

    def _release(self, line: _Line, now: Instant) -> Sequence[Close]:
        """One request less is on it."""
        line.calls -= 1
        if line.calls:
            return ()
        if line.number not in self._lines:
            return ()  # it was lost meanwhile
        if line.spent or line.dead:
            return (self._drop(line),)
        line.idle_at = now
        return self.close_old(now)

    def _drop(self, line: _Line) -> Close:
        del self._lines[line.number]
        return Close(line.number)

    def _lost(self, event: Lost, now: Instant) -> list[Action]:
        line = self._lines.pop(event.connection, None)
        if line is not None:
            line.dead = True
        return []

    def _retired(self, event: Retired, now: Instant) -> list[Action]:
        line = self._lines.get(event.connection)
        if line is None:
            return []
        line.dead = True
        return [] if line.calls else [self._drop(line)]

    def _streams_limited(self, event: StreamsLimited, now: Instant) -> list[Action]:
        line = self._lines.get(event.connection)
        if line is not None and line.multiplexed:
            line.streams_max = event.streams_max
        return []

    _HANDLERS: ClassVar[dict[type, Callable[[Connections, Any, Instant], list[Action]]]] = {
        Asked: _asked,
        Resolved: _resolved,
        NotResolved: _not_resolved,
        Reached: _reached,
        Secured: _secured,
        ConnectBroke: _connect_broke,
        Waited: _waited,
        Exchanged: _exchanged,
        Cancelled: _cancelled,
        Lost: _lost,
        Retired: _retired,
        StreamsLimited: _streams_limited,
    }


def in_turn(addresses: Sequence[str]) -> list[str]:
    """IPv6 and IPv4 addresses in turn, IPv6 first; of one kind only they stay as the resolver gave them."""
    six = [address for address in addresses if ":" in address]
    four = [address for address in addresses if ":" not in address]
    shorter = min(len(six), len(four))
    if not shorter:
        return list(addresses)
    mixed = [address for pair in zip(six, four, strict=False) for address in pair]
    return mixed + six[shorter:] + four[shorter:]


def _says_close(message: Request | Response) -> bool:
    return (message.header("Connection") or "").lower() == "close"
