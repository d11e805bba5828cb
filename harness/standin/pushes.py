"""When a push goes out, the call to FCM, and what its answer means (gateway-protocol.md §4.3, §4.4, §9.2)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core import At, Command
from harness.http.values import BodyBroken, Call, Limits, Outcome, Request, Response
from harness.instants import SECOND, Instant, seconds
from harness.standin import waits, windows
from harness.standin.rows import Phone, PushCall, evolve
from harness.standin.state import State
from harness.wire import texts
from harness.wire.events import NotificationFailed, NotificationSent
from harness.wire.json import Stamp
from harness.wire.server import push_body, pushed_name

__all__ = ["answered", "call", "planned_at", "spacing_s"]

_LIMIT_NS = 60 * SECOND  # for all tries of a push, and the pauses between them
_RETRY_NS = (SECOND, 2 * SECOND)
_ACCEPTED = 200
_MAY_SAY_WHEN = (429, 503)
_INT64_DIGITS = 18  # Go reads no more than an int64 can hold


def spacing_s(messages_per_minute: int) -> int:
    """Whole seconds between two pushes: 45 a minute are one a second (§10.2-34)."""
    return 60 // messages_per_minute


def planned_at(state: State, phone: Phone, now: Instant) -> Instant:
    """When the phone's next push may go out: in a window, and not too soon after the latest one that is planned."""
    at = _open_at(state, phone, now)
    if not state.settings.keep_rate or not phone.messages_per_minute:
        return at
    latest = state.notifications.last(("phone", phone.id))
    if latest is None:
        return at
    # The windows are asked twice, also where the rate changes nothing.
    return _open_at(state, phone, max(at, latest.scheduled_at + spacing_s(phone.messages_per_minute) * SECOND))


def _open_at(state: State, phone: Phone, at: Instant) -> Instant:
    if phone.message_send_schedule_id is None:
        return at
    schedule = state.schedule_of(phone.user_id, phone.message_send_schedule_id)
    return at if schedule is None else windows.open_at(schedule.windows, schedule.timezone, at)


def call(state: State, push: PushCall, now: Instant) -> Sequence[Command]:
    """Makes the call."""
    if not push.until_at:
        push = evolve(push, until_at=now + _LIMIT_NS)
    elif now >= push.until_at:
        return (*_failed(state, push, now), *waits.done(state, push.waits))
    exchange = f"push-{state.count('calls')}"
    state.calls[exchange] = push
    settings = state.settings
    body = push_body(push.token, push.data_key, push.data_value, push.priority)
    # Go's client writes its own headers in this order, then the request's, sorted.
    headers = (
        ("Host", settings.fcm_authority),
        ("User-Agent", "Go-http-client/1.1"),
        ("Content-Length", str(len(body))),
        ("Content-Type", "application/json"),
        ("Accept-Encoding", "gzip"),
    )
    request = Request("POST", settings.fcm_scheme, settings.fcm_authority, settings.fcm_path.encode(), headers, body)
    left_s = seconds(push.until_at - now)
    return (Call(exchange, "fcm", request, Limits(left_s, left_s, left_s, left_s)),)


def _may_be_repeated(outcome: Outcome) -> bool:
    """Connection errors, 429 and 5xx but 501 are tried again (§9.2); a body that breaks off is no longer looked at."""
    if type(outcome) is BodyBroken:
        outcome = outcome.response
    if type(outcome) is not Response:
        return True
    return outcome.status == 429 or (outcome.status >= 500 and outcome.status != 501)


def _pause_ns(outcome: Outcome, attempt: int) -> int:
    """A server that is too busy may say how long to wait (go-retryablehttp: DefaultBackoff; dates are not read)."""
    if type(outcome) is Response and outcome.status in _MAY_SAY_WHEN:
        asked = outcome.header("Retry-After") or ""
        if asked.isascii() and asked.isdigit() and len(asked) <= _INT64_DIGITS:
            return int(asked) * SECOND
    return _RETRY_NS[attempt - 1]


def answered(state: State, push: PushCall, outcome: Outcome, now: Instant) -> Sequence[Command]:
    if type(outcome) is Response and outcome.status == _ACCEPTED:
        name = pushed_name(outcome.body)
        if name is not None:
            return (*_sent(state, push, name, now), *waits.done(state, push.waits))
    if _may_be_repeated(outcome) and push.attempt <= len(_RETRY_NS) and now < push.until_at:
        again_at = min(now + _pause_ns(outcome, push.attempt), push.until_at)
        return (At(again_at, evolve(push, attempt=push.attempt + 1)),)
    return (*_failed(state, push, now), *waits.done(state, push.waits))


def _sent(state: State, push: PushCall, name: str, now: Instant) -> Sequence[Command]:
    if push.message_id is None:
        return ()
    sent = NotificationSent(
        push.message_id,
        push.user_id,
        push.phone_id,
        Stamp(push.scheduled_at),
        name,
        push.expires_ns,
        Stamp(now),
        push.notification_id,
    )
    return (state.queue(sent, push.source, now),)


def _failed(state: State, push: PushCall, now: Instant) -> Sequence[Command]:
    """Of a heartbeat push the failure is only logged."""
    if push.message_id is None:
        return ()
    failed = NotificationFailed(
        push.message_id,
        push.user_id,
        push.notification_id,
        push.phone_id,
        texts.not_notified(push.number),
        Stamp(now),
    )
    return (state.queue(failed, push.source, now),)
