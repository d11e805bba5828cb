"""Who talks to a runner: what is written when, what an answer is an answer to, and when a process is given up.

`RunnerTalk` decides, a driver does it (harness/adapters/runner_process.py). It never waits and has no clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, ClassVar, NamedTuple

from harness.errors import ProtocolError
from harness.frozen import frozen
from harness.instants import Instant, ns, seconds
from harness.interop import protocol
from harness.interop.calls import Call, Encrypt
from harness.interop.complaints import Complaints
from harness.interop.outcomes import Crashed, Garbled, NotRun, Outcome, Silent, Skipped
from harness.interop.results import Hello

__all__ = [
    "ANSWER_BYTES",
    "ANSWER_TIMES",
    "LIMITS",
    "Begun",
    "CloseInput",
    "Command",
    "Ended",
    "Event",
    "Kill",
    "Limits",
    "LineTooLong",
    "LinesRead",
    "NotStarted",
    "OutputClosed",
    "RunnerTalk",
    "Start",
    "Started",
    "Talked",
    "TimeUp",
    "Write",
]


@frozen
class Limits:
    """How much patience there is with a runner.

    `start_s`: until it has said hello. `per_call_s`: for the oldest call without an answer, since it is the oldest.
    `end_s`: between bye, or the end of its output, and the end of the process. At most `window` calls are under way,
    and `window_bytes` of requests unless there is just one. `line_bytes`: the longest line that is read.

    A runner is given up after `deaths` at calls that it answers when asked again, `crashes` (calls that end the
    process each time, or make it print too much), `silences` (calls without an answer), or as many failed
    `starts` in succession.
    """

    per_call_s: float = 10
    start_s: float = 30
    end_s: float = 5
    window: int = 64
    window_bytes: int = 1 << 20
    line_bytes: int = 8 << 20
    deaths: int = 20
    crashes: int = 200
    silences: int = 20
    starts: int = 3


LIMITS = Limits()


@frozen
class Talked:
    """What came of a talk. `outcomes` are those of the calls, in their order; without `hello` there was no talk.

    `complaints` say in words what the runner did beside the protocol. `seconds` pass between the first call and the
    last answer.
    """

    hello: Hello | None
    outcomes: tuple[Outcome, ...]
    complaints: tuple[str, ...] = ()
    restarts: int = 0
    seconds: float = 0.0


# -- events: what happened ---------------------------------------------------------------------------------------------


@frozen
class Begun:
    """The driver is ready. The first event, once."""


@frozen
class Started:
    """The process runs."""


@frozen
class NotStarted:
    """There is no process, and `why`."""

    why: str


@frozen
class LinesRead:
    """What the process printed, line by line, without LF."""

    lines: Sequence[bytes]


@frozen
class LineTooLong:
    """It prints a line that is longer than `Limits.line_bytes`. Nothing more is read."""


@frozen
class OutputClosed:
    """Nothing will come on its stdout any more."""


@frozen
class Ended:
    """The process is gone, and all that it printed was told. `how`: "exit status 3" or "SIGKILL"."""

    how: str
    last_words: str = ""  # the most telling line on its stderr


@frozen
class TimeUp:
    """`RunnerTalk.wake_at` has come."""


Event = Begun | Started | NotStarted | LinesRead | LineTooLong | OutputClosed | Ended | TimeUp


# -- commands: what is to be done --------------------------------------------------------------------------------------


@frozen
class Start:
    """Start the process. `Started` or `NotStarted` is the next event."""


@frozen
class Write:
    data: bytes


@frozen
class CloseInput:
    """Close its stdin, once all is written."""


@frozen
class Kill:
    """Kill the process and what it started. `Ended` comes, and until then what it printed."""


Command = Start | Write | CloseInput | Kill


# -- the machine -------------------------------------------------------------------------------------------------------

# How a process ends that did all it was asked for.
_CLEAN = "exit status 0"
_SHOWN_BYTES = 80  # of a line that is no answer
# An honest answer is hardly longer than its request, and a trace beside a message has a few thousand bytes.
# Without a bound each of a thousand answers might fill `Limits.line_bytes`, and all of them are kept.
ANSWER_BYTES = 64 * 1024
ANSWER_TIMES = 8
_WHY_MAX = 300


class _State(Enum):
    NEW = "new"
    STARTING = "starting"
    GREETING = "greeting"  # hello is asked
    TALKING = "talking"
    MUTE = "mute"  # its output is closed, its end is awaited
    LEAVING = "leaving"  # bye is asked
    ENDING = "ending"  # it was killed
    DONE = "done"


class _Pending(NamedTuple):
    """A call under way: which one, and how many bytes its request has."""

    call: int
    size: int


class RunnerTalk:
    """Asks a runner all `calls`, whatever it does.

    `handle` takes an event and returns what is to be done, in order. Raises `ProtocolError` for an event that cannot
    happen now, and then changes nothing. When `is_done`, `talked` has the result: each call has its outcome.

    A call at which the process dies may have been felled by one before it, or by chance: it is asked again, alone in a
    new process. Only what dies there too has crashed.
    """

    def __init__(self, calls: Sequence[Call], limits: Limits = LIMITS) -> None:
        self._calls = calls
        self._limits = limits
        self._state = _State.NEW
        self._outcomes: list[Outcome | None] = [None] * len(calls)
        self._todo = deque(range(len(calls)))
        self._pending: dict[int, _Pending] = {}  # by the id of the request, the oldest first
        self._pending_bytes = 0
        self._suspect: int | None = None  # index of the call at which the process died
        self._suspicion = ""  # how it died there
        self._last_id = 0
        self._greeting = self._farewell = 0  # ids of hello and bye
        self._said_farewell = False
        self._hello: Hello | None = None  # of the process that runs
        self._first_hello: Hello | None = None
        self._complaints = Complaints()
        self._starts = self._failed_starts = 0
        self._deaths = self._crashes = self._silences = 0
        self._hello_due_at: Instant = 0
        self._oldest_at: Instant = 0  # since when the oldest call is the oldest
        self._asked_at: Instant | None = None
        self._answered_at: Instant = 0
        self.settled = 0
        """How many calls have their outcome."""
        self.wake_at: Instant | None = None
        """When `TimeUp` is due, unless something else happens before."""

    @property
    def is_done(self) -> bool:
        return self._state is _State.DONE

    @property
    def talked(self) -> Talked:
        """The result. A call without an outcome, which there is only before the end, is `NotRun`."""
        outcomes = tuple(NotRun("the talk was broken off") if one is None else one for one in self._outcomes)
        took = 0 if self._asked_at is None else max(0, self._answered_at - self._asked_at)
        return Talked(self._first_hello, outcomes, self._complaints.texts, max(0, self._starts - 1), seconds(took))

    def handle(self, event: Event, now: Instant) -> list[Command]:
        handler = self._HANDLERS.get((self._state, type(event)))
        if handler is None:
            raise ProtocolError("runner talk", event, self._state.value)
        return handler(self, event, now)

    # -- the process's life ------------------------------------------------------------------------------------------

    def _start(self, _event: Event, now: Instant) -> list[Command]:
        self._state = _State.STARTING
        self._starts += 1
        self._hello_due_at = now + ns(self._limits.start_s)
        self.wake_at = None
        return [Start()]

    def _started(self, _event: Event, _now: Instant) -> list[Command]:
        self._state = _State.GREETING
        self._greeting = self._next_id()
        self.wake_at = self._hello_due_at
        return [Write(protocol.request(self._greeting, protocol.HELLO))]

    def _not_started(self, event: NotStarted, now: Instant) -> list[Command]:
        self._fail_start(f"it cannot be started: {event.why}")
        return self._go_on(event, now)

    def _output_closed(self, _event: OutputClosed, now: Instant) -> list[Command]:
        self._state = _State.MUTE
        self.wake_at = now + ns(self._limits.end_s)
        return []

    def _died(self, event: Ended, now: Instant) -> list[Command]:
        if self._pending:
            self._bury(event.how, event.last_words)
        else:
            self._fail_start(_joined(f"it ended before it said hello, with {event.how}", event.last_words))
        return self._go_on(event, now)

    def _left(self, event: Ended, now: Instant) -> list[Command]:
        if not self._said_farewell:
            self._complaints.count("it does not answer bye")
        if event.how != _CLEAN:
            self._complaints.count("it ends badly after bye", _joined(event.how, event.last_words))
        return self._go_on(event, now)

    def _go_on(self, event: Event, now: Instant) -> list[Command]:
        """No process is there."""
        if self._todo:
            return self._start(event, now)
        self._state = _State.DONE
        self.wake_at = None
        return []

    def _kill(self) -> list[Command]:
        self._state = _State.ENDING
        self.wake_at = None
        return [Kill()]

    def _ignore(self, _event: Event, _now: Instant) -> list[Command]:
        return []

    # -- when it takes too long ------------------------------------------------------------------------------------

    def _late(self, event: TimeUp, now: Instant) -> list[Command]:
        if self.wake_at is None or now < self.wake_at:
            return []
        self._GIVE_UPS[self._state](self)
        return self._kill()

    def _no_hello(self) -> None:
        within = f"{self._limits.start_s:g} s"
        self._fail_start(f"it said no hello within {within} (does it flush its output after each line?)")

    def _no_answer(self) -> None:
        self._silences += 1
        self._settle_oldest(Silent(self._limits.per_call_s))
        self._put_back()
        if self._silences >= self._limits.silences:
            self._give_up(f"it left {self._silences} calls without an answer")

    def _no_end_after_output(self) -> None:
        self._complaints.count("it closes its output and goes on running")
        if self._pending:
            self._bury("closed its output", "")
        else:
            self._fail_start("it closed its output before it said hello")

    def _no_end_after_bye(self) -> None:
        self._complaints.count(f"it does not end within {self._limits.end_s:g} s after bye")

    # -- what it prints --------------------------------------------------------------------------------------------

    def _lines_read(self, event: LinesRead, now: Instant) -> list[Command]:
        commands: list[Command] = []
        for line in event.lines:
            commands += self._read(line, now)
            if self._state is _State.ENDING:
                return commands
        if self._state is _State.TALKING:
            commands += self._ask(now)
        return commands

    def _read(self, line: bytes, now: Instant) -> list[Command]:
        read = protocol.parse_answer(line)
        if isinstance(read, protocol.Noise):
            return self._noise(read, line)
        if read.oddity:
            self._complaints.count(f"it writes {read.oddity}")
        if (pending := self._pending.get(read.number)) is not None:
            self._answered(read, pending, len(line), now)
        elif self._state is _State.GREETING and (read.number == self._greeting or "protocol" in read.fields):
            return self._greeted(read, len(line))
        elif self._state is _State.LEAVING and read.number == self._farewell and not self._said_farewell:
            self._said_farewell = True
        else:
            self._unasked(read.number)
        return []

    def _noise(self, noise: protocol.Noise, line: bytes) -> list[Command]:
        if self._state is _State.GREETING and "protocol" in noise.fields:
            return self._refuse_hello(f"its hello cannot be used: {noise.why}")
        shown = line[:_SHOWN_BYTES].decode("utf-8", "replace")
        self._complaints.count("it prints lines that are no answers", f"{shown!r} ({noise.why})")
        return []

    def _unasked(self, number: int) -> None:
        what = "it answers again" if 0 < number <= self._last_id else "it answers what nobody asked"
        self._complaints.count(what, f"id {number}")

    def _too_long(self, event: LineTooLong, _now: Instant) -> list[Command]:
        what = f"a line of more than {self._limits.line_bytes} bytes"
        self._complaints.count(f"it prints {what}")
        if self._state is _State.GREETING:
            self._fail_start(f"it printed {what} before it said hello")
        elif self._state is _State.TALKING:
            self._settle_oldest(Garbled(what))
            self._put_back()
            self._crashed()
        return self._kill()

    # -- hello -----------------------------------------------------------------------------------------------------

    def _greeted(self, read: protocol.Answer, size: int) -> list[Command]:
        if size > ANSWER_BYTES:
            return self._refuse_hello(f"its hello has {size} bytes")
        if read.number != self._greeting:
            return self._refuse_hello(f"its hello has the id {read.number} instead of {self._greeting}")
        told = protocol.hello(read.fields)
        if isinstance(told, str):
            return self._refuse_hello(told)
        self._failed_starts = 0
        self._hello = told
        if self._first_hello is None:
            self._first_hello = told
        self._compare_hellos(self._first_hello, told)
        if told.dialect is None and read.fields.get("dialect") is not None:
            self._complaints.count("it claims a dialect that there is not", repr(read.fields["dialect"]))
        self._state = _State.TALKING
        return []

    def _refuse_hello(self, why: str) -> list[Command]:
        self._give_up(why)
        return self._kill()

    def _compare_hellos(self, first: Hello, told: Hello) -> None:
        if first is told or first == told:
            return
        for name in ("name", "version", "dialect", "can"):
            before, after = getattr(first, name), getattr(told, name)
            if before != after:
                self._complaints.count(
                    f"it says another {name} after a restart", f"{_shown(after)} instead of {_shown(before)}"
                )

    # -- calls -----------------------------------------------------------------------------------------------------

    def _ask(self, now: Instant) -> list[Command]:
        """What there is room for, or bye if nothing is left."""
        if not self._pending:
            self._oldest_at = now
        lines: list[bytes] = []
        while self._todo and self._has_room:
            if line := self._next_line(self._todo.popleft()):
                lines.append(line)
        if not self._pending:
            return self._leave(now)
        self.wake_at = self._oldest_at + ns(self._limits.per_call_s)
        if not lines:
            return []
        if self._asked_at is None:
            self._asked_at = now
        return [Write(b"".join(lines))]

    @property
    def _has_room(self) -> bool:
        if not self._pending:
            return True
        if self._suspect is not None:
            return False
        return len(self._pending) < self._limits.window and self._pending_bytes < self._limits.window_bytes

    def _next_line(self, index: int) -> bytes:
        """The request for a call, or nothing if the runner cannot do such."""
        assert self._hello is not None
        call = self._calls[index]
        operation = "encrypt" if isinstance(call, Encrypt) else "decrypt"
        if operation not in self._hello.can:
            if index == self._suspect:
                self._suspect = None
            self._settle(index, Skipped(f"it cannot {operation}"))
            return b""
        number = self._next_id()
        line = protocol.request(number, call, self._hello)
        self._pending[number] = _Pending(index, len(line))
        self._pending_bytes += len(line)
        return line

    def _answered(self, read: protocol.Answer, pending: _Pending, size: int, now: Instant) -> None:
        oldest = next(iter(self._pending))
        if read.number == oldest:
            self._oldest_at = now
        else:
            self._complaints.count("it answers out of order", f"id {read.number} before {oldest}")
        if size > ANSWER_BYTES + ANSWER_TIMES * pending.size:
            self._settle_pending(read.number, Garbled(f"an answer of {size} bytes"))
        else:
            self._settle_pending(read.number, protocol.outcome(read.fields, self._calls[pending.call]))
        self._answered_at = now
        if pending.call == self._suspect:
            self._acquit()

    def _acquit(self) -> None:
        """The call is not what the process dies of."""
        self._suspect = None
        self._deaths += 1
        self._complaints.count("it dies at calls that it answers when asked again", self._suspicion)
        if self._deaths >= self._limits.deaths:
            self._give_up(f"it died at {self._deaths} calls that it answers when asked again")

    def _bury(self, how: str, last_words: str) -> None:
        """The process died with calls under way."""
        oldest = next(iter(self._pending.values())).call
        if oldest == self._suspect:
            self._settle_oldest(Crashed(how, last_words))
            self._crashed()
        else:
            self._suspect = oldest
            self._suspicion = _joined(how, last_words)
        self._put_back()

    def _crashed(self) -> None:
        self._crashes += 1
        if self._crashes >= self._limits.crashes:
            self._give_up(f"it crashed at {self._crashes} calls")

    def _leave(self, now: Instant) -> list[Command]:
        self._state = _State.LEAVING
        self._farewell = self._next_id()
        self.wake_at = now + ns(self._limits.end_s)
        return [Write(protocol.request(self._farewell, protocol.BYE)), CloseInput()]

    # -- the books -------------------------------------------------------------------------------------------------

    def _next_id(self) -> int:
        """Never one twice, so that no answer of a process before is taken for one of its successor."""
        self._last_id += 1
        return self._last_id

    def _settle(self, index: int, outcome: Outcome) -> None:
        self._outcomes[index] = outcome
        self.settled += 1

    def _settle_pending(self, number: int, outcome: Outcome) -> None:
        done = self._pending.pop(number)
        self._pending_bytes -= done.size
        self._settle(done.call, outcome)

    def _settle_oldest(self, outcome: Outcome) -> None:
        number = next(iter(self._pending))
        if self._pending[number].call == self._suspect:
            self._suspect = None
        self._settle_pending(number, outcome)

    def _put_back(self) -> None:
        """What is under way has to be asked again."""
        self._todo.extendleft(pending.call for pending in reversed(self._pending.values()))
        self._pending.clear()
        self._pending_bytes = 0

    def _fail_start(self, why: str) -> None:
        self._failed_starts += 1
        if self._first_hello is None or self._failed_starts >= self._limits.starts:
            self._give_up(why)

    def _give_up(self, why: str) -> None:
        why = why[:_WHY_MAX]
        self._complaints.count("it was given up", why)
        self._put_back()
        for index in self._todo:
            self._settle(index, NotRun(why))
        self._todo.clear()

    # -- transitions -----------------------------------------------------------------------------------------------

    _HANDLERS: ClassVar[Mapping[tuple[_State, type[Event]], Callable[..., list[Command]]]] = {
        (_State.NEW, Begun): _start,
        (_State.STARTING, Started): _started,
        (_State.STARTING, NotStarted): _not_started,
        (_State.GREETING, LinesRead): _lines_read,
        (_State.GREETING, LineTooLong): _too_long,
        (_State.GREETING, OutputClosed): _output_closed,
        (_State.GREETING, TimeUp): _late,
        (_State.GREETING, Ended): _died,
        (_State.TALKING, LinesRead): _lines_read,
        (_State.TALKING, LineTooLong): _too_long,
        (_State.TALKING, OutputClosed): _output_closed,
        (_State.TALKING, TimeUp): _late,
        (_State.TALKING, Ended): _died,
        (_State.MUTE, TimeUp): _late,
        (_State.MUTE, Ended): _died,
        (_State.LEAVING, LinesRead): _lines_read,
        (_State.LEAVING, LineTooLong): _too_long,
        (_State.LEAVING, OutputClosed): _ignore,
        (_State.LEAVING, TimeUp): _late,
        (_State.LEAVING, Ended): _left,
        (_State.ENDING, LinesRead): _ignore,
        (_State.ENDING, LineTooLong): _ignore,
        (_State.ENDING, OutputClosed): _ignore,
        (_State.ENDING, Ended): _go_on,
    }  # fmt: skip

    _GIVE_UPS: ClassVar[Mapping[_State, Callable[[RunnerTalk], None]]] = {
        _State.GREETING: _no_hello,
        _State.TALKING: _no_answer,
        _State.MUTE: _no_end_after_output,
        _State.LEAVING: _no_end_after_bye,
    }


def _joined(how: str, last_words: str) -> str:
    return f"{how}: {last_words}" if last_words else how


def _shown(value: Any) -> str:
    return ", ".join(sorted(value)) or "nothing" if isinstance(value, frozenset) else repr(value)
