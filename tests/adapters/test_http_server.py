"""The server on real sockets: what clients of every kind get, and what cores are told."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from harness.adapters.http_server import HttpServer, ServerLimits
from harness.errors import PortInUse, UsageError
from harness.http.parse import ResponseParser
from harness.http.render import response_bytes
from harness.http.values import Request, Response
from tests.adapters import moved_loop
from tests.adapters.moved_loop import move

TEXT = (("Content-Type", "text/plain; charset=utf-8"),)
SHORT = ServerLimits(head_s=4, idle_s=5)


class Site:
    """A server with an echo at `/`; other paths wait until the test answers. Records what it is told."""

    def __init__(self, limits: ServerLimits | None) -> None:
        self.server = HttpServer(self._on_request, self._on_gone, limits=limits)
        self.arrived: asyncio.Queue[tuple[str, Request]] = asyncio.Queue()
        self.gone: asyncio.Queue[str] = asyncio.Queue()
        self.port = 0

    def _on_request(self, exchange: str, request: Request) -> None:
        if request.path == "/":
            self.server.respond(exchange, Response(200, (), request.body or request.method.encode()))
        else:
            self.arrived.put_nowait((exchange, request))

    def _on_gone(self, exchange: str) -> None:
        self.gone.put_nowait(exchange)

    async def waiting(self) -> str:
        """The exchange of the next request that waits for the test."""
        exchange, _ = await self.arrived.get()
        return exchange

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def talk(self, data: bytes) -> bytes:
        """Everything that comes back until the server closes; our side stays open."""
        reader, writer = await self.connect()
        writer.write(data)
        answer = await reader.read()
        writer.close()
        return answer


@contextlib.asynccontextmanager
async def site(limits: ServerLimits | None = None) -> AsyncIterator[Site]:
    here = Site(limits)
    here.port = await here.server.start("127.0.0.1", 0)
    try:
        yield here
    finally:
        await here.server.close()


def run(test: Callable[[Site], Awaitable[None]], limits: ServerLimits | None = None) -> None:
    async def main() -> None:
        async with site(limits) as here:
            await test(here)

    moved_loop.run(main())


def answers(*responses: tuple[int, bytes], close: bool = False) -> bytes:
    return b"".join(
        response_bytes(Response(status, TEXT if status >= 400 else (), body), close=close, head=False)
        for status, body in responses
    )


def get(path: bytes = b"/", *, more: bytes = b"", method: bytes = b"GET") -> bytes:
    return b"%b %b HTTP/1.1\r\nHost: h\r\n%b\r\n" % (method, path, more)


LAST = get(more=b"Connection: close\r\n")
LAST_ANSWER = response_bytes(Response(200, (), b"GET"), close=True, head=False)

TALKS: list[tuple[bytes, bytes]] = [
    (LAST, LAST_ANSWER),
    (get() + get(method=b"POST") + LAST, answers((200, b"GET"), (200, b"POST")) + LAST_ANSWER),
    (get(method=b"FOO") + LAST, answers((501, b"Not Implemented")) + LAST_ANSWER),
    (
        get(method=b"HEAD") + LAST,
        response_bytes(Response(200, (), b"HEAD"), close=False, head=True) + LAST_ANSWER,
    ),
    (get(more=b"Content-Length: 2\r\n") + b"hi" + LAST, answers((200, b"hi")) + LAST_ANSWER),
    (b"GET / HTTP/1.0\r\n\r\n", LAST_ANSWER),
    (LAST + get(), LAST_ANSWER),
    (get() + b"\x16\x03\x01", answers((200, b"GET")) + answers((400, b"Bad Request"), close=True)),
    (get(more=b"X: " + b"x" * 5000), answers((431, b"Request Header Fields Too Large"), close=True)),
    (
        get(method=b"POST", more=b"Content-Length: 5000000\r\n"),
        answers((413, b"Request Entity Too Large"), close=True),
    ),
]


@pytest.mark.parametrize(("sent", "expected"), TALKS)
def test_a_client_gets_what_the_real_server_sends(sent: bytes, expected: bytes) -> None:
    async def test(here: Site) -> None:
        assert await here.talk(sent) == expected

    run(test)


def test_a_client_that_sends_its_long_body_regardless_still_reads_the_refusal() -> None:
    async def test(here: Site) -> None:
        body = b"x" * 5_000_000
        sent = get(method=b"POST", more=b"Content-Length: 5000000\r\n") + body
        assert await here.talk(sent) == answers((413, b"Request Entity Too Large"), close=True)

    run(test)


def test_a_refused_client_that_never_stops_sending_is_cut_off() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(b"\x16\x03\x01")
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        await move(2)
        with pytest.raises(ConnectionError):
            await _send_for_ever(writer)

    run(test)


async def _send_for_ever(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(bytes(100_000))
        await writer.drain()


def test_a_client_that_waits_for_continue_gets_it_when_its_request_is_next() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        expecting = get(method=b"POST", more=b"Content-Length: 2\r\nExpect: 100-continue\r\n")
        writer.write(expecting)
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"hi" + expecting + b"ho")
        assert await reader.readuntil(b"hi") == answers((200, b"hi"))
        assert await reader.readuntil(b"ho") == answers((200, b"ho"))
        writer.close()

    run(test)


def test_pipelined_requests_are_answered_in_their_order_one_at_a_time() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get(b"/slow") + get() + get(b"/slow"))
        first = await here.waiting()
        assert here.arrived.empty()
        here.server.respond(first, Response(200, (), b"one"))
        assert await reader.readuntil(b"one") == answers((200, b"one"))
        assert await reader.readuntil(b"GET") == answers((200, b"GET"))
        here.server.respond(await here.waiting(), Response(200, (), b"two"))
        assert await reader.readuntil(b"two") == answers((200, b"two"))
        writer.close()

    run(test)


def test_a_thousand_pipelined_requests_are_all_answered() -> None:
    async def test(here: Site) -> None:
        assert await here.talk(get() * 1000 + LAST) == answers((200, b"GET")) * 1000 + LAST_ANSWER

    run(test)


def test_a_client_that_sends_ahead_is_not_read_until_it_is_its_turn() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        one = get(b"/slow", more=b"Content-Length: 100000\r\n") + bytes(100_000)
        writer.write(one * 400)
        exchange = await here.waiting()
        for _ in range(300):
            await move(0)
        assert writer.transport.get_write_buffer_size() > 0
        for number in range(400):
            here.server.respond(exchange, Response(200, (), b"done"))
            assert (await reader.readuntil(b"done")).startswith(b"HTTP/1.1 200 ")
            if number < 399:
                exchange = await here.waiting()
        writer.close()

    run(test)


def test_exchanges_are_numbered_and_have_no_line_feed() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get(b"/slow?a=b"))
        exchange, request = await here.arrived.get()
        assert (exchange, request.query) == ("http-1", "a=b")
        writer.close()
        del reader

    run(test)


def test_an_exchange_that_is_over_or_unknown_may_be_answered_without_effect() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get(b"/slow"))
        exchange = await here.waiting()
        for _ in range(2):
            here.server.respond(exchange, Response(200, (), b"once"))
        here.server.chunk(exchange, b"never")
        here.server.respond("http-77", Response(200))
        writer.write(LAST)
        assert await reader.read() == answers((200, b"once")) + LAST_ANSWER
        writer.close()

    run(test)


def test_an_answer_that_cannot_be_written_leaves_the_exchange_open() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get(b"/slow"))
        exchange = await here.waiting()
        with pytest.raises(ValueError, match="line break"):
            here.server.respond(exchange, Response(200, (("X", "a\nb"),)))
        here.server.respond(exchange, Response(200, (), b"well"))
        assert await reader.readuntil(b"well") == answers((200, b"well"))
        writer.close()

    run(test)


# -- time limits ---------------------------------------------------------------------------------------------


WAITS = [
    (b"", 5, b""),  # nothing more to say
    (b"GET / HTTP/1.1\r\nHo", 4, answers((408, b"Request Timeout"), close=True)),
    (get(method=b"POST", more=b"Content-Length: 5\r\n") + b"he", 5, b""),
]


@pytest.mark.parametrize(("sent", "limit_s", "expected"), WAITS)
def test_who_keeps_the_server_waiting_is_closed_at_the_limit(sent: bytes, limit_s: float, expected: bytes) -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get() + sent)
        assert await reader.readuntil(b"GET") == answers((200, b"GET"))
        began_at = asyncio.get_running_loop().time()
        rest = asyncio.ensure_future(reader.read())
        await move(limit_s - 2)
        assert not rest.done()
        await move(2)
        assert await rest == expected
        assert asyncio.get_running_loop().time() - began_at < limit_s + 0.5
        writer.close()

    run(test, SHORT)


def test_who_never_says_anything_is_closed() -> None:
    async def test(here: Site) -> None:
        silent = asyncio.ensure_future(here.talk(b""))
        assert await here.talk(LAST) == LAST_ANSWER  # by now the silent one is connected
        await move(5)
        assert await silent == b""

    run(test, SHORT)


def test_a_head_that_trickles_has_one_limit_for_all_of_it() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get() + b"GET / HTTP/1.1\r\nX: ")
        assert await reader.readuntil(b"GET") == answers((200, b"GET"))
        began_at = asyncio.get_running_loop().time()
        for _ in range(6):
            writer.write(b"x")
            await move(1)
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
        assert asyncio.get_running_loop().time() - began_at < 8
        writer.close()

    run(test, SHORT)


TRAINS = {
    "a request now and then": [get()],
    "always the same part of a head": [get() + b"GET", b" / HTTP/1.1\r\n\r\n" + b"GET", b" / HTTP/1.1\r\n\r\n"],
    "a body that moves": [get(more=b"Content-Length: 5\r\n"), b"h", b"e", b"l", b"l", b"o"],
}


@pytest.mark.parametrize("train", TRAINS.values(), ids=TRAINS)
def test_a_connection_that_is_never_at_rest_outlives_every_limit(train: list[bytes]) -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        for _ in range(3):
            for piece in train:
                writer.write(piece)
                await move(2.5)
        writer.write(LAST)
        assert (await reader.read()).endswith(LAST_ANSWER)
        writer.close()

    run(test, SHORT)


def test_a_request_may_wait_for_its_answer_as_long_as_it_takes() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get(b"/slow"))
        exchange = await here.waiting()
        await move(30)
        here.server.respond(exchange, Response(200, (), b"late"))
        assert await reader.readuntil(b"late") == answers((200, b"late"))
        writer.close()

    run(test, SHORT)


def _deaf(port: int) -> socket.socket:
    """A client that does not read, and whose kernel holds little for it."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    return client


def test_a_client_that_does_not_read_its_answer_is_dropped() -> None:
    async def test(here: Site) -> None:
        with _deaf(here.port) as client:
            client.sendall(get(b"/slow") + get(b"/slow"))
            here.server.respond(await here.waiting(), Response(200, (), bytes(20_000_000)))
            await move(3)
            assert here.arrived.empty()  # the next one is not even asked for
            await move(3)
            assert 0 < await asyncio.to_thread(_read_all, client) < 20_000_000

    run(test, SHORT)


def _read_all(client: socket.socket) -> int:
    size = 0
    with contextlib.suppress(ConnectionResetError):
        while data := client.recv(1_000_000):
            size += len(data)
    return size


# -- streams -------------------------------------------------------------------------------------------------


def test_a_stream_goes_on_until_its_last_chunk_and_leaves_the_connection_usable() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get(b"/stream") + LAST)
        exchange = await here.waiting()
        here.server.respond(exchange, Response(200, TEXT, b"begin", stream=True))
        for data, last in ((b"one", False), (b"", False), (b"two", True)):
            here.server.chunk(exchange, data, last)
        parser = ResponseParser()
        ending = parser.feed((await reader.read()).removesuffix(LAST_ANSWER))
        assert isinstance(ending, Response)
        assert ending.body == b"beginonetwo"
        assert here.gone.empty()
        writer.close()

    run(test)


def test_a_stream_begins_once_and_has_no_chunks_before_it() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get(b"/stream", more=b"Connection: close\r\n"))
        exchange = await here.waiting()
        here.server.chunk(exchange, b"early")
        for _ in range(2):
            here.server.respond(exchange, Response(200, TEXT, stream=True))
        here.server.chunk(exchange, b"chunk", last=True)
        answer = await reader.read()
        assert b"early" not in answer
        assert answer.count(b"HTTP/1.1") == 1
        assert answer.endswith(b"\r\n\r\n5\r\nchunk\r\n0\r\n\r\n")
        writer.close()

    run(test)


def test_an_old_client_gets_a_stream_without_chunks_that_ends_with_the_connection() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(b"GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        exchange = await here.waiting()
        here.server.respond(exchange, Response(200, TEXT, b"begin", stream=True))
        here.server.chunk(exchange, b"end", last=True)
        answer = await reader.read()
        assert answer.endswith(b"\r\n\r\nbeginend")
        assert b"Connection: close" in answer
        writer.close()

    run(test)


def test_a_head_request_for_a_stream_is_over_at_once_and_the_streamer_is_told() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get(b"/stream", method=b"HEAD") + LAST)
        exchange = await here.waiting()
        here.server.respond(exchange, Response(200, TEXT, stream=True))
        assert await here.gone.get() == exchange
        here.server.chunk(exchange, b"never")
        assert b"never" not in await reader.read()
        writer.close()

    run(test)


@pytest.mark.parametrize("how", ["close", "abort"])
def test_whoever_leaves_a_stream_is_reported_gone(how: str) -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get(b"/stream"))
        exchange = await here.waiting()
        here.server.respond(exchange, Response(200, TEXT, stream=True))
        await reader.readuntil(b"\r\n\r\n")  # closing with bytes unread would be a reset
        if how == "abort":
            writer.transport.abort()
        else:
            writer.close()
        assert await here.gone.get() == exchange
        here.server.chunk(exchange, b"nobody")

    run(test)


def test_a_reader_that_is_too_slow_for_its_stream_is_dropped() -> None:
    async def test(here: Site) -> None:
        with _deaf(here.port) as client:
            client.sendall(get(b"/stream"))
            exchange = await here.waiting()
            here.server.respond(exchange, Response(200, TEXT, stream=True))
            sent = 0
            while here.gone.empty():
                here.server.chunk(exchange, bytes(10_000))
                sent += 10_000
                await asyncio.sleep(0)
                assert sent < 50_000_000
            assert await here.gone.get() == exchange

    run(test, ServerLimits(unread_bytes=100_000))


# -- memory --------------------------------------------------------------------------------------------------

BODY = 200_000
NARROW = ServerLimits(head_s=8, idle_s=75, held_bytes=BODY + 50_000)


def upload(path: bytes = b"/", *, size: int = BODY) -> tuple[bytes, bytes]:
    """A request with a body, but for its last byte; and that."""
    return get(path, method=b"POST", more=b"Content-Length: %d\r\n" % size) + bytes(size - 1), b"\0"


async def absorbed(here: Site, held: int) -> None:
    """Until the server holds so much, or more."""
    while here.server._rations.total < held:
        await move(0)


def test_bodies_that_do_not_fit_together_are_read_one_after_the_other() -> None:
    async def test(here: Site) -> None:
        most, last = upload()
        clients = [await here.connect() for _ in range(4)]
        for _, writer in clients:
            writer.write(most)
        await absorbed(here, BODY - 1)
        assert here.server._rations.total < BODY + 4 * 70_000
        assert await here.talk(LAST) == LAST_ANSWER  # an ordinary request needs no room
        for _, writer in clients:
            writer.write(last)
        for reader, writer in clients:
            assert len(await reader.readexactly(BODY)) == BODY
            writer.close()

    run(test, NARROW)


def test_who_blocks_the_room_for_too_long_is_told_so_and_the_next_one_is_read() -> None:
    async def test(here: Site) -> None:
        most, last = upload()
        first_reader, first = await here.connect()
        first.write(most)
        await absorbed(here, BODY - 1)
        next_reader, next_one = await here.connect()
        next_one.write(most + last)
        await absorbed(here, BODY + 40_000)
        await move(7)
        assert not first_reader.at_eof()
        for _ in range(3):
            await move(2)
        assert (await first_reader.read()).startswith(b"HTTP/1.1 408 ")
        assert len(await next_reader.readexactly(BODY)) == BODY
        for writer in (first, next_one):
            writer.close()

    run(test, NARROW)


def test_a_request_that_is_being_answered_is_not_hurried() -> None:
    async def test(here: Site) -> None:
        most, last = upload(b"/slow")
        reader, writer = await here.connect()
        writer.write(most + last)
        exchange = await here.waiting()
        other_reader, other = await here.connect()
        other.write(b"".join(upload()))
        await absorbed(here, BODY + 40_000)
        for _ in range(8):
            await move(5)
        here.server.respond(exchange, Response(200, (), b"done"))
        assert (await reader.readuntil(b"done")).startswith(b"HTTP/1.1 200 ")
        assert len(await other_reader.readexactly(BODY)) == BODY
        for each in (writer, other):
            each.close()

    run(test, NARROW)


def test_one_who_leaves_makes_room() -> None:
    async def test(here: Site) -> None:
        most, last = upload()
        _, first = await here.connect()
        first.write(most)
        await absorbed(here, BODY - 1)
        reader, writer = await here.connect()
        writer.write(most + last)
        await absorbed(here, BODY + 40_000)
        first.transport.abort()
        assert len(await reader.readexactly(BODY)) == BODY
        assert here.server._rations.total == 0
        writer.close()

    run(test, NARROW)


LARGE = bytes(range(256)) * 40_000


@pytest.mark.parametrize("half_closed", [True, False])
def test_large_answers_go_out_whole_and_in_their_order(half_closed: bool) -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get(b"/slow") + get(method=b"HEAD") + get(b"/slow") + (b"" if half_closed else LAST))
        if half_closed:
            writer.write_eof()
        for body in (LARGE, LARGE[1:]):
            exchange = await here.waiting()
            here.server.respond(exchange, Response(200, (), body))
            here.server.respond(exchange, Response(500))  # it has its answer
            assert await reader.readuntil(b"\r\n\r\n") == answers((200, body)).removesuffix(body)
            assert await reader.readexactly(len(body)) == body
            if body is LARGE:
                assert await reader.readuntil(b"\r\n\r\n") == answers((200, b"HEAD")).removesuffix(b"HEAD")
        assert await reader.read() == (b"" if half_closed else LAST_ANSWER)
        writer.close()

    run(test)


def _some(client: socket.socket, size: int) -> bytes:
    """So many octets, however few come at once; fewer at the end."""
    read = bytearray()
    while len(read) < size and (piece := client.recv(size - len(read))):
        read += piece
    assert len(read) == size, "it was closed too early"
    return bytes(read)


def test_who_reads_slowly_but_reads_gets_all_of_a_large_answer() -> None:
    async def test(here: Site) -> None:
        with _deaf(here.port) as client:
            client.sendall(get(b"/slow", more=b"Connection: close\r\n"))
            here.server.respond(await here.waiting(), Response(200, (), LARGE))
            [connection] = here.server._connections

            def unsent() -> int:
                return len(connection._rest) + connection._transport.get_write_buffer_size()

            read = await asyncio.to_thread(client.recv, 1_000)
            size, left = read.index(b"\r\n\r\n") + 4 + len(LARGE), unsent()
            while len(read) < size:
                read += await asyncio.to_thread(_some, client, min(2_000_000, size - len(read)))
                while unsent() == left > 0:  # what was read makes room for more
                    await move(0)
                left = unsent()
                await move(4)
            assert read.endswith(LARGE)

    run(test, SHORT)


def test_a_large_answer_to_head_is_its_head() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get(b"/slow", method=b"HEAD") + LAST)
        here.server.respond(await here.waiting(), Response(200, (), LARGE))
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(LARGE)
        assert await reader.read() == head + LAST_ANSWER
        writer.close()

    run(test)


def test_one_body_that_many_wait_for_counts_once() -> None:
    async def test(here: Site) -> None:
        body = bytes(20_000_000)
        deaf = [_deaf(here.port) for _ in range(4)]
        for client in deaf:
            client.sendall(get(b"/slow", more=b"Connection: close\r\n"))
            here.server.respond(await here.waiting(), Response(200, (), body))
        read = [await asyncio.to_thread(_read_all, client) for client in deaf]
        assert min(read) > 20_000_000
        for client in deaf:
            client.close()

    run(test, ServerLimits(unfetched_bytes=45_000_000))


def test_of_many_who_do_not_fetch_their_answers_the_first_are_dropped() -> None:
    async def test(here: Site) -> None:
        deaf = [_deaf(here.port) for _ in range(4)]
        for client in deaf:
            client.sendall(get(b"/slow", more=b"Connection: close\r\n"))
            here.server.respond(await here.waiting(), Response(200, (), bytes(20_000_000)))
        read = [await asyncio.to_thread(_read_all, client) for client in deaf]
        assert [size < 20_000_000 for size in read] == [True, True, False, False]
        for client in deaf:
            client.close()

    run(test, ServerLimits(unfetched_bytes=45_000_000))


def test_the_length_that_a_body_may_have_can_depend_on_the_request() -> None:
    async def main() -> None:
        here = Site(None)
        here.server = HttpServer(
            here._on_request, here._on_gone, body_bytes_of=lambda request: 10 if request.path == "/" else 0
        )
        here.port = await here.server.start("127.0.0.1", 0)
        fits = get(more=b"Connection: close\r\nContent-Length: 10\r\n") + bytes(10)
        assert (await here.talk(fits)).endswith(bytes(10))
        for path, size in ((b"/", 11), (b"/slow", 1)):
            answer = await here.talk(get(path, more=b"Content-Length: %d\r\n" % size))
            assert answer == answers((413, b"Request Entity Too Large"), close=True)
        await here.server.close()

    moved_loop.run(main())


# -- connections ---------------------------------------------------------------------------------------------


def test_above_the_most_connections_whoever_rests_longest_is_closed() -> None:
    async def test(here: Site) -> None:
        busy_reader, busy = await here.connect()
        busy.write(get(b"/slow"))
        exchange = await here.waiting()
        resting_reader, resting = await here.connect()
        third_reader, third = await here.connect()
        third.write(get())
        assert await third_reader.readuntil(b"GET") == answers((200, b"GET"))
        assert await here.talk(LAST) == LAST_ANSWER
        assert await resting_reader.read() == b""
        third.write(get())
        assert await third_reader.readuntil(b"GET") == answers((200, b"GET"))
        here.server.respond(exchange, Response(200, (), b"one"))
        assert await busy_reader.readuntil(b"one") == answers((200, b"one"))
        for each in (busy, resting, third):
            each.close()

    run(test, ServerLimits(connections=3))


def test_where_all_are_busy_the_one_that_comes_is_closed() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get(b"/slow"))
        exchange = await here.waiting()
        other_reader, other = await here.connect()
        assert await other_reader.read() == b""
        here.server.respond(exchange, Response(200, (), b"one"))
        assert await reader.readuntil(b"one") == answers((200, b"one"))
        for each in (writer, other):
            each.close()

    run(test, ServerLimits(connections=1))


def test_a_request_that_is_dropped_ends_with_its_connection() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get(b"/slow"))
        exchange = await here.waiting()
        assert here.server.open_exchanges == (exchange,)
        here.server.drop(exchange)
        assert await reader.read() == b""
        assert await here.gone.get() == exchange
        assert here.server.open_exchanges == ()
        here.server.drop(exchange)  # it is over
        writer.close()

    run(test)


def test_a_client_that_is_gone_when_it_is_refused_breaks_nothing() -> None:
    async def test(here: Site) -> None:
        for _ in range(20):
            _, writer = await here.connect()
            writer.write(b"\x16\x03\x01")
            linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
        assert await here.talk(LAST) == LAST_ANSWER

    run(test)


def test_a_client_that_resets_before_its_answer_is_reported_gone() -> None:
    async def test(here: Site) -> None:
        _, writer = await here.connect()
        writer.write(get(b"/slow"))
        exchange = await here.waiting()
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # on, zero seconds: closing resets
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()
        assert await here.gone.get() == exchange
        here.server.respond(exchange, Response(200))

    run(test)


def test_a_client_may_half_close_and_still_get_its_answers() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get(b"/slow") + get())
        writer.write_eof()
        await move(0)
        here.server.respond(await here.waiting(), Response(200, (), b"slow"))
        assert await reader.read() == answers((200, b"slow"), (200, b"GET"))
        writer.close()

    run(test)


def test_two_hundred_connections_at_once_are_all_served() -> None:
    async def test(here: Site) -> None:
        talks = await asyncio.gather(*(here.talk(LAST) for _ in range(200)))
        assert talks == [LAST_ANSWER] * 200

    run(test)


def test_small_packets_are_not_held_back_and_a_dead_client_is_found_out() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        writer.write(get(b"/slow"))
        await here.waiting()
        [connection] = here.server._connections
        server_side = connection._transport.get_extra_info("socket")
        assert server_side.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert server_side.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        writer.close()
        del reader

    run(test)


def test_closing_sends_what_was_answered_and_tells_nobody() -> None:
    async def test(here: Site) -> None:
        reader, writer = await here.connect()
        idle_reader, idle_writer = await here.connect()
        other_reader, other_writer = await here.connect()
        writer.write(get(b"/slow"))
        exchange = await here.waiting()
        other_writer.write(get(b"/slow"))
        await here.waiting()
        here.server.respond(exchange, Response(200, (), b"x" * 200_000))
        closing = asyncio.ensure_future(here.server.close())
        assert len(await reader.read()) > 200_000
        assert await idle_reader.read() == b""
        assert await other_reader.read() == b""
        await closing
        assert here.gone.empty()
        with pytest.raises(ConnectionRefusedError):
            await here.connect()
        for each in (writer, idle_writer, other_writer):
            each.close()

    run(test)


def test_a_port_that_is_taken_is_an_error_with_a_remedy() -> None:
    async def test(here: Site) -> None:
        other = Site(None)
        with pytest.raises(PortInUse) as raised:
            await other.server.start("127.0.0.1", here.port)
        assert (raised.value.host, raised.value.port) == ("127.0.0.1", here.port)

    run(test)


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "a" * 70])
def test_an_address_that_is_not_ours_is_a_usage_error(host: str) -> None:
    async def main() -> None:
        with pytest.raises(UsageError, match="cannot listen on"):
            await Site(None).server.start(host, 0)

    moved_loop.run(main())


def test_localhost_has_one_port_on_all_its_addresses() -> None:
    async def main() -> None:
        here = Site(None)
        here.port = await here.server.start("localhost", 0)
        assert {each.sockets[0].getsockname()[1] for each in here.server._listening} == {here.port}
        assert await here.talk(LAST) == LAST_ANSWER
        await here.server.close()

    moved_loop.run(main())
