"""What a user's application writes and reads: the API from the outside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any
from urllib.parse import quote

from harness.frozen import frozen
from harness.http.values import Request, Response

__all__ = [
    "PhoneKeyIssued",
    "UserAccess",
    "any_request",
    "api_request",
    "bulk_body",
    "contacts_of",
    "error_of",
    "message_ids_of",
    "rows_of",
    "send_body",
    "text_of",
    "waiting_of",
    "webhook_body",
]


@frozen
class UserAccess:
    """Where a user's requests go, and under which key."""

    scheme: str
    authority: str
    api_key: str = field(repr=False)


@frozen
class PhoneKeyIssued:
    """A phone gets the phone key that it is to log in with."""

    api_key: str = field(repr=False)


def api_request(access: UserAccess, method: str, path: str, body: Mapping[str, Any] | None = None) -> Request:
    content = b"" if body is None else json.dumps(body).encode()
    headers = [("Host", access.authority), ("x-api-key", access.api_key), ("Accept", "application/json")]
    if body is not None:
        headers += [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
    return Request(method, access.scheme, access.authority, path.encode(), tuple(headers), content)


def any_request(
    access: UserAccess,
    method: str,
    path: str,
    content: bytes | None = None,
    *,
    key: str | None = None,
    headers: Iterable[tuple[str, str]] = (),
) -> Request:
    """A request with `key` (None: no credential). `headers` take the place of those of their names.

    What no path may have, a space or a letter beyond ASCII, is written with percent signs.
    """
    own = {name.lower() for name, _ in headers}
    usual = [("Host", access.authority), *([("x-api-key", key)] if key is not None else []), ("Accept", _JSON)]
    if content is not None:
        usual += [("Content-Type", _JSON), ("Content-Length", str(len(content)))]
    all_headers = (*(header for header in usual if header[0].lower() not in own), *headers)
    target = quote(path, safe=_IN_PATHS, errors="replace").encode()
    return Request(method, access.scheme, access.authority, target, all_headers, content or b"")


_JSON = "application/json"
_IN_PATHS = "%/?:@!$&'()*+,;=~[]"


def send_body(
    sender: str,
    to: str,
    content: str,
    *,
    encrypted: bool,
    request_id: str | None = None,
    send_at: str | None = None,
    attachments: Sequence[str] = (),
) -> dict[str, Any]:
    """`send_at` is RFC 3339; `attachments` are URLs."""
    body: dict[str, Any] = {"from": sender, "to": to, "content": content, "encrypted": encrypted}
    more = {"request_id": request_id, "send_at": send_at, "attachments": list(attachments) or None}
    return body | {key: value for key, value in more.items() if value is not None}


def bulk_body(
    sender: str,
    to: Sequence[str],
    content: str,
    *,
    encrypted: bool,
    request_id: str | None = None,
    attachments: Sequence[str] = (),
) -> dict[str, Any]:
    """The same for several recipients; this route knows no time."""
    body = send_body(sender, "", content, encrypted=encrypted, request_id=request_id, attachments=attachments)
    return body | {"to": list(to)}


def webhook_body(url: str, signing_key: str, numbers: Sequence[str], events: Sequence[str]) -> dict[str, Any]:
    return {"url": url, "signing_key": signing_key, "phone_numbers": list(numbers), "events": list(events)}


def text_of(response: Response, name: str) -> str:
    """The text `name` in the `data` object of a success. Raises `ValueError` where there is none."""
    data = _answer(response).get("data")
    text = data.get(name) if type(data) is dict else None
    if type(text) is not str:
        raise ValueError(f"the answer has no data.{name}")
    return text


def error_of(response: Response) -> str:
    """What the server says is wrong, in one line."""
    try:
        answer = _answer(response)
        message = answer["message"]
    except (ValueError, KeyError):
        return response.body[:120].decode("utf-8", "replace")
    data = answer.get("data")
    if type(data) is dict:
        lists = [texts if type(texts) is list else [texts] for texts in data.values()]
        return f"{message}: " + "; ".join([str(text) for texts in lists for text in texts])
    return str(message) if data is None else f"{message} {data}"


def rows_of(response: Response) -> list[dict[str, Any]]:
    """The objects in the `data` list of a success. Raises `ValueError` where there is none."""
    rows = _answer(response).get("data")
    if type(rows) is not list:
        raise ValueError("the answer has no data list")
    return [row for row in rows if type(row) is dict]


def message_ids_of(response: Response) -> list[str | None]:
    """The ids in the `data` list of an answer to a bulk send, in order; None for one that could not be stored.

    Raises `ValueError` where there is no list.
    """
    rows = _answer(response).get("data")
    if type(rows) is not list:
        raise ValueError("the answer has no data list")
    ids = [row.get("id") if type(row) is dict else None for row in rows]
    return [known if type(known) is str else None for known in ids]


def contacts_of(response: Response) -> list[str]:
    """The contacts in a page of threads. Raises `ValueError` as `rows_of`."""
    return [str(thread.get("contact")) for thread in rows_of(response)]


def waiting_of(response: Response) -> list[tuple[str, int]]:
    """The outgoing messages in a page that the server still hands out, and how often each was tried.

    Raises `ValueError` as `rows_of`; what is no message is left out.
    """
    waiting = [(row.get("id"), row.get("send_attempt_count") or 0) for row in rows_of(response) if _waits(row)]
    return [(known, attempts) for known, attempts in waiting if type(known) is str and type(attempts) is int]


def _waits(message: dict[str, Any]) -> bool:
    """The server hands it out (gateway-protocol.md §2.6)."""
    return message.get("status") in _WAITING and message.get("type") == "mobile-terminated"


_WAITING = ("pending", "scheduled", "expired")


def _answer(response: Response) -> dict[str, Any]:
    try:
        answer = json.loads(response.body)
    except RecursionError:
        raise ValueError("the answer is nested too deeply") from None
    if type(answer) is not dict:
        raise ValueError("the answer is no object")
    return answer
