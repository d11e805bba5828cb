"""A plan is carried out: acts go out, looks wait on the trace, and what fails says why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from harness.adapters.virtual import run_virtual
from harness.core import Command, Core, Record, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.instants import SECOND, Instant, ns
from harness.plain import dump, load
from harness.scenario import Await, Do, Forbid, Match, Move, RunStep, ScenarioRun, Start
from harness.scenario.plan import Place
from harness.verdict import Verdict
from harness.world import EPOCH_AT, World


class Stage(Core):
    """Writes what it is told to."""

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        return [event]


def said(hop: str, kind: str, message: str | None = None, **facts: Any) -> Record:
    return Record(hop, kind, message, {name.rstrip("_"): value for name, value in facts.items()})


Cue = tuple[float, Record]


def world_of(steps: Sequence[RunStep], cues: Sequence[Cue] = (), seed: int = 1) -> tuple[World, ScenarioRun]:
    """A story, and what happens at how many seconds from its beginning."""
    world = World(seed)
    run = ScenarioRun("scenario", Draws(seed, "scenario"), "A story", steps)
    world.add(Stage("stage", Draws(seed, "stage")))
    world.add(run)
    world.inject("scenario", Start())
    world.step()
    for at_s, record in cues:
        world.inject("stage", record, due_at=EPOCH_AT + ns(at_s))
    return world, run


def verdict_on(steps: Sequence[RunStep], cues: Sequence[Cue] = (), seed: int = 1) -> Verdict:
    world, run = world_of(steps, cues, seed)
    assert run_virtual(world, lambda: run.verdict is not None)
    assert run.verdict is not None
    return run.verdict


def step(what: Do | Await | Forbid | Move, alias: str | None = None) -> RunStep:
    return RunStep(type(what).__name__.lower(), what, Place("s.yaml", 7), alias)


# -- what the tests look for ---------------------------------------------------------------------------------------

SMS = said("contact", "received", None, to="+2", text="hi")
OTHER = said("contact", "received", None, to="+2", text="ho")
READ = Match("contact", ("received",), (("to", "+2"), ("text", "hi")))
SEND = Do(
    (Tell("@stage", said("client", "send", None, step="s1")),),
    Match("client", ("accepted",), (("step", "s1"),)),
    Match("client", ("refused", "unanswered"), (("step", "s1"),)),
)
ACCEPTED = said("client", "accepted", "m1", step="s1", status=200)
STATUS = Match("gateway", (), (("status", "sent"),), alias="greeting", state=True)


def status(status: str, message: str = "m1") -> Record:
    return said("gateway", f"message.{status}", message, was="?", status=status)


SENT_STEP = step(SEND, "greeting")
LOOK = step(Await(READ, 5 * SECOND))
NEVER = step(Forbid(READ, 5 * SECOND))
NO_LONGER = step(Forbid(replace(STATUS, facts=(("status", "failed"),)), 5 * SECOND))

STORIES: dict[str, tuple[list[RunStep], list[Cue], bool, list[str]]] = {
    "nothing at all": ([], [], True, []),
    # Awaiting.
    "a look finds what comes": ([LOOK], [(4, SMS)], True, []),
    "a look finds what comes at the very end of its time": ([LOOK], [(5, SMS)], True, []),
    "a look waits no longer": (
        [LOOK],
        [(5.1, SMS)],
        False,
        ["not seen within 5 s", "nothing of the kind was seen on the hop contact"],
    ),
    "a look shows what came instead": (
        [LOOK],
        [(1, OTHER)],
        False,
        [
            "not seen within 5 s",
            "instead: contact received (to='+2', text='ho')",
            "  text: expected 'hi', got 'ho'",
        ],
    ),
    "a look shows the last four only": (
        [LOOK],
        [(number, said("contact", "received", None, to=number, text="hi")) for number in range(1, 5)] + [(4.5, OTHER)],
        False,
        [
            "not seen within 5 s",
            *(
                line
                for number in (2, 3, 4)
                for line in (
                    f"instead: contact received (to={number}, text='hi')",
                    f"  to: expected '+2', got {number}",
                )
            ),
            "instead: contact received (to='+2', text='ho')",
            "  text: expected 'hi', got 'ho'",
        ],
    ),
    "a look finds what has come before": ([step(Move(3 * SECOND)), LOOK], [(1, SMS)], True, []),
    "two equal looks need two entries": ([LOOK, LOOK], [(1, SMS), (2, SMS)], True, []),
    "a look takes what it finds": (
        [LOOK, LOOK],
        [(1, SMS)],
        False,
        ["not seen within 5 s", "nothing of the kind was seen on the hop contact"],
    ),
    "looks may come in another order than the entries": (
        [step(Await(Match("contact", facts=(("text", "ho"),)), 5 * SECOND)), LOOK],
        [(1, SMS), (2, OTHER)],
        True,
        [],
    ),
    # Forbidding.
    "nothing comes": ([NEVER], [], True, []),
    "something else comes": ([NEVER], [(1, OTHER)], True, []),
    "what must not come comes": ([NEVER], [(1, SMS)], False, ["it came: contact received (to='+2', text='hi')"]),
    "what must not come comes at the very end": (
        [NEVER],
        [(5, SMS)],
        False,
        ["it came: contact received (to='+2', text='hi')"],
    ),
    "what must not come comes afterwards": ([NEVER], [(5.1, SMS)], True, []),
    "what must not come was there": (
        [step(Move(2 * SECOND)), NEVER],
        [(1, SMS)],
        False,
        ["it is there already: contact received (to='+2', text='hi')"],
    ),
    "what was looked for may not come again": (
        [LOOK, NEVER],
        [(1, SMS), (3, SMS)],
        False,
        ["it came: contact received (to='+2', text='hi')"],
    ),
    "what was looked for is forgiven": ([LOOK, NEVER], [(1, SMS)], True, []),
    # Acts.
    "an act ends with its entry": ([SENT_STEP], [(1, ACCEPTED)], True, []),
    "an act that is refused says why": (
        [SENT_STEP],
        [(1, said("client", "refused", None, step="s1", status=422, error="to is no number"))],
        False,
        ["to is no number"],
    ),
    "an act without an answer says what became of it": (
        [SENT_STEP],
        [(1, said("client", "unanswered", None, step="s1", outcome="TimedOut"))],
        False,
        ["TimedOut"],
    ),
    "an act that is refused without words is shown": (
        [SENT_STEP],
        [(1, said("client", "refused", None, step="s1"))],
        False,
        ["client refused (step='s1')"],
    ),
    "the answer to another act is none": (
        [SENT_STEP],
        [(1, said("client", "accepted", "m1", step="s2"))],
        False,
        [
            "no answer within 30 s",
            "instead: client accepted (step='s2')",
            "  step: expected 's1', got 's2'",
        ],
    ),
    "an act without an end is done at once": ([step(Do((Tell("@stage", SMS),))), LOOK], [], True, []),
    "time moves on": ([step(Move(3600 * SECOND))], [], True, []),
    # States.
    "a state is found": ([SENT_STEP, step(Await(STATUS, SECOND))], [(1, ACCEPTED), (1.5, status("sent"))], True, []),
    "a state is looked at, not taken": (
        [SENT_STEP, step(Await(STATUS, SECOND)), step(Await(STATUS, SECOND))],
        [(1, ACCEPTED), (1.5, status("sent"))],
        True,
        [],
    ),
    "the state of another message is none": (
        [SENT_STEP, step(Await(STATUS, SECOND))],
        [(1, ACCEPTED), (1.5, status("sent", "m2"))],
        False,
        ["not seen within 1 s", "nothing of the kind was seen on the hop gateway"],
    ),
    "the last state is shown instead": (
        [SENT_STEP, step(Await(STATUS, 2 * SECOND))],
        [
            (1, ACCEPTED),
            (1.5, status("pending")),
            (2, status("failed")),
            (2.5, said("gateway", "webhook.answered", "m1", status=200)),
        ],
        False,
        [
            "not seen within 2 s",
            "instead: gateway message.failed (was='?', status='failed')",
            "  status: expected 'sent', got 'failed'",
        ],
    ),
    "a state that is no longer may be forbidden": (
        [SENT_STEP, step(Move(2 * SECOND)), NO_LONGER],
        [(1, ACCEPTED), (1.5, status("failed")), (2, status("sent"))],
        True,
        [],
    ),
    "a state that is still there fails": (
        [SENT_STEP, step(Move(2 * SECOND)), NO_LONGER],
        [(1, ACCEPTED), (1.5, status("sent")), (2, status("failed"))],
        False,
        ["it is there already: gateway message.failed (was='?', status='failed')"],
    ),
    "a state that comes fails": (
        [SENT_STEP, NO_LONGER],
        [(1, ACCEPTED), (2, status("failed"))],
        False,
        ["it came: gateway message.failed (was='?', status='failed')"],
    ),
}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("steps", "cues", "passed", "why"), STORIES.values(), ids=STORIES)
def test_a_story_comes_to_its_verdict(
    steps: list[RunStep], cues: list[Cue], passed: bool, why: list[str], seed: int
) -> None:
    verdict = verdict_on(steps, cues, seed)
    assert verdict.passed is passed
    assert (list(verdict.failure.why) if verdict.failure else []) == why
    assert [one.passed for one in verdict.steps] == [True] * (len(verdict.steps) - 1 + passed) + [False] * (not passed)
    if passed:
        assert len(verdict.steps) == len(steps)


def test_a_failure_names_its_step_and_place() -> None:
    failure = verdict_on([LOOK]).failure
    assert failure is not None
    assert (failure.title, failure.place) == ("await", "s.yaml:7")


def test_a_verdict_has_its_own_time_and_the_ids_of_its_messages() -> None:
    verdict = verdict_on([SENT_STEP, LOOK], [(1, ACCEPTED), (2.5, SMS)])
    assert (verdict.title, verdict.took, verdict.messages) == ("A story", ns(2.5), (("greeting", "m1"),))


WROTE = said("contact", "wrote", None, to="+1", text="hi")


@pytest.mark.parametrize(
    ("last", "cues", "about"),
    [
        (step(Await(STATUS, SECOND)), [], "m1"),
        # A look that names no message is about the last one sent, or about the text that came after it.
        (LOOK, [], "m1"),
        (LOOK, [(1.5, WROTE)], None),
        (step(replace(SEND, done=Match("client", ("never",)))), [], ""),
        (step(Await(replace(STATUS, alias="later"), SECOND)), [], ""),
    ],
)
def test_a_failure_is_about_a_message(last: RunStep, cues: list[Cue], about: str | None) -> None:
    failure = verdict_on([SENT_STEP, last], [(1, ACCEPTED), *cues]).failure
    assert failure is not None
    assert failure.message == about


def test_a_failure_before_any_message_is_about_none() -> None:
    failure = verdict_on([LOOK]).failure
    assert failure is not None
    assert failure.message == ""


def test_a_failed_step_is_in_the_trace() -> None:
    world, run = world_of([SENT_STEP, LOOK], [(1, ACCEPTED)])
    run_virtual(world, lambda: run.verdict is not None)
    last = world.trace.entries[-1]
    assert (last.hop, last.kind, last.message, last.facts) == ("harness", "step failed", "m1", {"step": "await"})


def test_what_happens_before_the_beginning_is_not_looked_at() -> None:
    world = World(1)
    run = ScenarioRun("scenario", Draws(1, "scenario"), "A story", [NEVER])
    world.add(Stage("stage", Draws(1, "stage")))
    world.add(run)
    world.inject("stage", SMS)
    world.inject("scenario", Start(), due_at=EPOCH_AT + SECOND)
    assert run_virtual(world, lambda: run.verdict is not None)
    assert run.verdict is not None
    assert run.verdict.passed


def test_a_story_of_ten_thousand_steps_does_not_run_out_of_stack() -> None:
    acts = [step(Do((Tell("@stage", SMS),)))] * 5000
    looks = [LOOK] * 5000
    verdict = verdict_on([*acts, step(Move(SECOND)), *looks])
    assert verdict.passed
    assert len(verdict.steps) == 10_001


def test_nobody_tells_a_run_anything_else() -> None:
    run = ScenarioRun("scenario", Draws(1, "scenario"), "A story", [LOOK])
    with pytest.raises(ProtocolError):
        run.handle("hello", 0)
    assert run.facts == {"step": -1, "began_at": 0}


@pytest.mark.parametrize("steps_before", range(6))
def test_a_run_goes_on_from_a_snapshot_and_in_a_fork(steps_before: int) -> None:
    steps, cues = [SENT_STEP, LOOK, NEVER], [(1.0, ACCEPTED), (2.5, SMS), (3.0, OTHER)]
    world, run = world_of(steps, cues)
    for _ in range(steps_before):
        world.step()
    twin, twin_run = world_of(steps)
    twin.restore(load(dump(tuple(world.snapshot()))))
    fork = world.fork()
    fork_run = fork.cores["scenario"]
    assert isinstance(fork_run, ScenarioRun)
    for one, its_run in ((world, run), (twin, twin_run), (fork, fork_run)):
        run_virtual(one, lambda its_run=its_run: its_run.verdict is not None)  # type: ignore[misc]
    assert run.verdict == twin_run.verdict == fork_run.verdict
    assert run.verdict is not None
    assert run.verdict.passed
