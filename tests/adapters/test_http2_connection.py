"""A phone speaks HTTP/2 with a server that picks it, whatever that does with its streams."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from h2 import events
from h2.errors import ErrorCodes
from h2.settings import SettingCodes

from harness.adapters.http_client import HttpClient
from harness.http.values import BodyBroken, Call, Closed, Limits, Outcome, Reads, Request, Response, TimedOut
from tests.adapters import moved_loop
from tests.adapters.certificates import server_context, trust_of
from tests.adapters.http2_server import Http2Peer, Http2Server, Stream, Talk, http2_server
from tests.adapters.moved_loop import move
from tests.adapters.raw_server import Peer, raw_server

ONE = "phone:alice#1"
OK = Response(200, (("a", "b"),), b"ok")
NO_LIMITS = Limits(connect_s=None, read_s=None, write_s=None)
Settings = dict[SettingCodes | int, int]


def call(
    server: Http2Server | str, method: str = "GET", body: bytes = b"", client: str = ONE, limits: Limits = NO_LIMITS
) -> Call:
    authority = server if isinstance(server, str) else server.authority
    return Call("1", client, Request(method, "https", authority, b"/x?y", (("x-api-key", "k"),), body), limits)


def serve(peer: Http2Peer, stream: Stream) -> None:
    peer.answer(stream, b"ok", a="b")


def say_nothing(peer: Http2Peer, stream: Stream) -> None: ...


def run(
    certificate: Path,
    talk: Talk,
    test: Callable[[HttpClient, Http2Server], Awaitable[None]],
    *,
    settings: Settings | None = None,
    reads_nothing: bool = False,
    http1: bool = False,
) -> None:
    """Runs a test of a client against a server, and looks that the client leaves nothing behind."""

    async def main() -> None:
        user = HttpClient(trust=lambda: trust_of(certificate), http1=http1)
        async with http2_server(talk, certificate, settings=settings, reads_nothing=reads_nothing) as server:
            await test(user, server)
            await user.close()
            assert not user.connections

    moved_loop.run(main())


async def until(is_so: Callable[[], object]) -> None:
    while not is_so():
        await move(0)


def test_requests_go_out_as_okhttp_sends_them(certificate: Path) -> None:
    async def test(user: HttpClient, server: Http2Server) -> None:
        assert await user.call(call(server)) == OK
        assert await user.call(call(server, "POST", b"{}")) == OK
        assert await user.call(call(server, "POST")) == OK
        (peer,) = server.peers
        get, post, empty = peer.streams.values()
        begins = [(":path", "/x?y"), (":authority", server.authority), (":scheme", "https"), ("x-api-key", "k")]
        ends = [("accept-encoding", "gzip"), ("user-agent", "okhttp/5.4.0")]
        kind = ("content-type", "application/json; charset=utf-8")
        assert get.headers == [(":method", "GET"), *begins, *ends]
        assert post.headers == [(":method", "POST"), *begins, kind, ("content-length", "2"), *ends]
        assert (post.body, empty.body) == (b"{}", b"")
        # Only the window is said: 16 MiB for each stream and, by the update behind it, for the connection.
        settings = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000006040000000000" + "000401000000")
        update = bytes.fromhex("000004080000000000") + (16 * 1024 * 1024 - 65535).to_bytes(4, "big")
        assert peer.received.startswith(settings + update)

    run(certificate, serve, test)


ANSWERS: list[tuple[Talk, Outcome]] = [
    (serve, OK),
    (lambda peer, stream: peer.answer(stream, status=204), Response(204)),
    (
        lambda peer, stream: peer.answer(stream, gzip.compress(b"hello"), content_encoding="gzip"),
        Response(200, (), b"hello"),
    ),
    (
        lambda peer, stream: peer.answer(stream, b"nonsense", content_encoding="gzip"),
        BodyBroken(Response(200), b"", "garbled"),
    ),
    (
        lambda peer, stream: peer.answer(stream, b"ok", content_length="3"),
        BodyBroken(Response(200, (("content-length", "3"),)), b"", "garbled"),
    ),
    (lambda peer, stream: half(peer, stream), BodyBroken(Response(200), b"o", "garbled")),
    (lambda peer, stream: peer.transport.abort(), Closed(True)),
    (lambda peer, stream: peer.transport.write(b"HTTP/1.1 200 OK\r\n\r\n" * 9), Closed(True)),
    (lambda peer, stream: reset(peer, stream, ErrorCodes.INTERNAL_ERROR), Closed(True)),
]


def half(peer: Http2Peer, stream: Stream) -> None:
    peer.answer(stream, b"o", end=False)
    reset(peer, stream, ErrorCodes.CANCEL)


def reset(peer: Http2Peer, stream: Stream, code: ErrorCodes) -> None:
    peer.h2.reset_stream(stream.number, code)
    peer.flush()


@pytest.mark.parametrize(("talk", "expected"), ANSWERS)
def test_what_the_server_does_is_the_outcome(certificate: Path, talk: Talk, expected: Outcome) -> None:
    async def test(user: HttpClient, server: Http2Server) -> None:
        assert await user.call(call(server)) == expected
        assert len(server.peers) == 1

    run(certificate, talk, test)


def test_an_interim_answer_is_not_the_answer(certificate: Path) -> None:
    def talk(peer: Http2Peer, stream: Stream) -> None:
        peer.h2.send_headers(stream.number, [(":status", "103")])
        peer.answer(stream, b"ok", a="b")

    async def test(user: HttpClient, server: Http2Server) -> None:
        assert await user.call(call(server)) == OK

    run(certificate, talk, test)


def test_one_connection_carries_several_requests_at_once(certificate: Path) -> None:
    waiting: list[tuple[Http2Peer, Stream]] = []

    def talk(peer: Http2Peer, stream: Stream) -> None:
        if stream.number == 1:
            serve(peer, stream)
        else:
            waiting.append((peer, stream))
        if len(waiting) == 3:
            for each in reversed(waiting):
                serve(*each)

    async def test(user: HttpClient, server: Http2Server) -> None:
        await user.call(call(server))
        assert await asyncio.gather(*(user.call(call(server)) for _ in range(3))) == [OK] * 3
        assert [peer.number for peer, _ in waiting] == [1, 1, 1]

    run(certificate, talk, test)


def test_a_server_that_takes_one_stream_gets_a_second_connection(certificate: Path) -> None:
    waiting: list[tuple[Http2Peer, Stream]] = []

    def talk(peer: Http2Peer, stream: Stream) -> None:
        if peer.number == stream.number == 1:
            serve(peer, stream)
        else:
            waiting.append((peer, stream))
        if len(waiting) == 2:
            for each in waiting:
                serve(*each)

    async def test(user: HttpClient, server: Http2Server) -> None:
        await user.call(call(server))
        assert await asyncio.gather(*(user.call(call(server)) for _ in range(2))) == [OK] * 2
        assert sorted(peer.number for peer, _ in waiting) == [1, 2]

    run(certificate, talk, test, settings={SettingCodes.MAX_CONCURRENT_STREAMS: 1})


def test_a_large_body_goes_out_as_the_windows_allow_and_a_large_answer_comes_in(certificate: Path) -> None:
    large = bytes(range(256)) * 4000

    def talk(peer: Http2Peer, stream: Stream) -> None:
        peer.answer(stream, *[large[at : at + 16384] for at in range(0, len(large), 16384)])

    async def test(user: HttpClient, server: Http2Server) -> None:
        outcome = await user.call(call(server, "POST", large))
        assert isinstance(outcome, Response)
        assert (server.peers[0].streams[1].body, outcome.body) == (large, large)

    run(certificate, talk, test)


def test_a_body_without_end_is_broken_at_4_mib(certificate: Path) -> None:
    def talk(peer: Http2Peer, stream: Stream) -> None:
        peer.answer(stream, end=False)
        asyncio.get_running_loop().call_soon(more, peer, stream)

    def more(peer: Http2Peer, stream: Stream) -> None:
        try:
            while peer.h2.local_flow_control_window(stream.number) >= 16384:
                peer.h2.send_data(stream.number, bytes(16384))
        except Exception:  # noqa: BLE001 - the stream was reset, as it should be
            return
        peer.flush()
        if not peer.transport.is_closing():
            asyncio.get_running_loop().call_soon(more, peer, stream)

    async def test(user: HttpClient, server: Http2Server) -> None:
        outcome = await user.call(call(server))
        assert outcome == BodyBroken(Response(200), b"", "long")

    run(certificate, talk, test)


def test_a_refused_stream_is_sent_again_where_the_connection_was_there_before(certificate: Path) -> None:
    def talk(peer: Http2Peer, stream: Stream) -> None:
        if (peer.number, stream.number) in ((1, 3), (1, 5)):
            reset(peer, stream, ErrorCodes.REFUSED_STREAM)
        else:
            serve(peer, stream)

    async def test(user: HttpClient, server: Http2Server) -> None:
        await user.call(call(server))
        assert await user.call(call(server, "POST", b"{}")) == OK
        assert [list(peer.streams) for peer in server.peers] == [[1, 3, 5], [1]]

    run(certificate, talk, test)


def test_a_server_that_goes_away_answers_what_it_has_begun_and_the_rest_goes_elsewhere(certificate: Path) -> None:
    async def test(user: HttpClient, server: Http2Server) -> None:
        await user.call(call(server))
        (peer,) = server.peers
        server.talk = say_nothing
        asked = [asyncio.ensure_future(user.call(call(server))) for _ in range(2)]
        await until(lambda: len(peer.streams) == 3)
        server.talk = serve
        # One look of the client sees all: the first request may still be answered, the second was not read.
        goaway = bytes.fromhex("000008070000000000") + (3).to_bytes(4, "big") + bytes(4)
        peer.transport.write(goaway)
        peer.answer(peer.streams[3], b"ok", a="b")
        assert await asyncio.gather(*asked) == [OK, OK]
        assert [list(each.streams) for each in server.peers] == [[1, 3, 5], [1]]
        await until(lambda: user.connections == 1)

    run(certificate, serve, test)


LATE = BodyBroken(Response(200), b"", "late")
READ_LIMIT, WRITE_LIMIT = Limits(connect_s=None, read_s=5, write_s=None), Limits(connect_s=None, read_s=None, write_s=5)
TIMEOUTS: list[tuple[Outcome, Limits, bytes, Talk]] = [
    (TimedOut("read"), READ_LIMIT, b"", say_nothing),
    (LATE, READ_LIMIT, b"", lambda peer, stream: peer.answer(stream, end=False)),
    (TimedOut("write"), WRITE_LIMIT, bytes(10**6), say_nothing),
]


@pytest.mark.parametrize(("expected", "limits", "body", "talk"), TIMEOUTS)
def test_each_phase_has_its_limit(
    certificate: Path, expected: Outcome, limits: Limits, body: bytes, talk: Talk
) -> None:
    async def test(user: HttpClient, server: Http2Server) -> None:
        outcome = asyncio.ensure_future(user.call(call(server, "POST", body, limits=limits)))
        await until(
            lambda: server.peers and any(len(s.body) > 65000 or s.whole for s in server.peers[0].streams.values())
        )
        for _ in range(50):
            await move(0)
        await move(4.5)
        assert not outcome.done()
        await move(1)
        assert await outcome == expected
        await until(lambda: any(isinstance(event, events.StreamReset) for event in server.peers[0].said))

    run(certificate, talk, test, reads_nothing=bool(body))


def test_the_read_limit_is_for_silence_not_for_the_whole_answer(certificate: Path) -> None:
    async def test(user: HttpClient, server: Http2Server) -> None:
        outcome = asyncio.ensure_future(user.call(call(server, limits=Limits(read_s=5))))
        await until(lambda: server.peers and server.peers[0].streams)
        (peer,) = server.peers
        peer.answer(peer.streams[1], end=False)
        for nth in range(5):
            for _ in range(20):
                await move(0)
            await move(4)
            peer.h2.send_data(1, b"x", end_stream=nth == 4)
            peer.flush()
        assert await outcome == Response(200, (), b"xxxxx")

    run(certificate, say_nothing, test)


def test_a_body_that_nobody_reads_is_not_waited_for(certificate: Path) -> None:
    async def test(user: HttpClient, server: Http2Server) -> None:
        assert await user.call(replace(call(server), reads=Reads.FAILURES)) == Response(200)
        await until(lambda: any(isinstance(event, events.StreamReset) for event in server.peers[0].said))
        assert user.connections == 1

    run(certificate, lambda peer, stream: peer.answer(stream, end=False), test)


def test_a_call_that_is_cancelled_resets_its_stream(certificate: Path) -> None:
    async def test(user: HttpClient, server: Http2Server) -> None:
        asked = asyncio.ensure_future(user.call(call(server)))
        await until(lambda: server.peers and server.peers[0].streams)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await until(lambda: any(isinstance(event, events.StreamReset) for event in server.peers[0].said))
        assert user.connections == 1

    run(certificate, say_nothing, test)


def test_a_sink_takes_the_body_and_its_failure_fails_the_call(certificate: Path) -> None:
    taken: list[bytes] = []

    def fail(data: bytes) -> None:
        raise RuntimeError("cannot take it")

    async def test(user: HttpClient, server: Http2Server) -> None:
        assert await user.call(call(server), sink=lambda head: taken.append) == Response(200, (("a", "b"),))
        assert taken == [b"ok"]
        with pytest.raises(RuntimeError, match="cannot take it"):
            await user.call(call(server), sink=lambda head: fail)

    run(certificate, serve, test)


def test_closing_says_goodbye_and_ends_what_is_under_way(certificate: Path) -> None:
    async def test(user: HttpClient, server: Http2Server) -> None:
        await user.call(call(server))
        server.talk = say_nothing
        asked = asyncio.ensure_future(user.call(call(server, client="phone:bob#1")))
        await until(lambda: len(server.peers) == 2 and server.peers[1].streams)
        await user.close()
        assert await asked == Closed(True)
        await until(lambda: any(isinstance(event, events.ConnectionTerminated) for event in server.peers[0].said))

    run(certificate, serve, test)


@pytest.mark.parametrize(
    ("client", "http1", "protocol"), [(ONE, False, "h2"), (ONE, True, "http/1.1"), ("app", False, None)]
)
def test_http2_is_offered_by_phones_and_only_if_they_may(
    certificate: Path, client: str, http1: bool, protocol: str | None
) -> None:
    picked: list[str | None] = []

    async def talk(peer: Peer) -> None:
        picked.append(peer.writer.get_extra_info("ssl_object").selected_alpn_protocol())

    async def main() -> None:
        user = HttpClient(trust=lambda: trust_of(certificate), http1=http1)
        async with raw_server(talk, ssl=server_context(certificate, "h2", "http/1.1")) as server:
            assert isinstance(await user.call(call(server.authority, client=client)), Closed)
            await user.close()
        assert picked[0] == protocol

    moved_loop.run(main())


def _twin(_host: str) -> Awaitable[Sequence[str]]:
    async def found() -> Sequence[str]:
        return ["127.0.0.1", "127.0.0.1"]

    return found()


def test_a_reset_stream_goes_to_the_next_address(certificate: Path) -> None:
    def talk(peer: Http2Peer, stream: Stream) -> None:
        if peer.number == 1:
            reset(peer, stream, ErrorCodes.INTERNAL_ERROR)
        else:
            serve(peer, stream)

    async def main() -> None:
        user = HttpClient(trust=lambda: trust_of(certificate), resolve=_twin)
        async with http2_server(talk, certificate) as server:
            assert await user.call(call(server, "POST", b"{}")) == OK
            assert len(server.peers) == 2
            await user.close()

    moved_loop.run(main())
