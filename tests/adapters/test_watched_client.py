"""What is told when pushes or polls stop coming through."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from harness.adapters.event_stream import Backoff, follow
from harness.adapters.watched_client import Reach, WatchedClient
from harness.http.values import Call, ConnectFailed, Limits, Request, Response, TimedOut
from tests.adapters.moved_loop import move, run

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: x\n\n"
PATIENCE_S = 5.0


def answer(status: int) -> bytes:
    return f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


class Peer:
    """A server that gives one answer after the other, over a connection each; None: none at all."""

    def __init__(self, *answers: bytes | None) -> None:
        self._answers = list(answers)
        self.authority = ""
        self.asked = asyncio.Event()
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.authority = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        await reader.readuntil(b"\r\n\r\n")
        self.asked.set()
        content = self._answers.pop(0) if self._answers else None
        if content is not None:
            writer.write(content)
            writer.close()

    async def stop(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()


class Told(list[Reach]):
    """What was told, and somebody to wait for more of it."""

    def __init__(self) -> None:
        super().__init__()
        self._more = asyncio.Event()

    def take(self, reach: Reach) -> None:
        self.append(reach)
        self._more.set()

    async def until(self, count: int) -> None:
        while len(self) < count:
            self._more.clear()
            await self._more.wait()

    @property
    def words(self) -> list[str]:
        """`pushes refused`, `polls 401`, or `pushes well`."""
        return [f"{reach.what} {_word(reach)}" for reach in self]


def _word(reach: Reach) -> str:
    match reach.outcome:
        case None:
            return "well"
        case Response(status):
            return str(status)
        case ConnectFailed(kind):
            return kind
        case TimedOut():
            return "late"
        case other:
            return type(other).__name__.lower()


def story(test: Callable[[WatchedClient, Told, Peer], Awaitable[None]], *answers: bytes | None) -> Told:
    told: list[Told] = []

    async def main() -> None:
        told.append(Told())
        client, peer = WatchedClient(told[0].take, PATIENCE_S), Peer(*answers)
        await peer.start()
        try:
            await test(client, told[0], peer)
        finally:
            await client.close()
            await peer.stop()

    run(main())
    return told[0]


async def following(client: WatchedClient, authority: str, token: str = "t") -> Response:
    url = f"http://{authority}/_push/stream?token={token}"
    return await follow(client, url, lambda _: None, backoff=Backoff(first_s=0.001, max_s=0.001))


async def poll(client: WatchedClient, peer: Peer, name: str = "poller:1/1", exchange: str = "threads-1") -> None:
    request = Request("GET", "http", peer.authority, b"/v1/message-threads", (("Host", peer.authority),))
    await client.call(Call(exchange, name, request, Limits(total_s=10)))


def test_a_stream_that_fails_again_and_again_is_told_of_once_and_again_when_it_opens() -> None:
    async def test(client: WatchedClient, told: Told, peer: Peer) -> None:
        stream = asyncio.create_task(following(client, peer.authority))
        await told.until(3)
        stream.cancel()

    told = story(test, answer(503), answer(500), STREAM, answer(502))
    assert told.words == ["pushes 503", "pushes well", "pushes 502"]
    assert {reach.place.rpartition(":")[0] for reach in told} == {"http://127.0.0.1"}


def test_nobody_there_is_told_of_with_why() -> None:
    async def test(client: WatchedClient, told: Told, peer: Peer) -> None:
        await peer.stop()
        stream = asyncio.create_task(following(client, peer.authority))
        await told.until(1)
        stream.cancel()

    assert story(test).words == ["pushes refused"]


def test_a_stream_that_does_not_answer_is_told_of_while_it_is_waited_for() -> None:
    async def test(client: WatchedClient, told: Told, peer: Peer) -> None:
        stream = asyncio.create_task(following(client, peer.authority))
        await peer.asked.wait()
        assert told == []
        await move(PATIENCE_S)
        await told.until(1)
        assert not stream.done()
        stream.cancel()

    assert story(test, None).words == ["pushes late"]


@pytest.mark.parametrize("status", [200, 404])
def test_where_no_stream_has_ever_been_the_answer_comes_back_and_whoever_follows_ends(status: int) -> None:
    async def test(client: WatchedClient, told: Told, peer: Peer) -> None:
        assert (await following(client, peer.authority)).status == status

    assert story(test, answer(503), answer(status)).words == ["pushes 503"]


def test_a_stream_that_has_worked_is_tried_again_whatever_stands_there_for_a_while() -> None:
    async def test(client: WatchedClient, told: Told, peer: Peer) -> None:
        stream = asyncio.create_task(following(client, peer.authority))
        await told.until(2)
        assert not stream.done()
        stream.cancel()

    assert story(test, STREAM, answer(404), STREAM).words == ["pushes 404", "pushes well"]


def test_of_many_streams_the_first_that_fails_and_the_last_that_is_well_are_told_of() -> None:
    async def test(client: WatchedClient, told: Told, peer: Peer) -> None:
        for content in (answer(503), answer(500), STREAM, STREAM):
            peer._answers.append(content)
        for token in ("a", "b", "a", "b"):
            call = _stream_call(peer, token)
            await client.call(call, sink=lambda head: (lambda _data: None) if head.status == 200 else None)

    assert story(test).words == ["pushes 503", "pushes well"]


def test_a_stream_that_nobody_follows_any_more_is_forgotten() -> None:
    async def test(client: WatchedClient, told: Told, peer: Peer) -> None:
        first = asyncio.create_task(following(client, peer.authority, "a"))
        await told.until(1)
        first.cancel()
        await asyncio.wait([first])
        await move(31)
        second = asyncio.create_task(following(client, peer.authority, "b"))
        await told.until(2)
        second.cancel()

    assert story(test, *[answer(503)] * 100).words == ["pushes 503", "pushes 503"]


def _stream_call(peer: Peer, token: str) -> Call:
    request = Request("GET", "http", peer.authority, f"/?token={token}".encode(), (("Host", peer.authority),))
    return Call("stream", "event stream", request)


def test_polls_that_fail_are_told_of_once_and_again_when_one_succeeds() -> None:
    async def test(client: WatchedClient, told: Told, peer: Peer) -> None:
        for _ in range(4):
            await poll(client, peer)

    assert story(test, answer(200), answer(401), answer(401), answer(200)).words == ["polls 401", "polls well"]


@pytest.mark.parametrize(("name", "exchange"), [("poller:1/1", "messages-2"), ("phone:1#1", "threads-1")])
def test_nothing_else_that_fails_is_told_of(name: str, exchange: str) -> None:
    async def test(client: WatchedClient, told: Told, peer: Peer) -> None:
        await poll(client, peer, name, exchange)

    assert story(test, answer(401)) == []
