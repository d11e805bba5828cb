"""What `run` shows, and what it says at the end."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios

import pytest

from harness.cli.run_output import Teller, columns, counts, summary
from harness.cli.run_workers import Done
from harness.outcome import Outcome
from harness.verdict import Failure, StepVerdict, Verdict

STEPS = (
    StepVerdict("send: x", True, "a.yaml:3", 0, 10**9),
    StepVerdict("expect: y", False, "a.yaml:4", 10**9, 2 * 10**9),
)


def outcome(title: str, *, seed: int = 1, fails: bool = False, skipped: str | None = None) -> Outcome:
    failure = Failure("expect: y", "a.yaml:4", ("it did not come",), "") if fails else None
    verdict = Verdict(title, not fails, STEPS, failure, 10**9, skipped=skipped)
    return Outcome(verdict, (), seed, "httpsms-harness run a.yaml", path="a.yaml", line=1)


GOOD, BAD = outcome("Good"), outcome("Bad", fails=True)
SKIPPED = outcome("Not here", skipped="no push\ngive --push-listen")


def told(*outcomes: Outcome, seeds: int = 1, quiet: bool = False, verbose: bool = False, coloured: bool = False) -> str:
    shown: list[str] = []
    teller = Teller(shown.append, quiet=quiet, verbose=verbose, coloured=coloured, seeds=seeds)
    for each in outcomes:
        teller.tell(each)
    return "\n".join(shown)


@pytest.mark.parametrize(
    ("how", "firsts"),
    [
        ({}, ["pass  Good", "FAIL  Bad", "SKIP  Not here"]),
        ({"quiet": True}, ["FAIL  Bad"]),
        ({"coloured": True}, ["\x1b[32mpass\x1b[0m", "\x1b[31mFAIL\x1b[0m", "\x1b[33mSKIP\x1b[0m"]),
    ],
)
def test_each_story_is_told_as_fully_as_it_matters(how: dict[str, bool], firsts: list[str]) -> None:
    lines = [line for line in told(GOOD, BAD, SKIPPED, **how).splitlines() if not line.startswith(" ")]
    assert [line.startswith(first) for line, first in zip(lines, firsts, strict=True)] == [True] * len(firsts)


def test_verbose_shows_each_step() -> None:
    assert "expect: y" not in told(GOOD)
    assert "+1.000 s" in told(GOOD, verbose=True)


def test_several_seeds_of_a_story_are_one_line_and_its_first_failure() -> None:
    good = [outcome("Good", seed=seed) for seed in range(3, 6)]
    bad = [outcome("Bad", seed=seed, fails=seed > 3) for seed in range(3, 6)]
    lines = told(*good, *bad, seeds=3).splitlines()
    assert lines[:2] == ["pass  Good  (seeds 3 to 5)", "FAIL  Bad"]
    assert lines[-1] == "FAIL  Bad  (2 of seeds 3 to 5 fail: 4, 5)"
    assert sum(line == "FAIL  Bad" for line in lines) == 1


def done(*outcomes: Outcome, took_s: float = 0.1) -> list[Done]:
    return [Done(each, took_s * number) for number, each in enumerate(outcomes, start=1)]


def test_the_summary_ends_with_the_counts_and_the_command_that_repeats_what_failed() -> None:
    lines = summary(done(GOOD, BAD, SKIPPED), 5, 1.234, "AGAIN", verbose=False).splitlines()
    assert lines[-2:] == ["1 passed, 1 failed, 1 skipped, 2 not run in 1.23 s", "what failed, again: AGAIN"]
    assert lines[0] == "failed:"
    assert summary(done(GOOD), 1, 0.5, "AGAIN", verbose=False) == "1 passed in 0.50 s"


DEFECT = Outcome(
    Verdict("A defect", True, STEPS, BAD.verdict.failure, 10**9, expected="bug 7"),
    (),
    1,
    "again",
    path="a.yaml",
    line=9,
)


@pytest.mark.parametrize(
    ("outcomes", "quiet", "skips", "defects"),
    [
        ([SKIPPED, DEFECT], False, False, False),
        ([SKIPPED, DEFECT], True, True, False),
        ([SKIPPED, DEFECT, *(outcome(f"Good {number}") for number in range(30))], False, True, True),
        ([SKIPPED, SKIPPED, DEFECT, DEFECT], False, True, True),
    ],
)
def test_the_summary_repeats_what_is_out_of_sight_or_was_not_told(
    outcomes: list[Outcome], quiet: bool, skips: bool, defects: bool
) -> None:
    """Of several seeds of a story one line was told, without a reason."""
    text = summary(done(*outcomes), len(outcomes), 1, "AGAIN", verbose=False, quiet=quiet)
    assert ("skipped:\n" in text, "give --push-listen" in text) == (skips, skips)
    assert ("known defects, which still show:\n  A defect: bug 7" in text) is defects


def test_a_known_defect_with_several_seeds_is_told_as_one() -> None:
    assert told(DEFECT, DEFECT, seeds=2).startswith("known  A defect  (seeds ")


@pytest.mark.parametrize(("is_terminal", "wide"), [(True, 40), (False, None)])
def test_only_a_terminal_has_a_width(is_terminal: bool, wide: int | None) -> None:
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    with os.fdopen(follower, "w") as terminal, open(os.devnull, "w", encoding="utf-8") as file:
        assert columns(terminal if is_terminal else file) == wide
    os.close(leader)
    assert columns(None) is None


def test_what_many_seeds_found_is_told_once() -> None:
    failed = [outcome("Bad", seed=seed, fails=True) for seed in (1, 2, 3)]
    lines = summary(done(*failed), 3, 1, "AGAIN", verbose=False).splitlines()
    assert lines.count("  Bad") == 1
    assert "3 failed" in lines[-2]
    assert counts(done(*failed), 4) == "0 passed, 3 failed, 1 not run"


@pytest.mark.parametrize(("took_s", "verbose", "shown"), [(1, False, False), (1, True, True), (9, False, True)])
def test_what_took_longest_is_named_where_it_matters(took_s: float, verbose: bool, shown: bool) -> None:
    text = summary(done(GOOD, BAD, GOOD, GOOD), 4, took_s, "AGAIN", verbose=verbose)
    assert ("slowest:\n  0.40 s  Good\n  0.30 s  Good\n  0.20 s  Bad" in text) is shown
