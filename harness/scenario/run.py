"""Carrying out a plan: acts go out as commands, looks wait on the trace."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

from harness.answers import Replied
from harness.core import At, Command, Core, Record, Table
from harness.draws import Draws
from harness.errors import ProtocolError, UsageError
from harness.frozen import frozen
from harness.instants import Instant
from harness.late import UNIQUE
from harness.redaction import HIDDEN
from harness.scenario.cursors import Cursor, time_of
from harness.scenario.lines import SET_UP, STORY, Planned, lines_of
from harness.scenario.matching import captured, concerns, fits, misses, shown, tells_state, wanted
from harness.scenario.plan import Place, Step, Together
from harness.scenario.steps import Await, AwaitOrder, Do, Forbid, Match, RunStep, Span, What
from harness.scenario.wording import time_in_words
from harness.trace import HOPS, Entry
from harness.verdict import Failure, StepVerdict, Verdict

__all__ = ["Bind", "ScenarioRun", "Start"]

Bind = Callable[[Step, str, Mapping[str, str]], What]
"""Assembly's: a step as the run carries it out, from the step, its id and the values that names have by now.

Raises `KeyError` with a name that has no value, `UsageError` for what cannot be meant.
"""

_NEAR_MAX = 4
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


@frozen
class Start:
    """The run begins."""


@frozen
class _Deadline:
    """The time of a step is over: the one of that number in that line of steps."""

    line: str
    number: int


@frozen
class _Begun:
    """What the beginning of a step comes to. `why` tells why it fails at once."""

    commands: tuple[Command, ...] = ()
    passed: bool = False
    why: tuple[str, ...] = ()


@frozen
class _Taken:
    """An entry, and the look that has taken it."""

    entry: Entry
    by: Planned

    @property
    def where(self) -> str:
        place = str(self.by.step.place)
        return f"at {place}" if place else f"`{self.by.title}`"


class ScenarioRun(Core):
    """One story. Reads the trace through `watch`; `verdict` is None until it has ended.

    First the set-up, which is bound already, then the steps of the story, each bound when it begins. The branches of a
    `together` are lines of steps of their own. Each look takes the entries that it found, so two equal looks need two
    entries; looks at a message's state do not. An entry goes to the first look that it fits, in the order of the story.
    """

    TABLES: ClassVar[tuple[str, ...]] = (
        "facts", "messages", "named", "values", "secrets", "cursors", "verdicts", "taken",
    )  # fmt: skip

    def __init__(
        self, name: str, draws: Draws, title: str, setup: Sequence[RunStep], steps: Sequence[Step], bind: Bind
    ) -> None:
        super().__init__(name, draws)
        self.title = title
        self.bind = bind
        self.facts: Table[str, Any] = Table({"began_at": 0, "about": "", "has_begun": False})
        # The names that steps give: to messages (their ids), and to entries (number and instant).
        self.messages: Table[str, str] = Table()
        self.named: Table[str, tuple[int, Instant]] = Table()
        self.values: Table[str, str] = Table()
        # Captured values that no report may show.
        self.secrets: Table[str, bool] = Table()
        self.cursors: Table[str, Cursor] = Table()
        self.verdicts: Table[int, StepVerdict] = Table()
        # Entries that no look has taken yet, by hop and number.
        self.fresh: dict[str, Table[int, Entry]] = {hop: Table() for hop in HOPS}
        # Those that one has taken: who looks for them once more is told.
        self.taken: Table[int, _Taken] = Table()
        self._lines = lines_of(setup, steps)
        self._order = {name: place for place, name in enumerate(self._lines)}

    @property
    def verdict(self) -> Verdict | None:
        verdict: Verdict | None = self.facts.get("verdict")
        return verdict

    @property
    def failed_in_set_up(self) -> bool:
        """The story has failed before its first step."""
        return self.verdict is not None and not self.verdict.passed and not self.facts["has_begun"]

    def tables(self) -> dict[str, Table[Any, Any]]:
        return {**super().tables(), **{f"fresh-{hop}": table for hop, table in self.fresh.items()}}

    def fork(self) -> Self:
        twin = super().fork()
        twin.fresh = {hop: table.copy() for hop, table in self.fresh.items()}
        return twin

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Start() if not self.cursors and self.verdict is None:
                self.facts["began_at"] = now
                self.cursors[SET_UP] = Cursor()
                return self._go_on(SET_UP, now)
            case _Deadline(line, number):
                cursor = self.cursors.get(line)
                is_late = cursor is not None and cursor.number == number
                return self._time_is_up(line, now) if is_late else []
            case Replied():
                return self._replied(event, now)
            case _:
                raise ProtocolError(self.name, event, ", ".join(self._at()) or "none")

    def watch(self, entry: Entry, now: Instant) -> Sequence[Command]:
        cursors = self.cursors
        if not cursors:  # not yet, or no more
            return ()
        self._note(entry)
        self.fresh[entry.hop][entry.number] = entry
        if len(cursors) == 1:
            ((line, cursor),) = cursors.items()
            return self._offer(line, cursor, entry, now)
        commands: list[Command] = []
        for line, cursor in sorted(cursors.items(), key=self._place):
            if line in cursors:  # the story may have failed meanwhile
                commands += self._offer(line, cursor, entry, now)
        return commands

    def _place(self, item: tuple[str, Cursor]) -> int:
        return self._order[item[0]]

    def _note(self, entry: Entry) -> None:
        """Which message a failure may be about: the last one sent, or a text that came after it (None)."""
        if entry.hop == "client":
            if entry.message is not None:
                self.facts["about"] = entry.message
        elif entry.hop == "contact" and entry.kind.startswith("wrote"):  # an SMS, an MMS, data
            self.facts["about"] = None

    def _planned(self, line: str, cursor: Cursor) -> Planned:
        return self._lines[line].steps[cursor.number]

    # -- from step to step ---------------------------------------------------------------------------------------

    def _go_on(self, line: str, now: Instant) -> list[Command]:
        """Begins the next steps of a line, and of those that it opens or ends, up to those that have to wait.

        A loop, not a recursion: a story may have any number of steps.
        """
        commands: list[Command] = []
        lines = [line]
        while lines and self.verdict is None:
            line = lines.pop()
            number = self.cursors[line].number + 1
            if number == len(self._lines[line].steps):
                lines += self._end_line(line, now)
                continue
            planned = self._lines[line].steps[number]
            if isinstance(planned.step.what, Together):
                self.cursors[line] = Cursor(number, None, now, len(planned.step.what.branches))
                lines += self._open_branches(line, planned, now)
                continue
            begun = self._begin(line, number, planned, now)
            commands += begun.commands
            if begun.why:
                commands += self._fail(line, now, begun.why)
            elif begun.passed:
                self._told(line, now, passed=True)
                lines.append(line)
        return commands

    def _open_branches(self, line: str, planned: Planned, now: Instant) -> list[str]:
        """Gives the lines to go on with, the first one last."""
        names = [f"{planned.id}.{number}" for number in range(1, self.cursors[line].count + 1)]
        if not names:
            self._told(line, now, passed=True)
            return [line]
        for name in names:
            self.cursors[name] = Cursor()
        return names[::-1]

    def _end_line(self, line: str, now: Instant) -> list[str]:
        """A line of steps is over: gives the one that goes on."""
        del self.cursors[line]
        if line == SET_UP:
            self._begin_story()
            return [STORY]
        parent = self._lines[line].parent
        if parent is None:
            self._end(now)
            return []
        waiting = self.cursors[parent]
        left = waiting.count - 1
        self.cursors[parent] = Cursor(waiting.number, None, waiting.began_at, left)
        if left:
            return []
        self._told(parent, now, passed=True)
        return [parent]

    def _begin_story(self) -> None:
        """What the set-up did is nobody's to look at."""
        self.facts["has_begun"] = True
        for table in self.fresh.values():
            for number in list(table):
                del table[number]
        self.cursors[STORY] = Cursor()

    def _begin(self, line: str, number: int, planned: Planned, now: Instant) -> _Begun:
        self.cursors[line] = Cursor(number, None, now)
        try:
            step = planned.step
            what = step.what if isinstance(step, RunStep) else self.bind(step, planned.id, _Values(self))
        except KeyError as error:
            return _Begun(why=(f"${{{error.args[0]}}} has no value yet: no step has captured it by now",))
        except UsageError as error:
            return _Begun(why=(error.problem, *((error.remedy,) if error.remedy else ())))
        commands: tuple[Command, ...] = ()
        if isinstance(what, Do):
            # What has gone out already need not be kept.
            commands, what = what.commands, Do((), what.done, what.refused, what.within, what.reply)
        cursor = self.cursors[line] = self._look_back(line, Cursor(number, what, now))
        begun = self._first_look(planned, cursor)
        if begun.passed or begun.why:
            return _Begun(commands, begun.passed, begun.why)
        # What is due at the very instant still counts, in whatever order it comes: the deadline is after it.
        deadline = At(now + time_of(what) + 1, _Deadline(line, number))
        return _Begun((*commands, deadline))

    def _first_look(self, planned: Planned, cursor: Cursor) -> _Begun:
        """What a step comes to at once."""
        match cursor.what:
            case Do(_, None, _, _, None):
                return _Begun(passed=True)
            case Forbid(match):
                standing = self._standing(match)
                return _Begun(why=(f"it is there already: {shown(standing)}",) if standing is not None else ())
            case Span() as span:
                why = self._span(span)
                return _Begun(passed=not why, why=why)
            case _:
                return self._looked(planned, cursor)

    # -- looking -------------------------------------------------------------------------------------------------

    def _offer(self, line: str, cursor: Cursor, entry: Entry, now: Instant) -> list[Command]:
        """An entry has come while a step waits."""
        what = cursor.what
        if isinstance(what, Do):
            return self._offer_to_act(line, cursor, what, entry, now)
        if not isinstance(what, Await | AwaitOrder | Forbid) or entry.number not in self.fresh[entry.hop]:
            return []  # somebody else's
        counted = self._counted(line, cursor, entry)
        if counted is None:
            return []
        if isinstance(what, Forbid):
            return self._fail(line, now, (f"it came: {shown(entry)}",))
        self.cursors[line] = counted
        begun = self._looked(self._planned(line, cursor), counted)
        if begun.why:
            return self._fail(line, now, begun.why)
        return self._pass(line, now) if begun.passed else []

    def _offer_to_act(self, line: str, cursor: Cursor, act: Do, entry: Entry, now: Instant) -> list[Command]:
        alias = self._planned(line, cursor).step.alias
        if act.refused is not None and fits(act.refused, entry, self.messages):
            return self._fail(line, now, (_refusal(entry),))
        is_done = act.done is not None and fits(act.done, entry, self.messages)
        is_answer = act.reply is not None and _is_answer(entry, act.reply)
        if alias is not None and (is_done or is_answer):
            self._name(alias, entry)
        return self._pass(line, now) if is_done and act.reply is None else []

    def _name(self, alias: str, entry: Entry) -> None:
        self.named[alias] = (entry.number, entry.at)
        if entry.message is not None:
            self.messages[alias] = entry.message

    def _replied(self, replied: Replied, now: Instant) -> list[Command]:
        """The API call of a step was answered; that of a step which is over is nobody's."""
        line = next((line for line, cursor in self.cursors.items() if _waits_for(cursor.what, replied.step)), None)
        if line is None:
            return []
        alias = self._planned(line, self.cursors[line]).step.alias
        if alias is not None and replied.message is not None:
            self.messages[alias] = replied.message
        if replied.unmet:
            return self._fail(line, now, replied.unmet)
        for each in replied.captured:
            self.values[each.name] = each.value
            if each.is_secret:
                self.secrets[each.value] = True
        return self._pass(line, now)

    def _look_back(self, line: str, cursor: Cursor) -> Cursor:
        """Counts what has come before and was not taken."""
        for entry in self._untaken(cursor.what):
            if cursor.has_enough:
                break
            cursor = self._counted(line, cursor, entry) or cursor
        return cursor

    def _untaken(self, what: What | None) -> list[Entry]:
        match what:
            case Await(match):
                return list(self.fresh[match.hop].values())
            case AwaitOrder(matches):
                hops = {match.hop for match in matches}
                return sorted(entry for hop in hops for entry in self.fresh[hop].values())
            case _:
                return []

    def _counted(self, line: str, cursor: Cursor, entry: Entry) -> Cursor | None:
        """The look once it has found the entry, which is taken with that; None: it is not what it looks for."""
        match = cursor.sought
        if match is None or not fits(match, entry, self.messages):
            return None
        if not match.state:
            self.fresh[entry.hop].drop(entry.number)
            self.taken[entry.number] = _Taken(entry, self._planned(line, cursor))
        return cursor.having_found(entry)

    def _looked(self, planned: Planned, cursor: Cursor) -> _Begun:
        """What a look that has just counted comes to: it has passed, or failed, or it has to wait."""
        what = cursor.what
        if isinstance(what, Await) and what.at_most is not None:
            if cursor.count <= what.at_most or cursor.last is None:
                return _Begun()
            return _Begun(why=(f"seen {cursor.count} times, {_at_most(what.at_most)}: {shown(cursor.last)}",))
        if not isinstance(what, Await | AwaitOrder) or not cursor.has_enough:
            return _Begun()
        why = self._keep(planned.step.alias, cursor)
        return _Begun(passed=not why, why=why)

    def _keep(self, alias: str | None, cursor: Cursor) -> tuple[str, ...]:
        """Gives what the look found its names; returns why it cannot."""
        found = cursor.named
        if found is None:
            return ()
        if alias is not None:
            self._name(alias, found)
        if isinstance(cursor.what, Await):
            for capture in cursor.what.captures:
                value, why = captured(capture, cursor.what.match, found)
                if value is None:
                    return (f"nothing to capture as {capture.name}: {why}", f"in: {shown(found)}")
                self.values[capture.name] = value
        return ()

    def _standing(self, match: Match) -> Entry | None:
        """What a look that forbids finds at its beginning: of a state only how it is now counts, not how it was."""
        seen = [entry for entry in self.fresh[match.hop].values() if concerns(match, entry, self.messages)]
        if match.state:
            seen = [entry for entry in seen if tells_state(entry)][-1:]
        return next((entry for entry in seen if not misses(match, entry)), None)

    def _span(self, span: Span) -> tuple[str, ...]:
        """Why the time between two named entries is not as it must be."""
        unknown = [name for name in (span.first, span.then) if name not in self.named]
        if unknown:
            return tuple(f"nothing is named {name} so far" for name in unknown)
        took = self.named[span.then][1] - self.named[span.first][1]
        took -= took % 1000  # the end of a step's time is a nanosecond behind it
        told = f"it took {time_in_words(took)} from {span.first} to {span.then}"
        if span.at_least is not None and took < span.at_least:
            return (f"{told}, and must take at least {time_in_words(span.at_least)}",)
        if span.at_most is not None and took > span.at_most:
            return (f"{told}, and may take at most {time_in_words(span.at_most)}",)
        return ()

    def _time_is_up(self, line: str, now: Instant) -> list[Command]:
        cursor = self.cursors[line]
        match cursor.what:
            case Await(at_least=at_least, at_most=at_most) if at_most is not None and cursor.count >= at_least:
                why = self._keep(self._planned(line, cursor).step.alias, cursor)
            case Await() as look:
                why = (_unseen(cursor, look), *self._near(look.match, self._planned(line, cursor)))
            case AwaitOrder() as order:
                why = tuple(self._out_of_order(cursor, order, self._planned(line, cursor)))
            case Do(done=done, within=within):
                near = () if done is None else self._near(done, self._planned(line, cursor))
                why = (f"no answer within {time_in_words(within)}", *near)
            case _:
                why = ()
        return self._fail(line, now, why) if why else self._pass(line, now)

    def _out_of_order(self, cursor: Cursor, order: AwaitOrder, planned: Planned) -> Iterator[str]:
        """Which of them is missing, after which, and whether it came too early."""
        missing = order.matches[cursor.count]
        yield f"seen {cursor.count} of {len(order.matches)} in order within {time_in_words(order.within)}"
        yield f"missing: {wanted(missing)}"
        if cursor.last is not None:
            yield f"after: {shown(cursor.last)}"
        early = [entry for entry in self.fresh[missing.hop].values() if fits(missing, entry, self.messages)]
        if early:
            yield f"it came before that: {shown(early[-1])}"
        else:
            yield from self._near(missing, planned)

    def _near(self, match: Match, planned: Planned) -> list[str]:
        """What was there instead: the last entries of the right kind and what they lack, and what others have taken."""
        near = [entry for entry in self.fresh[match.hop].values() if concerns(match, entry, self.messages)]
        near = [entry for entry in near if tells_state(entry)][-1:] if match.state else near[-_NEAR_MAX:]
        near = [entry for entry in near if misses(match, entry)]  # what has been counted is none
        lines = [
            line
            for entry in near
            for line in (f"instead: {shown(entry)}", *(f"  {line}" for line in misses(match, entry)))
        ]
        taken = [each for each in self.taken.values() if concerns(match, each.entry, self.messages)]
        lines += [
            f"seen, and taken by the step {each.where}: a second look needs {_second(match)}"
            for each in taken
            if each.by.id != planned.id and not misses(match, each.entry)
        ][-1:]
        return lines or [_none_came(match, others=bool(taken))]

    # -- verdicts ------------------------------------------------------------------------------------------------

    def _pass(self, line: str, now: Instant) -> list[Command]:
        self._told(line, now, passed=True)
        return self._go_on(line, now)

    def _told(self, line: str, now: Instant, *, passed: bool) -> None:
        cursor = self.cursors[line]
        planned = self._planned(line, cursor)
        place = str(planned.step.place)
        self.verdicts[planned.rank] = StepVerdict(planned.title, passed, place, cursor.began_at, now, planned.branch)

    def _fail(self, line: str, now: Instant, why: Sequence[str]) -> list[Command]:
        """The first failure ends the story, whatever its other branches wait for."""
        self._told(line, now, passed=False)
        cursor = self.cursors[line]
        planned = self._planned(line, cursor)
        place: Place = planned.step.place
        failure = Failure(
            planned.title,
            str(place),
            tuple([self._without_secrets(each) for each in why]),
            self._subject(cursor.what),
            line=place.line,
            column=place.column,
        )
        self._end(now, failure)
        return [Record("harness", "step failed", failure.message or None, {"step": planned.title})]

    def _without_secrets(self, text: str) -> str:
        for secret in self.secrets:
            for form in (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1]):
                text = text.replace(form, HIDDEN)
        return text

    def _subject(self, what: What | None) -> str | None:
        """The message that a failed look is about: the one it names, or the last one sent if no text came after it.

        None is that text, "" neither.
        """
        match what:
            case Await(match) | Forbid(match) if match.alias is not None:
                return self.messages.get(match.alias, "")
            case Await() | AwaitOrder() | Forbid():
                about: str | None = self.facts["about"]
                return about
            case _:
                return ""

    def _end(self, now: Instant, failure: Failure | None = None) -> None:
        self.facts["verdict"] = Verdict(
            self.title,
            failure is None,
            tuple(self.verdicts[rank] for rank in sorted(self.verdicts)),
            failure,
            now - self.facts["began_at"],
            tuple(self.messages.items()),
        )
        for line in list(self.cursors):
            del self.cursors[line]

    def _at(self) -> list[str]:
        """Which steps are under way."""
        return [self._planned(line, cursor).title for line, cursor in self.cursors.items() if cursor.number >= 0]


class _Values(Mapping[str, str]):
    """What `${name}` stands for by now: captured values, and those that the seed gives."""

    def __init__(self, run: ScenarioRun) -> None:
        self._captured = run.values
        self._draws = run.draws

    def __getitem__(self, name: str) -> str:
        if name == UNIQUE or name.startswith(f"{UNIQUE}."):
            stream = self._draws.stream(name)  # one of its own: the same wherever the story asks for it
            return "".join([_LETTERS[stream.between(0, len(_LETTERS) - 1)] for _ in range(8)])
        return self._captured[name]

    def __iter__(self) -> Iterator[str]:
        yield UNIQUE
        yield from self._captured

    def __len__(self) -> int:
        return len(self._captured) + 1


# -- looks and acts ----------------------------------------------------------------------------------------------------


def _unseen(cursor: Cursor, look: Await) -> str:
    within = time_in_words(look.within)
    if look.at_least <= 1:
        return f"not seen within {within}: {wanted(look.match)}"
    return f"seen {cursor.count} of at least {look.at_least} times within {within}: {wanted(look.match)}"


def _is_text(match: Match) -> bool:
    return (match.hop, match.kinds) in (("contact", ("received",)), ("radio", ("delivered",)))


def _second(match: Match) -> str:
    return "a second text" if _is_text(match) else "another one"


def _none_came(match: Match, *, others: bool) -> str:
    """No entry of the kind is left. `others`: but looks have taken some."""
    if _is_text(match):
        return f"no {'other ' if others else ''}text reached {'anybody' if match.hop == 'contact' else 'a phone'}"
    if match.hop == "webhook":
        return f"no {'other ' if others else ''}such webhook came"
    return f"nothing {'else ' if others else ''}of the kind was seen on the hop {match.hop}"


def _at_most(at_most: int) -> str:
    return "and may not come" if at_most == 0 else f"and may come at most {at_most} time{'s' if at_most > 1 else ''}"


def _waits_for(what: What | None, step: str) -> bool:
    return isinstance(what, Do) and what.reply == step


def _is_answer(entry: Entry, step: str) -> bool:
    """What the client says of the answer to its call."""
    return entry.hop == "client" and entry.kind != "send" and entry.facts.get("step") == step


def _refusal(entry: Entry) -> str:
    return str(entry.facts.get("error") or entry.facts.get("outcome") or entry.facts.get("why") or shown(entry))
