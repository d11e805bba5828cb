"""Tables and cores: what a driver copies, and what it learns of changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import Command, Core, Table
from harness.draws import Draws
from harness.instants import Instant


class Counter(Core):
    """Counts its events in a table; `limits` is no table."""

    TABLES: ClassVar[tuple[str, ...]] = ("counts",)

    def __init__(self) -> None:
        super().__init__("counter", Draws(1, "counter"))
        self.counts: Table[str, int] = Table({"events": 0})
        self.limits = {"events": 10}

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        self.counts["events"] += 1
        self.draws.random()
        return []


# -- what changed ------------------------------------------------------------------------------------------------

Change = Callable[[Table[str, int]], Any]


def put(key: str, row: int) -> Change:
    return lambda table: table.__setitem__(key, row)


def take(key: str) -> Change:
    return lambda table: table.__delitem__(key)


def told(changes: Iterable[Change]) -> list[tuple[str, int | None]]:
    """What a table with the rows a and b tells after these changes."""
    table: Table[str, int] = Table({"a": 1, "b": 2})
    table.watch()
    assert table.changes() == [("a", 1), ("b", 2)]
    for change in changes:
        change(table)
    return table.changes()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], []),
        ([put("c", 3)], [("c", 3)]),
        ([put("a", 5), put("a", 6)], [("a", 6)]),
        ([take("a")], [("a", None)]),
        # What came and went nobody has heard of.
        ([put("c", 3), take("c")], []),
        ([put("c", 3), put("c", 4), take("c"), put("d", 5), put("c", 6)], [("d", 5), ("c", 6)]),
        ([take("a"), put("a", 1), put("a", 2), take("a"), put("a", 3)], [("a", None), ("a", 3)]),
        # Out and in again: the row is at the end now, so whoever keeps a copy must move it too.
        ([take("a"), put("a", 1)], [("a", None), ("a", 1)]),
        ([take("a"), put("a", 1), take("a")], [("a", None)]),
        ([put("b", 7), take("a"), put("a", 1), put("b", 8)], [("b", 8), ("a", None), ("a", 1)]),
        ([lambda table: table.drop("a"), lambda table: table.drop("nobody")], [("a", None)]),
    ],
)
def test_a_table_tells_what_changed_since_it_was_asked(
    changes: list[Change], expected: list[tuple[str, int | None]]
) -> None:
    assert told(changes) == expected


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.none() | st.integers(), st.booleans())))
def test_a_copy_that_follows_the_changes_has_the_same_rows_in_the_same_order(
    steps: list[tuple[str, int | None, bool]],
) -> None:
    table: Table[str, int] = Table()
    table.watch()
    copied: dict[str, int] = {}
    for key, row, is_asked in [*steps, ("z", None, True)]:
        if row is None:
            table.drop(key)
        else:
            table[key] = row
        for changed, value in table.changes() if is_asked else ():
            if value is None:
                copied.pop(changed, None)
            else:
                copied[changed] = value
    assert list(copied.items()) == list(table.items())


def test_a_table_that_nobody_watches_tells_nothing() -> None:
    table: Table[str, int] = Table()
    table["a"] = 1
    assert table.changes() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.update({"a": 2}),
        lambda table: table.pop("a"),
        lambda table: table.popitem(),
        lambda table: table.setdefault("a", 1),
        lambda table: table.clear(),
        lambda table: table.__ior__({"a": 2}),
    ],
)
def test_rows_cannot_change_behind_the_back_of_a_table(change: Change) -> None:
    table: Table[str, int] = Table({"a": 1})
    with pytest.raises(TypeError, match="drop"):
        change(table)
    assert table == {"a": 1}


# -- copies --------------------------------------------------------------------------------------------------------


def test_a_copied_table_is_of_the_same_kind_and_nobody_watches_it() -> None:
    class Shelf(Table[str, int]):
        pass

    shelf = Shelf({"a": 1})
    shelf.watch()
    twin = shelf.copy()
    twin["b"] = 2
    assert type(twin) is Shelf
    assert twin.touched is None
    assert shelf == {"a": 1}


def test_a_forked_core_goes_on_alone_from_the_same_past() -> None:
    counter = Counter()
    counter.handle("event", 0)
    twin = counter.fork()
    assert twin.draws.position == counter.draws.position
    twin.handle("event", 0)
    assert (counter.counts["events"], twin.counts["events"]) == (1, 2)
    assert twin.draws.position == counter.draws.position + 1
    assert twin.limits is counter.limits
    assert list(twin.tables()) == ["counts"]
