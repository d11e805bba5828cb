"""How many jobs of phones become durable in a second: pushes to phones without internet, through a state file.

The way is that of `phone --state`: pushes come to the live driver, WorkManager's rows go to the file in group commits,
and a job counts once its commit is on the disk. Phones whose network does not reach the internet start none. Beside it
the same rows, made into text before, by plain `sqlite3`: in groups as large, and with a commit for each job.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from table import median_of, show

from harness.adapters.http_client import HttpClient
from harness.adapters.live import LiveDriver, wall_clock
from harness.adapters.state_file import StateFile
from harness.cast import PhoneSpec
from harness.handset import add_handset
from harness.modem import Smsc
from harness.phone import LoseValidation, Phone
from harness.plain import dump
from harness.trace import Trace
from harness.wire.fcm import MESSAGE_ID, PushReceived
from harness.world import OUTSIDE, World

PHONES, JOBS, AT_ONCE = 10, 40_000, 100
ALONE = 2_000  # with a commit each
ROUNDS = 3
_PUT = """
insert into rows (owner, name, key, row) values (?, ?, ?, ?)
on conflict (owner, name, key) do update set row = excluded.row
"""


def phones() -> World:
    """The world of a phone process, as harness.phone_process builds it."""
    world = World(1, Trace(0, hashed=False), start_at=wall_clock(), draws_order=False)
    smsc = Smsc("smsc", world.draws("smsc"))
    world.add(smsc)
    for number in range(PHONES):
        spec = PhoneSpec(str(number), f"+1800555{number:04d}")
        add_handset(world, smsc, spec, server_url="http://api.internal", push=OUTSIDE)
        world.inject(f"phone:{number}", LoseValidation())
    world.run_until(world.now)
    return world


class Counted:
    """A state file that counts its commits' jobs and keeps what they were."""

    def __init__(self, file: StateFile) -> None:
        self.groups: list[int] = []
        self.put_, self.watch = file.put, file.watch

    def put(self, changes: list[Any], durable: Any) -> None:
        self.groups.append(sum(name == "jobs" for _, name, _, _ in changes))
        self.put_(changes, durable)


async def durable_s(path: Path) -> tuple[float, World, list[int]]:
    """Seconds until every job is on the disk; and the jobs in each batch."""
    world = phones()
    client = HttpClient()
    with contextlib.closing(StateFile(path)) as file:
        counted = Counted(file)
        async with LiveDriver(world, client=client, state=counted) as driver:
            await driver.until(lambda: not world.next_due_at)
            done = asyncio.get_running_loop().create_future()
            began = time.perf_counter()
            for number in range(JOBS):
                push = PushReceived("", ((MESSAGE_ID, f"9951112f-8dd2-30e5-a597-c271{number:08x}"),))
                driver.tell(f"phone:{number % PHONES}", push)
                if number % AT_ONCE == 0:  # so many come in before the loop has its turn
                    await asyncio.sleep(0)
            driver.when_done(lambda: done.set_result(time.perf_counter() - began))
            took: float = await done
    await client.close()
    return took, world, [jobs for jobs in counted.groups if jobs]


def stored(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as database:
        (count,) = database.execute("select count(*) from rows where name = 'jobs'").fetchone()
        return int(count)


def ours() -> tuple[float, float]:
    """Jobs a second, and the processor's time for each in µs."""
    with tempfile.TemporaryDirectory() as folder:
        worked = time.process_time()
        took, _, _ = asyncio.run(durable_s(Path(folder) / "state.db"))
        worked = time.process_time() - worked
        assert stored(Path(folder) / "state.db") == JOBS
    return JOBS / took, worked / JOBS * 1e6


@contextlib.contextmanager
def plain_database(path: Path) -> Iterator[sqlite3.Connection]:
    """With the settings of a state file."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        for pragma in ("locking_mode = exclusive", "journal_mode = wal", "synchronous = full"):
            database.execute(f"pragma {pragma}")
        database.execute(
            "create table rows (place integer primary key, owner text not null, name text not null, key text not null,"
            " row text not null, unique (owner, name, key))"
        )
        yield database


def plain(rows: list[tuple[str, str, str, str]], group: int) -> float:
    """Rows a second in groups of that size."""
    with tempfile.TemporaryDirectory() as folder, plain_database(Path(folder) / "plain.db") as database:
        began = time.perf_counter()
        for first in range(0, len(rows), group):
            database.execute("begin immediate")
            database.executemany(_PUT, rows[first : first + group])
            database.execute("commit")
        return len(rows) / (time.perf_counter() - began)


def job_rows() -> tuple[list[tuple[str, str, str, str]], int]:
    """The rows of the jobs as the file has them, and how many a commit had in the middle."""
    with tempfile.TemporaryDirectory() as folder:
        _, world, groups = asyncio.run(durable_s(Path(folder) / "state.db"))
    rows = [
        (core.name, "jobs", dump(key), dump(row))
        for core in world.cores.values()
        if isinstance(core, Phone)
        for key, row in core.jobs.items()
    ]
    return rows, sorted(groups)[len(groups) // 2]


def main() -> None:
    rows, group = job_rows()
    rates, costs = zip(*(ours() for _ in range(ROUNDS)), strict=True)
    grouped = median_of(ROUNDS, lambda: plain(rows, group))
    alone = median_of(3, lambda: plain(rows[:ALONE], 1))
    show(
        f"jobs durable a second, {JOBS:,} of {PHONES} phones",
        [
            (
                "LiveDriver and StateFile",
                f"{statistics.median(rates):,.0f} (min {min(rates):,.0f}, max {max(rates):,.0f})",
                "goal ≥ 20,000",
            ),
            ("processor's time for a job, both threads", f"{statistics.median(costs):.1f} µs", ""),
            (f"sqlite3 alone, the same rows, {group} a commit", f"{grouped[1]:,.0f}", ""),
            ("sqlite3 alone, a commit for each job", f"{alone[1]:,.0f}", ""),
        ],
    )


if __name__ == "__main__":
    main()
