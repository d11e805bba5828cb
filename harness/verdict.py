"""What a run comes to."""

from __future__ import annotations

from harness.frozen import frozen

__all__ = ["Failure", "StepVerdict", "Verdict"]


@frozen
class StepVerdict:
    """One step that was carried out."""

    title: str
    passed: bool


@frozen
class Failure:
    """Where a story broke, and why, in lines.

    `message` is the id of the message that it is about; None when it is about a text that came in, "" about neither.
    """

    title: str
    place: str
    why: tuple[str, ...]
    message: str | None = None


@frozen
class Verdict:
    """One story's end. `took` is its own time in ns; `messages` are the names of its messages with their ids."""

    title: str
    passed: bool
    steps: tuple[StepVerdict, ...]
    failure: Failure | None
    took: int
    messages: tuple[tuple[str, str], ...] = ()
    skipped: str | None = None
