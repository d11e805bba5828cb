"""A conversation with one runner, as a script that opens nothing.

The script is a generator: it yields what is to be done (`Start`, `Write`, `CloseInput`, `Hear`) and, as soon as it has
decided one, a `Check`. After a `Hear` it is sent what was heard.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from typing import Any, Literal

from harness.frozen import frozen
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.outcomes import Outcome
from harness.interop.protocol import HELLO, Answer, hello, outcome, parse_answer, request
from harness.interop.results import Hello

__all__ = [
    "Asked", "Check", "CloseInput", "Ended", "Hear", "Heard", "Late", "Line", "Reply", "Script", "Start", "Step",
    "Subject", "Write", "cut",
]  # fmt: skip

_SHOWN = 100


@frozen
class Check:
    """A rule, and what was `found`. A `note` is no fault; where it is `wrong`, `remedy` says what to change."""

    verdict: Literal["right", "wrong", "note"]
    rule: str
    found: str = ""
    remedy: str = ""


@frozen
class Start:
    """A new process is started; the last one is ended."""


@frozen
class Write:
    """`data` goes to its standard input. From now on its time counts anew."""

    data: bytes


@frozen
class CloseInput:
    """Its standard input ends. From now on its time counts anew."""


@frozen
class Hear:
    """The script waits for what comes next."""


@frozen
class Line:
    """A line of its standard output, without the end of line."""

    data: bytes


@frozen
class Ended:
    """Its output has ended, or it was never started; `how` says it in words, `status` if the process has ended."""

    how: str
    status: int | None = None


@frozen
class Late:
    """Nothing came in `seconds`."""

    seconds: float


Heard = Line | Ended | Late
Step = Start | Write | CloseInput | Hear | Check
Script = Generator[Step, Heard | None, None]

Asked = Call | Mapping[str, Any]
"""What a rule asks: a call, or the fields of some other request."""


@frozen
class Reply:
    """The fields of an answer, or none if none came; `said` shows them, or tells what came instead."""

    fields: dict[str, Any]
    said: str
    outcome: Outcome | None = None  # of a call


class Subject:
    """The runner as the script sees it. It is not asked any more once it has ended or was late."""

    def __init__(self) -> None:
        self.is_alive = False
        self.trouble = ""  # how it ended
        self.hello: Hello | str = ""  # or what is wrong with it
        self.noise: list[str] = []
        self._last_id = 0

    def can(self, operation: str) -> bool:
        return isinstance(self.hello, Hello) and operation in self.hello.can

    def start(self) -> Generator[Step, Heard | None, Reply]:
        """A new process, and its answer to `hello`."""
        yield Start()
        self.is_alive = True
        [reply] = yield from self.ask({"op": HELLO, "protocol": 1})
        if reply.fields and not isinstance(self.hello, Hello):
            self.hello = hello(reply.fields)
        return reply

    def ask(self, *asked: Asked) -> Generator[Step, Heard | None, list[Reply]]:
        """All requests at once, and the replies in their order."""
        replies = yield from self.ask_all(asked)
        first = self._last_id - len(asked) + 1
        return [replies.get(number) or Reply({}, self.trouble) for number in range(first, first + len(asked))]

    def ask_all(self, asked: tuple[Asked, ...]) -> Generator[Step, Heard | None, dict[int, Reply]]:
        """All requests at once, and the replies by their ids, in the order in which they came."""
        wanted = dict(enumerate(asked, self._last_id + 1))
        self._last_id += len(asked)
        if self.is_alive:
            yield Write(b"".join(self._line(number, one) for number, one in wanted.items()))
            return (yield from self._replies(wanted))
        return {}

    def _line(self, number: int, asked: Asked) -> bytes:
        if isinstance(asked, Encrypt | Decrypt):
            return request(number, asked, self.hello if isinstance(self.hello, Hello) else None)
        return json.dumps({"id": number, **asked}, separators=(",", ":")).encode("ascii") + b"\n"

    def _replies(self, missing: dict[int, Asked]) -> Generator[Step, Heard | None, dict[int, Reply]]:
        replies: dict[int, Reply] = {}
        while missing and (line := (yield from self.hear())) is not None:
            answer = parse_answer(line)
            if not isinstance(answer, Answer) or answer.number not in missing:
                self.noise.append(_readable(line))
                continue
            if answer.oddity:
                self.noise.append(f"{_readable(line)} ({answer.oddity})")
            replies[answer.number] = _reply(answer.fields, line, missing.pop(answer.number))
        return replies

    def hear(self) -> Generator[Step, Heard | None, bytes | None]:
        """The next line; None if none comes any more."""
        heard = yield Hear()
        if isinstance(heard, Line):
            return heard.data
        self.is_alive = False
        if heard is not None:
            self.trouble = heard.how if isinstance(heard, Ended) else f"nothing came within {heard.seconds:g} s"
        return None

    def hear_the_end(self) -> Generator[Step, Heard | None, int | None]:
        """Lets it end. The status that it ended with, None if it did not."""
        while isinstance(heard := (yield Hear()), Line):
            self.noise.append(_readable(heard.data))
        self.is_alive = False
        self.trouble = heard.how if isinstance(heard, Ended) else "it goes on"
        return heard.status if isinstance(heard, Ended) else None


def _reply(fields: dict[str, Any], line: bytes, asked: Asked) -> Reply:
    return Reply(fields, _readable(line), outcome(fields, asked) if isinstance(asked, Encrypt | Decrypt) else None)


def _readable(line: bytes) -> str:
    return cut(line[: 4 * _SHOWN].decode("utf-8", "backslashreplace"), len(line))


def cut(text: str, length: int | None = None) -> str:
    """The beginning of a long text."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({length or len(text)} characters)"
