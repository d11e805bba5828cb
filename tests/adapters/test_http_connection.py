"""One connection carries one exchange after the other, and knows when it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from harness.adapters.http_connection import Connection
from harness.http.parse import ResponseParser
from harness.http.values import Closed, Limits, Request, Response
from harness.okhttp.http1 import Http1Answer
from tests.adapters import moved_loop
from tests.adapters.moved_loop import move
from tests.adapters.raw_server import Peer, Talk, raw_server

REQUEST = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
OK_RESPONSE = Response(200, (("Content-Length", "2"),), b"ok")


async def serve(peer: Peer) -> None:
    while await peer.request():
        peer.send(OK)


def run(talk: Talk, test: Callable[[Connection, list[Connection]], Awaitable[None]]) -> None:
    """The test gets a connection to the server, and the list of those that were lost."""

    async def main() -> None:
        lost: list[Connection] = []
        loop = asyncio.get_running_loop()
        async with raw_server(talk) as server:
            _, connection = await loop.create_connection(lambda: Connection(lost.append), "127.0.0.1", server.port)
            await test(connection, lost)
            connection.transport.abort()
            await move(0)
            assert lost == [connection]

    moved_loop.run(main())


def test_a_connection_carries_one_exchange_after_the_other() -> None:
    async def test(connection: Connection, lost: list[Connection]) -> None:
        assert not connection.reusable  # nothing is known about the server yet
        for _ in range(3):
            assert await connection.exchange(REQUEST, ResponseParser(), Limits()) == OK_RESPONSE
            assert connection.reusable
        assert not lost

    run(serve, test)


def test_an_idle_connection_closes_in_time_unless_it_is_used() -> None:
    async def test(connection: Connection, lost: list[Connection]) -> None:
        connection.close_after(10)
        await move(9)
        assert await connection.exchange(REQUEST, ResponseParser(), Limits()) == OK_RESPONSE
        connection.close_after(10)
        await move(9)
        assert not lost
        await move(1)
        assert lost

    run(serve, test)


def test_zero_seconds_of_idling_are_none() -> None:
    async def test(connection: Connection, lost: list[Connection]) -> None:
        connection.close_after(0)
        await move(0)
        assert lost

    run(serve, test)


def test_an_exchange_on_a_closed_connection_sends_nothing() -> None:
    async def test(connection: Connection, lost: list[Connection]) -> None:
        connection.close_after(0)
        assert await connection.exchange(REQUEST, ResponseParser(), Limits()) == Closed(sent_all=False)

    run(serve, test)


def test_a_connection_whose_answer_says_close_is_closed_at_once() -> None:
    async def close(peer: Peer) -> None:
        await peer.request()
        peer.send(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await peer.reader.read()

    async def test(connection: Connection, lost: list[Connection]) -> None:
        outcome = await connection.exchange(REQUEST, ResponseParser(), Limits())
        assert isinstance(outcome, Response)
        assert not connection.reusable
        await move(0)
        assert lost

    run(close, test)


def test_bytes_that_nobody_asked_for_end_the_connection() -> None:
    async def greet(peer: Peer) -> None:
        peer.send(b"220 hello\r\n")
        await peer.reader.read()

    async def test(connection: Connection, lost: list[Connection]) -> None:
        while not lost:
            await move(0)

    run(greet, test)


def test_what_is_no_http_is_told_from_no_answer() -> None:
    for answer, garbled in ((b"220 hello\r\n", True), (b"", False), (OK[:20], False)):

        async def talk(peer: Peer, answer: bytes = answer) -> None:
            await peer.request()
            peer.send(answer)

        async def test(connection: Connection, lost: list[Connection], garbled: bool = garbled) -> None:
            asked = Http1Answer(Request("GET", "http", "h", b"/"))
            complaint = "Unexpected status line: 220 hello" if garbled else ""
            assert await connection.exchange(REQUEST, asked, Limits()) == Closed(True, complaint)
            assert connection.garbled is garbled

        run(talk, test)


def test_closing_ends_an_exchange_under_way() -> None:
    async def hang(peer: Peer) -> None:
        await peer.reader.read()

    async def test(connection: Connection, lost: list[Connection]) -> None:
        asked = asyncio.ensure_future(connection.exchange(REQUEST, ResponseParser(), Limits()))
        await move(0)
        connection.close()
        assert await asked == Closed(sent_all=True)

    run(hang, test)
