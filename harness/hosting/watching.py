"""Waiting for the trace of a gateway that runs in another thread."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import field
from typing import Any, Generic, TypeVar

from harness.errors import NotSeen
from harness.frozen import frozen
from harness.trace import Entry

__all__ = ["Wanted", "Watch"]

T = TypeVar("T")
F = TypeVar("F")


@frozen
class Wanted(Generic[T]):
    """What somebody waits for. `words` name it: `a text to +18005550100`.

    `fits` looks at one entry; what it makes of the first one that fits, anything but None, is what was wanted, and no
    other wait gets to see that entry before. `story` tells in lines what came instead.
    """

    words: str
    fits: Callable[[Entry], T | None]
    story: Callable[[Sequence[Entry]], Sequence[str]]


@frozen
class _Waiter:
    fits: Callable[[Entry], Any | None]
    future: Future[Any] = field(repr=False)
    loop: asyncio.AbstractEventLoop = field(repr=False)


class Watch:
    """The entries of one world, as they are written. Any thread may read and wait.

    A wait is of the test in which it has begun, and ends with it: what a test leaves waiting takes nothing of the next.
    """

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._entries: list[Entry] = []
        self._first = 0  # earlier ones are of worlds that have ended
        self._test = 0  # counts them
        self._grown = threading.Condition()
        self._waiters: list[_Waiter] = []

    def grow(self, entry: Entry) -> None:
        with self._grown:
            self._entries.append(entry)
            self._grown.notify_all()
            for waiter in [waiter for waiter in self._waiters if _is_served(waiter, entry)]:
                self._waiters.remove(waiter)

    def begin(self) -> None:
        """Another world of the same test begins."""
        with self._grown:
            self._first = len(self._entries)

    def begin_anew(self) -> None:
        """Another test begins: nothing that came before is kept, and nobody waits on."""
        with self._grown:
            self._entries, self._first = [], 0
            self._test += 1
            self._grown.notify_all()
            left, self._waiters = self._waiters, []
        for waiter in left:
            _tell(waiter, _ENDED)

    @property
    def entries(self) -> list[Entry]:
        """All that are kept, also of worlds that have ended."""
        with self._grown:
            return list(self._entries)

    @property
    def own(self) -> list[Entry]:
        """Those of this world."""
        with self._grown:
            return self._entries[self._first :]

    def wait(self, wanted: Wanted[T], timeout_s: float | None) -> T:
        """Raises `NotSeen` when the time is over."""
        __tracebackhide__ = True
        limit_s = self.timeout_s if timeout_s is None else timeout_s
        until = time.monotonic() + limit_s
        with self._grown:
            test, seen = self._test, self._first
            while test == self._test:
                found = _first_fitting(wanted, self._entries[max(seen, self._first) :])
                if found is not None:
                    return found
                seen = len(self._entries)
                left_s = until - time.monotonic()
                if left_s <= 0 or not self._grown.wait(left_s):
                    break
            has_ended = test != self._test
        raise _ended(wanted, limit_s) if has_ended else self._not_seen(wanted, limit_s, _in_a_loop())

    async def arrival(self, wanted: Wanted[T], timeout_s: float | None) -> T:
        """The same for an event loop of asyncio, which goes on meanwhile. Raises `NotSeen`."""
        __tracebackhide__ = True
        limit_s = self.timeout_s if timeout_s is None else timeout_s
        waiter = _Waiter(wanted.fits, Future(), asyncio.get_running_loop())
        waiter.future.set_running_or_notify_cancel()  # what it has taken is its own, whoever gives up just then
        with self._grown:
            found = _first_fitting(wanted, self._entries[self._first :])
            if found is not None:
                return found
            self._waiters.append(waiter)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(limit_s):
                    await asyncio.wrap_future(waiter.future)
        finally:
            self._leave(waiter)
        if not waiter.future.done():
            raise self._not_seen(wanted, limit_s, in_a_loop=False)
        if waiter.future.result() is _ENDED:
            raise _ended(wanted, limit_s)
        arrived: T = waiter.future.result()  # also what came in the very last moment
        return arrived

    def _leave(self, waiter: _Waiter) -> None:
        with self._grown, suppress(ValueError):
            self._waiters.remove(waiter)

    def _not_seen(self, wanted: Wanted[Any], limit_s: float, in_a_loop: bool) -> NotSeen:
        hint = (_IN_A_LOOP,) if in_a_loop else ()
        return NotSeen(wanted.words, limit_s, (*wanted.story(self.own), *hint))


_ENDED = object()
_IN_A_LOOP = "this wait held up the event loop of its own thread: what runs in that loop stood still (await instead)"


def _ended(wanted: Wanted[Any], limit_s: float) -> NotSeen:
    return NotSeen(wanted.words, limit_s, ("the test in which this wait began has ended",))


def _first_fitting(wanted: Wanted[T], entries: Sequence[Entry]) -> T | None:
    for entry in entries:
        found = wanted.fits(entry)
        if found is not None:
            return found
    return None


def _is_served(waiter: _Waiter, entry: Entry) -> bool:
    """Whether it waits no longer."""
    if waiter.loop.is_closed():  # with the wait in it: nobody would get what it takes
        return True
    found = waiter.fits(entry)
    if found is not None:
        _tell(waiter, found)
    return found is not None


def _tell(waiter: _Waiter, found: object) -> None:
    if not waiter.loop.is_closed():
        waiter.future.set_result(found)


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
