"""harness.standin.api.lists: filter, skip and limit (gateway-protocol.md §2.1)."""

from __future__ import annotations

import pytest

from harness.standin import sql
from harness.standin.api import lists
from harness.wire.bodies import Query
from harness.wire.requests import ListQuery


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("", ["a1", "a2"]),
        ("limit=10", ["a1", "a2", "b3"]),
        ("limit=10&skip=1", ["a2", "b3"]),
        ("limit=0", []),
        ("limit=-1&skip=-5", ["a1", "a2", "b3"]),
        ("limit=1&query=A", ["a1"]),
        ("skip=1&query=A", ["a2"]),
        ("limit=99999999999999999999&skip=2", ["b3"]),
    ],
)
def test_a_page_is_cut_out_of_what_was_found(query: str, page: list[str]) -> None:
    assert lists.page(["a1", "a2", "b3"], ListQuery.read(Query(query), 2), lambda row: row) == page


def test_any_of_the_texts_may_have_the_query() -> None:
    asked = ListQuery.read(Query("query=x"), 10)
    assert lists.page(["a", "x"], asked, lambda row: None, lambda row: row) == ["x"]


def test_how_the_query_is_compared_is_a_matter_of_the_list() -> None:
    asked = ListQuery.read(Query("query=A"), 10)
    assert lists.page(["a", "A"], asked, lambda row: row) == ["a", "A"]
    assert lists.page(["a", "A"], asked, lambda row: row, matching=sql.containing_exactly) == ["A"]


def test_a_query_that_the_database_refuses_is_refused_even_where_there_is_nothing_to_find() -> None:
    with pytest.raises(sql.BadText):
        lists.page([], ListQuery.read(Query("query=%00"), 10), lambda row: row)
