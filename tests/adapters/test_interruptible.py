"""An event loop that Ctrl-C does not tear in two."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

import pytest

from harness.adapters.interruptible import run_interruptible


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def number(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """A signal that is a KeyboardInterrupt meanwhile."""
    before = signal.signal(request.param, _interrupted)
    yield request.param
    assert signal.getsignal(request.param) is _interrupted
    signal.signal(request.param, before)


def test_work_gives_what_it_returns() -> None:
    async def work() -> str:
        return "done"

    assert run_interruptible(work()) == "done"
    with ThreadPoolExecutor() as threads:
        assert threads.submit(run_interruptible, work()).result() == "done"


def test_an_interrupt_cancels_the_work_which_tidies_up_in_peace(number: signal.Signals) -> None:
    """Wherever it comes: here into what the loop does for somebody else."""
    ended: list[str] = []

    async def work() -> None:
        told = asyncio.Event()

        def tells() -> None:
            signal.raise_signal(number)
            told.set()

        asyncio.get_running_loop().call_soon(tells)
        try:
            await asyncio.Event().wait()
        finally:
            await told.wait()
            ended.append("tidied up")

    with pytest.raises(KeyboardInterrupt):
        run_interruptible(work())
    assert ended == ["tidied up"]


def test_an_interrupt_is_not_lost_where_the_work_ends_all_the_same(number: signal.Signals) -> None:
    async def work() -> None:
        signal.raise_signal(number)

    with pytest.raises(KeyboardInterrupt):
        run_interruptible(work())


def test_a_runner_can_be_used_again_after_an_interrupt(number: signal.Signals) -> None:
    async def work(interrupts: bool) -> str:
        if interrupts:
            signal.raise_signal(number)
        await asyncio.sleep(0)
        return "done"

    with asyncio.Runner() as runner:
        with pytest.raises(KeyboardInterrupt):
            run_interruptible(work(interrupts=True), runner)
        assert run_interruptible(work(interrupts=False), runner) == "done"


def test_a_signal_that_nobody_takes_for_an_interrupt_is_none() -> None:
    heard = threading.Event()

    async def work() -> str:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0)
        return "done"

    before = signal.signal(signal.SIGTERM, lambda _number, _frame: heard.set())
    try:
        assert run_interruptible(work()) == "done"
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard.is_set()


def test_work_that_is_cancelled_by_others_is_cancelled() -> None:
    async def work() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)

    with pytest.raises(asyncio.CancelledError):
        run_interruptible(work())
