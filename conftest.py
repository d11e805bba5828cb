"""Settings of the whole suite: Hypothesis profiles, how long a soak lasts, and which skips CI accepts."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

IN_CI = os.environ.get("CI") == "true"
ALLOWED_SKIPS = Path(__file__).parent / "tests" / "allowed_skips.txt"

# No deadline: the machines that run this are small and shared. In CI the examples are the same at every run.
settings.register_profile("fast", max_examples=60, deadline=None, print_blob=True, derandomize=IN_CI)
settings.register_profile("deep", max_examples=5000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


@pytest.fixture(scope="session")
def soak_s() -> float:
    """How many seconds a test marked `soak` may take (make soak SOAK_S=60)."""
    return float(os.environ.get("SOAK_S", "60"))


def _allowed_skips(text: str) -> Iterator[tuple[str, str]]:
    """(beginning of a test's id, beginning of what the skip says) of each line in allowed_skips.txt.

    Raises UsageError for a line without a reason.
    """
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        allowed, _, reason = line.partition(" # ")
        if not reason.strip():
            raise pytest.UsageError(f"{ALLOWED_SKIPS.name}: {allowed!r} has no reason (write: id # reason)")
        beginning, _, said = allowed.partition(" | ")
        yield beginning.strip(), said.strip()


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """In CI, turns a skip that is not on the list into a failure. An expected failure (xfail) is no skip."""
    if not (IN_CI and report.skipped) or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    says = reason.removeprefix("Skipped: ")
    allowed = list(_allowed_skips(ALLOWED_SKIPS.read_text(encoding="utf-8")))
    if any(report.nodeid.startswith(beginning) and says.startswith(said) for beginning, said in allowed):
        return
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid}: {reason}\nA skip in CI needs a line with its reason in {ALLOWED_SKIPS.name}."


def pytest_collection_finish() -> None:
    # What was collected, millions of objects, stays until the end: the garbage collector need not go through it again
    # and again. Tests that ask for a collection took ten times as long.
    gc.collect()
    gc.freeze()


# First: outside pytest's own wrapper, which is the one that turns a raised Skip into a skipped report.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    report = yield
    _refuse_skip(report)
    return report
