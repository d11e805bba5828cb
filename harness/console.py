"""The terminal: results on stdout, talk on stderr, colours where they are seen, and what Ctrl-C does."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO

from harness.errors import UsageError

if TYPE_CHECKING:
    import asyncio

__all__ = ["end_on_interrupt", "ignore_interrupts", "prepare", "show", "stop_on_signals", "talk", "wants_colour"]

INTERRUPTED = 130
# npm and others pass Ctrl-C on to a child that has got it already; whoever presses it once more means it.
_ENOUGH = 3


def prepare() -> None:
    """Texts of every alphabet can be shown, whatever the terminal's encoding, and are whole, whatever signal comes."""
    sys.stdout, sys.stderr = _prepared(sys.stdout), _prepared(sys.stderr)


def _prepared(stream: Any) -> Any:
    if isinstance(getattr(stream, "buffer", None), io.RawIOBase):
        # Python's without a buffer (PYTHONUNBUFFERED) drops the rest of a text where a signal comes amid its writing.
        encoding = stream.encoding
        return io.TextIOWrapper(io.BufferedWriter(stream.detach()), encoding, errors="backslashreplace")
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")
    return stream


def show(text: str) -> None:
    """A result. Whoever reads stdout may stop to: we go on, so that the exit code stays true.

    Raises `UsageError` where stdout leads to a full disk.
    """
    try:
        _write(sys.stdout, text)
    except OSError as error:
        raise UsageError(f"standard output cannot be written: {error.strerror}") from None


def talk(text: str) -> None:
    """What accompanies the results. Where it cannot be written, nobody misses it."""
    with suppress(OSError):
        _write(sys.stderr, text)


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # it was closed before we were started
        return
    try:
        stream.write(text + "\n")
        stream.flush()
    except OSError as error:
        # What is left in the buffer would be written once more at the end, and fail once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if not isinstance(error, BrokenPipeError):
            raise


def wants_colour(choice: str, stream: TextIO | None) -> bool:
    """`choice`: always, never, or auto: where a terminal shows them, unless the environment says otherwise."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def end_on_interrupt(code: int, last_words: Callable[[], str]) -> None:
    """From now on Ctrl-C says `last_words` on stderr and ends the process at once with `code`.

    An exception would do for most moments, but not for those in which Python swallows it (a finaliser, a callback of
    the garbage collector) or prints it (an import, the end of the interpreter).
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        with suppress(OSError):
            # Not by way of sys.stderr, in the midst of which the signal may have come.
            os.write(2, f"{last_words()}\n".encode("utf-8", "backslashreplace"))
        os._exit(code)

    signal.signal(signal.SIGINT, end)


def stop_on_signals(stop: asyncio.Event) -> None:
    """From now on SIGINT and SIGTERM set `stop`. The running loop's own handlers would be gone before its end."""
    import asyncio

    loop = asyncio.get_running_loop()
    came = 0

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal came
        came += 1
        if came >= _ENOUGH:
            os._exit(INTERRUPTED)
        if not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)


def ignore_interrupts() -> None:
    """All is done, and what is left is to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
