"""Fifty phones, a day: what must hold at midnight, and the same day twice. Longer: test_fleet_soak.py."""

from __future__ import annotations

import pytest

from tests.fleet import Fleet, Midnight, growth, run_fleet

PHONES = 50


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return run_fleet(PHONES, 1)


def test_a_day_of_fifty_phones_is_the_same_twice(fleet: Fleet) -> None:
    again = run_fleet(PHONES, 1)
    assert again.bed.trace.hash == fleet.bed.trace.hash
    assert again.days[-1].rows == fleet.days[-1].rows
    assert run_fleet(2, 1, seed=2).bed.trace.hash != run_fleet(2, 1).bed.trace.hash


# A day that nothing befell would prove nothing.
@pytest.mark.parametrize(
    "kind",
    [
        "phone heartbeat", "phone delivered", "phone text forwarded", "phone call forwarded", "phone job retried",
        "phone powered off", "phone process died", "phone network", "phone heartbeat asked for", "phone fetch failed",
        "radio rejected", "radio carrier", "push lost", "client unanswered", "gateway message.send.expired",
        "harness the API goes down",
    ],
)  # fmt: skip
def test_much_befalls_phones_in_a_day(fleet: Fleet, kind: str) -> None:
    assert fleet.days[-1].entries.get(kind, 0) > 0


def test_nearly_everything_arrives_all_the_same(fleet: Fleet) -> None:
    day = fleet.days[-1]
    sent = sum(count for status, count in day.statuses.items() if status != "received")
    assert day.statuses["delivered"] / sent > 0.9
    assert day.entries["phone heartbeat"] > 90 * PHONES


@pytest.mark.parametrize(
    ("table", "before", "after", "grows"),
    [
        ("gateway.messages", 1000, 1100, False),
        ("gateway.messages", 1000, 1500, True),
        ("phone.jobs", 50, 55, False),
        ("phone.jobs", 50, 100, True),
        ("phone.calls", 50, 2500, False),
        ("phone.calls", 2500, 2501, True),
        ("a new one", 0, 50, True),
    ],
)
def test_a_table_grows_that_has_clearly_more_rows_or_passes_its_bound(
    table: str, before: int, after: int, grows: bool
) -> None:
    first, last = (Midnight({table: rows} if rows else {}, {}, {}, 0.0) for rows in (before, after))
    assert growth(first, last, PHONES) == ({table: (before, after)} if grows else {})
