"""With lost updates the stand-in gives every alternative that the recorded conversations leave open."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from harness.adapters.virtual import run_virtual
from harness.conform import Begin, ConformRun, ControlAccounts, StepResult, read_case
from harness.conform.cases import Json
from harness.conform.match import compare, compare_set
from harness.conform.names import Names, fill_text
from harness.conform.sequential import OPEN
from harness.core import Command
from harness.draws import Draws
from harness.http.values import Call
from harness.instants import MS, parse_rfc3339
from harness.standin import LoseUpdates, Pace, StandIn
from harness.trace import Trace
from harness.world import World
from tests.conform.worlds import API, FCM, HOOKS
from tests.recorded import OURS, folder

# The rarest alternative comes about in one run of two hundred; it ends with the first run in which none is missing.
SEEDS = 2000
# Months after the times that the reports tell, as when the conversations were recorded: threads are sorted by both.
START_AT = parse_rfc3339("2026-11-20T10:00:00Z")
KEY = "uk_queue-user"
RECORDED = [
    json.loads(file.read_text("utf-8")) for file in sorted((folder("gateway") / "conversations").glob("*.json"))
]

Alternative = tuple[int, str, str]
"""The step, where in its answer, and the value as JSON."""


class SlowRequests:
    """Every request takes as long as one of those in the recording: in virtual time it would take no time at all.

    A push is planned a second after the one before; only where the client is slow does it go out at once, and races
    with the handler that notes when it is planned.
    """

    name = "slow-requests"

    def __init__(self, took_ms: Sequence[float]) -> None:
        self._took_ms = took_ms

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        if not isinstance(command, Call):
            return None
        return [(int(self._took_ms[draws.between(0, len(self._took_ms) - 1)] * MS), command)]

    def fork(self) -> SlowRequests:
        return SlowRequests(self._took_ms)


def took_ms(recorded: dict[str, Any], run: int) -> list[float]:
    """How long the requests took when the case was recorded that time; one that is repeated says how long all took."""
    calls = [step for step in recorded["steps"] if "took_ms" in step and "until" not in step]
    return [step["took_ms"][run] for step in calls]


def races(value: Any, path: str = "") -> Iterator[tuple[str, Json, Json]]:
    """Every alternative: where it stands, the value, and the whole with only that one allowed there."""
    match value:
        case {"#oneof": alternatives}:
            yield from ((path, one, one) for one in alternatives)
        case dict():
            for name, item in value.items():
                for place, one, whole in races(item, f"{path}.{name}" if path else name):
                    yield place, one, {**value, name: whole}
        case list():
            for at, item in enumerate(value):
                for place, one, whole in races(item, f"{path}[{at}]"):
                    yield place, one, [*value[:at], whole, *value[at + 1 :]]


def alternatives(recorded: dict[str, Any]) -> dict[Alternative, Json]:
    """What is expected of a step if only that alternative is allowed."""
    return {
        (index, path, json.dumps(one)): whole
        for index, step in enumerate(recorded["steps"])
        for path, one, whole in races(step.get("expect"))
        if (recorded["case"], index, path) not in OPEN
    }


def played(recorded: dict[str, Any], seed: int) -> ConformRun:
    """The case on a stand-in that loses updates."""
    world = World(seed, Trace(0, hashed=False), start_at=START_AT)
    gateway = StandIn(
        "gateway", world.draws("gateway"), pace=Pace.FAITHFUL, fcm_endpoint=f"http://{FCM}",
        queue_user=("queue-user", KEY), control=True,
    )  # fmt: skip
    run = ConformRun(
        "conform", world.draws("conform"), read_case(json.dumps(recorded)), api=API, fcm_authority=FCM,
        hook_base=HOOKS, accounts=ControlAccounts(), system_key=KEY,
    )  # fmt: skip
    for core in (gateway, run):
        world.add(core)
    for authority, name in (("api.internal", gateway.name), (FCM, run.name), ("127.0.0.1:9999", run.name)):
        world.site(authority, name)
    world.fault(run.name, SlowRequests(took_ms(recorded, seed % recorded["runs"])))
    world.inject(gateway.name, LoseUpdates())
    world.inject(run.name, Begin())
    run_virtual(world, lambda: run.result is not None)
    return run


def as_recorded(run: ConformRun) -> Iterator[StepResult]:
    """The steps up to the first that differs: what comes after it is another story."""
    assert run.result is not None
    for step in run.result.steps:
        if step.differences:
            return
        yield step


def fits(step: StepResult, expect: Any, names: Names) -> bool:
    answer = fill_text(step.answer, names)
    match step.do:
        case "webhooks":
            return not compare_set(expect, json.loads(answer), names)
        case "call":
            status, _, body = answer.partition(" ")
            came = {"status": int(status), "body": json.loads(body)}
            return not compare({name: expect[name] for name in came}, came, names)
    return not compare(expect, json.loads(answer), names)


@pytest.mark.skipif(not OURS, reason="how often a race was recorded says nothing of one that was recorded elsewhere")
@pytest.mark.cases
@pytest.mark.parametrize("recorded", [case for case in RECORDED if alternatives(case)], ids=lambda case: case["case"])
def test_every_alternative_comes_about_in_a_run_that_is_as_recorded_so_far(recorded: dict[str, Any]) -> None:
    missing = alternatives(recorded)
    for seed in range(SEEDS):
        run = played(recorded, seed)
        for step in as_recorded(run):
            for one in [one for one in missing if one[0] == step.index]:
                if fits(step, missing[one], run.names):
                    del missing[one]
        if not missing:
            return
    assert list(missing) == [], f"not in {SEEDS} seeds of {recorded['case']}"
