"""Lists of rows: filter, skip, limit (gateway-protocol.md §2.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import islice
from sys import maxsize
from typing import TypeVar

from harness.wire.requests import ListQuery

__all__ = ["matching", "page"]

R = TypeVar("R")


def matching(query: str) -> Callable[[str | None], bool]:
    """`ILIKE '%query%'`: without case, `%` and `_` in it are wildcards, a backslash takes that from them."""
    search = re.compile(_pattern(query), re.IGNORECASE | re.DOTALL).search
    return lambda text: text is not None and search(text) is not None


_WILDCARDS = {"%": ".*", "_": "."}


def _pattern(query: str) -> str:
    parts: list[str] = []
    letters = iter(query)
    for letter in letters:
        if letter == "\\":
            parts.append(re.escape(next(letters, "\\")))
        else:
            parts.append(_WILDCARDS.get(letter) or re.escape(letter))
    return "".join(parts)


def page(rows: Iterable[R], query: ListQuery, *texts: Callable[[R], str | None]) -> list[R]:
    """The rows that have the query in one of their texts, without the first `skip`, at most `limit` of them."""
    if query.query:
        matches = matching(query.query)
        rows = (row for row in rows if any(matches(text(row)) for text in texts))
    stop = None if query.limit is None else query.skip + query.limit
    # Nobody has more rows than an index can count: a number above that means all.
    return list(islice(rows, min(query.skip, maxsize), stop if stop is None or stop <= maxsize else None))
