"""The schemas of what the server shows: keys and order of its entities, types and null from the rows behind them."""

from __future__ import annotations

import types
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from harness.standin import rows
from harness.standin.openapi.asking import UUID_PATTERN, Schema, nullable
from harness.wire import bulk, schedules, server
from harness.wire.events import WEBHOOK_EVENTS
from harness.wire.server import COLORS, Entity, Sim

__all__ = ["ENTITIES", "exact", "merged", "schemas"]

ENTITIES: Mapping[str, tuple[Entity, type]] = {
    "Message": (server.message, rows.Message),
    "BulkMessage": (bulk.write, bulk.Tally),
    "MessageThread": (server.thread, rows.Thread),
    "Phone": (server.phone, rows.Phone),
    "PhoneApiKey": (server.phone_key, rows.PhoneKey),
    "Heartbeat": (server.heartbeat, rows.Heartbeat),
    "Webhook": (server.webhook, rows.Webhook),
    "SendSchedule": (schedules.schedule, rows.Schedule),
    "User": (server.account, rows.Account),
    "BillingUsage": (server.usage, rows.Usage),
}
"""By its name in the document: what writes the entity, and the row that it is written from."""

_ID: Schema = {"pattern": f"^{UUID_PATTERN}$"}
_SIM: Schema = {"enum": [*map(str, Sim)]}

# What the type of a column does not tell, by entity and key; "*" is any entity that says nothing of that key itself.
_MORE: Mapping[str, dict[str, Schema]] = {
    "*": {
        "id": _ID,
        "sim": _SIM,
        "user_id": {"description": "Whose it is."},
        "owner": {"description": "The phone's own number."},
        "contact": {"description": "The other party: a number, a short code or a name."},
        "color": {"enum": list(COLORS)},
        "order_timestamp": {"description": "What lists are sorted by."},
    },
    "Message": {
        "request_id": {"description": "The client's own, or the server's for a file, 3CX or an auto-reply."},
        "content": {"description": "The text, or what the client encrypted."},
        "attachments": {"description": "URLs. Without any, null in an outgoing text and empty in an incoming one."},
        "encrypted": {"description": "Passed through: the server encrypts nothing."},
        "type": {"description": "mobile-terminated is sent by the phone, mobile-originated was received by it."},
        "send_time": {"description": "Nanoseconds from request_received_at to the time in the phone's report."},
        "scheduled_at": {"description": "When the push to the phone is planned."},
        "scheduled_send_time": {"description": "The client's send_at."},
        "send_attempt_count": {"description": "How many pushes the push service has taken."},
    },
    "BulkMessage": {"total": {"description": "All of them, also those that the phone is sending just now."}},
    "MessageThread": {"last_message_id": _ID},
    "Phone": {
        "fcm_token": {"description": "The phone's registration token."},
        "message_send_schedule_id": _ID,
        "messages_per_minute": {"description": "How fast pushes follow each other; 0 for no limit."},
        "message_expiration_seconds": {"description": "When an unanswered push expires; 0 means 600."},
    },
    "PhoneApiKey": {"api_key": {"description": "In clear text, also in lists."}, "phone_ids": {"items": _ID}},
    "Heartbeat": {"version": {"description": "The header X-Client-Version of the call."}},
    "Webhook": {
        "signing_key": {"description": "In clear text."},
        "events": {"items": {"enum": list(WEBHOOK_EVENTS)}, "description": "In no order."},
    },
    "SendSchedule": {"timezone": {"description": "A name of the IANA database."}},
    "User": {
        "id": {"description": "Any text; that of Firebase on the real server."},
        "api_key": {"description": "In clear text."},
        "active_phone_id": _ID,
        "subscription_name": {"description": "The plan, which decides how many texts a month are allowed."},
    },
    "BillingUsage": {"total_cost": {"description": "Always 0."}},
}  # fmt: skip

_PLAIN: Mapping[type, str] = {str: "string", int: "integer", bool: "boolean"}


@cache
def schemas() -> Mapping[str, Schema]:
    """Every entity by its name, with exactly the keys that the server writes."""
    return {name: _entity(name, entity, row) for name, (entity, row) in ENTITIES.items()}


def _entity(name: str, entity: Entity, row: type) -> Schema:
    hints = get_type_hints(row)
    more = _MORE["*"] | _MORE[name]
    properties = {
        key: merged(_value(hints[attribute], is_time=key in entity.times), more.get(key, {}))
        for key, attribute in zip(entity.keys, entity.attributes, strict=True)
    }
    return exact(properties)


def merged(schema: Schema, more: Schema) -> Schema:
    """Both, also within their `items`."""
    return schema | more | ({"items": schema["items"] | more["items"]} if "items" in schema and "items" in more else {})


def exact(properties: Mapping[str, Schema]) -> Schema:
    """An object with these members and no other."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _value(hint: Any, *, is_time: bool) -> Schema:
    if get_origin(hint) in (Union, types.UnionType):
        [inner] = [part for part in get_args(hint) if part is not types.NoneType]
        return nullable(_value(inner, is_time=is_time))
    if is_time:
        return {"type": "string", "format": "date-time"}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _value(get_args(hint)[0], is_time=False)}
    if issubclass(hint, StrEnum):
        return {"type": "string", "enum": [*map(str, hint)]}
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    return exact({name: _value(inner, is_time=False) for name, inner in get_type_hints(hint).items()})
