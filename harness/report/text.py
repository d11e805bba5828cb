"""The story report: what is missing first, then the message's own life, then how to repeat it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from harness.outcome import Outcome
from harness.report import told
from harness.report.life import timeline
from harness.verdict import Failure, Status, StepVerdict

__all__ = ["as_text", "failure_text", "reason_text", "summary", "with_steps"]

_INDENT = "      "


def as_text(outcome: Outcome, columns: int | None = None) -> str:
    """One line for a story that passed; for one that failed everything that its reader needs.

    `columns`: so wide is the terminal; lines that only tell what was seen end there.
    """
    return "\n".join(map(told.plain, _lines(outcome, columns)))


def _lines(outcome: Outcome, columns: int | None) -> Iterator[str]:
    verdict = outcome.verdict
    match verdict.status:
        case Status.SKIPPED:
            yield from _skip(outcome)
        case Status.PASSED:
            yield f"pass  {verdict.title}  ({', '.join(filter(None, (_steps_in_words(outcome), told.took(outcome))))})"
        case Status.EXPECTED:
            yield f"known  {verdict.title}: {verdict.expected}"
        case Status.FAILED:
            yield f"FAIL  {verdict.title}"
            yield from (
                _INDENT + line for line in _failure(outcome, None if columns is None else columns - len(_INDENT))
            )
            yield f"{_INDENT}repeat with: {outcome.repeat}"


def _steps_in_words(outcome: Outcome) -> str:
    number = len(told.own_steps(outcome.verdict.steps))
    return f"{number} step{'' if number == 1 else 's'}"


def _skip(outcome: Outcome) -> Iterator[str]:
    why = told.skip(outcome)
    assert why is not None
    yield f"SKIP  {outcome.title}: {why.reason}"
    if why.remedy:
        yield f"{_INDENT}to run it: {why.remedy}"


def failure_text(outcome: Outcome) -> str:
    """The report of a failure without its head: what is missing or broken, the step, why, and the message's life."""
    return "\n".join(map(told.plain, _failure(outcome, None)))


def reason_text(outcome: Outcome) -> str:
    """The same without the message's life."""
    return "\n".join(map(told.plain, _reason(outcome, None)))


def _failure(outcome: Outcome, columns: int | None) -> Iterator[str]:
    yield from _reason(outcome, columns)
    if outcome.verdict.failure is not None:
        yield from _life(outcome, outcome.verdict.failure, columns)


def _reason(outcome: Outcome, columns: int | None) -> Iterator[str]:
    failure = outcome.verdict.failure
    if failure is None:
        return
    stage = told.missing(outcome)
    if failure.rule:
        yield f"broken: {', '.join(told.broken(failure))}"
    elif stage is not None:
        yield f"missing: {stage}"
    yield f"{failure.place}: {failure.title}" if failure.place else failure.title
    yield from (_cut(line, columns) if line.startswith(_SEEN) else line for line in failure.why)


# How a reason shows an entry. What differs in it stands in lines of their own, which are never cut.
_SEEN = ("instead: ", "in: ", "after: ")


def _cut(line: str, columns: int | None) -> str:
    shown = told.plain(line)
    return shown if columns is None or len(shown) <= columns else shown[: max(columns - 1, _COLUMNS_MIN)] + "…"


_COLUMNS_MIN = 40


def _life(outcome: Outcome, failure: Failure, columns: int | None) -> Iterator[str]:
    about = told.subject(outcome)
    life = timeline(outcome.entries, about)
    if not life:
        return
    name = told.named(outcome, about)
    whose = "the text's" if about is None else f"the life of {name}" if name else "the message's"
    yield f"{whose}{'' if name else ' life'}{_how_far(outcome, failure)}:"
    yield from (_cut(f"  {line}", columns) for line in life)
    if hops := told.unseen(outcome):
        yield f"not seen on this target: {', '.join(hops)}"


def _how_far(outcome: Outcome, failure: Failure) -> str:
    if failure.rule:
        return ""
    if told.lacking(outcome) is None:
        return ", complete"
    # Where the story failed for something else, the message may be where it was meant to be.
    return "" if told.missing(outcome) is None else " so far"


def with_steps(outcome: Outcome, columns: int | None = None) -> str:
    """The same, with the steps that were carried out: when each began, how long it took, how it ended.

    Messages that were on their way at the end are named.
    """
    steps = outcome.verdict.steps
    if not steps:
        return as_text(outcome, columns)
    first, *rest = as_text(outcome, columns).split("\n")
    began = min(step.began_at for step in steps)
    shown = [*(_step(step, began) for step in steps), *_still_open(outcome)]
    return "\n".join([first, *(_INDENT + told.plain(line) for line in shown), *rest])


def _still_open(outcome: Outcome) -> Iterator[str]:
    """What the story did not wait for."""
    for message, state in outcome.verdict.still_open:
        yield f"still on its way at the end: {told.named(outcome, message) or message} ({state})"


def _step(step: StepVerdict, began: int) -> str:
    took = f"{(step.began_at - began) / 1e9:+10.3f} s {(step.ended_at - step.began_at) / 1e9:9.3f} s"
    branch = f"[{step.branch}] " if step.branch else ""
    return f"{took}  {'pass' if step.passed else 'FAIL'}  {branch}{step.title}"


# -- the end of a run --------------------------------------------------------------------------------------------------


def summary(outcomes: Sequence[Outcome], not_run: int = 0, without: Collection[Status] = ()) -> str:
    """What a person reads at the end of a run: what failed, what did not run and why, and the counts last.

    `not_run`: so many stories were never begun, since the run was ended. `without`: those that ended so are only
    counted, since the reader has just been told of them.
    """
    named = [outcome for outcome in outcomes if outcome.verdict.status not in without]
    lines = [*_failed(named), *_known(named), *_skipped(named), told.counts(outcomes, not_run)]
    return "\n".join(map(told.plain, lines))


def _failed(outcomes: Sequence[Outcome]) -> Iterator[str]:
    failed = [outcome for outcome in outcomes if outcome.verdict.status is Status.FAILED]
    if failed:
        yield "failed:"
    for outcome in failed:
        failure = outcome.verdict.failure
        yield f"  {outcome.title}"
        yield f"    {told.gist(outcome)}"
        if failure is not None and (failure.place or told.gist(outcome) != failure.title):
            yield f"    {failure.place}: {failure.title}" if failure.place else f"    {failure.title}"
        yield f"    repeat with: {outcome.repeat}"


def _known(outcomes: Sequence[Outcome]) -> Iterator[str]:
    known = [outcome for outcome in outcomes if outcome.verdict.status is Status.EXPECTED]
    if known:
        yield "known defects, which still show:"
    yield from (f"  {outcome.title}: {outcome.verdict.expected}" for outcome in known)


def _skipped(outcomes: Sequence[Outcome]) -> Iterator[str]:
    grouped = told.skips(outcomes)
    if grouped:
        yield "skipped:"
    for why, skipped in grouped.items():
        yield f"  {_few([outcome.title for outcome in skipped])}: {why.reason}"
        if why.remedy:
            yield f"    to run {'it' if len(skipped) == 1 else 'them'}: {why.remedy}"


_TITLES = 3


def _few(titles: Sequence[str]) -> str:
    more = len(titles) - _TITLES
    return ", ".join(titles[:_TITLES]) + (f" and {more} more" if more > 0 else "")
