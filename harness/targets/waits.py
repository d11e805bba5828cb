"""How long a story has to wait where time cannot jump. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from harness.carrier_rules import Late
from harness.delays import Fixed
from harness.instants import SECOND
from harness.scenario.plan import (
    Advance,
    Carrier,
    Expect,
    Fault,
    Never,
    Scenario,
    Send,
    Step,
    every_step,
)

__all__ = ["SHORT", "SLOW", "longest_wait"]

SHORT = 15 * SECOND
"""So long any story may wait."""

SLOW = 60 * SECOND
"""So long one may wait that is allowed to be slow."""


def longest_wait(scenario: Scenario) -> tuple[int, Step] | None:
    """The longest time (ns) that the story is sure to wait at a stretch, and its step; None: it waits for nothing."""
    waits = [(wait, step) for step in every_step(scenario.steps) for wait in _waits(step.what)]
    return max(waits, key=lambda wait: wait[0], default=None)


def _waits(what: Any) -> Iterator[int]:
    match what:
        case Advance(duration) | Never(duration=duration):
            yield duration
        case Expect(within=within, at_most=int()):
            yield within
        case Send(later=int() as later):
            yield later
        case Fault(delay=delay):
            yield delay
        case Carrier(rules):
            yield from (
                rule.delay.delay_ns for rule in rules if isinstance(rule, Late) and isinstance(rule.delay, Fixed)
            )
        case _:
            pass
