"""The embedded gateway, in virtual time or by the real clock."""

from __future__ import annotations

from collections.abc import Mapping

from harness.capability import Capability, Missing
from harness.outcome import Outcome
from harness.scenario.plan import Scenario
from harness.testing import EMBEDDED, LIVE, run_scenario

__all__ = ["EmbeddedLive", "EmbeddedVirtual"]


class EmbeddedVirtual:
    """Time jumps from one thing to the next, and a seed repeats everything."""

    name = EMBEDDED
    parallel = True
    missing: Mapping[Capability, Missing] = {}

    def run(self, scenario: Scenario, seed: int = 1) -> Outcome:
        return run_scenario(scenario, seed)

    def close(self) -> None:
        """Nothing is open."""


class EmbeddedLive:
    """Over sockets on 127.0.0.1, by the real clock."""

    name = LIVE
    parallel = True

    @property
    def missing(self) -> Mapping[Capability, Missing]:
        from harness.live_story import MISSING  # sockets, which a story in virtual time needs not

        return MISSING

    def run(self, scenario: Scenario, seed: int = 1) -> Outcome:
        from harness.live_story import run_scenario_live

        return run_scenario_live(scenario, seed)

    def close(self) -> None:
        """Nothing is open."""
