"""What differs from build to build, and from maker to maker."""

from __future__ import annotations

import pytest

from harness.delays import Fixed
from harness.phone import Build
from harness.plain import dump, load
from harness.profile import AppProfile, OemProfile, Windows


@pytest.mark.parametrize(("cores", "threads"), [(1, 2), (2, 2), (3, 2), (4, 3), (5, 4), (8, 4), (64, 4), (None, 4)])
def test_there_are_two_to_four_threads_for_jobs(cores: int | None, threads: int) -> None:
    assert Build(oem=OemProfile(cpu_cores=cores)).threads == threads


@pytest.mark.parametrize(
    ("oem", "jobs", "pushes"),
    [
        (OemProfile(), False, False),
        (OemProfile(job_delay=Fixed(1)), True, False),
        (OemProfile(push_delay=Fixed(1)), False, True),
        (OemProfile(windows=Windows((1,), (1,))), True, True),
    ],
)
def test_only_a_maker_who_says_so_holds_jobs_or_pushes_back(oem: OemProfile, jobs: bool, pushes: bool) -> None:
    build = Build(oem=oem)
    assert (build.holds_jobs, build.holds_pushes) == (jobs, pushes)


def test_a_build_comes_back_from_a_file() -> None:
    build = Build(AppProfile(version="abc"), OemProfile(cpu_cores=2, push_delay=Fixed(5)), https_only=True)
    back = load(dump(build))
    assert back == build
    assert (back.threads, back.holds_pushes) == (2, True)
