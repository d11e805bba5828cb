"""A world in a file: in order, whole, and nothing acknowledged is ever missing from it."""

from __future__ import annotations

import contextlib
import os
import queue
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.adapters.state_file import VERSION, Change, StateFile
from harness.errors import StateFileError, StateNotKept, UsageError
from harness.plain import dump
from harness.world import World
from tests.adapters import acknowledging
from tests.adapters.acknowledging import Counter, counting_world
from tests.toy_world import begun, gossip_world, run


def written(path: Path, *batches: list[Change]) -> None:
    """Puts the batches into a file one after the other, and closes it."""
    file = StateFile(path)
    for batch in batches:
        file.put(batch, lambda: None)
    file.close()


def rows(path: Path) -> list[Change]:
    file = StateFile(path)
    try:
        return list(file.rows())
    finally:
        file.close()


# -- rows ----------------------------------------------------------------------------------------------------------


def test_rows_come_back_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    batch: list[Change] = [
        ("phone", "jobs", 10, "ten"),
        ("phone", "jobs", 9, "nine"),
        ("gateway", "links", ("messages", "b"), b"\x00"),
        ("gateway", "facts", "half", "\ud83d"),
    ]
    written(tmp_path / "state", batch)
    assert rows(tmp_path / "state") == batch


@pytest.mark.parametrize("grouped", [True, False])
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([("a", 1), ("b", 1), ("a", 2)], [("a", 2), ("b", 1)]),
        ([("a", 1), ("b", 1), ("a", None)], [("b", 1)]),
        ([("a", 1), ("a", None), ("a", 3)], [("a", 3)]),
        ([("a", 1), ("b", 1), ("a", None), ("a", 3)], [("b", 1), ("a", 3)]),
        ([("a", None)], []),
    ],
)
def test_later_changes_stand_for_earlier_ones(
    tmp_path: Path, grouped: bool, changes: list[tuple[str, Any]], expected: list[tuple[str, Any]]
) -> None:
    batches: list[list[Change]] = [[("core", "table", key, row)] for key, row in changes]
    written(tmp_path / "state", *([[change for batch in batches for change in batch]] if grouped else batches))
    assert rows(tmp_path / "state") == [("core", "table", key, row) for key, row in expected]


@given(seed=st.integers(0, 2**32), parts=st.lists(st.integers(0, 30), max_size=5), closes=st.booleans())
def test_a_world_goes_on_from_its_file_as_if_nothing_had_happened(
    tmp_path_factory: pytest.TempPathFactory, seed: int, parts: list[int], closes: bool
) -> None:
    path = tmp_path_factory.mktemp("state") / "state"
    world = begun(seed)
    world.keep()
    file = StateFile(path)
    for steps in [0, *parts]:
        run(world, steps)
        file.put(world.changes(), lambda: None)
        if closes:
            file.close()
            file = StateFile(path)
    file.close()
    twin = gossip_world(seed)
    twin.restore(rows(path))
    assert dump(tuple(twin.snapshot())) == dump(tuple(world.snapshot()))
    known = len(world.trace.entries)
    assert list(run(twin).trace.entries) == list(run(world).trace.entries)[known:]


# -- groups --------------------------------------------------------------------------------------------------------


def test_what_is_durable_is_told_in_order_and_only_then(tmp_path: Path) -> None:
    """A reader who looks when a batch is told finds it, and everything before it, on the disk."""
    path = tmp_path / "state"
    found: list[tuple[int, int]] = []
    file = StateFile(path)

    def look(number: int) -> None:
        found.append((number, _count(file)))

    for number in range(50):
        file.put([("core", "table", number, number)], lambda number=number: look(number))  # type: ignore[misc]
    file.close()
    assert [number for number, _ in found] == list(range(50))
    assert all(count > number for number, count in found)


def _count(file: StateFile) -> int:
    """How many rows are in the file, seen from the thread that has just committed them."""
    count: int = file._database.execute("select count(*) from rows").fetchone()[0]
    assert not file._database.in_transaction
    return count


def test_batches_that_wait_are_committed_together(tmp_path: Path) -> None:
    """While one batch is being told, the others gather: a hundred of them cost two commits, not a hundred."""
    file = StateFile(tmp_path / "state")
    is_told, all_there = threading.Event(), threading.Event()
    commits: list[str] = []
    file._database.set_trace_callback(lambda text: commits.append(text) if text == "commit" else None)

    def hold() -> None:
        is_told.set()
        all_there.wait(10)

    file.put([("core", "table", -1, "first")], hold)
    assert is_told.wait(10)
    for number in range(100):
        file.put([("core", "table", number, number)], lambda: None)
    all_there.set()
    file.close()
    assert len(commits) == 2
    assert len(rows(tmp_path / "state")) == 101


# -- refusals ------------------------------------------------------------------------------------------------------


def _another_version(path: Path) -> None:
    written(path, [("core", "table", 1, 1)])
    _sql(path, f"pragma user_version = {VERSION + 1}")


def _another_program(path: Path) -> None:
    _sql(path, "create table notes (text)")


def _a_strange_row(path: Path) -> None:
    written(path, [("core", "table", 1, 1)])
    _sql(path, """update rows set row = '{"=":"nowhere:Nothing"}'""")


def _sql(path: Path, statement: str) -> None:
    database = sqlite3.connect(path)
    database.execute(statement)
    database.commit()
    database.close()


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (_another_version, f"is of version {VERSION + 1}, this program writes {VERSION}"),
        (_another_program, "is a database of another program"),
        (lambda path: path.write_text("scenario: a story\n" * 100), "is no state file"),
        (lambda path: path.mkdir(), "is a folder"),
        (_a_strange_row, "cannot be read: no class nowhere:Nothing"),
    ],
)
def test_what_is_no_state_file_of_this_version_is_refused(
    tmp_path: Path, make: Callable[[Path], Any], why: str
) -> None:
    path = tmp_path / "state"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StateFileError) as refused:
        rows(path)
    assert (refused.value.path, refused.value.why) == (str(path), why)
    assert "give a" in str(refused.value)
    assert isinstance(refused.value, UsageError)
    assert before is None or path.read_bytes() == before


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StateFileError, match="its folder does not exist"):
        StateFile(tmp_path / "nowhere" / "state")


def test_an_empty_file_becomes_a_state_file(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    assert rows(tmp_path / "state") == []


def test_two_cannot_write_one_file(tmp_path: Path) -> None:
    first = StateFile(tmp_path / "state")
    try:
        with pytest.raises(StateFileError, match="in use by another process"):
            StateFile(tmp_path / "state")
    finally:
        first.close()
    assert rows(tmp_path / "state") == []


@pytest.mark.parametrize("row", [object(), [1]], ids=["object", "list"])
def test_after_a_write_that_failed_nothing_is_released(tmp_path: Path, row: Any) -> None:
    told: list[str] = []
    file = StateFile(tmp_path / "state")
    failed = threading.Event()
    file.put([("core", "table", 1, "good")], lambda: told.append("good"))
    file.put([("core", "table", 2, row)], lambda: told.append("bad"))
    file.put([("core", "table", 3, "late")], failed.set)
    with pytest.raises(StateNotKept, match="no plain data"):
        file.close()
    assert told in ([], ["good"])
    assert not failed.is_set()
    with pytest.raises(StateNotKept, match="no plain data"):
        file.put([], lambda: None)


def _with_room_for(file: StateFile, pages: int) -> None:
    """From now on the file may not grow beyond so many pages, as on a full disk."""
    file._database.execute(f"pragma max_page_count = {pages}")


@pytest.mark.parametrize("watched", ["before", "after"])
def test_a_write_that_fails_is_told_of_once_and_at_once(tmp_path: Path, watched: str) -> None:
    path = tmp_path / "state"
    written(path, [("core", "table", 1, "kept")])
    file = StateFile(path)
    _with_room_for(file, 4)
    came: queue.SimpleQueue[StateNotKept] = queue.SimpleQueue()
    if watched == "before":
        file.watch(came.put)
    for number in range(2):
        with contextlib.suppress(StateNotKept):
            file.put([("core", "table", number, "x" * 100_000)], lambda: None)
    if watched == "after":
        with pytest.raises(StateNotKept):
            file.close()
        file.watch(came.put)
    error = came.get(timeout=10)
    assert (error.path, error.why) == (str(path), "cannot be written, the disk is full")
    if watched == "before":
        with pytest.raises(StateNotKept):
            file.close()
    assert came.empty()
    assert rows(path) == [("core", "table", 1, "kept")]


def test_an_empty_batch_waits_its_turn_and_costs_no_commit(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state")
    commits: list[str] = []
    told: list[str] = []
    file._database.set_trace_callback(lambda text: commits.append(text) if text == "commit" else None)
    file.put([], lambda: told.append("nothing"))
    file.close()
    assert (told, commits) == (["nothing"], [])


def test_nothing_is_left_beside_a_file_that_was_closed(tmp_path: Path) -> None:
    path = tmp_path / "state"
    _killed(path, random.Random(1))
    assert {beside.name for beside in tmp_path.iterdir()} == {"state", "state-wal"}
    assert rows(path)
    assert list(tmp_path.iterdir()) == [path]
    rows(path)
    assert list(tmp_path.iterdir()) == [path]


# -- kill -9 -------------------------------------------------------------------------------------------------------


def _killed(path: Path, chance: random.Random) -> list[int]:
    """Runs a counting process, kills it at a random moment, and returns what it had said by then."""
    command = [sys.executable, acknowledging.__file__, str(path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(chance.randint(1, 400))]
        # Somewhere between two lines: how long this takes does not matter, that it differs does.
        for _ in range(chance.randint(0, 20_000)):
            pass
        process.kill()
        process.wait()
        said += process.stdout.read().splitlines(keepends=True)
    assert process.returncode == -signal.SIGKILL
    return [int(line) for line in said if line.endswith(b"\n")]


def _check_kills(path: Path, seed: int, times: int) -> None:
    chance = random.Random(seed)
    for _ in range(times):
        said = _killed(path, chance)
        world: World = counting_world(rows(path))
        counter = world.cores["counter"]
        assert isinstance(counter, Counter)
        last = counter.facts["last"]
        assert said == list(range(said[0], said[0] + len(said)))
        assert said[-1] <= last, f"{said[-1]} was acknowledged, the file ends at {last}; seed={seed}"
        # What is there is whole: each number as its draw had it, and the timer for the next one.
        assert dict(counter.numbers) == _numbers(last)
        assert [row[3].event for row in world.snapshot() if row[1] == "due"] == ["next"]


def _numbers(last: int) -> dict[int, str]:
    """What a counter holds that was never killed."""
    counter = Counter(World(7).draws("counter"))
    for _ in range(last):
        counter.handle("next", 0)
    return dict(counter.numbers)


def test_whatever_was_acknowledged_is_in_the_file_after_kill_9(tmp_path: Path) -> None:
    _check_kills(tmp_path / "state", seed=1, times=5)


@pytest.mark.soak
def test_whatever_was_acknowledged_is_in_the_file_after_two_hundred_kills(tmp_path: Path) -> None:
    for seed in range(20):
        _check_kills(tmp_path / f"state-{seed}", seed, times=10)


def test_a_process_that_ends_by_itself_leaves_everything_behind(tmp_path: Path) -> None:
    world = counting_world([])
    world.keep()
    said: list[int] = []
    file = StateFile(tmp_path / "state")

    def say(numbers: Iterable[int]) -> None:
        said.extend(numbers)

    for _ in range(500):
        world.step()
        told, world.outward = world.outward, []
        numbers = [item.command.event for item in told]  # type: ignore[union-attr]
        file.put(world.changes(), lambda numbers=numbers: say(numbers))  # type: ignore[misc]
    file.close()
    assert said == list(range(1, 501))
    assert next(row for row in rows(tmp_path / "state") if row[1:3] == ("facts", "last"))[3] == 500
