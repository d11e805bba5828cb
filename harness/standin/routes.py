"""The routes of the server, and how a path finds its route (gateway-protocol.md §1.5, §2.3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum

from harness.frozen import frozen
from harness.standin import answers
from harness.standin.answers import Reply
from harness.standin.api import (
    billing,
    bulk,
    events,
    heartbeats,
    integrations,
    messages,
    phone_keys,
    phones,
    schedules,
    search,
    subscriptions,
    swagger,
    threads,
    users,
    webhooks,
)
from harness.standin.state import State
from harness.standin.visits import Visit

__all__ = ["HEALTH", "METHODS", "OWN_ROUTES", "ROUTES", "Credentials", "Handler", "Route", "allowed", "find"]

Handler = Callable[[State, Visit], Reply]

# As the framework lists them in `Allow`; another method is none at all (501).
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")


class Credentials(Enum):
    """Whom a route lets in. Which numbers a phone key may act for is the handler's matter."""

    NONE = "anybody"
    USER = "a user key"
    ANY_KEY = "a user key or a phone key"
    BEARER = "a user key, also as a bearer token"


@frozen
class Route:
    """`template` has a name in braces for each id. Every GET answers HEAD too. The trace has it under `hop`."""

    method: str
    template: str
    credentials: Credentials
    handler: Handler
    hop: str = "api"


def _health(state: State, visit: Visit) -> Reply:
    return answers.plain(200, "OK")


def _openapi(state: State, visit: Visit) -> Reply:
    from harness.standin.openapi.document import as_json  # it is made when it is first asked for, which takes a while

    return answers.bare(as_json(state.settings.control), None, ())


NONE, USER = Credentials.NONE, Credentials.USER
ANY_KEY, BEARER = Credentials.ANY_KEY, Credentials.BEARER
HEALTH = Route("GET", "/health", NONE, _health)

# Where a fixed path and one with an id fit alike, the one that stands first wins.
ROUTES: tuple[Route, ...] = (
    HEALTH,
    Route("POST", "/v1/messages/send", USER, messages.send),
    Route("POST", "/v1/messages/bulk-send", USER, bulk.send),
    Route("GET", "/v1/messages/outstanding", ANY_KEY, messages.outstanding),
    Route("GET", "/v1/messages", USER, messages.index),
    Route("POST", "/v1/messages/receive", ANY_KEY, messages.receive),
    Route("POST", "/v1/messages/calls/missed", ANY_KEY, messages.call_missed),
    Route("GET", "/v1/messages/search", USER, search.search),
    Route("GET", "/v1/messages/{id}", USER, messages.read),
    Route("DELETE", "/v1/messages/{id}", USER, messages.delete),
    Route("POST", "/v1/messages/{id}/events", ANY_KEY, messages.report),
    Route("GET", "/v1/attachments/{user_id}/{message_id}/{index}/{name}", NONE, messages.attachment),
    Route("GET", "/v1/bulk-messages", USER, bulk.index),
    Route("POST", "/v1/bulk-messages", USER, bulk.upload),
    Route("GET", "/v1/message-threads", USER, threads.index),
    Route("PUT", "/v1/message-threads/{id}", USER, threads.update),
    Route("DELETE", "/v1/message-threads/{id}", USER, threads.delete),
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
    Route("GET", "/v1/send-schedules", USER, schedules.index),
    Route("POST", "/v1/send-schedules", USER, schedules.create),
    Route("PUT", "/v1/send-schedules/{id}", USER, schedules.update),
    Route("DELETE", "/v1/send-schedules/{id}", USER, schedules.delete),
    Route("GET", "/v1/users/me", USER, users.me),
    Route("PUT", "/v1/users/me", USER, users.update),
    Route("DELETE", "/v1/users/me", USER, users.delete),
    Route("DELETE", "/v1/users/{id}/api-keys", USER, users.rotate),
    Route("PUT", "/v1/users/{id}/notifications", USER, users.notifications),
    Route("GET", "/v1/users/subscription-update-url", USER, subscriptions.update_url),
    Route("DELETE", "/v1/users/subscription", USER, subscriptions.cancel),
    Route("GET", "/v1/users/subscription/payments", USER, subscriptions.payments),
    Route("POST", "/v1/users/subscription/invoices/{id}", USER, subscriptions.invoice),
    Route("GET", "/v1/billing/usage", USER, billing.now),
    Route("GET", "/v1/billing/usage-history", USER, billing.history),
    Route("POST", "/v1/events", USER, events.inject),
    Route("POST", "/v1/discord-integrations", USER, integrations.discord_create),
    Route("GET", "/v1/discord-integrations", USER, integrations.discord_index),
    Route("PUT", "/v1/discord-integrations/{id}", USER, integrations.discord_update),
    Route("DELETE", "/v1/discord-integrations/{id}", USER, integrations.discord_delete),
    Route("POST", "/discord/event", NONE, integrations.discord_event),
    Route("POST", "/lemonsqueezy/event", NONE, integrations.lemonsqueezy_event),
    Route("POST", "/integration/3cx/messages", BEARER, integrations.three_cx),
    Route("GET", "/", NONE, swagger.home),
    Route("GET", "/index.html", NONE, swagger.missing),
    Route("GET", "/doc.json", NONE, swagger.missing),
)

# The stand-in's own: the real server has none of them.
OWN_ROUTES: tuple[Route, ...] = (Route("GET", "/openapi.json", NONE, _openapi, "harness"),)


def _pattern(template: str) -> re.Pattern[str]:
    """Fixed parts match in any case, percent-encoded letters never; slashes at the end do not matter."""
    return re.compile(re.sub(r"\{\w+\}", "([^/]+)", template) + "/*", re.IGNORECASE | re.ASCII)


_FIXED: dict[tuple[str, str], Route] = {}
_BY_DEPTH: dict[tuple[str, int], list[tuple[re.Pattern[str], Route]]] = {}
_PATTERNS: list[tuple[re.Pattern[str], str]] = []

for _route in (*ROUTES, *OWN_ROUTES):
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
