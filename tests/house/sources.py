"""What the house tests read: the package's modules, and the files of the repository."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Source:
    """One Python file. `name` is how it is imported: harness/phone/__init__.py is harness.phone."""

    name: str
    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.text)

    @property
    def room(self) -> str:
        """The room it is in: harness.phone.queue is in phone, harness itself in __init__."""
        return room(self.name)

    def imports(self) -> Iterator[tuple[int, str]]:
        """(line, dotted name) of each import anywhere in the file; `from a import b` counts as a.b."""
        package = self.name.split(".") if self.path.endswith("__init__.py") else self.name.split(".")[:-1]
        for node in ast.walk(self.tree):
            match node:
                case ast.Import(names=names):
                    yield from ((node.lineno, name.name) for name in names)
                case ast.ImportFrom(module=module, names=names, level=level):
                    base = package[: len(package) - level + 1] if level else []
                    prefix = ".".join([*base, *([module] if module else [])])
                    yield from ((node.lineno, f"{prefix}.{name.name}") for name in names)


# Parsed where a test asks for it: all of them at once are the better part of a second for each worker and each table,
# and hundreds of megabytes to keep.
@lru_cache(maxsize=8)
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def room(name: str) -> str:
    return [*name.split("."), "__init__"][1]


def source(path: Path) -> Source:
    relative = path.relative_to(ROOT)
    parts = relative.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Source(name, relative.as_posix(), path.read_text(encoding="utf-8"))


def sources(folder: str) -> list[Source]:
    """Every Python file below a folder of the repository, sorted."""
    return [source(path) for path in sorted((ROOT / folder).rglob("*.py"))]


def tracked_files() -> list[Path]:
    """Files that are in the repository or about to be: everything but what .gitignore names."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
