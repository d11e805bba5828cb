"""A command that runs: it talks in effects, and whoever runs it feeds its input and takes its output.

A talk is a generator. It yields `Out`, `Err`, `Delay`, `READ` (answered with octets of its input, none at its end) or
`IDLE` (nothing to say now), and returns its exit status. Closing it is cancelling it.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Generator, Iterator
from typing import Protocol, assert_never

from harness.frozen import frozen

__all__ = [
    "CANCELLED",
    "IDLE",
    "KEPT_MAX",
    "PIECE",
    "READ",
    "Delay",
    "Effect",
    "Err",
    "Kept",
    "Out",
    "Output",
    "Process",
    "Ran",
    "Sink",
    "Talk",
    "Wait",
    "encoded",
    "endless",
    "pieces",
    "said",
    "through",
]

PIECE = 65_536
"""How many octets a command says at once."""
KEPT_MAX = 4 << 20
"""How many octets of what is said to it a command can keep: the memory that it has."""
_TURN_PIECES = 16
CANCELLED = 130
"""The exit status of what was interrupted: 128 and SIGINT."""


@frozen
class Out:
    data: bytes


@frozen
class Err:
    data: bytes


@frozen
class Delay:
    """The command sleeps before it goes on."""

    delay_ms: int


class Wait(enum.Enum):
    INPUT = "input"
    NEWS = "news"


READ = Wait.INPUT
IDLE = Wait.NEWS

Effect = Out | Err | Delay | Wait
Talk = Generator[Effect, bytes, int]


@frozen
class Ran:
    """What a command said, and its exit status; `delay_ms` is how long it slept on the way."""

    out: bytes = b""
    err: bytes = b""
    code: int = 0
    delay_ms: int = 0


@frozen
class Output:
    """Some of what a process says. It sleeps for `delay_ms` before it says more."""

    out: bytes = b""
    err: bytes = b""
    delay_ms: int = 0


def encoded(text: str) -> bytes:
    """UTF-8; octets that were none when the text was read come out as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def said(ran: Ran) -> Talk:
    """What has run already, as a talk."""
    if ran.delay_ms:
        yield Delay(ran.delay_ms)
    if ran.out:
        yield Out(ran.out)
    if ran.err:
        yield Err(ran.err)
    return ran.code


def pieces(data: bytes) -> Iterator[bytes]:
    """Cut into pieces of the size that a command says at once."""
    whole = memoryview(data)
    for start in range(0, len(data), PIECE):
        yield bytes(whole[start : start + PIECE])


def endless(piece: bytes) -> Talk:
    """Says the same again and again. It takes its time: who reads it for nobody would leave nobody else a turn."""
    while True:
        for _ in range(_TURN_PIECES):
            yield Out(piece)
        yield Delay(1)


class Sink(Protocol):
    """Takes what a talk says, until it has enough of it."""

    @property
    def has_enough(self) -> bool: ...

    def take(self, data: bytes) -> bytes:
        """What is said of it at once."""
        ...


def through(source: Talk, sink: Sink) -> Talk:
    """A talk, what it says going through `sink`. It ends with the talk, and has its status, or once that has enough."""
    answer: bytes | None = None
    try:
        while not sink.has_enough:
            try:
                effect = next(source) if answer is None else source.send(answer)
            except StopIteration as end:
                code: int = end.value
                return code
            answer = None
            if not isinstance(effect, Out):
                answer = yield effect
            elif said := sink.take(effect.data):
                yield Out(said)
        return 0
    finally:
        source.close()


class Kept:
    """Keeps what it takes; it has enough when that is more than KEPT_MAX."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    @property
    def has_enough(self) -> bool:
        return self._size > KEPT_MAX

    @property
    def data(self) -> bytes:
        return b"".join(self._pieces)

    def take(self, data: bytes) -> bytes:
        self._pieces.append(data)
        self._size += len(data)
        return b""


class Process:
    """A running command. `code` is None until it has ended.

    `waits_for_input`: nothing more comes before `feed` or `end_input`. `is_idle`: nothing more comes before something
    happens on the device; ask again.
    """

    def __init__(self, talk: Talk) -> None:
        self.code: int | None = None
        self.is_idle = False
        self._talk = talk
        self._input: deque[bytes] = deque()
        self._input_ended = False
        self._answer: bytes | None = None
        self._asks = False

    @property
    def waits_for_input(self) -> bool:
        return self.code is None and self._asks and not (self._input or self._input_ended)

    def feed(self, data: bytes) -> None:
        """More of its input. What comes after its end is dropped."""
        if data and not self._input_ended:
            self._input.append(data)

    def end_input(self) -> None:
        self._input_ended = True

    def cancel(self) -> None:
        """Ends it, as Ctrl-C does; what it has not said stays unsaid."""
        if self.code is None:
            self._talk.close()
            self.code = CANCELLED

    def take(self, most: int = PIECE) -> Output:
        """What it says next: about `most` octets, all there is now, or what comes before it sleeps."""
        out: list[bytes] = []
        err: list[bytes] = []
        delay_ms = size = 0
        while size < most and not delay_ms and (effect := self._next()) is not None:
            match effect:
                case Out(data):
                    out.append(data)
                    size += len(data)
                case Err(data):
                    err.append(data)
                    size += len(data)
                case Delay():
                    delay_ms = effect.delay_ms
                case _:
                    assert_never(effect)
        return Output(b"".join(out), b"".join(err), delay_ms)

    def _next(self) -> Out | Err | Delay | None:
        """None: it has ended, or waits."""
        self.is_idle = False
        while self.code is None:
            if self._asks and not self._has_input():
                return None
            effect = self._step()
            match effect:
                case None:
                    return None
                case Wait.INPUT:
                    self._asks = True
                case Wait.NEWS:
                    self._answer = b""
                    self.is_idle = True
                    return None
                case _:
                    return effect
        return None

    def _has_input(self) -> bool:
        if not self._input and not self._input_ended:
            return False
        self._answer = self._input.popleft() if self._input else b""
        self._asks = False
        return True

    def _step(self) -> Effect | None:
        answer, self._answer = self._answer, None
        try:
            return next(self._talk) if answer is None else self._talk.send(answer)
        except StopIteration as end:
            self.code = end.value & 0xFF
            return None
