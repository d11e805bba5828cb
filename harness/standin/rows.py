"""What the stand-in remembers: immutable rows of plain values.

Times in rows are cut to microseconds, as the database keeps them (gateway-protocol.md §3.1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, fields
from typing import Any, TypeVar

from harness.frozen import frozen
from harness.http.values import Headers, Response
from harness.instants import Instant
from harness.standin.visits import Identity
from harness.wire.events import Event
from harness.wire.schedules import Window
from harness.wire.server import MessageType, Status

__all__ = [
    "Account",
    "CachedKey",
    "Heartbeat",
    "HookCall",
    "Message",
    "Monitor",
    "Notification",
    "Phone",
    "PhoneKey",
    "PushCall",
    "Schedule",
    "StoredFile",
    "Thread",
    "Usage",
    "Waiting",
    "Webhook",
    "evolve",
]


@frozen
class Account:
    id: str
    email: str
    api_key: str = field(repr=False)
    plan: str
    created_at: Instant
    updated_at: Instant
    timezone: str = "UTC"
    active_phone_id: str | None = None
    subscription_id: str | None = None
    subscription_status: str | None = None
    subscription_renews_at: Instant | None = None
    subscription_ends_at: Instant | None = None
    notification_message_status_enabled: bool = False
    notification_webhook_enabled: bool = False
    notification_heartbeat_enabled: bool = False
    notification_newsletter_enabled: bool = True


@frozen
class Phone:
    id: str
    user_id: str
    phone_number: str
    fcm_token: str | None = field(repr=False)
    sim: str
    created_at: Instant
    updated_at: Instant
    messages_per_minute: int = 10
    max_send_attempts: int = 2
    message_expiration_seconds: int = 600
    message_send_schedule_id: str | None = None
    missed_call_auto_reply: str | None = None
    unarchive_thread: bool = False


@frozen
class PhoneKey:
    id: str
    name: str
    user_id: str
    user_email: str
    api_key: str = field(repr=False)
    created_at: Instant
    updated_at: Instant
    phone_numbers: tuple[str, ...] = ()
    phone_ids: tuple[str, ...] = ()


@frozen
class CachedKey:
    """Whose a key is for requests until `until_at`, nobody's too; what changes meanwhile is not seen (§1.1, §1.4)."""

    who: Identity
    until_at: Instant


@frozen
class Message:
    """`send_duration` is in nanoseconds, from `request_received_at` to the report SENT (or DELIVERED)."""

    id: str
    request_id: str | None
    owner: str
    user_id: str
    contact: str
    content: str
    attachments: tuple[str, ...] | None
    encrypted: bool
    type: MessageType
    status: Status
    sim: str
    request_received_at: Instant
    created_at: Instant
    updated_at: Instant
    order_at: Instant
    send_at: Instant | None = None
    max_send_attempts: int = 0
    received_at: Instant | None = None
    send_duration: int | None = None
    last_attempted_at: Instant | None = None
    scheduled_at: Instant | None = None
    sent_at: Instant | None = None
    delivered_at: Instant | None = None
    expired_at: Instant | None = None
    failed_at: Instant | None = None
    send_attempt_count: int = 0
    failure_reason: str | None = None


@frozen
class Thread:
    id: str
    owner: str
    contact: str
    user_id: str
    color: str
    is_archived: bool
    is_read: bool
    status: Status
    last_message_content: str | None
    last_message_id: str | None
    created_at: Instant
    updated_at: Instant
    order_at: Instant
    last_read_at: Instant | None = None


@frozen
class Notification:
    """A planned push."""

    id: str
    message_id: str
    user_id: str
    phone_id: str
    scheduled_at: Instant


@frozen
class Webhook:
    id: str
    user_id: str
    url: str
    signing_key: str = field(repr=False)
    phone_numbers: tuple[str, ...]
    events: tuple[str, ...]
    created_at: Instant
    updated_at: Instant


@frozen
class Schedule:
    """When the phones that refer to it may send."""

    id: str
    user_id: str
    name: str
    timezone: str
    windows: tuple[Window, ...]
    created_at: Instant
    updated_at: Instant


@frozen
class Heartbeat:
    id: str
    owner: str
    user_id: str
    version: str
    charging: bool
    beat_at: Instant


@frozen
class Monitor:
    """Watches the heartbeats of a phone. `source` is that of the event which created it."""

    id: str
    phone_id: str
    user_id: str
    owner: str
    online: bool
    created_at: Instant
    updated_at: Instant


@frozen
class Usage:
    """What an account has sent and received from `start_at` to `end_at`."""

    id: str
    user_id: str
    start_at: Instant
    end_at: Instant
    created_at: Instant
    updated_at: Instant
    sent_messages: int = 0
    received_messages: int = 0
    total_cost: int = 0


@frozen
class StoredFile:
    """An attachment of a received message, in memory as in the server (§5.2)."""

    content_type: str
    content: bytes = field(repr=False)


@frozen
class PushCall:
    """A call to FCM that is under way. `waits` names the request that answers when the call is done, or nothing.

    `message` is None for a heartbeat push. `scheduled_at` and `expires_ns` are of the message's push. `until_at` is
    when its last try ends; 0 until the first begins.
    """

    token: str = field(repr=False)
    data_key: str
    data_value: str
    priority: str
    source: str
    user_id: str
    phone_id: str
    number: str
    message_id: str | None
    notification_id: str
    scheduled_at: Instant
    expires_ns: int
    attempt: int = 1
    waits: str = ""
    until_at: Instant = 0


@frozen
class HookCall:
    """A call to a webhook, under way or about to be repeated. `key` signs its token, if there is one.

    `method`, `at_url` and `headers` are those of the request under way, which redirects have changed.
    """

    webhook_id: str
    user_id: str
    owner: str
    url: str
    key: str = field(repr=False)
    event: Event
    message_id: str | None
    attempt: int = 1
    until_at: Instant = 0
    method: str = "POST"
    at_url: str = ""
    headers: Headers = field(default=(), repr=False)
    redirects: int = 0
    waits: str = ""


@frozen
class Waiting:
    """A request to `/v1/events` that answers when `calls` more calls are done (§7.1).

    `exchange`: what the trace is to show of request and answer, by the names of facts.
    """

    calls: int
    kind: str
    credential: str
    response: Response
    exchange: tuple[tuple[str, str], ...] = ()


R = TypeVar("R")
_Copy = Callable[[Any], Any]
_COPIES: dict[type, _Copy] = {}


def _copy_of(kind: type) -> _Copy:
    """A function that copies a row slot by slot, written out as `dataclasses` writes `__init__`.

    A frozen class refuses to be written to in the ordinary way; its slots do not.
    """
    names = [known.name for known in fields(kind)]
    lines = [f" put_{name}(twin, row.{name})" for name in names]
    source = "\n".join(["def copy(row):", " twin = new(kind)", *lines, " return twin"])
    scope: dict[str, Any] = {"new": object.__new__, "kind": kind}
    scope |= {f"put_{name}": getattr(kind, name).__set__ for name in names}
    exec(source, scope)
    copy: _Copy = scope["copy"]
    return copy


def evolve(row: R, **changes: Any) -> R:
    """The row with some fields changed: `dataclasses.replace` at a quarter of its time, as rows change often."""
    kind = type(row)
    copy = _COPIES.get(kind)
    if copy is None:
        copy = _COPIES[kind] = _copy_of(kind)
    twin: R = copy(row)
    put = object.__setattr__
    for name, value in changes.items():
        put(twin, name, value)
    return twin
