"""Finding and reading vectors: our own, and those that somebody names."""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from harness.errors import UsageError, VectorError
from harness.interop import reading, recorded
from harness.interop.fields import parse_json
from harness.interop.suite import Suite

__all__ = ["OWN", "load", "own", "read", "written_with"]

OWN = "cipher-v1.json"
_RECORDED = ("decrypt.json", "encrypt.json")
_WANTED = "a file with vectors, or a folder with them"
_READ_MAX = 256 << 20  # bytes: /dev/zero has no end


@functools.cache
def own() -> Suite:
    """The vectors that come with the package."""
    return reading.parse_suite(_own_text(), OWN)


def _own_text() -> str:
    return files("harness.interop").joinpath("vectors", OWN).read_text(encoding="utf-8")


def written_with(ids: Collection[str]) -> str:
    """The file of vectors that comes with the package, in the same form, with those of these `ids` alone."""
    top = json.loads(_own_text())
    for group in top["testGroups"]:
        group["tests"] = [test for test in group["tests"] if str(test["tcId"]) in ids]
    top["testGroups"] = [group for group in top["testGroups"] if group["tests"]]
    borne = {flag for group in top["testGroups"] for test in group["tests"] for flag in test["flags"]}
    top["notes"] = {name: note for name, note in top["notes"].items() if name in borne}
    top["numberOfTests"] = sum(len(group["tests"]) for group in top["testGroups"])
    return json.dumps(top, indent=1)


def load(path: Path) -> Suite:
    """The vectors in a file, or in a folder: recorded cases (`decrypt.json`, `encrypt.json`, there or in its folder
    `cipher`), else all files of our own form. Of several such files, the ids begin with the name of the file.

    Raises UsageError if there are none, and VectorError for a file that is not as it should be.
    """
    try:
        return _found(path)
    except OSError as error:
        raise _unreadable(path, error, _WANTED) from None


def _found(path: Path) -> Suite:
    if not path.is_dir():
        return _suite(path)
    for folder in (path, path / "cipher"):
        if cases := [folder / name for name in _RECORDED if (folder / name).is_file()]:
            return _joined(path, [_suite(case) for case in cases])
    ours = [file for file in sorted(path.glob("*.json")) if _is_ours(file)]
    if not ours:
        raise UsageError(f"{path}: no vectors there", f"name a folder with {' and '.join(_RECORDED)}, or a file")
    suites = [_suite(file) for file in ours]
    return suites[0] if len(ours) == 1 else _joined(path, list(map(_named_apart, ours, suites)))


def read(path: Path, wanted: str = "a file that can be read", limit: int = _READ_MAX) -> str:
    """The text of a file that the user named, where `wanted` should be, without a byte order mark.

    Raises UsageError if it cannot be read, and VectorError if it is no UTF-8 or has more than `limit` bytes.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise _unreadable(path, error, wanted) from None
    if len(data) > limit:
        raise VectorError(str(path), "", f"has more than {limit:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise VectorError(str(path), "", f"is no UTF-8, at byte {error.start}") from None


def _unreadable(path: Path, error: OSError, wanted: str) -> UsageError:
    return UsageError(f"{path}: cannot be read: {error.strerror}", f"give {wanted}")


def _suite(path: Path) -> Suite:
    text = read(path, _WANTED)
    if "testGroups" in parse_json(text, str(path)).values:
        return reading.parse_suite(text, str(path))
    return recorded.parse_recorded(text, str(path), own().flags)


def _is_ours(path: Path) -> bool:
    """Is that a file of vectors of this cipher? Folders of vectors have schemas too, and vectors of other ciphers."""
    try:
        return path.is_file() and parse_json(read(path), str(path)).values.get("algorithm") == reading.ALGORITHM
    except VectorError:
        return False


def _named_apart(path: Path, suite: Suite) -> Suite:
    return replace(suite, vectors=tuple(replace(vector, id=f"{path.stem}:{vector.id}") for vector in suite.vectors))


def _joined(path: Path, suites: Sequence[Suite]) -> Suite:
    vectors = reading.unique(str(path), (vector for suite in suites for vector in suite.vectors))
    return Suite(str(path), vectors, {name: flag for suite in suites for name, flag in suite.flags.items()})
