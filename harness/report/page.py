"""A run as one HTML file that needs nothing else: every story as lanes, with what was missing at its top.

The list of stories and why they failed is plain HTML. Each story is JSON in an element of its own, which the
page's script reads when the story is chosen. A policy in the file forbids all loading and every script but that one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from harness.frozen import frozen
from harness.markup import html_text, policy_sum, script_json
from harness.outcome import Outcome
from harness.report import told
from harness.report.plain_data import STATUSES
from harness.report.story_data import story_data
from harness.report.text import reason_text
from harness.verdict import Status

__all__ = ["SIGNS", "Assets", "story_page"]

SIGNS = {Status.PASSED: "✓", Status.FAILED: "✗", Status.EXPECTED: "≈", Status.SKIPPED: "–"}
"""How a story ended is told by a sign as well as by a colour."""

_ORDER = (Status.FAILED, Status.EXPECTED, Status.SKIPPED, Status.PASSED)

_FRAME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{style_sum}'; \
script-src '{script_sum}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header class="top">
<h1>httpsms-harness</h1>
<p class="counts">{counts}</p>
<button class="tool" id="theme" type="button" hidden>◐</button>
</header>
<div class="{shell}">
<nav id="list" aria-label="stories">
{listed}
</nav>
<main id="story" tabindex="-1"><noscript>
<p>The lanes of a story need JavaScript. It loads nothing.</p>
{reasons}
</noscript></main>
</div>
<aside id="panel" role="dialog" aria-labelledby="panel-title" tabindex="-1" hidden></aside>
{data}
<script>{script}</script>
</body>
</html>
"""


@frozen
class Assets:
    """The page's style and its script. `harness.adapters.report_files.assets` reads those of the package."""

    style: str
    script: str


def story_page(outcomes: Sequence[Outcome], assets: Assets) -> str:
    """The file as text; whatever stands in the run, it can be written as UTF-8."""
    return _FRAME.format(
        title=html_text(f"Stories: {told.counts(outcomes)}"),
        style=assets.style,
        style_sum=policy_sum(assets.style),
        script=assets.script,
        script_sum=policy_sum(assets.script),
        counts="".join(_counts(outcomes)),
        shell="shell single" if len(outcomes) == 1 else "shell",
        listed="\n".join(_listed(outcomes)),
        reasons="\n".join(_reasons(outcomes)),
        data="\n".join(_data(outcomes)),
    )


def _counts(outcomes: Sequence[Outcome]) -> Iterator[str]:
    tallied = Counter(outcome.verdict.status for outcome in outcomes)
    for status in _ORDER:
        if tallied[status]:
            words = f"{SIGNS[status]} {told.counted(status, tallied[status])}"
            yield f'<span class="pill {STATUSES[status]}">{words}</span>'
    if not outcomes:
        yield "nothing was run"


def _listed(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield '<input id="search" type="search" placeholder="Find a story ( / )" aria-label="find a story">'
    yield '<div id="filters" role="group" aria-label="which stories">'
    tallied = Counter(outcome.verdict.status for outcome in outcomes)
    yield f'<button type="button" data-status="" aria-pressed="true">all {len(outcomes)}</button>'
    for status in _ORDER:
        if tallied[status]:
            name = STATUSES[status]
            label = f"{SIGNS[status]} {name} {tallied[status]}"
            yield f'<button type="button" class="{name}" data-status="{name}" aria-pressed="false">{label}</button>'
    yield "</div><ol>"
    yield from (_item(number, outcome) for number, outcome in enumerate(outcomes))
    yield '</ol><p id="none" hidden>No story is like that.</p>'


def _item(number: int, outcome: Outcome) -> str:
    status = outcome.verdict.status
    skip = told.skip(outcome)
    gist = outcome.verdict.expected or told.gist(outcome) or ("" if skip is None else skip.reason)
    told_gist = f'<span class="gist">{html_text(gist)}</span>' if gist else ""
    find = html_text(" ".join((outcome.path, *outcome.tags, outcome.target)))
    return (
        f'<li><a href="#story={number}" class="{STATUSES[status]}" data-index="{number}" data-find="{find}">'
        f'<span class="sign" aria-label="{told.LABELS[status]}">{SIGNS[status]}</span>'
        f"<span>{html_text(outcome.title)}</span>{told_gist}</a></li>"
    )


def _reasons(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Why stories failed, for those who have no script."""
    for outcome in outcomes:
        if outcome.verdict.failure is not None:
            status = STATUSES[outcome.verdict.status]
            why = f"{reason_text(outcome)}\nrepeat with: {told.plain(outcome.repeat)}"
            yield f'<section class="verdict {status}"><h2>{html_text(outcome.title)}</h2>'
            yield f"<pre>{html_text(why)}</pre></section>"


def _data(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for number, outcome in enumerate(outcomes):
        data = script_json(story_data(outcome))
        yield f'<script type="application/json" id="data-{number}">{data}</script>'
