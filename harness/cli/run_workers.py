"""Carrying stories out: one after the other on one target, or several at the same time in processes of their own."""

from __future__ import annotations

import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from harness.console import talk
from harness.errors import HarnessError, UsageError, WorkerLost
from harness.frozen import frozen

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from harness.outcome import Outcome
    from harness.scenario.plan import Scenario
    from harness.targets import TargetOptions

__all__ = ["Done", "Job", "Take", "run_jobs", "work"]


@frozen
class Job:
    """One story with one seed."""

    story: Scenario
    seed: int


@frozen
class Done:
    """What became of it, and how long that took by the wall's clock."""

    outcome: Outcome
    took_s: float


@frozen
class _Trouble:
    """An error in a worker, in words: errors themselves do not cross."""

    text: str
    is_usage: bool


Take = Callable[[Done], bool]
"""Gets each result, in the order of the jobs; False: no more."""
Begin = Callable[[Job], None]


def run_jobs(jobs: Sequence[Job], options: TargetOptions, at_once: int, take: Take, begin: Begin) -> None:
    """Carries them out, `at_once` at the same time where the target can.

    `begin` hears of each job as it begins. Raises what the target raises, and `WorkerLost`.
    """
    from harness.adapters.virtual import rare_collections
    from harness.targets import opened

    with rare_collections(), opened(options, talk) as target:
        if at_once == 1 or len(jobs) == 1 or not target.parallel:
            _one_by_one(jobs, target, take, begin)
            return
    with _workers(options, min(at_once, len(jobs))) as workers:
        _together(jobs, workers, take, begin)


def _one_by_one(jobs: Sequence[Job], target: Any, take: Take, begin: Begin) -> None:
    for job in jobs:
        begin(job)
        if not take(_carried_out(job, target)):
            return


def _carried_out(job: Job, target: Any) -> Done:
    began = time.perf_counter()
    outcome = target.run(job.story, job.seed)
    return Done(outcome, time.perf_counter() - began)


# -- several at the same time ------------------------------------------------------------------------------------------


def _together(jobs: Sequence[Job], workers: list[_Worker], take: Take, begin: Begin) -> None:
    from multiprocessing.connection import wait

    left = deque(enumerate(jobs))
    done: dict[int, Done] = {}
    told = 0
    for worker in workers:
        worker.give(*left.popleft(), begin)
    try:
        while told < len(jobs):
            ready = wait([worker.connection for worker in workers if worker.job is not None])
            for worker in workers:
                if worker.connection in ready:
                    done[worker.number] = worker.result()
                    if left:
                        worker.give(*left.popleft(), begin)
            while told in done:
                told += 1
                if not take(done.pop(told - 1)):
                    return
    except (KeyboardInterrupt, HarnessError):
        for number in sorted(done):
            take(done[number])
        raise


class _Worker:
    """A process that carries out one job after the other, until nobody is at the other end of its pipe."""

    def __init__(self, options: TargetOptions) -> None:
        import subprocess
        from multiprocessing.connection import Pipe

        self.connection, theirs = Pipe()
        # Not a fork, since whoever embeds us may have threads. In a session of its own it hears no Ctrl-C: we end it.
        code = f"import sys; sys.path = {sys.path!r}; from harness.cli.run_workers import work; work({theirs.fileno()})"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], pass_fds=[theirs.fileno()], start_new_session=True, stdin=subprocess.DEVNULL
        )
        theirs.close()
        _send(self.connection, options)
        self.job: Job | None = None
        self.number = 0

    def give(self, number: int, job: Job, begin: Begin) -> None:
        self.number, self.job = number, job
        begin(job)
        try:
            _send(self.connection, job)
        except OSError:
            raise self._lost(job) from None

    def result(self) -> Done:
        assert self.job is not None
        job, self.job = self.job, None
        try:
            result = _received(self.connection)
        except (EOFError, OSError):
            raise self._lost(job) from None
        if isinstance(result, _Trouble):
            raise UsageError(result.text) if result.is_usage else HarnessError(result.text)
        assert isinstance(result, Done)
        return result

    def _lost(self, job: Job) -> WorkerLost:
        from subprocess import TimeoutExpired

        with suppress(TimeoutExpired):  # it closed its pipe, so it is about to end
            self.process.wait(_ENDS_WITHIN_S)
        return WorkerLost(job.story.title, self.process.poll())

    def end(self) -> None:
        self.connection.close()
        self.process.kill()
        self.process.wait()


_ENDS_WITHIN_S = 5.0


# By bytes of our own: what `send` and `recv` pickle into is a buffer with a view of it, and where a pipe breaks, both
# are in the traceback. CPython complains when its garbage collector comes to the buffer first.
def _send(connection: Connection[Any, Any], value: object) -> None:
    import pickle

    connection.send_bytes(pickle.dumps(value))


def _received(connection: Connection[Any, Any]) -> Any:
    import pickle

    return pickle.loads(connection.recv_bytes())


@contextmanager
def _workers(options: TargetOptions, count: int) -> Iterator[list[_Worker]]:
    """So many of them, and none at the end."""
    workers: list[_Worker] = []
    try:
        for _ in range(count):
            workers.append(_Worker(options))
        yield workers
    finally:
        for worker in workers:
            worker.end()


def work(number: int) -> None:
    """The life of a worker, whose pipe has this file number. It ends with the pipe, so none is left when whoever
    started it was killed."""
    from multiprocessing.connection import Connection

    from harness.adapters.virtual import rare_collections
    from harness.targets import opened

    connection: Connection[Any, Any] = Connection(number)
    with suppress(EOFError, OSError), rare_collections(), opened(_received(connection), talk) as target:
        while True:
            _send(connection, _result(_received(connection), target))


def _result(job: Job, target: Any) -> Done | _Trouble:
    try:
        return _carried_out(job, target)
    except UsageError as error:
        return _Trouble(str(error), True)
    except HarnessError as error:
        return _Trouble(str(error), False)
    except Exception:  # noqa: BLE001 - a defect of ours: whoever waits for the result shall see where
        return _Trouble(traceback.format_exc(), False)
