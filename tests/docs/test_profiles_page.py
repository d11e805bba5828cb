"""docs/profiles.md is what the files of harness/profiles give now."""

from __future__ import annotations

from dataclasses import fields

import pytest

from harness.profile import AppProfile, OemProfile
from tools.profiles_page import PLACE, page


def test_the_page_of_profiles_is_what_make_docs_writes() -> None:
    assert PLACE.read_text(encoding="utf-8") == page(), "write it anew with make docs"


@pytest.mark.parametrize("kind", [AppProfile, OemProfile])
def test_the_page_explains_every_knob(kind: type[AppProfile] | type[OemProfile]) -> None:
    table = page().split("| knob | what it does |")[1].split("##")[0]
    knobs = [known.name.removesuffix("_ns") for known in fields(kind) if known.name not in ("name", "about")]
    assert [knob for knob in knobs if f"`{knob}`" not in table] == []
