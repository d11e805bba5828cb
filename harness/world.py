"""Carries cores: routes what they emit, keeps what is due, writes the trace.

Pure, and blind to what the cores mean. The virtual driver lets a world jump from one due delivery to the next; the
live driver steps it by the clock and connects what leaves it (`Outward`) to sockets. A delivery is a plain value,
never a callable, so a world can be forked, snapshotted and restored.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from itertools import repeat
from typing import Any

from harness.core import (
    Apart,
    At,
    Command,
    Core,
    Doorkeeper,
    Fault,
    LetThrough,
    Lift,
    Pause,
    Place,
    Record,
    Resume,
    Table,
    Tell,
)
from harness.draws import Draws
from harness.frozen import frozen
from harness.http.values import (
    Answered,
    Arrived,
    Call,
    Chunk,
    Closed,
    Exchange,
    HangUp,
    Outcome,
    Request,
    Respond,
    TimedOut,
)
from harness.instants import FIRST_AT, LAST_AT, Instant, ns
from harness.trace import Entry, Trace

__all__ = ["EPOCH_AT", "OUTSIDE", "Outward", "Row", "Site", "World"]

EPOCH_AT: Instant = 1_767_225_600 * 1_000_000_000
"""Where virtual time begins: 2026-01-01T00:00:00Z."""

OUTSIDE = ""
"""A port wired to it leads out of the world: the driver takes what is told there."""

Site = Callable[[Request], str]
"""Which core serves a request to an authority."""

Row = tuple[str, str, Any, Any]
"""A row of the state: (owner, table, key, the row or None where it is gone)."""

_NO_DELAY = repeat(0)
_DUE = ("", "due")
_COUNTERS = [("", "facts", name) for name in ("sequence", "now", "entries")]
# An exchange within the world is "<caller>\n<exchange>"; one from outside has no line feed.
_SEPARATOR = "\n"


@frozen
class Outward:
    """A command that leaves the world: a call to a foreign authority, or an answer to a foreign client."""

    core: str
    command: Call | Respond | HangUp | Chunk | Tell
    cause: int | None


@frozen
class _Open:
    """A call that waits for its answer. `number` tells it from an earlier call of the same name."""

    call: Call
    cause: int | None
    number: int


@frozen
class _Expired:
    """Due when the call of that number within the world has waited too long in `phase`."""

    exchange: Exchange
    phase: str
    number: int


@frozen
class _Held:
    """A command that a fault held back, due to be carried out."""

    command: Command


@frozen
class _Let:
    """An event that reaches its core although that is paused."""

    event: Any


@frozen
class _Due:
    """A due delivery as a row of the state file."""

    due_at: Instant
    tie: int
    to: str
    event: Any
    cause: int | None


_Item = tuple[Instant, int, int, str, Any, int | None]
# due_at, tie (drawn: orders equal instants), sequence, core, event, cause. A tuple, as the heap compares it often.


class World:
    """Cores by name, the routes between them, and a heap of what is due.

    `draws_order`: the seed orders equal instants, so that every order is found by some seed; otherwise they come in
    the order in which they arose, as a live world wants it. `now` is the instant of the last step. What leaves the
    world collects in `outward` for the driver.
    """

    def __init__(
        self, seed: int, trace: Trace | None = None, *, start_at: Instant = EPOCH_AT, draws_order: bool = True
    ) -> None:
        self.seed = seed
        self.now = start_at
        self.trace = Trace() if trace is None else trace
        self.cores: dict[str, Core] = {}
        self.outward: list[Outward] = []
        self.open_calls: Table[str, _Open] = Table()
        self.faults: dict[str, list[Fault]] = {}
        self._draws = Draws(seed, "world")
        self._draws_order = draws_order
        self._routes: dict[tuple[str, str], str] = {}
        self._sites: dict[str, Site] = {}
        self._heap: list[_Item] = []
        self._sequence = 0
        self._told: Table[tuple[str, str], tuple[Instant, int]] = Table()
        # Cores that are paused, and what came due for them meanwhile, in order.
        self._paused: Table[str, bool] = Table()
        self._held: dict[str, list[_Item]] = {}
        # What is due, by sequence, as rows: kept beside the heap only when somebody writes it to a file.
        self._due: Table[int, _Due] | None = None
        self._positions: dict[str, int] = {}
        self._kept_sequence = 0
        self._watchers: list[Core] = []

    # -- assembly ------------------------------------------------------------------------------------------------

    def add(self, core: Core) -> None:
        """Puts a core into the world; one with a `watch` method reads the trace."""
        if core.name in self.cores:
            raise ValueError(f"two cores named {core.name}")
        self.cores[core.name] = core
        if hasattr(core, "watch"):
            self._watchers.append(core)

    def remove(self, name: str) -> None:
        """Takes a core out, with all that is due for it. `add` may bring it back."""
        core = self.cores.pop(name)
        self._watchers = [watcher for watcher in self._watchers if watcher is not core]
        self.forget_calls(name)
        self.resume(name)
        if self._due is not None:
            for item in self._heap:
                if item[3] == name:
                    del self._due[item[2]]
        self._heap = [item for item in self._heap if item[3] != name]
        heapify(self._heap)

    def wire(self, sender: str, port: str, target: str) -> None:
        """What `sender` tells `port` goes to the core `target`."""
        self._routes[sender, port] = target

    def site(self, authority: str, site: Site | str) -> None:
        """Requests to `authority` stay in the world and go to the core that `site` names."""
        self._sites[authority] = site if callable(site) else lambda _request: site

    def fault(self, core: str, fault: Fault) -> None:
        """Puts a fault between `core` and the world."""
        self.faults.setdefault(core, []).append(fault)

    def lift(self, name: str) -> None:
        """Takes the faults of that name away, wherever they stand."""
        for core, faults in list(self.faults.items()):
            left = [fault for fault in faults if fault.name != name]
            if left:
                self.faults[core] = left
            else:
                del self.faults[core]

    def draws(self, name: str) -> Draws:
        """A stream of its own for the core of that name."""
        return Draws(self.seed, name)

    def fork(self) -> World:
        """A twin with the same past: every row is shared, what happens next is not."""
        twin = copy.copy(self)
        twin.cores = {name: core.fork() for name, core in self.cores.items()}
        twin.trace = self.trace.fork()
        twin.outward = self.outward.copy()
        twin.open_calls = self.open_calls.copy()
        twin.faults = {name: [fault.fork() for fault in faults] for name, faults in self.faults.items()}
        twin._draws = self._draws.copy()
        twin._heap = self._heap.copy()
        twin._told, twin._paused = self._told.copy(), self._paused.copy()
        twin._held = {name: items.copy() for name, items in self._held.items()}
        twin._routes, twin._sites = self._routes.copy(), self._sites.copy()
        # The file is the original's: nobody writes down what happens here.
        twin._due, twin._positions = None, {}
        twin._watchers = [twin.cores[core.name] for core in self._watchers]
        return twin

    # -- what a state file holds -----------------------------------------------------------------------------

    def keep(self) -> None:
        """From now on `changes` tells what was changed; the first call tells everything."""
        self._due = Table(self._due_rows())
        self._positions.clear()
        for table in self._tables().values():
            table.watch()

    def changes(self) -> list[Row]:
        """What changed since the last call."""
        changed: list[Row] = []
        for (owner, name), table in self._tables().items():
            changed += [(owner, name, key, row) for key, row in table.changes()]
        changed += [("", "draws", name, position) for name, position in self._moved()]
        if not changed and self._sequence == self._kept_sequence:
            return []
        self._kept_sequence = self._sequence  # also what came and went in between has moved it
        return changed + self._counters()

    def snapshot(self) -> list[Row]:
        """Everything that `restore` needs, as plain rows."""
        rows = [
            (owner, name, key, row)
            for (owner, name), table in self._tables().items()
            if (owner, name) != _DUE
            for key, row in table.items()
        ]
        rows += [(*_DUE, key, row) for key, row in self._due_rows().items()]
        rows += [("", "draws", name, self._source(name).position) for name in ("", *self.cores)]
        return rows + self._counters()

    def check(self, rows: Iterable[Row]) -> None:
        """Raises `ValueError` unless these are all the rows of a world whose deliveries this one can make."""
        last = _last(rows)
        missing = next((at for at in [*_COUNTERS, ("", "draws", "")] if at not in last), None)
        if missing is not None:
            raise ValueError(f"no whole world: {missing[1]} {missing[2]!r} is missing")
        lost = next((row.to for at, row in last.items() if at[:2] == _DUE and row.to not in (*self.cores, "")), None)
        if lost is not None:
            raise ValueError(f"something is due for {lost}, which is not here")

    def restore(self, rows: Iterable[Row]) -> None:
        """Puts rows as `changes` and `snapshot` told them in the place of this world's own.

        The world must have the same cores. A later row of the same key stands for an earlier one. Raises `ValueError`
        for rows that no world wrote, and changes nothing then.
        """
        last = _last(rows)
        tables = self._tables()
        for table in tables.values():
            for key in list(table):
                del table[key]
        self._heap.clear()
        self._held.clear()
        for (owner, name, key), row in last.items():
            if (owner, name) in tables:
                tables[owner, name][key] = row
            if (owner, name) == _DUE:
                heappush(self._heap, (row.due_at, row.tie, key, row.to, row.event, row.cause))
            elif (owner, name) == ("", "draws") and (key == "" or key in self.cores):
                self._source(key).position = row
            elif (owner, name) == ("", "facts"):
                self._restore_counter(key, row)
        self._call_again()

    def _restore_counter(self, name: str, value: int) -> None:
        match name:
            case "sequence":
                self._sequence = value
            case "now":
                self.now = max(self.now, value)
            case "entries":
                self.trace.count = max(self.trace.count, value)
            case _:
                pass  # the driver's own

    def _call_again(self) -> None:
        """Calls that were under way go out once more: an effect may happen twice, never not at all."""
        for exchange, opened in self.open_calls.items():
            if opened.call.request.authority not in self._sites:
                self.outward.append(Outward(exchange.partition(_SEPARATOR)[0], opened.call, opened.cause))

    def _counters(self) -> list[Row]:
        counters = {"sequence": self._sequence, "now": self.now, "entries": self.trace.count}
        return [("", "facts", name, value) for name, value in counters.items()]

    def _due_rows(self) -> dict[int, _Due]:
        items = [*self._heap, *(item for items in self._held.values() for item in items)]
        return {due[2]: _Due(due[0], due[1], *due[3:]) for due in sorted(items)}

    def _tables(self) -> dict[tuple[str, str], Table[Any, Any]]:
        tables: dict[tuple[str, str], Table[Any, Any]] = {
            ("", "open_calls"): self.open_calls,
            ("", "told"): self._told,
            ("", "paused"): self._paused,
        }
        if self._due is not None:
            tables[_DUE] = self._due
        for core in self.cores.values():
            tables.update({(core.name, name): table for name, table in core.tables().items()})
        return tables

    def _source(self, name: str) -> Draws:
        return self._draws if name == "" else self.cores[name].draws

    def _moved(self) -> list[tuple[str, int]]:
        moved = [
            (name, self._source(name).position)
            for name in ("", *self.cores)
            if self._positions.get(name) != self._source(name).position
        ]
        self._positions.update(moved)
        return moved

    # -- time ----------------------------------------------------------------------------------------------------

    @property
    def next_due_at(self) -> Instant | None:
        return self._heap[0][0] if self._heap else None

    def inject(
        self,
        to: str,
        event: Any,
        *,
        due_at: Instant | None = None,
        cause: int | None = None,
    ) -> None:
        """Makes `event` due for a core, now or at `due_at`."""
        self._push(
            self.now if due_at is None else due_at,
            self._tie(),
            to,
            event,
            cause,
        )

    def step(self, until_at: Instant | None = None) -> bool:
        """Delivers what is due next and moves `now` there. False when nothing is due, or only after `until_at`."""
        if not self._heap or (until_at is not None and self._heap[0][0] > until_at):
            return False
        item = heappop(self._heap)
        due_at, tie, sequence, to, event, cause = item
        if due_at > self.now:
            self.now = due_at
        if to in self._paused and not isinstance(event, _Held | _Let):
            self._held.setdefault(to, []).append(item)
            if type(event) is Arrived and _SEPARATOR in event.exchange:  # whoever asks does not wait for ever
                self._limit(event.exchange)
            return True
        if self._due is not None:
            del self._due[sequence]
        if isinstance(event, _Expired):
            self._expire(event)
        elif isinstance(event, _Held):
            self._route(to, event.command, self.now, tie, cause)
        else:
            self._deliver(to, event.event if isinstance(event, _Let) else event, cause)
        return True

    # -- pausing -------------------------------------------------------------------------------------------------

    def pause(self, core: str) -> None:
        """From now on what becomes due for `core` waits, in order. The others and the time go on."""
        if core not in self.cores:
            raise LookupError(f"there is no {core}")
        self._paused[core] = True

    def resume(self, core: str) -> None:
        """What waited for `core` is due at once, in the order in which it was due."""
        self._paused.drop(core)
        for item in self._held.pop(core, ()):
            heappush(self._heap, item)

    def let_through(self, core: str) -> bool:
        """Makes the first thing that waits for a paused core due now. False when nothing waits."""
        held = self._held.get(core)
        if not held:
            return False
        _, tie, sequence, _, event, cause = held.pop(0)
        if self._due is not None:
            del self._due[sequence]
        self._push(self.now, tie, core, _Let(event), cause)
        return True

    def is_paused(self, core: str) -> bool:
        return core in self._paused

    def held(self, core: str) -> list[tuple[Instant, Any]]:
        """What waits for a paused core: when it was due, and which event."""
        return [(item[0], item[4]) for item in self._held.get(core, ())]

    def awaited(self, core: str) -> list[tuple[Instant, Any]]:
        """What is due for `core`: when, and which event. What a pause keeps back comes first."""
        due = sorted(item for item in self._heap if item[3] == core)
        return [*self.held(core), *((item[0], item[4]) for item in due)]

    def run_until(self, at: Instant) -> None:
        """Delivers everything due up to and including `at`, then stands there."""
        while self.step(at):
            pass
        self.now = max(self.now, at)

    def answer_call(self, core: str, call: Call, outcome: Outcome, cause: int | None = None) -> None:
        """The driver reports what became of an outward call, the very value that left.

        A late answer is dropped: to a call that is closed, and to one of the same name from before a `restore`.
        `cause` is the entry behind the answer, where the driver knows it; otherwise what led to the call.
        """
        name = core + _SEPARATOR + call.exchange
        opened = self.open_calls.get(name)
        if opened is not None and opened.call is call:
            del self.open_calls[name]
            self.inject(core, Answered(call.exchange, outcome), cause=opened.cause if cause is None else cause)

    def forget_calls(self, core: str) -> None:
        """The calls of `core` that are under way have no caller any more: their answers are dropped."""
        for name in [name for name in self.open_calls if name.partition(_SEPARATOR)[0] == core]:
            del self.open_calls[name]
        self.outward = [item for item in self.outward if not (item.core == core and isinstance(item.command, Call))]

    # -- one step ------------------------------------------------------------------------------------------------

    def _deliver(self, to: str, event: Any, cause: int | None) -> None:
        core = self.cores[to]
        written: list[Entry] = []
        told = event
        if to in self.faults:
            told, written = self._admitted(to, event, cause)
            cause = written[-1].number if written else cause
        if told is not None:
            # What a story does next is its author's wish, whatever it has just heard.
            doing = None if core in self._watchers else cause
            written += self._carry_out(core.name, core.handle(told, self.now), doing)
        if type(event) is Arrived and _SEPARATOR in event.exchange:
            self._limit(event.exchange)
        while written and self._watchers:
            written = self._show(written)

    def _admitted(self, to: str, event: Any, cause: int | None) -> tuple[Any, list[Entry]]:
        """What a core is told once the event has come through every fault, that nearest to the world first."""
        written: list[Entry] = []
        for fault in reversed(self.faults[to]):
            if event is None or not isinstance(fault, Doorkeeper):
                continue
            changed = fault.admit(event, self._draws)
            if changed is not None:
                event, commands = changed
                written += self._carry_out(to, commands, written[-1].number if written else cause)
        return event, written

    def _show(self, written: list[Entry]) -> list[Entry]:
        more: list[Entry] = []
        for entry in written:
            for watcher in self._watchers:
                commands = watcher.watch(entry, self.now)  # type: ignore[attr-defined]
                if commands:
                    # As in `_deliver`: the author's wish, not the entry's doing.
                    more += self._carry_out(watcher.name, commands, None)
        return more

    def _carry_out(self, name: str, commands: Iterable[Command], cause: int | None) -> list[Entry]:
        """Does what a core asked for; returns what it wrote into the trace.

        Everything emitted in one step shares one tie, and what comes after a `Tell` that had to wait its turn waits
        too: so its own order is kept among equal instants.
        """
        written: list[Entry] = []
        tie = -1
        now = self.now
        faults = self.faults.get(name)
        steps: Iterable[tuple[int, Command]] = (
            zip(_NO_DELAY, commands, strict=False) if faults is None else self._through(faults, commands)
        )
        for delay, item in steps:
            if type(item) is Record:
                entry = self.trace.write(now, item.hop, item.kind, item.message, cause, item.facts)
                written.append(entry)
                cause = entry.number
                continue
            if tie < 0:
                tie = self._draws.getrandbits(32) if self._draws_order else 0
            tie = self._route(name, item, now + delay, tie, cause)
        return written

    def _through(self, faults: Sequence[Fault], commands: Iterable[Command]) -> Iterator[tuple[int, Command]]:
        """The commands after every fault in turn; delays add up."""
        for command in commands:
            out: list[tuple[int, Command]] = [(0, command)]
            for fault in faults:
                out = [changed for delay, item in out for changed in self._changed(fault, delay, item)]
            yield from out

    def _changed(self, fault: Fault, delay: int, command: Command) -> list[tuple[int, Command]]:
        changed = fault.apply(command, self._draws)
        return [(delay, command)] if changed is None else [(delay + more, new) for more, new in changed]

    def _route(self, name: str, command: Command, at: Instant, tie: int, cause: int | None) -> int:
        """Sends a command on its way; returns the tie of whatever this core emits next in the step."""
        # By hand, the frequent ones first: this is the hottest branch of a virtual run.
        if isinstance(command, Tell):
            return self._tell(name, command.port, command.event, at, tie, cause)
        if isinstance(command, At):
            self._push(max(command.due_at, at), tie, name, command.event, cause)
        elif isinstance(command, Call):
            self._call(name, command, at, tie, cause)
        elif isinstance(command, Apart):
            self._push(at, tie, name, _Held(command.command), cause)
        elif isinstance(command, Lift):
            self.lift(command.name)
        elif isinstance(command, Place):
            self.fault(command.core, command.fault.fork())  # the plan keeps its own, for the next run
        elif isinstance(command, Pause):
            self.pause(command.core)
        elif isinstance(command, Resume):
            self.resume(command.core)
        elif isinstance(command, LetThrough):
            self.let_through(command.core)
        elif isinstance(command, Record):
            raise AssertionError("records are written, not routed")
        elif at > self.now:
            self._push(at, tie, name, _Held(command), cause)
        elif isinstance(command, Respond):
            self._respond(name, command, command.response, tie, cause)
        elif isinstance(command, HangUp):
            self._respond(name, command, Closed(sent_all=True), tie, cause)
        else:
            self.outward.append(Outward(name, command, cause))
        return tie

    def _tell(self, name: str, port: str, event: Any, at: Instant, tie: int, cause: int | None) -> int:
        target = port[1:] if port.startswith("@") else self._routes.get((name, port))
        if target == OUTSIDE:
            self._leave(name, Tell(port, event), at, tie, cause)
            return tie
        if target is None or target not in self.cores:
            raise LookupError(f"{name}: nothing is wired to {port}")
        # What one core tells another keeps its order: later words never get an earlier place.
        last_at, last_tie = self._told.get((name, target), (0, 0))
        if at < last_at:
            self._push(last_at, last_tie, target, event, cause)
            return tie
        if at == last_at:
            tie = max(tie, last_tie)
        self._told[name, target] = (at, tie)
        self._push(at, tie, target, event, cause)
        return tie

    def _leave(self, name: str, command: Call | Tell, at: Instant, tie: int, cause: int | None) -> None:
        if at > self.now:
            self._push(at, tie, name, _Held(command), cause)
        else:
            self.outward.append(Outward(name, command, cause))

    def _call(self, name: str, call: Call, at: Instant, tie: int, cause: int | None) -> None:
        exchange = name + _SEPARATOR + call.exchange
        self.open_calls[exchange] = _Open(call, cause, self._sequence)
        site = self._sites.get(call.request.authority)
        if site is None:
            self._leave(name, call, at, tie, cause)
            return
        self._push(at, tie, site(call.request), Arrived(exchange, call.request), cause)
        if at > self.now:  # held back by a fault: the caller's time runs from here
            self._limit(exchange)

    def _respond(self, name: str, command: Respond | HangUp, outcome: Outcome, tie: int, cause: int | None) -> None:
        if _SEPARATOR not in command.exchange:
            self.outward.append(Outward(name, command, cause))
            return
        opened = self.open_calls.drop(command.exchange)
        if opened is not None:  # None: the caller had given up
            caller, _, own = command.exchange.partition(_SEPARATOR)
            self._push(self.now, tie, caller, Answered(own, outcome), cause)

    def _limit(self, exchange: Exchange) -> None:
        """A call that was not answered in the step in which it arrived gets its time limit."""
        opened = self.open_calls.get(exchange)
        if opened is None:
            return
        limits = opened.call.limits
        bounds = [limit for limit in (limits.total_s, limits.read_s) if limit is not None]
        if bounds:
            phase = "total" if limits.total_s == min(bounds) else "read"
            self._push(
                self.now + ns(min(bounds)),
                self._tie(),
                "",
                _Expired(exchange, phase, opened.number),
                None,
            )

    def _expire(self, expired: _Expired) -> None:
        opened = self.open_calls.get(expired.exchange)
        if opened is not None and opened.number == expired.number:
            del self.open_calls[expired.exchange]
            caller, _, own = expired.exchange.partition(_SEPARATOR)
            self.inject(caller, Answered(own, TimedOut(expired.phase)), cause=opened.cause)

    def _tie(self) -> int:
        return self._draws.getrandbits(32) if self._draws_order else 0

    def _push(self, due_at: Instant, tie: int, to: str, event: Any, cause: int | None) -> None:
        self._sequence += 1
        heappush(self._heap, (due_at, tie, self._sequence, to, event, cause))
        if self._due is not None:
            self._due[self._sequence] = _Due(due_at, tie, to, event, cause)


def _last(rows: Iterable[Row]) -> dict[tuple[str, str, Any], Any]:
    """What the rows come to in the end. Raises `ValueError` for rows that no world wrote."""
    last: dict[tuple[str, str, Any], Any] = {}
    for owner, name, key, row in rows:
        try:
            if row is None:
                last.pop((owner, name, key), None)
            else:
                last[owner, name, key] = row
        except TypeError:  # a key that is a mapping
            raise ValueError(f"no row of a world: {name}") from None
    _check(last)
    return last


def _check(rows: dict[tuple[str, str, Any], Any]) -> None:
    """Raises `ValueError` for rows that no world wrote."""
    for (owner, name, key), row in rows.items():
        if owner == "" and not _is_own_row(name, key, row):
            raise ValueError(f"no row of a world: {name} {key!r}")


def _is_own_row(name: str, key: Any, row: Any) -> bool:
    match name:
        case "due":
            is_due = isinstance(row, _Due) and {type(key), type(row.due_at), type(row.tie)} == {int}
            return is_due and isinstance(row.event, _Expired) == (row.to == "")
        case "open_calls":
            return isinstance(row, _Open)
        case "draws":
            return type(row) is int and row >= 0
        case "facts":
            return type(row) is int and (FIRST_AT <= row <= LAST_AT if key == "now" else row >= 0)
        case _:
            return True  # `told`, and the driver's own
