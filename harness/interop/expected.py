"""Lists of failures that are expected: `RUNNER ID  # reason` a line.

A failure in the list is no failure; one that is not in it fails, and so does one that is in it and does not come.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from types import MappingProxyType

from harness.errors import VectorError, VectorErrors
from harness.frozen import frozen
from harness.interop.fields import guess, shown

__all__ = ["ExpectedFailure", "ExpectedFailures", "check_names", "parse"]


@frozen
class ExpectedFailure:
    """`runner` fails at the vector `id`, because of `reason`. It stands in the list at `line` and `column`, from 1."""

    runner: str
    id: str
    reason: str
    line: int
    column: int = 1


@frozen
class ExpectedFailures:
    """The lines of a list, in order."""

    lines: tuple[ExpectedFailure, ...] = ()

    def of(self, runner: str) -> MappingProxyType[str, ExpectedFailure]:
        """What is expected of `runner`, by the id of the vector."""
        return MappingProxyType({line.id: line for line in self.lines if line.runner == runner})

    def unused(self, names: Collection[str]) -> tuple[ExpectedFailure, ...]:
        """The lines for runners with none of these names."""
        return tuple(line for line in self.lines if line.runner not in names)


# The name of a runner may be a command with blanks in it; an id has none.
_LINE = re.compile(r"(?P<before>\s*)(?P<runner>\S(?:.*\S)?)(?P<between>\s+)(?P<id>\S+)\s*")
_COMMENT = re.compile(r"(?:^|\s)#")


def parse(text: str, file: str, ids: Collection[str]) -> ExpectedFailures:
    """The list in the `text` of `file`. `ids` are those of all vectors.

    Raises VectorError, for several mistakes VectorErrors, with line and column of each.
    """
    found: dict[tuple[str, str], ExpectedFailure] = {}
    errors: list[VectorError] = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            for told in _told(line, number, file):
                _check(told, line, file, ids, found)
                found[told.runner, told.id] = told
        except VectorError as error:
            errors.append(error)
    _raise(errors)
    return ExpectedFailures(tuple(found.values()))


def check_names(listed: ExpectedFailures, file: str, names: Sequence[str]) -> None:
    """Raises VectorError (VectorErrors) for the lines of the list in `file` whose runner is none of `names`."""
    _raise([_nobody(line, file, names) for line in listed.unused(names)])


def _nobody(line: ExpectedFailure, file: str, names: Sequence[str]) -> VectorError:
    known = guess(line.runner, names) or f"; there are {', '.join(names)}"
    return VectorError(file, f"{line.line}:{line.column}", f"no runner is called {shown(line.runner)}{known}")


def _raise(errors: Sequence[VectorError]) -> None:
    if errors:
        raise errors[0] if len(errors) == 1 else VectorErrors(errors)


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
    yield ExpectedFailure(match["runner"], match["id"], reason, number, match.start("runner") + 1)


def _check(
    told: ExpectedFailure,
    line: str,
    file: str,
    ids: Collection[str],
    before: dict[tuple[str, str], ExpectedFailure],
) -> None:
    column = line.index(told.id, told.column - 1 + len(told.runner)) + 1
    if told.id not in ids:
        raise VectorError(file, f"{told.line}:{column}", f"no vector is called {shown(told.id)}{guess(told.id, ids)}")
    if (told.runner, told.id) in before:
        first = before[told.runner, told.id].line
        raise VectorError(file, f"{told.line}:{column}", f"{told.runner} {told.id} is in line {first} already")
