"""What okhttp does with a request before it goes out, and with an answer before the app sees it (5.4.0).

okhttp keeps the app's request and adds its headers anew for each attempt. Here a request is prepared once and
stays so: `prepare` of a prepared request changes nothing, and what `follow_up` returns is prepared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.frozen import frozen
from harness.http.urls import Url, host_and_port, resolve
from harness.http.values import Headers, Request, Response

__all__ = ["FOLLOW_UPS_MAX", "JSON_TYPE", "USER_AGENT", "GaveUp", "follow_up", "prepare"]

USER_AGENT = "okhttp/5.4.0"
JSON_TYPE = "application/json; charset=utf-8"
FOLLOW_UPS_MAX = 20

_BODY_REQUIRED = frozenset({"POST", "PUT", "PATCH"})
_BODY_HEADERS = frozenset({"content-type", "content-length", "transfer-encoding"})
_ADDED = _BODY_HEADERS | {"host", "connection", "accept-encoding", "user-agent"}
_REDIRECTS = frozenset({300, 301, 302, 303, 307, 308})
_SAME_METHOD = frozenset({307, 308})


@frozen
class GaveUp:
    """The answer asked for one follow-up too many: the app sees an I/O error with this text."""

    text: str = f"Too many follow-up requests: {FOLLOW_UPS_MAX + 1}"


def prepare(request: Request) -> Request:
    """The request as it goes out: what the caller gave, then okhttp's headers in okhttp's order.

    A body without a `Content-Type` gets the one of the app's own bodies (phone-behaviour §2.2).
    """
    given = tuple(item for item in request.headers if item[0].lower() not in _ADDED)
    return replace(request, headers=given + _body_headers(request) + _connection_headers(request))


def _body_headers(request: Request) -> Headers:
    if not request.body and request.method not in _BODY_REQUIRED:
        return ()
    kind = request.header("Content-Type") or JSON_TYPE
    return (("Content-Type", kind), ("Content-Length", str(len(request.body))))


def _connection_headers(request: Request) -> Headers:
    return (
        ("Host", _host(request)),
        ("Connection", "Keep-Alive"),
        ("Accept-Encoding", "gzip"),
        ("User-Agent", USER_AGENT),
    )


def _host(request: Request) -> str:
    """The authority without user, password and default port, in lower case."""
    authority = request.authority.rpartition("@")[2].lower()
    default = ":443" if request.scheme == "https" else ":80"
    return authority.removesuffix(default)


def follow_up(request: Request, response: Response, previous: Sequence[Response] = ()) -> Request | GaveUp | None:
    """The request that okhttp sends after this answer by itself; None: the answer is the app's.

    `previous` holds the answers of this call before `response`, oldest first (phone-behaviour §2.1).
    """
    again = _repeat_or_redirect(request, response, previous)
    if again is not None and len(previous) >= FOLLOW_UPS_MAX:
        return GaveUp()
    return again


def _repeat_or_redirect(request: Request, response: Response, previous: Sequence[Response]) -> Request | None:
    status = response.status
    repeated = bool(previous) and previous[-1].status == status
    if status in _REDIRECTS:
        return _redirect(request, response)
    if status == 408 and not repeated and _at_once(response, unsaid=True):
        return request
    if status == 503 and not repeated and _at_once(response, unsaid=False):
        return request
    return None


def _redirect(request: Request, response: Response) -> Request | None:
    location = response.header("Location")
    url = None if location is None else resolve(request, location)
    if url is None:
        return None
    headers = request.headers
    if not _same_place(request, url):  # any other header goes along, the API key too
        headers = _without(headers, frozenset({"authorization"}))
    moved = replace(request, scheme=url.scheme, authority=url.authority, target=url.target, headers=headers)
    if request.method in ("GET", "HEAD") or response.status in _SAME_METHOD:
        return prepare(moved)
    return prepare(replace(moved, method="GET", body=b""))


def _same_place(request: Request, url: Url) -> bool:
    here = host_and_port(request.scheme, _host(request))
    return request.scheme == url.scheme and here == host_and_port(url.scheme, url.authority)


def _without(headers: Headers, names: frozenset[str]) -> Headers:
    return tuple(item for item in headers if item[0].lower() not in names)


def _at_once(response: Response, *, unsaid: bool) -> bool:
    """`Retry-After` is zero. A date, or anything else, okhttp takes as for ever."""
    value = response.header("Retry-After")
    if value is None:
        return unsaid
    return bool(value) and not value.strip("0")
