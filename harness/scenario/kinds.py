"""What may stand in a field of a scenario file: the kinds of values, as values.

The table of the language (`grammar`) is made of them. `reading` reads by them, `schema` describes them to editors, and
`words` names them to people: none of the three knows a field that the others do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache
from typing import assert_never

from harness.frozen import frozen

__all__ = [
    "CAPTURE_OF_ANSWER", "CAPTURE_OF_LOOK", "LOG_NORMAL", "Branches", "Captures", "DeedLine", "Either", "Form", "Json",
    "Kind", "Listed", "Looked", "Match", "NewName", "Number", "Pattern", "People", "Percent", "Result", "Rows",
    "Secret", "Sigma", "Slot", "Spread", "StepName", "Steps", "Table", "Time", "Title", "Truth", "Who", "Whole",
    "Word", "Writing", "words",
]  # fmt: skip


# -- scalars -----------------------------------------------------------------------------------------------------------


@frozen
class Writing:
    """A text as it is written. `late`: names in it may get their values while the story runs."""

    late: bool = False


@frozen
class Title:
    """A text for people: one line, not empty."""


@frozen
class NewName:
    """The name of something in the story."""


@frozen
class Who:
    """Somebody of the cast.

    `section`: `phone`, `contact`, `contact or number`, `anybody` (or a number), `sender` (anybody, or what phones
    show), `numbers` (anybody, or the beginning of numbers), `credential` (`user`, `none`, or a phone).
    """

    section: str


@frozen
class StepName:
    """The name of an earlier step. `message`: of one that has a message."""

    message: bool = False


@frozen
class Number:
    """A phone number in quotes."""


@frozen
class Time:
    """A duration with its unit. `seconds`: whole ones, from 1."""

    seconds: bool = False


@frozen
class Spread:
    """How long something takes: always the same, or anything between two durations, or around a median."""


@frozen
class Whole:
    """A whole number."""

    low: int
    high: int


@frozen
class Percent:
    """So many in a hundred; `true` for all."""


@frozen
class Sigma:
    """The standard deviation of a log-normal distribution's logarithm."""


@frozen
class Truth:
    """true or false."""


@frozen
class Word:
    """One of these words."""

    choices: tuple[str, ...]


@frozen
class Pattern:
    """A regular expression."""


@frozen
class Secret:
    """A pass phrase, or an API key."""

    late: bool = False


@frozen
class Result:
    """Android's result of an SMS, by its name or its code."""


@frozen
class DeedLine:
    """What is done to a phone, in words (harness.deeds)."""


# -- what is made of others --------------------------------------------------------------------------------------------


@frozen
class Match:
    """What a value must be. `typed`: numbers, true, false and null without quotes are those of JSON."""

    typed: bool = False


@frozen
class Json:
    """Anything that JSON has."""


@frozen
class Listed:
    """A list. `alone`: one of it may stand there by itself."""

    of: Kind
    alone: bool = False


@frozen
class Table:
    """Names, and what stands behind each. `names` is what they are called; `known`: no others (empty: any)."""

    of: Kind
    names: str = "name"
    known: tuple[str, ...] = ()


@frozen
class Either:
    """One of several. Of those that are scalars the last takes what is none of the others' words."""

    of: tuple[Kind, ...]


@frozen
class Form:
    """A mapping with these fields and no others."""

    name: str
    slots: tuple[Slot, ...]
    by_name: Mapping[str, Slot] = field(init=False, compare=False, repr=False)
    required: tuple[str, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        self.by_name = {slot.name: slot for slot in self.slots}  # type: ignore[misc]
        self.required = tuple(slot.name for slot in self.slots if slot.required)  # type: ignore[misc]


@frozen
class Captures:
    """Names for values. `of_answer`: what stands behind a name alone is a path; else it is a regular expression."""

    of_answer: bool


@frozen
class People:
    """A list of names, or names with their settings, or with their numbers alone."""

    settings: Form


@frozen
class Rows:
    """A list of mappings with the same names, the rows of a table."""


@frozen
class Looked:
    """What is looked for: one of the looks."""


@frozen
class Steps:
    """A list of steps."""


@frozen
class Branches:
    """A list of lists of steps."""


Kind = (
    Writing | Title | NewName | Who | StepName | Number | Time | Spread | Whole | Percent | Sigma | Truth | Word
    | Pattern | Secret | Result | DeedLine | Match | Json | Listed | Table | Either | Form | Captures | People | Rows
    | Looked | Steps | Branches
)  # fmt: skip


@frozen
class Slot:
    """A field: its name, what may stand there, and what it is for."""

    name: str
    kind: Kind
    about: str
    required: bool = False

    @property
    def words(self) -> str:
        """What may stand there, for people."""
        return words(self.kind)


_FOUND = Slot("pattern", Pattern(), "what is found of it: the first group, or all")
CAPTURE_OF_LOOK = Form("capture", (Slot("path", Writing(), "a fact of what was found; without it, its text"), _FOUND))
CAPTURE_OF_ANSWER = Form(
    "capture of an answer", (Slot("path", Writing(), "a dotted path into its body, or `header NAME`", True), _FOUND)
)
LOG_NORMAL = Form(
    "log-normal",
    (
        Slot("median", Time(), "half of them take longer", True),
        Slot("sigma", Sigma(), "how far they spread", True),
    ),
)

_WHO = {
    "phone": "name of a phone",
    "contact": "name of a contact",
    "contact or number": "name of a contact, or a number in quotes",
    "anybody": "name of a contact or phone, or a number in quotes",
    "sender": "name, number in quotes, or a sender that phones show",
    "numbers": "name, or a number in quotes, which may end in *",
    "credential": "user, none, or the name of a phone",
}


@lru_cache(maxsize=256)
def words(kind: Kind) -> str:
    """What may stand in a field of this kind, in a few words for people."""
    match kind:
        case Writing():
            return "text"
        case Title():
            return "one line of text"
        case NewName():
            return "name"
        case Who(section):
            return _WHO[section]
        case StepName(message):
            return "name of an earlier step with a message" if message else "name of an earlier step"
        case Number():
            return "number in quotes"
        case Time(seconds):
            return "time in whole seconds" if seconds else "time"
        case Spread():
            return "time, [least, most], or {median: time, sigma: number}"
        case Whole(low, high):
            return f"whole number from {low} to {high}"
        case Percent():
            return "true, or how many in a hundred"
        case Sigma():
            return "number from 0 to 10"
        case Truth():
            return "true or false"
        case Word(choices):
            return " | ".join(choices)
        case Pattern():
            return "regular expression"
        case Secret():
            return "pass phrase"
        case Result():
            return "Android's result: name or code"
        case DeedLine():
            return "words for what is done to a phone"
        case _:
            return _made_of(kind)


def _made_of(
    kind: Match | Json | Listed | Table | Either | Form | Captures | People | Rows | Looked | Steps | Branches,
) -> str:
    match kind:
        case Match():
            return "value, {not: …}, {contains: …}, {matches: …}, {one_of: […]}, present, absent"
        case Json():
            return "anything that JSON has"
        case Listed(of, alone):
            return f"{words(of)}, or a list" if alone else f"list: {words(of)}"
        case Table(of, names):
            return f"{{{names}: {words(of)}}}"
        case Either(of):
            return "; or ".join(words(each) for each in of)
        case Form():
            return "{" + ", ".join(slot.name for slot in kind.slots) + "}"
        case Captures(of_answer):
            return "{name: path}" if of_answer else "{name: regular expression}"
        case People():
            return "list of names, or {name: number in quotes, or settings}"
        case Rows():
            return "list of rows: {name: value}"
        case Looked():
            return "what is looked for"
        case Steps():
            return "list of steps"
        case Branches():
            return "list of lists of steps"
        case _:
            assert_never(kind)
