"""A world in a SQLite file: what was released is in it, whatever happens to the process.

One writer thread takes batches in order; all that wait are committed together (a group commit), and only then is
the driver told to release what belongs to them.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from harness.errors import StateFileError
from harness.plain import dump, load

__all__ = ["StateFile"]

VERSION = 1
_APPLICATION = 0x68737348  # "hssH", so that another program's database is recognised as such
_LOCK_S = 1.0  # how long to wait for a process that is about to end

# `place` keeps the order in which rows came, as the tables of a world have it.
_SCHEMA = """
create table rows (
    place integer primary key,
    owner text not null,
    name text not null,
    key text not null,
    row text not null,
    unique (owner, name, key)
)
"""
_DELETE = "delete from rows where owner = ? and name = ? and key = ?"
_PUT = """
insert into rows (owner, name, key, row) values (?, ?, ?, ?)
on conflict (owner, name, key) do update set row = excluded.row
"""
_WHY = {
    "SQLITE_BUSY": "is in use by another process",
    "SQLITE_CANTOPEN": "cannot be opened as a file",
    "SQLITE_NOTADB": "is no state file",
    "SQLITE_READONLY": "cannot be written",
}

Change = tuple[str, str, Any, Any]
_Batch = tuple[list[Change], Callable[[], object]]


class StateFile:
    """Rows by (owner, table, key). Raises `StateFileError` for a file that is no state file of this version.

    The file belongs to this process until `close`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._error: StateFileError | None = None
        self._batches: queue.SimpleQueue[_Batch | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        try:
            self._database = sqlite3.connect(path, timeout=_LOCK_S, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise self._translated(error) from None
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._database.close()
            raise self._translated(error) from None
        except StateFileError:
            self._database.close()
            raise

    def _prepare(self) -> None:
        database = self._database
        database.execute("pragma locking_mode = exclusive")
        (application,) = database.execute("pragma application_id").fetchone()
        (version,) = database.execute("pragma user_version").fetchone()
        if application == 0 and database.execute("select count(*) from sqlite_master").fetchone() == (0,):
            database.execute("pragma journal_mode = wal")
            database.execute(_SCHEMA)
            database.execute(f"pragma application_id = {_APPLICATION}")
            database.execute(f"pragma user_version = {VERSION}")
        elif application != _APPLICATION:
            raise StateFileError(str(self.path), "is a database of another program")
        elif version != VERSION:
            raise StateFileError(str(self.path), f"is of version {version}, this program writes {VERSION}")
        database.execute("pragma synchronous = full")
        # Takes the lock, and finds out now whether the file may be written.
        database.execute("begin immediate")
        database.execute("commit")

    def _translated(self, error: sqlite3.Error) -> StateFileError:
        name = getattr(error, "sqlite_errorname", "").split("_")[:2]
        return StateFileError(str(self.path), _WHY.get("_".join(name), str(error)))

    def rows(self) -> Iterator[Change]:
        """Everything in the file, in the order in which it came. Raises `StateFileError` for what cannot be read."""
        try:
            for owner, name, key, row in self._database.execute(
                "select owner, name, key, row from rows order by place"
            ):
                yield owner, name, load(key), load(row)
        except (ValueError, sqlite3.Error) as error:
            raise StateFileError(str(self.path), f"cannot be read: {error}") from None

    def put(self, changes: list[Change], durable: Callable[[], object]) -> None:
        """Writes soon; calls `durable` from the writer's thread once the changes are on the disk.

        Raises `StateFileError` when an earlier write failed: nothing is written or released after that.
        """
        if self._error is not None:
            raise self._error
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="state-file")
            self._writer.start()
        self._batches.put((changes, durable))

    def close(self) -> None:
        """Writes what waits and closes the file. Raises `StateFileError` when something could not be written."""
        if self._writer is not None:
            self._batches.put(None)
            self._writer.join()
        self._database.close()
        if self._error is not None:
            raise self._error

    def _write(self) -> None:
        going_on = True
        while going_on:
            batches = [self._batches.get()]
            while not self._batches.empty():
                batches.append(self._batches.get())
            going_on = None not in batches
            self._write_group([batch for batch in batches if batch is not None])

    def _write_group(self, batches: list[_Batch]) -> None:
        if self._error is not None:
            return
        try:
            self._commit(change for changes, _ in batches for change in changes)
        except sqlite3.Error as error:
            self._error = self._translated(error)
            return
        except TypeError as error:  # a row that is no plain data: a defect, which must not go unseen in this thread
            self._error = StateFileError(str(self.path), f"cannot be written: {error}")
            return
        for _, durable in batches:
            durable()

    def _commit(self, changes: Iterable[Change]) -> None:
        # Of several changes of one row within a group only the last counts; one that was taken out and put in again
        # comes last, as in the table.
        gone: dict[tuple[str, str, str], None] = {}
        kept: dict[tuple[str, str, str], str] = {}
        for owner, name, key, row in changes:
            at = (owner, name, dump(key))
            if row is None:
                kept.pop(at, None)
                gone[at] = None
            else:
                kept[at] = dump(row)
        self._database.execute("begin immediate")
        self._database.executemany(_DELETE, list(gone))
        self._database.executemany(_PUT, [(*at, row) for at, row in kept.items()])
        self._database.execute("commit")
