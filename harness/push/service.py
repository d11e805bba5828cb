"""FCM as httpSMS uses it: a registry of tokens, sends, and what waits for a device that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from harness.core import Command, Core, Record, Table, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.values import Arrived, Request, Respond
from harness.instants import Instant
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

_SEND = re.compile(r"/v1/projects/([^/]+)/messages:send")


class PushService(Core):
    """Takes `POST /v1/projects/{project}/messages:send` and tells the listener of the token.

    A token is registered by the device that first listens with it; a send to any other is refused as FCM refuses it.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("registered", "waiting", "facts")

    def __init__(self, name: str, draws: Draws) -> None:
        super().__init__(name, draws)
        # Token → the core that listens, or "" while the device is away.
        self.registered: Table[str, str] = Table()
        self.waiting: Table[str, tuple[PushReceived, ...]] = Table()
        self.facts: Table[str, int] = Table({"sent": 0})

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Arrived(exchange, request):
                return list(self._arrived(exchange, request))
            case StreamOpened(token, listener):
                return list(self._opened(token, listener))
            case StreamClosed(token, listener):
                if self.registered.get(token) == listener:
                    self.registered[token] = ""
                return []
            case _:
                raise ProtocolError(self.name, event, "any")

    def _arrived(self, exchange: str, request: Request) -> Iterator[Command]:
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
        yield Record("push", "accepted", message_id, {"priority": send.priority})
        yield Respond(exchange, accepted(project[1], str(number)))
        yield from self._pass_on(push)

    def _pass_on(self, push: PushReceived) -> Iterator[Command]:
        listener = self.registered[push.token]
        if listener:
            yield Tell(f"@{listener}", push)
        else:
            self.waiting[push.token] = (*self.waiting.get(push.token, ()), push)

    def _opened(self, token: str, listener: str) -> Iterator[Command]:
        self.registered[token] = listener
        yield Tell(f"@{listener}", Listening(token))
        for push in self.waiting.drop(token) or ():
            yield Tell(f"@{listener}", push)
