"""What bench/ takes from the package is there: benchmarks are run by hand, and would break unseen."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from tests.house.sources import ROOT

BENCHES = sorted((ROOT / "bench").glob("*.py"))


@pytest.mark.parametrize("bench", BENCHES, ids=lambda path: path.stem)
def test_what_a_benchmark_imports_is_there(bench: Path) -> None:
    for node in ast.walk(ast.parse(bench.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("harness", "tests")):
            assert node.module is not None
            module = importlib.import_module(node.module)
            lacks = [each.name for each in node.names if not hasattr(module, each.name)]
            assert [name for name in lacks if not _is_module(f"{node.module}.{name}")] == [], node.module


def _is_module(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        return False
    return True
