"""Writes docs/reference/, a page for each table that the harness itself goes by (`make docs`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tools.reference.doors import command_lines, comparison, configuration, results
from tools.reference.language import scenarios
from tools.reference.python import pytest_page, python_page
from tools.reference.rules import invariants, targets

__all__ = ["FOLDER", "PAGES"]

FOLDER = Path(__file__).parents[1] / "docs" / "reference"

PAGES: Mapping[str, Callable[[], str]] = {
    "scenarios.md": scenarios,
    "invariants.md": invariants,
    "pytest.md": pytest_page,
    "python.md": python_page,
    "commands.md": command_lines,
    "configuration.md": configuration,
    "results.md": results,
    "comparison.md": comparison,
    "targets.md": targets,
}
"""What makes each page."""

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")
