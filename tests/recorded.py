"""Where the recorded cases are: tests/data, or a folder laid out like it (make test-cases CASES=DIR)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("HARNESS_CASES") or Path(__file__).parent / "data")


def folder(area: str) -> Path:
    """The folder of one area (cipher, gateway …). Skips the asking test file if HARNESS_CASES has none."""
    if not (ROOT / area).is_dir():
        pytest.skip(f"{ROOT} has no {area} cases", allow_module_level=True)
    return ROOT / area
