"""How far several jobs are: one line that changes on a terminal, else a line now and then."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self, TextIO

__all__ = ["Bars"]

_CELLS = 10
_COLUMNS = 80
_REDRAWN_S = 0.1
# Whoever reads a log wants to know that it goes on, no more.
_TOLD_S = 5.0


class Bars:
    """Use as a context: on a terminal, nothing of it is left at the end."""

    def __init__(self, stream: TextIO | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._draws = stream is not None and stream.isatty() and not os.environ.get("CI")
        self._jobs: dict[str, tuple[int, int]] = {}
        self._shown_at = clock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._draws and self._jobs:
            self._write("\r\x1b[K")

    def show(self, job: str, done: int, of: int) -> None:
        """`done` calls `of` so many are answered."""
        if self._jobs.get(job) == (done, of):
            return
        self._jobs[job] = (done, of)
        is_over, now = done == of, self._clock()
        if now - self._shown_at < (_REDRAWN_S if self._draws else _TOLD_S) and not is_over:
            return
        self._shown_at = now
        if self._draws:
            self._write(f"\r\x1b[K{self._line()}")
        else:
            told = "its one call" if is_over and of == 1 else f"{'all' if is_over else f'{done:,} of'} {of:,} calls"
            self._write(f"{job}: {told} answered\n")

    def _line(self) -> str:
        parts = [f"{job} {_bar(done, of)}" for job, (done, of) in self._jobs.items()]
        return "  ".join(parts)[: self._columns() - 1]

    def _columns(self) -> int:
        with suppress(OSError):  # what is none says that it is a terminal, or it is gone
            return os.get_terminal_size(self._stream.fileno()).columns or _COLUMNS if self._stream else _COLUMNS
        return _COLUMNS

    def _write(self, text: str) -> None:
        if self._stream is not None:
            with suppress(OSError):
                self._stream.write(text)
                self._stream.flush()


def _bar(done: int, of: int) -> str:
    full = _CELLS * done // of if of else _CELLS
    return f"[{'#' * full}{'.' * (_CELLS - full)}] {100 * done // of if of else 100}%"
