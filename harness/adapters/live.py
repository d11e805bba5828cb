"""The live driver: a world on the real clock, with sockets where requests leave it.

All cores run on one event loop. What a core emits is released only when its change is durable: at once in memory,
after the group commit with a state file. What is due is worked off in slices, so that a long way (an `advance` of
days) keeps nobody waiting.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from types import TracebackType
from typing import Any, Protocol, Self

from harness.adapters.direct import Server
from harness.adapters.http_client import Address, Caller
from harness.adapters.joins import Joins
from harness.adapters.push_stream import follow_pushes
from harness.core import Tell
from harness.http.values import Arrived, Call, Chunk, ConnectFailed, Gone, HangUp, Outcome, Request, Respond
from harness.instants import SECOND, Instant
from harness.wire.fcm import Listening, PushReceived, StreamClosed, StreamOpened
from harness.world import Outward, Row, World

__all__ = ["LiveDriver", "Store", "wall_clock"]

_SLICE_S = 0.01  # so long the world goes on before the sockets get their turn
_COMMITS_MAX = 16  # so many slices may wait for the disk before the next one is taken


def wall_clock() -> Instant:
    return time.time_ns()


class Store(Protocol):
    """Where changes become durable: a `StateFile`."""

    def put(self, changes: list[Row], durable: Callable[[], object]) -> None: ...

    def watch(self, failed: Callable[[Exception], object]) -> None: ...


class LiveDriver:
    """Carries `world`. Use as an async context: its tasks end with it, and their errors come out of it.

    `servers` are named by the prefix of their exchanges. `push_url` is where phones listen for pushes.
    """

    def __init__(
        self,
        world: World,
        *,
        client: Caller,
        servers: Mapping[str, Server] | None = None,
        push_url: str | None = None,
        state: Store | None = None,
        clock: Callable[[], Instant] = wall_clock,
    ) -> None:
        self.world = world
        self.offset = 0
        self._client = client
        self._servers = servers or {}
        self._push_url = push_url
        self._state = state
        self._clock = clock
        self._tasks = asyncio.TaskGroup()
        self._timer: asyncio.TimerHandle | None = None
        self._pumping = False
        self._joins = Joins()
        self._closed = False
        self._kept_offset: int | None = None
        self._commits = 0  # that are under way
        self._behind = False  # more is due than a slice could do
        self._at_commit: list[Callable[[], object]] = []
        self._when_done: list[Callable[[], object]] = []
        self._following: dict[str, asyncio.Task[None]] = {}  # by registration token
        self._heard: set[str] = set()  # tokens that the push service has said to know
        self._open: set[asyncio.Task[None]] = set()
        self._calling: set[asyncio.Task[None]] = set()
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        await self._tasks.__aenter__()
        self._failure: asyncio.Future[None] = self._loop.create_future()
        self._own(self._fail())
        if self._state is not None:
            self._state.watch(lambda error: self._loop.call_soon_threadsafe(self._fail_with, error))
            self.world.keep()
        self.pump_soon()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        if self._state is not None:
            self._state.watch(_nobody_asks)  # whoever closes it will hear of it
        if self._timer is not None:
            self._timer.cancel()
        for task in self._open:
            task.cancel()
        try:
            await self._tasks.__aexit__(kind, error, trace)
        except BaseExceptionGroup as group:
            if len(group.exceptions) > 1:
                raise
            raise group.exceptions[0] from None  # one error is told as itself

    # -- what comes in -------------------------------------------------------------------------------------------

    @property
    def now(self) -> Instant:
        return self._clock() + self.offset

    def tell(self, core: str, event: Any, cause: int | None = None) -> None:
        """Something happens to a core, now."""
        self._come_to_now()
        self.world.inject(core, event, cause=cause)
        self.pump_soon()

    def _come_to_now(self) -> None:
        """Time goes on, but not past what is still due: that happens first, and at its own instant."""
        due_at = self.world.next_due_at
        self.world.now = max(self.world.now, self.now if due_at is None else min(self.now, due_at))

    def arrived(self, core: str, exchange: str, request: Request) -> None:
        server = self._server(exchange)
        peer = None if server is None else server.peer(exchange)
        self.tell(core, Arrived(exchange, request), None if peer is None else self._joins.cause_of_request(peer))

    def listen(self, core: str, opened: StreamOpened) -> None:
        """Holds the stream of pushes for a registration token open, from now on until the driver ends."""
        self._tell_outside(core, opened)

    def gone(self, core: str, exchange: str) -> None:
        self.tell(core, Gone(exchange))

    def break_off_calls(self) -> None:
        """What is being asked outside is asked no longer, and what was about to be asked is not."""
        for calling in self._calling:
            calling.cancel()
        self.world.outward = [item for item in self.world.outward if not isinstance(item.command, Call)]

    def advance(self, duration: int) -> None:
        """Moves the clock on by `duration` (ns); what has become due follows at once."""
        self.offset += duration
        self.pump_soon()

    def when_durable(self, action: Callable[[], object]) -> None:
        """Does `action` once everything that the world has done so far is durable and released."""
        self._at_commit.append(action)
        self.pump_soon()

    def when_done(self, action: Callable[[], object]) -> None:
        """Does `action` once everything that is due by now is done, durable and released."""
        self._when_done.append(action)
        self.pump_soon()

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Waits until something is so; asked after every pump."""
        if not is_so():
            future = self._loop.create_future()
            waiting = (is_so, future)
            self._waiting.append(waiting)
            try:
                await future
            finally:
                if waiting in self._waiting:
                    self._waiting.remove(waiting)

    async def quiet(self) -> None:
        """Waits until no call is under way and nothing is due."""
        await self.until(lambda: self.is_quiet)

    @property
    def is_quiet(self) -> bool:
        """No call is under way, every stream of pushes is there, and nothing is due."""
        if self.world.open_calls or not self._following.keys() <= self._heard:
            return False
        due_at = self.world.next_due_at
        return due_at is None or due_at > self.now

    # -- the pump ------------------------------------------------------------------------------------------------

    def pump_soon(self) -> None:
        if not self._pumping:
            self._pumping = True
            self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        """As the loop calls it."""
        self.guard(self.pump)

    def guard(self, work: Callable[[], object]) -> None:
        """An error ends the driver, where the loop would only log it."""
        try:
            work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the task group raises it
            self._fail_with(error)

    def _fail_with(self, error: Exception) -> None:
        if not self._failure.done():
            self._failure.set_exception(error)

    async def _fail(self) -> None:
        await self._failure

    def pump(self) -> None:
        """Delivers what is due, a slice of it at most, releases what came of it, and sleeps until the next."""
        self._pumping = False
        if self._closed:
            return
        # A restored world may be ahead of this clock, and a clock may be set back: time goes on from the later one.
        self.offset += max(0, self.world.now - self.now)
        self._behind = self._take_slice()
        if not self._behind:
            self._at_commit += self._when_done
            self._when_done = []
        outward, self.world.outward = self.world.outward, []
        actions, self._at_commit = self._at_commit, []
        if self._state is None:
            self._release(outward, actions)
        else:
            self._commit(outward, actions)
        self._sleep()

    def _take_slice(self) -> bool:
        """True if more is due."""
        until = self.now
        ends_at = time.perf_counter() + _SLICE_S
        while self.world.step(until):
            if time.perf_counter() >= ends_at:
                due_at = self.world.next_due_at
                return due_at is not None and due_at <= until
        self.world.now = max(self.world.now, until)
        return False

    def _sleep(self) -> None:
        """Until the next is due; not at all if that is past, unless the disk has to catch up."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._behind:
            if self._commits < _COMMITS_MAX:
                self.pump_soon()
        elif self.world.next_due_at is not None:
            delay_s = max(0, self.world.next_due_at - self.now) / SECOND
            self._timer = self._loop.call_later(delay_s, self._pump)

    def _wake(self) -> None:
        for waiting in [waiting for waiting in self._waiting if waiting[0]()]:
            self._waiting.remove(waiting)
            if not waiting[1].done():
                waiting[1].set_result(None)

    def _commit(self, outward: list[Outward], actions: list[Callable[[], object]]) -> None:
        assert self._state is not None
        changes = self.world.changes()
        if changes or self.offset != self._kept_offset:
            self._kept_offset = self.offset
            changes.append(("", "serve", "offset", self.offset))
        elif not self._commits:
            self._release(outward, actions)
            return
        # Without a change of its own it still tells of earlier ones, and waits its turn behind them.
        self._commits += 1
        release = partial(self.guard, partial(self._committed, outward, actions))
        self._state.put(changes, partial(self._loop.call_soon_threadsafe, release))

    def _committed(self, outward: list[Outward], actions: list[Callable[[], object]]) -> None:
        self._commits -= 1
        self._release(outward, actions)
        if self._behind:
            self.pump_soon()

    def _release(self, outward: list[Outward], actions: list[Callable[[], object]]) -> None:
        if self._closed:
            return
        for item in outward:
            match item.command:
                case Call():
                    calling = self._own(self._call(item.core, item.command, item.cause))
                    self._calling.add(calling)
                    calling.add_done_callback(self._calling.discard)
                case Respond() | Chunk():
                    self._answer(item.command, item.cause)
                case HangUp(exchange):
                    self._hang_up(exchange)
                case Tell():
                    self._tell_outside(item.core, item.command.event)
        for action in actions:
            action()
        self._wake()

    def _answer(self, command: Respond | Chunk, cause: int | None) -> None:
        server = self._server(command.exchange)
        if server is None:  # its client went with an earlier process
            return
        peer = server.peer(command.exchange)
        if isinstance(command, Respond):
            self._joins.answer_sent(peer, cause)
            server.respond(command.exchange, command.response)
        else:
            self._joins.piece_sent(peer, cause)
            server.chunk(command.exchange, command.data, command.last)

    def _hang_up(self, exchange: str) -> None:
        server = self._server(exchange)
        if server is not None:
            server.drop(exchange)

    def _own(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._tasks.create_task(work)
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        return task

    def _server(self, exchange: str) -> Server | None:
        """Exchanges are named for the server that they came to: `http-7` is of `http`."""
        return self._servers.get(exchange.rpartition("-")[0])

    async def _call(self, core: str, call: Call, cause: int | None) -> None:
        sent_from: list[Address] = []

        def sent(address: Address) -> None:
            sent_from.append(address)
            self._joins.request_sent(address, cause)

        outcome: Outcome
        try:
            outcome = await self._client.call(call, on_sent=sent)
        except ValueError as error:  # a URL or header that no request can have, as a user may give for a webhook
            outcome = ConnectFailed("invalid", str(error))
        answered_by = self._joins.cause_of_answer(sent_from[-1] if sent_from else None, cause)
        self._come_to_now()
        self.world.answer_call(core, call, outcome, answered_by)
        self.pump_soon()

    def _tell_outside(self, core: str, event: Any) -> None:
        if isinstance(event, StreamClosed):
            self._heard.discard(event.token)
            stream = self._following.pop(event.token, None)
            if stream is not None:
                stream.cancel()
        elif isinstance(event, StreamOpened) and event.token in self._heard:
            self.tell(core, Listening(event.token))
        elif isinstance(event, StreamOpened) and self._push_url is not None and event.token not in self._following:
            self._following[event.token] = self._own(self._follow(core, self._push_url, event.token))

    def _follow(self, core: str, url: str, token: str) -> Coroutine[Any, Any, None]:
        follower = self._joins.follower()

        def on_push(push: Listening | PushReceived) -> None:
            if isinstance(push, Listening):
                self._heard.add(token)
            self.tell(core, push, follower.next_cause())

        return follow_pushes(self._client, url, token, on_push, follower.connected)


def _nobody_asks(_error: Exception) -> None: ...
