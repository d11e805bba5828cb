"""What every target is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from harness.capability import Capability, Missing
from harness.outcome import Outcome
from harness.scenario.plan import Scenario

__all__ = ["Target"]


class Target(Protocol):
    """Somewhere where stories run.

    `missing` is what stories cannot have there: one that needs it is skipped, with the reason and the remedy.
    `parallel`: several stories may run at the same time, in processes of their own.
    """

    @property
    def name(self) -> str: ...

    @property
    def missing(self) -> Mapping[Capability, Missing]: ...

    @property
    def parallel(self) -> bool: ...

    def run(self, scenario: Scenario, seed: int = 1) -> Outcome:
        """What the story comes to. A story that fails raises nothing; `ServerError`, `UsageError` for what keeps it
        from being run."""
        ...

    def close(self) -> None: ...
