"""The kernel: who gets what, when and in which order; time limits; faults; forks; snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import Apart, At, Command, Core, LetThrough, Lift, Pause, Place, Record, Resume, Tell
from harness.draws import Draws
from harness.http.values import (
    Answered,
    Arrived,
    Call,
    Chunk,
    Closed,
    HangUp,
    Limits,
    Outcome,
    Respond,
    Response,
    TimedOut,
)
from harness.instants import MS, SECOND, Instant, ns
from harness.plain import dump, load
from harness.world import EPOCH_AT, OUTSIDE, Outward, Row, World
from tests.toy_world import NAMES, SITE, Actor, Gossip, Server, Witness, begun, future, get, gossip_world, run

SEEDS = st.integers(0, 2**32)
OK = Response(200)


def world_of(*cores: Core, seed: int = 1, draws_order: bool = True) -> World:
    world = World(seed, draws_order=draws_order)
    for core in cores:
        world.add(core)
    return world


def saying(*commands: Command) -> Callable[[Any, Instant], Iterable[Command]]:
    """Emits these at the event "go", nothing at any other."""
    return lambda event, _now: commands if event == "go" else ()


def after(delay_s: float, event: Any) -> tuple[Instant, Any]:
    return EPOCH_AT + ns(delay_s), event


# -- routes --------------------------------------------------------------------------------------------------------


def test_a_port_leads_where_it_is_wired_and_a_name_to_its_core() -> None:
    sender = Actor("sender", saying(Tell("out", "by wire"), Tell("@other", "by name")))
    listener, other = Actor("listener"), Actor("other")
    world = world_of(sender, listener, other)
    world.wire("sender", "out", "listener")
    world.inject("sender", "go")
    run(world)
    assert (listener.events, other.events) == (["by wire"], ["by name"])


@pytest.mark.parametrize("port", ["out", "@nobody"])
def test_a_port_that_leads_nowhere_is_a_slip_of_the_builder(port: str) -> None:
    world = world_of(Actor("sender", saying(Tell(port, "hello"))))
    world.inject("sender", "go")
    with pytest.raises(LookupError, match="sender"):
        run(world)


def test_two_cores_cannot_have_one_name() -> None:
    world = world_of(Actor("a"))
    with pytest.raises(ValueError, match="two cores named a"):
        world.add(Actor("a"))


@pytest.mark.parametrize("is_paused", [False, True])
@pytest.mark.parametrize("is_kept", [False, True])
def test_a_core_that_is_taken_out_hears_nothing_more_even_when_it_is_back(is_paused: bool, is_kept: bool) -> None:
    gone = Actor("gone", saying(Call("one", "gone", get(authority="far.test"))))
    world = world_of(Actor("other"), gone)
    if is_kept:
        world.keep()
    world.inject("gone", "go")
    world.step()
    assert world.outward
    world.inject("gone", "never", due_at=EPOCH_AT + 1)
    world.inject("other", "go", due_at=EPOCH_AT + 2)
    if is_paused:
        world.pause("gone")
        world.step()
    world.remove("gone")
    assert (world.open_calls, world.outward, world.next_due_at) == ({}, [], EPOCH_AT + 2)
    run(world)
    world.add(gone)
    run(world)
    assert (gone.events, world.is_paused("gone")) == (["go"], False)
    world.check(world.snapshot())
    assert not [row for row in world.changes() if row[:2] == ("", "due") and row[3] is not None]


def test_a_witness_that_is_taken_out_sees_nothing_more() -> None:
    witness = Witness("witness")
    world = world_of(Actor("speaker", saying(Record("api", "seen"))), witness)
    world.remove("witness")
    world.inject("speaker", "go")
    run(world)
    assert witness.events == []


def test_what_leaves_the_world_waits_for_the_driver() -> None:
    call = Call("c1", "http", get(authority="example.com"))
    emitted = (Tell("out", "token"), call, Respond("http-1", OK), Chunk("http-1", b"x"))
    world = world_of(Actor("phone", saying(Record("phone", "began"), *emitted)))
    world.wire("phone", "out", OUTSIDE)
    world.inject("phone", "go")
    run(world)
    assert world.outward == [Outward("phone", command, 0) for command in emitted]


# -- time and order ------------------------------------------------------------------------------------------------


def test_time_jumps_to_what_is_due_and_never_back() -> None:
    actor = Actor(
        "a", lambda event, now: [At(now + SECOND, "later"), At(now - SECOND, "past")] if event == "go" else ()
    )
    world = world_of(actor)
    world.inject("a", "go", due_at=EPOCH_AT + 2 * SECOND)
    assert world.next_due_at == EPOCH_AT + 2 * SECOND
    run(world)
    assert list(actor.came.values()) == [after(2, "go"), after(2, "past"), after(3, "later")]
    assert world.next_due_at is None
    assert world.step() is False


def test_running_until_an_instant_includes_it_and_stands_there() -> None:
    actor = Actor("a")
    world = world_of(actor)
    for delay_s in (1, 2, 3):
        world.inject("a", delay_s, due_at=EPOCH_AT + delay_s * SECOND)
    world.run_until(EPOCH_AT + 2 * SECOND)
    assert actor.events == [1, 2]
    world.run_until(EPOCH_AT + 2 * SECOND + MS)
    assert world.now == EPOCH_AT + 2 * SECOND + MS


def order_of(seed: int, *, draws_order: bool = True) -> list[Any]:
    """In which order four events come that are due at one instant."""
    actor = Actor("a")
    world = world_of(actor, seed=seed, draws_order=draws_order)
    for number in range(4):
        world.inject("a", number)
    run(world)
    return actor.events


def test_the_seed_orders_equal_instants() -> None:
    orders = {tuple(order_of(seed)) for seed in range(200)}
    assert len(orders) == 24
    assert order_of(5) == order_of(5)


def test_without_drawn_order_equal_instants_come_as_they_arose() -> None:
    assert {tuple(order_of(seed, draws_order=False)) for seed in range(20)} == {(0, 1, 2, 3)}


class Slow:
    """Holds every second tell back by a drawn time."""

    name = "slow"

    def __init__(self) -> None:
        self.seen = 0

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        self.seen += isinstance(command, Tell)
        return [(draws.between(0, 3), command)] if self.seen % 2 else None

    def fork(self) -> Slow:
        twin = Slow()
        twin.seen = self.seen
        return twin


@given(SEEDS, st.booleans(), st.booleans())
def test_what_one_core_tells_another_keeps_its_order(seed: int, is_slow: bool, draws_order: bool) -> None:
    def chatter(event: Any, now: Instant) -> list[Command]:
        tells: list[Command] = [Tell("@listener", event * 3 + more) for more in range(3)]
        return [*tells, At(now + (event % 3), event + 1)] if event < 10 else []

    listener = Actor("listener")
    world = world_of(Actor("chatter", chatter), listener, seed=seed, draws_order=draws_order)
    if is_slow:
        world.fault("chatter", Slow())
    world.inject("chatter", 0)
    run(world)
    assert listener.events == list(range(30))


@given(SEEDS)
def test_what_a_core_emits_in_one_step_keeps_its_order_among_equal_instants(seed: int) -> None:
    """Also when one of its listeners has to wait for what it was told before."""
    seen: list[Any] = []

    def listen(event: Any, _now: Instant) -> list[Command]:
        seen.append(event)
        return []

    def speak(event: Any, now: Instant) -> list[Command]:
        if event != "go":
            return listen(event, now)
        return [Tell("@one", (0, "one")), Tell("@one", (1, "one")), Tell("@two", 2), At(now, 3), Tell("@one", 4)]

    world = world_of(Actor("speaker", speak), Actor("one", listen), Actor("two", listen), seed=seed)
    world.inject("speaker", "go")
    world.inject("speaker", "go")
    run(world)
    for part in (seen[:5], seen[5:]):
        assert part == [(0, "one"), (1, "one"), 2, 3, 4]


# -- the trace -----------------------------------------------------------------------------------------------------


def test_what_follows_a_record_is_caused_by_it() -> None:
    def play(event: Any, now: Instant) -> list[Command]:
        if event == "go":
            return [Record("phone", "one"), Tell("@b", "told"), Record("phone", "two"), At(now, "timer")]
        return [Record("phone", str(event))]

    world = world_of(Actor("a", play), Actor("b", play))
    world.inject("a", "go", cause=None)
    run(world)
    causes = {entry.kind: entry.cause for entry in world.trace.entries}
    assert causes == {"one": None, "two": 0, "told": 0, "timer": 1}


def test_a_cause_goes_through_a_call_and_back() -> None:
    def client(event: Any, _now: Instant) -> list[Command]:
        if event == "go":
            return [Record("client", "send"), Call("c1", "http", get())]
        return [Record("client", "answered")]

    def server(event: Any, _now: Instant) -> list[Command]:
        return [Record("api", "GET /"), Respond(event.exchange, OK)]

    world = world_of(Actor("client", client), Actor("server", server))
    world.site(SITE, "server")
    world.inject("client", "go")
    run(world)
    assert [(entry.kind, entry.cause) for entry in world.trace.entries] == [
        ("send", None),
        ("GET /", 0),
        ("answered", 1),
    ]


def test_a_witness_sees_every_entry_and_its_own_are_seen_too() -> None:
    def answer(entry: Any, _now: Instant) -> list[Command]:
        return [Record("harness", "noticed"), Tell("@actor", "noticed")] if entry.kind == "done" else []

    actor = Actor("actor", saying(Record("phone", "begun"), Record("phone", "done")))
    witness = Witness("witness", answer)
    world = world_of(actor, witness)
    world.inject("actor", "go")
    run(world)
    assert witness.events == ["begun", "done", "noticed"]
    assert actor.events == ["go", "noticed"]


# -- calls ---------------------------------------------------------------------------------------------------------


def test_a_site_is_one_core_or_chosen_by_the_request() -> None:
    def play(event: Any, _now: Instant) -> list[Command]:
        return [Respond(event.exchange, Response(200, (), event.request.target))]

    client = Actor("client", saying(Call("c1", "http", get("/a")), Call("c2", "http", get("/b", "other.internal"))))
    one, two = Actor("one", play), Actor("two", play)
    world = world_of(client, one, two, draws_order=False)
    world.site(SITE, lambda request: "one" if request.path == "/a" else "two")
    world.site("other.internal", "two")
    world.inject("client", "go")
    run(world)
    assert client.events[1:] == [
        Answered("c1", Response(200, (), b"/a")),
        Answered("c2", Response(200, (), b"/b")),
    ]
    assert (len(one.came), len(two.came)) == (1, 1)


def asked(limits: Limits, delays_s: Sequence[float], fault: Any = None) -> list[tuple[Instant, Outcome]]:
    """What a caller hears whose server answers after the delays (in s), again and again."""

    def server(event: Any, now: Instant) -> list[Command]:
        if isinstance(event, Arrived):
            return [At(now + ns(delay_s), event.exchange) for delay_s in delays_s]
        return [Respond(event, OK)]

    client = Actor("client", saying(Call("c1", "http", get(), limits)))
    world = world_of(client, Actor("server", server))
    world.site(SITE, "server")
    if fault is not None:
        world.fault(*fault)
    world.inject("client", "go")
    run(world)
    assert not world.open_calls or not any((limits.read_s, limits.total_s, *delays_s))
    return [(at, event.outcome) for at, event in list(client.came.values())[1:]]


ANY = Limits(None, None, None, None)


@pytest.mark.parametrize(
    ("limits", "delays_s", "expected"),
    [
        (ANY, [0], after(0, OK)),
        (ANY, [3600], after(3600, OK)),
        (ANY, [], None),
        (Limits(read_s=10), [9.9], after(9.9, OK)),
        (Limits(read_s=10), [10.1], after(10, TimedOut("read"))),
        (Limits(read_s=10), [], after(10, TimedOut("read"))),
        (Limits(read_s=10, total_s=5), [6], after(5, TimedOut("total"))),
        (Limits(read_s=5, total_s=10), [6], after(5, TimedOut("read"))),
        (Limits(read_s=None, total_s=5), [], after(5, TimedOut("total"))),
        # An answer that comes again, or too late, reaches nobody.
        (Limits(read_s=10), [1, 2, 3], after(1, OK)),
        (Limits(read_s=10), [20, 30], after(10, TimedOut("read"))),
    ],
)
def test_a_call_is_answered_once_within_its_limits(
    limits: Limits, delays_s: list[float], expected: tuple[Instant, Outcome] | None
) -> None:
    assert asked(limits, delays_s) == ([] if expected is None else [expected])


def test_the_limit_of_an_old_call_does_not_end_a_new_one_of_the_same_name() -> None:
    """Nothing keeps a core from using a name again."""
    heard: list[Any] = []

    def client(event: Any, now: Instant) -> list[Command]:
        call = Call("login-0", "http", get(), Limits(read_s=10))
        match event:
            case "go":
                return [call, At(now + 8 * SECOND, "again")]
            case "again":
                return [call]
            case Answered(_, outcome):
                heard.append((now - EPOCH_AT, outcome))
        return []

    def server(event: Any, now: Instant) -> list[Command]:
        return [At(now + 5 * SECOND, event.exchange)] if isinstance(event, Arrived) else [Respond(event, OK)]

    world = world_of(Actor("client", client), Actor("server", server))
    world.site(SITE, "server")
    world.inject("client", "go")
    run(world)
    assert heard == [(5 * SECOND, OK), (13 * SECOND, OK)]


def test_the_driver_answers_a_call_that_left_and_late_answers_are_dropped() -> None:
    call = Call("c1", "http", get(authority="example.com"))
    client = Actor("client", saying(call))
    world = world_of(client)
    world.inject("client", "go")
    run(world)
    world.answer_call("client", replace(call), Response(500))  # of the same name, but of an earlier world
    world.answer_call("client", call, OK)
    world.answer_call("client", call, Response(500))
    world.answer_call("client", replace(call, exchange="c2"), Response(500))
    run(world)
    assert client.events[1:] == [Answered("c1", OK)]


# -- faults --------------------------------------------------------------------------------------------------------


class Changing:
    """A fault by a function: command → what comes of it, or None."""

    name = "changing"

    def __init__(self, change: Callable[[Command], Sequence[tuple[int, Command]] | None]) -> None:
        self.change = change

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        return self.change(command)

    def fork(self) -> Changing:
        return self


def late(delay_s: float, kind: type = Tell) -> Changing:
    return Changing(lambda command: [(ns(delay_s), command)] if isinstance(command, kind) else None)


def twice() -> Changing:
    return Changing(lambda command: [(0, command), (0, command)] if isinstance(command, Tell) else None)


def lost() -> Changing:
    return Changing(lambda command: [(0, Record("push", "lost"))] if isinstance(command, Tell) else None)


@pytest.mark.parametrize(
    ("faults", "came", "entries"),
    [
        ([], [after(0, "hello")], 0),
        ([late(1)], [after(1, "hello")], 0),
        ([late(1), late(2)], [after(3, "hello")], 0),
        ([late(1), twice()], [after(1, "hello"), after(1, "hello")], 0),
        ([twice(), late(1), twice()], [after(1, "hello")] * 4, 0),
        ([twice(), lost()], [], 2),
        ([lost(), twice()], [], 1),
    ],
)
def test_faults_compose(faults: list[Changing], came: list[Any], entries: int) -> None:
    listener = Actor("listener")
    world = world_of(Actor("sender", saying(Tell("@listener", "hello"))), listener)
    for fault in faults:
        world.fault("sender", fault)
    world.inject("sender", "go")
    run(world)
    assert list(listener.came.values()) == came
    assert world.trace.count == entries


def test_a_core_can_have_a_fault_placed_behind_another() -> None:
    listener = Actor("listener")
    world = world_of(
        Actor("story", saying(Place("sender", late(1)), Tell("@sender", "go"))),
        Actor("sender", saying(Tell("@listener", "hello"))),
        listener,
    )
    world.inject("story", "go")
    run(world)
    assert list(listener.came.values()) == [after(1, "hello")]


@pytest.mark.parametrize("who", ["client", "server"])
@pytest.mark.parametrize(
    ("delay_s", "expected"), [(9, after(9, OK)), (11, after(10, TimedOut("read"))), (100, after(10, TimedOut("read")))]
)
def test_the_time_of_a_call_runs_while_a_fault_holds_it_or_its_answer_back(
    who: str, delay_s: float, expected: Any
) -> None:
    kind = Call if who == "client" else Respond
    assert asked(Limits(read_s=10), [0], (who, late(delay_s, kind))) == [expected]


@pytest.mark.parametrize(
    "command",
    [
        Call("c1", "http", get(authority="example.com")),
        Respond("http-1", OK),
        HangUp("http-1"),
        Chunk("http-1", b"x"),
        Tell("out", "token"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_what_a_fault_holds_back_leaves_the_world_later(command: Call | Respond | HangUp | Chunk | Tell) -> None:
    world = world_of(Actor("phone", saying(command)))
    world.wire("phone", "out", OUTSIDE)
    world.fault("phone", late(2, type(command)))
    world.inject("phone", "go")
    world.run_until(EPOCH_AT + 2 * SECOND - 1)
    assert world.outward == []
    world.run_until(EPOCH_AT + 2 * SECOND)
    assert world.outward == [Outward("phone", command, None)]


def test_what_stands_apart_is_overtaken_by_what_is_told_later() -> None:
    listener = Actor("listener")

    def speak(event: Any, now: Instant) -> list[Command]:
        return [Tell("@listener", event)]

    world = world_of(Actor("sender", speak), listener)
    world.fault(
        "sender", Changing(lambda command: [(SECOND, Apart(command))] if command == Tell("@listener", 1) else None)
    )
    for number in (1, 2):
        world.inject("sender", number, due_at=world.now + number)
    run(world)
    assert listener.events == [2, 1]


class Gate(Changing):
    """A fault at the door: event → what is told in its place, after which commands."""

    def __init__(self, name: str, admits: Callable[[Any], tuple[Any, Sequence[Command]] | None]) -> None:
        super().__init__(lambda _command: None)
        self.name = name
        self.admits = admits

    def admit(self, event: Any, draws: Draws) -> tuple[Any, Sequence[Command]] | None:
        return self.admits(event)


@pytest.mark.parametrize(
    ("admitted", "heard", "entries"),
    [
        (None, ["hello"], ["heard"]),
        (("another", []), ["another"], ["heard"]),
        (("another", [Record("api", "changed")]), ["another"], ["changed", "heard"]),
        ((None, [Record("api", "stopped")]), [], ["stopped"]),
    ],
)
def test_a_fault_may_change_or_keep_away_what_comes_to_a_core(admitted: Any, heard: Any, entries: list[str]) -> None:
    listener = Actor("listener", lambda _event, _now: [Record("phone", "heard")])
    world = world_of(listener)
    world.fault("listener", Gate("gate", lambda _event: admitted))
    world.inject("listener", "hello")
    run(world)
    assert listener.events == heard
    assert [entry.kind for entry in world.trace.entries] == entries
    # Each is caused by the one before it.
    assert [entry.cause for entry in world.trace.entries] == [None, 0][: len(entries)]


def test_an_event_comes_through_the_last_fault_first() -> None:
    listener = Actor("listener")
    world = world_of(listener)
    for name in ("near", "far"):
        world.fault("listener", Gate(name, lambda event, name=name: (f"{event} {name}", [])))  # type: ignore[misc]
    world.inject("listener", "hello")
    run(world)
    assert listener.events == ["hello far near"]


@pytest.mark.parametrize(
    ("name", "left"), [("one", ["two"]), ("two", ["one", "one"]), ("three", ["one", "two", "one"])]
)
def test_faults_are_lifted_by_their_name(name: str, left: list[str]) -> None:
    world = world_of(Actor("story", saying(Lift(name))), Actor("a"), Actor("b"))
    for core, known in (("a", "one"), ("a", "two"), ("b", "one")):
        world.fault(core, Gate(known, lambda _event: None))
    world.inject("story", "go")
    run(world)
    assert [fault.name for faults in world.faults.values() for fault in faults] == left
    assert all(world.faults.values())  # who has none left is not asked again


def test_a_caller_that_is_hung_up_on_hears_that_the_connection_closed() -> None:
    def client(event: Any, now: Instant) -> list[Command]:
        return [Call("c", "http", get(), Limits(read_s=10))] if event == "go" else []

    caller = Actor("client", client)
    world = world_of(caller, Actor("server", lambda event, _now: [HangUp(event.exchange)]))
    world.site(SITE, "server")
    world.inject("client", "go")
    run(world)
    assert caller.events == ["go", Answered("c", Closed(sent_all=True))]


# -- the same again ------------------------------------------------------------------------------------------------


@given(SEEDS, st.booleans())
def test_the_same_seed_gives_the_same_trace(seed: int, draws_order: bool) -> None:
    one, other = (run(begun(seed, draws_order=draws_order)) for _ in range(2))
    assert one.trace.hash == other.trace.hash
    assert list(one.trace.entries) == list(other.trace.entries)


def test_another_seed_gives_another_trace() -> None:
    assert len({run(begun(seed)).trace.hash for seed in range(50)}) == 50


# -- forks ---------------------------------------------------------------------------------------------------------


@given(SEEDS, st.integers(0, 120))
def test_twins_go_the_same_way_and_what_happens_to_one_does_not_touch_the_other(seed: int, steps: int) -> None:
    world = run(begun(seed), steps)
    before = dump(tuple(world.snapshot()))
    twin, other = world.fork(), world.fork()
    known = world.trace.count
    run(twin)
    other.inject("ann", 5)
    run(other)
    assert dump(tuple(world.snapshot())) == before
    assert world.trace.count == known
    assert future(other, known) != future(twin, known)
    assert run(world).trace.hash == twin.trace.hash
    assert dump(tuple(world.snapshot())) == dump(tuple(twin.snapshot()))


def test_a_fork_keeps_its_own_faults_wires_and_outward() -> None:
    world = world_of(Actor("sender", saying(Tell("@listener", "hello"), Tell("out", "hello"))), Actor("listener"))
    world.wire("sender", "out", OUTSIDE)
    twin = world.fork()
    twin.wire("sender", "out", "listener")
    twin.site(SITE, "listener")
    twin.fault("sender", late(1))
    for one in (world, twin):
        one.inject("sender", "go")
        run(one)
    assert (len(world.outward), len(twin.outward)) == (1, 0)
    assert (world.now, twin.now) == (EPOCH_AT, EPOCH_AT + SECOND)


def test_a_fork_of_a_kept_world_writes_nothing_down() -> None:
    world = begun(3)
    world.keep()
    run(world, 10)
    world.changes()
    run(world.fork())
    assert world.changes() == []
    assert run(world).trace.hash == run(begun(3)).trace.hash


def test_a_witness_of_a_fork_sees_the_entries_of_the_fork() -> None:
    witness = Witness("witness")
    world = world_of(Actor("actor", saying(Record("phone", "done"))), witness)
    twin = world.fork()
    twin.inject("actor", "go")
    run(twin)
    seen = twin.cores["witness"]
    assert isinstance(seen, Witness)
    assert (seen.events, witness.events) == (["done"], [])


# -- snapshots -----------------------------------------------------------------------------------------------------


def same_future(world: World, twin: World) -> bool:
    """Both are run to their end: what they write from here, and how they stand then."""
    futures = []
    for one in (world, twin):
        known = len(one.trace.entries)
        run(one)
        futures.append((list(one.trace.entries)[known:], dump(tuple(one.snapshot()))))
    return futures[0] == futures[1]


@given(SEEDS, st.integers(0, 120), st.booleans())
def test_a_restored_world_goes_on_like_the_one_it_was_taken_from(seed: int, steps: int, draws_order: bool) -> None:
    world = run(begun(seed, draws_order=draws_order), steps)
    twin = gossip_world(seed, draws_order=draws_order)
    twin.restore(load(dump(tuple(world.snapshot()))))
    assert same_future(world, twin)


@given(SEEDS, st.lists(st.integers(0, 30), max_size=6), st.booleans())
def test_the_changes_together_are_the_snapshot(seed: int, parts: list[int], starts_used: bool) -> None:
    world = begun(seed)
    world.keep()
    told = world.changes()
    for steps in parts:
        run(world, steps)
        told += world.changes()
    twin = gossip_world(seed)
    if starts_used:  # what was there before goes
        for name in NAMES:
            twin.inject(name, 1)
        run(twin, 2)
        twin.trace.count = 0
        twin.now = EPOCH_AT
    twin.restore(load(dump(tuple(told))))
    assert same_future(world, twin)


def test_a_restored_world_tells_its_changes_anew() -> None:
    world = run(begun(4), 20)
    twin = gossip_world(4)
    twin.keep()
    twin.changes()
    twin.restore(world.snapshot())
    again = gossip_world(4)
    again.restore(twin.changes())
    assert dump(tuple(again.snapshot())) == dump(tuple(world.snapshot()))


def test_whoever_keeps_a_world_anew_is_told_everything() -> None:
    world = begun(4)
    world.keep()
    run(world, 20)
    world.changes()
    world.keep()
    twin = gossip_world(4)
    twin.restore(world.changes())
    assert same_future(world, twin)


def test_nothing_changed_is_nothing_to_write() -> None:
    world = begun(1)
    world.keep()
    assert world.changes() != []
    assert world.changes() == []
    world.run_until(EPOCH_AT - 1)
    assert world.changes() == []


def test_a_call_that_was_under_way_goes_out_again_and_one_within_the_world_does_not() -> None:
    calls = (Call("c1", "http", get(authority="example.com")), Call("c2", "http", get("/9")))
    world = world_of(Actor("client", saying(*calls)), Actor("server"))
    world.site(SITE, "server")
    world.inject("client", "go")
    run(world, 1)
    assert [item.command for item in world.outward] == [calls[0]]
    twin = world_of(Actor("client"), Actor("server"))
    twin.site(SITE, "server")
    twin.restore(load(dump(tuple(world.snapshot()))))
    assert [item.command for item in twin.outward] == [calls[0]]
    run(twin)
    assert [type(event) for event in twin.cores["server"].events] == [Arrived]  # type: ignore[attr-defined]
    assert [event.exchange for event in twin.cores["client"].events[1:]] == ["c2"]  # type: ignore[attr-defined]


def test_a_row_of_a_core_that_is_no_more_is_passed_over() -> None:
    world = run(begun(1), 20)
    smaller = World(1)
    smaller.add(Gossip("ann", smaller.draws("ann"), NAMES))
    smaller.restore([row for row in world.snapshot() if row[1] != "due"])
    assert smaller.cores["ann"].tables()["heard"] == world.cores["ann"].tables()["heard"]


def without(rows: list[Row], *at: str) -> list[Row]:
    return [row for row in rows if row[: len(at)] != at]


def test_a_whole_world_is_told_from_a_part_of_one() -> None:
    world = run(begun(1), 20)
    rows = world.snapshot()
    world.check(rows)
    for at in (("", "facts", "now"), ("", "facts", "sequence"), ("", "facts", "entries"), ("", "draws", "")):
        with pytest.raises(ValueError, match="no whole world"):
            world.check(without(rows, *at))


def test_what_is_due_for_somebody_who_is_not_here_makes_no_world_of_this_one() -> None:
    world = begun(1)
    smaller = World(1)
    smaller.add(Gossip("ann", smaller.draws("ann"), NAMES))
    world.inject("bob", 1)
    with pytest.raises(ValueError, match="due for"):
        smaller.check(world.snapshot())


@pytest.mark.parametrize(
    "row",
    [
        ("", "due", 1, "nonsense"),
        ("", "draws", "", "far"),
        ("", "facts", "now", None),
        ("", "facts", "sequence", True),
        ("", "facts", "now", 10**30),
        ("", "draws", "", -1),
        ("", "open_calls", "a", 1),
        ("", "told", {}, 1),
    ],
    ids=lambda row: row[1],
)
def test_a_row_that_no_world_wrote_is_refused_and_changes_nothing(row: Any) -> None:
    world = World(1)
    before = world.snapshot()
    if row[3] is None:  # a row that is gone is no row
        world.restore([*before, row])
        return
    with pytest.raises(ValueError, match="no row of a world"):
        world.restore([row])
    assert world.snapshot() == before


# -- pausing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("draws_order", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_a_pause_changes_the_hour_of_what_a_core_hears_and_not_the_order(seed: int, draws_order: bool) -> None:
    world = World(seed, draws_order=draws_order)
    ann, ben = Actor("ann"), Actor("ben")
    world.add(ann)
    world.add(ben)
    numbers = list(range(6))
    for number in numbers:
        world.inject("ann", number, due_at=EPOCH_AT + number)
        world.inject("ben", number, due_at=EPOCH_AT + number)
    world.pause("ann")
    world.run_until(EPOCH_AT + 10)
    assert (ann.events, ben.events, world.is_paused("ann")) == ([], numbers, True)
    assert [event for _, event in world.awaited("ann")] == numbers
    world.resume("ann")
    run(world)
    assert [(at - EPOCH_AT, event) for at, event in ann.came.values()] == [(10, number) for number in numbers]
    assert not world.is_paused("ann")


def test_a_paused_core_is_led_step_by_step() -> None:
    world = World(1)
    ann = Actor("ann")
    world.add(ann)
    world.inject("ann", "later", due_at=EPOCH_AT + 5)
    world.inject("ann", "first")
    world.pause("ann")
    assert not world.let_through("ann")
    assert world.step()
    assert world.awaited("ann") == [(EPOCH_AT, "first"), (EPOCH_AT + 5, "later")]
    assert world.let_through("ann")
    assert world.step()
    assert (ann.events, world.awaited("ann")) == (["first"], [(EPOCH_AT + 5, "later")])
    with pytest.raises(LookupError, match="no bob"):
        world.pause("bob")


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("leave", ["fork", "snapshot", "changes"])
def test_a_paused_world_is_forked_and_kept_whole(seed: int, leave: str) -> None:
    world = begun(seed)
    world.keep()
    rows = world.changes()
    run(world, 7)
    world.pause("ann")
    run(world)
    twin = world.fork() if leave == "fork" else gossip_world(seed)
    if leave != "fork":
        twin.restore(world.snapshot() if leave == "snapshot" else [*rows, *world.changes()])
        assert run(twin).is_paused("ann")
    known = world.trace.count
    for each in (world, twin):
        each.resume("ann")
        run(each)
    assert future(world, known) == future(twin, known)
    assert world.snapshot() == twin.snapshot()


def test_a_core_pauses_another_and_lets_through() -> None:
    acts = {"pause": Pause("ann"), "let": LetThrough("ann"), "resume": Resume("ann")}
    world = World(1)
    ann, ben = Actor("ann"), Actor("ben", lambda event, _now: [acts[event]])
    world.add(ann)
    world.add(ben)
    seen = []
    for step, word in enumerate(["pause", "let", "let", "resume"]):
        world.inject("ben", word, due_at=EPOCH_AT + step * 10)
        world.inject("ann", step, due_at=EPOCH_AT + step * 10 + 5)
    for end in (9, 19, 29, 39):
        world.run_until(EPOCH_AT + end)
        seen.append(ann.events)
    assert seen == [[], [0], [0, 1], [0, 1, 2, 3]]


def test_calls_that_are_forgotten_have_no_answer() -> None:
    ann = Actor("ann", lambda event, _now: [Call("one", "ann", get(authority="far.test"))] if event == "go" else ())
    world = World(1)
    world.add(ann)
    world.inject("ann", "go")
    run(world)
    ((_, call, _),) = [(item.core, item.command, item.cause) for item in world.outward]
    assert isinstance(call, Call)
    world.forget_calls("ann")
    assert (world.outward, dict(world.open_calls)) == ([], {})
    world.answer_call("ann", call, Response(200))
    run(world)
    assert ann.events == ["go"]


def test_whoever_asks_a_paused_core_does_not_wait_for_ever() -> None:
    ann = Actor("ann", lambda event, _now: [Call("one", "ann", get(), Limits(read_s=0.002))] if event == "go" else ())
    world = World(1)
    world.add(ann)
    world.add(Server("server", world.draws("server")))
    world.site(SITE, "server")
    world.pause("server")
    world.inject("ann", "go")
    run(world)
    assert ann.events == ["go", Answered("one", TimedOut("read"))]
    world.resume("server")
    run(world)
    assert len(ann.events) == 2
