"""A scenario file under reading: what may be shown of it, and what is wrong with it so far."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import NoReturn

from harness.errors import ScenarioError, ScenarioErrors

__all__ = ["FILLED_MAX", "SECRETS", "Source", "Stop", "looks_secret", "masked", "shortened"]

_REPORTS_MAX = 100
FILLED_MAX = 16 << 20
"""So many characters may come of variables."""

SECRETS = frozenset(("encryption_key", "key", "x-api-key", "api_key", "authorization"))
"""What stands behind these keys, in whatever case, is read, but shown in no excerpt."""

_SECRET_PIECES = ("key", "kye", "pass", "phrase", "secret")
# Possessive: on a long line the search must not start over and over.
_ENTRY = re.compile(r"(?<!\w)(\w++)[\"']?\s*+:\s*+")


class Stop(Exception):
    """Something is wrong with this part of the file, and it has been reported."""


class _Enough(Exception):
    """So much is wrong that nobody reads on."""


@dataclass(slots=True)
class _Reports:
    """What is wrong with a file and its parts: source, line, column, problem and remedy, each once.

    A row or a round is read as often as it comes, so the same mistake may be found many times: `failures` counts that.
    """

    found: dict[tuple[int, int, int, str, str], Source] = field(default_factory=dict)
    failures: int = 0
    filled: int = 0


@dataclass(slots=True)
class Source:
    """The file at `path`. Lines and columns count from 0 here, and from 1 in the errors.

    `secret_names`: the variables that a pass phrase is taken from. `order`: which of the files that are read together.
    """

    path: str
    lines: list[str] = field(default_factory=list)
    order: int = 0
    secret_names: set[str] = field(default_factory=set)
    _reports: _Reports = field(default_factory=_Reports)

    def opened(self, path: str, order: int) -> Source:
        """The source of a part, whose mistakes are told together with those of this one."""
        return Source(path, [], order, self.secret_names, self._reports)

    @property
    def failures(self) -> int:
        """How often something was reported, in all files that are read together."""
        return self._reports.failures

    def pays(self, characters: int) -> bool:
        """So many more come of variables: False if they are too many."""
        self._reports.filled += characters
        return self._reports.filled <= FILLED_MAX

    def shown(self, line: int) -> str:
        return self.lines[line] if line < len(self.lines) else ""

    def report(self, line: int, column: int, problem: str, remedy: str = "") -> None:
        self._reports.failures += 1
        self._reports.found.setdefault((self.order, line, column, problem, remedy), self)
        if len(self._reports.found) == _REPORTS_MAX:
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
            ScenarioError(source.path, line + 1, column + 1, problem, source.shown(line), remedy)
            for (_, line, column, problem, remedy), source in sorted(
                self._reports.found.items(), key=lambda found: found[0]
            )
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
