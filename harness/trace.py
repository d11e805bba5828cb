"""The append-only record of what happened: the spine that looks, invariants, verdicts and reports read.

Every entry names its cause, the entry that led to it, so causes form a partial order. The hash runs along over a
compact form of the entries: in virtual time the same seed gives the same hash.
"""

from __future__ import annotations

import json
import marshal
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from harness.core import Fact
from harness.instants import Instant

__all__ = ["BOOKKEEPING", "HOPS", "Entry", "Trace", "chain", "chains"]

HOPS = (
    "client",
    "api",
    "gateway",
    "push",
    "phone",
    "radio",
    "contact",
    "webhook",
    "harness",
)
BOOKKEEPING = frozenset({
    "cycle", "expires_in_ns", "for", "max_attempts", "numbers", "order_moved_ns", "own_time", "per_minute",
    "received_messages", "rules", "sent_messages", "step", "thread", "url", "wait_ns", "webhook", "windows",
})  # fmt: skip
"""Facts that rules compare or the harness counts, and that say nothing to whoever reads of a message."""


class Entry(NamedTuple):
    """One thing that happened. `number` counts from 0; `cause` is the number of the entry that led to it, or None."""

    number: int
    at: Instant
    hop: str
    kind: str
    message: str | None
    cause: int | None
    facts: Mapping[str, Fact]

    def plain(self) -> dict[str, Any]:
        """The entry as JSON carries it. `at` is in nanoseconds since the epoch."""
        return {
            "number": self.number,
            "at": self.at,
            "hop": self.hop,
            "kind": self.kind,
            "message": self.message,
            "cause": self.cause,
            "facts": self.facts,
        }


class Trace:
    """Writes entries. `keep`: None = all of them, a number = the last so many, 0 = none (folds still see each one).

    `hashed` is off for live traces: their order is the machine's.
    """

    __slots__ = ("_folds", "_hash", "count", "entries", "keep")

    def __init__(self, keep: int | None = None, *, hashed: bool = True) -> None:
        self.keep = keep
        self.count = 0
        self.entries: list[Entry] | deque[Entry] = [] if keep is None else deque(maxlen=keep)
        self._hash = blake2b(digest_size=16) if hashed else None
        self._folds: list[Callable[[Entry], None]] = []

    def write(
        self,
        at: Instant,
        hop: str,
        kind: str,
        message: str | None,
        cause: int | None,
        facts: Mapping[str, Fact],
    ) -> Entry:
        kept = facts if type(facts) is dict else dict(facts)
        entry = Entry(self.count, at, hop, kind, message, cause, kept)
        self.count += 1
        self.entries.append(entry)
        if self._hash is not None:
            # No two entries look alike in it; version 2 of the format knows no references between objects, so the
            # same values give the same bytes on every Python version (a test pins a hash).
            self._hash.update(marshal.dumps((self.count, at, hop, kind, message, cause, kept), 2))
        for fold in self._folds:
            fold(entry)
        return entry

    def subscribe(self, fold: Callable[[Entry], None]) -> None:
        """Calls `fold` with every entry from now on."""
        self._folds.append(fold)

    @property
    def hash(self) -> str | None:
        """The hash of everything written so far, 32 hex digits; None for a live trace."""
        return None if self._hash is None else self._hash.hexdigest()

    def fork(self) -> Trace:
        """A twin with the same past. Folds stay with the original."""
        twin = Trace(self.keep, hashed=False)
        twin.count = self.count
        twin.entries = self.entries.copy()
        twin._hash = None if self._hash is None else self._hash.copy()
        return twin

    def lines(self) -> Iterator[str]:
        """The kept entries as JSON lines, ASCII only."""
        for entry in self.entries:
            yield json.dumps(entry.plain(), separators=(",", ":"))


def chain(entries: dict[int, Entry], entry: Entry) -> tuple[str, ...]:
    """`hop kind` of the entry and of its causes, the first cause first."""
    steps: list[str] = []
    at: Entry | None = entry
    while at is not None:
        steps.append(f"{at.hop} {at.kind}")
        at = None if at.cause is None else entries.get(at.cause)
    return tuple(reversed(steps))


def chains(trace: Trace, message: str) -> list[tuple[str, ...]]:
    """The message's chains of causes, sorted: what two runs of one story have in common, whatever their order."""
    entries = {entry.number: entry for entry in trace.entries}
    return sorted(chain(entries, entry) for entry in trace.entries if entry.message == message)
