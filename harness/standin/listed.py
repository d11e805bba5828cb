"""Tables whose rows are also found by what they belong to, in order."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self, TypeVar

from harness.core import Table

__all__ = ["Listed", "Place", "Scope"]

K = TypeVar("K")
V = TypeVar("V")

Scope = tuple[str, ...]
"""What a list is of: its kind, then whose it is."""

Place = tuple[Scope, Any]
"""Where a row stands: in which list, and by what it is sorted there."""

_Entry = tuple[Any, int, Any]  # sorted by, number of the row, its key


class Listed(Table[K, V]):
    """A table with lists. `places` says in which ones a row stands.

    Rows with equal sort keys keep the order in which they came. The lists are no state: they are made when the first
    one is asked for and then kept up to date, and a copy makes its own.
    """

    __slots__ = ("_lists", "_number", "_places", "_places_of")

    def __init__(self, places: Callable[[V], tuple[Place, ...]], rows: Iterable[tuple[K, V]] | dict[K, V] = ()) -> None:
        super().__init__(rows)
        self._places_of = places
        self._lists: dict[Scope, list[_Entry]] | None = None
        self._places: dict[K, tuple[int, tuple[Place, ...]]] = {}
        self._number = 0

    def ascending(self, scope: Scope) -> Iterator[V]:
        """The rows of a list, the smallest first. The table must not change meanwhile."""
        return (self[entry[2]] for entry in self._list(scope))

    def descending(self, scope: Scope) -> Iterator[V]:
        """The rows of a list, the greatest (newest) first. The table must not change meanwhile."""
        return (self[entry[2]] for entry in reversed(self._list(scope)))

    def first(self, scope: Scope) -> V | None:
        entries = self._list(scope)
        return self[entries[0][2]] if entries else None

    def last(self, scope: Scope) -> V | None:
        entries = self._list(scope)
        return self[entries[-1][2]] if entries else None

    def size(self, scope: Scope) -> int:
        return len(self._list(scope))

    def copy(self) -> Self:
        return type(self)(self._places_of, self)

    def __setitem__(self, key: K, row: V) -> None:
        if self._lists is not None:
            self._place(self._lists, key, row)
        super().__setitem__(key, row)

    def __delitem__(self, key: K) -> None:
        super().__delitem__(key)
        if self._lists is not None:
            self._take_out(self._lists, key, *self._places.pop(key))

    def _list(self, scope: Scope) -> list[_Entry]:
        lists = self._lists
        if lists is None:
            lists = self._lists = {}
            for key, row in self.items():
                self._place(lists, key, row)
        return lists.get(scope, [])

    def _place(self, lists: dict[Scope, list[_Entry]], key: K, row: V) -> None:
        places = self._places_of(row)
        known = self._places.get(key)
        if known is None:
            number = self._number = self._number + 1
        elif known[1] == places:
            return
        else:
            number = known[0]
            self._take_out(lists, key, *known)
        self._places[key] = number, places
        for scope, sort_key in places:
            insort(lists.setdefault(scope, []), (sort_key, number, key))

    def _take_out(self, lists: dict[Scope, list[_Entry]], key: K, number: int, places: tuple[Place, ...]) -> None:
        for scope, sort_key in places:
            entries = lists[scope]
            del entries[bisect_left(entries, (sort_key, number, key))]
            if not entries:
                del lists[scope]
