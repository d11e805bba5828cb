"""What a story may do to a server and a network that are not ours. Pure: each rule says why not, or nothing.

Reading is free. A story sends from phones that it has registered, writes to what it has made, and to nothing else of
the account. `take_over` lifts the rules about other phones, never those about the account itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from harness.frozen import frozen
from harness.http.values import Request, Response

__all__ = ["Owned", "learned", "number_refusal", "phone_refusal", "request_refusal", "step_refusal"]


@frozen
class Owned:
    """What is ours: the numbers of our phones, and the ids of what we made or what belongs to those numbers."""

    numbers: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()


# -- numbers and phones ------------------------------------------------------------------------------------------------


def number_refusal(number: str, allowed: Iterable[str]) -> str | None:
    """Why a real radio must not text or call the number; None if it may: only a list of numbers ever is."""
    if number in allowed:
        return None
    return f"{number} is not on the list of numbers that may be texted and called: --allow {number} puts it there"


def phone_refusal(number: str, account: Iterable[str], *, take_over: bool) -> str | None:
    """Why a number must not be registered: somebody's phone would lose its messages."""
    if take_over or number not in account:
        return None
    return (
        f"the account has a phone {number} already, and would lose it to this one: give another number with --phone, "
        "or take it over with --take-over"
    )


# -- requests ----------------------------------------------------------------------------------------------------------

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_ID = r"[^/?]+"
# What takes a number in its body: which field holds it (gateway-protocol.md §2).
_NUMBERED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("POST", "/v1/messages/send"): ("from",),
    ("POST", "/v1/messages/bulk-send"): ("from",),
    ("POST", "/integration/3cx/messages"): ("from",),
    ("POST", "/v1/messages/receive"): ("to",),
    ("POST", "/v1/messages/calls/missed"): ("to",),
    ("POST", "/v1/heartbeats"): ("phone_numbers", "owner"),
    ("PUT", "/v1/phones"): ("phone_number",),
    ("PUT", "/v1/phones/fcm-token"): ("phone_number",),
    ("POST", "/v1/webhooks"): ("phone_numbers",),
}
# What makes something new that belongs to nobody else.
_MAKES = frozenset({("POST", "/v1/phone-api-keys"), ("POST", "/v1/send-schedules")})
# Writes that name in their path what they are about.
_ABOUT = re.compile(
    rf"/v1/(?:messages|message-threads|phones|webhooks|send-schedules|phone-api-keys)/({_ID})(?:/events|/phones/{_ID})?"
)
_LIKE_AN_ID = re.compile(r"(?i)\{?(?:urn:uuid:)?[0-9a-f-]{32,36}\}?|.*%.*")
_OUTSTANDING = "/v1/messages/outstanding"
_ACCOUNT = re.compile(r"/v1/(?:users|billing|discord-integrations|events)(?:/.*)?")


def request_refusal(request: Request, owned: Owned, *, take_over: bool) -> str | None:
    """Why a request of a story's application must not go out; None if it may."""
    method, path = request.method.upper(), _path(request)
    if path == _OUTSTANDING:  # it reads, and marks the message as being sent
        return _id_refusal(_query_id(request), owned, take_over=take_over)
    if method in _READS or (method, path) in _MAKES:
        return None
    if _ACCOUNT.fullmatch(path):
        return "it would change the account itself"
    fields = _NUMBERED.get((method, path))
    if fields is not None:
        return None if take_over else _body_refusal(request, fields, owned)
    about = _ABOUT.fullmatch(path)
    if about is not None:
        return _id_refusal(about[1], owned, take_over=take_over)
    return None if take_over else f"nobody knows what {method} {path} would change"


def _path(request: Request) -> str:
    """As the server matches it: whatever the case, and without slashes at the end (gateway-protocol.md §1.5)."""
    return request.path.rstrip("/").lower() or "/"


def _query_id(request: Request) -> str:
    found = re.search(r"(?:^|&)message_id=([^&]*)", request.query)
    return "" if found is None else found[1]


def _id_refusal(known: str, owned: Owned, *, take_over: bool) -> str | None:
    # What is no id names nothing: the server says so. It reads some that are not written as it would (§2.1, §2.16).
    if take_over or known in owned.ids or not _LIKE_AN_ID.fullmatch(known):
        return None
    return f"{known} is nothing that the story has made"


def _body_refusal(request: Request, fields: tuple[str, ...], owned: Owned) -> str | None:
    """Every number that the body names must be ours, in whatever case the field is written; one that is missing is
    the server's to complain of."""
    body = _read(request.body)
    if type(body) is not dict:
        return "its body cannot be read, so nobody knows which phone it is about"
    for name, value in body.items():
        if name.casefold() in fields:  # Go takes ſ for s
            for number in value if type(value) is list else [value]:
                if str(number) not in owned.numbers:
                    return f"{number} is no phone that the story has registered"
    return None


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def step_refusal(why: str) -> str:
    """What is told of a story whose step was refused."""
    return f"a request was not made: {why}; --take-over lifts this"


# -- what answers teach ------------------------------------------------------------------------------------------------


def learned(request: Request, response: Response, owned: Owned) -> frozenset[str]:
    """The ids that an answer shows to be ours: of what was just made, and of what belongs to our numbers alone."""
    if not 200 <= response.status < 300:
        return frozenset()
    answer = _read(response.body)
    data = answer.get("data") if type(answer) is dict else None
    is_made = (request.method.upper(), _path(request)) in {*_MAKES, *_NUMBERED}
    rows = data if type(data) is list else [data]
    return frozenset(
        row["id"]
        for row in rows
        if type(row) is dict and type(row.get("id")) is str and (is_made or _is_about(row, owned.numbers))
    )


def _is_about(row: Mapping[str, Any], numbers: frozenset[str]) -> bool:
    told = [row.get("owner"), row.get("phone_number"), *(row.get("phone_numbers") or ())]
    named = [number for number in told if type(number) is str]
    return bool(named) and all(number in numbers for number in named)
