"""A world in a SQLite file: what was released is in it, whatever happens to the process.

One writer thread takes batches in order; all that wait are committed together (a group commit), and only then is
the driver told to release what belongs to them.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from harness.errors import StateFileError
from harness.plain import dump, load

__all__ = ["StateFile"]

VERSION = 1
_APPLICATION = 0x68737348  # "hssH", so that another program's database is recognised as such

Change = tuple[str, str, Any, Any]


class StateFile:
    """Rows by (owner, table, key). Raises `StateFileError` for a file that is no state file of this version."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._prepare()
        except sqlite3.DatabaseError as error:
            raise StateFileError(str(path), str(error)) from None
        self._batches: queue.SimpleQueue[tuple[list[Change], Callable[[], object]] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="state-file")
        self._writer.start()

    def _prepare(self) -> None:
        database = self._database
        (application,) = database.execute("pragma application_id").fetchone()
        (version,) = database.execute("pragma user_version").fetchone()
        if application == 0 and database.execute("select count(*) from sqlite_master").fetchone() == (0,):
            database.execute("pragma journal_mode = wal")
            database.execute(
                "create table rows (owner text, name text, key text, row text, primary key (owner, name, key))"
                " without rowid"
            )
            database.execute(f"pragma application_id = {_APPLICATION}")
            database.execute(f"pragma user_version = {VERSION}")
        elif application != _APPLICATION:
            raise StateFileError(str(self.path), "is a database of another program")
        elif version != VERSION:
            raise StateFileError(str(self.path), f"is of version {version}, this program writes {VERSION}")
        database.execute("pragma synchronous = full")

    def rows(self) -> Iterator[Change]:
        """Everything in the file."""
        for owner, name, key, row in self._database.execute("select owner, name, key, row from rows"):
            yield owner, name, load(key), load(row)

    def put(self, changes: list[Change], durable: Callable[[], object]) -> None:
        """Writes soon; calls `durable` from the writer's thread once the changes are on the disk."""
        self._batches.put((changes, durable))

    def close(self) -> None:
        """Writes what waits and closes the file."""
        self._batches.put(None)
        self._writer.join()
        self._database.close()

    def _write(self) -> None:
        going_on = True
        while going_on:
            batches = [self._batches.get()]
            while not self._batches.empty():
                batches.append(self._batches.get())
            going_on = None not in batches
            written = [batch for batch in batches if batch is not None]
            self._commit([change for changes, _ in written for change in changes])
            for _, durable in written:
                durable()

    def _commit(self, changes: list[Change]) -> None:
        # Of several changes of one row within a group only the last counts.
        last: dict[tuple[str, str, str], str | None] = {}
        for owner, name, key, row in changes:
            last[owner, name, dump(key)] = None if row is None else dump(row)
        self._database.execute("begin immediate")
        self._database.executemany(
            "delete from rows where owner = ? and name = ? and key = ?",
            [at for at, row in last.items() if row is None],
        )
        self._database.executemany(
            "insert or replace into rows values (?, ?, ?, ?)",
            [(*at, row) for at, row in last.items() if row is not None],
        )
        self._database.execute("commit")
