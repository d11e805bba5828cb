"""What holds in every story without being written, as folds over its trace.

A story that means to break one says so (`breaks: one-sms-per-send`). The folds read what the entries say and nothing
else; a hop that a trace does not have is a hop about which nothing can be said. What the protocol does by its nature
(gateway-protocol.md, phone-behaviour.md) breaks none.
"""

from __future__ import annotations

from harness.scenario.invariants.judging import Violation, check, judge, still_open, violations
from harness.scenario.invariants.rules import DESCRIPTIONS, FOLDS, INVARIANTS
from harness.scenario.invariants.story import Story

__all__ = ["DESCRIPTIONS", "FOLDS", "INVARIANTS", "Story", "Violation", "check", "judge", "still_open", "violations"]
