"""Carrying out a plan: acts go out as commands, looks wait on the trace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from harness.core import Advance, At, Command, Core, Record, Table
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.frozen import frozen
from harness.instants import SECOND, Instant
from harness.scenario.matching import Match
from harness.scenario.plan import NOWHERE, Place
from harness.trace import Entry
from harness.verdict import Failure, StepVerdict, Verdict

__all__ = ["Await", "Do", "Forbid", "Move", "RunStep", "ScenarioRun", "Start"]

_NEAR_MAX = 4


@frozen
class Start:
    """The run begins."""


@frozen
class Do:
    """An act. `done` is the entry that ends it (None: at once), `refused` the one that fails it."""

    commands: tuple[Command, ...]
    done: Match | None = None
    refused: Match | None = None
    within: int = 30 * SECOND


@frozen
class Await:
    """A look: the entry must be there, or come within so many ns."""

    match: Match
    within: int


@frozen
class Forbid:
    """A look: no such entry may come for so many ns."""

    match: Match
    duration: int


@frozen
class Move:
    """Time moves on by so many ns."""

    duration: int


@frozen
class RunStep:
    """One step as the run carries it out. `title` is the step in words, `place` where it stands in the file."""

    title: str
    what: Do | Await | Forbid | Move
    place: Place = NOWHERE
    alias: str | None = None


@frozen
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
        """Begins the next steps, up to one that has to wait or fails. A loop: a story may have any number of steps."""
        commands: list[Command] = []
        while True:
            number: int = self.facts["step"] + 1
            self.facts["step"] = number
            if number == len(self.steps):
                self._end(now)
                return commands
            more = self._begin(number, now)
            commands += more.commands
            if not more.passed:
                return commands
            self.verdicts[number] = StepVerdict(self.steps[number].title, True)

    def _begin(self, number: int, now: Instant) -> _Begun:
        match self.steps[number].what:
            case Do(commands, None, _, _):
                return _Begun(commands, passed=True)
            case Do(commands, _, _, within):
                return _Begun((*commands, _deadline(now + within, number)))
            case Await(match, within):
                found = next((one for one in self.fresh.values() if match.fits(one, self.messages)), None)
                if found is None:
                    return _Begun((_deadline(now + within, number),))
                self._consume(match, found)
                return _Begun(passed=True)
            case Forbid(match, duration):
                found = self._standing(match)
                if found is None:
                    return _Begun((_deadline(now + duration, number),))
                return _Begun(tuple(self._fail(now, [f"it is there already: {_show(found)}"])))
            case Move(duration):
                return _Begun((Advance(duration), _deadline(now + duration, number)))

    def _standing(self, match: Match) -> Entry | None:
        """What a look that forbids finds at its beginning: of a state only how it is now counts, not how it was."""
        seen = [one for one in self.fresh.values() if match.concerns(one, self.messages)]
        if match.state:
            seen = [one for one in seen if match.tells_state(one)][-1:]
        return next((one for one in seen if match.fits(one, self.messages)), None)

    def _consume(self, match: Match, entry: Entry) -> None:
        if not match.state:
            self.fresh.drop(entry.number)

    def _take(self, match: Match, entry: Entry, now: Instant) -> list[Command]:
        self._consume(match, entry)
        return self._pass(now)

    def _time_is_up(self, now: Instant) -> list[Command]:
        what = self.steps[self.facts["step"]].what
        if isinstance(what, Forbid | Move):
            return self._pass(now)
        if isinstance(what, Await):
            return self._fail(now, [f"not seen within {what.within / 1e9:g} s", *self._near(what.match)])
        near = self._near(what.done) if what.done is not None else []
        return self._fail(now, [f"no answer within {what.within / 1e9:g} s", *near])

    def _near(self, match: Match) -> list[str]:
        """What was there instead: the last entries of the right kind, and what they lack."""
        near = [one for one in self.fresh.values() if match.concerns(one, self.messages)]
        near = [one for one in near if match.tells_state(one)][-1:] if match.state else near[-_NEAR_MAX:]
        lines = [
            line for one in near for line in (f"instead: {_show(one)}", *(f"  {miss}" for miss in match.misses(one)))
        ]
        return lines or [f"nothing of the kind was seen on the hop {match.hop}"]

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
        failure = Failure(step.title, str(step.place), tuple(why), self._subject(step))
        self._end(now, failure)
        return [Record("harness", "step failed", failure.message or None, {"step": step.title})]

    def _subject(self, step: RunStep) -> str | None:
        """The message that a failed look is about: the one it names, or the last one sent if no text came after it.

        None is that text, "" neither.
        """
        if not isinstance(step.what, Await | Forbid):
            return ""
        if step.what.match.alias is not None:
            return self.messages.get(step.what.match.alias, "")
        for entry in reversed(self.fresh.values()):
            if (entry.hop, entry.kind) == ("contact", "wrote"):
                return None
            if entry.hop == "client" and entry.message is not None:
                return entry.message
        return ""

    def _end(self, now: Instant, failure: Failure | None = None) -> None:
        self.facts["verdict"] = Verdict(
            self.title,
            failure is None,
            tuple(self.verdicts.values()),
            failure,
            now - self.facts["began_at"],
            tuple(self.messages.items()),
        )


@frozen
class _Begun:
    """What the beginning of a step comes to."""

    commands: tuple[Command, ...] = ()
    passed: bool = False


def _deadline(due_at: Instant, step: int) -> Command:
    # What is due at the very instant still counts, in whatever order it comes: the deadline is after it.
    return At(due_at + 1, _Deadline(step))


def _show(entry: Entry) -> str:
    facts = ", ".join(f"{name}={value!r}" for name, value in entry.facts.items())
    return f"{entry.hop} {entry.kind} ({facts})"
