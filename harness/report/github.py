"""The results of a run for GitHub: Markdown for a pull request, and the commands that mark lines of a change.

What stands in a story is a stranger's: it is escaped so that it neither makes markup nor calls anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from harness.outcome import Outcome
from harness.report import told
from harness.report.text import failure_text
from harness.verdict import Failure, Status

__all__ = ["annotations", "markdown"]

# GitHub takes comments up to 65,536 characters: of very many failures the last have no report, then no row.
_FAILED_MAX = 50_000
_ROWS_MAX = 25_000
_LIFE_MAX = 4_000
_KNOWN_MAX = 5_000
_SKIPPED_MAX = 20
_BREAKS = re.compile(r"\s+")
_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|~$-])")
# An invisible sign that words may not be broken at: nobody is called, nothing is linked.
_JOINER = "\u2060"


def markdown(outcomes: Sequence[Outcome], not_run: int = 0) -> str:
    """The counts, a table of what failed with the reports folded in, known defects, and skips by reason."""
    lines = [f"### {_sign(outcomes, not_run)} Stories: {told.counts(outcomes, not_run)}", ""]
    for part in (_failed(outcomes), _known(outcomes), _skipped(outcomes)):
        if told_lines := list(part):
            lines += [*told_lines, ""]
    return "\n".join(lines).rstrip() + "\n"


def _sign(outcomes: Sequence[Outcome], not_run: int) -> str:
    failed = not_run or any(outcome.verdict.status is Status.FAILED for outcome in outcomes)
    return "❌" if failed else "✅" if outcomes else "⚪"


def _failed(outcomes: Sequence[Outcome]) -> Iterator[str]:
    failed = [outcome for outcome in outcomes if outcome.verdict.status is Status.FAILED]
    if not failed:
        return
    yield "| story | where | what went wrong |"
    yield "| --- | --- | --- |"
    rows = _as_fit([_row(outcome) for outcome in failed], _ROWS_MAX)
    yield from rows
    if len(failed) > len(rows):
        yield ""
        yield f"and {len(failed) - len(rows)} more failures"
    reports = _as_fit(["\n".join(_details(outcome)) for outcome in failed], _FAILED_MAX - sum(map(len, rows)))
    for report in reports:
        yield ""
        yield report
    if len(failed) > len(reports):
        yield ""
        yield f"and {len(failed) - len(reports)} more, whose reports are not shown here"


def _as_fit(texts: Sequence[str], room: int) -> list[str]:
    """The first of the texts that have so many characters altogether."""
    lengths = accumulate(len(text) + 2 for text in texts)
    return [text for text, length in zip(texts, lengths, strict=True) if length <= room]


def _row(outcome: Outcome) -> str:
    return f"| {_safe(outcome.title)} | {_where(outcome)} | {_safe(told.gist(outcome))} |"


def _where(outcome: Outcome) -> str:
    failure = outcome.verdict.failure
    if failure is None:
        return ""
    path, line, _ = told.place(failure, outcome)
    # In a table also what is code ends at a bar.
    return _code(f"{path}:{line}" if line else path).replace("|", "\\|") if path else ""


def _details(outcome: Outcome) -> Iterator[str]:
    report = failure_text(outcome)
    report = report if len(report) <= _LIFE_MAX else f"{report[:_LIFE_MAX]}…"
    fence = _fence(report)
    yield f"<details><summary>{_safe(outcome.title)}</summary>"
    yield ""
    yield fence
    yield report
    yield fence
    yield ""
    yield f"Repeat it with {_code(outcome.repeat)}"
    yield "</details>"


def _fence(text: str) -> str:
    """Longer than any fence in the text."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    return "`" * max(3, longest + 1)


def _known(outcomes: Sequence[Outcome]) -> Iterator[str]:
    known = [outcome for outcome in outcomes if outcome.verdict.status is Status.EXPECTED]
    if known:
        yield "**Known defects, which still show**"
        yield ""
    lines = _as_fit([f"- {_safe(each.title)}: {_safe(each.verdict.expected or '')}" for each in known], _KNOWN_MAX)
    yield from lines
    if len(known) > len(lines):
        yield f"- and {len(known) - len(lines)} more"


def _skipped(outcomes: Sequence[Outcome]) -> Iterator[str]:
    grouped = told.skips(outcomes)
    if grouped:
        yield f"<details><summary>Skipped: {sum(map(len, grouped.values()))}</summary>"
        yield ""
        for why, skipped in grouped.items():
            remedy = f" To run {'it' if len(skipped) == 1 else 'them'}: {_safe(why.remedy)}" if why.remedy else ""
            titles = ", ".join(_safe(outcome.title) for outcome in skipped[:_SKIPPED_MAX])
            more = f" and {len(skipped) - _SKIPPED_MAX} more" if len(skipped) > _SKIPPED_MAX else ""
            yield f"- {titles}{more}: {_safe(why.reason)}.{remedy}"
        yield ""
        yield "</details>"


def _safe(text: str) -> str:
    """A text on one line that is nothing but text: no markup, no HTML, no table, no mention, no link."""
    text = told.plain(_BREAKS.sub(" ", text)).strip()
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _MARKS.sub(r"\\\1", text)
    # `@name` calls somebody, `owner/project#1` links, and so does an address by itself.
    return text.replace("@", f"@{_JOINER}").replace("\\#", f"\\#{_JOINER}").replace("://", f":{_JOINER}//")


def _code(text: str) -> str:
    """A text as code, whatever ticks are in it."""
    text = told.plain(_BREAKS.sub(" ", text)).strip()
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    ticks = "`" * (longest + 1)
    return f"{ticks} {text} {ticks}" if longest else f"`{text}`"


# -- commands of a workflow --------------------------------------------------------------------------------------------


def annotations(outcomes: Sequence[Outcome]) -> list[str]:  # type: ignore[no-redef] # __future__ has one too
    """A command of GitHub's workflows for each failure; printed to stdout it marks the line of the story."""
    return [
        _command(outcome, outcome.verdict.failure)
        for outcome in outcomes
        if outcome.verdict.status is Status.FAILED and outcome.verdict.failure is not None
    ]


def _command(outcome: Outcome, failure: Failure) -> str:
    path, line, column = told.place(failure, outcome)
    known = {"file": path, "line": line, "col": column, "title": outcome.title}
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in known.items() if value)
    gist = told.gist(outcome)
    why = [line for line in failure.why if line.strip() != gist]
    words = [gist, failure.title, *why, f"repeat with: {outcome.repeat}"]
    return f"::error {properties}::{_message(chr(10).join(dict.fromkeys(words)))}"


def _message(text: str) -> str:
    """As GitHub's toolkit escapes what a command says; of what no terminal prints, the escape is told."""
    lines = [told.plain(line) for line in text.split("\n")]
    return "\n".join(lines).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
