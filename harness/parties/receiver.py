"""The webhook receiver: takes events, checks their tokens, and answers as it is told to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, ClassVar

from harness.core import Command, Core, Fact, Record, Table
from harness.draws import Draws
from harness.errors import ProtocolError, UsageError
from harness.frozen import frozen
from harness.http.values import Arrived, Exchange, Gone, HangUp, Request, Respond, Response
from harness.instants import Instant
from harness.wire.tokens import verify

__all__ = ["DOWN", "HANG", "AnswerHooks", "Receiver"]

SHOWN = ("owner", "contact", "content", "encrypted", "error_message", "request_id", "sim")

HANG, DOWN = "hang", "down"
"""The receiver never answers; it closes the connection without an answer."""


@frozen
class AnswerHooks:
    """Act: the next `times` webhooks (None: all from now on) are answered with a status, or as `HANG` or `DOWN` say."""

    answer: int | str
    times: int | None = None

    def __post_init__(self) -> None:
        if self.answer not in (HANG, DOWN) and not (isinstance(self.answer, int) and 200 <= self.answer <= 599):
            raise UsageError(f"a webhook is not answered with {self.answer!r}", "with a status from 200, hang or down")


TAKEN = AnswerHooks(200)


class Receiver(Core):
    """Writes every webhook that it takes into the trace; `verified` tells whether the token holds.

    It answers 200, unless `AnswerHooks` says otherwise. One that it does not take is an entry `refused`, which tells
    its `event` and the `answer`: the server tries again, and that one may be taken.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("facts",)

    def __init__(self, name: str, draws: Draws, url: str, signing_key: str) -> None:
        super().__init__(name, draws)
        self.url = url
        self._signing_key = signing_key
        self.facts: Table[str, AnswerHooks] = Table({"answers": TAKEN})

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Arrived(exchange, request):
                return self._answer(exchange, self._read(request, now), self._next_answer())
            case AnswerHooks():
                self.facts["answers"] = event
                return []
            case Gone():
                return []  # whoever waited for an answer that never comes
            case _:
                raise ProtocolError(self.name, event, "any")

    def _next_answer(self) -> int | str:
        answers = self.facts["answers"]
        if answers.times is None:
            return answers.answer
        left = answers.times - 1
        self.facts["answers"] = AnswerHooks(answers.answer, left) if left > 0 else TAKEN
        return answers.answer if answers.times > 0 else 200

    def _answer(self, exchange: Exchange, record: Record, answer: int | str) -> list[Command]:
        # What a server takes for a success: gateway-protocol.md §7.4.
        if isinstance(answer, int) and answer < 400:
            return [record, Respond(exchange, Response(answer))]
        facts: dict[str, Fact] = {"event": record.kind, "answer": str(answer)}
        refused = Record("webhook", "refused", record.message, facts)
        if isinstance(answer, int):
            return [refused, Respond(exchange, Response(answer))]
        return [refused, HangUp(exchange)] if answer == DOWN else [refused]

    def _read(self, request: Request, now: Instant) -> Record:
        event = _object(request.body)
        kind, data = event.get("type"), event.get("data")
        if type(kind) is not str or type(data) is not dict:
            return Record("webhook", "unreadable", None, {"bytes": len(request.body)})
        facts: dict[str, Fact] = {"verified": self._verified(request, now)}
        facts.update({name: data[name] for name in SHOWN if isinstance(data.get(name, ()), Fact)})
        attachments = data.get("attachments")
        if type(attachments) is list and attachments:
            facts["attachments"] = len(attachments)
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
