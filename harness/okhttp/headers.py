"""The headers that okhttp sends, over HTTP/1.1 and over HTTP/2.

okhttp keeps the app's request and adds its headers anew for each attempt. Here a request is prepared once and
stays so: `prepare` of a prepared request changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

from harness.http.values import Headers, Request

__all__ = ["JSON_TYPE", "NOT_IN_HTTP2", "USER_AGENT", "host", "http2_headers", "prepare"]

USER_AGENT = "okhttp/5.4.0"
JSON_TYPE = "application/json; charset=utf-8"

_BODY_REQUIRED = frozenset({"POST", "PUT", "PATCH"})
_BODY_HEADERS = frozenset({"content-type", "content-length", "transfer-encoding"})
_ADDED = _BODY_HEADERS | {"host", "connection", "accept-encoding", "user-agent"}
NOT_IN_HTTP2 = frozenset(
    {"connection", "host", "keep-alive", "proxy-connection", "te", "transfer-encoding", "encoding", "upgrade"}
)
"""Headers that okhttp neither sends nor hands on there (Http2ExchangeCodec); the host is in `:authority`."""


def prepare(request: Request) -> Request:
    """The request as it goes out: what the caller gave, then okhttp's headers in okhttp's order.

    A body without a `Content-Type` gets the one of the app's own bodies (phone-behaviour.md §2.2).
    """
    given = tuple(item for item in request.headers if item[0].lower() not in _ADDED)
    return replace(request, headers=given + _body_headers(request) + _connection_headers(request))


def http2_headers(prepared: Request) -> Headers:
    """A prepared request as a header list of HTTP/2: pseudo headers in okhttp's order, then lower-case names."""
    named = [(name.lower(), value) for name, value in prepared.headers]
    return (
        (":method", prepared.method),
        (":path", prepared.target.decode("latin-1")),
        (":authority", prepared.header("Host") or host(prepared)),
        (":scheme", prepared.scheme),
        *(item for item in named if item[0] not in NOT_IN_HTTP2),
    )


def host(request: Request) -> str:
    """The authority without user, password and default port, in lower case."""
    authority = request.authority.rpartition("@")[2].lower()
    default = ":443" if request.scheme == "https" else ":80"
    return authority.removesuffix(default)


def _body_headers(request: Request) -> Headers:
    if not request.body and request.method not in _BODY_REQUIRED:
        return ()
    kind = request.header("Content-Type") or JSON_TYPE
    return (("Content-Type", kind), ("Content-Length", str(len(request.body))))


def _connection_headers(request: Request) -> Headers:
    return (
        ("Host", host(request)),
        ("Connection", "Keep-Alive"),
        ("Accept-Encoding", "gzip"),
        ("User-Agent", USER_AGENT),
    )
