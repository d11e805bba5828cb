"""Small cores that do something of everything, and a world of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from harness.core import At, Command, Core, Record, Table, Tell
from harness.draws import Draws
from harness.http.values import Answered, Arrived, Call, Limits, Request, Respond, Response
from harness.instants import MS, Instant
from harness.trace import Entry, Trace
from harness.world import World

SITE = "server.internal"


class Actor(Core):
    """Does what `play` says, and keeps what came: number → (instant, event)."""

    TABLES: ClassVar[tuple[str, ...]] = ("came",)

    def __init__(self, name: str, play: Callable[[Any, Instant], Iterable[Command]] = lambda _event, _now: ()) -> None:
        super().__init__(name, Draws(0, name))
        self.play = play
        self.came: Table[int, tuple[Instant, Any]] = Table()

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        self.came[len(self.came)] = (now, event)
        return list(self.play(event, now))

    @property
    def events(self) -> list[Any]:
        return [event for _, event in self.came.values()]


class Witness(Actor):
    """An actor that reads the trace: `play` is for entries."""

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        return []

    def watch(self, entry: Entry, now: Instant) -> list[Command]:
        self.came[len(self.came)] = (now, entry.kind)
        return list(self.play(entry, now))


def get(path: str = "/", authority: str = SITE) -> Request:
    return Request("GET", "http", authority, path.encode())


class Gossip(Core):
    """Passes a number on until it is zero: tells others, sets itself timers, calls the server, writes it all down."""

    TABLES: ClassVar[tuple[str, ...]] = ("heard", "counts")

    def __init__(self, name: str, draws: Draws, others: tuple[str, ...]) -> None:
        super().__init__(name, draws)
        self.others = others
        self.heard: Table[int, tuple[int, str]] = Table()
        self.counts: Table[str, int] = Table({"calls": 0})

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case int():
                return list(self._pass_on(event, now))
            case Answered(exchange, outcome):
                return [Record("client", "answered", None, {"exchange": exchange, "outcome": type(outcome).__name__})]
            case _:
                raise AssertionError(event)

    def _pass_on(self, number: int, now: Instant) -> Iterator[Command]:
        self.heard[len(self.heard)] = (number, self.draws.uuid4())
        yield Record("phone", "heard", f"m{number}", {"by": self.name, "number": number})
        if number == 0:
            return
        for _ in range(self.draws.between(0, 2)):
            other = self.others[self.draws.between(0, len(self.others) - 1)]
            yield Tell(f"@{other}", number - 1)
        if self.draws.between(0, 1):
            yield At(now + self.draws.between(0, 3) * MS, number - 1)
        if self.draws.between(0, 2) == 0:
            calls = self.counts["calls"] + 1
            self.counts["calls"] = calls
            yield Call(f"call-{calls}", self.name, get(f"/{self.draws.between(0, 9)}"), Limits(read_s=0.002))
        if len(self.heard) > 3:
            # Rows that go make the order of those that stay interesting.
            self.heard.drop(next(iter(self.heard)))


class Server(Core):
    """Answers `/0` at once, `/9` never, and what is between after as many milliseconds."""

    TABLES: ClassVar[tuple[str, ...]] = ("open",)

    def __init__(self, name: str, draws: Draws) -> None:
        super().__init__(name, draws)
        self.open: Table[str, int] = Table()

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Arrived(exchange, request):
                delay = int(request.path[1:] or 0)
                if delay == 0:
                    return [Respond(exchange, Response(200))]
                if delay < 9:
                    self.open[exchange] = delay
                    return [At(now + delay * MS, ("answer", exchange))]
                return []
            case ("answer", exchange):
                self.open.drop(exchange)
                return [Record("api", "late", None, {}), Respond(exchange, Response(200))]
            case _:
                raise AssertionError(event)


NAMES = ("ann", "ben", "cyd")


def gossip_world(seed: int, *, draws_order: bool = True) -> World:
    """Three gossips and a server; nothing is due yet."""
    world = World(seed, Trace(), draws_order=draws_order)
    for name in NAMES:
        world.add(Gossip(name, world.draws(name), NAMES))
    world.add(Server("server", world.draws("server")))
    world.site(SITE, "server")
    return world


def begun(seed: int, number: int = 6, *, draws_order: bool = True) -> World:
    """A world in which everybody has heard of `number`."""
    world = gossip_world(seed, draws_order=draws_order)
    for name in NAMES:
        world.inject(name, number)
    return world


def run(world: World, steps: int = 10**6) -> World:
    """So many steps, or all of them."""
    while steps and world.step():
        steps -= 1
    return world


def future(world: World, known: int) -> list[Entry]:
    """What was written after the first `known` entries."""
    return [entry for entry in world.trace.entries if entry.number >= known]
