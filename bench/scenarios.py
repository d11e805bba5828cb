"""A thousand small scenarios in virtual time on one core: reading, running and judging them, beside the bare world."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from table import median_of, show

from harness.adapters.virtual import rare_collections, run_virtual
from harness.core import Command, Core, Tell
from harness.instants import Instant
from harness.outcome import Outcome
from harness.scenario.language import read_scenarios
from harness.scenario.plan import Scenario
from harness.scenario.steps import Do
from harness.staging import binding_of, setup_steps
from harness.testbed import Testbed
from harness.testing import SETTLE, run_scenario

SCENARIOS = 1000
ROUNDS = 5
FILE = """\
scenario: A text, there and back, number {number}
phones: [alice]
contacts: [bob]
steps:
  - send: {{from: alice, to: bob, text: Your table number {number} is booked}}
    as: booking
  - expect: {{sms: {{to: bob, from: alice, text: {{contains: booked}}, segments: 1}}}}
  - expect: {{message: booking, status: delivered}}
  - text: {{from: bob, to: alice, text: Great!}}
  - expect: {{webhook: message.phone.received, text: Great!}}
"""
FILES = [FILE.format(number=number).encode() for number in range(SCENARIOS)]


class Nobody(Core):
    """Stands where the run of a story would, and does nothing."""

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        return []


def stories() -> list[Scenario]:
    return [story for content in FILES for story in read_scenarios(content, "s.yaml")]


def run_all(of: Iterable[Scenario]) -> list[Outcome]:
    with rare_collections():  # as the command does around its stories
        outcomes = [run_scenario(story, 1) for story in of]
    assert all(outcome.passed for outcome in outcomes)
    return outcomes


def bare_world(story: Scenario, outcome: Outcome) -> None:
    """The same acts in the same world, five seconds apart instead of when something was seen, and nobody looks."""
    bed = Testbed(1, exchanges=True)
    bed.open_account(email="user@example.com")
    for phone in story.phones:
        bed.add_phone(phone)
    for contact in story.contacts:
        bed.add_contact(contact)
    bed.add_receiver()
    bed.world.add(Nobody("scenario", bed.world.draws("scenario")))
    bind = binding_of(bed)
    bound = [step.what for step in setup_steps(bed)]
    bound += [bind(step, f"step-{number}", {}) for number, step in enumerate(story.steps, start=1)]
    acts = [what for what in bound if isinstance(what, Do)]
    for number, act in enumerate(acts):
        for command in act.commands:
            assert isinstance(command, Tell)
            bed.world.inject(command.port.removeprefix("@"), command.event, due_at=bed.world.now + number * SETTLE)
    run_virtual(bed.world, lambda: False, bed.world.now + len(acts) * SETTLE)
    assert len(bed.trace.entries) == len(outcome.entries)


def bare_worlds(of: list[Scenario], outcomes: list[Outcome]) -> None:
    with rare_collections():
        for story, outcome in zip(of, outcomes, strict=True):
            bare_world(story, outcome)


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    known = stories()
    outcomes = run_all(known)
    read = median_of(ROUNDS, lambda: seconds(stories))
    run = median_of(ROUNDS, lambda: seconds(lambda: run_all(known)))
    bare = median_of(ROUNDS, lambda: seconds(lambda: bare_worlds(known, outcomes)))
    whole = read[1] + run[1]
    show(
        f"{SCENARIOS} small scenarios in virtual time, one core",
        [
            ("read, run and judged", f"{whole:.2f} s", "goal < 5 s"),
            ("of it read", f"{read[1]:.2f} s (min {read[0]:.2f}, max {read[2]:.2f})", f"{read[1] / whole:.0%}"),
            ("of it run and judged", f"{run[1]:.2f} s (min {run[0]:.2f}, max {run[2]:.2f})", f"{run[1] / whole:.0%}"),
            (
                "the bare world: no run, no judge",
                f"{bare[1]:.2f} s (min {bare[0]:.2f}, max {bare[2]:.2f})",
                f"a run costs {run[1] / bare[1]:.2f}x",
            ),
        ],
    )


if __name__ == "__main__":
    main()
