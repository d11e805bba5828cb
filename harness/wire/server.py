"""What the server writes: its entities and envelopes (gateway-protocol.md §1.5, §2, §3.1, Appendix E).

An entity is made from any object that has the attributes; its keys come in the order of the server. Times that
are `int` are shown as the server shows a row that it has read back, a `Stamp` as somebody wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from operator import attrgetter
from typing import Any

from harness.wire.json import BadBody, Stamp, dumps, load, read_fields, text, time_text

__all__ = [
    "COLORS",
    "FREE_PLAN",
    "NEW_TIMEZONE",
    "PLAN_LIMITS",
    "PLAN_LIMIT_ELSE",
    "Entity",
    "MessageType",
    "Sim",
    "Status",
    "accepted",
    "account",
    "error",
    "heartbeat",
    "message",
    "message_as_written",
    "phone",
    "phone_key",
    "push_body",
    "pushed_name",
    "success",
    "thread",
    "usage",
    "webhook",
]


class Status(StrEnum):
    """Of a message, and of a thread."""

    PENDING = "pending"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"
    RECEIVED = "received"


class MessageType(StrEnum):
    """httpSMS names the direction as the gateway's phone sees it, the reverse of 3GPP."""

    OUTGOING = "mobile-terminated"
    INCOMING = "mobile-originated"
    MISSED_CALL = "call/missed"


class Sim(StrEnum):
    SIM1 = "SIM1"
    SIM2 = "SIM2"


# Messages a month; every plan that is not here, also an empty one, has 200 (§2.17).
PLAN_LIMITS: Mapping[str, int] = {
    "pro-monthly": 5_000,
    "pro-yearly": 5_000,
    "pro-lifetime": 5_000,
    "ultra-monthly": 10_000,
    "ultra-yearly": 10_000,
    "20k-monthly": 20_000,
    "20k-yearly": 20_000,
    "50k-monthly": 50_000,
    "100k-monthly": 100_000,
    "200k-monthly": 200_000,
}
PLAN_LIMIT_ELSE = 200
FREE_PLAN = "free"
NEW_TIMEZONE = "Africa/Accra"
"""Of an account that the server makes itself (§2.17)."""

COLORS = (
    "red", "pink", "purple", "deep-purple", "indigo", "blue", "light-blue", "cyan", "teal", "green",
    "light-green", "lime", "yellow", "amber", "orange", "deep-orange", "brown",
)  # fmt: skip


class Entity:
    """Writes rows as JSON objects. A field is `key` or `key=attribute`; a trailing `@` marks a time."""

    def __init__(self, *fields: str) -> None:
        bare = [field.rstrip("@") for field in fields]
        self.keys = tuple(field.partition("=")[0] for field in bare)
        self.times = tuple(key for key, field in zip(self.keys, fields, strict=True) if field.endswith("@"))
        self.attributes = tuple(field.partition("=")[2] or field for field in bare)
        self._values = attrgetter(*self.attributes)

    def __call__(self, row: object) -> dict[str, Any]:
        entity = dict(zip(self.keys, self._values(row), strict=True))
        for key in self.times:
            at = entity[key]
            if at is not None:
                entity[key] = time_text(at) if type(at) is int else str(at)
        return entity


message = Entity(
    "id",
    "request_id",
    "owner",
    "user_id",
    "contact",
    "content",
    "attachments",
    "encrypted",
    "type",
    "status",
    "sim",
    "send_time=send_duration",
    "request_received_at@",
    "created_at@",
    "updated_at@",
    "order_timestamp=order_at@",
    "last_attempted_at@",
    "scheduled_at@",
    "sent_at@",
    "scheduled_send_time=send_at@",
    "delivered_at@",
    "expired_at@",
    "failed_at@",
    "send_attempt_count",
    "max_send_attempts",
    "received_at@",
    "failure_reason",
)


def message_as_written(row: object, received: Stamp, written: Stamp, send_at: Stamp | None = None) -> dict[str, Any]:
    """A message in the answer that made it: nanoseconds, and times in the offset in which they came (§3.1)."""
    entity = message(row)
    received_text = str(received)
    entity["request_received_at"] = received_text
    entity["created_at"] = entity["updated_at"] = received_text if written == received else str(written)
    entity["order_timestamp"] = received_text if send_at is None else str(send_at)
    if send_at is not None:
        entity["scheduled_send_time"] = str(send_at)
    if entity["received_at"] is not None:
        entity["received_at"] = received_text
    return entity


thread = Entity(
    "id",
    "owner",
    "contact",
    "is_archived",
    "is_read",
    "user_id",
    "color",
    "status",
    "last_message_content",
    "last_message_id",
    "created_at@",
    "updated_at@",
    "order_timestamp=order_at@",
)
phone = Entity(
    "id",
    "user_id",
    "fcm_token",
    "phone_number",
    "messages_per_minute",
    "sim",
    "message_send_schedule_id",
    "max_send_attempts",
    "message_expiration_seconds",
    "missed_call_auto_reply",
    "unarchive_thread",
    "created_at@",
    "updated_at@",
)
phone_key = Entity(
    "id",
    "name",
    "user_id",
    "user_email",
    "phone_numbers",
    "phone_ids",
    "api_key",
    "created_at@",
    "updated_at@",
)
heartbeat = Entity("id", "owner", "version", "charging", "user_id", "timestamp=beat_at@")
webhook = Entity("id", "user_id", "url", "signing_key", "phone_numbers", "events", "created_at@", "updated_at@")
account = Entity(
    "id",
    "email",
    "api_key",
    "timezone",
    "active_phone_id",
    "subscription_name=plan",
    "subscription_id",
    "subscription_status",
    "subscription_renews_at@",
    "subscription_ends_at@",
    "notification_message_status_enabled",
    "notification_webhook_enabled",
    "notification_heartbeat_enabled",
    "notification_newsletter_enabled",
    "created_at@",
    "updated_at@",
)
usage = Entity(
    "id",
    "user_id",
    "sent_messages",
    "received_messages",
    "total_cost",
    "start_timestamp=start_at@",
    "end_timestamp=end_at@",
    "created_at@",
    "updated_at@",
)


def success(data: Any, text: str) -> bytes:
    """The body of a success; the keys of an envelope come in alphabetical order."""
    return dumps({"data": data, "message": text, "status": "success"})


def accepted(text: str) -> bytes:
    """The body of a 202: a success without data."""
    return dumps({"message": text, "status": "success"})


def error(text: str, **data: Any) -> bytes:
    """The body of an error: `data` is there only if it is given."""
    return dumps({**data, "message": text, "status": "error"})


def push_body(token: str, key: str, value: str, priority: str) -> bytes:
    """The body of a call to FCM (§9.2); `key` and `value` are the push's only pair of data."""
    return dumps({"message": {"token": token, "data": {key: value}, "android": {"priority": priority}}})


def pushed_name(body: bytes) -> str | None:
    """FCM's name for an accepted push, which may be missing (empty); None if the answer is no JSON object."""
    try:
        return str(read_fields(load(body), {"name": text}).get("name", ""))
    except BadBody:
        return None
