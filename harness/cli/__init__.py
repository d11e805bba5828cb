"""The command line. Results go to stdout, talk to stderr; the exit code tells what happened.

0 passed · 1 an expectation failed · 2 wrong usage or scenario · 3 the harness or a server failed · 5 nothing to run ·
130 interrupted. Each command is a door of its own and loads what it needs when it runs, so `--version` answers at once.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from harness import __version__
from harness.cli import adb, cipher, cleanup, compare, config, conform, phone, probe, run, schema, serve, vectors
from harness.cli.common import BROKEN, PASSED, USAGE, keep_hyphens
from harness.console import INTERRUPTED, ignore_interrupts, prepare, talk
from harness.errors import HarnessError, ScenarioError, UsageError, VectorError

__all__ = ["main"]


@click.group(cls=config.Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="httpsms-harness")
def commands() -> None:
    """Test httpSMS without a phone, a SIM or Firebase.

    \b
    httpsms-harness run scenarios/     scripted texts, out and in
    httpsms-harness serve              a local httpSMS server with a phone in it
    httpsms-harness phone --server …   an emulated phone for a server that you have
    httpsms-harness vectors verify     does a client encrypt and decrypt as the others do?
    """


for command in (
    adb.adb,
    cleanup.cleanup,
    compare.compare,
    config.config,
    conform.conform,
    cipher.decrypt,
    cipher.encrypt,
    phone.phone,
    probe.probe,
    run.run,
    schema.schema,
    serve.serve,
    vectors.vectors,
):
    commands.add_command(command)
keep_hyphens(commands)


def main() -> NoReturn:
    """Runs the command: turns every error of ours into one message and an exit code."""
    prepare()
    try:
        code = commands.main(standalone_mode=False) or PASSED
        _exit(code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        _leave(INTERRUPTED, "interrupted")
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except HarnessError as error:
        _leave_with(error)
    except ExceptionGroup as group:
        ours, others = group.split(HarnessError)
        if ours is None or others is not None:
            raise
        _leave_with(_first(ours))


def _first(group: ExceptionGroup[HarnessError]) -> HarnessError:
    """The tasks of a world that breaks end together; the first of their errors is the cause."""
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, ExceptionGroup) else inner


def _leave_with(error: HarnessError) -> NoReturn:
    _leave(USAGE if isinstance(error, UsageError | ScenarioError | VectorError) else BROKEN, f"error: {error}")


def _leave(code: int, text: str) -> NoReturn:
    ignore_interrupts()  # also while that is said
    talk(text)
    _exit(code)


def _exit(code: int) -> NoReturn:
    ignore_interrupts()
    if code == INTERRUPTED:
        # The interpreter's own end would tell of what was torn in two, and be one by the signal where that came within
        # an `exec`. All that was shown is written by now.
        os._exit(code)
    sys.exit(code)
