"""The files of a fake device: a tree in memory, with Android's rights and Linux's errors."""

from __future__ import annotations

import enum
from collections.abc import Iterator

from harness.frozen import frozen

__all__ = ["SHELL", "Files", "Problem", "Stat", "parent", "resolved"]

SHELL = "shell"
"""The user that adb's commands run as."""

_DIRECTORY = 0o040000
_FILE = 0o100000
# Where the shell user may write; below the other places of _ROOTS it may only read (AOSP: system is mounted read-only).
_WRITABLE = ("/sdcard", "/data/local/tmp")
_READ_ONLY = ("/", "/system", "/vendor", "/product", "/apex")
_HOMES = "/data/data"
_CLOSED = ("/data", "/data/data", "/data/app", "/data/local")
_LINKS = {"/storage/emulated/0": "/sdcard", "/mnt/sdcard": "/sdcard", "/storage/self/primary": "/sdcard"}
_FOLDERS = (
    *("/system", "/system/bin", "/vendor", "/product", "/apex", "/dev", "/proc", "/storage", "/mnt", "/data"),
    *("/data/data", "/data/app", "/data/local", "/data/local/tmp", "/sdcard", "/sdcard/Android", "/sdcard/DCIM"),
    *("/sdcard/Download", "/sdcard/Pictures"),
)


class Problem(enum.Enum):
    """Why a file cannot be had: errno by Linux's number and words."""

    NOT_ALLOWED = (1, "EPERM", "Operation not permitted")
    NOT_THERE = (2, "ENOENT", "No such file or directory")
    DENIED = (13, "EACCES", "Permission denied")
    EXISTS = (17, "EEXIST", "File exists")
    NOT_A_DIRECTORY = (20, "ENOTDIR", "Not a directory")
    IS_A_DIRECTORY = (21, "EISDIR", "Is a directory")
    NO_SPACE = (28, "ENOSPC", "No space left on device")
    READ_ONLY = (30, "EROFS", "Read-only file system")
    NOT_EMPTY = (39, "ENOTEMPTY", "Directory not empty")

    def __init__(self, number: int, code: str, words: str) -> None:
        self.number = number
        self.code = code
        self.words = words


@frozen
class Stat:
    """What `stat` tells: `mode` with the bits of the kind, as Linux has them."""

    mode: int
    size: int
    modified_ms: int

    @property
    def is_directory(self) -> bool:
        return self.mode & 0o170000 == _DIRECTORY


class _Node:
    __slots__ = ("data", "mode", "modified_ms")

    def __init__(self, mode: int, modified_ms: int, data: bytearray | None = None) -> None:
        self.mode = mode
        self.modified_ms = modified_ms
        self.data = data

    def stat(self) -> Stat:
        return Stat(self.mode, len(self.data) if self.data is not None else 4096, self.modified_ms)


def resolved(path: str, folder: str = "/") -> str:
    """The absolute path without `.`, `..`, doubled slashes and the links of `/sdcard`."""
    parts: list[str] = []
    for part in (path if path.startswith("/") else f"{folder}/{path}").split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    whole = "/" + "/".join(parts)
    for link, target in _LINKS.items():
        if whole == link or whole.startswith(link + "/"):
            return target + whole[len(link) :]
    return whole


def parent(path: str) -> str:
    return path.rpartition("/")[0] or "/"


class Files:
    """The tree. `capacity_bytes` is what all files together may hold. Paths are absolute (`resolved`).

    What cannot be done comes back as a `Problem`; nothing has changed then, unless a write filled the device: what
    still fitted is there, as on Linux. `user` is who asks: an app alone gets into its own folder below /data/data, and
    the shell user into none.
    """

    def __init__(self, capacity_bytes: int = 4 << 30) -> None:
        self.capacity_bytes = capacity_bytes
        self.used_bytes = 0
        self.user = SHELL
        self._nodes = {"/": _Node(_DIRECTORY | 0o755, 0)}
        for folder in _FOLDERS:
            self._nodes[folder] = _Node(_DIRECTORY | 0o771, 0)

    def install(self, path: str, data: bytes, mode: int = 0o755) -> None:
        """A file of the system: it takes no room, and nobody is asked."""
        self._nodes[path] = _Node(_FILE | mode, 0, bytearray(data))

    def home(self, app: str) -> str:
        """The folder of an app, made if need be."""
        folder = f"{_HOMES}/{app}"
        self._nodes.setdefault(folder, _Node(_DIRECTORY | 0o700, 0))
        return folder

    def empty_home(self, app: str) -> None:
        """The app's folder is as after its installation."""
        for path in self.below(self.home(app)):
            self.used_bytes -= len(self._nodes[path].data or b"")
            del self._nodes[path]

    def stat(self, path: str) -> Stat | Problem:
        if self._is_others(path):
            return Problem.DENIED
        node = self._nodes.get(path)
        return node.stat() if node else self._missing(path)

    def names(self, path: str) -> list[str] | Problem:
        """The names in a folder, in order."""
        if self._is_others(path):
            return Problem.DENIED
        node = self._nodes.get(path)
        if node is None:
            return self._missing(path)
        if node.data is not None:
            return Problem.NOT_A_DIRECTORY
        return Problem.DENIED if path in _CLOSED else sorted(self._inside(path))

    def read(self, path: str, offset: int = 0, size: int | None = None) -> bytes | Problem:
        """At most `size` octets from `offset`."""
        if self._is_others(path):
            return Problem.DENIED
        node = self._nodes.get(path)
        if node is None:
            return self._missing(path)
        if node.data is None:
            return Problem.IS_A_DIRECTORY
        return bytes(memoryview(node.data)[offset : None if size is None else offset + size])

    def write(self, path: str, data: bytes, at_ms: int, mode: int = 0o644) -> Problem | None:
        """The file has this content; one that was there keeps its mode."""
        if problem := self._opened(path, at_ms, mode):
            return problem
        node = self._nodes[path]
        assert node.data is not None
        self.used_bytes -= len(node.data)
        node.data = bytearray()
        return self._added(node, data, at_ms)

    def append(self, path: str, data: bytes, at_ms: int, mode: int = 0o644) -> Problem | None:
        return self._opened(path, at_ms, mode) or self._added(self._nodes[path], data, at_ms)

    def touched(self, path: str, modified_ms: int, mode: int) -> Problem | None:
        """Sets the instant and the rights, as a push does at its end."""
        node = self._nodes.get(path)
        if node is None:
            return self._missing(path)
        node.modified_ms, node.mode = modified_ms, node.mode & 0o170000 | mode & 0o7777
        return None

    def mkdir(self, path: str, at_ms: int) -> Problem | None:
        if path in self._nodes:
            return Problem.EXISTS
        if problem := self._not_writable(path):
            return problem
        self._nodes[path] = _Node(_DIRECTORY | 0o771, at_ms)
        return None

    def remove(self, path: str) -> Problem | None:
        """A file, or an empty folder."""
        node = self._nodes.get(path)
        if node is None:
            return self._missing(path)
        if problem := self._not_writable(path):
            return problem
        if node.data is None and any(True for _ in self._inside(path)):
            return Problem.NOT_EMPTY
        self.used_bytes -= len(node.data or b"")
        del self._nodes[path]
        return None

    def below(self, path: str) -> list[str]:
        """Everything in a folder and its folders, the deepest first."""
        prefix = path.rstrip("/") + "/"
        found = [each for each in self._nodes if each.startswith(prefix) and each != "/"]
        return sorted(found, key=lambda each: (-each.count("/"), each))

    def _opened(self, path: str, at_ms: int, mode: int) -> Problem | None:
        node = self._nodes.get(path)
        if node is not None and node.data is None:
            return Problem.IS_A_DIRECTORY
        if problem := self._not_writable(path):
            return problem
        if node is None:
            self._nodes[path] = _Node(_FILE | mode & 0o7777, at_ms, bytearray())
        return None

    def _added(self, node: _Node, data: bytes, at_ms: int) -> Problem | None:
        assert node.data is not None
        room = max(0, self.capacity_bytes - self.used_bytes)
        node.data += data[:room]
        node.modified_ms = at_ms
        self.used_bytes += min(room, len(data))
        return Problem.NO_SPACE if len(data) > room else None

    def _not_writable(self, path: str) -> Problem | None:
        folder = self._nodes.get(parent(path))
        if folder is None:
            return self._missing(path)
        if folder.data is not None:
            return Problem.NOT_A_DIRECTORY
        if self._is_others(path):
            return Problem.DENIED
        if any(path.startswith(place + "/") for place in (*_WRITABLE, f"{_HOMES}/{self.user}")):
            return None
        first = "/" + path.split("/")[1]
        return Problem.READ_ONLY if parent(path) in _READ_ONLY or first in _READ_ONLY else Problem.DENIED

    def _is_others(self, path: str) -> bool:
        """It is in the folder of an app that does not ask."""
        if not path.startswith(_HOMES + "/"):
            return False
        app = path.split("/")[3]
        return app != self.user and f"{_HOMES}/{app}" in self._nodes

    def _missing(self, path: str) -> Problem:
        above = parent(path)
        while above not in self._nodes:
            above = parent(above)
        if self._nodes[above].data is not None:
            return Problem.NOT_A_DIRECTORY
        return Problem.DENIED if above in ("/data/data", "/data/app") else Problem.NOT_THERE

    def _inside(self, path: str) -> Iterator[str]:
        prefix = path.rstrip("/") + "/"
        for each in self._nodes:
            if each.startswith(prefix) and each != "/" and "/" not in each[len(prefix) :]:
                yield each[len(prefix) :]
