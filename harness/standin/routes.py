"""The routes of the server, and how a path finds its route (gateway-protocol.md §1.5, §2.3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from harness.standin import answers
from harness.standin.answers import Reply
from harness.standin.api import events, heartbeats, messages, phone_keys, phones, threads, users, webhooks
from harness.standin.state import State
from harness.standin.visits import Visit

__all__ = ["METHODS", "ROUTES", "Credentials", "Handler", "Route", "allowed", "find"]

Handler = Callable[[State, Visit], Reply]

# As the framework lists them in `Allow`; another method is none at all (501).
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")


class Credentials(Enum):
    """Whom a route lets in. Which numbers a phone key may act for is the handler's matter."""

    NONE = "anybody"
    USER = "a user key"
    ANY_KEY = "a user key or a phone key"


@dataclass(frozen=True, slots=True)
class Route:
    """`template` has a name in braces for each id. Every GET answers HEAD too."""

    method: str
    template: str
    credentials: Credentials
    handler: Handler


def _health(state: State, visit: Visit) -> Reply:
    return answers.plain(200, "OK")


NONE, USER, ANY_KEY = Credentials
HEALTH = Route("GET", "/health", NONE, _health)

# Where a fixed path and one with an id fit alike, the one that stands first wins.
ROUTES: tuple[Route, ...] = (
    HEALTH,
    Route("POST", "/v1/messages/send", USER, messages.send),
    Route("GET", "/v1/messages/outstanding", ANY_KEY, messages.outstanding),
    Route("GET", "/v1/messages", USER, messages.index),
    Route("POST", "/v1/messages/receive", ANY_KEY, messages.receive),
    Route("POST", "/v1/messages/calls/missed", ANY_KEY, messages.call_missed),
    Route("GET", "/v1/messages/{id}", USER, messages.read),
    Route("POST", "/v1/messages/{id}/events", ANY_KEY, messages.report),
    Route("GET", "/v1/attachments/{user_id}/{message_id}/{index}/{name}", NONE, messages.attachment),
    Route("GET", "/v1/message-threads", USER, threads.index),
    Route("PUT", "/v1/message-threads/{id}", USER, threads.update),
    Route("GET", "/v1/phones", USER, phones.index),
    Route("PUT", "/v1/phones", USER, phones.update),
    Route("PUT", "/v1/phones/fcm-token", ANY_KEY, phones.register),
    Route("DELETE", "/v1/phones/{id}", USER, phones.delete),
    Route("GET", "/v1/phone-api-keys", USER, phone_keys.index),
    Route("POST", "/v1/phone-api-keys", USER, phone_keys.create),
    Route("DELETE", "/v1/phone-api-keys/{id}", USER, phone_keys.delete),
    Route("DELETE", "/v1/phone-api-keys/{id}/phones/{phone_id}", USER, phone_keys.delete_phone),
    Route("GET", "/v1/heartbeats", USER, heartbeats.index),
    Route("POST", "/v1/heartbeats", ANY_KEY, heartbeats.store),
    Route("GET", "/v1/webhooks", USER, webhooks.index),
    Route("POST", "/v1/webhooks", USER, webhooks.create),
    Route("PUT", "/v1/webhooks/{id}", USER, webhooks.update),
    Route("DELETE", "/v1/webhooks/{id}", USER, webhooks.delete),
    Route("GET", "/v1/users/me", USER, users.me),
    Route("GET", "/v1/billing/usage", USER, users.usage_now),
    Route("POST", "/v1/events", USER, events.inject),
)


def _pattern(template: str) -> re.Pattern[str]:
    """Fixed parts match in any case, percent-encoded letters never; slashes at the end do not matter."""
    return re.compile(re.sub(r"\{\w+\}", "([^/]+)", template) + "/*", re.IGNORECASE | re.ASCII)


_FIXED: dict[tuple[str, str], Route] = {}
_BY_DEPTH: dict[tuple[str, int], list[tuple[re.Pattern[str], Route]]] = {}
_PATTERNS: list[tuple[re.Pattern[str], str]] = []

for _route in ROUTES:
    _PATTERNS.append((_pattern(_route.template), _route.method))
    for _method in ("GET", "HEAD") if _route.method == "GET" else (_route.method,):
        _key = (_method, _route.template.count("/"))
        _BY_DEPTH.setdefault(_key, []).append((_pattern(_route.template), _route))
        if "{" not in _route.template:
            _FIXED[_method, _route.template] = _route


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    """The route for a raw path, and the ids in it as they stand there."""
    route = _FIXED.get((method, path))
    if route is not None:
        return route, ()
    depth = (path.rstrip("/") if path.endswith("/") else path).count("/")
    for pattern, route in _BY_DEPTH.get((method, depth), ()):
        match = pattern.fullmatch(path)
        if match is not None:
            return route, match.groups()
    return None


def allowed(path: str) -> tuple[str, ...]:
    """The methods that a path knows. GET and HEAD are always among them: they match every path."""
    known = {"GET", "HEAD"} | {method for pattern, method in _PATTERNS if pattern.fullmatch(path)}
    return tuple(method for method in METHODS if method in known)
