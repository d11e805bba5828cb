"""The live driver: the same world, moved by a clock, with sockets where requests leave it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, ClassVar

import pytest

from harness.adapters.http_client import HttpClient
from harness.adapters.http_server import HttpServer
from harness.adapters.live import LiveDriver, Store
from harness.core import At, Command, Core, Record, Table
from harness.draws import Draws
from harness.errors import StateNotKept
from harness.http.values import Answered, Arrived, Call, Chunk, ConnectFailed, Outcome, Request, Respond, Response
from harness.instants import SECOND, Instant
from harness.trace import Trace
from harness.world import Row, World
from tests.adapters.moved_loop import MovedLoop, run

START: Instant = 1_800_000_000 * SECOND


class Clerk(Core):
    """Does what it is told: a list of commands, or a function that makes one. Notes what it gets."""

    TABLES: ClassVar[tuple[str, ...]] = ("notes",)

    def __init__(self, name: str = "clerk") -> None:
        super().__init__(name, Draws(1, name))
        self.notes: Table[int, str] = Table()
        self.got: list[tuple[Instant, Any]] = []

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        self.got.append((now, event))
        self.notes[len(self.notes)] = type(event).__name__
        if isinstance(event, Arrived):
            body = b"hello " + event.request.target
            return [Record("api", "arrived"), Respond(event.exchange, Response(200, (), body))]
        return event if isinstance(event, list) else []


def clock() -> Instant:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, MovedLoop)
    return START + round(loop.moved_s * SECOND)


def story(
    tell: Callable[[LiveDriver, Clerk, str], Coroutine[Any, Any, None]],
    state: Store | None = None,
    clerk: Clerk | None = None,
) -> Clerk:
    """Runs `tell` with a driver, its clerk, and the URL of a server whose requests go to the clerk."""
    clerk = clerk or Clerk()

    async def main() -> None:
        world = World(1, Trace(hashed=False), start_at=clock(), draws_order=False)
        world.add(clerk)
        drivers: list[LiveDriver] = []
        server = HttpServer(
            lambda exchange, request: drivers[0].arrived("clerk", exchange, request), lambda _exchange: None
        )
        client = HttpClient()
        try:
            url = f"127.0.0.1:{await server.start('127.0.0.1', 0)}"
            drivers.append(LiveDriver(world, client=client, servers={"http": server}, state=state, clock=clock))
            async with drivers[0]:
                await tell(drivers[0], clerk, url)
        finally:
            await client.close()
            await server.close()

    run(main())
    return clerk


def call(authority: str, path: str = "/x") -> Call:
    return Call(f"call{path}", "clerk", Request("GET", "http", authority, path.encode()))


def answers(clerk: Clerk) -> list[Any]:
    return [event.outcome for _, event in clerk.got if isinstance(event, Answered)]


def test_a_call_that_leaves_the_world_comes_back_answered() -> None:
    async def tell(driver: LiveDriver, clerk: Clerk, url: str) -> None:
        driver.tell("clerk", [Record("client", "asks"), call(url)])
        await driver.until(lambda: bool(answers(clerk)))
        arrived = next(entry for entry in driver.world.trace.entries if entry.kind == "arrived")
        assert arrived.cause == 0  # the request brought its cause, though nothing was added to it

    assert answers(story(tell))[0].body == b"hello /x"


def test_a_call_to_nobody_is_answered_with_why() -> None:
    async def tell(driver: LiveDriver, clerk: Clerk, url: str) -> None:
        driver.tell("clerk", [call("127.0.0.1:1")])
        await driver.until(lambda: bool(answers(clerk)))

    outcome = answers(story(tell))[0]
    assert isinstance(outcome, ConnectFailed)
    assert outcome.kind == "refused"


def test_advance_does_at_once_what_was_due_later_and_each_thing_at_its_own_time() -> None:
    async def tell(driver: LiveDriver, clerk: Clerk, url: str) -> None:
        driver.tell("clerk", [At(START + 600 * SECOND, "late"), At(START + 60 * SECOND, "early")])
        driver.advance(3600 * SECOND)
        await driver.until(lambda: len(clerk.got) == 3)

    clerk = story(tell)
    assert clerk.got[1:] == [(START + 60 * SECOND, "early"), (START + 600 * SECOND, "late")]


def test_what_is_due_comes_when_the_clock_gets_there() -> None:
    async def tell(driver: LiveDriver, clerk: Clerk, url: str) -> None:
        driver.tell("clerk", [At(START + 5 * SECOND, "due")])
        await driver.until(lambda: len(clerk.got) == 1)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, MovedLoop)
        loop.moved_s += 6
        await driver.until(lambda: len(clerk.got) == 2)

    assert story(tell).got[1][1] == "due"


def test_quiet_waits_for_calls_under_way() -> None:
    async def tell(driver: LiveDriver, clerk: Clerk, url: str) -> None:
        driver.tell("clerk", [call(url, "/a"), call(url, "/b")])
        await driver.until(lambda: bool(clerk.got))
        await driver.quiet()
        assert len(answers(clerk)) == 2

    story(tell)


def test_a_driver_that_ends_leaves_nothing_running() -> None:
    async def tell(driver: LiveDriver, clerk: Clerk, url: str) -> None:
        driver.tell("clerk", [call(url), At(START + 1, "soon")])
        driver.pump()  # the call is under way when the driver ends

    story(tell)


def test_an_error_in_a_core_comes_out_of_the_driver() -> None:
    async def tell(driver: LiveDriver, clerk: Clerk, url: str) -> None:
        driver.tell("nobody", "x")
        await driver.until(lambda: False)

    with pytest.raises(KeyError, match="nobody"):
        story(tell)


class HeldStore:
    """Keeps what it is given until it is let go."""

    def __init__(self) -> None:
        self.batches: list[tuple[list[Row], Callable[[], object]]] = []
        self.arrived = asyncio.Event()

    def put(self, changes: list[Row], durable: Callable[[], object]) -> None:
        self.batches.append((changes, durable))
        if ("clerk", "notes", 0, "Arrived") in changes:
            self.arrived.set()

    def watch(self, failed: Callable[[Exception], object]) -> None:
        self.failed = failed


def test_an_answer_is_released_only_when_its_change_is_durable() -> None:
    store = HeldStore()

    async def tell(driver: LiveDriver, clerk: Clerk, url: str) -> None:
        client = HttpClient()
        async with asyncio.TaskGroup() as tasks:
            asking = tasks.create_task(client.call(call(url)))
            await store.arrived.wait()
            assert not asking.done()
            for _, durable in store.batches:
                durable()
            outcome = await asking
        assert isinstance(outcome, Response)
        await client.close()

    story(tell, store)


def test_an_action_waits_for_what_was_done_before_it_to_be_durable() -> None:
    store = HeldStore()
    done: list[str] = []

    async def tell(driver: LiveDriver, clerk: Clerk, url: str) -> None:
        driver.tell("clerk", "x")
        driver.when_durable(lambda: done.append("durable"))
        driver.when_done(lambda: done.append("done"))
        driver.pump()
        driver.when_durable(lambda: done.append("after it"))  # without a change of its own
        driver.pump()
        assert done == []
        while store.batches:
            store.batches.pop(0)[1]()
        await driver.until(lambda: len(done) == 3)

    story(tell, store)
    assert done == ["durable", "done", "after it"]


def test_without_a_store_an_action_is_done_at_the_next_pump() -> None:
    done: list[str] = []

    async def tell(driver: LiveDriver, clerk: Clerk, url: str) -> None:
        driver.when_durable(lambda: done.append("durable"))
        await driver.until(lambda: bool(done))

    story(tell)


class FullStore(HeldStore):
    """A disk without room: says so as soon as something is to be written."""

    def put(self, changes: list[Row], durable: Callable[[], object]) -> None:
        super().put(changes, durable)
        self.failed(StateNotKept("file", "the disk is full"))


def test_a_store_that_fails_ends_the_driver_at_once_and_nothing_is_released() -> None:
    store = FullStore()
    done: list[str] = []

    async def tell(driver: LiveDriver, clerk: Clerk, url: str) -> None:
        driver.when_durable(lambda: done.append("never"))
        await driver.until(lambda: False)

    with pytest.raises(StateNotKept, match="the disk is full"):
        story(tell, store)
    assert done == []


TICKS = 60_000


class Ticker(Clerk):
    """Counts up, one tick a second, and answers how far it is."""

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        self.got.append((now, event))
        if isinstance(event, Arrived):
            return [Respond(event.exchange, Response(200, (), b"%d" % len(self.got)))]
        self.notes[0] = "tick"
        return [At(now + SECOND, "tick")] if len(self.got) < TICKS else []


def test_a_long_way_is_gone_in_slices_between_which_others_are_served() -> None:
    """Each thing still happens at its own instant, and a request between them at the instant that was reached."""
    store = Straight()
    seen: list[int] = []

    async def tell(driver: LiveDriver, clerk: Clerk, url: str) -> None:
        arrived = asyncio.Event()
        driver.tell("clerk", "tick")
        driver.advance(2 * TICKS * SECOND)
        driver.when_done(arrived.set)
        client = HttpClient()
        while not arrived.is_set():
            outcome = await client.call(call(url))
            assert isinstance(outcome, Response)
            seen.append(int(outcome.body))
        await client.close()

    clerk = story(tell, store, Ticker())
    ticks = [now for now, event in clerk.got if event == "tick"]
    assert ticks == [ticks[0] + number * SECOND for number in range(len(ticks))]
    assert len(seen) > 2
    assert 0 < seen[0] < TICKS
    assert len(clerk.got) >= TICKS
    assert [now for now, _ in clerk.got] == sorted(now for now, _ in clerk.got)


class Straight(HeldStore):
    """Everything is durable at once. Notes how many commits it was."""

    def put(self, changes: list[Row], durable: Callable[[], object]) -> None:
        self.batches.append(([], durable))
        durable()


def test_the_disk_is_not_left_far_behind() -> None:
    """Of the slices of a long way only so many are taken before one of them is durable."""
    store = HeldStore()

    async def tell(driver: LiveDriver, clerk: Clerk, url: str) -> None:
        done = asyncio.Event()
        driver.tell("clerk", "tick")
        driver.advance(2 * TICKS * SECOND)
        driver.when_done(done.set)
        most = 0
        while not done.is_set():
            for _ in range(50):
                await asyncio.sleep(0)
            most = max(most, len(store.batches))
            while store.batches:
                store.batches.pop(0)[1]()
            await asyncio.sleep(0)
        assert most <= 20

    story(tell, store, Ticker())


def test_calls_under_way_at_a_kill_go_out_once_more() -> None:
    """The first world is left with an open call, as a kill leaves it; the second one makes it again."""
    first = World(1, Trace(hashed=False))
    first.add(Clerk())
    first.inject("clerk", [call("127.0.0.1:1")])
    first.step()
    rows = first.snapshot()
    second = World(1, Trace(hashed=False))
    second.add(Clerk())
    second.restore(rows)
    assert [item.command for item in second.outward] == [call("127.0.0.1:1")]


def test_a_url_that_no_request_can_have_fails_its_call_and_nothing_else() -> None:
    async def tell(driver: LiveDriver, clerk: Clerk, url: str) -> None:
        driver.tell("clerk", [call("127.0.0.1:abc"), call(url, "/y")])
        await driver.until(lambda: len(answers(clerk)) == 2)

    outcomes = answers(story(tell))
    assert [outcome.kind for outcome in outcomes if isinstance(outcome, ConnectFailed)] == ["invalid"]
    assert [outcome.status for outcome in outcomes if isinstance(outcome, Response)] == [200]


def test_a_world_that_is_ahead_of_the_clock_goes_on_from_its_own_time() -> None:
    async def tell(driver: LiveDriver, clerk: Clerk, url: str) -> None:
        driver.world.now = START + 3600 * SECOND
        driver.tell("clerk", "x")
        await driver.until(lambda: len(clerk.got) == 1)
        assert driver.now == START + 3600 * SECOND

    assert story(tell).got[0][0] == START + 3600 * SECOND


def test_an_answer_to_a_client_of_an_earlier_process_is_dropped() -> None:
    async def tell(driver: LiveDriver, clerk: Clerk, url: str) -> None:
        driver.tell("clerk", [Respond("old-1", Response(200)), Chunk("old-2", b"x"), call(url)])
        await driver.until(lambda: bool(answers(clerk)))

    assert answers(story(tell))[0].status == 200


def test_calls_that_are_broken_off_are_made_no_longer() -> None:
    """Neither those that wait for their answer, nor those that were about to go out."""
    heard: list[str] = []

    class Deaf:
        """Never hears an answer; tells which calls were made, and which of them were given up."""

        def __init__(self) -> None:
            self.told: asyncio.Queue[str] = asyncio.Queue()

        async def call(self, call: Call, **_more: Any) -> Outcome:
            self.told.put_nowait(f"made {call.exchange}")
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.told.put_nowait(f"given up {call.exchange}")
                raise
            raise AssertionError

    async def main() -> None:
        world, client = World(1, Trace(hashed=False), start_at=clock(), draws_order=False), Deaf()
        world.add(Clerk())
        async with LiveDriver(world, client=client, clock=clock) as driver:
            driver.tell("clerk", [call("server", "/1")])
            heard.append(await client.told.get())
            world.inject("clerk", [call("server", "/2")])
            world.step()
            driver.break_off_calls()
            heard.append(await client.told.get())
            driver.tell("clerk", [call("server", "/3")])
            heard.append(await client.told.get())

    run(main())
    assert heard == ["made call/1", "given up call/1", "made call/3"]
