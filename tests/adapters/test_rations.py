"""Shares of memory: there is always one that may read on, and who blocks the others is known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.adapters.rations import SMALL, Rations

LIMIT = 10 * SMALL
BIG = 6 * SMALL


def test_whoever_fits_reads_on_and_who_does_not_waits_until_there_is_room() -> None:
    rations: Rations[str] = Rations(LIMIT)
    assert rations.hold("a", BIG, 0)
    assert not rations.hold("b", BIG, 1)
    assert (rations.is_spent, rations.somebody_waits, rations.resumed(2)) == (True, True, [])
    assert rations.hold("a", 0, 3)
    assert rations.resumed(3) == ["b"]
    assert (rations.total, rations.somebody_waits) == (BIG, False)


def test_the_first_reads_on_even_above_the_limit() -> None:
    rations: Rations[str] = Rations(LIMIT)
    assert rations.hold("a", 2 * LIMIT, 0)
    assert not rations.hold("b", BIG, 0)
    assert rations.hold("a", 3 * LIMIT, 0)


def test_when_the_first_is_done_the_next_is_first() -> None:
    rations: Rations[str] = Rations(LIMIT)
    for name in "abc":
        rations.hold(name, LIMIT, 0)
    rations.hold("a", 0, 1)
    assert rations.resumed(1) == ["b"]
    rations.hold("b", 0, 2)
    assert rations.resumed(2) == ["c"]


def test_small_holders_never_wait_and_count_for_nothing() -> None:
    rations: Rations[str] = Rations(LIMIT)
    rations.hold("a", 2 * LIMIT, 0)
    assert rations.hold("b", SMALL, 0)
    assert rations.total == 2 * LIMIT


def test_who_had_its_time_while_others_waited_is_overdue() -> None:
    rations: Rations[str] = Rations(LIMIT)
    rations.hold("a", LIMIT, 0)
    assert rations.overdue(99, 10) == []  # nobody waits
    rations.hold("b", BIG, 5)
    rations.hold("c", BIG, 5)
    assert rations.overdue(9, 10) == []
    assert rations.overdue(10, 10) == ["a"]
    rations.hold("a", 0, 10)
    assert rations.resumed(10) == ["b"]
    assert rations.overdue(19, 10) == []
    assert rations.overdue(20, 10) == ["b"]


def test_one_that_leaves_while_it_waits_is_forgotten() -> None:
    rations: Rations[str] = Rations(LIMIT)
    rations.hold("a", LIMIT, 0)
    rations.hold("b", BIG, 0)
    rations.hold("b", 0, 0)
    assert (rations.somebody_waits, rations.total) == (False, LIMIT)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 2 * LIMIT)), max_size=60))
def test_there_is_always_one_that_may_read_on_and_the_sum_is_true(holds: list[tuple[str, int]]) -> None:
    rations: Rations[str] = Rations(LIMIT)
    sizes: dict[str, int] = {}
    waiting: set[str] = set()
    for now, (name, size) in enumerate(holds):
        if name in waiting and size > sizes[name]:
            continue  # whoever waits reads nothing
        sizes[name] = size
        may_read = rations.hold(name, size, now)
        waiting = (waiting - {name} if may_read else waiting | {name}) - set(rations.resumed(now))
        big = {known for known, held in sizes.items() if held > SMALL}
        assert rations.total == sum(sizes[known] for known in big)
        assert waiting < big or not big
        assert not waiting or rations.is_spent
