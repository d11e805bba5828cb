"""What becomes of a call, against a server that does everything a server can do."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gzip
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from harness.adapters.http_client import HttpClient, resolve_name
from harness.http.values import (
    BodyBroken,
    Call,
    Closed,
    ConnectFailed,
    Limits,
    Outcome,
    Reads,
    Request,
    Response,
    TimedOut,
)
from harness.okhttp import GaveUp
from tests.adapters import moved_loop
from tests.adapters.certificates import server_context, trust_of
from tests.adapters.moved_loop import move
from tests.adapters.raw_server import Peer, RawServer, Talk, raw_server

NO_LIMITS = Limits(connect_s=None, read_s=None, write_s=None)
LENGTH = (("Content-Length", "2"),)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
OK_RESPONSE = Response(200, LENGTH, b"ok")
KEY = (("x-api-key", "k"),)


def call(
    server: RawServer | str,
    client: str = "app",
    method: str = "GET",
    *,
    target: bytes = b"/",
    body: bytes = b"",
    limits: Limits = NO_LIMITS,
    scheme: str = "http",
) -> Call:
    authority = server if isinstance(server, str) else server.authority
    return Call("1", client, Request(method, scheme, authority, target, KEY, body), limits)


def run(talk: Talk, test: Callable[[HttpClient, RawServer], Awaitable[None]], client: HttpClient | None = None) -> None:
    """Runs a test of a client against a server, and looks that the client leaves nothing behind."""

    async def main() -> None:
        user = client or HttpClient()
        async with raw_server(talk) as server:
            await test(user, server)
            await user.close()
            assert not user.connections

    moved_loop.run(main())


def say(*answers: bytes) -> Talk:
    """Answers the requests of a connection in turn, then waits until the client closes."""

    async def talk(peer: Peer) -> None:
        for answer in answers:
            if await peer.request():
                peer.send(answer)
        await peer.reader.read()

    return talk


def say_and_close(answer: bytes) -> Talk:
    async def talk(peer: Peer) -> None:
        await peer.request()
        peer.send(answer)

    return talk


async def hang(peer: Peer) -> None:
    """Reads everything, answers nothing."""
    await peer.reader.read()


async def answer_plainly(peer: Peer) -> None:
    """Answers whatever comes, also a handshake."""
    await peer.reader.read(1)
    peer.send(OK)
    await peer.reader.read()


async def read_nothing(peer: Peer) -> None:
    peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
    await asyncio.Event().wait()


async def reset(peer: Peer) -> None:
    await peer.reader.read(1)
    peer.writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
    )
    peer.writer.transport.abort()


async def serve(peer: Peer) -> None:
    """Answers everything."""
    while await peer.request():
        peer.send(OK)


OUTCOMES: list[tuple[str, Talk, Outcome]] = [
    ("a whole answer", say(OK), OK_RESPONSE),
    ("an answer that ends with the connection", say_and_close(b"HTTP/1.0 200 OK\r\n\r\nok"), Response(200, (), b"ok")),
    (
        "a gzipped answer",
        say_and_close(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"ok")),
        Response(200, (), b"ok"),
    ),
    ("an answer after an interim one", say(b"HTTP/1.1 102 Processing\r\n\r\n" + OK), OK_RESPONSE),
    ("no answer", say_and_close(b""), Closed(True)),
    ("half a head", say_and_close(OK[:20]), Closed(True)),
    ("a reset", reset, Closed(True, reset=True)),
    ("half a body", say_and_close(OK[:-1]), BodyBroken(Response(200, LENGTH), b"o")),
]


@pytest.mark.parametrize("client", ["app", "phone:alice"])
@pytest.mark.parametrize(("talk", "expected"), [case[1:] for case in OUTCOMES], ids=[case[0] for case in OUTCOMES])
def test_what_the_server_does_is_the_outcome(client: str, talk: Talk, expected: Outcome) -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        assert await user.call(call(server, client, "POST")) == expected
        assert server.connections == 1

    run(talk, test)


@pytest.mark.parametrize("client", ["app", "phone:alice"])
def test_what_is_no_http_is_no_answer(client: str) -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        assert isinstance(await user.call(call(server, client)), Closed)
        while user.connections:
            await move(0)

    run(say(b"220 mail.example.com\r\n"), test)


READ: list[tuple[Reads, bytes, Outcome]] = [
    (Reads.SUCCESSES, b"HTTP/1.1 200 OK\r\n\r\n", BodyBroken(Response(200), b"", "late")),
    (Reads.SUCCESSES, b"HTTP/1.1 500 No\r\n\r\n", Response(500)),
    (Reads.FAILURES, b"HTTP/1.1 500 No\r\n\r\n", BodyBroken(Response(500), b"", "late")),
    (Reads.FAILURES, b"HTTP/1.1 404 No\r\n\r\n", BodyBroken(Response(404), b"", "late")),
    (Reads.FAILURES_BUT_GONE, b"HTTP/1.1 404 No\r\n\r\n", Response(404)),
    (Reads.FAILURES, b"HTTP/1.1 200 OK\r\n\r\n", Response(200)),
    (Reads.ALL, b"HTTP/1.1 302 No\r\nLocation: /x\r\n\r\n", Response(302, (("Location", "/x"),))),
]


@pytest.mark.parametrize(("reads", "head", "expected"), READ)
def test_a_phone_waits_a_moment_only_for_a_body_that_it_does_not_read(
    reads: Reads, head: bytes, expected: Outcome
) -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        asked = replace(call(server, "phone:alice#1", limits=Limits(read_s=5)), reads=reads)
        outcome = asyncio.ensure_future(user.call(asked))
        for _ in range(20):
            await move(0)
        assert not outcome.done()
        await move(0.11)
        assert outcome.done() is isinstance(expected, Response)
        await move(5)
        assert await outcome == expected
        while user.connections:
            await move(0)

    async def stall(peer: Peer) -> None:
        await peer.request()
        peer.send(head)
        await peer.reader.read()

    run(stall, test, HttpClient(follows_up=False))


def test_a_connection_goes_on_where_a_body_that_nobody_reads_is_whole() -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        for _ in range(3):
            asked = replace(call(server, "phone:alice#1"), reads=Reads.FAILURES)
            assert await user.call(asked) == Response(200, LENGTH)
        assert server.connections == 1

    run(serve, test)


def test_a_request_of_which_a_part_was_never_sent_says_so() -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        assert await user.call(call(server, "app", "POST", body=bytes(50_000_000))) == Closed(False, reset=True)

    run(reset, test)


def test_an_answer_that_comes_before_the_body_is_sent_counts() -> None:
    refused = b"HTTP/1.1 413 Request Entity Too Large\r\nContent-Length: 0\r\n\r\n"

    async def refuse(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        peer.send(refused)
        await asyncio.Event().wait()

    async def test(user: HttpClient, server: RawServer) -> None:
        outcome = await user.call(call(server, "app", "POST", body=bytes(50_000_000)))
        assert isinstance(outcome, Response)
        assert outcome.status == 413
        await user.call(call(server))
        assert server.connections == 2

    async def refuse_once(peer: Peer) -> None:
        await (refuse if peer.number == 1 else serve)(peer)

    run(refuse_once, test)


def _names(**addresses: list[str] | OSError) -> Callable[[str], Awaitable[Sequence[str]]]:
    async def resolve(host: str) -> Sequence[str]:
        found = addresses[host]
        if isinstance(found, OSError):
            raise found
        return found

    return resolve


async def _never(host: str) -> Sequence[str]:
    await asyncio.Event().wait()
    return []


def _free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


FAILURES: list[tuple[str, str]] = [
    ("http://127.0.0.1:{free}", "refused"),
    ("http://nowhere", "resolve"),
    ("http://nothing", "resolve"),
    ("http://timeout", "timeout"),
    ("http://127.0.0.1:99999", "unreachable"),
    ("https://127.0.0.1:{port}", "tls"),
]


@pytest.mark.parametrize(("url", "kind"), FAILURES)
def test_no_connection_has_its_reason(url: str, kind: str) -> None:
    resolve = _names(
        nowhere=socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        nothing=[],
        timeout=OSError(errno.ETIMEDOUT, "Connection timed out"),
        **{"127.0.0.1": ["127.0.0.1"]},
    )

    async def test(user: HttpClient, server: RawServer) -> None:
        scheme, _, authority = url.format(free=_free_port(), port=server.port).partition("://")
        outcome = await user.call(call(authority, scheme=scheme))
        assert isinstance(outcome, ConnectFailed)
        assert outcome.kind == kind
        assert outcome.text or kind == "timeout"

    run(answer_plainly, test, HttpClient(resolve=resolve))


def test_a_host_that_cannot_be_a_name_does_not_resolve() -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        outcome = await user.call(call("a" * 70))
        assert isinstance(outcome, ConnectFailed)
        assert outcome.kind == "resolve"

    run(hang, test)


TIMEOUTS: list[tuple[str, Limits, bytes, Talk]] = [
    ("connect", Limits(connect_s=5, read_s=None, write_s=None), b"", hang),
    ("read", Limits(connect_s=None, read_s=5, write_s=None), b"", hang),
    ("write", Limits(connect_s=None, read_s=None, write_s=5), bytes(50_000_000), read_nothing),
    ("total", Limits(connect_s=None, read_s=None, write_s=None, total_s=5), b"", hang),
]


@pytest.mark.parametrize("client", ["app", "phone:alice"])
@pytest.mark.parametrize(("phase", "limits", "body", "talk"), TIMEOUTS)
def test_each_phase_has_its_limit(phase: str, limits: Limits, body: bytes, talk: Talk, client: str) -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        outcome = asyncio.ensure_future(user.call(call(server, client, "POST", body=body, limits=limits)))
        await move(0)
        while phase != "connect" and not server.connections:
            await move(0)
        await move(4)
        assert not outcome.done()
        await move(1)
        assert await outcome == TimedOut(phase)

    run(talk, test, HttpClient(resolve=_never) if phase == "connect" else None)


def test_the_read_limit_is_for_silence_not_for_the_whole_answer() -> None:
    async def trickle(peer: Peer) -> None:
        await peer.request()
        for number in range(len(OK)):
            peer.send(OK[number : number + 1])
            await move(1)

    async def test(user: HttpClient, server: RawServer) -> None:
        assert await user.call(call(server, limits=Limits(read_s=5))) == OK_RESPONSE

    run(trickle, test)


def test_the_write_limit_is_for_silence_not_for_the_whole_request() -> None:
    async def swallow_slowly(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        for _ in range(15):
            await peer.reader.readexactly(1_000_000)
            await move(1)
        await peer.reader.readexactly(15_000_000)
        peer.send(OK)

    async def test(user: HttpClient, server: RawServer) -> None:
        limits = Limits(write_s=5, read_s=None)
        asked = call(server, method="POST", body=bytes(30_000_000), limits=limits)
        assert await user.call(asked) == OK_RESPONSE

    run(swallow_slowly, test)


def test_a_call_that_is_cancelled_closes_its_connection() -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        waiting = asyncio.ensure_future(user.call(call(server)))
        while not server.connections:
            await move(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        while user.connections:
            await move(0)

    run(hang, test)


@pytest.mark.parametrize("client", ["app", "phone:alice"])
def test_what_cannot_be_written_is_the_callers_slip(client: str) -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        with pytest.raises(ValueError, match="line break"):
            await user.call(call(server, client, target=b"/ HTTP/1.1\r\nX: y"))
        with pytest.raises(ValueError, match="invalid literal"):
            await user.call(call("127.0.0.1:x", client))
        assert not user._phones.instances
        assert server.connections == 0

    run(serve, test)


@pytest.mark.parametrize("client", ["app", "phone:alice"])
def test_closing_ends_calls_under_way_and_later_ones(client: str) -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        waiting = asyncio.ensure_future(user.call(call(server, client)))
        while not server.connections:
            await move(0)
        await user.close()
        assert await waiting == Closed(True)
        assert await user.call(call(server, client)) == Closed(False)

    run(hang, test)


@pytest.mark.parametrize("client", ["app", "phone:alice"])
def test_closing_while_connecting_leaves_no_connection(client: str) -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        waiting = asyncio.ensure_future(user.call(call(server, client)))
        await asyncio.sleep(0)
        await user.close()
        assert await waiting == Closed(False)

    run(serve, test)


# -- clients that keep their connections -----------------------------------------------------------------------


def recorder(server_talk: Talk, seen: list[tuple[int, bytes]]) -> Talk:
    """Notes (connection, request line) of what `server_talk` reads."""

    async def talk(peer: Peer) -> None:
        original = peer.request

        async def request() -> bytes:
            data = await original()
            if data:
                seen.append((peer.number, data.split(b" HTTP/1.1\r\n")[0]))
            return data

        peer.request = request  # type: ignore[method-assign]
        await server_talk(peer)

    return talk


def test_connections_are_kept_per_client_and_authority() -> None:
    seen: list[tuple[int, bytes]] = []

    async def test(user: HttpClient, server: RawServer) -> None:
        elsewhere = f"localhost:{server.port}"
        for place, client in ((server, "app"), (server, "app"), (server, "web"), (elsewhere, "app"), (server, "app")):
            assert await user.call(call(place, client)) == OK_RESPONSE
        assert [connection for connection, _ in seen] == [1, 1, 2, 3, 1]
        await asyncio.gather(*(user.call(call(server)) for _ in range(3)))
        assert server.connections == 5

    run(
        recorder(serve, seen), test, HttpClient(resolve=_names(localhost=["127.0.0.1"], **{"127.0.0.1": ["127.0.0.1"]}))
    )


def test_an_idle_connection_is_closed_after_a_while() -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        await user.call(call(server))
        await move(9)
        await user.call(call(server))
        await move(9)
        await user.call(call(server))
        assert server.connections == 1
        await move(10)
        assert not user.connections
        await user.call(call(server))
        assert server.connections == 2

    run(serve, test, HttpClient(idle_s=10))


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        OK + b"surplus",
    ],
)
def test_a_connection_that_cannot_go_on_is_not_kept(answer: bytes) -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        for _ in range(2):
            outcome = await user.call(call(server))
            assert isinstance(outcome, Response)
            assert outcome.body == b"ok"
        assert server.connections == 2

    run(say(answer, answer), test)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "POST"])
def test_on_a_connection_that_was_closed_meanwhile_only_a_harmless_request_is_repeated(method: str) -> None:
    """The server reads the second request and closes without a word: did it do it, or not?"""
    seen: list[tuple[int, bytes]] = []

    async def talk(peer: Peer) -> None:
        await peer.request()
        peer.send(OK)
        await peer.request()

    async def test(user: HttpClient, server: RawServer) -> None:
        assert await user.call(call(server)) == OK_RESPONSE
        outcome = await user.call(call(server, method=method))
        again = method.encode() + b" /"
        if method == "POST":
            assert outcome == Closed(True)
            assert seen == [(1, b"GET /"), (1, again)]
        else:
            assert isinstance(outcome, Response)
            assert seen == [(1, b"GET /"), (1, again), (2, again)]

    run(recorder(talk, seen), test)


def test_a_request_is_repeated_once_and_not_after_a_byte_of_an_answer() -> None:
    async def talk(peer: Peer) -> None:
        if peer.number == 1:
            await peer.request()
            peer.send(OK)
            await peer.request()
        elif peer.number == 2:
            await peer.request()
            peer.send(OK)
            await peer.request()
            peer.send(b"H")
        else:
            await peer.request()

    async def test(user: HttpClient, server: RawServer) -> None:
        for expected in (OK_RESPONSE, OK_RESPONSE, Closed(True), Closed(True)):
            assert await user.call(call(server)) == expected
        assert server.connections == 3

    run(talk, test)


def test_a_post_that_was_not_sent_is_repeated_on_a_new_connection() -> None:
    async def talk(peer: Peer) -> None:
        await peer.request()
        peer.send(OK)
        if peer.number == 1:
            await reset(peer)

    async def test(user: HttpClient, server: RawServer) -> None:
        assert await user.call(call(server)) == OK_RESPONSE
        assert await user.call(call(server, method="POST", body=bytes(50_000_000))) == OK_RESPONSE
        assert server.connections == 2

    run(talk, test)


def test_what_a_server_says_unasked_ends_the_connection() -> None:
    async def talk(peer: Peer) -> None:
        await peer.request()
        peer.send(OK)
        await asyncio.sleep(0)
        peer.send(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
        await peer.reader.read()

    async def test(user: HttpClient, server: RawServer) -> None:
        await user.call(call(server))
        while user.connections:
            await move(0)

    run(talk, test)


def test_other_clients_take_a_redirect_as_it_is_and_send_only_what_is_needed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"
    requests: list[bytes] = []

    async def talk(peer: Peer) -> None:
        requests.append(await peer.request())
        peer.send(moved)

    async def test(user: HttpClient, server: RawServer) -> None:
        outcome = await user.call(call(server, method="POST"))
        assert isinstance(outcome, Response)
        assert outcome.status == 302
        host = server.authority.encode()
        assert requests == [b"POST / HTTP/1.1\r\nx-api-key: k\r\nHost: " + host + b"\r\nContent-Length: 0\r\n\r\n"]

    run(talk, test)


def test_a_sink_takes_the_body_of_a_stream() -> None:
    pieces: list[bytes] = []
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"

    async def test(user: HttpClient, server: RawServer) -> None:
        outcome = await user.call(call(server), sink=lambda head: pieces.append if head.status == 200 else None)
        assert isinstance(outcome, Response)
        assert (outcome.body, pieces) == (b"", [b"one", b"two"])

    run(say(answer), test)


def test_a_sink_that_fails_fails_the_call() -> None:
    def fail(data: bytes) -> None:
        raise RuntimeError("cannot take it")

    async def test(user: HttpClient, server: RawServer) -> None:
        with pytest.raises(RuntimeError, match="cannot take it"):
            await user.call(call(server), sink=lambda head: fail)

    run(say(OK), test)


# -- the app -----------------------------------------------------------------------------------------------------


def test_the_app_uses_a_new_connection_for_each_call() -> None:
    seen: list[tuple[int, bytes]] = []

    async def test(user: HttpClient, server: RawServer) -> None:
        for _ in range(3):
            assert await user.call(call(server, "phone:alice")) == OK_RESPONSE
        assert [connection for connection, _ in seen] == [1, 2, 3]
        while user.connections:
            await move(0)

    run(recorder(serve, seen), test, HttpClient(linger_s=0))


def test_the_connections_of_the_app_linger() -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        for _ in range(3):
            await user.call(call(server, "phone:alice"))
        await move(29)
        assert user.connections == 3
        await move(1)
        assert not user.connections

    run(serve, test, HttpClient(linger_s=30))


def test_the_app_sends_what_okhttp_sends() -> None:
    requests: list[bytes] = []

    async def talk(peer: Peer) -> None:
        requests.append(await peer.request())
        peer.send(OK)

    async def test(user: HttpClient, server: RawServer) -> None:
        await user.call(call(server, "phone:alice", "POST", body=b"{}"))
        names = [line.split(b":")[0] for line in requests[0].split(b"\r\n")[1:-2]]
        assert b" ".join(names) == (b"x-api-key Content-Type Content-Length Host Connection Accept-Encoding User-Agent")

    run(talk, test)


def test_follow_ups_share_the_connection_of_their_call() -> None:
    seen: list[tuple[int, bytes]] = []
    answers = [
        b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
        OK,
    ]

    async def test(user: HttpClient, server: RawServer) -> None:
        assert await user.call(call(server, "phone:alice", "POST", body=b"{}")) == OK_RESPONSE
        assert await user.call(call(server, "phone:alice", "POST", body=b"{}")) == OK_RESPONSE
        once = [b"POST /", b"POST /", b"GET /x"]
        assert seen == [(1, line) for line in once] + [(2, line) for line in once]

    run(recorder(say(*answers), seen), test)


def test_a_redirect_in_a_circle_is_given_up() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"
    seen: list[tuple[int, bytes]] = []

    async def test(user: HttpClient, server: RawServer) -> None:
        assert await user.call(call(server, "phone:alice")) == Closed(True, GaveUp().text)
        assert seen == [(1, b"GET /")] * 21

    run(recorder(say(*[moved] * 30), seen), test)


def _two_addresses(
    first: Talk, second: Talk, test: Callable[[HttpClient, str, RawServer, RawServer], Awaitable[None]]
) -> None:
    """A host with two addresses, 127.0.0.2 and 127.0.0.1, and a server at the same port of each."""

    async def main() -> None:
        user = HttpClient(resolve=_names(twin=["127.0.0.2", "127.0.0.1"]))
        async with raw_server(first, host="127.0.0.2") as one, raw_server(second, port=one.port) as other:
            await test(user, f"twin:{one.port}", one, other)
        await user.close()

    moved_loop.run(main())


@pytest.mark.parametrize(("client", "expected"), [("phone:alice", OK_RESPONSE), ("app", Closed(True))])
def test_the_app_sends_again_to_the_next_address_if_the_first_closes_without_an_answer(
    client: str, expected: Outcome
) -> None:
    async def test(user: HttpClient, authority: str, one: RawServer, other: RawServer) -> None:
        assert await user.call(call(authority, client, "POST", body=b"{}")) == expected
        assert (one.connections, other.connections) == (1, int(client != "app"))

    _two_addresses(say_and_close(b""), serve, test)


def test_the_app_does_not_send_again_to_the_next_address_after_a_time_out() -> None:
    async def test(user: HttpClient, authority: str, one: RawServer, other: RawServer) -> None:
        waiting = asyncio.ensure_future(user.call(call(authority, "phone:alice", limits=Limits())))
        while not one.connections:
            await move(0)
        await move(10)
        assert await waiting == TimedOut("read")
        assert other.connections == 0

    _two_addresses(hang, serve, test)


@pytest.mark.parametrize("client", ["phone:alice", "app"])
def test_the_next_address_is_tried_if_nothing_listens_at_the_first(client: str) -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        assert await user.call(call(f"half:{server.port}", client)) == OK_RESPONSE

    run(serve, test, HttpClient(resolve=_names(half=["127.0.0.2", "127.0.0.1"])))


# -- TLS and names -----------------------------------------------------------------------------------------------


def _over_tls(certificate: Path, user: HttpClient, name: str = "127.0.0.1") -> list[Outcome]:
    """The outcomes of two calls."""
    outcomes: list[Outcome] = []

    async def main() -> None:
        async with raw_server(serve, ssl=server_context(certificate)) as server:
            for _ in range(2):
                outcomes.append(await user.call(call(f"{name}:{server.port}", scheme="https")))
            assert server.connections == (1 if outcomes[0] == OK_RESPONSE else 0)
            await user.close()

    moved_loop.run(main())
    return outcomes


def test_a_call_over_tls_trusts_whom_it_is_told_to_trust(certificate: Path) -> None:
    trusting = HttpClient(trust=lambda: trust_of(certificate))
    assert _over_tls(certificate, trusting) == [OK_RESPONSE] * 2


@pytest.mark.parametrize("trusts", [True, False])
def test_a_certificate_of_another_or_of_nobody_is_refused(certificate: Path, trusts: bool) -> None:
    trust = (lambda: trust_of(certificate)) if trusts else ssl.create_default_context
    user = HttpClient(trust=trust, resolve=_names(other=["127.0.0.1"]))
    for outcome in _over_tls(certificate, user, "other"):
        assert isinstance(outcome, ConnectFailed)
        assert outcome.kind == "tls"


def test_a_connection_that_breaks_off_in_the_handshake_is_a_failure_of_tls() -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        outcome = await user.call(call(server, scheme="https"))
        assert isinstance(outcome, ConnectFailed)
        assert outcome.kind == "tls"

    run(reset, test)


def test_names_are_resolved_by_the_system_and_addresses_by_nobody() -> None:
    async def main() -> None:
        assert "127.0.0.1" in await resolve_name("localhost")
        assert await resolve_name("::1") == ["::1"]
        with contextlib.suppress(OSError):
            assert await resolve_name("name.invalid") == ["never"]

    moved_loop.run(main())
