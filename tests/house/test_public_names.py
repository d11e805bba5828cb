"""What a package offers is written down in `__all__`, and is there."""

from __future__ import annotations

import importlib
import re

import pytest

from tests.house.sources import Source, sources

HARNESS = sources("harness")
PACKAGES = [module for module in HARNESS if module.path.endswith("__init__.py")]


def _says_all(module: Source) -> bool:
    return re.search(r"^__all__\b", module.text, re.MULTILINE) is not None


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_a_package_says_what_it_offers(package: Source) -> None:
    assert _says_all(package), f"{package.path} has no __all__"


@pytest.mark.parametrize("module", [m for m in HARNESS if _says_all(m)], ids=lambda module: module.name)
def test_every_public_name_is_there_and_named_once(module: Source) -> None:
    loaded = importlib.import_module(module.name)
    names = list(loaded.__all__)
    assert [name for name in names if not hasattr(loaded, name)] == []
    assert len(names) == len(set(names))
