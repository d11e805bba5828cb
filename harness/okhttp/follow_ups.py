"""The requests that okhttp sends after an answer by itself: redirects, 408 and 503."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.frozen import frozen
from harness.http.urls import Url, host_and_port, resolve
from harness.http.values import Headers, Request, Response
from harness.okhttp.headers import host, prepare

__all__ = ["FOLLOW_UPS_MAX", "GaveUp", "follow_up"]

FOLLOW_UPS_MAX = 20

_REDIRECTS = frozenset({300, 301, 302, 303, 307, 308})
_SAME_METHOD = frozenset({307, 308})


@frozen
class GaveUp:
    """The answer asked for one follow-up too many: the app sees an I/O error with this text."""

    text: str = f"Too many follow-up requests: {FOLLOW_UPS_MAX + 1}"


def follow_up(request: Request, response: Response, previous: Sequence[Response] = ()) -> Request | GaveUp | None:
    """The request that okhttp sends after this answer by itself, prepared; None: the answer is the app's.

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
    here = host_and_port(request.scheme, host(request))
    return request.scheme == url.scheme and here == host_and_port(url.scheme, url.authority)


def _without(headers: Headers, names: frozenset[str]) -> Headers:
    return tuple(item for item in headers if item[0].lower() not in names)


def _at_once(response: Response, *, unsaid: bool) -> bool:
    """`Retry-After` is zero. A date, or anything else, okhttp takes as for ever."""
    value = response.header("Retry-After")
    if value is None:
        return unsaid
    return bool(value) and not value.strip("0")
