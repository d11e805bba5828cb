"""What the app catches instead of an answer."""

from __future__ import annotations

import pytest

from harness.http.values import BodyBroken, Closed, ConnectFailed, Request, Response, TimedOut
from harness.okhttp import GaveUp
from harness.phone.jobs import Ended
from harness.phone.threads import trouble

REQUEST = Request("GET", "http", "gateway.test", b"/v1")


@pytest.mark.parametrize(
    ("outcome", "exception", "text"),
    [
        (TimedOut("read"), "java.net.SocketTimeoutException", "timeout"),
        (Closed(True), "java.io.IOException", "unexpected end of stream on http://gateway.test/..."),
        (BodyBroken(Response(200), b""), "java.net.ProtocolException", "unexpected end of stream"),
        (GaveUp(), "java.net.ProtocolException", "Too many follow-up requests: 21"),
        (ConnectFailed("resolve"), "java.net.UnknownHostException", "<the resolver's text>"),
        (ConnectFailed("refused"), "java.net.ConnectException", "Failed to connect to gateway.test/<address>:80"),
    ],
)
def test_what_is_no_answer_is_an_exception(outcome: Ended, exception: str, text: str) -> None:
    threw = trouble(REQUEST, outcome)
    assert (threw.exception, threw.text) == (exception, text)


def test_an_answer_is_no_trouble() -> None:
    with pytest.raises(TypeError):
        trouble(REQUEST, Response(500))
