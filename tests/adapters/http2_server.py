"""A server of HTTP/2, made of the h2 package, that does with each request what a test says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes

from tests.adapters.certificates import server_context

__all__ = ["Http2Peer", "Http2Server", "Stream", "Talk", "http2_server"]


@dataclass
class Stream:
    """One request as it has come so far."""

    number: int
    headers: list[tuple[str, str]]
    body: bytearray = field(default_factory=bytearray)
    whole: bool = False


Talk = Callable[["Http2Peer", Stream], None]
"""Called with each whole request."""


class Http2Peer(asyncio.Protocol):
    """The server's end of a connection. `number` counts them from 1."""

    def __init__(self, server: Http2Server) -> None:
        self.server = server
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding="latin-1"))
        self.streams: dict[int, Stream] = {}
        self.said: list[events.Event] = []
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.server.peers.append(self)
        self.number = len(self.server.peers)
        self.h2.initiate_connection()
        if self.server.settings:
            self.h2.update_settings(self.server.settings)
        self.flush()

    def data_received(self, data: bytes) -> None:
        self.received += data[: 200 - len(self.received)]
        try:
            happened = self.h2.receive_data(data)
        except ProtocolError:
            self.transport.close()
            return
        self.said += happened
        for event in happened:
            self._happened(event)
        self.flush()

    def _happened(self, event: events.Event) -> None:
        match event:
            case events.RequestReceived():
                headers = [(str(name), str(value)) for name, value in event.headers or []]
                self.streams[event.stream_id or 0] = Stream(event.stream_id or 0, headers)
            case events.DataReceived():
                self.streams[event.stream_id or 0].body += event.data or b""
                if not self.server.reads_nothing:
                    self.h2.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id or 0)
            case events.StreamEnded():
                stream = self.streams[event.stream_id or 0]
                stream.whole = True
                self.server.talk(self, stream)

    def answer(self, stream: Stream, *pieces: bytes, status: int = 200, end: bool = True, **headers: str) -> None:
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        ends = end and not pieces
        self.h2.send_headers(stream.number, [(":status", str(status)), *named], end_stream=ends)
        for nth, piece in enumerate(pieces, start=1):
            self.h2.send_data(stream.number, piece, end_stream=end and nth == len(pieces))
        self.flush()

    def flush(self) -> None:
        self.transport.write(self.h2.data_to_send())


class Http2Server:
    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.port = 0
        self.peers: list[Http2Peer] = []
        self.settings: dict[SettingCodes | int, int] = {}
        self.reads_nothing = False

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextlib.asynccontextmanager
async def http2_server(
    talk: Talk,
    certificate: Path,
    *,
    settings: dict[SettingCodes | int, int] | None = None,
    reads_nothing: bool = False,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[Http2Server]:
    here = Http2Server(talk)
    here.settings = settings or {}
    here.reads_nothing = reads_nothing
    context = server_context(certificate, "h2", "http/1.1")
    listening = await asyncio.get_running_loop().create_server(lambda: Http2Peer(here), host, port, ssl=context)
    here.port = listening.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        listening.close()
        for peer in here.peers:
            peer.transport.abort()
