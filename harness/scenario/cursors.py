"""Where a line of steps stands, and what its step has found so far."""

from __future__ import annotations

from harness.frozen import frozen
from harness.instants import Instant
from harness.scenario.steps import Await, AwaitOrder, Do, Forbid, Match, Move, Span, What
from harness.trace import Entry

__all__ = ["Cursor", "time_of"]


@frozen
class Cursor:
    """The line is in its step `number`, which is carried out as `what` (None: a `together`).

    `count`: how many entries its look has found, or how many branches are still open. `last` is the last of those
    entries, `named` the one that made it enough: it gets the step's name.
    """

    number: int = -1
    what: What | None = None
    began_at: Instant = 0
    count: int = 0
    last: Entry | None = None
    named: Entry | None = None

    @property
    def sought(self) -> Match | None:
        """What the look waits for next."""
        match self.what:
            case Await(match) | Forbid(match):
                return match
            case AwaitOrder(matches) if self.count < len(matches):
                return matches[self.count]
            case _:
                return None

    @property
    def has_enough(self) -> bool:
        """Nothing that may still come changes what the look comes to."""
        match self.what:
            case Await(at_least=at_least, at_most=None):
                return self.count >= at_least
            case Await(at_most=at_most):
                return at_most is not None and self.count > at_most
            case AwaitOrder(matches):
                return self.count == len(matches)
            case _:
                return False

    def having_found(self, entry: Entry) -> Cursor:
        count = self.count + 1
        makes_enough = self.named is None and count >= _needed(self.what)
        return Cursor(self.number, self.what, self.began_at, count, entry, entry if makes_enough else self.named)


def time_of(what: What) -> int:
    """How long a step may take, or takes, in ns."""
    match what:
        case Forbid(_, duration) | Move(duration):
            return duration
        case Span():
            return 0
        case Do(within=within) | Await(within=within) | AwaitOrder(within=within):
            return within


def _needed(what: What | None) -> int:
    """How many entries make it enough."""
    match what:
        case Await(at_least=at_least):
            return max(at_least, 1)
        case AwaitOrder(matches):
            return len(matches)
        case _:
            return 1
