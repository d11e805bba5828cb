"""What several commands share: exit codes, options, and files that results go to."""

from __future__ import annotations

import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click

from harness.console import show, talk
from harness.errors import UsageError

__all__ = [
    "BROKEN",
    "COLOR",
    "DIALECTS",
    "FAILED",
    "NOTHING",
    "PASSED",
    "USAGE",
    "check_outputs",
    "finish",
    "raise_on_interrupt",
    "show_text",
    "url",
    "write",
]

PASSED, FAILED, USAGE, BROKEN, NOTHING = 0, 1, 2, 3, 5

DIALECTS = ("phone", "jvm", "node", "go")
"""Those of harness.cipher. Help answers without loading it."""

T = TypeVar("T")

COLOR = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="auto: on a terminal, unless NO_COLOR is set.",
)


def url(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """An http or https URL. One with a password is not shown."""
    from harness.http.urls import parse_url

    if value is not None and "@" in value:
        raise click.BadParameter("a URL with a user or a password is not taken")
    if value is not None and parse_url(value) is None:
        raise click.BadParameter(f"{value!r} is no http or https URL; write it like http://127.0.0.1:8000")
    return value


def check_outputs(*paths: str | None) -> None:
    """Finds out before the work is done whether its results can be written."""
    if paths.count("-") > 1:
        raise UsageError("only one output can go to standard output", "give the others a file")
    files = [_output(path) for path in paths if path is not None and path != "-"]
    if len(set(files)) < len(files):
        raise UsageError("two outputs would go to one file", "give each a file of its own")


def _output(path: str) -> Path:
    try:
        file = Path(path).resolve()
        is_folder, has_folder = file.is_dir(), file.parent.is_dir()
    except RuntimeError:  # before Python 3.13, links that lead to each other
        raise UsageError(f"{path}: links that lead in a circle", "give another file") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "give a file that can be written") from None
    if is_folder:
        raise UsageError(f"{path}: a folder", "give a file")
    if not has_folder:
        raise UsageError(f"{path}: no such folder", "give a file in a folder that exists")
    return file


def write(path: str, text: str) -> None:
    """The text into a file, or on standard output (`-`)."""
    if path == "-":
        show(text)
        return
    try:
        Path(path).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "give a file that can be written") from None


def raise_on_interrupt() -> None:
    """From now on Ctrl-C is an exception, also where it was ignored: what is under way is ended and tidied up. So are
    SIGTERM and SIGHUP: children have sessions of their own, and would outlive us and the terminal."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in _ends():
        signal.signal(number, signal.default_int_handler)


def _ends() -> list[signal.Signals]:
    """The signals that end a process, but for those that are to be ignored (nohup)."""
    return [each for each in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) is not signal.SIG_IGN]


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Runs `work` to its end, and gives what it returns. On Ctrl-C, SIGTERM and SIGHUP it is cancelled, and
    KeyboardInterrupt raised."""
    import asyncio

    results: list[T] = []

    async def main() -> None:
        if (task := asyncio.current_task()) is not None:
            for number in _ends():
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        # asyncio.run makes a repr of what its coroutine returns (3.11), which takes long for a large result.
        results.append(await work)

    raise_on_interrupt()
    try:
        asyncio.run(main())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    return results[0]


def show_text(entry: Any) -> None:
    """One line for each text that a handset shows."""
    if (entry.hop, entry.kind) in (("contact", "received"), ("contact", "wrote")):
        facts = entry.facts
        talk(f"{facts['from']} -> {facts['to']}: {facts['text']}")
