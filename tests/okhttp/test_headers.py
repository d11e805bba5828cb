"""The headers are those that the real app sent."""

from __future__ import annotations

import pytest

from harness.http.values import Headers, Request
from harness.okhttp.headers import http2_headers, prepare
from tests.okhttp.recordings import CASES, recorded_requests, request_of

ADDED = {"content-length", "host", "connection", "accept-encoding", "user-agent"}


@pytest.mark.cases
def test_every_recorded_request_is_prepared_as_it_was_sent() -> None:
    seen = 0
    for recorded in (entry for case in CASES for entry in recorded_requests(case)):
        sent = request_of(recorded)
        given = tuple(item for item in sent.headers if item[0].lower() not in ADDED)
        bare = Request(sent.method, sent.scheme, sent.authority, sent.target, given, sent.body)
        assert prepare(bare) == sent
        assert prepare(sent) == sent
        seen += 1
    assert seen


PREPARED: list[tuple[str, str, str, Headers, bytes, Headers]] = [
    ("GET", "http", "H:80", (), b"", (("Host", "h"),)),
    ("GET", "https", "h:80", (), b"", (("Host", "h:80"),)),
    ("GET", "https", "u:p@h:443", (), b"", (("Host", "h"),)),
    ("GET", "http", "h", (("host", "x"), ("a", "b")), b"", (("a", "b"), ("Host", "h"))),
    (
        *("POST", "http", "h", (("Content-Length", "9"), ("a", "b")), b""),
        (
            ("a", "b"),
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Length", "0"),
            ("Host", "h"),
        ),
    ),
    (
        *("DELETE", "http", "h", (("content-type", "text/plain"), ("a", "b")), b"x"),
        (("a", "b"), ("Content-Type", "text/plain"), ("Content-Length", "1"), ("Host", "h")),
    ),
]


@pytest.mark.parametrize(("method", "scheme", "authority", "given", "body", "begins"), PREPARED)
def test_okhttp_adds_its_headers_behind_the_callers(
    method: str, scheme: str, authority: str, given: Headers, body: bytes, begins: Headers
) -> None:
    prepared = prepare(Request(method, scheme, authority, b"/", given, body))
    always = (("Connection", "Keep-Alive"), ("Accept-Encoding", "gzip"), ("User-Agent", "okhttp/5.4.0"))
    assert prepared.headers == begins + always


HTTP2: list[tuple[Request, Headers]] = [
    (
        Request("GET", "https", "H:443", b"/a?b", (("x-api-key", "k"), ("TE", "x"), ("Upgrade", "y"))),
        (
            (":method", "GET"),
            (":path", "/a?b"),
            (":authority", "h"),
            (":scheme", "https"),
            ("x-api-key", "k"),
            ("accept-encoding", "gzip"),
            ("user-agent", "okhttp/5.4.0"),
        ),
    ),
    (
        Request("POST", "https", "h:8443", b"/", (("X-Client-Version", "1"),), b"{}"),
        (
            (":method", "POST"),
            (":path", "/"),
            (":authority", "h:8443"),
            (":scheme", "https"),
            ("x-client-version", "1"),
            ("content-type", "application/json; charset=utf-8"),
            ("content-length", "2"),
            ("accept-encoding", "gzip"),
            ("user-agent", "okhttp/5.4.0"),
        ),
    ),
]


@pytest.mark.parametrize(("request_", "expected"), HTTP2)
def test_over_http2_names_are_small_and_the_connection_is_no_header(request_: Request, expected: Headers) -> None:
    assert http2_headers(prepare(request_)) == expected
