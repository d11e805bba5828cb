"""Which scenario files change while somebody works on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

__all__ = ["changes"]

_SUFFIXES = (".yaml", ".yml")

_Stamps = Mapping[Path, tuple[int, int]]


def changes(paths: Iterable[str], wait: Callable[[], None]) -> Iterator[frozenset[Path]]:
    """The files below folders, and beside files, that are new, gone or written anew since this call; once more after
    each `wait`. Never ends.

    Nothing is given while nothing changes. What changes while somebody does something about the last change is told
    next.
    """
    watched = [Path(path) for path in paths]
    return _changes(watched, _stamps(watched), wait)


def _changes(watched: list[Path], before: _Stamps, wait: Callable[[], None]) -> Iterator[frozenset[Path]]:
    while True:
        wait()
        now = _stamps(watched)
        changed = frozenset(path for path in {*before, *now} if before.get(path) != now.get(path))
        before = now
        if changed:
            yield changed


def _stamps(watched: Iterable[Path]) -> _Stamps:
    """When each file was written, and how long it is."""
    stamps = {}
    for path in watched:
        # Parts that a file includes are mostly beside it.
        for file in path.rglob("*") if path.is_dir() else path.parent.glob("*"):
            if file.suffix in _SUFFIXES:
                try:
                    found = file.stat()
                except OSError:  # gone in this moment
                    continue
                stamps[file] = (found.st_mtime_ns, found.st_size)
    return stamps
