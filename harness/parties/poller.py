"""Finding messages for a phone on a server that cannot push to us: asks the API for threads, then for messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from harness.core import At, Command, Core, Record, Table, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.values import Answered, Call, Outcome, Response
from harness.instants import Instant
from harness.wire.client import UserAccess, api_request
from harness.wire.fcm import MESSAGE_ID, PushReceived

__all__ = ["Poll", "Poller"]

# What the server still hands out (gateway-protocol.md §2.6).
WAITING = ("pending", "scheduled", "expired")


@dataclass(frozen=True, slots=True)
class Poll:
    """Time to ask."""


class Poller(Core):
    """Stands in for pushes to the phone with `number`. Port: `phone` takes `PushReceived`.

    A message is handed over once per state in which it waits, so a retry of the server is another push.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("facts", "seen")

    def __init__(self, name: str, draws: Draws, access: UserAccess, number: str, every: int) -> None:
        super().__init__(name, draws)
        self.access = access
        self.number = number
        self.every = every
        self.facts: Table[str, int] = Table({"calls": 0})
        self.seen: Table[str, int] = Table()

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Poll():
                path = f"/v1/message-threads?owner={quote(self.number)}&limit=100"
                return [self._call("threads", path), At(now + self.every, Poll())]
            case Answered(exchange, outcome):
                return list(self._answered(exchange, outcome))
            case _:
                raise ProtocolError(self.name, event, "any")

    def _call(self, what: str, path: str) -> Call:
        number = self.facts["calls"] + 1
        self.facts["calls"] = number
        return Call(f"{what}-{number}", self.name, api_request(self.access, "GET", path))

    def _answered(self, exchange: str, outcome: Outcome) -> Iterator[Command]:
        rows = _rows(outcome)
        if rows is None:
            status = outcome.status if isinstance(outcome, Response) else type(outcome).__name__
            yield Record("harness", "poll failed", None, {"answer": status})
            return
        if exchange.startswith("threads-"):
            for thread in rows:
                owner, contact = quote(self.number), quote(str(thread.get("contact")))
                yield self._call("messages", f"/v1/messages?owner={owner}&contact={contact}&limit=100")
            return
        for message in rows:
            yield from self._offer(message)

    def _offer(self, message: dict[str, Any]) -> Iterator[Command]:
        if message.get("status") not in WAITING or message.get("type") != "mobile-terminated":
            return
        id, attempt = str(message.get("id")), int(message.get("send_attempt_count") or 0)
        if self.seen.get(id, -1) < attempt:
            self.seen[id] = attempt
            yield Tell("phone", PushReceived("", ((MESSAGE_ID, id),)))


def _rows(outcome: Outcome) -> list[dict[str, Any]] | None:
    if not isinstance(outcome, Response) or outcome.status != 200:
        return None
    try:
        data = json.loads(outcome.body)["data"]
    except (ValueError, KeyError, TypeError):
        return None
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else None
