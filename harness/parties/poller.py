"""Finding messages for a phone on a server that cannot push to us: asks the API for threads, then for messages."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, ClassVar
from urllib.parse import quote

from harness.core import At, Command, Core, Record, Table, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.frozen import frozen
from harness.http.values import Answered, Call, Outcome, Response
from harness.instants import Instant
from harness.wire.client import UserAccess, api_request, contacts_of, waiting_of
from harness.wire.fcm import MESSAGE_ID, PushReceived

__all__ = ["Poll", "Poller"]

SEEN_MAX = 10_000
"""How many messages are remembered as handed over. A server lists the newest hundred of each contact."""


@frozen
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
                return self._answered(exchange, outcome)
            case _:
                raise ProtocolError(self.name, event, "any")

    def _call(self, what: str, path: str) -> Call:
        number = self.facts["calls"] + 1
        self.facts["calls"] = number
        return Call(f"{what}-{number}", self.name, api_request(self.access, "GET", path))

    def _answered(self, exchange: str, outcome: Outcome) -> list[Command]:
        if isinstance(outcome, Response) and outcome.status == 200:
            with suppress(ValueError):
                if exchange.startswith("threads-"):
                    return [self._ask_for_messages(contact) for contact in contacts_of(outcome)]
                return [command for row in waiting_of(outcome) for command in self._offer(*row)]
        answer = outcome.status if isinstance(outcome, Response) else type(outcome).__name__
        return [Record("harness", "poll failed", None, {"answer": answer})]

    def _ask_for_messages(self, contact: str) -> Command:
        owner, contact = quote(self.number), quote(contact, errors="replace")
        return self._call("messages", f"/v1/messages?owner={owner}&contact={contact}&limit=100")

    def _offer(self, message_id: str, attempts: int) -> list[Command]:
        if self.seen.get(message_id, -1) >= attempts:
            return []
        self.seen[message_id] = attempts
        if len(self.seen) > SEEN_MAX:
            del self.seen[next(iter(self.seen))]
        return [Tell("phone", PushReceived("", ((MESSAGE_ID, message_id),)))]
