"""What a case has made on an account that is not its own, and the requests that remove it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from harness.conform.cases import Json
from harness.conform.names import pick
from harness.conform.requests import Base, json_request
from harness.http.values import Request

__all__ = ["made_by", "removal", "thread_paths", "threads_of", "webhook_paths", "webhooks_of"]

# Route → where what it makes can be deleted.
_MAKERS: Final = {
    ("POST", "/v1/phone-api-keys"): "/v1/phone-api-keys",
    ("POST", "/v1/webhooks"): "/v1/webhooks",
    ("POST", "/v1/send-schedules"): "/v1/send-schedules",
    ("PUT", "/v1/phones"): "/v1/phones",
    ("PUT", "/v1/phones/fcm-token"): "/v1/phones",
}


def made_by(base: Base, request: Request, answer: Json) -> str | None:
    """The path of what a successful request has made; None if that is nothing that stays."""
    place = _MAKERS.get((request.method, request.path.removeprefix(base.path)))
    made = pick(answer, "data.id")
    return f"{place}/{made}" if place is not None and isinstance(made, str) else None


def removal(base: Base, path: str, user_key: str) -> Request:
    return json_request(base, "DELETE", path, user_key)


def threads_of(base: Base, number: str, user_key: str) -> Request:
    """Asks for the threads of a phone."""
    return json_request(base, "GET", f"/v1/message-threads?limit=20&owner=%2B{number.removeprefix('+')}", user_key)


def thread_paths(answer: Json) -> list[str]:
    """The paths of the threads that the answer names."""
    ids = [pick(row, "id") for row in _rows(answer)]
    return [f"/v1/message-threads/{made}" for made in ids if isinstance(made, str)]


def webhooks_of(base: Base, user_key: str) -> Request:
    """Asks for the webhooks of an account."""
    return json_request(base, "GET", "/v1/webhooks?limit=20", user_key)


def webhook_paths(answer: Json, urls: Collection[str]) -> list[str]:
    """The paths of those webhooks in the answer that go to one of these URLs."""
    ids = [pick(row, "id") for row in _rows(answer) if pick(row, "url") in urls]
    return [f"/v1/webhooks/{made}" for made in ids if isinstance(made, str)]


def _rows(answer: Json) -> list[Json]:
    rows = answer.get("data") if isinstance(answer, dict) else None
    return rows if isinstance(rows, list) else []
