"""The messages of the `sync:` service, both directions (AOSP SYNC.TXT, file_sync_protocol.h).

A host asks with a path; a device answers by what that asks for. All numbers are little endian. Paths and names are
octets on the wire: text with what is no UTF-8 kept as surrogates.
"""

from __future__ import annotations

import struct
from enum import Enum
from typing import TypeVar, assert_never

from harness.adb.cutting import Reader
from harness.errors import MalformedAdb, UsageError
from harness.frozen import frozen

__all__ = [
    "DATA_MAX",
    "NAME_MAX",
    "PATH_MAX",
    "WORDS_MAX",
    "Ask",
    "Data",
    "Done",
    "Entry",
    "Entry2",
    "Fail",
    "Listed",
    "Okay",
    "Quit",
    "Reply",
    "ReplyReader",
    "Request",
    "RequestReader",
    "Send",
    "Stat",
    "Stat2",
    "SyncId",
    "encode",
]

DATA_MAX = 64 * 1024
PATH_MAX = 1024  # adbd ends the service at a longer one
NAME_MAX = 256  # adb gives up at a longer one
WORDS_MAX = 64 * 1024  # of a FAIL; a bound of our own

_HEAD = struct.Struct("<4sI")
_STAT = struct.Struct("<3I")  # mode, size, mtime
_STAT2 = struct.Struct("<IQQ4IQqqq")  # error, dev, ino, mode, nlink, uid, gid, size, atime, mtime, ctime
_LENGTH = struct.Struct("<I")
_ID_BYTES = 4


class SyncId(Enum):
    """The first four octets of a message."""

    STAT = b"STAT"
    STA2 = b"STA2"
    LST2 = b"LST2"
    LIST = b"LIST"
    LIS2 = b"LIS2"
    SEND = b"SEND"
    RECV = b"RECV"
    DENT = b"DENT"
    DNT2 = b"DNT2"
    DATA = b"DATA"
    DONE = b"DONE"
    OKAY = b"OKAY"
    FAIL = b"FAIL"
    QUIT = b"QUIT"


_ASKS = {each.value: each for each in (SyncId.STAT, SyncId.STA2, SyncId.LST2, SyncId.LIST, SyncId.LIS2, SyncId.RECV)}


@frozen
class Ask:
    """What a path asks for: `STAT` (lstat), `STA2` (stat), `LST2` (lstat), `LIST`, `LIS2` or `RECV`."""

    id: SyncId
    path: str


@frozen
class Send:
    """A file comes for `path`: `Data` as often as it takes, then `Done`. `mode` has the file's type, as st_mode."""

    path: str
    mode: int


@frozen
class Data:
    """At most 64 KiB of a file."""

    data: bytes


@frozen
class Done:
    """The end of a file. `mtime_s` counts from 1970; 0 from a device."""

    mtime_s: int = 0


@frozen
class Quit:
    """The host wants nothing more."""


@frozen
class Stat:
    """The answer to STAT; all 0 where there is no such file."""

    mode: int
    size: int
    mtime_s: int


@frozen
class Stat2:
    """The answer to STA2 and LST2. `error` is an errno, 0 for none."""

    id: SyncId
    error: int
    mode: int = 0
    size: int = 0
    mtime_s: int = 0
    dev: int = 0
    ino: int = 0
    nlink: int = 0
    uid: int = 0
    gid: int = 0
    atime_s: int = 0
    ctime_s: int = 0


@frozen
class Entry:
    """One name of a directory: DENT."""

    name: str
    stat: Stat


@frozen
class Entry2:
    """One name of a directory: DNT2. The `id` of its stat is DNT2."""

    name: str
    stat: Stat2


@frozen
class Listed:
    """The end of a directory, asked for by `id`: LIST or LIS2. On the wire DONE, as long as an entry."""

    id: SyncId


@frozen
class Okay:
    """The file is written."""


@frozen
class Fail:
    """It did not work, and why, in the device's words."""

    why: str


Request = Ask | Send | Data | Done | Quit
Reply = Stat | Stat2 | Entry | Entry2 | Listed | Data | Done | Okay | Fail

# What DONE is followed by at the end of a directory: an entry's fields, all 0.
_LISTED = {SyncId.LIST: _STAT.size + _LENGTH.size, SyncId.LIS2: _STAT2.size + _LENGTH.size}


def encode(message: Request | Reply) -> bytes:
    """The message's octets. Raises UsageError for a path, name or piece that is too long."""
    match message:
        case Ask(id, path):
            return _long(id, _octets(path, PATH_MAX))
        case Send(path, mode):
            return _long(SyncId.SEND, _octets(f"{path},{mode}", PATH_MAX))
        case Data(data):
            return _long(SyncId.DATA, _fitting(data, DATA_MAX))
        case Done(mtime_s):
            return _HEAD.pack(SyncId.DONE.value, mtime_s & 0xFFFFFFFF)
        case Quit():
            return _HEAD.pack(SyncId.QUIT.value, 0)
        case Okay():
            return _HEAD.pack(SyncId.OKAY.value, 0)
        case Fail(why):
            return _long(SyncId.FAIL, why.encode("utf-8", "surrogateescape")[:WORDS_MAX])
        case Stat():
            return SyncId.STAT.value + _stat(message)
        case Stat2(id):
            return id.value + _stat2(message)
        case Entry(name, stat):
            return SyncId.DENT.value + _stat(stat) + _named(name)
        case Entry2(name, stat2):
            return SyncId.DNT2.value + _stat2(stat2) + _named(name)
        case Listed(id):
            return SyncId.DONE.value + bytes(_LISTED[id])
        case _:
            assert_never(message)


def _long(kind: SyncId, octets: bytes) -> bytes:
    return _HEAD.pack(kind.value, len(octets)) + octets


def _fitting(octets: bytes, most: int) -> bytes:
    if len(octets) > most:
        raise UsageError(f"{len(octets)} bytes in a message of sync, which takes {most}")
    return octets


def _octets(text: str, most: int) -> bytes:
    return _fitting(text.encode("utf-8", "surrogateescape"), most)


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


def _named(name: str) -> bytes:
    octets = _octets(name, NAME_MAX)
    return _LENGTH.pack(len(octets)) + octets


def _stat(stat: Stat) -> bytes:
    # 32 bits each: what is larger is cut, as adbd cuts it.
    return _STAT.pack(stat.mode, stat.size & 0xFFFFFFFF, stat.mtime_s & 0xFFFFFFFF)


def _stat2(stat: Stat2) -> bytes:
    owner = (stat.mode, stat.nlink, stat.uid, stat.gid)
    times = (stat.atime_s, stat.mtime_s, stat.ctime_s)
    return _STAT2.pack(stat.error, stat.dev, stat.ino, *owner, stat.size, *times)


def _read_stat2(kind: SyncId, octets: bytes) -> Stat2:
    error, dev, ino, mode, nlink, uid, gid, size, atime, mtime, ctime = _STAT2.unpack(octets)
    return Stat2(kind, error, mode, size, mtime, dev, ino, nlink, uid, gid, atime, ctime)


T = TypeVar("T")


class _Messages(Reader[T]):
    """What both directions have in common: messages whose second word is a length."""

    def _word(self) -> tuple[bytes, int] | None:
        """The id and the word behind it, still in the buffer."""
        if len(self._buffer) < _HEAD.size:
            return None
        name, word = _HEAD.unpack_from(self._buffer)
        return name, word

    def _payload(self, name: bytes, length: int, most: int) -> bytes | None:
        if length > most:
            raise MalformedAdb(f"sync: {name.decode('latin-1')} with {length} bytes, above {most}")
        if len(self._buffer) < _HEAD.size + length:
            return None
        return self._take(_HEAD.size + length)[_HEAD.size :]

    def _data(self, length: int) -> Data | None:
        payload = self._payload(b"DATA", length, DATA_MAX)
        return None if payload is None else Data(payload)

    def _unknown(self, name: bytes) -> MalformedAdb:
        return MalformedAdb(f"sync: {name!r} has no place here")

    def _amid(self) -> str:
        return "a message of sync"


class RequestReader(_Messages[Request]):
    """Cuts what a host says off its stream."""

    def _cut(self) -> Request | None:
        head = self._word()
        if head is None:
            return None
        name, word = head
        if name == b"DATA":
            return self._data(word)
        if name == b"DONE":
            self._take(_HEAD.size)
            return Done(word)
        if name == b"QUIT":
            self._take(_HEAD.size)
            return Quit()
        if name == b"SEND" or name in _ASKS:
            return self._path(name, word)
        raise self._unknown(name)

    def _path(self, name: bytes, length: int) -> Request | None:
        payload = self._payload(name, length, PATH_MAX)
        if payload is None:
            return None
        return _send(payload) if name == b"SEND" else Ask(_ASKS[name], _text(payload))


def _send(payload: bytes) -> Send:
    path, comma, mode = payload.rpartition(b",")  # a path may have commas
    if not comma or not mode.isdigit() or len(mode) > 10:
        raise MalformedAdb("sync: SEND needs a path, a comma and a mode in decimal digits")
    return Send(_text(path), int(mode))


class ReplyReader(_Messages[Reply]):
    """Cuts what a device says off its stream. `asked` has to be told of each request: DONE has three lengths."""

    def __init__(self) -> None:
        super().__init__()
        self._listing: SyncId | None = None

    def asked(self, request: Request) -> None:
        if isinstance(request, Ask):
            self._listing = request.id if request.id in _LISTED else None

    def _cut(self) -> Reply | None:
        if len(self._buffer) < _ID_BYTES:
            return None
        name = bytes(self._buffer[:_ID_BYTES])
        match name:
            case b"STAT":
                return self._stat()
            case b"STA2" | b"LST2":
                octets = self._fixed(_STAT2.size)
                return None if octets is None else _read_stat2(SyncId(name), octets)
            case b"DENT" | b"DNT2":
                return self._entry(_STAT if name == b"DENT" else _STAT2)
            case b"DONE" if self._listing is not None:
                return self._listed(self._listing)
            case b"DATA" | b"DONE" | b"OKAY" | b"FAIL":
                return self._worded()
            case _:
                raise self._unknown(name)

    def _fixed(self, size: int) -> bytes | None:
        if len(self._buffer) < _ID_BYTES + size:
            return None
        return self._take(_ID_BYTES + size)[_ID_BYTES:]

    def _stat(self) -> Stat | None:
        octets = self._fixed(_STAT.size)
        return None if octets is None else Stat(*_STAT.unpack(octets))

    def _entry(self, kind: struct.Struct) -> Entry | Entry2 | None:
        size = kind.size + _LENGTH.size
        if len(self._buffer) < _ID_BYTES + size:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer, _ID_BYTES + kind.size)
        if length > NAME_MAX:
            raise MalformedAdb(f"sync: a name of {length} bytes, above {NAME_MAX}")
        octets = self._fixed(size + length)
        if octets is None:
            return None
        fields, name = octets[: kind.size], _text(octets[size:])
        return (
            Entry(name, Stat(*kind.unpack(fields))) if kind is _STAT else Entry2(name, _read_stat2(SyncId.DNT2, fields))
        )

    def _listed(self, listing: SyncId) -> Listed | None:
        if self._fixed(_LISTED[listing]) is None:
            return None
        self._listing = None
        return Listed(listing)

    def _worded(self) -> Reply | None:
        head = self._word()
        if head is None:
            return None
        name, word = head
        if name == b"DATA":
            return self._data(word)
        if name == b"FAIL":
            payload = self._payload(name, word, WORDS_MAX)
            return None if payload is None else Fail(_text(payload))
        self._take(_HEAD.size)
        return Okay() if name == b"OKAY" else Done(word)
