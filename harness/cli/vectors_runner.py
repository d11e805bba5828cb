"""The runners of `vectors`: choosing one, installing those that come along, testing a new one, being one."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from typing import TYPE_CHECKING, Any

import click

from harness.cli.common import COLOR, FAILED, PASSED, USAGE
from harness.console import show, talk, wants_colour
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.interop.probing import Check
    from harness.verifying import Runner

__all__ = ["command_of", "install", "run_ours", "runner", "runner_test"]

_DIALECTS = ("phone", "jvm", "node", "go")


def runner(name: str) -> Runner:
    """The runner that comes along under that name, or the command that `name` is. Raises UsageError."""
    from harness.adapters.toolchains import RUNNERS
    from harness.verifying import builtin, child

    return builtin(name) if name in RUNNERS else child(command_of(name))


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
    names = f"the runners that come along are {', '.join(RUNNERS)}; any other is a command in quotes"
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
    import signal

    from harness.adapters import toolchains
    from harness.interop.fields import guess

    for name in names:
        if name not in toolchains.RUNNERS:
            known = f"these are: {', '.join(toolchains.RUNNERS)}"
            raise UsageError(f"there is no runner {name!r}{guess(name, toolchains.RUNNERS)}", known)
    # An exception on Ctrl-C, so that what is under way is ended and tidied up.
    signal.signal(signal.SIGINT, signal.default_int_handler)
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
@COLOR
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def runner_test(command: tuple[str, ...], color: str) -> int:
    """Is my runner right? Try one rule of the runner protocol after the other on COMMAND, and say what to change.

    \b
    httpsms-harness vectors runner-test php runner.php
    """
    import asyncio
    import signal

    from harness.adapters.runner_probe import probe
    from harness.interop.checklist import checklist

    checks: list[Check] = []
    coloured = wants_colour(color, sys.stdout)

    def say(check: Check) -> None:
        checks.append(check)
        show(_shown(check, coloured))

    signal.signal(signal.SIGINT, signal.default_int_handler)
    asyncio.run(probe(_tested(command), checklist(), say))
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
    "--dialect", type=click.Choice(_DIALECTS), default="phone", show_default=True, help="Do as this client does."
)
def run_ours(dialect: Any) -> int:
    """Be a runner: our own cipher, as a child process that speaks the runner protocol.

    \b
    httpsms-harness vectors verify -r 'httpsms-harness vectors runner --dialect go'
    """
    from harness.interop.ourselves import introduction, performer
    from harness.interop.protocol import respond

    told, perform = introduction(dialect), performer(dialect)
    try:
        for line in sys.stdin.buffer if sys.stdin else ():
            answer, goes_on = respond(line, told, perform)
            sys.stdout.buffer.write(answer)
            sys.stdout.buffer.flush()
            if not goes_on:
                break
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads any more
    return PASSED
