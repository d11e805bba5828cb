"""The recorded segmentation cases (tests/data/segmentation/README.md)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.recorded import folder

FOLDER = folder("segmentation")
Case = dict[str, Any]


def cases(name: str, folder: Path = FOLDER) -> list[Case]:
    """The records of one file of JSON lines."""
    path = folder / name
    if not path.is_file():
        pytest.skip(f"{path} is not there", allow_module_level=True)
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def differing(found: list[Case], pair: Callable[[Case], tuple[object, object]]) -> list[str]:
    """Each case of which ours is not theirs, with both. Files without a case prove nothing."""
    assert found
    pairs = [(case.get("id") or case.get("number"), *pair(case)) for case in found]
    return [f"{name}: {mine!r} instead of {recorded!r}" for name, mine, recorded in pairs if mine != recorded]
