"""What several commands share: exit codes, options, and files that results go to."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Self, TypeVar

import click

from harness.console import INTERRUPTED, show, talk
from harness.errors import UsageError

__all__ = [
    "BROKEN",
    "COLOR",
    "DIALECTS",
    "FAILED",
    "NOTHING",
    "PASSED",
    "USAGE",
    "Grouped",
    "Interrupts",
    "check_outputs",
    "finish",
    "keep_hyphens",
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


class _Formatter(click.HelpFormatter):
    """Breaks no line at a hyphen: names of files and options stay whole. click's own wrapping has no switch for that,
    so hyphens are others until a text has been wrapped."""

    def write(self, string: str) -> None:
        super().write(string.replace(_WHOLE, "-"))

    def write_text(self, text: str) -> None:
        super().write_text(text.replace("-", _WHOLE))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(term, text.replace("-", _WHOLE)) for term, text in rows], col_max, col_spacing)


_WHOLE = "\N{NON-BREAKING HYPHEN}"


class _Context(click.Context):
    formatter_class = _Formatter


def keep_hyphens(command: click.Command) -> None:
    """The help of the command, and of those within it, keeps words with hyphens whole."""
    command.context_class = _Context
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        keep_hyphens(inner)


class Grouped(click.Command):
    """A command with many options: its help shows them under headings. `groups`: heading → names of parameters."""

    def __init__(self, *args: Any, groups: Mapping[str, Sequence[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = groups

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        records = {each.name: each.get_help_record(ctx) for each in options}
        named = {name for names in self.groups.values() for name in names}
        others = [name for name in records if name not in named]
        for heading, names in (*self.groups.items(), ("Others", others)):
            rows = [record for name in names if (record := records.get(name)) is not None]
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)


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


class Interrupts:
    """Within this context Ctrl-C, SIGTERM and SIGHUP end what `carry_out` has under way, and nothing else: what is to
    be tidied up, written and told afterwards is.

    Some programs pass Ctrl-C on to a child that has got it already, so the second is not heard; the third ends the
    process at once.
    """

    def __init__(self) -> None:
        self.came = 0
        self._is_raised = False
        self._before: list[tuple[signal.Signals, Any]] = []

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, *_ends()):
            self._before.append((number, signal.signal(number, self._handle)))
        self._told, sys.unraisablehook = sys.unraisablehook, self._swallowed
        return self

    def __exit__(self, *_error: object) -> None:
        sys.unraisablehook = self._told
        for number, handler in self._before:
            signal.signal(number, handler)

    def carry_out(self, work: Callable[[], None]) -> None:
        """Runs `work` to its end, or until an interrupt is raised in it; `came` tells which."""
        try:
            self._is_raised = True
            try:
                work()
            finally:
                self._is_raised = False
        except KeyboardInterrupt:
            self.came = max(1, self.came)

    def check(self) -> None:
        """Raises what Python swallowed (in a finaliser, a callback of the garbage collector)."""
        if self.came:
            raise KeyboardInterrupt

    def _swallowed(self, unraisable: sys.UnraisableHookArgs) -> None:
        if unraisable.exc_type is not KeyboardInterrupt:
            self._told(unraisable)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.came += 1
        if self.came >= _ENOUGH:
            os._exit(INTERRUPTED)
        if self.came == 1 and self._is_raised:
            raise KeyboardInterrupt


_ENOUGH = 3


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Runs `work` to its end, and gives what it returns. On Ctrl-C, SIGTERM and SIGHUP it is cancelled, and
    KeyboardInterrupt raised."""
    from harness.adapters.interruptible import run_interruptible

    raise_on_interrupt()
    return run_interruptible(work)


def show_text(entry: Any) -> None:
    """One line for each text that a handset shows."""
    if (entry.hop, entry.kind) in (("contact", "received"), ("contact", "wrote")):
        facts = entry.facts
        talk(f"{facts['from']} -> {facts['to']}: {facts['text']}")
