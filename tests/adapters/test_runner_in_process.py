"""A function as a runner."""

from __future__ import annotations

import asyncio
from typing import Any

from harness.adapters.runner_in_process import talk
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.outcomes import Decrypted, Encrypted, Outcome
from harness.interop.results import Hello
from harness.interop.talk import Talked

CALLS: list[Call] = [Encrypt("k", "ab"), Decrypt("k", "cd")]


def turned(call: Call) -> Outcome:
    return Encrypted(call.text[::-1]) if isinstance(call, Encrypt) else Decrypted(call.ciphertext[::-1])


def talked(calls: list[Call], **more: Any) -> Talked:
    return asyncio.run(talk(turned, calls, **more))


def test_each_call_has_its_outcome_in_order() -> None:
    came = talked(CALLS)
    assert came.outcomes == (Encrypted("ba"), Decrypted("dc"))
    assert (came.hello, came.complaints, came.restarts) == (None, (), 0)
    assert came.seconds > 0


def test_the_hello_is_handed_on() -> None:
    hello = Hello(1, "sdk", "1", frozenset({"encrypt", "decrypt"}))
    assert talked(CALLS, hello=hello).hello is hello


def test_progress_is_told_now_and_then_and_at_the_end() -> None:
    told: list[int] = []
    talked(CALLS * 75, progress=told.append)
    assert told == [100, 150]


def test_others_have_their_turn_in_between() -> None:
    turns: list[str] = []

    async def both() -> None:
        async with asyncio.TaskGroup() as tasks:
            for name in "ab":
                tasks.create_task(talk(turned, CALLS * 100, progress=lambda done, name=name: turns.append(name)))  # type: ignore[misc]

    asyncio.run(both())
    assert turns == list("abab")
