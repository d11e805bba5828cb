"""What failed the last time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.inside import call
from tests.cli.stories import FAILS, PASSES, write

STATE = Path(".httpsms-harness") / "last-failed.json"


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    write(tmp_path, PASSES, "a.scenario.yaml")
    write(tmp_path, FAILS, "b.scenario.yaml")
    return tmp_path


def ran(folder: Path, *arguments: str) -> list[str]:
    return [line for line in call("run", ".", *arguments, folder=folder).out.splitlines() if line[:1] not in ("", " ")]


def test_what_failed_runs_again_until_it_has_passed(stories: Path) -> None:
    ran(stories)
    assert ran(stories, "--last-failed") == ["FAIL  It's a text that never arrives"]
    ran(stories, "-k", "A text arrives")  # what did not run is still known
    write(stories, FAILS.replace("service: none", "service: full"), "b.scenario.yaml")
    assert len(ran(stories, "--last-failed")) == 1
    assert len(ran(stories, "--last-failed")) == 2  # nothing is left, so all of them run
    assert json.loads((stories / STATE).read_text(encoding="utf-8"))["stories"] == []


def test_a_story_that_fails_with_any_seed_has_failed(tmp_path: Path) -> None:
    sometimes = PASSES.replace("steps:", "steps:\n  - carrier: {lose: 50}")
    write(tmp_path, sometimes)
    lines = ran(tmp_path, "--repeat", "8")
    assert "of seeds 1 to 8 fail: " in lines[-1]
    assert not lines[-1].endswith("8)")  # so the last word is a seed with which it passes
    assert "all of them run" not in call("run", ".", "--last-failed", folder=tmp_path).err


def test_where_nothing_failed_nothing_is_left_behind(tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    done = call("run", ".", "--last-failed", folder=tmp_path)
    assert done.code == 0
    assert "none of these failed when it ran last: all of them run" in done.err
    assert not (tmp_path / STATE).exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}', '{"version": 1, "stories": [7]}', "\xff"])
def test_a_file_that_cannot_be_read_is_told_and_not_used(content: str, stories: Path) -> None:
    (stories / STATE).parent.mkdir()
    (stories / STATE).write_bytes(content.encode("latin-1"))
    done = call("run", ".", "--last-failed", folder=stories)
    assert f"{STATE} cannot be read and is not used" in done.err
    assert "1 passed, 1 failed" in done.err
    assert ran(stories, "--last-failed") == ["FAIL  It's a text that never arrives"]


def test_a_file_of_another_version_is_not_used(stories: Path) -> None:
    (stories / STATE).parent.mkdir()
    (stories / STATE).write_text('{"version": 2, "stories": "other"}', encoding="utf-8")
    assert "all of them run" in call("run", ".", "--last-failed", folder=stories).err


def test_a_folder_that_cannot_be_written_costs_a_word(stories: Path) -> None:
    (stories / STATE).parent.write_text("in the way", encoding="utf-8")
    done = call("run", ".", folder=stories)
    assert f"{STATE} cannot be " in done.err
    assert done.code == 1


def test_what_is_remembered_is_no_part_of_the_project(stories: Path) -> None:
    ran(stories)
    assert (stories / STATE).with_name(".gitignore").read_text(encoding="utf-8") == "*\n"
