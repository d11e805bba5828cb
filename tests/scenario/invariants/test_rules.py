"""Every rule has a name, a sentence, and a trace that breaks it."""

from __future__ import annotations

import re

import pytest

from harness.adapters.scenario_files import find_files, read_file
from harness.scenario import Scenario
from harness.scenario.invariants import DESCRIPTIONS, FOLDS, INVARIANTS, check
from harness.testing import run_scenario
from harness.trace import HOPS
from tests.house.sources import ROOT
from tests.scenario.invariants import (
    test_access,
    test_contents,
    test_handsets,
    test_jobs,
    test_pushes,
    test_sending,
    test_statuses,
    test_webhooks,
)
from tests.scenario.invariants.traces import everything, real

TABLES = (
    test_access, test_contents, test_handsets, test_jobs, test_pushes, test_sending, test_statuses, test_webhooks,
)  # fmt: skip
SHIPPED = [story for path in find_files([str(ROOT / "scenarios")]) for story in read_file(path)]


def test_every_rule_is_called_by_its_name() -> None:
    assert tuple(FOLDS) == INVARIANTS == tuple(DESCRIPTIONS)
    assert all(fold.__name__ == name.replace("-", "_") for name, fold in FOLDS.items())
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", name) for name in INVARIANTS)


@pytest.mark.parametrize("words", DESCRIPTIONS.values(), ids=DESCRIPTIONS)
def test_every_rule_says_what_it_wants_in_a_sentence(words: str) -> None:
    assert re.fullmatch(r"[A-Z][^\n]{20,110}\.", words)


def test_every_rule_can_be_broken() -> None:
    assert {invariant for table in TABLES for _, invariant, _ in table.TAMPERED.values()} == set(INVARIANTS)


def test_an_empty_trace_and_one_of_a_single_hop_break_nothing() -> None:
    assert check(()) == ()
    for hop in HOPS:
        assert check(entry for entry in real() if entry.hop == hop) == ()


ANOTHER_SERVER = ("api", "gateway", "push")


@pytest.mark.parametrize("hops", [*((hop,) for hop in HOPS), ANOTHER_SERVER], ids=", ".join)
def test_a_hop_that_is_not_seen_is_one_about_which_nothing_is_said(hops: tuple[str, ...]) -> None:
    seen = {entry.number for entry in real() if entry.hop not in hops}
    entries = [
        entry._replace(cause=entry.cause if entry.cause in seen else None) for entry in real() if entry.number in seen
    ]
    assert check(entries) == ()


@pytest.mark.parametrize("seed", range(1, 9))
def test_a_story_with_everything_in_it_breaks_nothing(seed: int) -> None:
    outcome = run_scenario(everything(), seed)
    assert outcome.passed, outcome.verdict.failure
    assert check(outcome.entries) == ()


@pytest.mark.parametrize("story", SHIPPED, ids=lambda story: story.title)
def test_no_shipped_story_breaks_a_rule(story: Scenario) -> None:
    """Not one that fails on purpose either: what the server does by its nature is no violation."""
    for seed in (1, 2, 3):
        outcome = run_scenario(story, seed)
        assert check(outcome.entries, story.may_break) == ()
