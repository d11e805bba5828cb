"""A phone's stream of pushes, as server-sent events."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.core import Command, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.sse import Decoder
from harness.http.values import Arrived, Chunk, Gone, Request, Respond, Response
from harness.push import PushService, PushStreams
from harness.push.streams import STREAM_PATH
from harness.wire.fcm import MESSAGE_ID, Listening, PushReceived, StreamClosed, StreamOpened
from harness.world import World
from tests.phone.kit import ID, NOW, rows

PUSH = PushReceived("one", ((MESSAGE_ID, ID),))


def _open(streams: PushStreams, exchange: str, query: str = "token=one", method: str = "GET") -> list[Command]:
    target = f"{STREAM_PATH}?{query}".encode()
    return list(streams.handle(Arrived(exchange, Request(method, "http", "push.internal", target)), NOW))


def _streams(*exchanges: str) -> PushStreams:
    streams = PushStreams("push-streams", Draws(1, "push-streams"))
    for exchange in exchanges:
        _open(streams, exchange)
    return streams


def test_a_stream_opens_and_the_service_is_told_who_listens() -> None:
    respond, told = _open(_streams(), "http-1")
    assert isinstance(respond, Respond)
    assert (respond.exchange, respond.response.status, respond.response.stream) == ("http-1", 200, True)
    assert respond.response.header("Content-Type") == "text/event-stream"
    assert told == Tell("push", StreamOpened("one", "push-streams"))


@pytest.mark.parametrize(("query", "method"), [("", "GET"), ("token=", "GET"), ("token=one", "POST")])
def test_a_request_without_a_token_is_refused(query: str, method: str) -> None:
    streams = _streams()
    (respond,) = _open(streams, "http-1", query, method)
    assert isinstance(respond, Respond)
    assert respond.response.status == 400
    assert rows(streams) == {"streams": {}, "tokens": {}}


@pytest.mark.parametrize(
    ("event", "name", "data"), [(PUSH, "message", {MESSAGE_ID: ID}), (Listening("one"), "listening", {})]
)
def test_what_comes_for_a_token_is_an_event_on_its_stream(event: Any, name: str, data: Any) -> None:
    (chunk,) = _streams("http-1").handle(event, NOW)
    assert isinstance(chunk, Chunk)
    assert (chunk.exchange, chunk.last) == ("http-1", False)
    (sent,) = Decoder().feed(chunk.data)
    assert (sent.event, json.loads(sent.data)) == (name, data)


def test_nothing_is_sent_where_nobody_listens() -> None:
    assert list(_streams().handle(PUSH, NOW)) == []


def test_a_second_stream_for_a_token_ends_the_first() -> None:
    streams = _streams("http-1")
    commands = _open(streams, "http-2")
    assert commands[0] == Chunk("http-1", b"", last=True)
    assert list(streams.handle(Gone("http-1"), NOW)) == []
    (chunk,) = streams.handle(PUSH, NOW)
    assert isinstance(chunk, Chunk)
    assert chunk.exchange == "http-2"


def test_when_the_phone_leaves_the_service_is_told() -> None:
    streams = _streams("http-1")
    assert list(streams.handle(Gone("http-1"), NOW)) == [Tell("push", StreamClosed("one", "push-streams"))]
    assert rows(streams) == {"streams": {}, "tokens": {}}


def test_what_is_no_word_to_the_streams_is_illegal() -> None:
    with pytest.raises(ProtocolError):
        _streams().handle(Respond("http-1", Response(200)), NOW)


def test_a_push_sent_while_the_phone_is_away_comes_over_its_next_stream() -> None:
    world = World(1)
    for core in (PushService("push", world.draws("push")), PushStreams("push-streams", world.draws("s"))):
        world.add(core)
    world.wire("push-streams", "push", "push")
    stream = Request("GET", "http", "push.internal", f"{STREAM_PATH}?token=one".encode())
    body = json.dumps({"message": {"token": "one", "data": {MESSAGE_ID: ID}}}).encode()
    send = Request("POST", "http", "push.internal", b"/v1/projects/p/messages:send", (), body)
    for to, event in (
        ("push-streams", Arrived("http-1", stream)),
        ("push-streams", Gone("http-1")),
        ("push", Arrived("http-2", send)),
        ("push-streams", Arrived("http-3", stream)),
    ):
        world.inject(to, event)
        while world.step():
            pass
    chunks = [out.command for out in world.outward if isinstance(out.command, Chunk)]
    assert [chunk.exchange for chunk in chunks] == ["http-1", "http-3", "http-3"]
    assert ID.encode() in chunks[-1].data
