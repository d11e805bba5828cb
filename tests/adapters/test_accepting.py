"""Who connects as a server ends is turned away, and nothing of it is left."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest

from harness.adapters.http_server import HttpServer
from harness.adapters.listening import Listening
from tests.adapters.raw_server import raw_server


class Silent(Listening):
    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()


@contextlib.asynccontextmanager
async def _listening() -> AsyncIterator[int]:
    async with Silent("127.0.0.1", 0) as server:
        yield server.port


@contextlib.asynccontextmanager
async def _http() -> AsyncIterator[int]:
    server = HttpServer(lambda _exchange, _request: None, lambda _exchange: None)
    port = await server.start("127.0.0.1", 0)
    yield port
    await server.close()


@contextlib.asynccontextmanager
async def _raw() -> AsyncIterator[int]:
    async def talk(peer: object) -> None:
        pass

    async with raw_server(talk) as server:
        yield server.port


@pytest.mark.parametrize("turns", range(5))  # an accepted connection comes to its server some turns of the loop later
@pytest.mark.parametrize("serving", [_listening, _http, _raw])
def test_who_comes_as_it_ends_is_turned_away_and_leaves_nothing(
    serving: Callable[[], AbstractAsyncContextManager[int]], turns: int
) -> None:
    clients: list[socket.socket] = []

    async def main() -> None:
        async with serving() as port:
            clients.append(socket.create_connection(("127.0.0.1", port)))
            for _ in range(turns):
                await asyncio.sleep(0)

    asyncio.run(main())
    with clients[0] as client:
        client.settimeout(30)
        with contextlib.suppress(ConnectionResetError):
            assert client.recv(1) == b""
    gc.collect()  # what is not closed says so here, and warnings are errors
