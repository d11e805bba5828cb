"""`schema` prints the language of scenario files for editors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.usage import Wrong, each, refuses
from tests.commands import run
from tools.schema_files import files

WRONG_USAGE: list[Wrong] = [
    (("schema", "--output", "nowhere/a.json"), 2, ("nowhere/a.json: no such folder",)),
    (("schema", "story"), 2, ("unexpected extra argument",)),
]


@each(WRONG_USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence_with_the_right_exit_code(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


@pytest.mark.parametrize(
    ("arguments", "name"), [((), "scenario.schema.json"), (("--part",), "part.schema.json")], ids=["story", "part"]
)
def test_the_schema_is_the_one_of_the_repository(arguments: tuple[str, ...], name: str, tmp_path: Path) -> None:
    printed = run("schema", *arguments)
    assert (printed.code, printed.err, printed.out) == (0, "", files()[name])
    written = run("schema", *arguments, "--output", str(tmp_path / "a.json"))
    assert (written.code, written.out) == (0, "")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == json.loads(printed.out)
