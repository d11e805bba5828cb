"""Recorded conversations replayed in virtual time against the stand-in: the stand-in is held to what was recorded."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from harness.adapters.case_files import load_cases
from harness.adapters.virtual import run_virtual
from harness.conform import Begin, Case, CaseResult, ConformRun, ControlAccounts, text
from harness.standin import Pace, StandIn
from harness.world import World
from tests.conform.worlds import API, FCM, HOOKS
from tests.recorded import folder

GATEWAY = folder("gateway")
QUEUE_USER = ("queue-user", "uk_queue-user-key")
# The life of a message in both directions, with everything that may go wrong on the way.
LIFE = (
    "auth-phone-key-scope",
    "expiry",
    "outstanding",
    "receive",
    "send-delivered",
    "send-failed",
    "webhook-retry",
)

# case: which route of the API the stand-in does not have.
BEYOND = {
    "auth-places": "POST /integration/3cx/messages",
    "auth-rotation": "DELETE /v1/users/:id/api-keys",
    "bulk-csv-columns": "POST /v1/bulk-messages",
    "bulk-send": "POST /v1/messages/bulk-send",
    "cors": "GET /v1/messages/search",
    "list-limits": "GET /v1/billing/usage-history",
    "schedule-windows": "POST /v1/send-schedules",
    "schedules-refused": "POST /v1/send-schedules",
    "send-over-limit": "POST /v1/messages/bulk-send",
    "send-phone-gone": "DELETE /v1/messages/:id",
    "send-schedule": "POST /v1/send-schedules",
    "thread-filters": "DELETE /v1/message-threads/:id",
    "threads": "DELETE /v1/message-threads/:id",
    "users": "PUT /v1/users/me",
}


@cache
def _cases() -> dict[str, Case]:
    loaded = list(load_cases(GATEWAY))
    return {case.name: case for case in loaded if isinstance(case, Case)}


def _replay(case: Case, seed: int) -> CaseResult:
    world = World(seed)
    standin = StandIn(
        "standin",
        world.draws("standin"),
        pace=Pace.FAITHFUL,
        fcm_endpoint=f"http://{FCM}",
        queue_user=QUEUE_USER,
        control=True,
    )
    run = ConformRun(
        "conform",
        world.draws("conform"),
        case,
        api=API,
        fcm_authority=FCM,
        hook_base=HOOKS,
        accounts=ControlAccounts(),
        system_key=QUEUE_USER[1],
        sequential=True,
    )
    world.add(standin)
    world.add(run)
    world.site("api.internal", standin.name)
    world.site(FCM, run.name)
    world.site("127.0.0.1:9999", run.name)
    world.inject(run.name, Begin())
    run_virtual(world, lambda: run.result is not None)
    assert run.result is not None
    return run.result


def _every_case() -> list[Any]:
    """Every recorded case; those beyond the stand-in are expected to differ, until it has their routes."""
    return [
        pytest.param(name, marks=[pytest.mark.xfail(reason=f"no {BEYOND[name]}")] if name in BEYOND else [])
        for name in _cases()
    ]


@pytest.mark.cases
@pytest.mark.parametrize("name", _every_case())
def test_the_stand_in_agrees_with_the_recording(name: str) -> None:
    result = _replay(_cases()[name], 1)
    assert result.verdict == "agree", text([result])


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", LIFE)
def test_the_stand_in_agrees_with_the_recorded_life_of_a_message(name: str, seed: int) -> None:
    if name not in _cases():
        pytest.skip(f"{GATEWAY} has no case {name}")
    result = _replay(_cases()[name], seed)
    assert result.verdict == "agree", text([result])
    assert len(result.steps) == len(_cases()[name].steps)
