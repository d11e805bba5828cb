"""The frames of an answer become what its bytes would over HTTP/1.1."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from harness.http.values import BodyBroken, Closed, Headers, Outcome, Reads, Request, Response
from harness.okhttp.answers import Http2Answer

REQUEST = Request("GET", "https", "h", b"/")
Fields = list[tuple[bytes, bytes]]

OK: Fields = [(b":status", b"200"), (b"content-type", b"text/plain"), (b"connection", b"close")]
PLAIN: Headers = (("content-type", "text/plain"),)
GZIP: Fields = [(b":status", b"200"), (b"content-encoding", b"GZIP"), (b"content-length", b"99"), (b"a", b"b")]
ZIPPED = gzip.compress(b"hello")


def read(fields: Fields, *pieces: bytes, method: str = "GET", body_bytes_max: int = 10) -> Outcome:
    answer = Http2Answer(replace(REQUEST, method=method), body_bytes_max=body_bytes_max)
    readable = answer.begin(fields) and all(answer.take(piece) for piece in pieces)
    return answer.end() if readable else answer.broken()


ANSWERS: list[tuple[Fields, tuple[bytes, ...], Outcome]] = [
    (OK, (), Response(200, PLAIN)),
    (OK, (b"he", b"llo"), Response(200, PLAIN, b"hello")),
    (OK, (b"hello", b"world!"), BodyBroken(Response(200, PLAIN), b"", "long")),
    (GZIP, (ZIPPED[:9], ZIPPED[9:]), Response(200, (("a", "b"),), b"hello")),
    (GZIP, (ZIPPED[:-1],), BodyBroken(Response(200, (("a", "b"),)), b"hello", "packed")),
    (GZIP, (ZIPPED, b"x"), BodyBroken(Response(200, (("a", "b"),)), b"hello", "garbled")),
    (GZIP, (b"plain",), BodyBroken(Response(200, (("a", "b"),)), b"", "garbled")),
    (GZIP, (gzip.compress(bytes(10**6)),), BodyBroken(Response(200, (("a", "b"),)), b"", "long")),
    ([(b":status", b"x")], (), Closed(True)),
    ([(b"a", b"b")], (), Closed(True)),
]


@pytest.mark.parametrize(("fields", "pieces", "expected"), ANSWERS)
def test_frames_become_an_answer_or_what_is_there_of_one(
    fields: Fields, pieces: tuple[bytes, ...], expected: Outcome
) -> None:
    assert read(fields, *pieces) == expected


@pytest.mark.parametrize(("method", "status"), [("HEAD", b"200"), ("GET", b"204"), ("GET", b"304")])
def test_an_answer_without_a_body_keeps_what_it_says_of_one(method: str, status: bytes) -> None:
    fields = [(b":status", status), (b"content-encoding", b"gzip"), (b"content-length", b"9")]
    got = read(fields, method=method)
    assert got == Response(int(status), (("content-encoding", "gzip"), ("content-length", "9")))


def test_a_sink_takes_the_body() -> None:
    taken: list[bytes] = []
    answer = Http2Answer(REQUEST, sink=lambda head: taken.append if head.status == 200 else None)
    assert answer.begin(OK)
    assert all(answer.take(piece) for piece in (b"one", b"two"))
    assert answer.end() == Response(200, PLAIN)
    assert taken == [b"one", b"two"]


def test_nothing_yet_is_no_answer() -> None:
    assert Http2Answer(REQUEST).end() == Closed(True)


def test_a_body_that_nobody_reads_is_none() -> None:
    answer = Http2Answer(REQUEST, Reads.FAILURES)
    assert answer.begin(GZIP)
    assert answer.is_enough
    assert answer.take(b"plain")
    head = Response(200, (("a", "b"),))
    assert (answer.end(), answer.broken()) == (head, head)
