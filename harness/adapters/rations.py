"""How much of unfinished requests all connections together may hold in memory, and who reads on when that is spent."""

from __future__ import annotations

from typing import Generic, TypeVar

__all__ = ["SMALL", "Rations"]

SMALL = 16 * 1024
"""So much every connection may hold: whole heads and ordinary requests are read also when there is no room."""

T = TypeVar("T")


class Rations(Generic[T]):
    """Shares `limit` bytes among holders (connections), in the order in which they began to hold more than `SMALL`.

    Above the limit only the first reads on, so there is always one that can get done; the others wait. A holder that
    has had its turn for as long as somebody may wait, and is not done, is `overdue`. Times in seconds, of any clock.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._sizes: dict[T, int] = {}
        self._since: dict[T, float] = {}
        self._waiting: dict[T, None] = {}
        self.total = 0

    @property
    def is_spent(self) -> bool:
        return self.total > self._limit

    def hold(self, holder: T, size: int, now: float) -> bool:
        """Notes what `holder` holds now; False if it has to wait before it reads on."""
        before = self._sizes.get(holder, 0)
        if size <= SMALL:
            self._forget(holder)
            return True
        self.total += size - before
        self._sizes[holder] = size
        self._since.setdefault(holder, now)
        if self._may_read(holder):
            return True
        self._waiting[holder] = None
        return False

    def _forget(self, holder: T) -> None:
        self.total -= self._sizes.pop(holder, 0)
        self._since.pop(holder, None)
        self._waiting.pop(holder, None)

    def _may_read(self, holder: T) -> bool:
        return not self.is_spent or next(iter(self._sizes)) is holder

    def resumed(self, now: float) -> list[T]:
        """Those who waited and may read on; their time begins now."""
        free: list[T] = []
        for holder in self._waiting:
            if not self._may_read(holder):
                break
            free.append(holder)
        for holder in free:
            del self._waiting[holder]
            self._since[holder] = now
        return free

    def overdue(self, now: float, patience_s: float) -> list[T]:
        """Who has held its share for `patience_s` while others wait."""
        if not self._waiting:
            return []
        return [
            holder for holder, since in self._since.items() if holder not in self._waiting and now - since >= patience_s
        ]

    @property
    def somebody_waits(self) -> bool:
        return bool(self._waiting)
