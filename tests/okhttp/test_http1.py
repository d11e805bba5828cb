"""Answers over HTTP/1.1 are read as okhttp reads them."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.http.parse import Ending, ResponseParser
from harness.http.values import BodyBroken, Closed, Headers, Reads, Request, Response
from harness.okhttp.http1 import ANSWER_BYTES_MAX, Http1Answer, Http1Reader

GET = Request("GET", "http", "h", b"/")
LENGTH: Headers = (("Content-Length", "5"),)
CHUNKED: Headers = (("Transfer-Encoding", "chunked"),)
HEAD = b"HTTP/1.1 200 OK\r\n"
PACKED = gzip.compress(b"hello", mtime=0)


def ending(data: bytes, cuts: int, *, reads: Reads = Reads.ALL, body_bytes_max: int = 1000) -> Ending:
    """What becomes of an answer in so many pieces, and then the end of the connection."""
    answer = Http1Answer(GET, reads, body_bytes_max=body_bytes_max)
    size = max(1, -(-len(data) // cuts))
    for at in range(0, len(data), size):
        answer.feed(data[at : at + size])
    return answer.eof()


def chunked(body: bytes) -> bytes:
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body


ANSWERS: dict[str, tuple[bytes, Ending]] = {
    "a length": (HEAD + b"Content-Length: 5\r\n\r\nhello", Response(200, LENGTH, b"hello")),
    "no length": (HEAD + b"\r\nhello", Response(200, (), b"hello")),
    "LF alone": (b"HTTP/1.1 200 OK\nA: b\n\nhello", Response(200, (("A", "b"),), b"hello")),
    "HTTP/1.0": (b"HTTP/1.0 404 No\r\n\r\n", Response(404)),
    "no reason": (b"HTTP/1.1 200\r\n\r\n", Response(200)),
    "a radio station": (b"ICY 200 OK\r\n\r\nla", Response(200, (), b"la")),
    "another one": (b"SOURCETABLE 200 OK\r\n\r\n", Response(200)),
    "status 0": (b"HTTP/1.1 000 Nothing\r\n\r\n", Response(0)),
    "status 999": (b"HTTP/1.1 999 Odd\r\n\r\n", Response(999)),
    "interim answers": (b"HTTP/1.1 100 a\r\nX: y\r\n\r\nHTTP/1.1 150 b\r\n\r\n" + HEAD + b"\r\n", Response(200)),
    "101": (b"HTTP/1.1 101 a\r\nUpgrade: h2c\r\n\r\n", Response(101, (("Upgrade", "h2c"),))),
    "no body": (b"HTTP/1.1 204 a\r\n\r\nbody", Response(204)),
    "304 with a body": (b"HTTP/1.1 304 a\r\nContent-Length: 5\r\n\r\nhello", Response(304, LENGTH, b"hello")),
    "304 without the body that it tells of": (
        b"HTTP/1.1 304 a\r\nContent-Length: 5\r\n\r\n",
        BodyBroken(Response(304, LENGTH), b""),
    ),
    "204 with a length": (
        b"HTTP/1.1 204 a\r\nContent-Length: 5\r\n\r\nhello",
        Closed(True, "HTTP 204 had non-zero Content-Length: 5"),
    ),
    "204 in chunks": (
        b"HTTP/1.1 204 a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n0\r\n\r\n",
        Response(204, CHUNKED, b"he"),
    ),
    "two lengths": (
        HEAD + b"Content-Length: 5\r\nContent-Length: 2\r\n\r\nhello",
        Response(200, (*LENGTH, ("Content-Length", "2")), b"he"),
    ),
    "a length below zero": (
        HEAD + b"Content-Length: -5\r\n\r\nhello",
        BodyBroken(Response(200, (("Content-Length", "-5"),)), b"", "garbled"),
    ),
    "a length of -1": (
        HEAD + b"Content-Length: -1\r\n\r\nhello",
        Response(200, (("Content-Length", "-1"),), b"hello"),
    ),
    "a length that is none": (HEAD + b"Content-Length: x\r\n\r\nhi", Response(200, (("Content-Length", "x"),), b"hi")),
    "a length beyond 64 bits": (
        HEAD + b"Content-Length: 9223372036854775808\r\n\r\nhi",
        Response(200, (("Content-Length", "9223372036854775808"),), b"hi"),
    ),
    "a blank before the colon": (
        HEAD + b"Content-Length : 5\r\n\r\nhi",
        Response(200, (("Content-Length ", "5"),), b"hi"),
    ),
    "a line without a colon": (HEAD + b"hi\r\n:x\r\n\r\n", Response(200, (("", "hi"), ("", "x")))),
    "NUL in a header": (HEAD + b"A: b\0c\r\n\r\n", Response(200, (("A", "b\0c"),))),
    "half a body": (HEAD + b"Content-Length: 5\r\n\r\nhe", BodyBroken(Response(200, LENGTH), b"he")),
    "chunks": (chunked(b"2;x=y\r\nhe\r\n03\r\nllo\r\n0\r\nA: b\r\n\r\n"), Response(200, CHUNKED, b"hello")),
    "a chunk longer than its size": (chunked(b"2\r\nhello\r\n0\r\n\r\n"), Response(200, CHUNKED, b"he")),
    "no chunk": (chunked(b""), BodyBroken(Response(200, CHUNKED), b"", "number")),
    "half a chunk": (chunked(b"5\r\nhe"), BodyBroken(Response(200, CHUNKED), b"he")),
    "half a size": (chunked(b"5"), BodyBroken(Response(200, CHUNKED), b"", "line")),
    "no last chunk": (chunked(b"2\r\nhe\r\n"), BodyBroken(Response(200, CHUNKED), b"he", "number")),
    "no end of a chunk": (chunked(b"2\r\nhe"), BodyBroken(Response(200, CHUNKED), b"he", "line")),
    "no end of the trailers": (chunked(b"0\r\nA: b\r\n"), BodyBroken(Response(200, CHUNKED), b"", "line")),
    "a size that is none": (chunked(b"2\r\nhe\r\nx\r\n"), BodyBroken(Response(200, CHUNKED), b"he", "garbled")),
    "a size and more": (chunked(b"2 x\r\nhe"), BodyBroken(Response(200, CHUNKED), b"", "garbled")),
    "a size beyond 64 bits": (chunked(b"8" + b"0" * 15 + b"\r\n"), BodyBroken(Response(200, CHUNKED), b"", "garbled")),
    "gzip": (HEAD + b"Content-Encoding: GZip\r\n\r\n" + PACKED, Response(200, (), b"hello")),
    "half of gzip": (
        HEAD + b"Content-Encoding: gzip\r\n\r\n" + PACKED[:-1],
        BodyBroken(Response(200), b"hello", "packed"),
    ),
    "nothing of gzip": (HEAD + b"Content-Encoding: gzip\r\n\r\n", BodyBroken(Response(200), b"", "number")),
    "no gzip": (HEAD + b"Content-Encoding: gzip\r\n\r\nhello", BodyBroken(Response(200), b"", "garbled")),
    "too much": (HEAD + b"\r\n" + bytes(1001), BodyBroken(Response(200), b"", "long")),
    "a bomb": (
        HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(10**7)),
        BodyBroken(Response(200), b"", "long"),
    ),
    "nothing": (b"", Closed(True)),
    "half a head": (HEAD + b"A: b\r\n", Closed(True)),
    "interim answers without end": (b"HTTP/1.1 102 x\r\n\r\n" * 20_000, Closed(True)),
    "a long head": (HEAD + b"A: " + b"b" * 262_200, Closed(True)),
    "many headers": (HEAD + b"A: b\r\n" * 70_000, Closed(True)),
    "a greeting": (b"220 hello\r\n", Closed(True, "Unexpected status line: 220 hello")),
    "HTTP/2": (b"HTTP/2 200\r\n\r\n", Closed(True, "Unexpected status line: HTTP/2 200")),
    "HTTP/1.2": (b"HTTP/1.2 200 OK\r\n\r\n", Closed(True, "Unexpected status line: HTTP/1.2 200 OK")),
    "a status of two digits": (b"HTTP/1.1 20\r\n\r\n", Closed(True, "Unexpected status line: HTTP/1.1 20")),
    "a status of four digits": (b"HTTP/1.1 2000\r\n\r\n", Closed(True, "Unexpected status line: HTTP/1.1 2000")),
    "a page": (b"<html>" + b"x" * 999 + b"\n", Closed(True, "Unexpected status line: <html>" + "x" * 194)),
}  # fmt: skip


@pytest.mark.parametrize(("data", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_read_as_okhttp_reads_it(data: bytes, expected: Ending) -> None:
    assert ending(data, 1) == expected
    if len(data) < 1000:
        assert ending(data, len(data) or 1) == expected


@pytest.mark.parametrize("data", [data for data, expected in ANSWERS.values() if isinstance(expected, BodyBroken)])
def test_a_body_that_nobody_reads_cannot_break(data: bytes) -> None:
    got = ending(data, 1, reads=Reads.FAILURES)
    if isinstance(got, Response):
        assert (got.status, got.body) == (200, b"")
    else:
        assert got.response.status == 304  # type: ignore[union-attr]


def test_what_comes_behind_an_answer_spoils_the_connection() -> None:
    whole = HEAD + b"Content-Length: 0\r\n\r\n"
    for data, kept in ((whole, True), (whole + b"x", False), (HEAD + b"\r\n", False)):
        answer = Http1Answer(GET)
        answer.feed(data)
        assert answer.keep_alive is kept
    answer = Http1Answer(GET)
    answer.feed(whole)
    answer.feed(b"x")
    assert not answer.keep_alive


def test_the_bound_is_more_than_twice_the_largest_attachment() -> None:
    assert ANSWER_BYTES_MAX > 2 * 1_572_864


NAMES = st.text("abcXYZ-", min_size=1, max_size=8).filter(
    lambda name: (
        name.lower() not in ("content-length", "transfer-encoding", "content-encoding", "connection", "upgrade")
    )
)
VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=8)


# Three have no body, and that of two is never read: okhttp follows up on them by itself.
@given(
    st.integers(200, 599).filter(lambda status: status not in (204, 205, 304, 407, 408)),
    st.lists(st.tuples(NAMES, VALUES), max_size=4),
    st.binary(max_size=40),
    st.booleans(),
    st.integers(1, 60),
)
def test_a_proper_answer_is_read_like_everybody_reads_it(
    status: int, headers: list[tuple[str, str]], body: bytes, in_chunks: bool, cuts: int
) -> None:
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers)
    if in_chunks:
        content = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (body[:7], body[7:]) if piece)
        tail = b"Transfer-Encoding: chunked\r\n\r\n" + content + b"0\r\n\r\n"
    else:
        tail = b"Content-Length: %d\r\n\r\n" % len(body) + body
    data = f"HTTP/1.1 {status} x\r\n{fields}".encode() + tail
    assert ending(data, cuts) == ResponseParser().feed(data)


@given(st.lists(st.sampled_from([HEAD, b"\r\n", b"\n", b"5", b"0", b":", b"x", b"Content-Length: 3", b"\xff\0",
                                 b"Transfer-Encoding: chunked", b"HTTP/1.1 100 x\r\n\r\n", PACKED,
                                 b"Content-Encoding: gzip"]), max_size=20), st.integers(1, 60))  # fmt: skip
def test_noise_ends_the_same_however_it_comes(pieces: list[bytes], cuts: int) -> None:
    data = b"".join(pieces)
    one, other = ending(data, 1), ending(data, cuts)
    assert type(one) is type(other)
    assert one == other or isinstance(one, BodyBroken)


def test_a_reader_keeps_nothing_alive() -> None:
    reader = Http1Reader()
    assert getattr(reader._next, "__self__", None) is None
