"""A plan as lines of steps: that of the set-up, that of the story, and one for each branch of a `together`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

from harness.frozen import frozen
from harness.scenario.plan import Step, Together
from harness.scenario.steps import RunStep
from harness.scenario.wording import title_of

__all__ = ["SET_UP", "STORY", "Line", "Planned", "lines_of"]

SET_UP = "set-up"
STORY = ""


@frozen
class Planned:
    """A step in its line. `id` tells it from all others, `rank` orders a story's steps as its author wrote them."""

    step: RunStep | Step
    id: str
    rank: int
    branch: str

    @property
    def title(self) -> str:
        return self.step.title if isinstance(self.step, RunStep) else title_of(self.step)


@frozen
class Line:
    """Steps one after the other; `parent` is the line of the `together` that they are a branch of."""

    parent: str | None
    steps: tuple[Planned, ...]


def lines_of(setup: Sequence[RunStep], steps: Sequence[Step]) -> dict[str, Line]:
    """Every line by its name, in the order of the story: a branch comes after the step that it is in.

    A branch is named by the id of its step and its number: the second one of `step-3` is `step-3.2`.
    """
    lines: dict[str, Line] = {}
    ranks = count()
    _add(lines, ranks, SET_UP, None, setup, f"{SET_UP}-", "")
    _add(lines, ranks, STORY, None, steps, "step-", "")
    return lines


def _add(
    lines: dict[str, Line],
    ranks: Iterator[int],
    name: str,
    parent: str | None,
    steps: Sequence[RunStep | Step],
    prefix: str,
    branch: str,
) -> None:
    lines[name] = Line(parent, ())  # its place; the branches come behind it
    planned: list[Planned] = []
    for number, step in enumerate(steps, start=1):
        planned.append(Planned(step, f"{prefix}{number}", next(ranks), branch))
        if isinstance(step.what, Together):
            for each, steps_below in enumerate(step.what.branches, start=1):
                below = f"{prefix}{number}.{each}"
                number_below = f"{branch}.{each}" if branch else str(each)
                _add(lines, ranks, below, name, steps_below, f"{below}.", number_below)
    lines[name] = Line(parent, tuple(planned))
