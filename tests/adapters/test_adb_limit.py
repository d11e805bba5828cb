from __future__ import annotations

import asyncio

import pytest

from harness.adapters.adb_limit import Limit
from harness.errors import DeviceTimeout
from tests.adapters import moved_loop
from tests.adapters.adb_peer import wait_out
from tests.adapters.moved_loop import move


def late() -> DeviceTimeout:
    return DeviceTimeout("emulator-5554", "late", "wait")


async def forever(limit: Limit) -> None:
    async with limit:
        await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("limit_s", [0.5, 8, 30])
def test_what_takes_too_long_is_ended_with_its_error(limit_s: float) -> None:
    async def main() -> None:
        task = asyncio.ensure_future(forever(Limit(limit_s, late)))
        await asyncio.sleep(0)
        await wait_out(limit_s)
        with pytest.raises(DeviceTimeout, match="late"):
            await task

    moved_loop.run(main())


def test_a_jump_of_the_clock_is_one_step_alone() -> None:
    async def main() -> None:
        task = asyncio.ensure_future(forever(Limit(8, late)))
        await asyncio.sleep(0)
        await move(40)
        assert not task.done()
        await wait_out(8)
        assert isinstance(task.exception(), DeviceTimeout)

    moved_loop.run(main())


def test_what_begins_anew_has_all_its_time_again() -> None:
    async def main() -> None:
        limit = Limit(8, late)
        task = asyncio.ensure_future(forever(limit))
        await asyncio.sleep(0)
        for _ in range(3):
            await move(1)
            await move(1)
            await move(1)
            await move(1)
            await move(1)
            limit.restart()
        assert not task.done()
        limit.restart(2)
        await wait_out(2)
        assert isinstance(task.exception(), DeviceTimeout)

    moved_loop.run(main())


def test_without_a_limit_nothing_ends() -> None:
    async def main() -> None:
        task = asyncio.ensure_future(forever(Limit(None, late)))
        await wait_out(30)
        assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    moved_loop.run(main())


def test_errors_from_within_are_left_alone() -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError, match="of its own"):
            async with Limit(8, late):
                raise TimeoutError("of its own")

    moved_loop.run(main())
