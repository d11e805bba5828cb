"""A story over sockets on 127.0.0.1, by the real clock."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

from harness.adapters.http_client import HttpClient
from harness.adapters.interruptible import run_interruptible
from harness.adapters.live import LiveDriver, wall_clock
from harness.capability import Capability, Missing
from harness.frozen import frozen
from harness.outcome import Outcome
from harness.push.streams import STREAM_PATH
from harness.scenario.plan import Scenario
from harness.serving import Host
from harness.staging import Stage, stage
from harness.standin import Pace
from harness.testbed import Places
from harness.testing import LIVE, ended, not_run
from harness.trace import Trace

__all__ = ["MISSING", "Outfit", "play_live", "run_scenario_live"]

MISSING: Mapping[Capability, Missing] = MappingProxyType(
    {
        Capability.VIRTUAL_TIME: Missing(
            Capability.VIRTUAL_TIME, "by the real clock no time is exact", "run it without --live"
        )
    }
)
"""What stories cannot have here. None needs it by its nature: their authors say so."""

_SETTLE_S = 2.0  # what is still under way when a story ends may take so long
# What has left one socket and not yet come out of the other is neither a call nor due. On one machine, in one loop,
# that is a matter of microseconds.
_STILL_S = 0.05


@frozen
class Outfit:
    """What a target makes of a live story: `prepare` changes its world before it begins, `driver` carries it.

    Whatever is due within `waits` (ns) is waited for; time that would be longer is skipped. `options` are those of the
    command that repeats the story.
    """

    target: str = LIVE
    options: str = "--live"
    driver: Callable[..., LiveDriver] = LiveDriver
    prepare: Callable[[Stage], object] = lambda _staged: None
    waits: int = 0
    settle_s: float = _SETTLE_S


def run_scenario_live(scenario: Scenario, seed: int = 1) -> Outcome:
    """Runs a story by the real clock: API, push, phones and webhooks talk through sockets on 127.0.0.1.

    A story with `skip`, and one that requires exact times, is not run. Raises as `run_scenario` does.
    """
    reason = scenario.skip or _lack(scenario)
    if reason is not None:
        return not_run(scenario, seed, reason, target=LIVE, options="--live")
    return run_interruptible(play_live(scenario, seed, Outfit()))


def _lack(scenario: Scenario) -> str | None:
    """Why the story cannot run by the real clock, and on a line of its own what to do about it."""
    lacks = [MISSING[capability] for capability in scenario.requires if capability in MISSING]
    return f"it requires {lacks[0].capability.value}: {lacks[0].reason}\n{lacks[0].remedy}" if lacks else None


async def play_live(scenario: Scenario, seed: int, outfit: Outfit) -> Outcome:
    """Plays a story that can be run. Raises as `run_scenario` does, and what the driver raises."""
    gateway, hooks = Host("http"), Host("hook", lambda _request: "receiver")
    client = HttpClient(follows_up=False)
    try:
        url = f"http://127.0.0.1:{await gateway.server.start('127.0.0.1', 0)}"
        hook = f"http://127.0.0.1:{await hooks.server.start('127.0.0.1', 0)}/events"
        staged = stage(
            scenario,
            seed,
            places=Places(url, url, hook),
            pace=Pace.INSTANT,
            trace=Trace(hashed=False),
            linked=False,
            start_at=wall_clock(),
            draws_order=False,
            built_in_push=False,
        )
        outfit.prepare(staged)
        bed, run = staged.bed, staged.run
        servers = {gateway.prefix: gateway.server, hooks.prefix: hooks.server}
        driver = outfit.driver(bed.world, client=client, servers=servers, push_url=url + STREAM_PATH)
        async with driver:
            gateway.open(driver)
            hooks.open(driver)
            staged.start()
            driver.pump_soon()
            await _play(driver, lambda: run.verdict is not None, outfit.waits)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(outfit.settle_s):
                    await driver.quiet()
        return ended(scenario, staged, seed, target=outfit.target, options=outfit.options)
    finally:
        await gateway.server.close()
        await hooks.server.close()
        await client.close()


async def _play(driver: LiveDriver, is_over: Callable[[], bool], waits: int) -> None:
    """Until it is over. While nothing is under way the clock goes on to what is due next: nobody waits for an hour."""
    over = asyncio.ensure_future(driver.until(is_over))
    try:
        while not over.done():
            await driver.quiet()
            seen = driver.world.trace.count
            await asyncio.wait([over], timeout=_STILL_S)
            due_at = driver.world.next_due_at
            if not driver.is_quiet or driver.world.trace.count != seen or due_at is None or over.done():
                continue
            if due_at - driver.now > waits or not waits:
                driver.advance(max(0, due_at - driver.now))
    finally:
        over.cancel()
    await over
