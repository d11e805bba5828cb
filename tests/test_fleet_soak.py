"""A fleet for a week: it does not grow, and the same plan has the same hash. FLEET=1000x7 chooses phones and days."""

from __future__ import annotations

import os

import pytest

from tests.fleet import growth, run_fleet

DAYS = 7
# A phone-day takes 25 to 40 ms, and the week goes by twice.
PHONES_PER_SECOND = 2


def _size(soak_s: float) -> tuple[int, int]:
    asked = os.environ.get("FLEET")
    if asked is None:
        return max(20, round(soak_s * PHONES_PER_SECOND)), DAYS
    phones, _, days = asked.partition("x")
    return int(phones), int(days)


@pytest.mark.soak
def test_a_fleet_does_not_grow_and_the_same_plan_has_the_same_hash(soak_s: float) -> None:
    phones, days = _size(soak_s)
    first = run_fleet(phones, days)
    # On the third day the users delete messages for the first time: from then on each day is like the one before.
    settled, last = first.days[min(2, days - 1)], first.days[-1]
    assert growth(settled, last, phones) == {}
    assert last.memory_mib <= settled.memory_mib * 1.15 + 2
    found, rows = first.bed.trace.hash, last.rows
    del first
    again = run_fleet(phones, days)
    assert (again.bed.trace.hash, again.days[-1].rows) == (found, rows)
