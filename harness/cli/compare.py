"""`compare`: the same stories on two targets, and what differs."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from harness.cli.common import (
    COLOR,
    FAILED,
    NOTHING,
    PASSED,
    USAGE,
    Grouped,
    Interrupts,
    check_outputs,
    write,
)
from harness.cli.run import GROUPS as RUN_GROUPS
from harness.cli.run import run
from harness.cli.where import check_people, check_where, kind_of, without_what_is_only_set
from harness.console import INTERRUPTED, show, talk, wants_colour
from harness.errors import HarnessError

if TYPE_CHECKING:
    from harness.report.fidelity import Fidelity
    from harness.scenario.plan import Scenario
    from harness.targets import Target, TargetOptions

__all__ = ["compare"]

_WHERE, _DEVICE = RUN_GROUPS["Where they run"], RUN_GROUPS["Which device is the phone's radio"]
GROUPS: Mapping[str, Sequence[str]] = {
    "Which stories": ("name", "tags", "seed"),
    "The second target (without any of these: --live)": _WHERE,
    "Which device is the phone's radio there": _DEVICE,
    "What is shown and written": ("apart_s", "quiet", "color", "json_file"),
}


@click.command(cls=Grouped, groups=GROUPS, short_help="Run stories on two targets: what differs?")
@click.argument("paths", nargs=-1, metavar="[PATH|GLOB]...")
@click.option("-k", "name", metavar="EXPR", help="Only the stories that `run -k` would run.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only stories with TAG; not:TAG: none (repeatable).")
@click.option("--seed", type=int, default=1, show_default=True, help="Decides every choice of both runs.")
@click.option(
    "--slower",
    "apart_s",
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="Tell of what comes so much later, or earlier, than on the first target. It is never a difference.",
)
@click.option("-q", "--quiet", is_flag=True, help="Show differences and the summary only.")
@COLOR
@click.option("--json", "json_file", metavar="FILE", help="Write the comparison there as JSON (- = stdout).")
def compare(**given: Any) -> int:
    """Run stories on two targets, and tell what differs: events, their order, times, texts, reasons.

    The first target, A, is the embedded gateway in virtual time; the second, B, is what the options of `run` name. Ids,
    instants and ports differ in every run and are no differences; what a target cannot see is not looked for there. How
    long things take is told, and makes nothing different.

    The exit code is 0 if all that ran on both is alike, whether or not it passed; 1 if anything differs; 5 if nothing
    ran on both.

    \b
    httpsms-harness compare scenarios/conversations
    httpsms-harness compare -k "plain text" --server http://127.0.0.1:8000 --user-key uk_…
    httpsms-harness compare --device adb:emulator-5554 --slower 2 --json differences.json
    """
    given = without_what_is_only_set(given)
    check_where(given)
    second = _second(given)
    check_outputs(given["json_file"])
    stories = _read(given)
    if stories is None:
        return USAGE
    check_people(given, stories)
    chosen = _chosen(given, stories)
    if not chosen:
        talk(_nothing(given, stories))
        return NOTHING
    return _Comparison(given, second).carry_out(chosen)


compare.params.extend(option for option in run.params if option.name in (*_WHERE, *_DEVICE))


# -- the second target -------------------------------------------------------------------------------------------------

_OTHERWISE = ("live", "sent_within", "seen_within")
"""What a target's options say in other words than the command."""


def _second(given: Mapping[str, Any]) -> TargetOptions:
    from harness.targets import TargetOptions

    server, device = given["server"], given["device"]
    return TargetOptions(
        kind_of(server, device),
        live=server is None and device is None,
        sent_within_s=given["sent_within"],
        seen_within_s=given["seen_within"],
        **{name: given[name] for name in (*_WHERE, *_DEVICE) if name not in _OTHERWISE},
    )


# -- the stories -------------------------------------------------------------------------------------------------------


def _read(given: Mapping[str, Any]) -> list[Scenario] | None:
    """The stories of all files. None if any is wrong: then all that is wrong was said."""
    from harness.adapters.scenario_files import find_files
    from harness.cli.selection import expanded, read_stories

    stories, errors = read_stories(find_files(expanded(given["paths"] or ("scenarios",))))
    for error in errors:
        talk(f"error: {error}")
    return None if errors else stories


def _chosen(given: Mapping[str, Any], stories: Sequence[Scenario]) -> list[Scenario]:
    from harness.cli.selection import tagged, wanted

    chosen = tagged(stories, given["tags"])
    return wanted(chosen, given["name"]) if given["name"] else chosen


def _nothing(given: Mapping[str, Any], stories: Sequence[Scenario]) -> str:
    from harness.cli.selection import near

    how = [f"matches {given['name']!r}"] if given["name"] else []
    how += [f"is tagged {' or '.join(given['tags'])}"] if given["tags"] else []
    listing = shlex.join(["httpsms-harness", "run", *given["paths"]])
    hint = near(stories, given["name"], given["tags"], listing)
    return f"nothing to compare: no story {' and '.join(how) or 'is there'}\n{hint}"


# -- both runs ---------------------------------------------------------------------------------------------------------


class _Comparison:
    """Stories that are carried out twice, and what comes of them."""

    def __init__(self, given: Mapping[str, Any], second: TargetOptions) -> None:
        self._given, self._second = given, second
        self._found: list[Fidelity] = []
        is_stdout_taken = given["json_file"] == "-"
        self._show = talk if is_stdout_taken else show
        self._coloured = wants_colour(given["color"], sys.stderr if is_stdout_taken else sys.stdout)

    def carry_out(self, stories: Sequence[Scenario]) -> int:
        with Interrupts() as interrupts:
            try:
                interrupts.carry_out(lambda: self._run(stories))
            except HarnessError:
                if self._found:
                    self._end(len(stories) - len(self._found))
                raise
            self._end(len(stories) - len(self._found))
        return INTERRUPTED if interrupts.came else self._judged()

    def _run(self, stories: Sequence[Scenario]) -> None:
        from harness.targets import TargetOptions, opened

        # A server or a device that cannot be used is told of before anything runs.
        with opened(self._second, talk) as other, opened(TargetOptions(), talk) as one:
            for story in stories:
                self._take(self._compared(story, one, other))

    def _compared(self, story: Scenario, one: Target, other: Target) -> Fidelity:
        from harness.instants import ns
        from harness.report.fidelity import compared

        seed, apart_s = self._given["seed"], self._given["apart_s"]
        theirs = other.run(story, seed)
        ours = one.run(story, seed)
        apart = None if apart_s is None else ns(apart_s)
        return compared(ours, theirs, apart, lacks=(one.missing.keys(), other.missing.keys()))

    def _take(self, found: Fidelity) -> None:
        from harness.report.fidelity import as_text

        self._found.append(found)
        if self._given["quiet"] and (found.is_alike or not found.is_compared):
            return
        word, _, rest = as_text(found).partition(" ")
        colour = {"same": "green", "DIFF": "red"}.get(word, "yellow")
        self._show(f"{click.style(word, fg=colour) if self._coloured else word} {rest}")

    def _end(self, not_run: int) -> None:
        from harness.report.fidelity import as_json, summary

        if self._given["json_file"] is not None:
            write(self._given["json_file"], json.dumps(as_json(self._found, not_run), indent=2))
        talk(summary(self._found, not_run))

    def _judged(self) -> int:
        """The exit code of a comparison that came to its end."""
        if not any(found.is_compared for found in self._found):
            talk("nothing to compare: no story ran on both targets")
            return NOTHING
        return PASSED if all(found.is_alike for found in self._found) else FAILED
