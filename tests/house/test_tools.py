"""The linter, the formatter and the type checker have nothing to say."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.house.sources import ROOT


@pytest.mark.parametrize(
    "command",
    ["ruff check --quiet --output-format=concise", "ruff format --check --quiet", "mypy --strict harness"],
)
def test_the_sources_satisfy(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command.split()], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
