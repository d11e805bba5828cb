"""A phone in another process gets its pushes over a stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from harness.adapters.http_client import HttpClient
from harness.adapters.http_server import HttpServer
from harness.adapters.push_stream import follow_pushes
from harness.errors import NoPushService
from harness.http.sse import Event, event_bytes
from harness.http.values import Request, Response
from harness.wire.fcm import MESSAGE_ID, Listening, PushReceived
from tests.adapters.moved_loop import run

STREAM = Response(200, (("Content-Type", "text/event-stream"),), stream=True)


async def follow(answer: Callable[[HttpServer, str, Request], None], enough: int) -> list[Listening | PushReceived]:
    """What a follower hands over from a server that answers so, once it is `enough`."""
    server = HttpServer(lambda exchange, request: answer(server, exchange, request), lambda _exchange: None)
    client = HttpClient()
    came: list[Listening | PushReceived] = []
    done = asyncio.Event()

    def take(push: Listening | PushReceived) -> None:
        came.append(push)
        if len(came) == enough:
            done.set()

    url = f"http://127.0.0.1:{await server.start('127.0.0.1', 0)}/_push/stream"
    try:
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(follow_pushes(client, url, "a token/+", take, lambda _address: None))
            await asyncio.wait([tasks.create_task(done.wait()), following], return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                following.cancel()
    finally:
        await client.close()
        await server.close()
    return came


def test_pushes_come_as_values_with_the_token_of_the_phone() -> None:
    def answer(server: HttpServer, exchange: str, request: Request) -> None:
        assert request.target == b"/_push/stream?token=a%20token%2F%2B"
        server.respond(exchange, STREAM)
        server.chunk(exchange, event_bytes(Event("{}", "listening")))
        server.chunk(exchange, event_bytes(Event(f'{{"{MESSAGE_ID}": "m1"}}')))

    async def story() -> None:
        came = await follow(answer, 2)
        assert came == [Listening("a token/+"), PushReceived("a token/+", ((MESSAGE_ID, "m1"),))]

    run(story())


def test_a_server_without_a_push_service_is_said_to_have_none() -> None:
    def answer(server: HttpServer, exchange: str, request: Request) -> None:
        server.respond(exchange, Response(404))

    async def story() -> None:
        with pytest.raises(ExceptionGroup) as caught:
            await follow(answer, 1)
        (error,) = caught.value.exceptions
        assert isinstance(error, NoPushService)
        assert "404" in str(error)
        assert "token" not in str(error)

    run(story())


ODD = [
    "", "x", "null", "[]", '"text"', "{", "[" * 100_000, '{"a": 1}', '{"a": null}', '{"a": {"b": "c"}}',
    '{"a": "' + "x" * 4096 + '"}', '{"a": NaN}', "9" * 5000,
]  # fmt: skip


def test_what_no_push_service_could_deliver_is_left_out() -> None:
    def answer(server: HttpServer, exchange: str, request: Request) -> None:
        server.respond(exchange, STREAM)
        for data in ODD:
            server.chunk(exchange, event_bytes(Event(data)))
        server.chunk(exchange, event_bytes(Event("{}")))
        server.chunk(exchange, event_bytes(Event('{"\\u0000": "\\ud800", "b": ""}')))

    async def story() -> None:
        came = await follow(answer, 2)
        assert came == [PushReceived("a token/+", ()), PushReceived("a token/+", (("\0", "\ud800"), ("b", "")))]

    run(story())
