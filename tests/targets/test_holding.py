"""Two runs on one account never have the same number."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from harness.errors import UsageError
from harness.targets import linked
from harness.targets.holding import holding
from harness.targets.numbers import free_number
from tests.targets.conftest import Foreign

ONE = "+18005550160"


async def together(foreign: Foreign, runs: list[str], choose: Any) -> list[Any]:
    """What each of the runs has, while all of them go on; the error of one that has nothing."""
    chosen: list[Any] = []
    are_there = asyncio.Barrier(len(runs))

    async def go(run: str) -> None:
        async with linked(foreign.options) as link:
            try:
                async with holding(link.account, run, (), choose, lambda number: [number]) as number:
                    chosen.append(number)
                    await are_there.wait()
            except UsageError as error:
                chosen.append(error)
                await are_there.wait()

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        for run in runs:
            tasks.create_task(go(run))
    return chosen


def test_each_of_those_that_begin_together_has_a_number_of_its_own_and_nothing_stays(ours: Foreign) -> None:
    numbers = asyncio.run(together(ours, ["1a2b3c4d", "5e6f7081", "92a3b4c5"], free_number))
    assert len(set(numbers)) == 3
    assert ours.owned() == {}


def test_who_must_have_a_number_that_another_holds_is_told_so_and_leaves_nothing(ours: Foreign) -> None:
    ours.gateway.ask("POST", "/v1/phone-api-keys", {"name": f"httpsms-harness number 0a0a0a0a {ONE}"})
    [refused] = asyncio.run(together(ours, ["1a2b3c4d"], lambda _taken, _turn: ONE))
    assert ONE in str(refused)
    assert "cleanup" in str(refused)
    [held] = [key for key in ours.gateway.ask("GET", "/v1/phone-api-keys?limit=100").data if ONE in key["name"]]
    ours.gateway.ask("DELETE", f"/v1/phone-api-keys/{held['id']}")
    assert ours.owned() == {}


def test_a_failure_gives_the_number_back(ours: Foreign) -> None:
    async def main() -> None:
        async with (
            linked(ours.options) as link,
            holding(link.account, "1a2b3c4d", (), free_number, lambda number: [number]),
        ):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(main())
    assert ours.owned() == {}
