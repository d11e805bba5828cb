"""A phone's calls use the connections that okhttp would, with real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence

import pytest

from harness.adapters.http_client import HttpClient
from harness.adapters.http_phones import OPEN_MAX, PhoneCalls
from harness.http.values import BodyBroken, Call, Closed, ConnectFailed, Limits, Outcome, Request, Response
from harness.instants import seconds
from harness.okhttp import IDLE
from tests.adapters import moved_loop
from tests.adapters.moved_loop import move
from tests.adapters.raw_server import Peer, RawServer, Talk, raw_server

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
OK_RESPONSE = Response(200, (("Content-Length", "2"),), b"ok")
NO_LIMITS = Limits(connect_s=None, read_s=None, write_s=None)
Test = Callable[[HttpClient, RawServer], Awaitable[None]]


def call(place: RawServer | str, client: str = "phone:alice#1", method: str = "POST") -> Call:
    authority = place if isinstance(place, str) else place.authority
    return Call("1", client, Request(method, "http", authority, b"/", (), b""), NO_LIMITS)


async def serve(peer: Peer) -> None:
    while await peer.request():
        peer.send(OK)


async def hang(peer: Peer) -> None:
    await peer.reader.read()


def names(**addresses: list[str]) -> Callable[[str], Awaitable[Sequence[str]]]:
    async def resolve(host: str) -> Sequence[str]:
        return addresses.get(host, ["127.0.0.1"])

    return resolve


def run(talk: Talk, test: Test, client: HttpClient | None = None) -> None:
    async def main() -> None:
        user = client or HttpClient()
        async with raw_server(talk) as server:
            await test(user, server)
            await user.close()
            assert not user.connections
            assert not user._phones.instances

    moved_loop.run(main())


async def until(is_so: Callable[[], object]) -> None:
    while not is_so():
        await move(0)


def test_calls_of_one_instance_share_a_connection_and_others_do_not() -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        for client, connections in (
            ("phone:alice#1", 1), ("phone:alice#1", 1), ("phone:alice#2", 2), ("phone:bob#1", 3), ("phone:alice", 4),
            ("phone:alice", 5), ("phone:alice#1", 5),
        ):  # fmt: skip
            assert await user.call(call(server, client)) == OK_RESPONSE
            assert server.connections == connections

    run(serve, test)


def test_idle_connections_stay_as_long_as_those_of_okhttp() -> None:
    assert inspect.signature(HttpClient).parameters["linger_s"].default == seconds(IDLE)


def test_an_idle_connection_closes_in_time_unless_it_is_used() -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        await user.call(call(server))
        await move(19)
        await user.call(call(server))
        await move(19)
        assert (server.connections, user.connections) == (1, 1)
        await move(1)
        assert not user.connections
        await user.call(call(server))
        assert server.connections == 2

    run(serve, test, HttpClient(linger_s=20))


def test_an_instance_keeps_five_idle_connections() -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        for number in range(7):
            await user.call(call(f"h{number}:{server.port}"))
        await move(0)
        assert user.connections == 5

    run(serve, test, HttpClient(resolve=names()))


def test_a_fleet_keeps_no_more_connections_than_a_process_may() -> None:
    async def main() -> None:
        calls = PhoneCalls(
            resolve=names(), trust=_no_tls, linger_s=300, follows_up=True, http1=False, open_max=3
        )  # fmt: skip
        request = Request("GET", "http", "", b"/")
        async with raw_server(serve) as server:
            request.authority = server.authority
            for number in range(9):
                assert await calls.call(f"phone:p{number}", request, NO_LIMITS, None, None) == OK_RESPONSE
            await move(0)
            assert (calls.dialer.open, calls.instances) == (3, 3)
            await calls.dialer.close()

    assert OPEN_MAX < 1024 / 2  # a process often may have 1024 files, and a server in it has the other ends
    moved_loop.run(main())


def _no_tls() -> None:  # type: ignore[misc]
    raise AssertionError("nobody asked for TLS")


def test_a_connection_that_the_server_closed_meanwhile_is_not_used() -> None:
    async def once(peer: Peer) -> None:
        await peer.request()
        peer.send(OK)

    async def test(user: HttpClient, server: RawServer) -> None:
        for number in (1, 2):
            assert await user.call(call(server)) == OK_RESPONSE
            await until(lambda: not user.connections)
            assert server.connections == number

    run(once, test)


def test_a_request_that_an_idle_connection_swallows_is_sent_again_even_a_post() -> None:
    async def talk(peer: Peer) -> None:
        await peer.request()
        peer.send(OK)
        if await peer.request() and peer.number > 1:
            peer.send(OK)

    async def test(user: HttpClient, server: RawServer) -> None:
        for _ in range(2):
            assert await user.call(call(server)) == OK_RESPONSE
        assert server.connections == 2

    run(talk, test)


MOVED = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 9\r\n\r\n"


def _first(answer: bytes) -> Talk:
    """The first request is answered so, and the connection closes; any other one is answered well."""

    async def talk(peer: Peer) -> None:
        if peer.number == 1:
            await peer.request()
            peer.send(answer)
        else:
            await serve(peer)

    return talk


def test_a_redirect_is_followed_though_its_body_breaks_off() -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        assert await user.call(call(server)) == OK_RESPONSE

    run(_first(MOVED), test)


def test_who_follows_up_by_itself_gets_every_answer() -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        outcome = await user.call(call(server))
        assert isinstance(outcome, Response)
        assert (outcome.status, server.connections) == (302, 1)

    run(_first(MOVED), test, HttpClient(follows_up=False))


MIB = 1024 * 1024
RESENT: list[tuple[bytes, Outcome]] = [
    (b"", OK_RESPONSE),
    (OK[:20], OK_RESPONSE),
    (OK[:-1], BodyBroken(Response(200, (("Content-Length", "2"),)), b"o")),
    (b"220 mail.example.com\r\n", Closed(True, "Unexpected status line: 220 mail.example.com")),
]


@pytest.mark.parametrize(("answer", "outcome"), RESENT)
def test_only_a_request_without_any_answer_goes_to_the_next_address(answer: bytes, outcome: Outcome) -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        assert await user.call(call(f"twin:{server.port}")) == outcome

    run(_first(answer), test, HttpClient(resolve=names(twin=["127.0.0.1", "127.0.0.1"])))


def test_a_refused_connection_has_okhttps_text() -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        assert await user.call(call(f"gateway:{port}")) == ConnectFailed(
            "refused", f"Failed to connect to gateway/127.0.0.1:{port}"
        )

    run(serve, test, HttpClient(resolve=names()))


@contextlib.contextmanager
def silent(host: str, port: int) -> Iterator[None]:
    """At this address nobody takes connections and nobody refuses them: its queue is full."""
    with contextlib.ExitStack() as sockets:
        listener = sockets.enter_context(socket.socket())
        listener.bind((host, port))
        listener.listen(0)
        for _ in range(4):
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((host, port))
        yield


def test_an_address_that_keeps_silent_is_overtaken_by_the_next_one() -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        with silent("127.0.0.2", server.port):
            asked = asyncio.ensure_future(user.call(call(f"twin:{server.port}")))
            for _ in range(20):
                await move(0)
            assert (asked.done(), server.connections) == (False, 0)
            await move(0.25)
            assert await asked == OK_RESPONSE
            assert user.connections == 1

    run(serve, test, HttpClient(resolve=names(twin=["127.0.0.2", "127.0.0.1"])))


def test_a_call_that_is_cancelled_while_addresses_race_leaves_no_socket() -> None:
    async def test(user: HttpClient, server: RawServer) -> None:
        with silent("127.0.0.2", server.port), silent("127.0.0.3", server.port):
            asked = asyncio.ensure_future(user.call(call(f"twin:{server.port}")))
            for _ in range(5):
                await move(0.25)
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
            assert len(asyncio.all_tasks()) == 1  # the test itself

    run(serve, test, HttpClient(resolve=names(twin=["127.0.0.2", "127.0.0.3"])))


def test_a_body_without_end_is_broken_at_4_mib() -> None:
    sent = [0]

    async def talk(peer: Peer) -> None:
        await peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while not peer.writer.is_closing():
            peer.send(bytes(MIB))
            sent[0] += MIB
            await peer.writer.drain()

    async def test(user: HttpClient, server: RawServer) -> None:
        outcome = await user.call(call(server))
        assert outcome == BodyBroken(Response(200), b"", "long")
        assert 4 * MIB < sent[0] < 40 * MIB  # kernels and the writer hold some of it

    run(talk, test)


def test_http2_is_loaded_with_the_first_server_that_speaks_it() -> None:
    looks = "import sys, harness.adapters.http_client; sys.exit('h2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", looks], check=False).returncode == 0
