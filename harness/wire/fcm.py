"""FCM's HTTP v1 API as far as httpSMS uses it, and the two data keys that httpSMS puts into a push."""

from __future__ import annotations

import json
import re
from dataclasses import field
from typing import Any

from harness.frozen import frozen
from harness.http.values import Response
from harness.instants import SECOND, ns

__all__ = [
    "HEARTBEAT_ID",
    "MESSAGE_ID",
    "TTL_MAX",
    "Listening",
    "PushReceived",
    "SendRequest",
    "StreamClosed",
    "StreamOpened",
    "accepted",
    "read_push",
    "read_send",
    "refused",
]

MESSAGE_ID = "KEY_MESSAGE_ID"
HEARTBEAT_ID = "KEY_HEARTBEAT_ID"

_CODES = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_JSON = (("Content-Type", "application/json; charset=UTF-8"),)
_DATA_BYTES_MAX = 4096  # FCM's own limit; without one, whoever sends could fill our memory for a device that is away


@frozen
class PushReceived:
    """A push reached the device that holds the registration `token`; `data` are its pairs of key and value."""

    token: str = field(repr=False)
    data: tuple[tuple[str, str], ...] = ()

    def get(self, key: str) -> str | None:
        return next((value for known, value in self.data if known == key), None)


@frozen
class StreamOpened:
    """A device listens for its pushes: `listener` is the core that takes them."""

    token: str = field(repr=False)
    listener: str = ""


@frozen
class Listening:
    """The push service knows the token from now on."""

    token: str = field(repr=False)


@frozen
class StreamClosed:
    """A device listens no more."""

    token: str = field(repr=False)
    listener: str = ""


@frozen
class SendRequest:
    """`POST /v1/projects/{project}/messages:send`. `ttl` (ns): how long FCM keeps it for a device that is away."""

    token: str = field(repr=False)
    data: tuple[tuple[str, str], ...]
    priority: str
    ttl: int


def read_send(body: bytes) -> SendRequest:
    """Reads a send request. Raises `ValueError` naming the field that FCM would refuse."""
    try:
        message = _member(json.loads(body), "message", dict)
    except RecursionError:
        raise ValueError("the body is nested too deeply") from None
    data = message.get("data") or {}
    if type(data) is not dict or not all(type(value) is str for value in data.values()):
        raise ValueError("message.data: every value must be a string")
    if _is_too_big(data):
        raise ValueError("message.data: the message is too big")
    android = message.get("android") or {}
    if type(android) is not dict:
        raise ValueError("message.android is no object")
    priority = str(android.get("priority", "normal")).lower()
    return SendRequest(_member(message, "token", str), tuple(data.items()), priority, _ttl(android.get("ttl")))


def _ttl(text: object) -> int:
    """A duration such as `600s`, in ns; what is given, and none given, is four weeks at most."""
    if text is None:
        return TTL_MAX
    match = _TTL.fullmatch(text) if type(text) is str else None
    if match is None:
        raise ValueError("message.android.ttl is no duration")
    return min(ns(float(match[1])), TTL_MAX)


# Firebase, "Set the lifespan of a message": four weeks by default and at most.
TTL_MAX = 28 * 86_400 * SECOND
_TTL = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)s", re.ASCII)


def _is_too_big(data: dict[str, str]) -> bool:
    return sum(len(text.encode("utf-8", "replace")) for pair in data.items() for text in pair) > _DATA_BYTES_MAX


def read_push(text: str) -> tuple[tuple[str, str], ...] | None:
    """The data of a push as a stream has it, a JSON object of texts; None for what FCM could not have delivered."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if type(data) is not dict or not all(type(value) is str for value in data.values()) or _is_too_big(data):
        return None
    return tuple(data.items())


def _member(parent: Any, key: str, kind: type) -> Any:
    value = parent.get(key) if type(parent) is dict else None
    if type(value) is not kind or not value:
        raise ValueError(f"{key} is missing")
    return value


def accepted(project: str, number: str) -> Response:
    return Response(200, _JSON, json.dumps({"name": f"projects/{project}/messages/{number}"}).encode())


def refused(status: int, code: str, text: str) -> Response:
    """An error as FCM v1 words it: `code` is its own (UNREGISTERED …), beside Google's general one."""
    detail = {"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}
    error = {"code": status, "message": text, "status": _CODES.get(status, code), "details": [detail]}
    return Response(status, _JSON, json.dumps({"error": error}).encode())
