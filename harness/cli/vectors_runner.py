"""The runners of `vectors`: choosing one, installing those that come along, testing a new one, being one."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from harness.cli.common import COLOR, DIALECTS, FAILED, PASSED, USAGE, finish, raise_on_interrupt
from harness.console import show, talk, wants_colour
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.cipher import Dialect
    from harness.interop.probing import Check
    from harness.interop.talk import Limits
    from harness.verifying import Runner

__all__ = ["TIMEOUT", "command_of", "install", "limits", "run_ours", "runner", "runner_test"]

TIMEOUT = click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a runner may take for one call. (To start and say hello it has 30 s.)",
)


def limits(timeout_s: float) -> Limits:
    """The patience that `--timeout` asks for."""
    from harness.interop.talk import LIMITS

    return replace(LIMITS, per_call_s=timeout_s)


def runner(name: str, limits: Limits) -> Runner:
    """The runner that comes along under that name, or the command that `name` is. Raises UsageError."""
    from harness.adapters.toolchains import RUNNERS
    from harness.verifying import builtin, child

    return builtin(name, limits) if name in RUNNERS else child(command_of(name), limits)


def command_of(text: str) -> list[str]:
    """A command as it stands on a command line; its program must be there. Raises UsageError."""
    from harness.adapters.toolchains import RUNNERS
    from harness.interop.fields import guess

    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no command line: {str(error).lower()}", "close every quote") from None
    if words and shutil.which(words[0]) is not None:
        return words
    near = guess(text, RUNNERS)
    names = f"the runners that come along are {', '.join(RUNNERS)}; any other is a program that the PATH leads to"
    raise UsageError(f"no runner and no program is called {words[0] if words else text!r}{near}", names)


# -- install -----------------------------------------------------------------------------------------------------------


@click.command(short_help="Install the runners that come along.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
def install(names: tuple[str, ...]) -> int:
    """Install the runners NAME… (default: node, go, jvm, web): fetch the published clients, and build.

    \b
    httpsms-harness vectors install
    httpsms-harness vectors install node go
    """
    from harness.adapters import toolchains
    from harness.interop.fields import guess

    for name in names:
        if name not in toolchains.RUNNERS:
            known = f"these are: {', '.join(toolchains.RUNNERS)}"
            raise UsageError(f"there is no runner {name!r}{guess(name, toolchains.RUNNERS)}", known)
    raise_on_interrupt()
    code = PASSED
    for name in dict.fromkeys(names or toolchains.RUNNERS):
        try:
            toolchains.install(name, talk)
        except UsageError as error:
            talk(f"error: {error}")
            code = USAGE
    return code


# -- runner-test -------------------------------------------------------------------------------------------------------

_MARKS = {"right": ("✓", "green"), "wrong": ("✗", "red"), "note": ("·", "yellow")}


@click.command(
    "runner-test",
    short_help="Is my runner right?",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@TIMEOUT
@COLOR
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def runner_test(command: tuple[str, ...], timeout_s: float, color: str) -> int:
    """Is my runner right? Try one rule of the runner protocol after the other on COMMAND, and say what to change.

    \b
    httpsms-harness vectors runner-test php runner.php
    """
    from harness.adapters.runner_probe import probe
    from harness.interop.checklist import checklist

    checks: list[Check] = []
    coloured = wants_colour(color, sys.stdout)

    def say(check: Check) -> None:
        checks.append(check)
        show(_shown(check, coloured))

    finish(probe(_tested(command), checklist(), say, limits(timeout_s)))
    wrong = sum(check.verdict == "wrong" for check in checks)
    talk(f"{sum(check.verdict == 'right' for check in checks)} right, {wrong} wrong")
    return FAILED if wrong else PASSED


def _tested(command: tuple[str, ...]) -> list[str]:
    """The command: in words, in one argument, or by the name of a runner that comes along."""
    from harness.adapters import toolchains

    if len(command) > 1:
        return [*command_of(shlex.quote(command[0])), *command[1:]]
    if command[0] not in toolchains.RUNNERS:
        return command_of(command[0])
    match toolchains.find(command[0]):
        case toolchains.Found(words):
            return list(words)
        case toolchains.Missing(why, remedy):
            raise UsageError(f"{command[0]}: {why}", remedy)


def _shown(check: Check, coloured: bool) -> str:
    mark, colour = _MARKS[check.verdict]
    found = f": {_printable(check.found)}" if check.found else ""
    lines = [f"{click.style(mark, fg=colour) if coloured else mark} {check.rule}{found}"]
    return "\n    ".join([*lines, check.remedy] if check.remedy else lines)


def _printable(text: str) -> str:
    """What strangers print does nothing to the terminal."""
    from harness.interop.words import plain

    return plain(text)


# -- runner ------------------------------------------------------------------------------------------------------------


@click.command("runner", short_help="Be a runner: our own cipher.")
@click.option(
    "--dialect", type=click.Choice(DIALECTS), default="phone", show_default=True, help="Do as this client does."
)
def run_ours(dialect: Dialect) -> int:
    """Be a runner: our own cipher, as a child process that speaks the runner protocol.

    \b
    httpsms-harness vectors verify -r 'httpsms-harness vectors runner --dialect go'
    """
    from harness.interop.ourselves import introduction, performer
    from harness.interop.protocol import respond

    if sys.stdout is None:
        raise UsageError("standard output is closed", "a runner answers there")
    told, perform = introduction(dialect), performer(dialect)
    try:
        for line in sys.stdin.buffer if sys.stdin else ():
            answer, goes_on = respond(line, told, perform)
            sys.stdout.buffer.write(answer)
            sys.stdout.buffer.flush()
            if not goes_on:
                break
    except OSError as error:
        # What is left in the buffer would be written once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"standard output cannot be written: {error.strerror}") from None
    return PASSED
