"""Lost updates: the real server's handlers read rows and write them back unlocked (gateway-protocol.md §3.2).

With the fault on, each listener of an event reads its rows in its own time, and what it decides then is stored later
still, whatever has become of the row meanwhile. So a SENT is undone by a handler that had read the row before it, an
attempt is not counted, and two events open a thread each. The answer to a report is read in its own time, too, so now
and then it shows what has come of the report. Every delay is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.core import At, Command
from harness.frozen import frozen
from harness.http.values import Arrived
from harness.instants import MS, Instant
from harness.standin.rows import evolve
from harness.standin.state import LOST_UPDATE, Change, Put, State
from harness.standin.visits import Identity, Visit
from harness.wire.events import Event

__all__ = ["WITHIN_NS", "Listen", "LoseUpdates", "Reread", "Save", "begin", "listen", "reread", "save", "store"]

WITHIN_NS = 20 * MS
"""Of the real server 38 ms were measured from send to push, which takes two handlers one after the other
(harness/recordings/gateway/README.md)."""


@frozen
class LoseUpdates:
    """Event: from now on updates may be lost. Queue, reading and storing take up to `within` (ns) each.

    0 puts an end to it.
    """

    within: int = WITHIN_NS


@frozen
class Listen:
    """Event: the listener `index` of `event` reads its rows and decides. The request `exchange` waits for it."""

    event: Event
    index: int
    exchange: str


@frozen
class Save:
    """Event: a listener stores what it had decided, then does `then`."""

    listener: Listen
    puts: tuple[Put, ...]
    then: tuple[Command, ...]


@frozen
class Reread:
    """Event: the report that `who` made of a message is answered with what the message is by now."""

    arrived: Arrived
    who: Identity
    message_id: str


def begin(state: State, event: LoseUpdates, now: Instant) -> Sequence[Command]:
    if event.within:
        state.faults[LOST_UPDATE] = event.within
    else:
        state.faults.drop(LOST_UPDATE)
    return ()


def listen(state: State, event: Event, listeners: int, now: Instant, exchange: str) -> list[Command]:
    """Every listener of an event in its own time."""
    return [At(now + state.handling(), Listen(event, index, exchange)) for index in range(listeners)]


def save(state: State, listener: Listen, change: Change, now: Instant) -> At | None:
    """The storing of a change, later. None if the server writes the change at one stroke."""
    if not any(table in _RACED and row is not None for table, _, row in change.puts):
        return None
    puts = tuple([_columns(state, put) for put in change.puts])
    return At(now + state.handling(), Save(listener, puts, change.then))


def reread(state: State, visit: Visit, message_id: str) -> At:
    """The answer to a report, later: the server reads the message anew while its event is on the way (§2.8)."""
    arrived = Arrived(visit.exchange, visit.request)
    return At(visit.now + state.handling(), Reread(arrived, visit.who, message_id))


# All other tables are written in transactions, or added up in the database.
_RACED = ("messages", "threads")
# Of a message the whole row is written; of a thread that exists these columns, and the flags that change.
_COLUMNS = ("order_at", "last_message_id", "last_message_content", "status", "updated_at")
_FLAGS = ("is_read", "is_archived")


def _columns(state: State, put: Put) -> Put:
    table, key, row = put
    known = state.threads.get(key) if table == "threads" else None
    if known is None:
        return put
    flags = [name for name in _FLAGS if getattr(row, name) is not getattr(known, name)]
    return table, key, {name: getattr(row, name) for name in (*_COLUMNS, *flags)}


def store(state: State, puts: tuple[Put, ...]) -> None:
    """Writes what `save` put off, over whatever stands there now."""
    for table, key, row in puts:
        if type(row) is not dict:
            state.store(((table, key, row),))
            continue
        thread: Any = state.threads.get(key)
        if thread is not None:  # to update a row that is gone changes nothing
            state.threads[key] = evolve(thread, **row)
