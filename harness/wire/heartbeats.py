"""The list of heartbeats as it is asked for (gateway-protocol.md §2.14)."""

from __future__ import annotations

from typing import Self

from harness.frozen import frozen
from harness.wire import numbers, rules
from harness.wire.bodies import Query
from harness.wire.requests import ListQuery
from harness.wire.rules import Problems, problems, required

__all__ = ["HeartbeatQuery"]


@frozen
class HeartbeatQuery:
    """`GET /v1/heartbeats`: those of the number `owner`."""

    owner: str
    page: ListQuery

    @classmethod
    def read(cls, query: Query) -> Self:
        return cls(numbers.address(query["owner"]), ListQuery.read(query, 1))

    def problems(self) -> Problems:
        return problems(("owner", self.owner, (required, rules.phone_number))) | self.page.problems()
