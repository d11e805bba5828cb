"""What `run` shows of each story, and at the end of all."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

import click

from harness.verdict import Status

if TYPE_CHECKING:
    from harness.cli.run_workers import Done
    from harness.outcome import Outcome

__all__ = ["Teller", "columns", "counts", "summary"]

_NAMED_MAX = 5
_SLOW_S = 5.0
_SLOWEST = 3
# So many results are still in sight at the end.
_IN_SIGHT = 20
_WORDS = {Status.SKIPPED: "SKIP", Status.EXPECTED: "known"}


def columns(stream: TextIO | None) -> int | None:
    """How wide the terminal is; None where there is none."""
    if stream is None or not stream.isatty():
        return None
    with suppress(OSError):  # what is none says that it is a terminal, or it is gone
        return os.get_terminal_size(stream.fileno()).columns or None
    return None


class Teller:
    """Shows each result as `show` does: all of a failure, a line of the others; `quiet` only failures, `verbose` each
    step too. Of a story with several seeds: the first failure, and a line when all have run. `columns`: the width of
    the terminal, None: there is none."""

    def __init__(
        self, show: Callable[[str], None], *,
        quiet: bool, verbose: bool, coloured: bool, seeds: int, columns: int | None = None,
    ) -> None:  # fmt: skip
        self._show = show
        self._columns = columns
        self._quiet, self._verbose, self._coloured, self._seeds = quiet, verbose, coloured, seeds
        self._round: list[Outcome] = []

    def tell(self, outcome: Outcome) -> None:
        if self._seeds == 1:
            self._tell(outcome)
            return
        self._round.append(outcome)
        if not outcome.passed and sum(not each.passed for each in self._round) == 1:
            self._tell(outcome)
        if len(self._round) == self._seeds:
            self._tell_round(self._round)
            self._round = []

    def _tell(self, outcome: Outcome) -> None:
        from harness.report import as_text, with_steps

        if not (self._quiet and outcome.passed):
            report = with_steps if self._verbose else as_text
            self._show(self._colour(report(outcome, self._columns)))

    def _tell_round(self, outcomes: Sequence[Outcome]) -> None:
        failed = [outcome.seed for outcome in outcomes if not outcome.passed]
        span = f"seeds {outcomes[0].seed} to {outcomes[-1].seed}"
        if failed:
            which = ", ".join(map(str, failed[:_NAMED_MAX])) + (" …" if len(failed) > _NAMED_MAX else "")
            self._show(self._colour(f"FAIL  {outcomes[0].title}  ({len(failed)} of {span} fail: {which})"))
        elif not self._quiet:
            word = _WORDS.get(outcomes[0].verdict.status, "pass")
            self._show(self._colour(f"{word}  {outcomes[0].title}  ({span})"))

    def _colour(self, report: str) -> str:
        """The first word in its colour."""
        if not self._coloured:
            return report
        word, _, rest = report.partition(" ")
        return click.style(word, fg={"pass": "green", "FAIL": "red"}.get(word, "yellow")) + " " + rest


# -- at the end --------------------------------------------------------------------------------------------------------


def summary(done: Sequence[Done], wanted: int, took_s: float, again: str, *, verbose: bool, quiet: bool = False) -> str:
    """What of `wanted` runs came of those that are done: the report's summary, what took longest, the counts with the
    time, and `again`, the command that repeats the failures."""
    from harness.report import summary as told

    outcomes = [each.outcome for each in done]
    # Of a story that fails with many seeds one failure says enough.
    lines = (
        told(_first_failures(outcomes), without=_known_by_now(outcomes, quiet)).split("\n")[:-1] if wanted > 1 else []
    )
    lines = [*filter(None, lines), *(_slowest(done) if verbose or took_s > _SLOW_S else [])]
    lines.append(f"{counts(done, wanted)} in {took_s:.2f} s")
    failed = any(outcome.verdict.status is Status.FAILED for outcome in outcomes)
    return "\n".join([*lines, f"what failed, again: {again}"] if failed else lines)


def counts(done: Sequence[Done], wanted: int) -> str:
    """`2 passed, 1 failed, 3 not run`."""
    from harness.report.told import counts as told

    return told([each.outcome for each in done], wanted - len(done))


def _known_by_now(outcomes: Sequence[Outcome], quiet: bool) -> frozenset[Status]:
    """What was told of each of them a few lines ago, or is not to be told at all."""
    if quiet:
        return frozenset({Status.EXPECTED})
    has_seeds = len({(outcome.path, outcome.line, outcome.title) for outcome in outcomes}) < len(outcomes)
    is_in_sight = len(outcomes) <= _IN_SIGHT and not has_seeds
    return frozenset({Status.EXPECTED, Status.SKIPPED}) if is_in_sight else frozenset()


def _first_failures(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Without what other seeds found in a story that has failed already."""
    failed: set[tuple[str, int, str]] = set()
    kept = []
    for outcome in outcomes:
        story = (outcome.path, outcome.line, outcome.title)
        if outcome.passed or story not in failed:
            kept.append(outcome)
        if not outcome.passed:
            failed.add(story)
    return kept


def _slowest(done: Sequence[Done]) -> list[str]:
    if len(done) < 2:
        return []
    slow = sorted(done, key=lambda each: -each.took_s)[:_SLOWEST]
    return ["slowest:", *(f"  {each.took_s:.2f} s  {each.outcome.title}" for each in slow)]
