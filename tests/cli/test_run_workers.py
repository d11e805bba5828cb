"""Stories in processes of their own."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from harness.adapters.scenario_files import read_file
from harness.cli.run_workers import Done, Job, run_jobs
from harness.errors import HarnessError, UsageError, WorkerLost
from harness.targets import TargetOptions
from tests.cli.stories import FAILS, PASSES, write

OPTIONS = TargetOptions()


def jobs(folder: Path, *contents: str) -> list[Job]:
    files = [write(folder, content, f"{number}.scenario.yaml") for number, content in enumerate(contents)]
    return [Job(story, seed) for seed, path in enumerate(files, start=1) for story in read_file(path)]


class Taken(list[Done]):
    """What came, in order. After a failure it wants no more if `exit_first`."""

    def __init__(self, exit_first: bool = False) -> None:
        super().__init__()
        self.exit_first = exit_first

    def __call__(self, done: Done) -> bool:
        self.append(done)
        return done.outcome.passed or not self.exit_first


def children() -> list[int]:
    """The processes that this one has started and not yet seen the end of."""
    found = [path.read_text(encoding="ascii").split() for path in Path("/proc/self/task").glob("*/children")]
    return [int(number) for numbers in found for number in numbers]


def begun(_job: Job) -> None:
    pass


def test_results_come_in_the_order_of_the_jobs_and_are_the_same_however_many_run_at_once(tmp_path: Path) -> None:
    wanted = jobs(tmp_path, PASSES, FAILS, PASSES, PASSES, FAILS)
    one, several = Taken(), Taken()
    run_jobs(wanted, OPTIONS, 1, one, begun)
    run_jobs(wanted, OPTIONS, 2, several, begun)
    assert [done.outcome for done in several] == [done.outcome for done in one]
    assert [done.outcome.seed for done in several] == [1, 2, 3, 4, 5]
    assert children() == []


def test_after_a_failure_no_more_is_told_if_nobody_wants_it(tmp_path: Path) -> None:
    for at_once in (1, 2):
        taken = Taken(exit_first=True)
        run_jobs(jobs(tmp_path, PASSES, FAILS, PASSES, PASSES), OPTIONS, at_once, taken, begun)
        assert [done.outcome.passed for done in taken] == [True, False]
    assert children() == []


def test_what_runs_live_crosses_processes_as_well(tmp_path: Path) -> None:
    taken = Taken()
    run_jobs(jobs(tmp_path, PASSES, PASSES), TargetOptions(live=True), 2, taken, begun)
    assert [(done.outcome.passed, done.outcome.trace_hash) for done in taken] == [(True, None)] * 2


def test_a_worker_that_is_killed_is_told_with_its_story(tmp_path: Path) -> None:
    taken = Taken()

    def kill(job: Job) -> None:
        if job.seed == 3:
            for child in children():
                os.kill(child, signal.SIGKILL)

    with pytest.raises(WorkerLost) as lost:
        run_jobs(jobs(tmp_path, PASSES, PASSES, FAILS, PASSES), OPTIONS, 2, taken, kill)
    assert "(signal 9)" in str(lost.value)
    assert children() == []


def test_a_mistake_that_shows_only_when_a_story_runs_crosses_in_words(tmp_path: Path) -> None:
    wrong = PASSES.replace("[alice]", "\n  alice: {app: no such app}")
    with pytest.raises(HarnessError, match="no such app") as raised:
        run_jobs(jobs(tmp_path, PASSES, wrong, PASSES), OPTIONS, 2, Taken(), begun)
    assert type(raised.value) in (UsageError, HarnessError)


def test_ctrl_c_leaves_no_process_and_what_was_ready_is_told(tmp_path: Path) -> None:
    taken = Taken()

    def interrupt(job: Job) -> None:
        if job.seed == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_jobs(jobs(tmp_path, PASSES, PASSES, PASSES, PASSES, PASSES), OPTIONS, 2, taken, interrupt)
    assert [done.outcome.seed for done in taken] == sorted({done.outcome.seed for done in taken})
    assert children() == []
