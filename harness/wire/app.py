"""What the Android app writes and reads, byte for byte (phone-behaviour.md §2.5).

The app interpolates most bodies into a text without escaping; only the body of a received text comes from a
serializer. Both habits are kept: a server meets them in the field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.http.values import Headers, Request
from harness.instants import Instant, android_time

__all__ = [
    "Access",
    "Outstanding",
    "event_request",
    "fetch_request",
    "heartbeat_request",
    "is_token_answer",
    "read_outstanding",
    "receive_request",
    "token_request",
]

JSON_TYPE = ("Content-Type", "application/json; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Access:
    """Where a phone's requests go, and under which key."""

    scheme: str
    authority: str
    prefix: str
    api_key: str
    version: str

    def headers(self) -> Headers:
        return (("x-api-key", self.api_key), ("X-Client-Version", self.version))


def _get(access: Access, path: str) -> Request:
    return Request("GET", access.scheme, access.authority, (access.prefix + path).encode(), access.headers())


def _send(access: Access, method: str, path: str, body: str) -> Request:
    content = body.encode("utf-8", "replace")
    headers = (*access.headers(), JSON_TYPE, ("Content-Length", str(len(content))))
    return Request(method, access.scheme, access.authority, (access.prefix + path).encode(), headers, content)


def fetch_request(access: Access, message_id: str) -> Request:
    return _get(access, f"/v1/messages/outstanding?message_id={message_id}")


def event_request(access: Access, message_id: str, event: str, reason: str | None, at: Instant) -> Request:
    """`event` is SENT, DELIVERED or FAILED. The reason goes in as it is: quotes in it break the JSON, as in the app."""
    quoted = "null" if reason is None else f'"{reason}"'
    body = f'{{\n  "event_name": "{event}",\n  "reason": {quoted},\n  "timestamp": "{android_time(at)}"\n}}'
    return _send(access, "POST", f"/v1/messages/{message_id}/events", body)


def heartbeat_request(access: Access, numbers: Sequence[str], charging: bool) -> Request:
    listed = ", ".join([f'"{number}"' for number in numbers])
    body = f'{{\n  "charging": {"true" if charging else "false"},\n  "phone_numbers": [{listed}]\n}}'
    return _send(access, "POST", "/v1/heartbeats", body)


def token_request(access: Access, token: str, number: str, sim: str) -> Request:
    body = f'{{\n  "fcm_token": "{token}",\n  "phone_number": "{number}",\n  "sim": "{sim}"\n}}'
    return _send(access, "PUT", "/v1/phones/fcm-token", body)


def receive_request(
    access: Access, sender: str, owner: str, content: str, sim: str, *, encrypted: bool, at: Instant
) -> Request:
    body = (
        f'{{"attachments" : null, "content" : {_quote(content)}, '
        f'"encrypted" : {"true" if encrypted else "false"}, "from" : {_quote(sender)}, "sim" : "{sim}", '
        f'"timestamp" : "{android_time(at)}", "to" : {_quote(owner)}}}'
    )
    return _send(access, "POST", "/v1/messages/receive", body)


_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_ESCAPED = re.compile('["\\\\\x00-\x1f\x7f-\x9f\u2000-\u20ff]')


def _quote(text: str) -> str:
    """A JSON string as the app's serializer writes it: U+2000 to U+20FF are escaped, an emoji is not."""
    return '"' + _ESCAPED.sub(lambda match: _SHORT.get(match[0]) or f"\\u{ord(match[0]):04x}", text) + '"'


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What the app takes from the answer to a fetch."""

    id: str
    contact: str
    content: str
    sim: str
    encrypted: bool
    attachments: tuple[str, ...]


# Every key must be there, even when null: a server that omits nulls breaks every phone (phone-behaviour.md §2.5-1).
_TEXTS = (
    "contact", "content", "sim", "created_at", "id", "order_timestamp", "owner", "request_received_at", "status",
    "type", "updated_at",
)  # fmt: skip
_NULLABLE_TEXTS = ("failure_reason", "last_attempted_at", "received_at", "sent_at")


def read_outstanding(body: bytes) -> Outstanding:
    """Reads the answer to a fetch as strictly as the app. Raises `ValueError` where the app would end in silence."""
    answer = json.loads(body.decode("utf-8-sig", "replace"))
    data = _object(answer, "answer")
    _texts(data, ("message", "status"))
    data = _object(data.get("data"), "data")
    _texts(data, _TEXTS)
    for key in _NULLABLE_TEXTS:
        if data[key] is not None and type(data[key]) is not str:
            raise ValueError(f"{key} is no string")
    if data["send_time"] is not None and type(data["send_time"]) is not int:
        raise ValueError("send_time is no integer")
    if type(data["encrypted"]) is not bool:
        raise ValueError("encrypted is no boolean")
    return Outstanding(
        data["id"],
        data["contact"],
        data["content"],
        data["sim"],
        data["encrypted"],
        tuple(data.get("attachments") or ()),
    )


def is_token_answer(body: bytes) -> bool:
    """The app can decode this answer to `PUT /v1/phones/fcm-token` (§1.3)."""
    try:
        answer = json.loads(body)
        _texts(answer, ("message", "status"))
        _texts(answer["data"], ("id", "user_id"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return True


def _object(value: Any, name: str) -> dict[str, Any]:
    if type(value) is not dict:
        raise ValueError(f"{name} is no object")
    for key in ("send_time", "encrypted", *_NULLABLE_TEXTS) if name == "data" else ():
        if key not in value:
            raise ValueError(f"{key} is missing")
    return value


def _texts(data: dict[str, Any], keys: Sequence[str]) -> None:
    for key in keys:
        if type(data.get(key)) is not str:
            raise ValueError(f"{key} is missing or no string")
