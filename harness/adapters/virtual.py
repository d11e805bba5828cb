"""The virtual driver: time jumps from one due delivery to the next."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harness.http.values import Call, ConnectFailed
from harness.instants import Instant
from harness.world import World

__all__ = ["rare_collections", "run_virtual"]


def run_virtual(world: World, is_over: Callable[[], bool], until_at: Instant | None = None) -> bool:
    """Steps `world` until `is_over()`, nothing is due any more, or `until_at` is reached. True if it is over.

    What leaves the world finds nobody there: a call fails to resolve its host.
    """
    with rare_collections():
        return _run(world, is_over, until_at)


def _run(world: World, is_over: Callable[[], bool], until_at: Instant | None) -> bool:
    while not is_over():
        if world.outward:
            _refuse(world)
        if not world.step(until_at):
            return False
    return True


@contextmanager
def rare_collections() -> Iterator[None]:
    """The garbage collector looks less often: a world only grows and has no cycles, and its looks cost a quarter.

    Around a row of runs it saves the look after each of them, too: an eighth of a small story.
    """
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _refuse(world: World) -> None:
    outward, world.outward = world.outward, []
    for item in outward:
        if isinstance(item.command, Call):
            host = item.command.request.authority
            world.answer_call(item.core, item.command, ConnectFailed("resolve", f"no {host} in this world"))
