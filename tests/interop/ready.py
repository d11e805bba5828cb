"""The runners of other languages, as they are installed here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from harness.adapters import runner_process, toolchains
from harness.interop.calls import Call
from harness.interop.outcomes import Outcome
from harness.interop.talk import Talked

__all__ = ["OTHERS", "asked", "command", "outcomes"]

OTHERS = ("node", "go", "jvm", "web")


def command(name: str) -> tuple[str, ...]:
    """How the runner is started. Without its toolchain the test is skipped, and in CI that alone is allowed."""
    found = toolchains.find(name)
    if isinstance(found, toolchains.Missing):
        pytest.skip(f"{found.why}: {found.remedy}")
    return found.command


def asked(name: str, calls: Sequence[Call]) -> Talked:
    """What the runner makes of the calls, without a complaint."""
    talked = asyncio.run(runner_process.talk(command(name), calls))
    assert talked.complaints == ()
    assert talked.restarts == 0
    return talked


def outcomes(name: str, calls: Sequence[Call]) -> tuple[Outcome, ...]:
    return asked(name, calls).outcomes
