"""Lists of rows: filter, skip, limit (gateway-protocol.md §2.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from sys import maxsize
from typing import TypeVar

from harness.standin import sql
from harness.wire.requests import ListQuery

__all__ = ["page"]

R = TypeVar("R")


def page(
    rows: Iterable[R],
    query: ListQuery,
    *texts: Callable[[R], str | None],
    matching: Callable[[str], sql.Matches] = sql.containing,
) -> list[R]:
    """The rows that have the query in one of their texts, without the first `skip`, at most `limit` of them.

    Raises `sql.BadText` for a query that the database refuses.
    """
    if query.query:
        matches = matching(query.query)
        rows = (row for row in rows if any(matches(text(row)) for text in texts))
    stop = None if query.limit is None else query.skip + query.limit
    # Nobody has more rows than an index can count: a number above that means all.
    return list(islice(rows, min(query.skip, maxsize), stop if stop is None or stop <= maxsize else None))
