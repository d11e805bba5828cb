"""A world in a SQLite file: what was released is in it, whatever happens to the process.

One writer thread takes batches in order; all that wait are committed together (a group commit), and only then is
the driver told to release what belongs to them.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from harness.errors import HarnessError, StateFileError, StateNotKept
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
insert into rows (owner, name, key, row) values %s
on conflict (owner, name, key) do update set row = excluded.row
"""
# A statement of one row lets the world's thread have the interpreter for each row, and waits to get it back. Every
# SQLite takes 999 values.
_AT_ONCE = 200
_WHY = {
    "SQLITE_CORRUPT": ("is damaged",),
    "SQLITE_BUSY": ("is in use by another process", "stop that one first, or give another file"),
    "SQLITE_CANTOPEN": ("cannot be opened as a file", "give another file"),
    "SQLITE_NOTADB": ("is no state file",),
    "SQLITE_READONLY": ("is read-only", "allow writing to it, or give another file"),
}
_NO_ROOM = {
    "SQLITE_FULL": "cannot be written, the disk is full",
    "SQLITE_IOERR": "cannot be read or written, the disk is full or failing",
}

Change = tuple[str, str, Any, Any]
_Batch = tuple[list[Change], Callable[[], object]]


class StateFile:
    """Rows by (owner, table, key). Raises `StateFileError` for a file that is no state file of this version.

    The file belongs to this process until `close`. One that is refused stays as it was. Raises `StateNotKept`
    when the disk has no room for it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._error: StateNotKept | None = None
        self._failed: Callable[[StateNotKept], object] | None = None
        self._lock = threading.Lock()  # between the failure and who wants to hear of it
        self._batches: queue.SimpleQueue[_Batch | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        _check_place(path)
        try:
            self._look()
            self._database = sqlite3.connect(path, timeout=_LOCK_S, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise self._translated(error) from None
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._database.close()
            raise self._translated(error) from None

    def _look(self) -> None:
        """Refuses what is not ours, by a connection that cannot write: the other one tidies up when it closes."""
        if not self.path.is_file() or not self.path.stat().st_size:
            return
        # With a log beside it (after a kill) SQLite needs one more file to read both, which only a writer takes away.
        mode = "mode=ro" if self._beside("wal").exists() else "mode=ro&immutable=1"
        uri = f"{self.path.absolute().as_uri()}?{mode}"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=_LOCK_S, isolation_level=None)) as database:
            (application,) = database.execute("pragma application_id").fetchone()
            (version,) = database.execute("pragma user_version").fetchone()
            is_empty = database.execute("select count(*) from sqlite_master").fetchone() == (0,)
            (health,) = database.execute("pragma integrity_check(1)").fetchone()
        if application != _APPLICATION and not (application == 0 and is_empty):
            raise StateFileError(str(self.path), "is a database of another program", "give another file")
        if application and version > VERSION:
            remedy = "give another file, or use a newer version of httpsms-harness"
            raise StateFileError(str(self.path), f"is of version {version}, this program writes {VERSION}", remedy)
        if application and version != VERSION:
            raise StateFileError(str(self.path), f"is of version {version}, this program writes {VERSION}")
        if health != "ok":
            raise StateFileError(str(self.path), f"is damaged: {health.splitlines()[-1]}")

    def _prepare(self) -> None:
        database = self._database
        database.execute("pragma locking_mode = exclusive")
        database.execute("pragma journal_mode = wal")
        database.execute("pragma synchronous = full")
        # Takes the lock, and finds out now whether the file may be written. In one piece: a kill leaves no half file.
        database.execute("begin immediate")
        if database.execute("select count(*) from sqlite_master").fetchone() == (0,):
            database.execute(_SCHEMA)
            database.execute(f"pragma application_id = {_APPLICATION}")
            database.execute(f"pragma user_version = {VERSION}")
        database.execute("commit")
        self._beside("shm").unlink(missing_ok=True)  # whoever has the lock needs none, and there is nobody else

    def _beside(self, end: str) -> Path:
        return self.path.with_name(f"{self.path.name}-{end}")

    def _translated(self, error: sqlite3.Error) -> HarnessError:
        name = _name(error)
        if name in _NO_ROOM:
            return StateNotKept(str(self.path), _NO_ROOM[name])
        return StateFileError(str(self.path), *_WHY.get(name, (str(error),)))

    def rows(self) -> Iterator[Change]:
        """Everything in the file, in the order in which it came. Raises `StateFileError` for what cannot be read."""
        try:
            for owner, name, key, row in self._database.execute(
                "select owner, name, key, row from rows order by place"
            ):
                yield owner, name, _hashable(load(key)), load(row)
        except sqlite3.Error as error:
            # Without a name it is about text that is no UTF-8, and it shows that text, which may hold a key.
            why = f"cannot be read: {error}" if _name(error) else "is damaged: a row is no text"
            raise StateFileError(str(self.path), why) from None
        except ValueError as error:
            raise StateFileError(str(self.path), f"cannot be read: {error}") from None

    def watch(self, failed: Callable[[StateNotKept], object]) -> None:
        """Calls `failed` once, as soon as a write has failed; from the writer's thread, or at once if it is past."""
        with self._lock:
            self._failed = failed
            error = self._error
        if error is not None:
            failed(error)

    def put(self, changes: list[Change], durable: Callable[[], object]) -> None:
        """Writes soon; calls `durable` from the writer's thread once the changes are on the disk.

        Raises `StateNotKept` when an earlier write failed: nothing is written or released after that.
        """
        if self._error is not None:
            raise self._error
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="state-file")
            self._writer.start()
        self._batches.put((changes, durable))

    def close(self) -> None:
        """Writes what waits and closes the file. Raises `StateNotKept` when something could not be written."""
        if self._writer is not None:
            self._batches.put(None)
            self._writer.join()
        try:
            self._database.close()
        except sqlite3.Error as error:
            self._fail(self._not_kept(error))
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
            self._fail(self._not_kept(error))
            return
        except Exception as error:  # noqa: BLE001 - a row that is no plain data: nobody would see it in this thread
            self._fail(StateNotKept(str(self.path), f"cannot be written: {error}"))
            return
        for _, durable in batches:
            durable()

    def _not_kept(self, error: sqlite3.Error) -> StateNotKept:
        return StateNotKept(str(self.path), _NO_ROOM.get(_name(error), f"cannot be written: {error}"))

    def _fail(self, error: StateNotKept) -> None:
        with self._lock:
            if self._error is not None:
                return
            self._error = error
            failed = self._failed
        if failed is not None:
            failed(error)

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
        if not gone and not kept:
            return
        self._database.execute("begin immediate")
        self._database.executemany(_DELETE, list(gone))
        self._insert(list(chain.from_iterable((*at, row) for at, row in kept.items())))
        self._database.execute("commit")

    def _insert(self, values: list[str]) -> None:
        """Four values a row."""
        for first in range(0, len(values), 4 * _AT_ONCE):
            some = values[first : first + 4 * _AT_ONCE]
            self._database.execute(_PUT % ", ".join(["(?, ?, ?, ?)"] * (len(some) // 4)), some)


def _hashable(key: Any) -> Any:
    """Raises `ValueError` for what no table has as a key."""
    try:
        hash(key)
    except TypeError:
        raise ValueError("a key is a mapping") from None
    return key


def _name(error: sqlite3.Error) -> str:
    """SQLITE_IOERR for SQLITE_IOERR_WRITE and its like."""
    return "_".join(str(getattr(error, "sqlite_errorname", "")).split("_")[:2])


def _check_place(path: Path) -> None:
    """Raises `StateFileError` where no file can be, or none that we may write. SQLite says less, and too late."""
    folder = path.absolute().parent
    if path.is_dir():
        raise StateFileError(str(path), "is a folder", "give a file")
    if not folder.is_dir():
        raise StateFileError(str(path), "its folder does not exist", f"make the folder {folder}, or give another file")
    if path.exists() and not os.access(path, os.W_OK):
        raise StateFileError(str(path), "is read-only", "allow writing to it, or give another file")
    if not os.access(folder, os.W_OK):  # a log stands beside the file
        raise StateFileError(str(path), "its folder is read-only", f"allow writing to {folder}, or give another file")
