"""Finding files of vectors."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from harness.adapters import vector_files
from harness.errors import HarnessError, UsageError, VectorError
from tests.interop.vector_texts import RECORDED, SUITE
from tests.recorded import folder

OURS = json.dumps(SUITE)
CASES = json.dumps(RECORDED)
MORE_CASES = CASES.replace('"d1"', '"e1"')


def _loaded(place: Path, files: dict[str, str], name: str = "") -> list[str]:
    """The ids of the vectors in these files."""
    for file, text in files.items():
        (place / file).parent.mkdir(exist_ok=True)
        (place / file).write_text(text, encoding="utf-8")
    return [vector.id for vector in vector_files.load(place / name).vectors]


def test_our_own_vectors_come_with_the_package() -> None:
    suite = vector_files.own()
    assert suite.name == "cipher-v1.json"
    assert len(suite.vectors) >= 900
    assert vector_files.own() is suite


@pytest.mark.parametrize(
    ("files", "name", "ids"),
    [
        ({"mine.json": OURS}, "mine.json", ["1", "2", "3"]),
        ({"cases.json": CASES}, "cases.json", ["d1"]),
        ({"decrypt.json": CASES, "encrypt.json": MORE_CASES, "mine.json": OURS}, "", ["d1", "e1"]),
        ({"encrypt.json": CASES}, "", ["d1"]),
        ({"cipher/decrypt.json": CASES, "mine.json": OURS}, "", ["d1"]),
        ({"mine.json": OURS, "v2.json": "{}", "bad.json": "{", "list.json": "[]"}, "", ["1", "2", "3"]),
        ({"mine.json": OURS, "deep.json": "[" * 100_000, "digits.json": "9" * 5000}, "", ["1", "2", "3"]),
        ({"mine.json": f"\ufeff{OURS}"}, "mine.json", ["1", "2", "3"]),
        ({"b.json": OURS, "a.json": OURS}, "", ["a:1", "a:2", "a:3", "b:1", "b:2", "b:3"]),
    ],
)  # fmt: skip
def test_vectors_are_found(files: dict[str, str], name: str, ids: list[str], tmp_path: Path) -> None:
    assert _loaded(tmp_path, files, name) == ids


@pytest.mark.parametrize(
    ("files", "name", "kind", "text"),
    [
        ({}, "", UsageError, "no vectors there"),
        ({}, "absent.json", UsageError, "cannot be read: No such file or directory\n  give a file with vectors"),
        ({}, "a" * 300, UsageError, "cannot be read: File name too long"),
        ({}, f"{'a' * 300}/b.json", UsageError, "cannot be read: File name too long"),
        ({"a.json": "{"}, "a.json", VectorError, "a.json:1:2: no JSON"),
        ({"a.json": "{}"}, "a.json", VectorError, "a.json: schema: is missing"),
        ({"decrypt.json": CASES, "encrypt.json": CASES}, "", VectorError, "test d1: has the number of another one"),
        ({"decrypt.json": "{"}, "", VectorError, "decrypt.json:1:2: no JSON"),
    ],
)
def test_what_cannot_be_used_is_told(
    files: dict[str, str], name: str, kind: type[HarnessError], text: str, tmp_path: Path
) -> None:
    with pytest.raises(kind) as caught:
        _loaded(tmp_path, files, name)
    assert text in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_a_file_that_is_no_text_is_refused_where_it_was_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xff\xfe")
    with pytest.raises(VectorError, match=r"a\.json: is no UTF-8, at byte 0"):
        vector_files.load(tmp_path / "a.json")
    assert _loaded(tmp_path, {"mine.json": OURS}) == ["1", "2", "3"]


def test_what_is_no_file_is_passed_over_in_a_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.json")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "circle.json").symlink_to(tmp_path / "circle.json")
    assert _loaded(tmp_path, {"mine.json": OURS}) == ["1", "2", "3"]


def test_links_that_lead_to_each_other_cannot_be_read(tmp_path: Path) -> None:
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    for path in (circle, circle / "a.json"):
        with pytest.raises(UsageError, match="cannot be read"):
            vector_files.load(path)


def test_a_file_is_read_up_to_a_limit(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("four")
    assert vector_files.read(file, limit=4) == "four"
    for endless in (file, Path("/dev/zero")):
        with pytest.raises(VectorError, match="has more than 3 bytes"):
            vector_files.read(endless, limit=3)


def test_the_remedy_names_what_the_file_is_for(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        vector_files.read(tmp_path, "a list of expected failures")
    assert caught.value.remedy == "give a list of expected failures"


@pytest.mark.cases
def test_the_recorded_cases_are_loaded_as_one_suite() -> None:
    place = folder("cipher")
    suite = vector_files.load(place)
    assert suite.vectors == vector_files.load(place.parent).vectors
    assert {vector.operation for vector in suite.vectors} == {"decrypt", "encrypt"}
    # What our own vectors explain is explained for recorded ones too.
    explained = vector_files.own().flags
    assert [name for name, flag in suite.flags.items() if name in explained and flag != explained[name]] == []
    assert suite.flags["ShorterThanIv"].kind == "DENIAL_OF_SERVICE"


def test_some_of_our_vectors_are_written_as_a_file_that_can_be_read_again(tmp_path: Path) -> None:
    own = vector_files.own()
    short = [vector for vector in own.vectors if "ShorterThanIv" in vector.flags]
    for vectors in (short, list(own.vectors)):
        file = tmp_path / "some.json"
        file.write_text(vector_files.written_with({vector.id for vector in vectors}), encoding="utf-8")
        some = vector_files.load(file)
        assert list(some.vectors) == vectors
        assert set(some.flags) == {flag for vector in vectors for flag in vector.flags}
