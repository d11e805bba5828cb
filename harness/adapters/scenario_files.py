"""Finding and reading scenario files."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.errors import UsageError
from harness.scenario import Scenario, read_scenarios
from harness.scenario.nodes import SIZE_MAX

__all__ = ["SUFFIX", "find_files", "read_file", "read_part"]

SUFFIX = ".scenario.yaml"


def find_files(paths: Iterable[str]) -> Iterator[Path]:
    """The files named, and those below the folders named, in the order of their names, each once.

    Hidden folders are passed over. Raises `UsageError`.
    """
    known: set[Path] = set()
    for text in paths:
        for path in _below(Path(text)):
            if path not in known:
                known.add(path)
                yield path


def _below(path: Path) -> list[Path]:
    if not path.exists():
        raise UsageError(f"{path}: no such file or folder", "name a scenario file, or a folder with some")
    if not path.is_dir():
        return [path]
    found = [
        file
        for file in sorted(path.rglob(f"*{SUFFIX}"))
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts[:-1])
    ]
    if not found:
        raise UsageError(f"{path}: no file ends in {SUFFIX}", "name a file, or a folder that has some")
    return found


def read_file(path: Path) -> tuple[Scenario, ...]:
    """The stories of a file. Raises `ScenarioError`, and `UsageError` for a file that cannot be opened."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "give a file that can be read") from None
    return read_scenarios(content, str(path), read_part)


def read_part(path: str) -> bytes:
    """The bytes of a file that a story includes: more than a story may have are never read. Raises `OSError`."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise OSError(errno.EINVAL, "no regular file")
        with open(path, "rb") as file:
            return file.read(SIZE_MAX + 1)
    except ValueError as error:  # a NUL in the path
        raise OSError(errno.EINVAL, str(error)) from None
