"""What a contact's behaviours (`harness.behaviours`) come to when a text is read."""

from __future__ import annotations

import re
from typing import assert_never

from harness.behaviours import (
    START_WORDS,
    STOP_WORDS,
    Answer,
    Behaviour,
    CallsBack,
    Echo,
    OptsOut,
    ReadsCodes,
    Typos,
)
from harness.delays import sample
from harness.draws import Draws
from harness.frozen import frozen

__all__ = ["Heard", "Note", "Reaction", "Ring", "Say", "react", "typed"]


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
