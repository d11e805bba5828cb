"""The command itself: its help, its version, and names that it does not know."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

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


COMMANDS = ("conform", "decrypt", "encrypt", "phone", "run", "serve", "vectors")
HEAVY = {"asyncio", "cryptography", "httptools", "jwt", "phonenumbers", "pyuegc", "ssl", "yaml"}


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), *((name, "--help") for name in COMMANDS)])
def test_version_and_help_answer_at_once(arguments: tuple[str, ...]) -> None:
    command = [COMMAND[0], "-X", "importtime", *COMMAND[1:], *arguments]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=60, check=False)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert done.returncode == 0
    assert "harness.cli" in loaded
    assert not {name.partition(".")[0] for name in loaded} & HEAVY
    own = {name for name in loaded if name.startswith("harness") and not name.startswith("harness.cli.")}
    assert own <= {"harness", "harness.cli", "harness.console", "harness.errors", "harness.frozen"}


def test_the_version_is_the_packages() -> None:
    assert re.fullmatch(r"httpsms-harness, version \d+\.\d+\.\d+\n", run("--version").out)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_teaches_by_an_example(command: str) -> None:
    done = run(command, "--help")
    assert f"\n  httpsms-harness {command} " in done.out
    assert done.err == ""
