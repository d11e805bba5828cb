"""The other side of the server under test: its FCM endpoint and the receivers of its webhooks.

Requests become plain values that can be compared with the recordings; no bearer token of a webhook is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from harness.conform.cases import Json
from harness.frozen import frozen
from harness.http.values import Request, Response
from harness.instants import SECOND, Instant
from harness.wire import tokens

__all__ = ["HANG", "Inbox", "PushSeen", "WebhookSeen", "body_of", "read_push", "read_token", "read_webhook"]

# Longer than the server waits for a receiver (5 s a try, gateway-protocol.md §7).
HANG = 7 * SECOND


@frozen
class PushSeen:
    """A request to the FCM endpoint. `value` has its `path` and its `body`."""

    token: str = field(repr=False)
    value: Json = field(repr=False)


@frozen
class WebhookSeen:
    """A request to the receiver at `url`. `value` has `type`, `headers` (in lower case), `body` and `jwt`."""

    url: str
    at: Instant
    value: dict[str, Json]


@frozen
class Inbox:
    """What has come and nobody has looked at, and how receivers are to answer."""

    pushes: tuple[PushSeen, ...] = ()
    webhooks: tuple[WebhookSeen, ...] = ()
    plans: Mapping[str, tuple[int | str, ...]] = field(default_factory=dict)
    ever: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """What has come at all: the token of each push and "push", the URL of each webhook and its type."""

    def with_push(self, push: PushSeen) -> Inbox:
        return replace(self, pushes=(*self.pushes, push), ever=(*self.ever, (push.token, "push")))

    def with_webhook(self, webhook: WebhookSeen) -> Inbox:
        kind = str(webhook.value.get("type"))
        return replace(self, webhooks=(*self.webhooks, webhook), ever=(*self.ever, (webhook.url, kind)))

    def with_plan(self, url: str, plan: tuple[int | str, ...]) -> Inbox:
        return replace(self, plans={**self.plans, url: plan})

    def next_answer(self, url: str) -> tuple[int | str, Inbox]:
        """How the receiver at `url` answers now: as planned, 200 when the plan is at its end."""
        plan = self.plans.get(url, ())
        return (plan[0], self.with_plan(url, plan[1:])) if plan else (200, self)

    def take_push(self, token: str) -> tuple[PushSeen | None, Inbox]:
        """The oldest push for `token`, and what is left."""
        for at, push in enumerate(self.pushes):
            if push.token == token:
                return push, replace(self, pushes=self.pushes[:at] + self.pushes[at + 1 :])
        return None, self

    def take_webhooks(self, url: str) -> tuple[list[dict[str, Json]], Inbox]:
        """Everything that came to `url` since the last look, and what is left."""
        taken = [webhook.value for webhook in self.webhooks if webhook.url == url]
        return taken, replace(self, webhooks=tuple(seen for seen in self.webhooks if seen.url != url))

    def tally(self, token: str, url: str) -> Json:
        """How many pushes came for `token` in all, and the sorted types of all webhooks at `url`."""
        return {
            "pushes": self.ever.count((token, "push")),
            "webhooks": [*sorted(kind for place, kind in self.ever if place == url)],
        }

    def last_at(self, url: str) -> Instant:
        """When the last one that nobody has looked at came to `url`; 0 if none did."""
        return max((webhook.at for webhook in self.webhooks if webhook.url == url), default=0)


def body_of(message: Request | Response) -> Json:
    """The body as JSON if its type says so, else as text (U+FFFD for what is no UTF-8); null if empty."""
    if not message.body:
        return None
    text = message.body.decode("utf-8", "replace")
    if "json" in (message.header("content-type") or ""):
        try:
            value: Json = json.loads(text)
        except ValueError:
            return text
        return value
    return text


def read_push(request: Request) -> PushSeen:
    body = body_of(request)
    match body:
        case {"message": {"token": str(token)}}:
            pass
        case _:
            token = ""
    return PushSeen(token, {"path": request.path, "body": body})


def read_webhook(request: Request, url: str, now: Instant, signing_keys: Sequence[str]) -> WebhookSeen:
    headers: dict[str, Json] = {
        name.lower(): value for name, value in request.headers if name.lower() != "authorization"
    }
    value: dict[str, Json] = {
        "type": request.header("x-event-type"),
        "headers": headers,
        "body": body_of(request),
        "jwt": read_token(request.header("authorization"), signing_keys),
    }
    return WebhookSeen(url, now, value)


def read_token(authorization: str | None, signing_keys: Sequence[str]) -> Json:
    """The decoded bearer token: its times as differences, `signature` only if no signing key fits."""
    if authorization is None:
        return None
    token = authorization.removeprefix("Bearer ")
    try:
        header, claims = tokens.read(token)
        # The times are of another clock than ours, and compared with each other alone.
        is_signed = any(tokens.is_signed(token, key) for key in signing_keys)
    except ValueError:
        return "not a JWT"
    iat, nbf, exp = (claims.pop(name, None) for name in ("iat", "nbf", "exp"))
    value: dict[str, Json] = {
        "header": header,
        "claims": claims,
        "nbf_minus_iat": _minus(nbf, iat),
        "exp_minus_iat": _minus(exp, iat),
    }
    if not is_signed:
        value["signature"] = "not made with the signing key"
    return value


def _minus(time: object, issued: object) -> Json:
    """The distance in seconds; None if one of the two is missing."""
    return time - issued if isinstance(time, int | float) and isinstance(issued, int | float) else None
