"""Lists of failures that are expected: `RUNNER ID  # reason` a line.

A failure in the list is no failure; one that is not in it fails, and so does one that is in it and does not come.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from types import MappingProxyType

from harness.errors import VectorError, VectorErrors
from harness.frozen import frozen
from harness.interop.fields import guess

__all__ = ["ExpectedFailure", "ExpectedFailures", "parse"]


@frozen
class ExpectedFailure:
    """`runner` fails at the vector `id`, because of `reason`. It stands in `line` of the list, from 1 on."""

    runner: str
    id: str
    reason: str
    line: int


@frozen
class ExpectedFailures:
    """The lines of a list, in order."""

    lines: tuple[ExpectedFailure, ...] = ()

    def of(self, runner: str) -> MappingProxyType[str, ExpectedFailure]:
        """What is expected of `runner`, by the id of the vector."""
        return MappingProxyType({line.id: line for line in self.lines if line.runner == runner})


# The name of a runner may be a command with blanks in it; an id has none.
_LINE = re.compile(r"(?P<before>\s*)(?P<runner>\S(?:.*\S)?)(?P<between>\s+)(?P<id>\S+)\s*")
_COMMENT = re.compile(r"(?:^|\s)#")


def parse(text: str, file: str, ids: Collection[str], runners: Collection[str] = ()) -> ExpectedFailures:
    """The list in the `text` of `file`. `ids` are those of all vectors; `runners` all names there are, where that
    is known.

    Raises VectorError, for several mistakes VectorErrors, with line and column of each.
    """
    found: dict[tuple[str, str], ExpectedFailure] = {}
    errors: list[VectorError] = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            for told in _told(line, number, file):
                _check(told, line, file, ids, runners, found)
                found[told.runner, told.id] = told
        except VectorError as error:
            errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else VectorErrors(errors)
    return ExpectedFailures(tuple(found.values()))


def _told(line: str, number: int, file: str) -> Iterator[ExpectedFailure]:
    """What a line says, which is nothing if it is blank or a comment."""
    comment = _COMMENT.search(line)
    content, reason = (line[: comment.start()], line[comment.end() :].strip()) if comment else (line, "")
    if not content.strip():
        return
    match = _LINE.fullmatch(content)
    if not match:
        column = len(content.rstrip()) + 1
        raise VectorError(file, f"{number}:{column}", "the id of a vector is missing: write RUNNER ID  # reason")
    yield ExpectedFailure(match["runner"], match["id"], reason, number)


def _check(
    told: ExpectedFailure,
    line: str,
    file: str,
    ids: Collection[str],
    runners: Collection[str],
    before: dict[tuple[str, str], ExpectedFailure],
) -> None:
    start = line.index(told.runner)
    if runners and told.runner not in runners:
        why = f"no runner is called {told.runner!r}{guess(told.runner, runners)}"
        raise VectorError(file, f"{told.line}:{start + 1}", why)
    column = line.index(told.id, start + len(told.runner)) + 1
    if told.id not in ids:
        raise VectorError(file, f"{told.line}:{column}", f"no vector is called {told.id!r}{guess(told.id, ids)}")
    if (told.runner, told.id) in before:
        first = before[told.runner, told.id].line
        raise VectorError(file, f"{told.line}:{column}", f"{told.runner} {told.id} is in line {first} already")
