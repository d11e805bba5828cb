"""Carrying out a plan: acts go out as commands, looks wait on the trace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from harness.core import Advance, At, Command, Core, Record, Table
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.instants import Instant
from harness.scenario.matching import Match
from harness.scenario.plan import NOWHERE, Place
from harness.trace import Entry
from harness.verdict import Failure, StepVerdict, Verdict

__all__ = ["Await", "Do", "Forbid", "Move", "RunStep", "ScenarioRun", "Start"]


@dataclass(frozen=True, slots=True)
class Start:
    """The run begins."""


@dataclass(frozen=True, slots=True)
class Do:
    """An act. `done` is the entry that ends it (None: at once), `refused` the one that fails it."""

    commands: tuple[Command, ...]
    done: Match | None = None
    refused: Match | None = None
    within: int = 30_000_000_000


@dataclass(frozen=True, slots=True)
class Await:
    """A look: the entry must be there, or come within so many ns."""

    match: Match
    within: int


@dataclass(frozen=True, slots=True)
class Forbid:
    """A look: no such entry may come for so many ns."""

    match: Match
    duration: int


@dataclass(frozen=True, slots=True)
class Move:
    """Time moves on by so many ns."""

    duration: int


@dataclass(frozen=True, slots=True)
class RunStep:
    """One step as the run carries it out. `title` is the step in words, `place` where it stands in the file."""

    title: str
    what: Do | Await | Forbid | Move
    place: Place = NOWHERE
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class _Deadline:
    """The time of a step is over."""

    step: int


class ScenarioRun(Core):
    """One story. Reads the trace through `watch`; `verdict` is None until it has ended.

    Each look takes the entry that it found, so two equal looks need two entries. Looks at a message's state do not.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("facts", "messages", "fresh", "verdicts")

    def __init__(self, name: str, draws: Draws, title: str, steps: Sequence[RunStep]) -> None:
        super().__init__(name, draws)
        self.title = title
        self.steps = tuple(steps)
        self.facts: Table[str, Any] = Table({"step": -1, "began_at": 0})
        self.messages: Table[str, str] = Table()
        # Entries that no look has taken yet, by number.
        self.fresh: Table[int, Entry] = Table()
        self.verdicts: Table[int, StepVerdict] = Table()

    @property
    def verdict(self) -> Verdict | None:
        verdict: Verdict | None = self.facts.get("verdict")
        return verdict

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Start():
                self.facts["began_at"] = now
                return self._next(now)
            case _Deadline(step):
                return self._time_is_up(now) if step == self.facts["step"] and self.verdict is None else []
            case _:
                raise ProtocolError(self.name, event, f"step {self.facts['step']}")

    def watch(self, entry: Entry, now: Instant) -> Sequence[Command]:
        if self.verdict is not None or self.facts["step"] < 0:
            return ()
        step = self.steps[self.facts["step"]]
        self._learn(step, entry)
        self.fresh[entry.number] = entry
        match step.what:
            case Do(done=done, refused=refused):
                if refused is not None and refused.fits(entry, self.messages):
                    return self._fail(now, self._refusal(entry))
                if done is not None and done.fits(entry, self.messages):
                    return self._pass(now)
            case Await(match):
                if match.fits(entry, self.messages):
                    return self._take(match, entry, now)
            case Forbid(match):
                if match.fits(entry, self.messages):
                    return self._fail(now, [f"it came: {_show(entry)}"])
            case Move():
                pass
        return ()

    # -- steps ---------------------------------------------------------------------------------------------------

    def _learn(self, step: RunStep, entry: Entry) -> None:
        """The id of the message that the step's send made."""
        if step.alias is not None and entry.hop == "client" and entry.message is not None:
            self.messages[step.alias] = entry.message

    def _next(self, now: Instant) -> list[Command]:
        number: int = self.facts["step"] + 1
        self.facts["step"] = number
        if number == len(self.steps):
            self._end(now)
            return []
        step = self.steps[number]
        match step.what:
            case Do(commands, done, _, within):
                if done is None:
                    return [*commands, *self._pass(now)]
                return [*commands, At(now + within, _Deadline(number))]
            case Await(match, within):
                found = next((one for one in self.fresh.values() if match.fits(one, self.messages)), None)
                if found is not None:
                    return self._take(match, found, now)
                return [At(now + within, _Deadline(number))]
            case Forbid(match, duration):
                found = next((one for one in self.fresh.values() if match.fits(one, self.messages)), None)
                if found is not None and not match.state:
                    return self._fail(now, [f"it is there already: {_show(found)}"])
                return [At(now + duration, _Deadline(number))]
            case Move(duration):
                return [Advance(duration), At(now + duration, _Deadline(number))]

    def _take(self, match: Match, entry: Entry, now: Instant) -> list[Command]:
        if not match.state:
            self.fresh.drop(entry.number)
        return self._pass(now)

    def _time_is_up(self, now: Instant) -> list[Command]:
        step = self.steps[self.facts["step"]]
        match step.what:
            case Forbid() | Move():
                return self._pass(now)
            case Await(match, within):
                return self._fail(now, [f"not seen within {within / 1e9:g} s", *self._near(match)])
            case Do(_, done, _, within):
                return self._fail(now, [f"no answer within {within / 1e9:g} s", *(self._near(done) if done else [])])

    def _near(self, match: Match) -> list[str]:
        """What was there instead: entries of the right kind and what they lack."""
        lines: list[str] = []
        for entry in self.fresh.values():
            if match.concerns(entry, self.messages):
                lines += [f"instead: {_show(entry)}", *(f"  {miss}" for miss in match.misses(entry))]
        return lines[-12:] or [f"nothing of the kind was seen on the hop {match.hop}"]

    def _refusal(self, entry: Entry) -> list[str]:
        return [str(entry.facts.get("error") or entry.facts.get("outcome") or _show(entry))]

    # -- verdicts ------------------------------------------------------------------------------------------------

    def _pass(self, now: Instant) -> list[Command]:
        number: int = self.facts["step"]
        self.verdicts[number] = StepVerdict(self.steps[number].title, True)
        return self._next(now)

    def _fail(self, now: Instant, why: list[str]) -> list[Command]:
        number: int = self.facts["step"]
        step = self.steps[number]
        self.verdicts[number] = StepVerdict(step.title, False)
        look = step.what.match if isinstance(step.what, Await | Forbid) else None
        alias = (look.alias if look else None) or next(iter(reversed(self.messages)), None)
        failure = Failure(step.title, str(step.place), tuple(why), self.messages.get(alias or ""))
        self._end(now, failure)
        return [Record("harness", "step failed", failure.message, {"step": step.title})]

    def _end(self, now: Instant, failure: Failure | None = None) -> None:
        self.facts["verdict"] = Verdict(
            self.title,
            failure is None,
            tuple(self.verdicts.values()),
            failure,
            now - self.facts["began_at"],
            tuple(self.messages.items()),
        )


def _show(entry: Entry) -> str:
    facts = ", ".join(f"{name}={value!r}" for name, value in entry.facts.items())
    return f"{entry.hop} {entry.kind} ({facts})"
