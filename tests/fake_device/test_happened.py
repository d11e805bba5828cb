from __future__ import annotations

from typing import get_args

from harness.fake_device import happened


def test_everything_that_can_happen_is_offered_by_name() -> None:
    assert {kind.__name__ for kind in get_args(happened.Happened)} == set(happened.__all__) - {"Happened"}
