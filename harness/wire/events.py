"""The server's events: CloudEvents whose data are the payloads of gateway-protocol.md §7.3.

A payload's fields are its JSON keys in their order; times in it keep the offset in which they were given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, fields
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar

from harness.frozen import frozen
from harness.instants import rfc3339
from harness.wire import uuids
from harness.wire.bodies import Body
from harness.wire.json import (
    ZERO_STAMP,
    BadBody,
    Kind,
    Nullable,
    Pairs,
    Stamp,
    dump,
    dumps,
    flag,
    integer,
    listed,
    load,
    read_fields,
    stamp,
    text,
)
from harness.wire.rules import Problems

__all__ = [
    "PAYLOADS",
    "WEBHOOK_EVENTS",
    "AccountCreated",
    "AccountDeleted",
    "ApiDeleted",
    "ApiSent",
    "CallMissed",
    "Envelope",
    "Event",
    "ExpiredCheck",
    "HeartbeatCheck",
    "HeartbeatMissed",
    "HeartbeatOffline",
    "HeartbeatOnline",
    "KeyRotated",
    "NotificationFailed",
    "NotificationScheduled",
    "NotificationSend",
    "NotificationSent",
    "Payload",
    "PhoneDeleted",
    "PhoneDelivered",
    "PhoneReceived",
    "PhoneSending",
    "PhoneSent",
    "PhoneUpdated",
    "Retry",
    "ScheduleDeleted",
    "SendExpired",
    "SendFailed",
    "SubscriptionCancelled",
    "SubscriptionCreated",
    "SubscriptionExpired",
    "SubscriptionUpdated",
    "ThreadDeleted",
    "Unknown",
    "WebhookSendFailed",
    "data_text",
    "read_envelope",
    "read_payload",
    "write",
]

_NOBODY = "00000000-0000-0000-0000-000000000000"


@frozen
class Payload:
    """What an event says. `TYPE` is the event's type."""

    TYPE: ClassVar[str] = ""


@frozen
class ApiSent(Payload):
    TYPE: ClassVar[str] = "message.api.sent"
    message_id: str
    user_id: str
    owner: str
    request_id: str | None
    max_send_attempts: int
    contact: str
    scheduled_send_time: Stamp | None
    exact_send_time: bool
    request_received_at: Stamp
    content: str
    attachments: tuple[str, ...] | None
    encrypted: bool
    sim: str


@frozen
class ApiDeleted(Payload):
    TYPE: ClassVar[str] = "message.api.deleted"
    message_id: str
    user_id: str
    owner: str
    request_id: str | None
    contact: str
    timestamp: Stamp
    content: str
    encrypted: bool
    previous_message_id: str | None
    previous_message_status: str | None
    previous_message_content: str | None
    sim: str


@frozen
class PhoneSending(Payload):
    TYPE: ClassVar[str] = "message.phone.sending"
    id: str
    user_id: str
    request_id: str | None
    timestamp: Stamp
    owner: str
    encrypted: bool
    contact: str
    content: str
    sim: str


@frozen
class PhoneSent(Payload):
    TYPE: ClassVar[str] = "message.phone.sent"
    id: str
    user_id: str
    request_id: str | None
    owner: str
    contact: str
    encrypted: bool
    timestamp: Stamp
    content: str
    sim: str


@frozen
class PhoneDelivered(Payload):
    TYPE: ClassVar[str] = "message.phone.delivered"
    id: str
    owner: str
    contact: str
    request_id: str | None
    user_id: str
    encrypted: bool
    timestamp: Stamp
    content: str
    sim: str


@frozen
class SendFailed(Payload):
    TYPE: ClassVar[str] = "message.send.failed"
    id: str
    error_message: str
    user_id: str
    owner: str
    request_id: str | None
    contact: str
    timestamp: Stamp
    encrypted: bool
    content: str
    sim: str


@frozen
class SendExpired(Payload):
    TYPE: ClassVar[str] = "message.send.expired"
    message_id: str
    owner: str
    send_attempt_count: int
    is_final: bool
    request_id: str | None
    contact: str
    encrypted: bool
    user_id: str
    timestamp: Stamp
    content: str
    sim: str


@frozen
class PhoneReceived(Payload):
    TYPE: ClassVar[str] = "message.phone.received"
    message_id: str
    user_id: str
    owner: str
    encrypted: bool
    contact: str
    timestamp: Stamp
    content: str
    sim: str
    attachments: tuple[str, ...] | None


@frozen
class CallMissed(Payload):
    TYPE: ClassVar[str] = "message.call.missed"
    message_id: str
    user_id: str
    owner: str
    contact: str
    timestamp: Stamp
    sim: str


@frozen
class _Heartbeat(Payload):
    phone_id: str
    user_id: str
    last_heartbeat_timestamp: Stamp
    timestamp: Stamp
    monitor_id: str
    owner: str


@frozen
class HeartbeatOnline(_Heartbeat):
    TYPE: ClassVar[str] = "phone.heartbeat.online"


@frozen
class HeartbeatOffline(_Heartbeat):
    TYPE: ClassVar[str] = "phone.heartbeat.offline"


@frozen
class HeartbeatMissed(_Heartbeat):
    TYPE: ClassVar[str] = "phone.heartbeat.missed"


@frozen
class HeartbeatCheck(Payload):
    TYPE: ClassVar[str] = "phone.heartbeat.check"
    phone_id: str
    user_id: str
    scheduled_at: Stamp
    owner: str
    monitor_id: str


@frozen
class NotificationScheduled(Payload):
    TYPE: ClassVar[str] = "message.notification.scheduled"
    id: str
    owner: str
    contact: str
    content: str
    encrypted: bool
    sim: str
    user_id: str
    phone_id: str
    scheduled_at: Stamp
    notification_id: str


@frozen
class NotificationSend(Payload):
    TYPE: ClassVar[str] = "message.notification.send"
    id: str
    user_id: str
    phone_id: str
    scheduled_at: Stamp
    notification_id: str


@frozen
class NotificationSent(Payload):
    TYPE: ClassVar[str] = "message.notification.sent"
    message_id: str
    user_id: str
    phone_id: str
    scheduled_at: Stamp
    fcm_message_id: str
    message_expiration_duration: int  # nanoseconds (§10.3-56)
    notification_sent_at: Stamp
    notification_id: str


@frozen
class NotificationFailed(Payload):
    TYPE: ClassVar[str] = "message.notification.failed"
    message_id: str
    user_id: str
    notification_id: str
    phone_id: str
    error_message: str
    notification_failed_at: Stamp


@frozen
class ExpiredCheck(Payload):
    TYPE: ClassVar[str] = "message.send.expired.check"
    message_id: str
    scheduled_at: Stamp
    user_id: str


@frozen
class Retry(Payload):
    TYPE: ClassVar[str] = "message.send.retry"
    message_id: str
    owner: str
    contact: str
    encrypted: bool
    user_id: str
    timestamp: Stamp
    content: str
    sim: str


@frozen
class ScheduleDeleted(Payload):
    TYPE: ClassVar[str] = "message-send-schedule.deleted"
    schedule_id: str
    user_id: str
    timestamp: Stamp


@frozen
class PhoneUpdated(Payload):
    TYPE: ClassVar[str] = "phone.updated"
    phone_id: str
    user_id: str
    phone_api_key_id: str | None
    timestamp: Stamp
    owner: str
    sim: str


@frozen
class PhoneDeleted(Payload):
    TYPE: ClassVar[str] = "phone.deleted"
    phone_id: str
    user_id: str
    timestamp: Stamp
    owner: str
    sim: str


@frozen
class ThreadDeleted(Payload):
    TYPE: ClassVar[str] = "message-thread.api.deleted"
    message_thread_id: str
    user_id: str
    owner: str
    contact: str
    is_archived: bool
    color: str
    status: str
    timestamp: Stamp


@frozen
class AccountCreated(Payload):
    TYPE: ClassVar[str] = "user.account.created"
    user_id: str
    timestamp: Stamp


@frozen
class AccountDeleted(Payload):
    TYPE: ClassVar[str] = "user.account.deleted"
    user_id: str
    user_email: str
    timestamp: Stamp


@frozen
class KeyRotated(Payload):
    TYPE: ClassVar[str] = "user.api-key.rotated"
    user_id: str
    email: str
    timestamp: Stamp
    timezone: str


@frozen
class SubscriptionCreated(Payload):
    TYPE: ClassVar[str] = "user.subscription.created"
    user_id: str
    subscription_created_at: Stamp
    subscription_id: str
    subscription_name: str
    subscription_renews_at: Stamp
    subscription_status: str


@frozen
class SubscriptionUpdated(Payload):
    TYPE: ClassVar[str] = "user.subscription.updated"
    user_id: str
    subscription_updated_at: Stamp
    subscription_ends_at: Stamp | None
    subscription_renews_at: Stamp
    subscription_id: str
    subscription_name: str
    subscription_status: str


@frozen
class SubscriptionCancelled(Payload):
    TYPE: ClassVar[str] = "user.subscription.cancelled"
    user_id: str
    subscription_cancelled_at: Stamp
    subscription_ends_at: Stamp
    subscription_id: str
    subscription_name: str
    subscription_status: str


@frozen
class SubscriptionExpired(Payload):
    TYPE: ClassVar[str] = "user.subscription.expired"
    user_id: str
    subscription_expired_at: Stamp
    subscription_ends_at: Stamp
    is_cancelled: bool
    subscription_id: str
    subscription_name: str
    subscription_status: str


@frozen
class WebhookSendFailed(Payload):
    TYPE: ClassVar[str] = "webhook.send.failed"
    webhook_id: str
    webhook_url: str
    owner: str
    user_id: str
    event_id: str
    event_type: str
    event_payload: str
    http_response_status_code: int | None
    error_message: str


@frozen
class Unknown(Payload):
    """Of a type that nobody listens to, or data that do not fit their type."""


PAYLOADS: Mapping[str, type[Payload]] = {
    payload.TYPE: payload
    for payload in (
        ApiSent, ApiDeleted, PhoneSending, PhoneSent, PhoneDelivered, SendFailed, SendExpired, PhoneReceived,
        CallMissed, HeartbeatOnline, HeartbeatOffline, HeartbeatMissed, HeartbeatCheck, NotificationScheduled,
        NotificationSend, NotificationSent, NotificationFailed, ExpiredCheck, Retry, ScheduleDeleted, PhoneUpdated,
        PhoneDeleted, WebhookSendFailed, ThreadDeleted, AccountCreated, AccountDeleted, KeyRotated, SubscriptionCreated,
        SubscriptionUpdated, SubscriptionCancelled, SubscriptionExpired,
    )
}  # fmt: skip

WEBHOOK_EVENTS = (
    PhoneReceived.TYPE,
    PhoneSent.TYPE,
    PhoneDelivered.TYPE,
    SendFailed.TYPE,
    SendExpired.TYPE,
    CallMissed.TYPE,
    HeartbeatOnline.TYPE,
    HeartbeatOffline.TYPE,
)
"""What a webhook can subscribe to."""


@frozen
class Event:
    """A CloudEvent. `id` is empty until somebody outside is to see it; `source` is what started the chain."""

    source: str
    time: Stamp
    data: Payload
    id: str = ""

    @property
    def type(self) -> str:
        return self.data.TYPE


# -- writing -------------------------------------------------------------------------------------------------


@cache
def _writer(event_type: str) -> Callable[[Payload], dict[str, Any]]:
    names = tuple(known.name for known in fields(PAYLOADS[event_type]))
    values = attrgetter(*names)

    def write_data(data: Payload) -> dict[str, Any]:
        return {
            name: str(value) if type(value) is Stamp else value for name, value in zip(names, values(data), strict=True)
        }

    return write_data


def data_text(event: Event) -> str:
    """The `data` of an event as JSON text."""
    return dump(_writer(event.type)(event.data))


def write(event: Event) -> bytes:
    """The event as it is posted to a webhook (§7.2)."""
    return dumps(
        {
            "specversion": "1.0",
            "id": event.id,
            "source": event.source,
            "type": event.type,
            "datacontenttype": "application/json",
            "time": rfc3339(event.time.at),
            "data": _writer(event.type)(event.data),
        }
    )


# -- reading -------------------------------------------------------------------------------------------------


def _uuid(value: Any, name: str) -> str:
    try:
        return uuids.parse(text(value, name))
    except BadBody:
        raise
    except ValueError:
        raise BadBody({}) from None


_UUID_NAMES = {
    "id", "message_id", "phone_id", "monitor_id", "notification_id", "phone_api_key_id",
    "previous_message_id", "webhook_id", "schedule_id", "message_thread_id",
}  # fmt: skip
_BY_ANNOTATION: dict[str, tuple[Kind, Any]] = {
    "str": (text, ""),
    "str | None": (Nullable(text), None),
    "bool": (flag, False),
    "int": (integer, 0),
    "int | None": (Nullable(integer), None),
    "Stamp": (stamp, ZERO_STAMP),
    "Stamp | None": (Nullable(stamp), None),
    "tuple[str, ...] | None": (Nullable(listed(text, "")), None),
}


@frozen
class _Reader:
    """How a payload is read: the kinds of its fields, and what they are when they are missing."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    zeros: dict[str, Any] = field(default_factory=dict)


@cache
def _reader(event_type: str) -> _Reader:
    reader = _Reader()
    for known in fields(PAYLOADS[event_type]):
        kind, zero = _BY_ANNOTATION[str(known.type)]
        if known.name in _UUID_NAMES:
            kind, zero = (_uuid, _NOBODY) if zero == "" else (Nullable(_uuid), None)
        reader.kinds[known.name], reader.zeros[known.name] = kind, zero
    return reader


def read_payload(event_type: str, data: Any) -> Payload:
    """The data of an event of this type as a payload. Raises `BadBody` if they do not fit."""
    payload = PAYLOADS.get(event_type)
    if payload is None:
        return Unknown()
    reader = _reader(event_type)
    return payload(**{**reader.zeros, **read_fields(data, reader.kinds)})


@frozen
class Envelope:
    """A CloudEvent as it came in: its data are still to be read, by its type."""

    id: str
    source: str
    type: str
    time: Stamp
    data: Any

    def problems(self) -> Problems:
        """What makes it no valid event; each line ends with a line feed, as the library prints it."""
        found = [
            line
            for value, line in (
                (self.id, "id: MUST be a non-empty string\n"),
                (self.source, "source: REQUIRED\n"),
                (self.type, "type: MUST be a non-empty string\n"),
            )
            if not value
        ]
        return {"event": ["".join(found)]} if found else {}


_TYPES = ("application/json", "application/cloudevents+json")


def read_envelope(body: Body) -> Envelope:
    """Reads structured JSON. Raises `BadBody` for another specversion, a bad time, and what is no object."""
    if body.kind not in _TYPES:
        raise BadBody({"message": "Unprocessable Entity", "code": 422})
    members = load(body.unpacked())
    found = dict(members) if type(members) is Pairs else {}
    if found.get("specversion") != "1.0":
        raise BadBody({"Err": {"specversion": {}}, "Source": "body", "Field": ""})
    names = {name: text(found.get(name) or "", name) for name in ("id", "source", "type")}
    at = ZERO_STAMP
    if found.get("time") is not None:
        at = stamp(found["time"], "time")
    return Envelope(**names, time=at, data=found.get("data"))
