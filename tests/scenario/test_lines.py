"""A plan as lines of steps."""

from __future__ import annotations

from harness.scenario.lines import SET_UP, STORY, lines_of
from harness.scenario.plan import Advance, Step, Together
from harness.scenario.steps import Move, RunStep

WAIT = Step(Advance(1))


def together(*branches: tuple[Step, ...]) -> Step:
    return Step(Together(branches))


def test_every_branch_is_a_line_with_its_parent_and_behind_it() -> None:
    inner = together((WAIT,), ())
    lines = lines_of([RunStep("begins", Move(1))], [WAIT, together((WAIT, inner), (WAIT,))])
    assert [(name, line.parent, len(line.steps)) for name, line in lines.items()] == [
        (SET_UP, None, 1),
        (STORY, None, 2),
        ("step-2.1", STORY, 2),
        ("step-2.1.2.1", "step-2.1", 1),
        ("step-2.1.2.2", "step-2.1", 0),
        ("step-2.2", STORY, 1),
    ]


def test_a_step_is_known_by_its_id_its_rank_and_its_branch() -> None:
    inner = together((WAIT,), (WAIT,))
    lines = lines_of([RunStep("begins", Move(1))], [together((WAIT, inner), (WAIT,)), WAIT])
    steps = sorted((step for line in lines.values() for step in line.steps), key=lambda step: step.rank)
    assert [(step.id, step.branch) for step in steps] == [
        ("set-up-1", ""),
        ("step-1", ""),
        ("step-1.1.1", "1"),
        ("step-1.1.2", "1"),
        ("step-1.1.2.1.1", "1.1"),
        ("step-1.1.2.2.1", "1.2"),
        ("step-1.2.1", "2"),
        ("step-2", ""),
    ]
    assert [step.rank for step in steps] == list(range(8))


def test_a_step_of_the_set_up_has_a_title_and_one_of_the_story_is_told_in_words() -> None:
    lines = lines_of([RunStep("alice logs in", Move(1))], [WAIT])
    assert [lines[name].steps[0].title for name in (SET_UP, STORY)] == ["alice logs in", "advance 1e-09 s"]
