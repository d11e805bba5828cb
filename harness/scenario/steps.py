"""Steps as a run carries them out: commands to cores, and what to look for in the trace. All of it is filled."""

from __future__ import annotations

from dataclasses import field

from harness.answers import Capture
from harness.core import Command
from harness.frozen import frozen
from harness.matchers import Matcher
from harness.scenario.plan import NOWHERE, WITHIN_DEFAULT, Place

__all__ = ["Await", "AwaitOrder", "Do", "Forbid", "Match", "Move", "RunStep", "Span", "What"]


@frozen
class Match:
    """What an entry must be. `facts`: names of facts and what each must be.

    `alias` names the step whose message it must belong to. `text` is held against the entry's `content` (or `text`),
    decrypted with the key of its owner where the entry says `encrypted`.
    """

    hop: str
    kinds: tuple[str, ...] = ()
    facts: tuple[tuple[str, Matcher], ...] = ()
    alias: str | None = None
    text: Matcher | None = None
    keys: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    state: bool = False
    """A state is looked at, not taken: two looks may find the same entry."""


@frozen
class Do:
    """An act. `done` is the entry that ends it (None: at once), `refused` the one that fails it.

    `reply`: it ends with the `Replied` of that step instead, and fails if something there is unmet.
    """

    commands: tuple[Command, ...]
    done: Match | None = None
    refused: Match | None = None
    within: int = WITHIN_DEFAULT
    reply: str | None = None


@frozen
class Await:
    """A look: entries must be there, or come within so many ns (harness.scenario.plan.Expect)."""

    match: Match
    within: int
    at_least: int = 1
    at_most: int | None = None
    captures: tuple[Capture, ...] = ()


@frozen
class AwaitOrder:
    """A look: entries must come, each after the one before it."""

    matches: tuple[Match, ...]
    within: int


@frozen
class Forbid:
    """A look: no such entry may come for so many ns."""

    match: Match
    duration: int


@frozen
class Span:
    """A look at how long it took from one named entry to another (ns)."""

    first: str
    then: str
    at_least: int | None = None
    at_most: int | None = None


@frozen
class Move:
    """Time moves on by so many ns."""

    duration: int


What = Do | Await | AwaitOrder | Forbid | Span | Move


@frozen
class RunStep:
    """One step as the run carries it out. `title` is the step in words, `place` where it stands in the file."""

    title: str
    what: What
    place: Place = NOWHERE
    alias: str | None = None
