"""What a server gives that handles one event after the other.

Every `#oneof` of the recordings is a race in the real server; without it, exactly one alternative follows
(harness/recordings/gateway/sequential.md). Two stay open: rows with equal `order_timestamp` come in any order.
For the orders of what can happen to a message the same is a small model, the rules of that file.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.conform.cases import Json

__all__ = ["OPEN", "choices", "order_outcome"]

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


# -- the orders --------------------------------------------------------------------------------------


def order_outcome(order: str) -> dict[str, Json]:
    """What a line of message-orders.jsonl says of an `order`, if one event is handled after the other."""
    message = _Message()
    for index, letter in enumerate(order):
        message.happens(letter, index)
    return message.outcome()


_OPEN = frozenset({"scheduled", "sending", "expired"})
_STATUS = {"S": "sent", "D": "delivered", "X": "failed"}
# From which status a report counts.
_COUNTS = {"S": _OPEN, "D": _OPEN | {"sent"}, "X": _OPEN | {"sent", "failed"}}
_PUBLISHED = {"S": "message.phone.sent", "D": "message.phone.delivered", "X": "message.send.failed"}
_ATTEMPTS = 2


class _Message:
    """A message after its first push, and its thread."""

    def __init__(self) -> None:
        self._status = self._thread = "scheduled"
        self._thread_is_old = False
        self._attempts = 1
        self._answers: list[Json] = []
        self._status_after: list[Json] = []
        self._webhooks: list[str] = []
        self._times: dict[str, Json] = {f"{name}_at": None for name in ("sent", "delivered", "failed", "expired")}
        self._reason: str | None = None

    def happens(self, letter: str, index: int) -> None:
        match letter:
            case "F":
                self._fetched()
            case "E":
                self._expires()
            case _:
                self._reported(letter, index)
        self._status_after.append(self._status)

    def outcome(self) -> dict[str, Json]:
        return {
            "answers": self._answers,
            "status_after": self._status_after,
            **self._times,
            "failure_reason": self._reason,
            "send_attempt_count": self._attempts,
            "pushes": self._attempts,
            "webhooks": [*sorted(self._webhooks)],
            "thread_status": self._thread,
        }

    def _fetched(self) -> None:
        found = self._status in ("scheduled", "expired")
        self._answers.append(200 if found else 404)
        if found:
            self._status = "sending"
            self._tell_thread("sending")

    def _reported(self, letter: str, index: int) -> None:
        self._answers.append(200)
        self._webhooks.append(_PUBLISHED[letter])
        status = _STATUS[letter]
        if self._status in _COUNTS[letter]:
            self._status = status
            self._times[f"{status}_at"] = index
            self._reason = "NO_SERVICE" if letter == "X" else self._reason
        self._tell_thread(status, is_old=True)

    def _expires(self) -> None:
        self._answers.append(204)
        if self._status not in ("scheduled", "sending"):
            return
        self._status, self._times["expired_at"] = "expired", "server time"
        self._webhooks.append("message.send.expired")
        self._tell_thread("expired")
        if self._attempts < _ATTEMPTS:
            self._attempts += 1
            self._status = "scheduled"
            self._tell_thread("scheduled")

    def _tell_thread(self, status: str, is_old: bool = False) -> None:
        """A report is older than whatever the server wrote itself; once a thread took one, it takes the next, too."""
        if self._thread == "delivered" or (is_old and not self._thread_is_old and self._thread != "sending"):
            return
        self._thread, self._thread_is_old = status, is_old
