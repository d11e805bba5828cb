"""A plan is carried out: acts go out, looks wait on the trace, and what fails says why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from harness.adapters.virtual import run_virtual
from harness.answers import Capture, Captured, Replied
from harness.core import Command, Core, Record, Tell
from harness.draws import Draws
from harness.errors import ProtocolError, UsageError
from harness.frozen import frozen
from harness.instants import SECOND, Instant, ns
from harness.late import Late, fill
from harness.matchers import Contains, Equals
from harness.plain import dump, load
from harness.scenario.matching import wanted
from harness.scenario.plan import Advance, Place, Step, Together
from harness.scenario.run import ScenarioRun, Start
from harness.scenario.steps import Await, AwaitOrder, Do, Forbid, Match, Move, RunStep, Span, What
from harness.verdict import Verdict
from harness.world import EPOCH_AT, World


class Stage(Core):
    """Writes what it is told to."""

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        return [event]


def said(hop: str, kind: str, message: str | None = None, **facts: Any) -> Record:
    return Record(hop, kind, message, {name.rstrip("_"): value for name, value in facts.items()})


Bound = What | Callable[[str, Mapping[str, str]], What]
"""What a step is bound to, or how: from its id and the values."""


@frozen
class One:
    """A step of a test's story; several branches are a `together`."""

    bound: Bound | None = None
    alias: str | None = None
    branches: tuple[tuple[One, ...], ...] = ()
    title: str = ""


Steps = Sequence[One]
Cue = tuple[float, Record]


class Script:
    """Plan steps with their titles as names, and the bind that knows what each of them is."""

    def __init__(self, steps: Steps) -> None:
        self.bounds: dict[str, Bound] = {}
        self.steps = tuple(self._planned(step) for step in steps)

    def _planned(self, one: One) -> Step:
        place = Place("s.yaml", len(self.bounds) + 1, 5)
        if one.bound is None:
            branches = tuple(tuple(self._planned(step) for step in branch) for branch in one.branches)
            return Step(Together(branches), place, title="together")
        title = one.title or f"{type(one.bound).__name__.lower()} {len(self.bounds) + 1}"
        self.bounds[title] = one.bound
        return Step(Advance(0), place, one.alias, title)

    def bind(self, step: Step, name: str, values: Mapping[str, str]) -> What:
        bound = self.bounds[step.title]
        return bound(name, values) if callable(bound) else bound


def world_of(
    steps: Steps, cues: Sequence[Cue] = (), seed: int = 1, setup: Sequence[RunStep] = ()
) -> tuple[World, ScenarioRun]:
    """A story, and what happens at how many seconds from its beginning."""
    world = World(seed)
    script = Script(steps)
    run = ScenarioRun("scenario", Draws(seed, "scenario"), "A story", setup, script.steps, script.bind)
    world.add(Stage("stage", Draws(seed, "stage")))
    world.add(run)
    world.inject("scenario", Start())
    world.step()
    for at_s, record in cues:
        world.inject("stage", record, due_at=EPOCH_AT + ns(at_s))
    return world, run


def ended(world: World, run: ScenarioRun) -> Verdict:
    assert run_virtual(world, lambda: run.verdict is not None)
    assert run.verdict is not None
    assert not run.cursors  # it looks at nothing any more
    return run.verdict


def verdict_on(steps: Steps, cues: Sequence[Cue] = (), seed: int = 1) -> Verdict:
    return ended(*world_of(steps, cues, seed))


def together(*branches: Steps) -> One:
    return One(branches=tuple(tuple(branch) for branch in branches))


# -- what the tests look for ---------------------------------------------------------------------------------------

SMS = said("contact", "received", None, to="+2", text="hi")
OTHER = said("contact", "received", None, to="+2", text="ho")
READ = Match("contact", ("received",), (("to", Equals("+2")), ("text", Equals("hi"))))
READ_OTHER = Match("contact", ("received",), (("text", Equals("ho")),))
READ_ANY = Match("contact", ("received",))
WANTED = "contact received (to='+2', text='hi')"
STEP_1 = (("step", Equals("s1")),)
SEND = Do(
    (Tell("@stage", said("client", "send", None, step="s1")),),
    Match("client", ("accepted",), STEP_1),
    Match("client", ("refused", "unanswered"), STEP_1),
)
ACCEPTED = said("client", "accepted", "m1", step="s1", status=200)
STATUS = Match("gateway", (), (("status", Equals("sent")),), alias="greeting", state=True)
FAILED_STATUS = replace(STATUS, facts=(("status", Equals("failed")),))


def status(status: str, message: str = "m1") -> Record:
    return said("gateway", f"message.{status}", message, was="?", status=status)


def tell(*records: Record) -> Do:
    return Do(tuple(Tell("@stage", record) for record in records))


SENT_STEP = One(SEND, "greeting")
LOOK = One(Await(READ, 5 * SECOND))
LOOK_OTHER = One(Await(READ_OTHER, 5 * SECOND))
NEVER = One(Forbid(READ, 5 * SECOND))
NO_LONGER = One(Forbid(FAILED_STATUS, 5 * SECOND))
LATER = One(Move(2 * SECOND))
BEHIND = One(Span("first", "second", SECOND))
UNSEEN = f"not seen within 5 s: {WANTED}"
NOTHING = "no text reached anybody"
NO_OTHER = "no other text reached anybody"
DELIVERED = Match("radio", ("delivered",))
HOOK = Match("webhook", ("message.phone.sent",))
TAKEN = "seen, and taken by the step at s.yaml:{line}: a second look needs a second text"


def unseen(match: Match) -> list[str]:
    return [f"not seen within 5 s: {wanted(match)}"]


STORIES: dict[str, tuple[list[One], list[Cue], bool, list[str]]] = {
    "nothing at all": ([], [], True, []),
    # Awaiting.
    "a look finds what comes": ([LOOK], [(4, SMS)], True, []),
    "a look finds what comes at the very end of its time": ([LOOK], [(5, SMS)], True, []),
    "a look waits no longer": ([LOOK], [(5.1, SMS)], False, [UNSEEN, NOTHING]),
    "a look shows what came instead": (
        [LOOK],
        [(1, OTHER)],
        False,
        [UNSEEN, "instead: contact received (to='+2', text='ho')", "  text: expected 'hi', got 'ho'"],
    ),
    "a look shows the last four only": (
        [LOOK],
        [(number, said("contact", "received", None, to=str(number), text="hi")) for number in range(1, 5)]
        + [(4.5, OTHER)],
        False,
        [
            UNSEEN,
            *(
                line
                for number in "234"
                for line in (
                    f"instead: contact received (to='{number}', text='hi')",
                    f"  to: expected '+2', got '{number}'",
                )
            ),
            "instead: contact received (to='+2', text='ho')",
            "  text: expected 'hi', got 'ho'",
        ],
    ),
    "a look finds what has come before": ([One(Move(3 * SECOND)), LOOK], [(1, SMS)], True, []),
    "two equal looks need two entries": ([LOOK, LOOK], [(1, SMS), (2, SMS)], True, []),
    "a look takes what it finds": ([LOOK, LOOK], [(1, SMS)], False, [UNSEEN, TAKEN.format(line=1)]),
    "a look shows what came instead, and what was taken": (
        [LOOK, LOOK],
        [(1, SMS), (2, OTHER)],
        False,
        [
            UNSEEN,
            "instead: contact received (to='+2', text='ho')",
            "  text: expected 'hi', got 'ho'",
            TAKEN.format(line=1),
        ],
    ),
    "what was taken is no other": ([LOOK_OTHER, LOOK], [(1, OTHER)], False, [UNSEEN, NO_OTHER]),
    "no text": ([One(Await(DELIVERED, 5 * SECOND))], [], False, [*unseen(DELIVERED), "no text reached a phone"]),
    "a webhook": ([One(Await(HOOK, 5 * SECOND))], [], False, [*unseen(HOOK), "no such webhook came"]),
    "a webhook that was taken": (
        [One(Await(HOOK, 5 * SECOND)), One(Await(HOOK, 5 * SECOND))],
        [(1, said("webhook", "message.phone.sent"))],
        False,
        [*unseen(HOOK), "seen, and taken by the step at s.yaml:1: a second look needs another one"],
    ),
    "looks may come in another order than the entries": ([LOOK_OTHER, LOOK], [(1, SMS), (2, OTHER)], True, []),
    # How often.
    "so often": ([One(Await(READ, 5 * SECOND, at_least=2))], [(1, SMS), (2, SMS)], True, []),
    "so often, some of them before": (
        [LATER, One(Await(READ, 5 * SECOND, at_least=3)), LOOK],
        [(1, SMS), (1.5, SMS), (3, SMS), (4, SMS)],
        True,
        [],
    ),
    "a look takes no more than it needs": (
        [LATER, One(Await(READ, 5 * SECOND, at_least=2)), LOOK, LOOK],
        [(1, SMS), (1.2, SMS), (1.5, SMS)],
        False,
        [UNSEEN, TAKEN.format(line=3)],
    ),
    "not so often": (
        [One(Await(READ, 5 * SECOND, at_least=2))],
        [(1, SMS), (2, OTHER)],
        False,
        [
            f"seen 1 of at least 2 times within 5 s: {WANTED}",
            "instead: contact received (to='+2', text='ho')",
            "  text: expected 'hi', got 'ho'",
        ],
    ),
    "not so often, and nothing else": (
        [One(Await(READ, 5 * SECOND, at_least=2))],
        [(1, SMS)],
        False,
        [f"seen 1 of at least 2 times within 5 s: {WANTED}", NO_OTHER],
    ),
    "no more than so often": (
        [One(Await(READ, 5 * SECOND, at_least=1, at_most=2))],
        [(1, SMS), (5, SMS), (5.1, SMS)],
        True,
        [],
    ),
    "once too often": (
        [One(Await(READ, 5 * SECOND, at_least=1, at_most=2))],
        [(1, SMS), (2, SMS), (5, SMS)],
        False,
        [f"seen 3 times, and may come at most 2 times: {WANTED}"],
    ),
    "too often before": (
        [LATER, One(Await(READ, 5 * SECOND, at_least=1, at_most=1))],
        [(1, SMS), (1.5, SMS)],
        False,
        [f"seen 2 times, and may come at most 1 time: {WANTED}"],
    ),
    "at most, but not at least": (
        [One(Await(READ, 5 * SECOND, at_least=1, at_most=2))],
        [],
        False,
        [UNSEEN, NOTHING],
    ),
    "none at all may be enough": ([One(Await(READ, 5 * SECOND, at_least=0, at_most=1))], [], True, []),
    "a state so often": (
        [SENT_STEP, One(Await(STATUS, 5 * SECOND, at_least=2))],
        [(1, ACCEPTED), (2, status("sent")), (3, status("sent"))],
        True,
        [],
    ),
    # In order.
    "one after the other": (
        [One(AwaitOrder((READ, READ_OTHER, READ), 5 * SECOND))],
        [(1, SMS), (2, said("phone", "booted")), (3, OTHER), (4, SMS)],
        True,
        [],
    ),
    "one after the other, some of them before": (
        [LATER, One(AwaitOrder((READ, READ_OTHER), 5 * SECOND))],
        [(1, SMS), (3, OTHER)],
        True,
        [],
    ),
    "one after the other on several hops": (
        [LATER, One(AwaitOrder((READ, Match("phone", ("booted",)), READ), 5 * SECOND))],
        [(1, SMS), (1.2, said("phone", "booted")), (1.5, SMS)],
        True,
        [],
    ),
    "the wrong way round": (
        [LATER, One(AwaitOrder((READ, READ_OTHER), 5 * SECOND))],
        [(1, OTHER), (1.5, SMS)],
        False,
        [
            "seen 1 of 2 in order within 5 s",
            "missing: contact received (text='ho')",
            f"after: {WANTED}",
            "it came before that: contact received (to='+2', text='ho')",
        ],
    ),
    "the first of them is missing": (
        [One(AwaitOrder((READ, READ_OTHER), 5 * SECOND))],
        [(1, OTHER)],
        False,
        [
            "seen 0 of 2 in order within 5 s",
            f"missing: {WANTED}",
            "instead: contact received (to='+2', text='ho')",
            "  text: expected 'hi', got 'ho'",
        ],
    ),
    "an order takes what it finds": (
        [One(AwaitOrder((READ,), 5 * SECOND)), LOOK],
        [(1, SMS)],
        False,
        [UNSEEN, TAKEN.format(line=1)],
    ),
    # Forbidding.
    "nothing comes": ([NEVER], [], True, []),
    "something else comes": ([NEVER], [(1, OTHER)], True, []),
    "what must not come comes": ([NEVER], [(1, SMS)], False, [f"it came: {WANTED}"]),
    "what must not come comes at the very end": ([NEVER], [(5, SMS)], False, [f"it came: {WANTED}"]),
    "what must not come comes afterwards": ([NEVER], [(5.1, SMS)], True, []),
    "what must not come was there": ([LATER, NEVER], [(1, SMS)], False, [f"it is there already: {WANTED}"]),
    "what was looked for may not come again": ([LOOK, NEVER], [(1, SMS), (3, SMS)], False, [f"it came: {WANTED}"]),
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
        ["client refused"],
    ),
    "the answer to another act is none": (
        [SENT_STEP],
        [(1, said("client", "accepted", "m1", step="s2"))],
        False,
        ["no answer within 30 s", "instead: client accepted", "  step: expected 's1', got 's2'"],
    ),
    "an act without an end is done at once": ([One(tell(SMS)), LOOK], [], True, []),
    "time moves on": ([One(Move(3600 * SECOND))], [], True, []),
    # States.
    "a state is found": ([SENT_STEP, One(Await(STATUS, SECOND))], [(1, ACCEPTED), (1.5, status("sent"))], True, []),
    "a state is looked at, not taken": (
        [SENT_STEP, One(Await(STATUS, SECOND)), One(Await(STATUS, SECOND))],
        [(1, ACCEPTED), (1.5, status("sent"))],
        True,
        [],
    ),
    "the state of another message is none": (
        [SENT_STEP, One(Await(STATUS, SECOND))],
        [(1, ACCEPTED), (1.5, status("sent", "m2"))],
        False,
        [
            "not seen within 1 s: gateway (of greeting, status='sent')",
            "nothing of the kind was seen on the hop gateway",
        ],
    ),
    "the last state is shown instead": (
        [SENT_STEP, One(Await(STATUS, 2 * SECOND))],
        [
            (1, ACCEPTED),
            (1.5, status("pending")),
            (2, status("failed")),
            (2.5, said("gateway", "webhook.answered", "m1", status=200)),
        ],
        False,
        [
            "not seen within 2 s: gateway (of greeting, status='sent')",
            "instead: gateway message.failed (was='?', status='failed')",
            "  status: expected 'sent', got 'failed'",
        ],
    ),
    "a state that is no longer may be forbidden": (
        [SENT_STEP, LATER, NO_LONGER],
        [(1, ACCEPTED), (1.5, status("failed")), (2, status("sent"))],
        True,
        [],
    ),
    "a state that is still there fails": (
        [SENT_STEP, LATER, NO_LONGER],
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
    # Distances.
    "it took as long as it may": (
        [SENT_STEP, replace(LOOK, alias="arrival"), One(Span("greeting", "arrival", SECOND, 2 * SECOND))],
        [(1, ACCEPTED), (3, SMS)],
        True,
        [],
    ),
    "it took too long": (
        [SENT_STEP, replace(LOOK, alias="arrival"), One(Span("greeting", "arrival", at_most=SECOND))],
        [(1, ACCEPTED), (3.5, SMS)],
        False,
        ["it took 2.5 s from greeting to arrival, and may take at most 1 s"],
    ),
    "it did not take long enough": (
        [SENT_STEP, replace(LOOK, alias="arrival"), One(Span("greeting", "arrival", 3 * SECOND))],
        [(1, ACCEPTED), (3, SMS)],
        False,
        ["it took 2 s from greeting to arrival, and must take at least 3 s"],
    ),
    "the last of several has the name": (
        [
            SENT_STEP,
            One(Await(READ, 5 * SECOND, at_least=2), "both"),
            One(Span("greeting", "both", 3 * SECOND, 3 * SECOND)),
        ],
        [(1, ACCEPTED), (2, SMS), (4, SMS)],
        True,
        [],
    ),
    "the one that made it enough has the name": (
        [
            SENT_STEP,
            One(Await(READ, 5 * SECOND, 1, 3), "first"),
            One(Span("greeting", "first", SECOND, SECOND)),
        ],
        [(1, ACCEPTED), (2, SMS), (4, SMS)],
        True,
        [],
    ),
    "the end of an order has the name": (
        [
            SENT_STEP,
            One(AwaitOrder((READ, READ_OTHER), 5 * SECOND), "end"),
            One(Span("greeting", "end", 3 * SECOND, 3 * SECOND)),
        ],
        [(1, ACCEPTED), (2, SMS), (4, OTHER)],
        True,
        [],
    ),
    "a distance from nothing": ([One(Span("a", "b", SECOND))], [], False, [
        "nothing is named a so far", "nothing is named b so far",
    ]),
    # Together.
    "branches of nothing": ([together([], []), together(), LOOK], [(1, SMS)], True, []),
    "branches wait at the same time": (
        [together([LOOK, LOOK], [LOOK_OTHER]), NEVER],
        [(1, SMS), (2, OTHER), (3, SMS)],
        True,
        [],
    ),
    "an entry goes to the first branch that it fits": (
        [together([One(Await(READ_ANY, 5 * SECOND), "first")], [replace(LOOK, alias="second")]), BEHIND],
        [(1, SMS), (2, SMS)],
        True,
        [],
    ),
    "the first branch is the first one in the story, not the first one to begin": (
        [
            together(
                [LATER, together([replace(LOOK, alias="first")], [])],
                [One(Await(READ_ANY, 5 * SECOND), "second")],
            ),
            BEHIND,
        ],
        [(3, SMS), (4, SMS)],
        True,
        [],
    ),
    "a branch that fails the story leaves the others where they are": (
        [SENT_STEP, together([NO_LONGER], [One(Await(FAILED_STATUS, 5 * SECOND))])],
        [(1, ACCEPTED), (2, status("failed"))],
        False,
        ["it came: gateway message.failed (was='?', status='failed')"],
    ),
    "an entry goes to one branch": ([together([LOOK], [LOOK])], [(1, SMS)], False, [UNSEEN, TAKEN.format(line=1)]),
    "a state is every branch's": (
        [SENT_STEP, together([One(Await(STATUS, SECOND))], [One(Await(STATUS, SECOND))])],
        [(1, ACCEPTED), (1.5, status("sent"))],
        True,
        [],
    ),
    "the branches end when the last one does": (
        [SENT_STEP, together([LOOK], [One(Move(4 * SECOND))]), One(tell(OTHER)), replace(LOOK_OTHER, alias="end"),
         One(Span("greeting", "end", 4 * SECOND, 4 * SECOND))],
        [(1, ACCEPTED), (2, SMS)],
        True,
        [],
    ),
    "one branch fails the story": (
        [together([One(Move(9 * SECOND))], [LOOK]), One(Move(SECOND))],
        [],
        False,
        [UNSEEN, NOTHING],
    ),
    "branches within branches": (
        [together([together([LOOK], [LOOK_OTHER]), LOOK_OTHER], [One(Move(SECOND)), LOOK])],
        [(1, SMS), (2, OTHER), (3, SMS), (4, OTHER)],
        True,
        [],
    ),
    "a branch that ends frees the entry for the next": (
        [together([One(Await(READ, 2 * SECOND, 0, 1))], [One(Move(3 * SECOND)), LOOK])],
        [(2.5, SMS)],
        True,
        [],
    ),
}  # fmt: skip


def ended_steps(steps: Steps) -> int:
    return sum(1 + sum(ended_steps(branch) for branch in step.branches) for step in steps)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("steps", "cues", "passed", "why"), STORIES.values(), ids=STORIES)
def test_a_story_comes_to_its_verdict(
    steps: list[One], cues: list[Cue], passed: bool, why: list[str], seed: int
) -> None:
    verdict = verdict_on(steps, cues, seed)
    assert (list(verdict.failure.why) if verdict.failure else []) == why
    assert verdict.passed is passed
    assert [one.passed for one in verdict.steps].count(False) == (not passed)
    if passed:
        assert len(verdict.steps) == ended_steps(steps)


# -- what a verdict tells ------------------------------------------------------------------------------------------


def test_a_failure_names_its_step_and_place() -> None:
    failure = verdict_on([One(Move(SECOND)), LOOK]).failure
    assert failure is not None
    assert (failure.title, failure.place, failure.line, failure.column) == ("await 2", "s.yaml:2", 2, 5)


def test_a_verdict_has_its_own_time_and_the_ids_of_its_messages() -> None:
    verdict = verdict_on([SENT_STEP, LOOK], [(1, ACCEPTED), (2.5, SMS)])
    assert (verdict.title, verdict.took, verdict.messages) == ("A story", ns(2.5), (("greeting", "m1"),))


def test_a_verdict_tells_of_each_step_when_and_in_which_branch_it_ran() -> None:
    inner = together([One(Move(SECOND))], [One(Move(2 * SECOND))])
    steps = [One(Move(SECOND)), together([One(Move(4 * SECOND))], [inner, One(Move(SECOND))]), One(Move(SECOND))]
    told = [
        (one.title, one.place, (one.began_at - EPOCH_AT) // SECOND, (one.ended_at - EPOCH_AT) // SECOND, one.branch)
        for one in verdict_on(steps).steps
    ]
    assert told == [
        ("move 1", "s.yaml:1", 0, 1, ""),
        ("together", "s.yaml:2", 1, 5, ""),
        ("move 2", "s.yaml:2", 1, 5, "1"),
        ("together", "s.yaml:3", 1, 3, "2"),
        ("move 3", "s.yaml:3", 1, 2, "2.1"),
        ("move 4", "s.yaml:4", 1, 3, "2.2"),
        ("move 5", "s.yaml:5", 3, 4, "2"),
        ("move 6", "s.yaml:6", 5, 6, ""),
    ]


WROTE = said("contact", "wrote", None, to="+1", text="hi")


@pytest.mark.parametrize(
    ("last", "cues", "about"),
    [
        (One(Await(STATUS, SECOND)), [], "m1"),
        # A look that names no message is about the last one sent, or about the text that came after it.
        (LOOK, [], "m1"),
        (LOOK, [(1.5, WROTE)], None),
        (One(AwaitOrder((READ,), SECOND)), [], "m1"),
        (One(replace(SEND, done=Match("client", ("never",)))), [], ""),
        (One(Await(replace(STATUS, alias="later"), SECOND)), [], ""),
    ],
)
def test_a_failure_is_about_a_message(last: One, cues: list[Cue], about: str | None) -> None:
    failure = verdict_on([SENT_STEP, last], [(1, ACCEPTED), *cues]).failure
    assert failure is not None
    assert failure.message == about


def test_a_failure_before_any_message_is_about_none() -> None:
    failure = verdict_on([LOOK]).failure
    assert failure is not None
    assert failure.message == ""


def test_a_failed_step_is_in_the_trace() -> None:
    world, run = world_of([SENT_STEP, LOOK], [(1, ACCEPTED)])
    ended(world, run)
    last = world.trace.entries[-1]
    assert (last.hop, last.kind, last.message, last.facts) == ("harness", "step failed", "m1", {"step": "await 2"})


def test_what_happens_before_the_beginning_is_not_looked_at() -> None:
    world, script = World(1), Script([NEVER])
    run = ScenarioRun("scenario", Draws(1, "scenario"), "A story", (), script.steps, script.bind)
    world.add(Stage("stage", Draws(1, "stage")))
    world.add(run)
    world.inject("stage", SMS)
    world.inject("scenario", Start(), due_at=EPOCH_AT + SECOND)
    assert ended(world, run).passed


def test_a_story_of_ten_thousand_steps_does_not_run_out_of_stack() -> None:
    acts = [One(tell(SMS), title="an act")] * 5000
    looks = [One(LOOK.bound, title="a look")] * 5000
    verdict = verdict_on([*acts, One(Move(SECOND)), *looks])
    assert verdict.passed
    assert len(verdict.steps) == 10_001


def test_nobody_tells_a_run_anything_else() -> None:
    _, run = world_of([LOOK])
    before = dict(run.facts)
    for event in ("hello", Start()):
        with pytest.raises(ProtocolError):
            run.handle(event, 0)
    assert run.facts == before


# -- the set-up ----------------------------------------------------------------------------------------------------

SET_UP = RunStep("set-up: alice logs in", SEND)


def test_what_the_set_up_did_is_not_looked_at() -> None:
    world, run = world_of([NEVER], [(1, SMS), (2, ACCEPTED)], setup=[SET_UP])
    verdict = ended(world, run)
    assert verdict.passed
    assert [step.title for step in verdict.steps] == ["set-up: alice logs in", "forbid 1"]
    assert verdict.messages == ()


@pytest.mark.parametrize(
    ("cues", "in_set_up"), [([(1, said("client", "refused", step="s1"))], True), ([(1, ACCEPTED)], False)]
)
def test_a_run_knows_whether_it_failed_before_its_first_step(cues: list[Cue], in_set_up: bool) -> None:
    world, run = world_of([LOOK], cues, setup=[SET_UP])
    assert not run.failed_in_set_up
    assert not ended(world, run).passed
    assert run.failed_in_set_up is in_set_up


# -- names and values ----------------------------------------------------------------------------------------------


def say(template: str) -> Callable[[str, Mapping[str, str]], What]:
    return lambda _name, values: tell(said("contact", "received", text=fill(Late(template), values)))


def capture(*captures: Capture, match: Match = READ_ANY) -> One:
    return One(Await(match, 5 * SECOND, captures=captures))


def texts_of(world: World) -> list[Any]:
    return [entry.facts.get("text") for entry in world.trace.entries if entry.kind == "received"]


CODE = said("contact", "received", None, text="Your code is 1234, or 99", segments=2, flash=True)


@pytest.mark.parametrize(
    ("captured", "value"),
    [
        (Capture("it"), "Your code is 1234, or 99"),
        (Capture("it", pattern=r"\d{4}"), "1234"),
        (Capture("it", pattern=r"or (\d+)"), "99"),
        (Capture("it", "segments"), "2"),
        (Capture("it", "flash"), "true"),
        (Capture("it", "text", "^Your"), "Your"),
    ],
)
def test_a_look_gives_what_it_found_a_name_for_later_steps(captured: Capture, value: str) -> None:
    world, run = world_of([capture(captured), One(say("it is ${it}"))], [(1, CODE)])
    assert ended(world, run).passed
    run_virtual(world, lambda: False)
    assert texts_of(world)[-1] == f"it is {value}"


@pytest.mark.parametrize(
    ("captured", "why"),
    [
        (Capture("it", pattern="x"), "nothing to capture as it: 'x' is not found in its text"),
        (Capture("it", "nothing"), "nothing to capture as it: there is no nothing"),
    ],
)
def test_a_look_that_finds_nothing_to_capture_fails(captured: Capture, why: str) -> None:
    failure = verdict_on([capture(captured)], [(1, SMS)]).failure
    assert failure is not None
    assert failure.why == (why, f"in: {WANTED}")


def test_a_value_that_no_step_has_captured_fails_the_step_that_needs_it() -> None:
    failure = verdict_on([One(say("${code}"), title="send it")]).failure
    assert failure is not None
    assert (failure.title, failure.why) == (
        "send it", ("${code} has no value yet: no step has captured it by now",)
    )  # fmt: skip


def test_what_cannot_be_meant_fails_its_step() -> None:
    def refuse(_name: str, _values: Mapping[str, str]) -> What:
        raise UsageError("no such number", "give one with +")

    failure = verdict_on([One(refuse)]).failure
    assert failure is not None
    assert failure.why == ("no such number", "give one with +")


def test_unique_values_are_the_seeds_and_each_name_has_its_own() -> None:
    def said_by(seed: int) -> list[str]:
        world, run = world_of([One(say("${unique} ${unique.a} ${unique.b} ${unique}"))], seed=seed)
        assert ended(world, run).passed
        run_virtual(world, lambda: False)
        return str(texts_of(world)[0]).split(" ")

    one, again, other = said_by(1), said_by(1), said_by(2)
    assert one == again
    assert one[0] == one[3]
    assert len({*one, *other}) == 6
    assert all(len(value) == 8 and value.isalnum() and value.islower() for value in one)


@pytest.mark.parametrize(
    ("steps", "names"),
    [
        ([LATER, LATER], ["step-1", "step-2"]),
        ([together([LATER], [LATER, together([LATER])])], ["step-1.1.1", "step-1.2.1", "step-1.2.2.1.1"]),
    ],
)
def test_each_step_has_an_id_of_its_own(steps: Steps, names: list[str]) -> None:
    asked: list[str] = []

    def note(name: str, _values: Mapping[str, str]) -> What:
        asked.append(name)
        return Move(0)

    def noting(step: One) -> One:
        if step.bound is None:
            return together(*([noting(each) for each in branch] for branch in step.branches))
        return replace(step, bound=note)

    assert verdict_on([noting(step) for step in steps]).passed
    assert sorted(asked) == names


# -- answers of the API --------------------------------------------------------------------------------------------


def call(replied: Replied, *records: Record) -> Callable[[str, Mapping[str, str]], What]:
    def bound(name: str, _values: Mapping[str, str]) -> What:
        told = [Tell("@stage", replace_step(record, name)) for record in records]
        return Do((*told, Tell("@stage", Tell("@scenario", replace(replied, step=name)))), reply=name)

    return bound


def replace_step(record: Record, name: str) -> Record:
    return record._replace(facts={**record.facts, "step": name})


def test_a_call_ends_with_its_reply_and_gives_names() -> None:
    replied = Replied("", (), "m7", (Captured("code", "1234"),))
    sent, accepted = said("client", "send"), said("client", "accepted", "m7")
    steps = [One(call(replied, sent, accepted), "greeting"), One(say("${code}")), LOOK]
    world, run = world_of(steps, [(1, SMS)])
    assert ended(world, run).passed
    assert run.messages == {"greeting": "m7"}
    number, _ = run.named["greeting"]
    assert list(world.trace.entries)[number].kind == "accepted"
    assert "1234" in texts_of(world)


def test_of_several_messages_the_name_is_that_of_the_one_in_the_reply() -> None:
    accepted = [said("client", "accepted", message) for message in ("m7", "m8")]
    world, run = world_of([One(call(Replied("", (), "m7"), *accepted), "all"), LOOK], [(1, SMS)])
    assert ended(world, run).passed
    assert run.messages == {"all": "m7"}


def test_a_call_whose_answer_is_not_as_wanted_says_why() -> None:
    failure = verdict_on([One(call(Replied("", ("status: expected 402, got 200", "body"))))]).failure
    assert failure is not None
    assert failure.why == ("status: expected 402, got 200", "body")


def test_a_call_without_an_answer_fails_and_the_reply_to_another_step_is_none() -> None:
    step = One(Do((Tell("@stage", Tell("@scenario", Replied("step-9"))),), reply="step-1", within=2 * SECOND))
    failure = verdict_on([step]).failure
    assert failure is not None
    assert failure.why == ("no answer within 2 s",)


def test_a_call_that_is_refused_as_wanted_has_its_entry_for_a_name() -> None:
    steps = [One(call(Replied(""), said("client", "refused", status=402)), "refusal"), LOOK]
    world, run = world_of(steps, [(1, SMS)])
    assert ended(world, run).passed
    assert list(world.trace.entries)[run.named["refusal"][0]].kind == "refused"


def test_a_look_that_has_an_alias_names_the_message_that_it_found() -> None:
    found = One(Await(Match("webhook"), SECOND), "arrival")
    world, run = world_of([found, One(Await(replace(STATUS, alias="arrival"), SECOND))], [
        (0.5, said("webhook", "x", "m5")), (0.7, status("sent", "m5")),
    ])  # fmt: skip
    assert ended(world, run).passed
    assert run.messages == {"arrival": "m5"}


# -- twins ---------------------------------------------------------------------------------------------------------

LONG: list[One] = [
    SENT_STEP,
    together(
        [replace(LOOK, alias="arrival"), One(AwaitOrder((READ, READ_OTHER), 9 * SECOND))],
        [capture(Capture("it", "to"), match=READ_OTHER), together([LOOK], [LATER])],
    ),
    One(Span("greeting", "arrival", SECOND)),
    One(lambda _name, values: Await(Match("contact", facts=(("text", Contains(values["it"])),)), 9 * SECOND)),
    NEVER,
    capture(Capture("early"), match=Match("contact", facts=(("text", Equals("early")),))),
]
LONG_CUES: list[Cue] = [
    (0.5, said("contact", "received", text="early")),
    (1.0, ACCEPTED), (2.5, SMS), (3.0, OTHER), (3.5, SMS), (4.0, SMS), (6.0, OTHER),
    (7.0, said("contact", "received", text="for +2")),
]  # fmt: skip


@pytest.mark.parametrize("steps_before", range(26))
def test_a_run_goes_on_from_a_snapshot_and_in_a_fork(steps_before: int) -> None:
    world, run = world_of(LONG, LONG_CUES)
    for _ in range(steps_before):
        world.step()
    twin, twin_run = world_of(LONG)
    twin.restore(load(dump(tuple(world.snapshot()))))
    fork = world.fork()
    fork_run = fork.cores["scenario"]
    assert isinstance(fork_run, ScenarioRun)
    verdicts = [ended(one, its_run) for one, its_run in ((fork, fork_run), (world, run), (twin, twin_run))]
    assert verdicts[0] == verdicts[1] == verdicts[2]
    assert verdicts[0].passed, verdicts[0].failure
