"""What a run comes to."""

from __future__ import annotations

from enum import Enum

from harness.frozen import frozen

__all__ = ["Failure", "Status", "StepVerdict", "Verdict"]


class Status(Enum):
    """The words for how a story ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    EXPECTED = "failed as expected"


@frozen
class StepVerdict:
    """One step that was carried out. `place` is file:line, "" for Python; instants are of the run's clock (ns).

    `branch` tells which branch of a `together` it belongs to, "" outside of any: `2` is the second, `2.1` the first of
    a `together` within it.
    """

    title: str
    passed: bool
    place: str = ""
    began_at: int = 0
    ended_at: int = 0
    branch: str = ""


@frozen
class Failure:
    """Where a story broke, and why, in lines.

    `message` is the id of the message that it is about; None when it is about a text that came in, "" about neither.
    `rule` names the invariant that was broken, "" for a step. `line` and `column` count from 1, 0: not in a file.
    """

    title: str
    place: str
    why: tuple[str, ...]
    message: str | None = None
    rule: str = ""
    line: int = 0
    column: int = 0


@frozen
class Verdict:
    """One story's end. `took` is its own time in ns; `messages` are the names of its messages with their ids.

    `passed` says whether that is well: true also for a known defect (`expected`: its reason) that still shows, whose
    failure is then in `failure`. `skipped` is the reason of a story that did not run, with its remedy. `still_open`
    are the ids of messages that were on their way when the story ended, with their status and what was to come.
    """

    title: str
    passed: bool
    steps: tuple[StepVerdict, ...]
    failure: Failure | None
    took: int
    messages: tuple[tuple[str, str], ...] = ()
    skipped: str | None = None
    expected: str | None = None
    still_open: tuple[tuple[str, str], ...] = ()

    @property
    def status(self) -> Status:
        if self.skipped is not None:
            return Status.SKIPPED
        if not self.passed:
            return Status.FAILED
        return Status.PASSED if self.failure is None else Status.EXPECTED
