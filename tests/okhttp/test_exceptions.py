"""The app's exceptions read as recorded; what nobody saw is marked."""

from __future__ import annotations

import pytest

from harness.http.values import BodyBroken, Closed, ConnectFailed, Outcome, Request, Response, TimedOut
from harness.okhttp.exceptions import Thrown, connect_text, thrown
from harness.okhttp.follow_ups import GaveUp
from tests.okhttp.recordings import CASES

PLAIN = Request("GET", "http", "gateway.test", b"/v1/x?y=z")
SECURE = Request("GET", "https", "u:p@Gateway.test:443", b"/v1/x")
ELSEWHERE = Request("GET", "https", "h:8443", b"/v1/x")

THROWN: list[tuple[Request, Outcome | GaveUp, str, str | None, bool]] = [
    (PLAIN, Closed(True), "IOException", "unexpected end of stream on http://gateway.test/...", True),
    (SECURE, Closed(False), "IOException", "unexpected end of stream on https://gateway.test/...", True),
    (ELSEWHERE, Closed(True), "IOException", "unexpected end of stream on https://h:8443/...", True),
    (PLAIN, Closed(True, reset=True), "SocketException", "Connection reset", True),
    (PLAIN, BodyBroken(Response(200), b""), "ProtocolException", "unexpected end of stream", True),
    (PLAIN, BodyBroken(Response(200), b"", "number"), "EOFException", None, False),
    (PLAIN, BodyBroken(Response(200), b"", "late"), "SocketTimeoutException", "timeout", True),
    (PLAIN, Closed(True, "Unexpected status line: x"), "ProtocolException", "Unexpected status line: x", False),
    (PLAIN, GaveUp("a", "B"), "B", "a", False),
    (PLAIN, TimedOut("read"), "SocketTimeoutException", "timeout", True),
    (PLAIN, TimedOut("connect"), "SocketTimeoutException", "<the text of a time-out: connect>", False),
    (PLAIN, GaveUp(), "ProtocolException", "Too many follow-up requests: 21", True),
    (PLAIN, ConnectFailed("resolve", "no such name"), "UnknownHostException", "<the resolver's text>", True),
    (PLAIN, ConnectFailed("tls"), "SSLHandshakeException", "<the text of a failed handshake>", False),
    (PLAIN, ConnectFailed("timeout"), "SocketTimeoutException", "<the text of a time-out: connect>", False),
    (PLAIN, ConnectFailed("unreachable"), "ConnectException", "Failed to connect to gateway.test/<address>:80", False),
    (PLAIN, ConnectFailed("refused"), "ConnectException", "Failed to connect to gateway.test/<address>:80", True),
    (SECURE, ConnectFailed("refused", "no"), "ConnectException",
     "Failed to connect to gateway.test/<address>:443", True),
    (PLAIN, ConnectFailed("refused", connect_text(PLAIN, "192.0.2.1")), "ConnectException",
     "Failed to connect to gateway.test/192.0.2.1:80", True),
    (PLAIN, ConnectFailed("odd"), "IOException", "<the text of a failed connection: odd>", False),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "outcome", "name", "text", "recorded"), THROWN)
def test_each_outcome_is_an_exception(
    request_: Request, outcome: Outcome | GaveUp, name: str, text: str | None, recorded: bool
) -> None:
    got = thrown(request_, outcome)
    assert got == Thrown(name, text, recorded)
    assert got.unknown is (text is not None and text.startswith("<"))


def test_an_answer_is_none() -> None:
    assert thrown(PLAIN, Response(500)) is None


@pytest.mark.parametrize(
    ("authority", "address", "text"),
    [
        ("h", "192.0.2.1", "h/192.0.2.1:80"),
        ("h:81", "::1", "h/[::1]:81"),
        ("192.0.2.1", "192.0.2.1", "/192.0.2.1:80"),
        ("[::1]", "::1", "/[::1]:80"),
    ],
)
def test_where_it_could_not_connect_to_is_written_as_java_does(authority: str, address: str, text: str) -> None:
    assert connect_text(Request("GET", "http", authority, b"/"), address) == f"Failed to connect to {text}"


@pytest.mark.cases
def test_every_text_that_counts_as_recorded_is_in_the_recordings() -> None:
    seen = str([case["happened"] for case in CASES])
    known = [
        ("java.io.IOException", "unexpected end of stream on http://gateway.test/..."),
        ("java.net.ProtocolException", "unexpected end of stream"),
        ("java.net.SocketTimeoutException", "timeout"),
        ("java.net.ConnectException", "Failed to connect to gateway.test/<address>:80"),
    ]
    assert [text for name, text in known if f"threw {name}: {text}" not in seen] == []
    assert all(text in seen for text in ("https://gateway.test/...", "<the resolver's text>"))
