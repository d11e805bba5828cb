"""A story over sockets on 127.0.0.1, by the real clock."""

from __future__ import annotations

import asyncio
import contextlib

from harness.adapters.http_client import HttpClient
from harness.adapters.live import LiveDriver, wall_clock
from harness.push.streams import STREAM_PATH
from harness.scenario import Scenario
from harness.scenario.invariants import judge
from harness.serving import Host
from harness.staging import stage
from harness.standin import Pace
from harness.testbed import Places
from harness.testing import Outcome, repeat_command
from harness.trace import Trace

__all__ = ["run_scenario_live"]

SETTLE_S = 2.0  # what is still under way when a story ends may take so long


def run_scenario_live(scenario: Scenario, seed: int = 1) -> Outcome:
    """Runs a story by the real clock: API, push, phones and webhooks talk through sockets on 127.0.0.1."""
    return asyncio.run(_run_live(scenario, seed))


async def _run_live(scenario: Scenario, seed: int) -> Outcome:
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
        bed, run = staged.bed, staged.run
        servers = {gateway.prefix: gateway.server, hooks.prefix: hooks.server}
        driver = LiveDriver(bed.world, client=client, servers=servers, push_url=url + STREAM_PATH)
        async with driver:
            gateway.open(driver)
            hooks.open(driver)
            staged.start()
            driver.pump_soon()
            await driver.until(lambda: run.verdict is not None)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SETTLE_S):
                    await driver.quiet()
        assert run.verdict is not None
        verdict = judge(run.verdict, bed.trace.entries, scenario.may_break, str(scenario.place))
        return Outcome(verdict, bed.trace, seed, repeat_command(scenario, seed) + " --live")
    finally:
        await gateway.server.close()
        await hooks.server.close()
        await client.close()
