"""FCM as httpSMS uses it: a registry of tokens, sends, and what waits for a device that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from harness.core import Command, Core, Fact, Record, Table, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.values import Arrived, Request, Respond
from harness.instants import Instant
from harness.redaction import shown_body
from harness.wire.fcm import (
    MESSAGE_ID,
    Listening,
    PushReceived,
    StreamClosed,
    StreamOpened,
    accepted,
    read_send,
    refused,
)

__all__ = ["PushService"]

# So many pushes FCM keeps for a device that is away (Firebase, "Non-collapsible and collapsible messages").
WAITING_MAX = 100

_SEND = re.compile(r"/v1/projects/([^/]+)/messages:send")


class PushService(Core):
    """Takes `POST /v1/projects/{project}/messages:send` and tells the listener of the token.

    A token is registered by the device that first listens with it; a send to any other is refused as FCM refuses it.
    With `exchanges` the trace shows what was asked, without the token.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("registered", "waiting", "facts")

    def __init__(self, name: str, draws: Draws, *, exchanges: bool = False) -> None:
        super().__init__(name, draws)
        self._exchanges = exchanges
        # Token → the core that listens, or "" while the device is away.
        self.registered: Table[str, str] = Table()
        # Token → what came while its device was away, each with the instant at which it is dropped.
        self.waiting: Table[str, tuple[tuple[Instant, PushReceived], ...]] = Table()
        self.facts: Table[str, int] = Table({"sent": 0})

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Arrived(exchange, request):
                return list(self._arrived(exchange, request, now))
            case StreamOpened(token, listener):
                return list(self._opened(token, listener, now))
            case StreamClosed(token, listener):
                if self.registered.get(token) == listener:
                    self.registered[token] = ""
                return []
            case _:
                raise ProtocolError(self.name, event, "any")

    def _arrived(self, exchange: str, request: Request, now: Instant) -> Iterator[Command]:
        project = _SEND.fullmatch(request.path)
        if project is None or request.method != "POST":
            yield Respond(exchange, refused(404, "NOT_FOUND", "Requested entity was not found."))
            return
        try:
            send = read_send(request.body)
        except ValueError as error:
            yield Record("push", "refused", None, {"status": 400})
            yield Respond(exchange, refused(400, "INVALID_ARGUMENT", str(error)))
            return
        push = PushReceived(send.token, send.data)
        message_id = push.get(MESSAGE_ID)
        if send.token not in self.registered:
            yield Record("push", "refused", message_id, {"status": 404})
            yield Respond(exchange, refused(404, "UNREGISTERED", "Requested entity was not found."))
            return
        number = self.facts["sent"] + 1
        self.facts["sent"] = number
        facts: dict[str, Fact] = {"priority": send.priority}
        if self._exchanges:
            facts["request"] = shown_body(request.body)
        yield Record("push", "accepted", message_id, facts)
        yield Respond(exchange, accepted(project[1], str(number)))
        yield from self._pass_on(push, now + send.ttl)

    def _pass_on(self, push: PushReceived, expires_at: Instant) -> Iterator[Command]:
        listener = self.registered[push.token]
        if listener:
            yield Tell(f"@{listener}", push)
            return
        waiting = (*self.waiting.get(push.token, ()), (expires_at, push))
        # FCM drops all of them then, and says so to the device; the app does not listen for that.
        self.waiting[push.token] = waiting if len(waiting) <= WAITING_MAX else ()

    def _opened(self, token: str, listener: str, now: Instant) -> Iterator[Command]:
        self.registered[token] = listener
        yield Tell(f"@{listener}", Listening(token))
        for expires_at, push in self.waiting.drop(token) or ():
            if now < expires_at:
                yield Tell(f"@{listener}", push)
            else:
                yield Record("push", "expired", push.get(MESSAGE_ID))
