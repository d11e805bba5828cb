"""Where the recorded cases are: in the package (gateway), beside the tests, or where HARNESS_CASES says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.adapters.case_files import recordings

OWN = {"gateway": recordings() / "gateway"}
OURS = not os.environ.get("HARNESS_CASES")
"""The cases are those that ship with the package and its tests."""


def place(area: str) -> Path:
    """Where the cases of one area (cipher, gateway …) are, if there are any."""
    elsewhere = os.environ.get("HARNESS_CASES")
    if elsewhere:
        return Path(elsewhere) / area
    return OWN.get(area, Path(__file__).parent / "data" / area)


def folder(area: str) -> Path:
    """The same. Skips the asking test file if HARNESS_CASES has none."""
    found = place(area)
    if not found.is_dir():
        pytest.skip(f"{found.parent} has no {area} cases", allow_module_level=True)
    return found
