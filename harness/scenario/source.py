"""A scenario file under reading: what may be shown of it, and what is wrong with it so far."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import NoReturn

from harness.errors import ScenarioError, ScenarioErrors

__all__ = ["SECRETS", "Source", "Stop", "looks_secret", "masked", "shortened"]

_REPORTS_MAX = 100

SECRETS = ("encryption_key", "key")
"""What stands behind these keys is read, but shown in no excerpt."""

_SECRET_PIECES = ("key", "kye", "pass", "phrase", "secret")
# Possessive: on a long line the search must not start over and over.
_ENTRY = re.compile(r"(?<!\w)(\w++)[\"']?\s*+:\s*+")


class Stop(Exception):
    """Something is wrong with this part of the file, and it has been reported."""


class _Enough(Exception):
    """So much is wrong that nobody reads on."""


@dataclass(slots=True)
class Source:
    """The file at `path`. Lines and columns count from 0 here, and from 1 in the errors."""

    path: str
    lines: list[str] = field(default_factory=list)
    reports: list[tuple[int, int, str, str]] = field(default_factory=list)

    def shown(self, line: int) -> str:
        return self.lines[line] if line < len(self.lines) else ""

    def report(self, line: int, column: int, problem: str, remedy: str = "") -> None:
        self.reports.append((line, column, problem, remedy))
        if len(self.reports) == _REPORTS_MAX:
            raise _Enough

    def fail(self, line: int, column: int, problem: str, remedy: str = "") -> NoReturn:
        self.report(line, column, problem, remedy)
        raise Stop

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part whose mistakes do not keep the rest from being read."""
        with suppress(Stop):
            yield

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Raises everything that was reported in it, in the order of the file: one error, or several in one."""
        with suppress(Stop, _Enough):
            yield
        # Only now is it known which lines have something to hide.
        errors = tuple(
            ScenarioError(self.path, line + 1, column + 1, problem, self.shown(line), remedy)
            for line, column, problem, remedy in sorted(self.reports)
        )
        if errors:
            raise errors[0] if len(errors) == 1 else ScenarioErrors(errors)

    def hide(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """No excerpt shows what stands between two places."""
        for line in range(start[0], min(end[0] + 1, len(self.lines))):
            text = self.lines[line]
            left = start[1] if line == start[0] else 0
            right = end[1] if line == end[0] else len(text)
            self.lines[line] = text[:left] + re.sub(r"\S", "*", text[left:right]) + text[right:]


def looks_secret(key: str) -> bool:
    """A pass phrase may stand behind a key of this name."""
    word = key.lower()
    return any(piece in word for piece in _SECRET_PIECES)


def masked(line: str) -> str:
    """A line of a file that YAML cannot read, without what stands behind anything like a key."""
    for entry in _ENTRY.finditer(line):
        if looks_secret(entry[1]):
            return line[: entry.end()] + re.sub(r"\S", "*", line[entry.end() :])
    return line


def shortened(text: str) -> str:
    """For an error's text, which nobody wants to scroll."""
    return text if len(text) <= 60 else text[:59] + "…"
