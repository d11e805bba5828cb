"""harness/ARCHITECTURE.md names every room in its layer, and every file that it sends a reader to is there."""

from __future__ import annotations

import re

import pytest

from tests.house.sources import ROOT
from tests.house.test_layers import HARNESS, LAYERS

MAP = (ROOT / "harness" / "ARCHITECTURE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("layer", LAYERS)
def test_the_rooms_of_a_layer_are_those_that_the_house_has(layer: str) -> None:
    [row] = re.findall(rf"^\| {layer} \| (.*) \|$", MAP, re.MULTILINE)
    there = {module.room for module in HARNESS} & set(LAYERS[layer].split())
    assert {name for name in re.findall(r"`(\w+)`", row) if name in " ".join(LAYERS.values()).split()} == there


def test_every_file_that_is_named_is_there() -> None:
    named = re.findall(r"`((?:harness/)?[a-z_]+/[\w/]*(?:\.py)?)`", MAP)
    assert len(named) > 15
    assert [name for name in named if not any((ROOT / folder / name).exists() for folder in ("", "harness"))] == []
