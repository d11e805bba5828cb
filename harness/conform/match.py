"""Comparing what is expected with what came.

Placeholders stand for values (`#uuid`) or inside texts (`/v1/messages/#uuid/events`), `${name}` for a bound
value, `{"#oneof": […]}` for any of several, `{"#time_but": […]}` for a time that is none of these. The order of an
object's members does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from harness.conform.cases import ABSENT, Json, Maybe, long_text
from harness.conform.names import Names
from harness.frozen import frozen
from harness.instants import parse_rfc3339

__all__ = ["Difference", "compare", "compare_set"]


@frozen
class Difference:
    """`expected` as the case has it and what stands at `path` instead; ABSENT where there is nothing."""

    path: str
    expected: Maybe
    actual: Maybe


_IN_TEXT = {
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)",
    "int": r"-?\d+",
    "string": r".*",
    "any": r".*",
    "base62": r"[0-9A-Za-z]{6,9}",
}
# Where the recorded server said that it can be reached, and its project at FCM: another one has its own.
_RECORDED_ORIGIN = r"http://localhost:8000(?!\d)"
_RECORDED_PROJECT = r"(?<=^/v1/projects/)httpsms-test(?=/)"
_TOKEN = re.compile(rf"\$\{{(\w+)\}}|#({'|'.join(_IN_TEXT)})(?!\w)|({_RECORDED_ORIGIN})|({_RECORDED_PROJECT})")
_ORIGIN = r"https?://[^/\s]+"
_PROJECT = r"[^/\s]+"


def compare(
    expected: Json,
    actual: Maybe,
    names: Names,
    choices: Mapping[str, Json] | None = None,
    *,
    path: str = "",
) -> list[Difference]:
    """Every difference of `actual` from `expected`, in the order of `expected`.

    `choices` are the values that a `#oneof` must have at these paths; elsewhere any alternative is right.
    """
    return _Matcher(names, choices or {}).value(path, expected, actual)


def compare_set(
    expected: Sequence[Json],
    actual: Sequence[Json],
    names: Names,
    choices: Mapping[str, Json] | None = None,
    *,
    path: str = "",
) -> list[Difference]:
    """Like `compare`, for two lists in any order: as many pairs as possible, the rest by likeness."""
    matcher = _Matcher(names, choices or {})
    table = [[matcher.value(f"{path}[{at}]", wanted, got) for got in actual] for at, wanted in enumerate(expected)]
    pairs = _likest(table, _most_pairs(table))
    found = [difference for at, got in sorted(pairs.items()) for difference in table[at][got]]
    found += [Difference(f"{path}[{at}]", expected[at], ABSENT) for at in range(len(expected)) if at not in pairs]
    more = [got for at, got in enumerate(actual) if at not in pairs.values()]
    return found + [Difference(f"{path}[{len(expected) + at}]", ABSENT, got) for at, got in enumerate(more)]


def _most_pairs(table: list[list[list[Difference]]]) -> dict[int, int]:
    """Rows to columns without a difference, as many as can be (augmenting paths: `#uuid` fits several)."""
    row_of: dict[int, int] = {}

    def place(row: int, seen: set[int]) -> bool:
        for column, differences in enumerate(table[row]):
            if not differences and column not in seen:
                seen.add(column)
                if column not in row_of or place(row_of[column], seen):
                    row_of[column] = row
                    return True
        return False

    for row in range(len(table)):
        place(row, set())
    return {row: column for column, row in row_of.items()}


def _likest(table: list[list[list[Difference]]], pairs: dict[int, int]) -> dict[int, int]:
    """The pairs, and those that are left joined with what differs least."""
    pairs = dict(pairs)
    weights = sorted(
        (len(differences), row, column)
        for row, columns in enumerate(table)
        for column, differences in enumerate(columns)
    )
    for _, row, column in weights:
        if row not in pairs and column not in pairs.values():
            pairs[row] = column
    return pairs


@frozen
class _Matcher:
    names: Names
    choices: Mapping[str, Json] = field(default_factory=dict)

    def value(self, path: str, expected: Json, actual: Maybe) -> list[Difference]:
        match expected:
            case {"#oneof": list(alternatives)}:
                return self._one_of(path, expected, alternatives, actual)
            case {"#time_but": list(others)}:
                fits = _is_time(actual) and all(self.value(path, other, actual) for other in others)
                return self._same(path, expected, fits, actual)
            case dict() if (long := long_text(expected)) is not None:
                return self._same(path, expected, actual == long, actual)
            case dict() if isinstance(actual, dict):
                return self._object(path, expected, actual)
            case list() if isinstance(actual, list):
                return self._list(path, expected, actual)
            case str():
                return self._same(path, expected, self._text_fits(expected, actual), actual)
        return self._same(path, expected, _equal(expected, actual), actual)

    def _same(self, path: str, expected: Json, fits: bool, actual: Maybe) -> list[Difference]:
        return [] if fits else [Difference(path, expected, actual)]

    def _one_of(self, path: str, expected: Json, alternatives: list[Json], actual: Maybe) -> list[Difference]:
        if path in self.choices:
            return self.value(path, self.choices[path], actual)
        tries = [self.value(path, alternative, actual) for alternative in alternatives]
        closest = min(tries, key=len, default=[])
        # One difference at this very place: all alternatives say more than the first.
        whole = [difference for difference in closest if difference.path == path]
        return [Difference(path, expected, actual)] if whole or not tries else closest

    def _object(self, path: str, expected: dict[str, Json], actual: dict[str, Json]) -> list[Difference]:
        found: list[Difference] = []
        for name, value in expected.items():
            place, there = _join(path, name), actual.get(name, ABSENT)
            if name == "events" and there is not ABSENT:  # the server keeps a webhook's events in no order
                value, there = _in_order(value), _in_order(there)
            found += self.value(place, value, there)
        more = [name for name in actual if name not in expected]
        return found + [Difference(_join(path, name), ABSENT, actual[name]) for name in more]

    def _list(self, path: str, expected: list[Json], actual: list[Json]) -> list[Difference]:
        found: list[Difference] = []
        for at in range(max(len(expected), len(actual))):
            place = f"{path}[{at}]"
            if at >= len(expected):
                found.append(Difference(place, ABSENT, actual[at]))
            else:
                found += self.value(place, expected[at], actual[at] if at < len(actual) else ABSENT)
        return found

    def _text_fits(self, expected: str, actual: Maybe) -> bool:
        token = _TOKEN.fullmatch(expected)
        if token and token[1]:
            return token[1] in self.names and _equal(self.names[token[1]], actual)
        if token and token[2]:
            return _FITS[token[2]](actual)
        if not isinstance(actual, str):
            return False
        pattern = self._pattern(expected)
        return pattern is not None and re.fullmatch(pattern, actual, re.DOTALL) is not None

    def _pattern(self, expected: str) -> str | None:
        """The regular expression that the text stands for; None if it has a name that is not bound."""
        parts: list[str] = []
        end = 0
        for token in _TOKEN.finditer(expected):
            parts.append(re.escape(expected[end : token.start()]))
            if token[1]:
                if token[1] not in self.names:
                    return None
                parts.append(re.escape(str(self.names[token[1]])))
            else:
                parts.append(_IN_TEXT[token[2]] if token[2] else _ORIGIN if token[3] else _PROJECT)
            end = token.end()
        return "".join(parts) + re.escape(expected[end:])


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _equal(expected: Json, actual: Maybe) -> bool:
    """Equal as JSON is: true is not 1, and 1 is 1.0."""
    return isinstance(expected, bool) is isinstance(actual, bool) and expected == actual


def _in_order(value: Json) -> Json:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return sorted(value, key=str)
    return value


def _is_time(actual: Maybe) -> bool:
    try:
        parse_rfc3339(actual) if isinstance(actual, str) else None
    except ValueError:
        return False
    return isinstance(actual, str)


def _is_text_of(kind: str) -> Callable[[Maybe], bool]:
    return lambda actual: isinstance(actual, str) and re.fullmatch(_IN_TEXT[kind], actual) is not None


_FITS: dict[str, Callable[[Maybe], bool]] = {
    "uuid": _is_text_of("uuid"),
    "time": _is_time,
    "int": lambda actual: isinstance(actual, int) and not isinstance(actual, bool),
    "string": lambda actual: isinstance(actual, str),
    "any": lambda actual: actual is not ABSENT,
    "base62": _is_text_of("base62"),
}
