"""What the methods of a story take: texts with values in them, times, matchers, rules of contacts."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Literal

from harness.answers import Answer
from harness.behaviours import Answer as Reply
from harness.behaviours import Behaviour, CallsBack, Echo, OptsOut, ReadsCodes, Typos
from harness.delays import AT_ONCE, Delay, Fixed, LogNormal, Mixture, Uniform
from harness.instants import ns
from harness.late import Late, Words
from harness.matchers import Absent, Contains, Differs, Equals, Matcher, Matches, OneOf, Present
from harness.patterns import check_pattern

__all__ = [
    "Seconds", "Value", "absent", "answer", "calls_back", "contains", "data", "delay", "differs", "duration", "echoes",
    "facts", "matcher", "matches", "one_of", "opts_out", "present", "reads_codes", "replies", "typos", "words",
]  # fmt: skip

Seconds = float | tuple[float, float] | Delay
"""How long something takes: seconds, the least and the most of them, or a distribution (harness.delays)."""

# Around the name of a value in a text: Unicode keeps these two for such uses, no text of a person has them.
_BEGIN, _END = "\ufdd0", "\ufdd1"
_MARK = re.compile(f"{_BEGIN}([^{_BEGIN}{_END}]+){_END}")


class Value(str):
    """A value that is known while the story runs. It goes into texts as any text does: `f"Your code is {code}"`."""

    __slots__ = ("name",)
    name: str

    def __new__(cls, name: str) -> Value:
        value = super().__new__(cls, f"{_BEGIN}{name}{_END}")
        value.name = name
        return value

    def __repr__(self) -> str:
        return f"${{{self.name}}}"


def words(text: str | Late) -> Words:
    """A text as a plan has it: literal, or a template where values are in it."""
    if isinstance(text, Late) or not _MARK.search(text):
        return text
    return Late(_MARK.sub(lambda found: f"${{{found[1]}}}", text.replace("$", "$$")))


def data(value: Any) -> Any:
    """A JSON value as a plan has it."""
    if isinstance(value, str):
        return words(value)
    if isinstance(value, Mapping):
        return {name: data(member) for name, member in value.items()}
    return [data(member) for member in value] if isinstance(value, list | tuple) else value


def duration(seconds: float) -> int:
    """In ns. Raises `ValueError` for less than no time, and for all of it."""
    if not 0 <= seconds < math.inf:
        raise ValueError(f"{seconds} s: time goes on, and a story ends")
    return ns(seconds)


def delay(seconds: Seconds) -> Delay:
    """Raises `UsageError` for a time that is negative, or longer than 63 weeks."""
    if isinstance(seconds, Fixed | Uniform | LogNormal | Mixture):
        return seconds
    if isinstance(seconds, tuple):
        return Uniform(ns(seconds[0]), ns(seconds[1]))
    return Fixed(ns(seconds)) if seconds else AT_ONCE


# -- matchers ----------------------------------------------------------------------------------------------------------


def contains(text: str) -> Matcher:
    """A text that contains this one."""
    return Contains(words(text))


def matches(pattern: str) -> Matcher:
    """A text in which this regular expression is found. Raises `UsageError` for what is none."""
    check_pattern(pattern)
    return Matches(pattern)


def differs(value: Any) -> Matcher:
    """Anything but this (`not` in a file)."""
    return Differs(data(value))


def one_of(*values: Any) -> Matcher:
    """One of these."""
    return OneOf(tuple(data(value) for value in values))


def present() -> Matcher:
    """There, whatever it is."""
    return Present()


def absent() -> Matcher:
    """Not there."""
    return Absent()


def matcher(value: Any) -> Matcher:
    """A matcher as it is, and of anything else that it is equal."""
    if isinstance(value, Equals | Differs | Contains | Matches | OneOf | Present | Absent):
        return value
    return Equals(data(value))


def facts(given: Mapping[str, Any] | None) -> tuple[tuple[str, Matcher], ...]:
    return tuple((name, matcher(value)) for name, value in (given or {}).items())


def answer(
    status: int | Literal["none"] | None = None, *, headers: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Answer:  # fmt: skip
    """What the API must answer. `body`: dotted paths, `{"data.0.id": present()}`.

    `status` None: any below 300; `"none"`: nothing, since there is no connection, it breaks, or it takes too long.
    """
    return Answer(status, facts(headers), facts(body))


# -- what contacts do by themselves ------------------------------------------------------------------------------------


def replies(text: str, *, when: str | None = None, after_s: Seconds = 0) -> Behaviour:
    r"""Answers `text`; with `when` only to a text in which this regular expression is found (`\1`: its first group).

    Raises `UsageError` for what is no regular expression, or has no such group.
    """
    return Reply(text, when, delay(after_s))


def echoes(*, after_s: Seconds = 0) -> Behaviour:
    """Sends every text back."""
    return Echo(delay(after_s))


def reads_codes(*, pattern: str | None = None, reply: bool = False, after_s: Seconds = 0) -> Behaviour:
    """Reads the one-time code in a text aloud: it is in the trace. `reply`: sends it back, too. Raises `UsageError`."""
    if pattern is None:
        return ReadsCodes(answers=reply, delay=delay(after_s))
    return ReadsCodes(pattern, reply, delay(after_s))


def opts_out(*, after_texts: int = 1, back_after: int | None = None, after_s: Seconds = 0) -> Behaviour:
    """Answers a sender's text number `after_texts` with STOP, and number `back_after` with START (None: none)."""
    return OptsOut(after_texts, back_after, delay(after_s))


def calls_back(*, when: str | None = None, outcome: str = "missed", after_s: Seconds = 0) -> Behaviour:
    """Calls whoever wrote; the call is `missed`, `answered` or `rejected`. Raises `UsageError` for another end."""
    return CallsBack(outcome, when, delay(after_s))


def typos(share: int) -> Behaviour:
    """Mistypes `share` in a hundred words of what the other rules write."""
    return Typos(share)
