"""The search over all messages of a user, as it is asked for (gateway-protocol.md §2.7)."""

from __future__ import annotations

from typing import Self

from harness.frozen import frozen
from harness.wire import rules
from harness.wire.bodies import Query
from harness.wire.json import BadBody
from harness.wire.rules import Problems, problems, required
from harness.wire.server import MessageType, Status

__all__ = ["MessageSearch"]

_OWNERS = (rules.contacts,)
_TYPES = (rules.several_of(*MessageType),)
# Not `scheduled` and not `sending`.
_STATUSES = (
    rules.several_of(
        Status.PENDING, Status.SENT, Status.DELIVERED, Status.FAILED, Status.EXPIRED, Status.RECEIVED,
    ),
)  # fmt: skip
_SORT_BY = (rules.one_of("created_at", "owner", "contact", "type", "status"),)
_LIMIT = (required, rules.numeric, rules.minimum(1), rules.maximum(200))
_SKIP = (required, rules.numeric)
_FILTER = (rules.maximum(50),)
_TOKEN = (required,)
# As Go reads a bool, and a check box of a form (gofiber/schema: convertBool).
_FLAGS = {"", "0", "f", "F", "false", "False", "FALSE", "1", "t", "T", "true", "True", "TRUE", "on"}


@frozen
class MessageSearch:
    """`GET /v1/messages/search`; `token` is that of Turnstile. Owners are compared as they are given."""

    owners: tuple[str, ...]
    types: tuple[str, ...]
    statuses: tuple[str, ...]
    sort_by: str
    limit_text: str
    skip_text: str
    query: str
    token: str

    @classmethod
    def read(cls, query: Query, token: str) -> Self:
        """Raises `BadBody` for a `sort_descending` that is no truth value."""
        if query["sort_descending"] not in _FLAGS:
            raise BadBody({"Err": {}, "Source": "query", "Field": ""})
        return cls(
            query.all("owners"),
            query.all("types"),
            query.all("statuses"),
            query["sort_by"],
            query["limit"] if query["limit"].strip() else "100",
            query["skip"].strip() or "0",
            query["query"].strip(),
            token,
        )

    def problems(self) -> Problems:
        return problems(
            ("owners", self.owners, _OWNERS),
            ("types", self.types, _TYPES),
            ("statuses", self.statuses, _STATUSES),
            ("sort_by", self.sort_by, _SORT_BY),
            ("limit", self.limit_text, _LIMIT),
            ("skip", self.skip_text, _SKIP),
            ("query", self.query, _FILTER),
            ("token", self.token, _TOKEN),
        )
