"""A stream of events is followed through every break."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from harness.adapters.event_stream import Backoff, follow
from harness.adapters.http_client import HttpClient
from harness.adapters.http_server import HttpServer
from harness.http.sse import Event, event_bytes
from harness.http.values import Request, Response
from tests.adapters import moved_loop
from tests.adapters.moved_loop import move
from tests.adapters.raw_server import Peer, RawServer, Talk, raw_server

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


@dataclass
class Follower:
    """Follows the server's stream in a task and collects what it gets."""

    client: HttpClient = field(default_factory=HttpClient)
    events: asyncio.Queue[Event] = field(default_factory=asyncio.Queue)
    opened: int = 0

    def on_open(self) -> None:
        self.opened += 1

    async def follow(self, port: int, *, silence_s: float | None = None) -> Response:
        return await follow(
            self.client,
            f"http://127.0.0.1:{port}/stream?token=t",
            self.events.put_nowait,
            on_open=self.on_open,
            headers=(("X", "y"),),
            silence_s=silence_s,
            backoff=Backoff(first_s=1, max_s=4),
        )


def run(
    talk: Talk,
    test: Callable[[Follower, RawServer, asyncio.Task[Response]], Awaitable[None]],
    *,
    silence_s: float | None = None,
) -> None:
    async def main() -> None:
        follower = Follower()
        async with raw_server(talk) as server:
            task = asyncio.create_task(follower.follow(server.port, silence_s=silence_s))
            await test(follower, server, task)
            task.cancel()
            await asyncio.wait([task])
            await follower.client.close()

    moved_loop.run(main())


async def connections(server: RawServer, count: int) -> None:
    while server.connections < count:
        await move(0)


def test_events_are_handed_over_as_they_come_and_the_request_says_what_it_wants() -> None:
    requests: list[bytes] = []

    async def talk(peer: Peer) -> None:
        requests.append(await peer.request())
        peer.send(HEAD + event_bytes(Event("one")) + b"event: push\ndata: tw")
        await follow_on.wait()
        peer.send(b"o\n\n")
        await peer.reader.read()

    follow_on = asyncio.Event()

    async def test(follower: Follower, server: RawServer, task: asyncio.Task[Response]) -> None:
        assert await follower.events.get() == Event("one")
        assert (follower.opened, follower.events.empty()) == (1, True)
        follow_on.set()
        assert await follower.events.get() == Event("two", "push")
        assert requests[0].startswith(b"GET /stream?token=t HTTP/1.1\r\nX: y\r\nAccept: text/event-stream\r\n")
        assert b"Last-Event-ID" not in requests[0]

    run(talk, test)


def test_a_new_connection_says_which_event_was_the_last() -> None:
    requests: list[bytes] = []

    async def talk(peer: Peer) -> None:
        requests.append(await peer.request())
        peer.send(HEAD + event_bytes(Event("x", id=str(peer.number))) + b"data: broken off\n")

    async def test(follower: Follower, server: RawServer, task: asyncio.Task[Response]) -> None:
        for number in (1, 2, 3):
            assert await follower.events.get() == Event("x", id=str(number))
            await _settled()
            await move(1)
        assert follower.opened == 3
        assert b"Last-Event-ID: 2\r\n" in requests[2]

    run(talk, test)


async def _refuse(peer: Peer) -> None:
    await peer.request()
    peer.send(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")


async def _hang_up(peer: Peer) -> None:
    pass


@pytest.mark.parametrize("talk", [_refuse, _hang_up])
def test_the_wait_doubles_up_to_its_limit(talk: Talk) -> None:
    async def test(follower: Follower, server: RawServer, task: asyncio.Task[Response]) -> None:
        await connections(server, 1)
        for number, wait_s in enumerate((1, 2, 4, 4), start=1):
            await _settled()
            await move(wait_s - 0.5)
            assert server.connections == number
            await move(0.5)
            await connections(server, number + 1)
        assert follower.opened == 0

    run(talk, test)


async def _settled() -> None:
    """Lets an answer go over the socket, and what follows from it happen."""
    for _ in range(20):
        await move(0)


def test_a_stream_that_worked_makes_the_wait_short_again_and_the_server_may_choose_it() -> None:
    async def talk(peer: Peer) -> None:
        await peer.request()
        if peer.number in (3, 4):
            peer.send(HEAD + (b"retry: 3000\n" if peer.number == 4 else b""))
            peer.send(event_bytes(Event("x")))

    async def test(follower: Follower, server: RawServer, task: asyncio.Task[Response]) -> None:
        for number, wait_s in enumerate((1, 2, 1, 3, 4), start=1):
            await connections(server, number)
            await _settled()
            await move(wait_s - 0.5)
            assert server.connections == number
            await move(0.5)

    run(talk, test)


def test_a_silent_stream_counts_as_broken() -> None:
    async def talk(peer: Peer) -> None:
        await peer.request()
        peer.send(HEAD)
        await peer.reader.read()

    async def test(follower: Follower, server: RawServer, task: asyncio.Task[Response]) -> None:
        await connections(server, 1)
        await _settled()
        await move(20)
        await _settled()
        await move(1)
        await connections(server, 2)

    run(talk, test, silence_s=20)


@pytest.mark.parametrize("status", [204, 400, 401, 404])
def test_following_ends_when_there_is_nothing_to_follow(status: int) -> None:
    async def talk(peer: Peer) -> None:
        await peer.request()
        peer.send(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status)

    async def test(follower: Follower, server: RawServer, task: asyncio.Task[Response]) -> None:
        assert (await task).status == status
        assert follower.opened == 0

    run(talk, test)


def test_what_is_no_url_is_the_callers_slip() -> None:
    async def main() -> None:
        with pytest.raises(ValueError, match="no http or https URL"):
            await follow(HttpClient(), "example.com/stream", lambda event: None)

    moved_loop.run(main())


def test_a_failing_listener_ends_the_following() -> None:
    async def talk(peer: Peer) -> None:
        await peer.request()
        peer.send(HEAD + event_bytes(Event("x")))
        await peer.reader.read()

    def fail(event: Event) -> None:
        raise RuntimeError("cannot take it")

    async def main() -> None:
        client = HttpClient()
        async with raw_server(talk) as server:
            with pytest.raises(RuntimeError, match="cannot take it"):
                await follow(client, f"http://127.0.0.1:{server.port}/", fail)
        await client.close()

    moved_loop.run(main())


def test_our_server_and_our_follower_understand_each_other() -> None:
    async def main() -> None:
        streams: asyncio.Queue[str] = asyncio.Queue()
        gone: asyncio.Queue[str] = asyncio.Queue()

        def on_request(exchange: str, request: Request) -> None:
            head = Response(200, (("Content-Type", "text/event-stream"),), stream=True)
            server.respond(exchange, head)
            streams.put_nowait(exchange)

        server = HttpServer(on_request, gone.put_nowait)
        follower = Follower()
        task = asyncio.create_task(follower.follow(await server.start("127.0.0.1", 0)))
        exchange = await streams.get()
        for number in range(3):
            server.chunk(exchange, event_bytes(Event(str(number))))
            assert await follower.events.get() == Event(str(number))
        task.cancel()
        assert await gone.get() == exchange
        await asyncio.wait([task])
        await follower.client.close()
        await server.close()

    moved_loop.run(main())


@pytest.mark.parametrize("nonsense", [b"data: " + b"x" * 2_000_000, b"data: xxxxxxxxx\n" * 150_000])
def test_an_event_without_an_end_counts_as_a_break(nonsense: bytes) -> None:
    async def talk(peer: Peer) -> None:
        await peer.request()
        peer.send(HEAD + event_bytes(Event(str(peer.number))) + nonsense)
        await peer.reader.read()

    async def test(follower: Follower, server: RawServer, task: asyncio.Task[Response]) -> None:
        assert await follower.events.get() == Event("1")
        while follower.client.connections:
            await move(0)
        await move(1)
        assert await follower.events.get() == Event("2")

    run(talk, test)


def test_a_server_cannot_ask_for_no_wait_at_all() -> None:
    async def talk(peer: Peer) -> None:
        await peer.request()
        peer.send(HEAD + b"retry: 0\n" + event_bytes(Event("x")))

    async def test(follower: Follower, server: RawServer, task: asyncio.Task[Response]) -> None:
        for number in (1, 2, 3):
            await connections(server, number)
            await _settled()
            assert server.connections == number
            await move(0.11)

    run(talk, test)
