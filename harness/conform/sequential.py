"""What a server gives that handles one event after the other.

Every `#oneof` of the recordings is a race in the real server; without it, exactly one alternative follows
(tests/data/gateway/sequential.md). Two stay open: rows with equal `order_timestamp` come in any order.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.conform.cases import Json

__all__ = ["OPEN", "choices"]

_NO_ANSWER = {
    "message": "Cannot find outstanding message with ID [${message}]",
    "status": "error",
}
_PUSH_REFUSED = "cannot send notification to your phone [${phone}]. Reinstall the httpSMS app on your Android phone."
_ONE_THREAD: Json = [
    {
        "id": "#uuid",
        "owner": "${phone}",
        "contact": "+18005550100",
        "is_archived": False,
        "is_read": True,
        "user_id": "${user_id}",
        "color": "#string",
        "status": "delivered",
        "last_message_content": "hello",
        "last_message_id": "${message}",
        "created_at": "#time",
        "updated_at": "#time",
        "order_timestamp": "#time",
    }
]
_STILL_SENDING: dict[str, Json] = {
    "body.data.status": "sending",
    "body.data.failed_at": None,
    "body.data.failure_reason": None,
}

# case → step (counted from 0, None = every step) → path → value.
_TABLE: dict[str, dict[int | None, dict[str, Json]]] = {
    "expiry": {
        7: {"body.data.send_attempt_count": 2},
        9: {"body.data.status": "expired"},
        10: {"push": None},
        11: {
            "webhooks[0].body.data.send_attempt_count": 1,
            "webhooks[0].body.data.is_final": False,
            "webhooks[1].body.data.send_attempt_count": 2,
            "webhooks[1].body.data.is_final": True,
        },
        14: {"body.data.status": "sending", "body.data.send_time": None, "body.data.sent_at": None},
    },
    "missed-call": {10: {"body.data.scheduled_at": "#time"}},
    "outstanding": {3: {"body.data.send_attempt_count": 1}},
    "send-delivered": {13: {"body.data": _ONE_THREAD, "body.message": "fetched 1 message thread"}},
    "send-failed": {
        None: {"body.data.send_attempt_count": 1},
        6: _STILL_SENDING,
        13: _STILL_SENDING,
        20: _STILL_SENDING,
        27: _STILL_SENDING,
        34: _STILL_SENDING,
    },
    "send-push-refused": {
        3: {
            "body.data.status": "failed",
            "body.data.scheduled_at": "#time",
            "body.data.failed_at": "#time",
            "body.data.failure_reason": _PUSH_REFUSED,
        },
        6: {"status": 404, "body": dict(_NO_ANSWER)},
    },
    "two-sims": {6: {"body.data.scheduled_at": "#time"}},
}

OPEN = frozenset({("receive", 9, "body.data[0].id"), ("receive", 9, "body.data[1].id")})
"""(case, step, path) of every `#oneof` that is no race: any alternative is right."""


def choices(case: str, step: int) -> Mapping[str, Json]:
    """The sequential value of each `#oneof` of a step, by path; a path that is missing stays open."""
    steps = _TABLE.get(case, {})
    return {**steps.get(None, {}), **steps.get(step, {})}
