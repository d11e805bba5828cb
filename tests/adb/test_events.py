from __future__ import annotations

from typing import get_args

from harness.adb import events


def test_the_union_of_events_has_all_of_them() -> None:
    assert {kind.__name__ for kind in get_args(events.Event)} == set(events.__all__) - {"Event"}
