"""What a user's application writes and reads: the API from the outside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.http.values import Request, Response

__all__ = ["PhoneKeyIssued", "UserAccess", "api_request", "data_of", "error_of", "send_body", "webhook_body"]


@dataclass(frozen=True, slots=True)
class UserAccess:
    """Where a user's requests go, and under which key."""

    scheme: str
    authority: str
    api_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PhoneKeyIssued:
    """A phone gets the phone key that it is to log in with."""

    api_key: str = field(repr=False)


def api_request(access: UserAccess, method: str, path: str, body: Mapping[str, Any] | None = None) -> Request:
    content = b"" if body is None else json.dumps(body).encode()
    headers = [("Host", access.authority), ("x-api-key", access.api_key), ("Accept", "application/json")]
    if body is not None:
        headers += [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
    return Request(method, access.scheme, access.authority, path.encode(), tuple(headers), content)


def send_body(sender: str, to: str, content: str, *, encrypted: bool, request_id: str | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"from": sender, "to": to, "content": content, "encrypted": encrypted}
    if request_id is not None:
        body["request_id"] = request_id
    return body


def webhook_body(url: str, signing_key: str, numbers: Sequence[str], events: Sequence[str]) -> dict[str, Any]:
    return {"url": url, "signing_key": signing_key, "phone_numbers": list(numbers), "events": list(events)}


def data_of(response: Response) -> dict[str, Any]:
    """The `data` object of a success. Raises `ValueError` for anything else."""
    answer = json.loads(response.body)
    if type(answer) is not dict or type(answer.get("data")) is not dict:
        raise ValueError("the answer has no data object")
    data: dict[str, Any] = answer["data"]
    return data


def error_of(response: Response) -> str:
    """What the server says is wrong, in one line."""
    try:
        answer = json.loads(response.body)
        message = str(answer["message"])
        data = answer.get("data")
    except (ValueError, KeyError, TypeError, AttributeError):
        return response.body[:120].decode("utf-8", "replace")
    if type(data) is dict:
        return f"{message}: " + "; ".join(str(text) for texts in data.values() for text in texts)
    return message if data is None else f"{message} {data}"
