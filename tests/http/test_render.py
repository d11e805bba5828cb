"""Messages become exactly the bytes they say."""

from __future__ import annotations

import pytest

from harness.http.render import chunk_bytes, complete, request_bytes, response_bytes
from harness.http.values import Headers, Request, Response


def test_a_request_has_its_headers_in_their_order_and_case_and_no_others() -> None:
    request = Request("POST", "http", "h", b"/a?b", (("x-B", "1"), ("A", ""), ("x-B", "é")), b"\0\xff")
    assert request_bytes(request) == b"POST /a?b HTTP/1.1\r\nx-B: 1\r\nA: \r\nx-B: \xe9\r\n\r\n\0\xff"


COMPLETED: list[tuple[str, Headers, bytes, Headers]] = [
    ("GET", (), b"", (("Host", "h:1"),)),
    ("GET", (("a", "b"), ("host", "x")), b"", (("a", "b"), ("host", "x"))),
    ("GET", (), b"abc", (("Host", "h:1"), ("Content-Length", "3"))),
    ("POST", (), b"", (("Host", "h:1"), ("Content-Length", "0"))),
    ("POST", (("Host", "h"), ("content-length", "7")), b"abc", (("Host", "h"), ("content-length", "7"))),
    ("PUT", (("Transfer-Encoding", "chunked"),), b"", (("Transfer-Encoding", "chunked"), ("Host", "h:1"))),
]


@pytest.mark.parametrize(("method", "given", "body", "completed"), COMPLETED)
def test_a_request_is_completed_by_what_is_missing(
    method: str, given: Headers, body: bytes, completed: Headers
) -> None:
    assert complete(Request(method, "http", "h:1", b"/", given, body)).headers == completed


BREAKOUTS = ["a\r\nb", "a\nb", "a\rb", "a\0b", "\r\n"]


@pytest.mark.parametrize("text", BREAKOUTS)
def test_nothing_breaks_out_of_its_line_and_the_error_does_not_show_it(text: str) -> None:
    secret = "pk_" + text
    requests = [
        Request("GET", "http", "h", b"/", (("x-api-key", secret),)),
        Request("GET", "http", "h", b"/", ((secret, "x"),)),
        Request("GET", "http", "h", secret.encode()),
        Request(secret, "http", "h", b"/"),
    ]
    for request in requests:
        with pytest.raises(ValueError, match="line break") as raised:
            request_bytes(request)
        assert "pk_" not in str(raised.value)
    with pytest.raises(ValueError, match="line break"):
        response_bytes(Response(200, (("Location", text),)), close=False, head=False)


AS_IS = {"close": False, "head": False}
X = (("X", "y"),)
ANSWERS: list[tuple[Response, dict[str, bool], bytes]] = [
    (Response(200, X, b"hi"), AS_IS, b"HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 2\r\n\r\nhi"),
    (
        Response(200, (("content-length", "2"),), b"hi"),
        AS_IS,
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
    ),
    (
        Response(200, X, b"hi"),
        {"close": True, "head": False},
        b"HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi",
    ),
    (
        Response(200, X, b"hi"),
        {"close": False, "head": True},
        b"HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 2\r\n\r\n",
    ),
    (Response(204, X, b"hi"), AS_IS, b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n"),
    (Response(304, X, b"hi"), AS_IS, b"HTTP/1.1 304 Not Modified\r\nX: y\r\n\r\n"),
    (Response(413), AS_IS, b"HTTP/1.1 413 Request Entity Too Large\r\nContent-Length: 0\r\n\r\n"),
    (Response(422), AS_IS, b"HTTP/1.1 422 Unprocessable Entity\r\nContent-Length: 0\r\n\r\n"),
    (Response(599), AS_IS, b"HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n"),
    (
        Response(200, X, b"hi", stream=True),
        AS_IS,
        b"HTTP/1.1 200 OK\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
    ),
    (
        Response(200, X, b"hi", stream=True),
        {"close": True, "head": False, "chunked": False},
        b"HTTP/1.1 200 OK\r\nX: y\r\nConnection: close\r\n\r\nhi",
    ),
]


@pytest.mark.parametrize(("response", "how", "expected"), ANSWERS)
def test_an_answer_becomes_these_bytes(response: Response, how: dict[str, bool], expected: bytes) -> None:
    assert response_bytes(response, **how) == expected


@pytest.mark.parametrize(
    ("data", "last", "expected"),
    [
        (b"hello world", False, b"b\r\nhello world\r\n"),
        (b"hi", True, b"2\r\nhi\r\n0\r\n\r\n"),
        (b"", False, b""),
        (b"", True, b"0\r\n\r\n"),
    ],
)
def test_a_chunk_without_data_is_not_the_end(data: bytes, last: bool, expected: bytes) -> None:
    assert chunk_bytes(data, last=last) == expected
