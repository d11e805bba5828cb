"""What a value must be: the structured matchers of a look and of an API answer. No expression language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, assert_never

from harness.frozen import frozen
from harness.late import Late, Words, fill
from harness.patterns import written

__all__ = [
    "MISSING",
    "Absent",
    "Contains",
    "Differs",
    "Equals",
    "Matcher",
    "Matches",
    "OneOf",
    "Present",
    "filled",
    "filled_matcher",
    "miss",
    "wish",
]  # fmt: skip


@frozen
class Equals:
    """The value itself: a text (`Words`), or a number, true, false or null of JSON, or a list or object of them."""

    value: Any | Late


@frozen
class Differs:
    """Anything else."""

    value: Any | Late


@frozen
class Contains:
    """A text that contains this one."""

    text: Words


@frozen
class Matches:
    """A text in which this regular expression is found."""

    pattern: str


@frozen
class OneOf:
    """One of these."""

    values: tuple[Any | Late, ...]


@frozen
class Present:
    """There, whatever it is; null is there, too."""


@frozen
class Absent:
    """Not there."""


Matcher = Equals | Differs | Contains | Matches | OneOf | Present | Absent


MISSING: Any = object()
"""Given to `miss` in the place of a value that is not there."""


def filled(value: Any, values: Mapping[str, str]) -> Any:
    """A JSON value with every `Late` in it filled. Raises `KeyError` with a name that has no value."""
    if isinstance(value, Late):
        return fill(value, values)
    if isinstance(value, dict):
        return {key: filled(each, values) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [filled(each, values) for each in value]
    return value


def filled_matcher(matcher: Matcher, values: Mapping[str, str]) -> Matcher:
    """The matcher with every `Late` in it filled. Raises `KeyError` with a name that has no value."""
    match matcher:
        case Equals(value):
            return Equals(filled(value, values))
        case Differs(value):
            return Differs(filled(value, values))
        case Contains(text):
            return Contains(fill(text, values))
        case OneOf(choices):
            return OneOf(tuple(filled(choices, values)))
        case Matches() | Present() | Absent():
            return matcher
        case _:
            assert_never(matcher)


def miss(matcher: Matcher, got: Any) -> str | None:
    """Why `got` (`MISSING`: nothing) is not what the matcher wants, in words; None if it is. It must be filled."""
    if got is MISSING:
        return None if isinstance(matcher, Absent) else f"expected {wish(matcher)}, and it is not there"
    return None if _fits(matcher, got) else f"expected {wish(matcher)}, got {got!r}"


def _fits(matcher: Matcher, got: Any) -> bool:
    match matcher:
        case Equals(value):
            return _same(got, value)
        case Differs(value):
            return not _same(got, value)
        case Contains(text):
            return isinstance(got, str) and fill(text, {}) in got
        case Matches(pattern):
            return isinstance(got, str) and re.search(pattern, got) is not None
        case OneOf(choices):
            return any(_same(got, choice) for choice in choices)
        case Present():
            return True
        case Absent():
            return False
        case _:
            assert_never(matcher)


def _same(got: Any, value: Any) -> bool:
    """As JSON has it: true is no 1, and the text "1" neither."""
    return bool(got == value) and isinstance(got, bool) == isinstance(value, bool)


def wish(matcher: Matcher) -> str:
    """What the matcher wants, in words. It must be filled."""
    match matcher:
        case Equals(value):
            return repr(value)
        case Differs(value):
            return f"anything but {value!r}"
        case Contains(text):
            return f"a text with {text!r} in it"
        case Matches(pattern):
            return f"a text that matches {written(pattern)}"
        case OneOf(choices):
            return f"one of {', '.join(repr(choice) for choice in choices)}"
        case Present():
            return "something"
        case Absent():
            return "nothing"
        case _:
            assert_never(matcher)
