"""harness.standin.listed: lists that follow their table."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from harness.standin.listed import Listed, Place


@dataclass(frozen=True)
class Row:
    key: str
    owners: str
    at: int


def places(row: Row) -> tuple[Place, ...]:
    return tuple(((owner,), row.at) for owner in row.owners)


KEYS, OWNERS = "abcde", ("", "x", "y", "xy")
ACTS = st.tuples(
    st.sampled_from(("put", "drop", "look", "copy")),
    st.sampled_from(KEYS),
    st.sampled_from(OWNERS),
    st.integers(0, 3),
)


@given(st.lists(ACTS))
def test_every_list_is_its_rows_by_time_and_then_by_coming(acts: list[tuple[str, str, str, int]]) -> None:
    table: Listed[str, Row] = Listed(places)
    came: list[str] = []  # the keys, in the order in which their rows came
    for act, key, owners, at in acts:
        if act == "put":
            came += [] if key in table else [key]
            table[key] = Row(key, owners, at)
        elif act == "drop" and table.drop(key) is not None:
            came.remove(key)
        elif act == "copy":
            table = table.copy()
        elif act == "look":
            for owner in "xy":
                expected = sorted((table[one] for one in came if owner in table[one].owners), key=lambda row: row.at)
                assert list(table.ascending((owner,))) == expected
                assert list(table.descending((owner,))) == expected[::-1]
                assert table.size((owner,)) == len(expected)
                assert table.first((owner,)) == (expected[0] if expected else None)
                assert table.last((owner,)) == (expected[-1] if expected else None)


def test_what_happens_to_a_copy_does_not_show_in_the_original() -> None:
    table = Listed(places, {"a": Row("a", "x", 1)})
    assert table.size(("x",)) == 1
    twin = table.copy()
    twin["b"] = Row("b", "x", 0)
    twin["a"] = replace(twin["a"], at=-1)
    assert [row.key for row in twin.ascending(("x",))] == ["a", "b"]
    assert list(table.ascending(("x",))) == [Row("a", "x", 1)]


def test_a_watched_table_tells_its_changes_still() -> None:
    table = Listed(places, {"a": Row("a", "x", 1)})
    table.watch()
    table.changes()
    table["b"] = Row("b", "x", 2)
    del table["a"]
    assert table.changes() == [("b", Row("b", "x", 2)), ("a", None)]
