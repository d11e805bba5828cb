"""The stream that a phone in another process holds open: server-sent events, one a push."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, ClassVar
from urllib.parse import parse_qs

from harness.core import Command, Core, Table, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.sse import Event, event_bytes
from harness.http.values import Arrived, Chunk, Gone, Request, Respond, Response
from harness.instants import Instant
from harness.wire.fcm import Listening, PushReceived, StreamClosed, StreamOpened

__all__ = ["STREAM_PATH", "PushStreams"]

STREAM_PATH = "/_push/stream"

_HEAD = (("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"))


class PushStreams(Core):
    """`GET /_push/stream?token=T` stays open and carries T's pushes. Port: `push` takes who listens and who left."""

    TABLES: ClassVar[tuple[str, ...]] = ("streams", "tokens")

    def __init__(self, name: str, draws: Draws) -> None:
        super().__init__(name, draws)
        self.streams: Table[str, str] = Table()  # token → exchange
        self.tokens: Table[str, str] = Table()  # exchange → token

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Arrived(exchange, request):
                return self._open(exchange, request)
            case PushReceived(token, data):
                return self._send(token, Event(json.dumps(dict(data))))
            case Listening(token):
                return self._send(token, Event("{}", "listening"))
            case Gone(exchange):
                return self._close(exchange)
            case _:
                raise ProtocolError(self.name, event, "any")

    def _send(self, token: str, event: Event) -> list[Command]:
        exchange = self.streams.get(token)
        return [] if exchange is None else [Chunk(exchange, event_bytes(event))]

    def _open(self, exchange: str, request: Request) -> list[Command]:
        token = parse_qs(request.query).get("token", [""])[0]
        if not token or request.method != "GET":
            return [Respond(exchange, Response(400, (("Content-Type", "text/plain"),), b"token is missing\n"))]
        commands: list[Command] = []
        old = self.streams.get(token)
        if old is not None:
            del self.tokens[old]
            commands.append(Chunk(old, b"", last=True))
        self.streams[token] = exchange
        self.tokens[exchange] = token
        head = Response(200, _HEAD, b"", stream=True)
        return [*commands, Respond(exchange, head), Tell("push", StreamOpened(token, self.name))]

    def _close(self, exchange: str) -> list[Command]:
        token = self.tokens.drop(exchange)
        if token is None:  # another stream has taken its place
            return []
        del self.streams[token]
        return [Tell("push", StreamClosed(token, self.name))]
