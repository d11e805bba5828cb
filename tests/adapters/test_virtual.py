"""The virtual driver: time jumps, and whoever calls somebody outside finds nobody."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from harness.adapters.virtual import run_virtual
from harness.core import At, Command, Tell
from harness.http.values import Answered, Call, Chunk, ConnectFailed, Respond, Response
from harness.instants import SECOND, Instant
from harness.world import EPOCH_AT, OUTSIDE, World
from tests.toy_world import Actor, get

DAY = 86_400 * SECOND


def world_of(play: Callable[[Any, Instant], Iterable[Command]]) -> tuple[World, Actor]:
    """One actor, to whom "go" comes."""
    actor = Actor("a", play)
    world = World(1)
    world.add(actor)
    world.wire("a", "out", OUTSIDE)
    world.inject("a", "go")
    return world, actor


def ticking(_event: Any, now: Instant) -> list[Command]:
    return [At(now + SECOND, "tick")]


@pytest.mark.parametrize(
    ("ticks", "until_at", "is_over", "now"),
    [
        (5, None, True, EPOCH_AT + 4 * SECOND),
        (5, EPOCH_AT + 2 * SECOND, False, EPOCH_AT + 2 * SECOND),
        (3, EPOCH_AT + 2 * SECOND, True, EPOCH_AT + 2 * SECOND),
        (0, None, True, EPOCH_AT),
    ],
)
def test_a_world_runs_until_it_is_over_or_an_instant_is_reached(
    ticks: int, until_at: Instant | None, is_over: bool, now: Instant
) -> None:
    world, actor = world_of(ticking)
    assert run_virtual(world, lambda: len(actor.came) >= ticks, until_at) is is_over
    assert world.now == now


def test_a_world_in_which_nothing_is_due_is_not_over() -> None:
    world, actor = world_of(lambda _event, _now: ())
    assert run_virtual(world, lambda: False) is False
    assert actor.events == ["go"]


def test_a_day_takes_no_time() -> None:
    world, actor = world_of(lambda event, now: [At(now + DAY, "tomorrow")] if event == "go" else ())
    assert run_virtual(world, lambda: len(actor.came) == 2)
    assert world.now == EPOCH_AT + DAY


def test_a_call_to_somebody_outside_finds_no_such_host() -> None:
    call = Call("c1", "http", get(authority="example.com"))
    world, actor = world_of(lambda event, _now: [call] if event == "go" else ())
    run_virtual(world, lambda: False)
    assert actor.events[1:] == [Answered("c1", ConnectFailed("resolve", "no example.com in this world"))]
    assert world.outward == []


def test_a_call_that_had_left_before_finds_nobody_either() -> None:
    """A restored world begins with the calls that were under way, and with nothing else that is due."""
    call = Call("c1", "http", get(authority="example.com"))
    world, _ = world_of(lambda event, _now: [call] if event == "go" else ())
    world.step()
    actor = Actor("a")
    twin = World(1)
    twin.add(actor)
    twin.restore(world.snapshot())
    run_virtual(twin, lambda: False)
    assert [type(event) for event in actor.events[1:]] == [Answered]


def test_what_else_leaves_the_world_is_lost() -> None:
    leaving: list[Command] = [Respond("http-1", Response(200)), Chunk("http-1", b""), Tell("out", "token")]
    world, actor = world_of(lambda _event, _now: leaving)
    run_virtual(world, lambda: False)
    assert (actor.events, world.outward) == (["go"], [])


def test_the_garbage_collector_is_as_before_whatever_happens() -> None:
    before = gc.get_threshold()
    world, _ = world_of(lambda _event, _now: [Tell("@nobody", "hello")])
    with pytest.raises(LookupError):
        run_virtual(world, lambda: False)
    assert gc.get_threshold() == before
