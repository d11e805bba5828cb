"""The command itself: its help, its version, and names that it does not know."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from harness.cli import commands
from tests.cli.stories import PASSES, write
from tests.cli.usage import Wrong, each, refuses
from tests.commands import COMMAND, clean_environment, run

WRONG_USAGE: list[Wrong] = [
    ((), 2, ("Commands:",)),
    (("rnu",), 2, ("No such command 'rnu'",)),
]


@each(WRONG_USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence_with_the_right_exit_code(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


COMMANDS = ("config", "conform", "decrypt", "encrypt", "phone", "run", "schema", "serve", "vectors")
HEAVY = {"asyncio", "cryptography", "httptools", "jwt", "phonenumbers", "pyuegc", "ssl", "tomllib", "yaml"}
# What a story in virtual time needs not: sockets, TLS, other processes, the numbers of the whole world, other formats.
IDLE = HEAVY - {"yaml", "pyuegc"} | {
    "email", "h2", "http", "logging", "multiprocessing", "openpyxl", "socket", "sqlite3", "subprocess", "xml",
    "zipfile", "zoneinfo",
}  # fmt: skip
IDLE_ROOMS = {
    "harness.conform", "harness.conforming", "harness.interop", "harness.live_story", "harness.serving",
    "harness.verifying", "harness.adapters.live", "harness.adapters.http_client", "harness.adapters.http_server",
    "harness.targets.server", "harness.targets.probing",
}  # fmt: skip


def loaded_by(*arguments: str, folder: Path | None = None) -> set[str]:
    """The modules that a process loads for the command, which must succeed."""
    command = [COMMAND[0], "-X", "importtime", *COMMAND[1:], *arguments]
    # Where the suite is measured, what measures it would be loaded as well.
    own = {name: value for name, value in clean_environment().items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), *((name, "--help") for name in COMMANDS)])
def test_version_and_help_answer_at_once(arguments: tuple[str, ...]) -> None:
    loaded = loaded_by(*arguments)
    assert "harness.cli" in loaded
    assert not {name.partition(".")[0] for name in loaded} & HEAVY
    own = {name for name in loaded if name.startswith("harness") and not name.startswith("harness.cli.")}
    assert own <= {"harness", "harness.cli", "harness.console", "harness.errors", "harness.frozen"}


def test_a_story_in_virtual_time_loads_only_what_it_needs(tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    loaded = loaded_by("run", "story.scenario.yaml", folder=tmp_path)
    assert "harness.testing" in loaded
    assert not {name.partition(".")[0] for name in loaded} & IDLE
    assert not loaded & IDLE_ROOMS


def test_the_version_is_the_packages() -> None:
    assert re.fullmatch(r"httpsms-harness, version \d+\.\d+\.\d+\n", run("--version").out)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_teaches_by_an_example(command: str) -> None:
    done = run(command, "--help")
    assert f"\n  httpsms-harness {command} " in done.out
    assert done.err == ""


def helps(command: click.Command, width: int) -> Iterator[str]:
    """The help of the command, and of those within it."""
    # click keeps the option for help as it was first asked for.
    known = {"help_option_names": commands.context_settings["help_option_names"]}
    yield command.get_help(command.context_class(command, terminal_width=width, max_content_width=width, **known))
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        yield from helps(inner, width)


@pytest.mark.parametrize("width", [*range(40, 100, 7), 80])
def test_no_line_of_help_breaks_a_word_at_a_hyphen(width: int) -> None:
    lines = [line for text in helps(commands, width) for line in text.splitlines()]
    assert [line for line in lines if re.search(r"\w-$", line)] == []
    assert not any("\N{NON-BREAKING HYPHEN}" in line for line in lines)


def test_what_a_command_does_is_told_whole_in_the_list_of_commands() -> None:
    assert "..." not in "".join(run("--help", COLUMNS="80").out.partition("Commands:")[2])
    assert "..." not in "".join(run("vectors", "--help", COLUMNS="80").out.partition("Commands:")[2])
