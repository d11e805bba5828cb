"""A verdict with the trace that it was read from: what every report is made of."""

from __future__ import annotations

from collections.abc import Sequence

from harness.frozen import frozen
from harness.trace import Entry
from harness.verdict import Verdict

__all__ = ["Outcome", "Person"]


@frozen
class Person:
    """Who has a number in a story: `kind` is `phone` or `contact`."""

    name: str
    number: str
    kind: str


@frozen
class Outcome:
    """What one story came to on one target. A plain value: it crosses processes and is written down.

    `repeat` is the command line (or the Python call) that runs it again. `path` and `line` tell where it stands, "" and
    0 for one written in Python. `hops` are those that the target sees. `trace_hash` is None for a live run.
    """

    verdict: Verdict
    entries: Sequence[Entry]
    seed: int
    repeat: str
    target: str = "embedded"
    path: str = ""
    line: int = 0
    tags: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    hops: tuple[str, ...] = ()
    trace_hash: str | None = None

    @property
    def passed(self) -> bool:
        return self.verdict.passed

    @property
    def title(self) -> str:
        return self.verdict.title
