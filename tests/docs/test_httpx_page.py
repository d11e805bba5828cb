"""Every block of docs/how-to/httpx.md is a file of tests, and passes."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house.sources import ROOT
from tests.pytest_plugin.runs import pytest_in

PAGE = (ROOT / "docs" / "how-to" / "httpx.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(?:# (\w+\.py)\n)?(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_each_block_is_a_file_whose_tests_pass(tmp_path: Path) -> None:
    assert [language for language, name, _ in BLOCKS if language != "python" or not name] == []
    run = pytest_in(tmp_path, files={name: text for _, name, text in BLOCKS})
    assert run.counts == {"passed": len(BLOCKS)}, run
