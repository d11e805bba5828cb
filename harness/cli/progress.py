"""How far work is: one line that changes on a terminal, else a line now and then."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self, TextIO

__all__ = ["Bars", "Count"]

_CELLS = 10
_COLUMNS = 80
_REDRAWN_S = 0.1
# Whoever reads a log wants to know that it goes on, no more.
_TOLD_S = 5.0


class _Line:
    """A line that is drawn anew. Use as a context: on a terminal, nothing of it is left at the end."""

    def __init__(self, stream: TextIO | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._draws = stream is not None and stream.isatty() and not os.environ.get("CI")
        self._is_drawn = False
        self._shown_at = clock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.wipe()

    def wipe(self) -> None:
        """Makes room for what somebody else writes."""
        if self._is_drawn:
            self._write("\r\x1b[K")
            self._is_drawn = False

    def _draw(self, line: str) -> None:
        self._write(f"\r\x1b[K{line[: self._columns() - 1]}")
        self._is_drawn = True

    def _is_time(self) -> bool:
        """Enough has passed since something was shown."""
        now = self._clock()
        if now - self._shown_at < (_REDRAWN_S if self._draws else _TOLD_S):
            return False
        self._shown_at = now
        return True

    def _columns(self) -> int:
        with suppress(OSError):  # what is none says that it is a terminal, or it is gone
            return os.get_terminal_size(self._stream.fileno()).columns or _COLUMNS if self._stream else _COLUMNS
        return _COLUMNS

    def _write(self, text: str) -> None:
        if self._stream is not None:
            with suppress(OSError):
                self._stream.write(text)
                self._stream.flush()


class Bars(_Line):
    """A bar for each job."""

    def __init__(self, stream: TextIO | None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream, clock)
        self._jobs: dict[str, tuple[int, int]] = {}

    def show(self, job: str, done: int, of: int) -> None:
        """`done` calls `of` so many are answered."""
        if self._jobs.get(job) == (done, of):
            return
        self._jobs[job] = (done, of)
        is_over = done == of
        if not self._is_time() and not is_over:
            return
        if self._draws:
            self._draw(self._line())
        else:
            told = "its one call" if is_over and of == 1 else f"{'all' if is_over else f'{done:,} of'} {of:,} calls"
            self._write(f"{job}: {told} answered\n")

    def _line(self) -> str:
        parts = [f"{job} {_bar(done, of)}" for job, (done, of) in self._jobs.items()]
        return "  ".join(parts)


class Count(_Line):
    """One bar, with what it came to so far (which is worked out only if it is shown), and what is under way."""

    def show(self, done: int, of: int, so_far: Callable[[], str], under_way: str = "") -> None:
        if done == of or not self._is_time():
            return
        if self._draws:
            self._draw(f"{_bar(done, of)}  {done} of {of}: {so_far()}{f'  · {under_way}' if under_way else ''}")
        else:
            self._write(f"{done} of {of}: {so_far()}\n")


def _bar(done: int, of: int) -> str:
    full = _CELLS * done // of if of else _CELLS
    return f"[{'#' * full}{'.' * (_CELLS - full)}] {100 * done // of if of else 100}%"
