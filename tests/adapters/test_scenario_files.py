"""Scenario files are found below folders, by name, and read with their own path in every error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.adapters.scenario_files import SUFFIX, find_files, read_file, read_part
from harness.errors import ScenarioError, UsageError
from harness.scenario.nodes import SIZE_MAX

STORY = "scenario: A story\nphones: [alice]\nsteps:\n  - carrier: {phone: alice, service: none}\n"


def tree(folder: Path, *names: str) -> Path:
    """A folder with stories of these names."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(STORY, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("names", "asked", "found"),
    [
        (["b.scenario.yaml", "a.scenario.yaml"], [""], ["a.scenario.yaml", "b.scenario.yaml"]),
        (["a/x.scenario.yaml", "b.scenario.yaml"], [""], ["a/x.scenario.yaml", "b.scenario.yaml"]),
        (["a.scenario.yaml", "notes.yaml", "a.scenario.yml"], [""], ["a.scenario.yaml"]),
        # A file that is named is read whatever it is called, in the order of the command line.
        (["notes.yaml", "b.scenario.yaml"], ["notes.yaml", ""], ["notes.yaml", "b.scenario.yaml"]),
        (["a.scenario.yaml"], ["a.scenario.yaml", ""], ["a.scenario.yaml"]),
        ([".venv/x.scenario.yaml", "a.scenario.yaml"], [""], ["a.scenario.yaml"]),
        ([".mine/x.scenario.yaml"], [".mine"], [".mine/x.scenario.yaml"]),
        (["a.scenario.yaml/x.scenario.yaml"], [""], ["a.scenario.yaml/x.scenario.yaml"]),
    ],
)
def test_files_are_found_once_each_in_the_order_of_their_names(
    tmp_path: Path, names: list[str], asked: list[str], found: list[str]
) -> None:
    tree(tmp_path, *names)
    paths = list(find_files(str(tmp_path / name) for name in asked))
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == found


@pytest.mark.parametrize(
    ("names", "asked", "problem"),
    [
        ([], "nowhere", "no such file or folder"),
        (["a/notes.yaml"], "a", f"no file ends in {SUFFIX}"),
    ],
)
def test_what_is_not_there_is_a_slip_of_the_caller(tmp_path: Path, names: list[str], asked: str, problem: str) -> None:
    path = str(tree(tmp_path, *names) / asked)
    with pytest.raises(UsageError) as refused:
        list(find_files([path]))
    assert refused.value.problem == f"{path}: {problem}"
    assert refused.value.remedy


def test_a_file_is_read_with_its_path(tmp_path: Path) -> None:
    (story,) = read_file(tree(tmp_path, "a.scenario.yaml") / "a.scenario.yaml")
    assert story.name == "A story"
    assert story.place.path == str(tmp_path / "a.scenario.yaml")


def test_an_error_in_a_file_names_it(tmp_path: Path) -> None:
    path = tmp_path / "a.scenario.yaml"
    path.write_text("scenario: A story\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        read_file(path)
    assert str(refused.value).startswith(f"{path}:1:1: steps is missing")


def test_a_file_that_cannot_be_opened_is_a_slip_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="directory"):
        read_file(tmp_path)


def test_a_story_includes_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "people.part.yaml").write_text("phones: [alice]\n", encoding="utf-8")
    path = tmp_path / "a.scenario.yaml"
    path.write_text("scenario: s\ninclude: parts/people.part.yaml\nsteps: [{advance: 1s}]\n", encoding="utf-8")
    (story,) = read_file(path)
    assert [phone.name for phone in story.phones] == ["alice"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("nothing.yaml", "No such file or directory"),
        ("folder.yaml", "no regular file"),
        ("pipe.yaml", "no regular file"),
    ],
)
def test_what_is_no_file_is_not_included(tmp_path: Path, name: str, problem: str) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    path = tmp_path / "a.scenario.yaml"
    path.write_text(f"scenario: s\ninclude: {name}\nsteps: [{{advance: 1s}}]\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as refused:
        read_file(path)
    assert (refused.value.line, refused.value.path) == (2, str(path))
    assert refused.value.problem.endswith(f": {problem}")


def test_of_a_part_no_more_is_read_than_a_story_may_have(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"#" * (2 * SIZE_MAX))
    assert len(read_part(str(tmp_path / "a.yaml"))) == SIZE_MAX + 1
    with pytest.raises(OSError, match="null"):
        read_part("a\0b")
