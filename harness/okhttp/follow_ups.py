"""The requests that okhttp sends after an answer by itself: redirects, 408 and 503."""

from __future__ import annotations

import re
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
_DIGITS = re.compile("[0-9]+")
_INT_MAX = 2**31 - 1
_SHOWN = 100


@frozen
class GaveUp:
    """okhttp throws instead of handing over the answer: this exception, without its package, with this text.

    As a rule the answer asked for one follow-up too many.
    """

    text: str = f"Too many follow-up requests: {FOLLOW_UPS_MAX + 1}"
    name: str = "ProtocolException"


def follow_up(request: Request, response: Response, previous: Sequence[Response] = ()) -> Request | GaveUp | None:
    """The request that okhttp sends after this answer by itself, prepared; None: the answer is the app's.

    `previous` holds the answers of this call before `response`, oldest first (phone-behaviour.md §2.1).
    """
    again = _repeat_or_redirect(request, response, previous)
    if isinstance(again, Request) and len(previous) >= FOLLOW_UPS_MAX:
        return GaveUp()
    return again


def _repeat_or_redirect(request: Request, response: Response, previous: Sequence[Response]) -> Request | GaveUp | None:
    status = response.status
    repeated = bool(previous) and previous[-1].status == status
    if status in _REDIRECTS:
        return _redirect(request, response)
    if status == 407:  # okhttp's own code, as for the following; nobody recorded it
        return GaveUp("Received HTTP_PROXY_AUTH (407) code while not using proxy")
    if status not in (408, 503) or repeated:
        return None
    wait = response.last_header("Retry-After") or ""
    if _DIGITS.fullmatch(wait) and (len(wait) > 4000 or int(wait) > _INT_MAX):
        return GaveUp(f'For input string: "{wait[:_SHOWN]}"', "NumberFormatException")
    return request if _at_once(response, unsaid=status == 408) else None


def _redirect(request: Request, response: Response) -> Request | None:
    location = response.last_header("Location")
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
    value = response.last_header("Retry-After")
    if value is None:
        return unsaid
    return bool(value) and not value.strip("0")
