"""Recorded conversations agree on the embedded gateway, and on a `serve` in a process of its own."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace

import pytest

from harness.adapters.case_files import load_cases
from harness.conform import Case, CaseResult, text
from harness.conforming import Target, replay_live, replay_virtual, spawned
from harness.errors import CaseError, ServerUnreachable
from tests.recorded import folder

CASES = {case.name: case for case in load_cases(folder("gateway")) if not isinstance(case, CaseError)}
# What the gateway must do by the real server's own timing, over sockets.
FAITHFUL = (
    "send-delivered",
    "send-failed",
    "receive",
    "outstanding",
    "auth-phone-key-scope",
    "webhook-retry",
    "expiry",
)


def on_spawned(*cases: Case) -> list[CaseResult]:
    return asyncio.run(replay_live(cases, 0, spawned, lambda _result: None))


@pytest.mark.parametrize("name", FAITHFUL)
def test_a_conversation_agrees_in_virtual_time(name: str) -> None:
    result = replay_virtual(CASES[name])
    assert result.verdict == "agree", text([result])


def test_two_conversations_agree_with_a_process_of_its_own() -> None:
    results = on_spawned(CASES["outstanding"], CASES["auth-phone-key-scope"])
    assert [result.verdict for result in results] == ["agree", "agree"], text(results)


@pytest.mark.soak
def test_all_conversations_agree_with_a_process_of_its_own() -> None:
    results = on_spawned(*(CASES[name] for name in FAITHFUL))
    assert [result.verdict for result in results] == ["agree"] * len(FAITHFUL), text(results)


def test_a_conversation_that_was_changed_differs() -> None:
    case = CASES["outstanding"]
    wrong = replace(case, steps=tuple(step for step in case.steps if type(step).__name__ != "Push"))
    assert replay_virtual(wrong).verdict == "agree"  # a push that nobody asks for is no difference
    swapped = replace(case, steps=(case.steps[0], *reversed(case.steps[3:5])))
    assert replay_virtual(swapped).verdict == "differ"


def test_a_server_that_is_not_there_makes_every_case_differ_with_the_reason() -> None:
    def nobody(_port: int) -> AbstractAsyncContextManager[Target]:
        return nullcontext(Target("http://127.0.0.1:1"))

    (result,) = asyncio.run(replay_live([CASES["outstanding"]], 0, nobody, lambda _result: None))
    assert result.verdict == "differ"
    assert result.reason


def test_a_server_that_does_not_start_is_an_error_of_the_server() -> None:
    async def start() -> None:
        async with spawned(0, "--no-such-option"):
            raise AssertionError("it started")

    with pytest.raises(ServerUnreachable):
        asyncio.run(start())
