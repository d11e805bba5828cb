"""`sync:`: files to the device and from it. Words and order as adbd has them (AOSP file_sync_service.cpp)."""

from __future__ import annotations

from collections.abc import Iterator

from harness.adb.sync import (
    DATA_MAX,
    Ask,
    Data,
    Done,
    Entry,
    Entry2,
    Fail,
    Listed,
    Okay,
    Quit,
    Reply,
    Request,
    RequestReader,
    Send,
    Stat2,
    SyncId,
    encode,
)
from harness.adb.sync import Stat as ShortStat
from harness.errors import MalformedAdb
from harness.fake_device.files import Files, Problem, Stat, parent, resolved
from harness.fake_device.service_base import HELD_MAX, Service

__all__ = ["SyncService"]

_LINK = 0o120000
_KIND = 0o170000


class SyncService(Service):
    """Answers one request after the other; a file that is read is drawn piece by piece."""

    def __init__(self, files: Files) -> None:
        super().__init__()
        self._files = files
        self._requests = RequestReader()
        self._replies: list[Iterator[bytes]] = []
        self._coming: _Coming | None = None
        self._quits = False

    @property
    def is_full(self) -> bool:
        """Who asks faster than it reads has to wait."""
        return len(self._replies) > HELD_MAX // DATA_MAX

    def feed(self, data: bytes, now_ms: int) -> None:
        for request in self._requests.feed(data):
            if not self._quits:
                self._obey(request, now_ms)

    def take(self, most: int) -> bytes:
        said: list[bytes] = []
        size = 0
        while size < most and (piece := self._next()) is not None:
            said.append(piece)
            size += len(piece)
        return b"".join(said)

    def gone(self) -> None:
        """A file that has not come whole is taken away."""
        if self._coming is not None:
            self._coming.abandon()
        self.done = True

    def _next(self) -> bytes | None:
        while self._replies:
            piece = next(self._replies[0], None)
            if piece is not None:
                return piece
            del self._replies[0]
        self.done = self._quits
        return None

    def _obey(self, request: Request, now_ms: int) -> None:
        match request:
            case Ask():
                self._replies.append(_encoded(_answers(self._files, request)))
            case Send():
                self._coming = _Coming(self._files, request, now_ms)
                self._report(self._coming.begin())
            case Data(data):
                self._report(self._arriving().write(data))
            case Done(mtime_s):
                self._finish(self._arriving(), mtime_s)
            case Quit():
                self._quits = True

    def _arriving(self) -> _Coming:
        if self._coming is None:
            raise MalformedAdb("sync: a file's data without SEND")
        return self._coming

    def _report(self, fault: str | None) -> None:
        """Only the first thing that goes wrong with a file is told; the rest of it is read and dropped."""
        if fault is not None:
            self._replies.append(iter((encode(Fail(fault)),)))

    def _finish(self, coming: _Coming, mtime_s: int) -> None:
        self._coming = None
        if coming.finish(mtime_s):
            self._replies.append(iter((encode(Okay()),)))
        else:
            self._quits = True  # adbd ends the service after a file that failed


class _Coming:
    """A file on its way to the device."""

    def __init__(self, files: Files, asked: Send, now_ms: int) -> None:
        self._files = files
        self._path = resolved(asked.path)
        self._mode = asked.mode
        self._now_ms = now_ms
        self._failed = False
        self._begun = False

    def begin(self) -> str | None:
        """Why it cannot be written, or nothing."""
        if self._mode & _KIND == _LINK:
            return self._fail("symlink", Problem.NOT_ALLOWED)
        if problem := self._folders(parent(self._path)):
            return self._fail("secure_mkdirs", problem)
        problem = self._files.write(self._path, b"", self._now_ms, self._mode & 0o777)
        if problem is not None:
            return self._fail("couldn't create file", problem)
        self._begun = True
        return None

    def write(self, data: bytes) -> str | None:
        if self._failed:
            return None
        problem = self._files.append(self._path, data, self._now_ms)
        return None if problem is None else self._fail("write", problem)

    def finish(self, mtime_s: int) -> bool:
        """It is whole, and stays; False: it failed, and is gone."""
        if self._failed:
            return False
        self._files.touched(self._path, mtime_s * 1000, self._mode)
        return True

    def abandon(self) -> None:
        if self._begun:
            self._files.remove(self._path)
            self._begun = False

    def _fail(self, what: str, problem: Problem) -> str:
        self._failed = True
        self.abandon()
        return f"{what}{'' if ' ' in what else ' failed'}: {problem.words}"

    def _folders(self, path: str) -> Problem | None:
        """Makes the folders that are missing on the way."""
        found = self._files.stat(path)
        if found is not Problem.NOT_THERE:
            return None  # there, or nothing to be made: writing will tell
        return self._folders(parent(path)) or self._files.mkdir(path, self._now_ms)


def _encoded(replies: Iterator[Reply]) -> Iterator[bytes]:
    return map(encode, replies)


def _answers(files: Files, asked: Ask) -> Iterator[Reply]:
    path = resolved(asked.path)
    match asked.id:
        case SyncId.STAT:
            yield _short(files.stat(path))
        case SyncId.STA2 | SyncId.LST2:
            yield _long(asked.id, files.stat(path))
        case SyncId.LIST | SyncId.LIS2:
            yield from _listed(files, asked.id, path)
        case _:
            yield from _read(files, path)


def _short(found: Stat | Problem) -> ShortStat:
    if isinstance(found, Problem):
        return ShortStat(0, 0, 0)
    return ShortStat(found.mode, found.size, found.modified_ms // 1000)


def _long(kind: SyncId, found: Stat | Problem) -> Stat2:
    if isinstance(found, Problem):
        return Stat2(kind, found.number)
    at_s = found.modified_ms // 1000
    return Stat2(kind, 0, found.mode, found.size, at_s, nlink=1, uid=2000, gid=2000, atime_s=at_s, ctime_s=at_s)


def _listed(files: Files, kind: SyncId, path: str) -> Iterator[Reply]:
    """A folder that cannot be read is one without names: adbd tells no error there."""
    names = files.names(path)
    for name in (".", "..", *names) if not isinstance(names, Problem) else ():
        found = files.stat(resolved(name, path))
        yield Entry(name, _short(found)) if kind is SyncId.LIST else Entry2(name, _long(SyncId.DNT2, found))
    yield Listed(kind)


def _read(files: Files, path: str) -> Iterator[Reply]:
    offset = 0
    while True:
        data = files.read(path, offset, DATA_MAX)
        if isinstance(data, Problem):
            yield Fail(f"{'read' if data is Problem.IS_A_DIRECTORY else 'open'} failed: {data.words}")
            return
        if not data:
            yield Done()
            return
        yield Data(data)
        offset += len(data)
