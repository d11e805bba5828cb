"""The bytes of requests and answers."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from harness.http.values import Headers, Request, Response

__all__ = ["CONTINUE", "chunk_bytes", "complete", "request_bytes", "response_bytes"]

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

# Python renames some of these from version to version; these are the server's (gateway-protocol §1.5).
_REASONS = {status.value: status.phrase for status in HTTPStatus} | {
    413: "Request Entity Too Large",
    422: "Unprocessable Entity",
}
_METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def request_bytes(request: Request) -> bytes:
    """The request with exactly its headers, in their order and case.

    Raises ValueError if the method, target or a header would break out of its line.
    """
    line = f"{request.method} {request.target.decode('latin-1')} HTTP/1.1"
    return _head(line, request.headers) + request.body


def complete(request: Request) -> Request:
    """The request with the headers without which no server understands it: `Host` and `Content-Length`."""
    added: Headers = ()
    if request.header("Host") is None:
        added += (("Host", request.authority),)
    if _lacks_length(request):
        added += (("Content-Length", str(len(request.body))),)
    return replace(request, headers=request.headers + added) if added else request


def _lacks_length(request: Request) -> bool:
    if not request.body and request.method not in _METHODS_WITH_BODY:
        return False
    return request.header("Content-Length") is None and request.header("Transfer-Encoding") is None


def response_bytes(response: Response, *, close: bool, head: bool, chunked: bool = True) -> bytes:
    """The answer; `head` to a HEAD request: without its body; `close`: says that the connection ends.

    Of a stream it is the beginning; its pieces follow as `chunk_bytes`, or bare if it is not `chunked`
    (HTTP/1.0). Raises ValueError if a header would break out of its line.
    """
    status, body = response.status, response.body
    headers = response.headers
    bodiless = status < 200 or status in (204, 304)
    if response.stream and not bodiless:
        if chunked:
            headers += (("Transfer-Encoding", "chunked"),)
            body = chunk_bytes(body)
    elif not bodiless and response.header("Content-Length") is None:
        headers += (("Content-Length", str(len(body))),)
    if close:
        headers += (("Connection", "close"),)
    start = _head(f"HTTP/1.1 {status} {_REASONS.get(status, '')}", headers)
    return start if head or bodiless else start + body


def chunk_bytes(data: bytes, *, last: bool = False) -> bytes:
    """One piece of a chunked body. No data is no chunk, as an empty one would be the end."""
    piece = b"%x\r\n%b\r\n" % (len(data), data) if data else b""
    return piece + b"0\r\n\r\n" if last else piece


def _head(line: str, headers: Headers) -> bytes:
    lines = [line]
    lines += [f"{name}: {value}" for name, value in headers]
    text = "\r\n".join(lines)
    # A value with a line break would be read as one more header. The text may hold a key: it is not shown.
    if text.count("\r") != len(headers) or text.count("\n") != len(headers) or "\0" in text:
        raise ValueError("a line break or NUL in the head of a message")
    return (text + "\r\n\r\n").encode("latin-1", "replace")
