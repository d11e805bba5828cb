"""The contract between a core and its driver.

A core is a plain object: `handle(event, now) -> commands`. It never awaits, reads a clock, draws from anything but
its own `Draws`, or opens anything. Its state lives in `Table`s of immutable rows, so a driver can copy it (a fork
shares every row), write what changed to a state file, and release the commands only when that is durable.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, Self, TypeVar, runtime_checkable

from harness.draws import Draws
from harness.frozen import frozen
from harness.http.values import Call, Chunk, HangUp, Respond
from harness.instants import Instant

__all__ = [
    "Apart",
    "At",
    "Command",
    "Core",
    "Doorkeeper",
    "Fact",
    "Fault",
    "LetThrough",
    "Lift",
    "Pause",
    "Place",
    "Record",
    "Resume",
    "Table",
    "Tell",
]

Fact = str | int | bool | None
_UNTOUCHED = object()
K = TypeVar("K")
V = TypeVar("V")


class Record(NamedTuple):
    """Command: write an entry to the trace. What the core emits after it in the same step is caused by it.

    `message` is the id of the message that it belongs to, or None. `facts` hold no secrets.
    """

    hop: str
    kind: str
    message: str | None = None
    facts: Mapping[str, Fact] = MappingProxyType({})


class At(NamedTuple):
    """Command: deliver `event` back to this core at `due_at` (at once if that is past)."""

    due_at: Instant
    event: Any


class Tell(NamedTuple):
    """Command: hand `event` to whoever is wired to `port` of this core; a port `@name` is the core of that name.

    What one core tells another arrives in the order in which it was told.
    """

    port: str
    event: Any


# Records, At and Tell are made some fifty times a message: named tuples cost half of a frozen dataclass.


@frozen
class Place:
    """Command: put a fault behind `core` (between it and the world)."""

    core: str
    fault: Fault


@frozen
class Lift:
    """Command: the faults of that name are gone, wherever they stand."""

    name: str


@frozen
class Apart:
    """Command of a fault: `command` is carried out alone at its time; what its core emits later may overtake it."""

    command: Tell


@frozen
class Pause:
    """Command: what becomes due for `core` waits from now on."""

    core: str


@frozen
class LetThrough:
    """Command: a paused core hears the first thing that waits for it."""

    core: str


@frozen
class Resume:
    """Command: what waits for `core` is due now, and nothing waits any more."""

    core: str


Command = Record | At | Tell | Call | Respond | HangUp | Chunk | Place | Lift | Apart | Pause | LetThrough | Resume


class Table(dict[K, V], Generic[K, V]):
    """Rows by key, in the order in which they came. Change a row by putting another in its place.

    `touched` is None until `watch`; then it has the keys that changed since the last `changes`: True where the row was
    taken out and put in again at the end, None where it is new, else False. What came and went in between is not
    there: most of what is due is due at once.
    """

    __slots__ = ("touched",)

    def __init__(self, rows: Iterable[tuple[K, V]] | dict[K, V] = ()) -> None:
        super().__init__(rows)
        self.touched: dict[K, bool | None] | None = None

    def __setitem__(self, key: K, row: V) -> None:
        touched = self.touched
        if touched is not None:
            if key in self:
                touched.setdefault(key, False)
            else:
                touched[key] = None if touched.pop(key, _UNTOUCHED) is _UNTOUCHED else True
        dict.__setitem__(self, key, row)

    def __delitem__(self, key: K) -> None:
        dict.__delitem__(self, key)
        touched = self.touched
        if touched is not None and touched.setdefault(key, False) is None:
            del touched[key]

    def drop(self, key: K) -> V | None:
        """Takes the row out, if it is there."""
        if key not in self:
            return None
        row = self[key]
        del self[key]
        return row

    def copy(self) -> Self:
        return type(self)(self)

    def watch(self) -> None:
        """From now on `changes` tells what was changed; the first call tells every row."""
        self.touched = dict.fromkeys(self, False)

    def changes(self) -> list[tuple[K, V | None]]:
        """What changed since the last call, in order: the key, and its row or None where it is gone."""
        if not self.touched:
            return []
        changed: list[tuple[K, V | None]] = []
        for key, moved in self.touched.items():
            if moved and key in self:
                changed.append((key, None))
            changed.append((key, self.get(key)))
        self.touched.clear()
        return changed

    def _untold(self, *_: Any, **__: Any) -> Any:
        raise TypeError("a table changes by `table[key] = row`, `del table[key]` and `drop` alone")

    # These would change rows behind the back of `touched`.
    pop = popitem = clear = update = setdefault = __ior__ = _untold


class Core:
    """Base of every core: a name, its draws, and its tables by attribute name."""

    TABLES: ClassVar[tuple[str, ...]] = ()

    def __init__(self, name: str, draws: Draws) -> None:
        self.name = name
        self.draws = draws

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        """Takes an event, changes the tables, returns what is to be done.

        Raises `ProtocolError` for an event that is illegal now; then nothing is changed.
        """
        raise NotImplementedError

    def tables(self) -> dict[str, Table[Any, Any]]:
        return {name: getattr(self, name) for name in self.TABLES}

    def fork(self) -> Self:
        """A twin with the same past and a future of its own."""
        twin = copy.copy(self)
        twin.draws = self.draws.copy()
        for name in self.TABLES:
            setattr(twin, name, getattr(self, name).copy())
        return twin


class Fault(Protocol):
    """Stands between a core and the world and may change what the core emits.

    `apply` returns None to leave the command alone, or what takes its place: pairs of a delay (ns) and a command.
    """

    name: str

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None: ...

    def fork(self) -> Fault: ...


@runtime_checkable
class Doorkeeper(Protocol):
    """A fault that also sees what comes to its core.

    `admit` returns None to leave the event alone, or what the core is told in its place (None: nothing), and commands
    that are carried out before that, as the core's own.
    """

    def admit(self, event: Any, draws: Draws) -> tuple[Any, Sequence[Command]] | None: ...
