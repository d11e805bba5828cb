"""`run`: replays scenario files."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from harness.cli.common import COLOR, FAILED, NOTHING, PASSED, check_outputs, write
from harness.console import INTERRUPTED, end_on_interrupt, show, talk, wants_colour

if TYPE_CHECKING:
    from harness.scenario import Scenario
    from harness.testing import Outcome

__all__ = ["run"]


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--seed", type=int, default=1, show_default=True, help="Decides every choice of the run.")
@click.option("--live", is_flag=True, help="Over real sockets on 127.0.0.1, by the real clock.")
@click.option("--json", "json_file", metavar="FILE", help="Write the results there as JSON (- = stdout).")
@click.option("--trace", "trace_file", metavar="FILE", help="Write the traces there as JSON lines.")
@click.option("-k", "name", metavar="NAME", help="Only stories whose name or file contains NAME.")
@COLOR
def run(
    paths: tuple[str, ...], seed: int, live: bool, json_file: str | None, trace_file: str | None, name: str | None,
    color: str,
) -> int:  # fmt: skip
    """Replay scenario files on the embedded gateway.

    PATH is a file, or a folder with files that end in .scenario.yaml (default: scenarios).

    \b
    httpsms-harness run scenarios/plain_text.scenario.yaml
    httpsms-harness run -k encrypted --seed 7
    """
    outcomes: list[Outcome] = []
    stories: list[Scenario] = []
    end_on_interrupt(INTERRUPTED, lambda: f"{_summary(outcomes, len(stories))}\ninterrupted")
    from harness.adapters.scenario_files import find_files, read_file

    check_outputs(json_file, trace_file)
    files = list(find_files(paths or ("scenarios",)))
    stories += [story for path in files for story in read_file(path) if _is_chosen(story, name)]
    if not stories:
        talk(f"nothing to run: no story matches {name!r}")
        return NOTHING
    report = talk if json_file == "-" or trace_file == "-" else show
    coloured = wants_colour(color, sys.stderr if report is talk else sys.stdout)
    for story in stories:
        outcomes.append(_run_one(story, seed, live))
        report(_coloured(outcomes[-1].report()) if coloured else outcomes[-1].report())
    if json_file is not None:
        write(json_file, json.dumps(_results(outcomes), indent=2))
    if trace_file is not None:
        write(trace_file, "\n".join(line for outcome in outcomes for line in outcome.trace.lines()))
    talk(_summary(outcomes, len(stories)))
    return PASSED if all(outcome.passed for outcome in outcomes) else FAILED


def _is_chosen(story: Scenario, name: str | None) -> bool:
    return name is None or name in story.name or name in story.place.path


def _run_one(story: Scenario, seed: int, live: bool) -> Outcome:
    if not live:
        from harness.testing import run_scenario

        return run_scenario(story, seed)
    from harness.live_story import run_scenario_live

    return run_scenario_live(story, seed)


def _results(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    from harness.report import as_json

    return [as_json(outcome.verdict, outcome.seed, outcome.trace.hash) for outcome in outcomes]


def _summary(outcomes: list[Outcome], wanted: int) -> str:
    passed = sum(outcome.passed for outcome in outcomes)
    text = f"{passed} passed, {len(outcomes) - passed} failed"
    return text + f", {wanted - len(outcomes)} not run" if len(outcomes) < wanted else text


def _coloured(report: str) -> str:
    """The first word in its colour."""
    word, _, rest = report.partition(" ")
    return click.style(word, fg={"pass": "green", "FAIL": "red"}.get(word, "yellow")) + " " + rest
