"""Both drivers carry the same cores: a story comes to the same end, for the same causes."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.adapters.scenario_files import find_files, read_file
from harness.live_story import run_scenario_live
from harness.scenario import LoseUpdates, Scenario
from harness.testing import Outcome, run_scenario
from harness.trace import chains

ROOT = Path(__file__).parent.parent
STORIES = [story for path in find_files([str(ROOT / "scenarios")]) for story in read_file(path)]


def told(outcome: Outcome) -> dict[str, list[tuple[str, ...]]]:
    """The chains of causes of each message that the story names."""
    return {name: chains(outcome.trace, message) for name, message in outcome.verdict.messages}


# Who wins a race is the clock's matter when live.
ORDERLY = [story for story in STORIES if not any(isinstance(step.what, LoseUpdates) for step in story.steps)]


@pytest.mark.parametrize("story", ORDERLY, ids=lambda story: story.name)
def test_a_shipped_story_has_the_same_verdict_and_causes_over_sockets_as_in_virtual_time(story: Scenario) -> None:
    virtual, live = run_scenario(story, 3), run_scenario_live(story, 3)
    assert virtual.passed, virtual.report()
    assert live.passed, live.report()
    assert [step.title for step in live.verdict.steps] == [step.title for step in virtual.verdict.steps]
    assert told(live) == told(virtual)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_seed_repeats_a_story_and_another_seed_does_not(story: Scenario) -> None:
    first = run_scenario(story, 11).trace.hash
    assert run_scenario(story, 11).trace.hash == first
    assert run_scenario(story, 12).trace.hash != first


def test_the_hash_of_a_run_is_the_same_on_every_machine() -> None:
    """Rewrite the value when the trace changes on purpose; never because another interpreter gave another."""
    story = next(story for story in STORIES if "there and back" in story.name and "encryption" in story.tags)
    assert run_scenario(story, 1).trace.hash == "53ede96f6d36a75cc8bcb993af9b850b"


@pytest.mark.parametrize("seed", range(20))
def test_the_main_job_succeeds_whatever_the_seed(seed: int) -> None:
    for story in STORIES:
        outcome = run_scenario(story, seed)
        assert outcome.passed, outcome.report()
