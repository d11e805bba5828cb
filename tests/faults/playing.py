"""Stories with faults in them, in virtual time and over sockets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.cast import ContactSpec, PhoneSpec
from harness.instants import SECOND
from harness.live_story import run_scenario_live
from harness.outcome import Outcome
from harness.report import as_text
from harness.scenario.plan import Scenario, Send, Step
from harness.testing import run_scenario
from harness.trace import Entry

__all__ = ["ALICE", "BOB", "HELLO", "S", "played", "played_live", "seen"]

ALICE, BOB = PhoneSpec("alice", "+18005550199"), ContactSpec("bob", "+18005550100")
S = SECOND
HELLO = Step(Send("alice", ("bob",), "Hello"), alias="hello")


def played(*steps: Any) -> list[Entry]:
    """A story that goes as told; its trace. Nothing is broken but what it means to break."""
    return _entries(run_scenario, steps)


def played_live(*steps: Any) -> list[Entry]:
    """The same over sockets on 127.0.0.1, by the real clock."""
    return _entries(run_scenario_live, steps)


def _entries(run: Callable[[Scenario], Outcome], steps: Sequence[Any]) -> list[Entry]:
    told = tuple(what if isinstance(what, Step) else Step(what) for what in steps)
    outcome = run(Scenario("s", (ALICE,), (BOB,), told))
    assert outcome.passed, as_text(outcome)
    return list(outcome.entries)


def seen(entries: Sequence[Entry], hop: str, *kinds: str) -> list[str]:
    """The kinds of a hop's entries, in order: all, or these."""
    return [entry.kind for entry in entries if entry.hop == hop and (not kinds or entry.kind in kinds)]
