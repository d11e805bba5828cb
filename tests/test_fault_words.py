"""The table of faults is what there is, and asks for nothing that a plan cannot say."""

from __future__ import annotations

from dataclasses import fields

import pytest

from harness import faults
from harness.fault_words import FAULTS
from harness.scenario.plan import Fault


def test_every_fault_has_its_words() -> None:
    made = {getattr(faults, name).name for name in faults.__all__}
    assert set(FAULTS) == {*made, "lost-update"}  # that one the gateway makes itself


@pytest.mark.parametrize("name", FAULTS)
def test_a_knob_is_a_field_of_the_plan(name: str) -> None:
    shape = FAULTS[name]
    assert set(shape.fields) <= {field.name for field in fields(Fault)} - {"name"}
    assert set(shape.required) <= set(shape.fields)
    assert shape.once is name.endswith("-push")
