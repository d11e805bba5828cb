"""What a contact does by themselves: answers, echoes, reads codes aloud, opts out, calls back. Plain values.

A contact may have several; each sees every whole text that the contact reads.
"""

from __future__ import annotations

import re
from typing import assert_never

from harness.delays import AT_ONCE, Delay, sample
from harness.draws import Draws
from harness.errors import UsageError
from harness.frozen import frozen
from harness.radio import CALL_OUTCOMES

__all__ = [
    "START_WORDS",
    "STOP_WORDS",
    "Answer",
    "Behaviour",
    "CallsBack",
    "Echo",
    "Heard",
    "Note",
    "OptsOut",
    "Reaction",
    "ReadsCodes",
    "Ring",
    "Say",
    "Typos",
    "check_outcome",
    "react",
    "typed",
]  # fmt: skip

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
START_WORDS = frozenset({"START", "UNSTOP", "YES"})
"""What carriers take for an opt-out and for its end (the keywords of the CTIA's messaging principles)."""


@frozen
class Answer:
    """Answers `text` after `delay`.

    `to`: only to a text in which this regular expression is found; `\\1` in `text` is then what its group found.
    """

    text: str
    to: str | None = None
    delay: Delay = AT_ONCE

    def __post_init__(self) -> None:
        _check_pattern(self.to)
        if self.to is not None:
            _check_template(self.to, self.text)


@frozen
class Echo:
    """Sends every text back after `delay`."""

    delay: Delay = AT_ONCE


@frozen
class ReadsCodes:
    """Reads the one-time code in a text aloud: the trace has it. With `answers` it is sent back too, after `delay`."""

    pattern: str = r"(?<!\d)\d{4,8}(?!\d)"
    answers: bool = False
    delay: Delay = AT_ONCE

    def __post_init__(self) -> None:
        _check_pattern(self.pattern)


@frozen
class OptsOut:
    """Answers a sender's text number `after` with STOP, and number `back_after` with START (None: never)."""

    after: int = 1
    back_after: int | None = None
    delay: Delay = AT_ONCE


@frozen
class CallsBack:
    """Calls whoever wrote. `outcome` as in `CallNumber`; `to` as in `Answer`."""

    outcome: str = "missed"
    to: str | None = None
    delay: Delay = AT_ONCE

    def __post_init__(self) -> None:
        check_outcome(self.outcome)
        _check_pattern(self.to)


@frozen
class Typos:
    """Mistypes `share` in a hundred words of what the other behaviours write."""

    share: int


Behaviour = Answer | Echo | ReadsCodes | OptsOut | CallsBack | Typos


@frozen
class Heard:
    """A whole text that the contact read at `number`: the one number `count` of that sender, counted from 1."""

    number: str
    sender: str
    text: str
    count: int


@frozen
class Say:
    """The contact writes back."""

    text: str


@frozen
class Ring:
    """The contact calls back."""

    outcome: str


@frozen
class Note:
    """The contact reads the code aloud."""

    code: str


@frozen
class Reaction:
    """What the contact does, after how long (ns)."""

    after_ns: int
    what: Say | Ring | Note


def react(behaviours: tuple[Behaviour, ...], heard: Heard, draws: Draws) -> list[Reaction]:
    """What the contact does about a text, in the order of the behaviours."""
    share = max((known.share for known in behaviours if isinstance(known, Typos)), default=0)
    reactions = [reaction for known in behaviours for reaction in _reactions(known, heard, draws)]
    return [_mistyped(reaction, share, draws) for reaction in reactions]


def _reactions(behaviour: Behaviour, heard: Heard, draws: Draws) -> list[Reaction]:
    match behaviour:
        case Answer(text, to, delay):
            found = re.search(to or "", heard.text)
            if found is None:
                return []
            return [Reaction(sample(delay, draws), Say(text if to is None else found.expand(text)))]
        case Echo(delay):
            return [Reaction(sample(delay, draws), Say(heard.text))]
        case ReadsCodes():
            return _read_aloud(behaviour, heard, draws)
        case OptsOut(after, back_after, delay):
            word = {back_after: "START", after: "STOP"}.get(heard.count)
            return [Reaction(sample(delay, draws), Say(word))] if word is not None else []
        case CallsBack(outcome, to, delay):
            fits = re.search(to or "", heard.text) is not None
            return [Reaction(sample(delay, draws), Ring(outcome))] if fits else []
        case Typos():
            return []
        case _:
            assert_never(behaviour)


def _read_aloud(behaviour: ReadsCodes, heard: Heard, draws: Draws) -> list[Reaction]:
    found = re.search(behaviour.pattern, heard.text)
    if found is None:
        return []
    code = found[1] if found.re.groups else found[0]
    answer = [Reaction(sample(behaviour.delay, draws), Say(code))] if behaviour.answers else []
    return [Reaction(0, Note(code)), *answer]


def _mistyped(reaction: Reaction, share: int, draws: Draws) -> Reaction:
    match reaction.what:
        case Say(text) if share and text not in STOP_WORDS | START_WORDS:
            return Reaction(reaction.after_ns, Say(typed(text, share, draws)))
        case _:
            return reaction


def typed(text: str, share: int, draws: Draws) -> str:
    """`text` with slips in `share` of a hundred words: two letters change places, or one is missing or double."""
    pieces = re.split(r"(\s+)", text)
    return "".join([_slip(piece, draws) if draws.between(1, 100) <= share else piece for piece in pieces])


def _slip(word: str, draws: Draws) -> str:
    if len(word) < 2 or not word.isalpha():
        return word
    place = draws.between(0, len(word) - 2)
    first, second = word[place], word[place + 1]
    slips = (second + first, second, first + first + second)
    return word[:place] + slips[draws.between(0, 2)] + word[place + 2 :]


def check_outcome(outcome: str) -> None:
    """Raises `UsageError` unless a call may end so."""
    if outcome not in CALL_OUTCOMES:
        raise UsageError(f"a call does not end {outcome!r}", f"it ends {', '.join(CALL_OUTCOMES)}")


def _check_pattern(pattern: str | None) -> None:
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise UsageError(f"{pattern!r} is no regular expression: {error}") from None


def _check_template(pattern: str, text: str) -> None:
    try:
        # The expression or nothing always fits (unless it ends in a comment), and has the same groups.
        found = re.search(f"{pattern}|", "")
        if found is not None:
            found.expand(text)
    except (re.error, IndexError) as error:
        raise UsageError(f"{text!r} does not go with {pattern!r}: {error}") from None
