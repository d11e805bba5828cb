"""Finding and reading scenario files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.errors import UsageError
from harness.scenario import Scenario, read_scenarios

__all__ = ["SUFFIX", "find_files", "read_file"]

SUFFIX = ".scenario.yaml"


def find_files(paths: Iterable[str]) -> Iterator[Path]:
    """The files named, and those below the folders named, in the order of their names. Raises `UsageError`."""
    for text in paths:
        path = Path(text)
        if path.is_dir():
            found = sorted(path.rglob(f"*{SUFFIX}"))
            if not found:
                raise UsageError(f"{text}: no file ends in {SUFFIX}", "name a file, or a folder that has some")
            yield from found
        elif path.exists():
            yield path
        else:
            raise UsageError(f"{text}: no such file or folder", "name a scenario file, or a folder with some")


def read_file(path: Path) -> tuple[Scenario, ...]:
    """The stories of a file. Raises `ScenarioError`, and `UsageError` for a file that cannot be opened."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "check its permissions") from None
    return read_scenarios(content, str(path))
