"""The calls to webhooks, and what their answers mean (gateway-protocol.md §7.4)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import assert_never
from urllib.parse import urljoin, urlsplit

from harness.core import At, Command, Fact, Record, Tell
from harness.http.values import (
    BodyBroken,
    Call,
    Closed,
    ConnectFailed,
    Headers,
    Limits,
    Outcome,
    Request,
    Response,
    TimedOut,
)
from harness.instants import MS, SECOND, Instant, seconds
from harness.standin import exchanges, waits
from harness.standin.rows import HookCall, evolve
from harness.standin.state import Pace, State
from harness.wire import texts, tokens
from harness.wire.events import WebhookSendFailed, data_text, write

__all__ = ["answered", "call"]

_LIMIT_NS = 5 * SECOND
_ATTEMPTS = 2
_PAUSE_MS = (100, 200)
_REDIRECTS = (301, 302, 303, 307, 308)
_KEEP_METHOD = (307, 308)
_REQUESTS_MOST = 10
_NO_SCHEME = ConnectFailed("resolve", "unsupported protocol scheme")


def call(state: State, hook: HookCall, now: Instant) -> Sequence[Command]:
    """Makes the first call of an attempt, with a token of its own."""
    hook = evolve(hook, until_at=now + _LIMIT_NS)
    body = write(hook.event)
    headers: Headers = (("Content-Type", "application/json"), ("X-Event-Type", hook.event.type))
    if hook.key:
        token = tokens.sign(hook.key, hook.user_id, hook.url, state.settings.token_clock(now))
        headers = (("Authorization", f"Bearer {token}"), *headers)
    shown = exchanges.of_webhook(body) if state.settings.exchanges else ()
    called = Record("gateway", "webhook.called", hook.message_id, _facts(hook, **dict(shown)))
    return (called, *_request(state, hook, "POST", hook.url, headers, body, now))


def _facts(hook: HookCall, **more: Fact) -> dict[str, Fact]:
    return {"event": hook.event.type, "url": hook.url, "webhook": hook.webhook_id, "attempt": hook.attempt, **more}


@lru_cache(maxsize=256)
def _parts(url: str) -> tuple[str, str, bytes] | None:
    """Scheme, authority and target of an address that can be called; None for others."""
    try:
        parts = urlsplit(url)
        target = ((parts.path or "/") + (f"?{parts.query}" if parts.query else "")).encode()
    except ValueError:  # a bracket without its partner, half a surrogate pair
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    return parts.scheme, parts.netloc, target


def _request(
    state: State, hook: HookCall, method: str, url: str, headers: Headers, body: bytes, now: Instant
) -> Sequence[Command]:
    parts = _parts(url)
    if parts is None:
        return answered(state, hook, _NO_SCHEME, now)
    scheme, authority, target = parts
    exchange = f"webhook-{state.count('calls')}"
    state.calls[exchange] = evolve(hook, method=method, at_url=url, headers=headers)
    # Go's client writes its own headers in this order, then the request's, sorted.
    length = (("Content-Length", str(len(body))),) if method == "POST" else ()
    own = (("Host", authority), ("User-Agent", "Go-http-client/1.1"), *length)
    request = Request(method, scheme, authority, target, (*own, *headers, ("Accept-Encoding", "gzip")), body)
    left_s = seconds(hook.until_at - now)
    limits = Limits(connect_s=left_s, read_s=left_s, write_s=left_s, total_s=left_s)
    return (Call(exchange, "webhook", request, limits),)


def answered(state: State, hook: HookCall, outcome: Outcome, now: Instant) -> Sequence[Command]:
    location = _location(outcome)
    if location and hook.redirects + 1 < _REQUESTS_MOST:
        assert type(outcome) is Response
        return _follow(state, hook, outcome.status, location, now)
    record = Record("gateway", "webhook.answered", hook.message_id, _facts(hook, **_outcome_facts(outcome)))
    if type(outcome) is Response and outcome.status < 400 and not location:
        return (record, *waits.done(state, hook.waits))
    if hook.attempt < _ATTEMPTS:
        return (record, _again(state, hook, now))
    return (record, _given_up(state, hook, outcome, now), *waits.done(state, hook.waits))


def _location(outcome: Outcome) -> str:
    """Where a redirect leads; nothing for other answers. A redirect that is not followed is a failure."""
    if type(outcome) is not Response or outcome.status not in _REDIRECTS:
        return ""
    return outcome.header("Location") or ""


def _follow(state: State, hook: HookCall, status: int, location: str, now: Instant) -> Sequence[Command]:
    """Go's client follows redirects; only 307 and 308 repeat method and body."""
    post = status in _KEEP_METHOD and hook.method == "POST"
    method, body = ("POST", write(hook.event)) if post else ("GET", b"")
    onward = evolve(hook, redirects=hook.redirects + 1)
    url = _resolved(hook.at_url, location)
    return _request(state, onward, method, url, _headers_to(hook, url), body, now)


def _headers_to(hook: HookCall, url: str) -> Headers:
    """All headers go along, but the token not to another host, and the address that led there (Go: client.do)."""
    own = _own_host(hook.url, url)
    dropped = ("Referer",) if own else ("Referer", "Authorization")
    headers = [header for header in hook.headers if header[0] not in dropped]
    if not (hook.at_url.startswith("https:") and url.startswith("http:")):
        headers.append(("Referer", hook.at_url))
    return tuple(sorted(headers))


def _own_host(url: str, other: str) -> bool:
    """Whether the other address is at the same host, or at one below it."""
    parts, onward = _parts(url), _parts(other)
    if parts is None or onward is None:
        return False
    host, other_host = (authority.partition(":")[0].lower() for _, authority, _ in (parts, onward))
    return other_host == host or other_host.endswith("." + host)


def _resolved(url: str, location: str) -> str:
    """Where a redirect leads; nowhere if that is no URL."""
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def _again(state: State, hook: HookCall, now: Instant) -> Command:
    again = evolve(hook, attempt=hook.attempt + 1, redirects=0)
    if state.settings.pace is Pace.INSTANT:
        return Tell(state.port, again)
    return At(now + state.draws.between(_PAUSE_MS[0] * MS, _PAUSE_MS[1] * MS), again)


def _given_up(state: State, hook: HookCall, outcome: Outcome, now: Instant) -> Command:
    """Both attempts failed: the server knows no more than an e-mail for that."""
    failed = WebhookSendFailed(
        hook.webhook_id,
        hook.url,
        hook.owner,
        hook.user_id,
        hook.event.id,
        hook.event.type,
        data_text(hook.event),
        outcome.status if type(outcome) is Response else None,
        _error_text(outcome),
    )
    return state.queue(failed, hook.event.source, now)


def _outcome_facts(outcome: Outcome) -> dict[str, Fact]:
    if type(outcome) is Response:
        return {"status": outcome.status}
    return {"outcome": "timed out" if type(outcome) is TimedOut else _error_text(outcome)}


def _error_text(outcome: Outcome) -> str:
    match outcome:
        case Response(status, _, body):
            return body.decode("utf-8", "replace") or f"status {status}"
        case ConnectFailed(kind, text):
            return f"{kind}: {text}" if text else kind
        case TimedOut():
            return texts.WEBHOOK_TIMEOUT
        case Closed():
            return "closed before an answer"
        case BodyBroken():
            return "answer broken off"
        case _:
            assert_never(outcome)
