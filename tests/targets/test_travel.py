"""A driver whose gateway has a clock of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from harness.adapters.http_client import HttpClient
from harness.adapters.live import wall_clock
from harness.core import At, Command, Tell
from harness.instants import SECOND, Instant
from harness.targets.travel import TravellingDriver
from harness.wire.fcm import StreamClosed, StreamOpened
from harness.world import OUTSIDE, World
from tests.toy_world import Actor


class Journey:
    """A gateway's clock: how far it was moved, and in which steps."""

    def __init__(self) -> None:
        self.steps: list[int] = []

    async def travel(self, duration: int) -> None:
        self.steps.append(duration)


def run(actor: Actor, journey: Journey | None, *, hurries: bool = False) -> tuple[int, float]:
    """Until the actor has heard "end". How far the driver's clock is ahead then, and what that took by the real one."""

    async def main() -> tuple[int, float]:
        world = World(1, start_at=wall_clock(), draws_order=False)
        world.add(actor)
        world.wire(actor.name, "push", OUTSIDE)
        client = HttpClient()
        began = asyncio.get_running_loop().time()
        travel = None if journey is None else journey.travel
        async with TravellingDriver(world, client=client, push_url=None, travel=travel) as driver:
            if hurries:
                driver.hurry(lambda: "end" in actor.events)
            driver.tell(actor.name, "begin")
            await driver.until(lambda: "end" in actor.events)
            ahead = driver.offset
        await client.close()
        return ahead, asyncio.get_running_loop().time() - began

    return asyncio.run(main())


def waits(event: Any, now: Instant) -> Iterable[Command]:
    return [At(now + 600 * SECOND, "end")] if event == "begin" else []


def test_where_no_clock_can_be_moved_time_passes_as_it_does() -> None:
    def soon(event: Any, now: Instant) -> Iterable[Command]:
        return [At(now + SECOND // 10, "end")] if event == "begin" else []

    ahead, _ = run(Actor("actor", soon), None, hurries=True)
    assert ahead < SECOND // 10


def test_the_time_in_which_nothing_happens_is_skipped_in_steps_that_grow() -> None:
    journey = Journey()
    ahead, _ = run(Actor("actor", waits), journey, hurries=True)
    assert ahead == sum(journey.steps)
    assert 590 * SECOND < sum(journey.steps) < 600 * SECOND
    assert journey.steps[0] <= SECOND
    assert max(journey.steps) <= 60 * SECOND
    assert len(journey.steps) > 20


def test_a_stream_of_pushes_outlives_the_network_of_its_phone() -> None:
    def closes(event: Any, now: Instant) -> Iterable[Command]:
        if event != "begin":
            return []
        return [Tell("push", StreamOpened("t", "actor")), Tell("push", StreamClosed("t", "actor")), At(now, "end")]

    run(Actor("actor", closes), Journey())
