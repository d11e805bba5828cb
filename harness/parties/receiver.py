"""The webhook receiver: takes events, checks their tokens."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, ClassVar

from harness.core import Command, Core, Fact, Record
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.values import Arrived, Request, Respond, Response
from harness.instants import Instant
from harness.wire.tokens import verify

__all__ = ["Receiver"]

SHOWN = ("owner", "contact", "content", "encrypted", "error_message", "request_id", "sim")


class Receiver(Core):
    """Answers every webhook with 200 and writes what came into the trace; `verified` tells whether the token holds."""

    TABLES: ClassVar[tuple[str, ...]] = ()

    def __init__(self, name: str, draws: Draws, url: str, signing_key: str) -> None:
        super().__init__(name, draws)
        self.url = url
        self._signing_key = signing_key

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Arrived(exchange, request):
                return [self._read(request, now), Respond(exchange, Response(200))]
            case _:
                raise ProtocolError(self.name, event, "any")

    def _read(self, request: Request, now: Instant) -> Record:
        event = _object(request.body)
        kind, data = event.get("type"), event.get("data")
        if type(kind) is not str or type(data) is not dict:
            return Record("webhook", "unreadable", None, {"bytes": len(request.body)})
        facts: dict[str, Fact] = {"verified": self._verified(request, now)}
        facts.update({name: data[name] for name in SHOWN if isinstance(data.get(name, ()), Fact)})
        message_id = data.get("message_id") or data.get("id")
        return Record("webhook", kind, message_id if type(message_id) is str else None, facts)

    def _verified(self, request: Request, now: Instant) -> bool:
        scheme, _, token = (request.header("Authorization") or "").partition(" ")
        try:
            verify(token, self._signing_key, self.url, now)
        except ValueError:
            return False
        return scheme == "Bearer"


def _object(body: bytes) -> dict[str, Any]:
    """The object in a body; an empty one if there is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if type(value) is dict else {}
