"""The command line. Results go to stdout, talk to stderr; the exit code tells what happened.

0 passed · 1 an expectation failed · 2 wrong usage or scenario · 3 the harness or a server failed · 5 nothing to run ·
130 interrupted. Only click is imported here: each command loads what it needs, so `--version` answers at once.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from harness import __version__
from harness.errors import CipherError, HarnessError, ScenarioError, UsageError

if TYPE_CHECKING:
    from harness.scenario import Scenario
    from harness.testing import Outcome

__all__ = ["main"]

PASSED, FAILED, USAGE, BROKEN, NOTHING, INTERRUPTED = 0, 1, 2, 3, 5, 130


def main() -> NoReturn:
    """The entry point: turns every error of ours into one message and an exit code."""
    try:
        sys.exit(commands.main(standalone_mode=False) or PASSED)
    except click.exceptions.Abort:
        _leave(INTERRUPTED, "interrupted")
    except KeyboardInterrupt:
        _leave(INTERRUPTED, "interrupted")
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except BrokenPipeError:
        # Whoever read our output has enough of it: that is no failure of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(PASSED)
    except (UsageError, ScenarioError) as error:
        _leave(USAGE, f"error: {error}")
    except HarnessError as error:
        _leave(BROKEN, f"error: {error}")


def _leave(code: int, text: str) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(code)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="httpsms-harness")
def commands() -> None:
    """Test httpSMS without a phone, a SIM or Firebase.

    \b
    httpsms-harness run scenarios/     scripted texts, out and in
    httpsms-harness serve              a local httpSMS server with a phone in it
    httpsms-harness phone --server …   an emulated phone for a server that you have
    """


# -- run ---------------------------------------------------------------------------------------------------------------


@commands.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--seed", type=int, default=1, show_default=True, help="Decides every choice of the run.")
@click.option("--live", is_flag=True, help="Over real sockets on 127.0.0.1, by the real clock.")
@click.option("--json", "json_file", metavar="FILE", help="Write the results there as JSON (- = stdout).")
@click.option("--trace", "trace_file", metavar="FILE", help="Write the traces there as JSON lines.")
@click.option("-k", "name", metavar="NAME", help="Only stories whose name or file contains NAME.")
def run(
    paths: tuple[str, ...], seed: int, live: bool, json_file: str | None, trace_file: str | None, name: str | None
) -> int:
    """Replay scenario files on the embedded gateway.

    PATH is a file, or a folder with files that end in .scenario.yaml (default: scenarios).

    \b
    httpsms-harness run scenarios/plain_text.scenario.yaml
    httpsms-harness run -k encrypted --seed 7
    """
    from harness.adapters.scenario_files import find_files, read_file

    files = list(find_files(paths or ("scenarios",)))
    stories = [story for path in files for story in read_file(path) if _is_chosen(story, name)]
    if not stories:
        click.echo(f"nothing to run: no story matches {name!r}", err=True)
        return NOTHING
    outcomes: list[Outcome] = []
    try:
        for story in stories:
            outcomes.append(_run_one(story, seed, live))
            click.echo(_coloured(outcomes[-1].report()), err=json_file == "-")
    except KeyboardInterrupt:
        _summary(outcomes, len(stories))
        raise
    if json_file is not None:
        _write(json_file, json.dumps(_results(outcomes), indent=2) + "\n")
    if trace_file is not None:
        _write(trace_file, "".join(f"{line}\n" for outcome in outcomes for line in outcome.trace.lines()))
    _summary(outcomes, len(stories))
    return PASSED if all(outcome.passed for outcome in outcomes) else FAILED


def _is_chosen(story: Scenario, name: str | None) -> bool:
    return name is None or name in story.name or name in story.place.path


def _run_one(story: Scenario, seed: int, live: bool) -> Outcome:
    if not live:
        from harness.testing import run_scenario

        return run_scenario(story, seed)
    from harness.serving import run_scenario_live

    return run_scenario_live(story, seed)


def _results(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    from harness.report import as_json

    return [as_json(outcome.verdict, outcome.seed, outcome.trace.hash) for outcome in outcomes]


def _summary(outcomes: list[Outcome], wanted: int) -> None:
    passed = sum(outcome.passed for outcome in outcomes)
    text = f"{passed} passed, {len(outcomes) - passed} failed"
    if len(outcomes) < wanted:
        text += f", {wanted - len(outcomes)} not run"
    click.echo(text, err=True)


def _coloured(report: str) -> str:
    """The first word in its colour; click takes colours out where no terminal reads them."""
    word, _, rest = report.partition(" ")
    return click.style(word, fg={"pass": "green", "FAIL": "red"}.get(word, "yellow")) + " " + rest


def _write(path: str, text: str) -> None:
    if path == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "give a file in a folder that exists") from None


# -- encrypt, decrypt --------------------------------------------------------------------------------------------------

_KEY = click.option(
    "--key", envvar="HTTPSMS_HARNESS_ENCRYPTION_KEY", required=True, help="The key, or set HTTPSMS_HARNESS_ENCRYPTION_KEY."
)


@commands.command()
@_KEY
@click.argument("text", required=False)
def encrypt(key: str, text: str | None) -> None:
    """Encrypt TEXT (or standard input) as httpSMS clients do."""
    from harness.cipher import encrypt as encrypted

    click.echo(encrypted(key, _argument(text)))


@commands.command()
@_KEY
@click.argument("ciphertext", required=False)
def decrypt(key: str, ciphertext: str | None) -> None:
    """Decrypt CIPHERTEXT (or standard input) as the phone does."""
    from harness.cipher import decrypt as decrypted

    try:
        click.echo(decrypted(key, _argument(ciphertext).strip()))
    except CipherError as error:
        raise UsageError(f"cannot decrypt: {error}", "the ciphertext is base64 as printed by `encrypt`") from None


def _argument(text: str | None) -> str:
    return click.get_text_stream("stdin").read().removesuffix("\n") if text is None else text
