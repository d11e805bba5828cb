"""Makes the calls of phones: executes what `okhttp.Connections` decides."""

from __future__ import annotations

import asyncio
import itertools
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from harness import okhttp
from harness.adapters.http2_connection import Http2Connection
from harness.adapters.http_connection import Connection
from harness.adapters.http_dialing import Address, Dialer, Resolver
from harness.http.parse import Sink
from harness.http.render import request_bytes
from harness.http.values import BodyBroken, Closed, ConnectFailed, Limits, Outcome, Reads, Request, Response, TimedOut
from harness.instants import Instant, ns, seconds
from harness.okhttp.answers import Http2Answer
from harness.okhttp.connections import Connections
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
from harness.okhttp.exceptions import connect_text
from harness.okhttp.http1 import Http1Answer

__all__ = ["OPEN_MAX", "PhoneCalls"]

OPEN_MAX = 256
"""So many connections stay open, idle ones included; then the one that is idle for longest closes. Each request of the
app leaves one behind for five minutes, and a fleet under load would have more of them than a process may have files."""

_RACE_S = 0.25

Link = Connection | Http2Connection


@dataclass(slots=True)
class _Instance:
    """One okhttp instance: what it decides with, and what it has open."""

    name: str
    room: Connections
    links: dict[Number, Link] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None


@dataclass(slots=True)
class _Errand:
    """A prepared request and what its caller wants to know."""

    request: Request
    limits: Limits
    reads: Reads
    sink: Callable[[Response], Sink | None] | None
    on_sent: Callable[[Address], None] | None


class PhoneCalls:
    """Makes calls as the app does.

    A client name with a `#` is one okhttp instance: its calls share connections. Without one, every call has an
    instance of its own, as nearly all calls of the app (phone-behaviour §2.1). An idle connection stays for
    `linger_s`.
    """

    def __init__(
        self,
        *,
        resolve: Resolver,
        trust: Callable[[], ssl.SSLContext],
        linger_s: float,
        follows_up: bool,
        http1: bool,
        open_max: int = OPEN_MAX,
    ) -> None:
        offers = ["http/1.1"] if http1 else ["h2", "http/1.1"]
        self.dialer = Dialer(resolve=resolve, trust=trust, offers=offers)
        self._idle = ns(linger_s)
        self._follows_up = follows_up
        self._open_max = open_max
        self._instances: dict[str, _Instance] = {}
        self._numbers = itertools.count(1)

    @property
    def instances(self) -> int:
        """How many okhttp instances have a connection or a call."""
        return len(self._instances)

    async def call(
        self,
        client: str,
        request: Request,
        limits: Limits,
        sink: Callable[[Response], Sink | None] | None,
        on_sent: Callable[[Address], None] | None,
        reads: Reads = Reads.ALL,
    ) -> Outcome:
        instance = self._instance(client if "#" in client else f"{client} {next(self._numbers)}")
        request = okhttp.prepare(request)
        previous: list[Response] = []
        while True:
            outcome = await self._run(instance, _Errand(request, limits, reads, sink, on_sent))
            # A body that broke off is none of okhttp's business where it goes elsewhere anyway.
            answer = outcome.response if isinstance(outcome, BodyBroken) else outcome
            if not self._follows_up or not isinstance(answer, Response):
                return outcome
            again = okhttp.follow_up(request, answer, previous)
            if again is None:
                return outcome
            if isinstance(again, okhttp.GaveUp):
                return Closed(True, again.text)
            previous.append(answer)
            request = again
            instance = self._instances.setdefault(instance.name, instance)

    def _instance(self, name: str) -> _Instance:
        instance = self._instances.get(name)
        if instance is None:
            instance = self._instances[name] = _Instance(name, Connections(idle=self._idle))
        return instance

    async def _run(self, instance: _Instance, errand: _Errand) -> Outcome:
        try:
            return await _Journey(self, instance, next(self._numbers), errand).run()
        finally:
            self._tidy(instance)

    # -- the instances ---------------------------------------------------------------------------------------------

    def feed(self, instance: _Instance, event: Event) -> list[okhttp.Action]:
        """What a call has to do about it; what closes is closed."""
        todo: list[okhttp.Action] = []
        for action in instance.room.feed(event, _now()):
            if isinstance(action, Close):
                self._close(instance, action)
            else:
                todo.append(action)
        return todo

    def made(self, instance: _Instance, number: Number, protocol: str | None) -> Link:
        """A new connection, for the protocol that the server chose."""
        lost = partial(self._lost, instance, number)
        link: Link
        if protocol == "h2":
            retired = partial(self._told, instance, Retired(number))
            link = Http2Connection(lost, retired, lambda limit: self._told(instance, StreamsLimited(number, limit)))
        else:
            link = Connection(lost)
        instance.links[number] = link
        if self.dialer.open >= self._open_max:
            self._close_idlest()
        return link

    def _told(self, instance: _Instance, event: Event) -> None:
        self.feed(instance, event)

    def _lost(self, instance: _Instance, number: Number, link: Link) -> None:
        instance.links.pop(number, None)
        self.dialer.lost(link)
        self.feed(instance, Lost(number))
        self._tidy(instance)

    def _close(self, instance: _Instance, close: Close) -> None:
        link = instance.links.get(close.connection)
        if link is not None:
            link.close()

    def _close_idlest(self) -> None:
        for instance in self._instances.values():  # the oldest ones come first
            if idle := instance.room.idle:
                self.feed(instance, Retired(idle[0]))
                return

    def _tidy(self, instance: _Instance) -> None:
        """Sees to it that idle connections close in time, and forgets an instance that has none."""
        if instance.room.is_empty:
            self._instances.pop(instance.name, None)
            if instance.timer is not None:
                instance.timer.cancel()
                instance.timer = None
        elif instance.timer is None and (close_at := instance.room.next_close_at) is not None:
            loop = asyncio.get_running_loop()
            instance.timer = loop.call_at(seconds(close_at), self._close_old, instance)

    def _close_old(self, instance: _Instance) -> None:
        instance.timer = None
        for close in instance.room.close_old(_now()):
            self._close(instance, close)
        self._tidy(instance)


def _now() -> Instant:
    """The loop's clock: no calendar is needed here."""
    return ns(asyncio.get_running_loop().time())


class _Journey:
    """One request on its way: does the step that it is told, and tells what came of it."""

    def __init__(self, calls: PhoneCalls, instance: _Instance, number: int, errand: _Errand) -> None:
        self._calls = calls
        self._dialer = calls.dialer
        self._instance = instance
        self._number = number
        self._errand = errand
        self._content = request_bytes(errand.request)
        self._racing: dict[Number, asyncio.Task[Event]] = {}
        self._race_at: float | None = None  # when the next address has its turn
        self._reached: dict[Number, socket.socket] = {}
        self._abandoned: list[asyncio.Task[Event]] = []

    async def run(self) -> Outcome:
        step = self._step(Asked(self._number, self._errand.request))
        try:
            while not isinstance(step, Finish):
                event = await self._do(step)
                if self._dialer.is_closed():
                    self._calls.feed(self._instance, Cancelled(self._number))
                    return event.outcome if isinstance(event, Exchanged | ConnectBroke) else Closed(sent_all=False)
                step = self._step(event)
            return step.outcome
        except BaseException:
            self._calls.feed(self._instance, Cancelled(self._number))
            raise
        finally:
            await self._leave()

    def _step(self, event: Event) -> Step | None:
        """The next step; None: others are still under way."""
        step: Step | None = None
        for action in self._calls.feed(self._instance, event):
            if isinstance(action, Abandon):
                self._abandon(action.connection)
            elif not isinstance(action, Close):
                step = action
        return step

    async def _do(self, step: Step | None) -> Event:
        match step:
            case Resolve(_, host):
                return await self._resolve(host)
            case Connect(others=False) if not self._racing:
                return await self._connect(step)
            case Connect():
                return await self._race(step)
            case Secure(_, connection, host):
                return await self._attach(connection, self._reached.pop(connection), host)
            case Send(_, connection):
                return await self._exchange(connection)
            case _:
                return await self._first()

    async def _resolve(self, host: str) -> Event:
        found = await self._dialer.addresses(host, self._errand.limits.connect_s)
        if isinstance(found, ConnectFailed | TimedOut):
            return NotResolved(self._number, found)
        return Resolved(self._number, tuple(found))

    # -- connecting ------------------------------------------------------------------------------------------------

    async def _connect(self, step: Connect) -> Event:
        reached = await self._dialer.reach(step.address, step.port, self._errand.limits.connect_s)
        if isinstance(reached, ConnectFailed | TimedOut):
            return ConnectBroke(self._number, step.connection, self._said(reached, step.address))
        if self._errand.request.scheme != "https":
            return await self._attach(step.connection, reached, None)
        self._reached[step.connection] = reached
        return Reached(self._number, step.connection)

    def _said(self, outcome: ConnectFailed | TimedOut, address: str) -> Outcome:
        """With okhttp's text."""
        if isinstance(outcome, ConnectFailed) and outcome.kind in ("refused", "unreachable"):
            return ConnectFailed(outcome.kind, connect_text(self._errand.request, address))
        return outcome

    async def _attach(self, number: Number, reached: socket.socket, host: str | None) -> Event:
        """The connection over a socket; TLS may take as long as a read."""
        made = partial(self._calls.made, self._instance, number)
        limits = self._errand.limits
        limit_s = limits.connect_s if host is None else limits.read_s
        link = await self._dialer.attach(reached, made, host=host, limit_s=limit_s)
        if not isinstance(link, Connection | Http2Connection):
            return ConnectBroke(self._number, number, link)
        if host is None:
            return Reached(self._number, number)
        return Secured(self._number, number, isinstance(link, Http2Connection))

    async def _race(self, step: Connect) -> Event:
        """One more address beside those that have not answered yet."""
        loop = asyncio.get_running_loop()
        self._racing[step.connection] = loop.create_task(self._connect(step))
        self._race_at = loop.time() + _RACE_S if step.others else None
        return await self._first()

    async def _first(self) -> Event:
        loop = asyncio.get_running_loop()
        left_s = None if self._race_at is None else max(0.0, self._race_at - loop.time())
        done, _ = await asyncio.wait(self._racing.values(), timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
        for number, task in list(self._racing.items()):
            if task in done:
                del self._racing[number]
                return task.result()
        self._race_at = None
        return Waited(self._number)

    def _abandon(self, number: Number) -> None:
        task = self._racing.pop(number, None)
        if task is not None:
            task.cancel()
            self._abandoned.append(task)
        if number in self._reached:
            self._reached.pop(number).close()
        link = self._instance.links.get(number)
        if link is not None:
            link.transport.abort()

    async def _leave(self) -> None:
        """Whatever is still connecting for this request is given up."""
        for number in list(self._racing):
            self._abandon(number)
        if self._abandoned:
            await asyncio.gather(*self._abandoned, return_exceptions=True)
        for reached in self._reached.values():
            reached.close()

    # -- the exchange ----------------------------------------------------------------------------------------------

    async def _exchange(self, number: Number) -> Event:
        link = self._instance.links.get(number)
        if link is None:  # lost since it was made
            return Exchanged(self._number, Closed(sent_all=False))
        if self._errand.on_sent is not None:
            self._errand.on_sent(link.transport.get_extra_info("sockname")[:2])
        if isinstance(link, Http2Connection):
            return await self._exchange_as_stream(number, link)
        errand = self._errand
        answer = Http1Answer(errand.request, errand.reads, sink=errand.sink)
        outcome = await link.exchange(self._content, answer, self._errand.limits)
        return Exchanged(self._number, outcome, link.reusable, "garbled" if link.garbled else "broke")

    async def _exchange_as_stream(self, number: Number, link: Http2Connection) -> Event:
        if link.streams_max is not None:  # it may have been said before the connection was known here
            self._calls.feed(self._instance, StreamsLimited(number, link.streams_max))
        answer = Http2Answer(self._errand.request, self._errand.reads, sink=self._errand.sink)
        outcome, cause = await link.exchange(self._errand.request, answer, self._errand.limits)
        return Exchanged(self._number, outcome, reusable=True, cause=cause)
