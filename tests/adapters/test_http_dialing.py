"""Connections are opened with the right reason for not being so, and none is forgotten."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from harness.adapters.http_connection import Connection
from harness.adapters.http_dialing import Dialer, resolve_name
from harness.http.values import Closed, ConnectFailed, TimedOut
from tests.adapters import moved_loop
from tests.adapters.certificates import server_context, trust_of
from tests.adapters.moved_loop import move
from tests.adapters.raw_server import Peer, RawServer, raw_server


async def hang(peer: Peer) -> None:
    await peer.reader.read()


def dialer(certificate: Path | None = None, *offers: str) -> Dialer:
    trust = ssl.create_default_context if certificate is None else partial(trust_of, certificate)
    return Dialer(resolve=resolve_name, trust=trust, offers=offers)


def run(test: Callable[[RawServer], Awaitable[None]], **more: object) -> None:
    async def main() -> None:
        async with raw_server(hang, **more) as server:
            await test(server)

    moved_loop.run(main())


async def reached(here: Dialer, server: RawServer) -> socket.socket:
    found = await here.reach("127.0.0.1", server.port, None)
    assert isinstance(found, socket.socket)
    return found


def test_an_open_connection_is_counted_until_it_is_lost() -> None:
    async def test(server: RawServer) -> None:
        here = dialer()
        connection = await here.attach(
            await reached(here, server), lambda _: Connection(here.lost), host=None, limit_s=None
        )
        assert isinstance(connection, Connection)
        assert here.open == 1
        connection.transport.abort()
        await move(0)
        assert here.open == 0

    run(test)


def test_what_is_made_knows_the_protocol_that_the_server_chose(certificate: Path) -> None:
    async def test(server: RawServer) -> None:
        for offers, chosen in (((), None), (("h2", "http/1.1"), "http/1.1"), (("h2",), None)):
            here = dialer(certificate, *offers)
            made: list[str | None] = []

            def make(protocol: str | None, here: Dialer = here, made: list[str | None] = made) -> Connection:
                made.append(protocol)
                return Connection(here.lost)

            connection = await here.attach(await reached(here, server), make, host="127.0.0.1", limit_s=None)
            assert isinstance(connection, Connection)
            assert made == [chosen]
            await here.close()
            assert here.open == 0

    run(test, ssl=server_context(certificate, "http/1.1"))


def test_a_handshake_has_its_limit(certificate: Path) -> None:
    async def test(server: RawServer) -> None:
        here = dialer(certificate)
        found = await reached(here, server)
        waiting = asyncio.ensure_future(
            here.attach(found, lambda _: Connection(here.lost), host="127.0.0.1", limit_s=5)
        )
        await move(0)  # it begins
        await move(4)
        assert not waiting.done()
        await move(1)
        assert await waiting == TimedOut("connect")
        assert here.open == 0

    run(test)


def test_once_closed_nothing_is_opened() -> None:
    async def test(server: RawServer) -> None:
        here = dialer()
        found = await reached(here, server)
        await here.close()
        assert here.is_closed()
        ended = await here.attach(found, lambda _: Connection(here.lost), host=None, limit_s=None)
        assert ended == Closed(sent_all=False)
        assert found.fileno() == -1

    run(test)


@pytest.mark.parametrize(
    ("address", "port", "kind"), [("127.0.0.1", 99999, "unreachable"), ("127.0.0.1", 1, "refused")]
)
def test_an_address_that_takes_nobody_says_why(address: str, port: int, kind: str) -> None:
    async def main() -> None:
        outcome = await dialer().reach(address, port, None)
        assert isinstance(outcome, ConnectFailed)
        assert (outcome.kind, bool(outcome.text)) == (kind, True)
        assert address not in outcome.text

    moved_loop.run(main())
