"""A server that answers from a table."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from harness.adapters.http_client import Address
from harness.http.parse import Sink
from harness.http.values import Call, Outcome, Response
from harness.targets.account import Account
from harness.wire.client import UserAccess

__all__ = ["ACCESS", "Answers", "account_of"]

ACCESS = UserAccess("http", "sms.example.com", "uk_one")


class Answers:
    """Answers `GET /v1/phones` and so on with what the table has for it: data, a status, or an outcome."""

    def __init__(self, **table: Any) -> None:
        self.table: dict[str, Any] = table
        self.asked: list[str] = []

    async def call(
        self,
        call: Call,
        *,
        sink: Callable[[Response], Sink | None] | None = None,
        on_sent: Callable[[Address], None] | None = None,
    ) -> Outcome:
        request = call.request
        self.asked.append(f"{request.method} {request.target.decode()}")
        found = self.table.get(f"{request.method} {request.path}", 404)
        if isinstance(found, int):
            return Response(found)
        if isinstance(found, list | dict):
            skip = int(request.query.partition("skip=")[2] or 0)
            page = found[skip : skip + 100] if isinstance(found, list) else found
            return Response(200, (), json.dumps({"data": page}).encode())
        outcome: Outcome = found
        return outcome


def account_of(**table: Any) -> tuple[Account, Answers]:
    answers = Answers(**table)
    return Account(answers, ACCESS), answers
