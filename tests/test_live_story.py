"""Both drivers carry the same cores: a story comes to the same end, for the same causes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.adapters.scenario_files import find_files, read_file
from harness.capability import Capability
from harness.instants import SECOND
from harness.live_story import run_scenario_live
from harness.outcome import Outcome
from harness.report.text import as_text
from harness.scenario import read_scenarios
from harness.scenario.plan import Fault, Scenario, every_step
from harness.testing import LIVE, run_scenario
from harness.trace import chain
from harness.verdict import Status

ROOT = Path(__file__).parent.parent
STORIES = [story for path in find_files([str(ROOT / "scenarios")]) for story in read_file(path)]


def told(outcome: Outcome) -> dict[str, list[tuple[str, ...]]]:
    """The chains of causes of each message that the story names."""
    entries = {entry.number: entry for entry in outcome.entries}
    return {
        name: sorted(_known(chain(entries, entry)) for entry in outcome.entries if entry.message == message)
        for name, message in outcome.verdict.messages
    }


def _known(steps: tuple[str, ...]) -> tuple[str, ...]:
    """Over a stream nobody knows why a push that waited comes now: for a network, for a boot."""
    late = [number for number, step in enumerate(steps) if step == "phone pushed" and steps[number - 1] in _RETURNS]
    return steps[late[-1] :] if late else steps


_RETURNS = ("phone network", "phone booted")


def _is_orderly(story: Scenario) -> bool:
    """Who wins a race is the clock's matter when live."""
    races = any(isinstance(step.what, Fault) and step.what.name == "lost-update" for step in every_step(story.steps))
    return not races and Capability.VIRTUAL_TIME not in story.requires


ORDERLY = [story for story in STORIES if _is_orderly(story)]
PLAIN = next(story for story in STORIES if "there and back" in story.name and "encryption" in story.tags)


@pytest.mark.parametrize("story", ORDERLY, ids=lambda story: story.title)
def test_a_shipped_story_has_the_same_verdict_and_causes_over_sockets_as_in_virtual_time(story: Scenario) -> None:
    virtual, live = run_scenario(story, 3), run_scenario_live(story, 3)
    assert virtual.passed, as_text(virtual)
    assert live.passed, as_text(live)
    assert [step.title for step in live.verdict.steps] == [step.title for step in virtual.verdict.steps]
    assert told(live) == told(virtual)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
def test_a_seed_repeats_a_story_and_another_seed_does_not(story: Scenario) -> None:
    first = run_scenario(story, 11).trace_hash
    assert run_scenario(story, 11).trace_hash == first
    assert run_scenario(story, 12).trace_hash != first


def test_the_hash_of_a_run_is_the_same_on_every_machine() -> None:
    """Rewrite the value when the trace changes on purpose; never because another interpreter gave another."""
    assert run_scenario(PLAIN, 1).trace_hash == "e4661c8cd1de52b49b3f3a3f21c21170"


@pytest.mark.parametrize("seed", range(8))
def test_every_story_succeeds_whatever_the_seed(seed: int) -> None:
    for story in STORIES:
        outcome = run_scenario(story, seed)
        assert outcome.passed, as_text(outcome)


def test_a_live_outcome_says_that_it_is_one() -> None:
    outcome = run_scenario_live(PLAIN, 5)
    assert (outcome.target, outcome.trace_hash) == (LIVE, None)
    assert outcome.repeat.endswith(" --seed 5 --live")


@pytest.mark.parametrize(
    ("story", "reason"),
    [
        (replace(PLAIN, skip="later"), "later"),
        (replace(PLAIN, requires=(Capability.VIRTUAL_TIME,)),
         "it requires virtual-time: by the real clock no time is exact\nrun it without --live"),
    ],
)  # fmt: skip
def test_what_does_not_run_live_says_why(story: Scenario, reason: str) -> None:
    outcome = run_scenario_live(story)
    assert (outcome.verdict.status, outcome.verdict.skipped) == (Status.SKIPPED, reason)


def test_a_known_defect_is_known_live_too() -> None:
    outcome = run_scenario_live(replace(PLAIN, expect_failure="it is slow"))
    assert outcome.verdict.status is Status.FAILED


# Bob's text is on its way through three sockets when the story goes on to its next step.
UNDER_WAY = b"""
scenario: A text is on its way, and then nothing happens for a while
phones: [alice]
contacts: [bob]
steps:
  - text: {from: bob, to: alice, text: Hi}
    as: written
  - advance: 20m
  - expect: {webhook: message.phone.received}
    as: arrived
  - distance: {from: written, to: arrived, at_most: 1m}
"""


def test_time_moves_on_once_nothing_is_under_way() -> None:
    [story] = read_scenarios(UNDER_WAY, "under_way.scenario.yaml")
    outcome = run_scenario_live(story)
    assert outcome.passed, as_text(outcome)
    [moved] = [step for step in outcome.verdict.steps if step.title.startswith("advance")]
    assert moved.ended_at - moved.began_at >= 20 * 60 * SECOND
