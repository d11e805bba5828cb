"""What a test author uses: a story is run in virtual time and comes to an outcome."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from harness.adapters.virtual import run_virtual
from harness.instants import SECOND
from harness.outcome import Outcome, Person
from harness.report import as_text
from harness.scenario.ending import concluded, skipped
from harness.scenario.plan import Scenario
from harness.staging import Stage, stage
from harness.trace import HOPS, Entry
from harness.verdict import Verdict

__all__ = [
    "EMBEDDED", "LIVE", "StoryFailed", "ended", "not_run", "outcome_of", "repeat_command", "run_scenario",
]  # fmt: skip

SETTLE = 5 * SECOND
EMBEDDED = "embedded"
LIVE = "embedded (live)"


def run_scenario(scenario: Scenario, seed: int = 1) -> Outcome:
    """Runs a story in virtual time on the embedded gateway. A story with `skip` is not run.

    Raises `UsageError` for what cannot be meant, such as a profile that there is not; of a story in a file
    `ScenarioError`.
    """
    if scenario.skip is not None:
        return not_run(scenario, seed, scenario.skip)
    staged = stage(scenario, seed)
    bed, run = staged.bed, staged.run
    staged.start()
    run_virtual(bed.world, lambda: run.verdict is not None)
    # What is still under way belongs to the story: its last reports and webhooks.
    run_virtual(bed.world, lambda: False, bed.world.now + SETTLE)
    return ended(scenario, staged, seed)


def ended(scenario: Scenario, staged: Stage, seed: int, *, target: str = EMBEDDED, options: str = "") -> Outcome:
    """The outcome of a run that is over. `options`: what the command that repeats it has beside the seed."""
    run, trace = staged.run, staged.bed.trace
    assert run.verdict is not None
    verdict = concluded(scenario, run.verdict, trace.entries, in_set_up=run.failed_in_set_up)
    return outcome_of(
        scenario, seed, verdict, trace.entries, target=target, options=options, hops=HOPS, trace_hash=trace.hash
    )


def not_run(scenario: Scenario, seed: int, reason: str, *, target: str = EMBEDDED, options: str = "") -> Outcome:
    """The outcome of a story that did not run, for this reason."""
    return outcome_of(scenario, seed, skipped(scenario, reason), (), target=target, options=options)


def outcome_of(
    scenario: Scenario, seed: int, verdict: Verdict, entries: Sequence[Entry], *, target: str = EMBEDDED,
    options: str = "", hops: tuple[str, ...] = (), trace_hash: str | None = None,
) -> Outcome:  # fmt: skip
    """A verdict with what a reader of it needs."""
    return Outcome(
        verdict,
        entries,
        seed,
        repeat_command(scenario, seed, options),
        target,
        scenario.place.path,
        scenario.place.line,
        scenario.tags,
        _people(scenario),
        hops,
        trace_hash,
    )


def _people(scenario: Scenario) -> tuple[Person, ...]:
    """Everybody in the story, once for each number."""
    phones = [Person(phone.name, number, "phone") for phone in scenario.phones for number in phone.numbers]
    return (*phones, *(Person(contact.name, contact.number, "contact") for contact in scenario.contacts))


def repeat_command(scenario: Scenario, seed: int, options: str = "") -> str:
    """The command line that runs this story again; for one written in Python the call."""
    if not scenario.place.path:
        call = "run_scenario_live" if "--live" in options else "run_scenario"
        return f"{call}(story.plan(), seed={seed})"
    path = shlex.quote(scenario.place.path)
    return f"httpsms-harness run {path} -k {shlex.quote(scenario.title)} --seed {seed} {options}".rstrip()


class StoryFailed(AssertionError):
    """A story did not go as told. `outcome` has the verdict and the trace."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome)

    def __str__(self) -> str:
        return as_text(self.outcome)
