"""What the rules find in a trace, and what it means for a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from harness.frozen import frozen
from harness.scenario.invariants.jobs import open_sends
from harness.scenario.invariants.rules import FOLDS
from harness.scenario.invariants.story import Story
from harness.trace import Entry
from harness.verdict import Failure, Verdict

__all__ = ["Violation", "check", "judge", "still_open", "violations"]

_SHOWN_MAX = 12


@frozen
class Violation:
    """One break: which invariant, what happened, the message that it is about, and the numbers of the entries."""

    invariant: str
    words: str
    message: str | None
    entries: tuple[int, ...]

    def __str__(self) -> str:
        numbers = ", ".join(str(number) for number in self.entries)
        about = f" (message {self.message})" if self.message else ""
        return f"{self.invariant}: {self.words}{about}; {'entry' if len(self.entries) == 1 else 'entries'} {numbers}"


def violations(entries: Iterable[Entry], breaks: Iterable[str] = ()) -> Iterator[Violation]:
    """Every violation, but for those of the invariants in `breaks`."""
    return _violations(Story(entries), breaks)


def check(entries: Iterable[Entry], breaks: Iterable[str] = ()) -> tuple[str, ...]:
    """Every violation in words, but for those of the invariants in `breaks`."""
    return tuple(str(violation) for violation in violations(entries, breaks))


def judge(verdict: Verdict, entries: Iterable[Entry], breaks: Iterable[str], place: str) -> Verdict:
    """The verdict on a story that went as told, once its trace has been looked at: a violation fails it.

    Sends that are still on their way are named in it.
    """
    if not verdict.passed or verdict.skipped is not None:
        return verdict
    story = Story(entries)
    found = list(_violations(story, breaks))
    on_their_way = _still_open(story)
    if on_their_way:
        verdict = replace(verdict, still_open=on_their_way)
    if not found:
        return verdict
    why = tuple(str(violation) for violation in found[:_SHOWN_MAX])
    first = found[0]
    failure = Failure("what holds in every story", place, why, first.message or "", rule=first.invariant)
    return replace(verdict, passed=False, failure=failure)


def still_open(entries: Iterable[Entry]) -> tuple[tuple[str, str], ...]:
    """The messages that were accepted and have not come to their end: each id with its status and what is to come."""
    return _still_open(Story(entries))


def _still_open(story: Story) -> tuple[tuple[str, str], ...]:
    return tuple((one.message, str(one)) for one in open_sends(story))


def _violations(story: Story, breaks: Iterable[str]) -> Iterator[Violation]:
    meant = frozenset(breaks)
    for name, fold in FOLDS.items():
        if name not in meant:
            for words, found in fold(story):
                message = next((entry.message for entry in found if entry.message is not None), None)
                yield Violation(name, words, message, tuple(entry.number for entry in found))
