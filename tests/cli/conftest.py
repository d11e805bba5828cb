"""The folder that wrong usage is tried in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.stories import PASSES, write


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good story, an empty folder, a broken case, a file that is no state file."""
    here = tmp_path_factory.mktemp("usage")
    write(here, PASSES, "good.scenario.yaml")
    write(here, "SQLite is not what this is. " * 50, "other.db")
    (here / "empty").mkdir()
    (here / "broken" / "conversations").mkdir(parents=True)
    write(here / "broken" / "conversations", '{"steps": 7}', "x.json")
    return here
