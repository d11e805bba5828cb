"""Every order of what can happen to an outgoing message ends as it does when events come one after the other.

The expectation is a small model of tests/data/gateway/sequential.md, and its values are among the recorded ones.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.instants import parse_rfc3339
from harness.wire.events import WEBHOOK_EVENTS
from tests.recorded import folder
from tests.standin.gateways import OWNER, Gateway

LINES = [json.loads(line) for line in (folder("gateway") / "message-orders.jsonl").read_text().splitlines()]
FIELDS = (
    "answers", "status_after", "sent_at", "delivered_at", "failed_at", "expired_at", "failure_reason",
    "send_attempt_count", "pushes", "webhooks", "thread_status",
)  # fmt: skip
REPORTS = {"S": "SENT", "D": "DELIVERED", "X": "FAILED"}
PUBLISHED = {"S": "message.phone.sent", "D": "message.phone.delivered", "X": "message.send.failed"}
OPEN = {"sending", "scheduled", "expired"}


def _when(index: int) -> str:
    """The time of a report: months before the server's clock, as when the orders were recorded."""
    return f"2026-07-23T05:10:{index:02d}Z"


class Model:
    """The rules of sequential.md for messages, read from its tables."""

    def __init__(self) -> None:
        self.status, self.thread, self.thread_is_old = "scheduled", "scheduled", False
        self.attempts = self.pushes = 1
        self.answers: list[int] = []
        self.status_after: list[str] = []
        self.webhooks: list[str] = []
        self.times: dict[str, Any] = {
            "sent_at": None,
            "delivered_at": None,
            "failed_at": None,
            "expired_at": None,
        }
        self.reason: str | None = None

    def run(self, order: str) -> dict[str, Any]:
        for index, step in enumerate(order):
            {"F": self.fetch, "E": self.expire}.get(step, lambda i, s=step: self.reported(i, s))(index)
            self.status_after.append(self.status)
        return {
            "answers": self.answers,
            "status_after": self.status_after,
            **self.times,
            "failure_reason": self.reason,
            "send_attempt_count": self.attempts,
            "pushes": self.pushes,
            "webhooks": sorted(self.webhooks),
            "thread_status": self.thread,
        }

    def told(self, status: str, old: bool) -> None:
        if self.thread == "delivered":
            return
        if old and not self.thread_is_old and self.thread != "sending":
            return
        self.thread, self.thread_is_old = status, old

    def fetch(self, index: int) -> None:
        found = self.status in {"pending", "scheduled", "expired"}
        self.answers.append(200 if found else 404)
        if found:
            self.status = "sending"
            self.told("sending", False)

    def reported(self, index: int, step: str) -> None:
        self.answers.append(200)
        self.webhooks.append(PUBLISHED[step])
        status = {"S": "sent", "D": "delivered", "X": "failed"}[step]
        taken = {"S": OPEN, "D": OPEN | {"sent"}, "X": OPEN | {"sent", "failed", "pending"}}[step]
        if self.status in taken:
            self.status = status
            self.times[f"{status}_at"] = index
            self.reason = "NO_SERVICE" if step == "X" else self.reason
        self.told(status, True)

    def expire(self, index: int) -> None:
        self.answers.append(204)
        if self.status not in {"pending", "scheduled", "sending"}:
            return
        self.status, self.times["expired_at"] = "expired", "server time"
        self.webhooks.append("message.send.expired")
        self.told("expired", False)
        if self.attempts < 2:
            self.attempts += 1
            self.pushes += 1
            self.status = "scheduled"
            self.told("scheduled", False)


def _played(order: str, seed: int) -> dict[str, Any]:
    gateway = Gateway.with_phone(seed)
    gateway.subscribe(*WEBHOOK_EVENTS)
    message_id = gateway.send().data["id"]
    gateway.settle()
    answers, status_after = [], []
    for index, step in enumerate(order):
        if step == "F":
            answer = gateway.fetch(message_id)
        elif step == "E":
            answer = gateway.check_expiry(message_id)
        else:
            answer = gateway.report(message_id, REPORTS[step], _when(index), reason="NO_SERVICE")
        answers.append(answer.status)
        gateway.settle(2)
        status_after.append(gateway.message(message_id).status.value)
    message = gateway.message(message_id)
    (thread,) = gateway.call("GET", f"/v1/message-threads?owner=%2B{OWNER[1:]}").data
    instants = {parse_rfc3339(_when(index)): index for index in range(len(order))}
    times = {
        name: None if at is None else instants.get(at, "server time")
        for name in ("sent_at", "delivered_at", "failed_at", "expired_at")
        for at in [getattr(message, name)]
    }
    return {
        "answers": answers,
        "status_after": status_after,
        **times,
        "failure_reason": message.failure_reason,
        "send_attempt_count": message.send_attempt_count,
        "pushes": len(gateway.pushes()),
        "webhooks": sorted(event["type"] for event in gateway.hooks()),
        "thread_status": thread["status"],
    }


def _allows(recorded: Any, value: Any) -> bool:
    if isinstance(recorded, dict) and set(recorded) == {"#oneof"}:
        return any(_allows(alternative, value) for alternative in recorded["#oneof"])
    if isinstance(recorded, list) and isinstance(value, list):
        return len(recorded) == len(value) and all(map(_allows, recorded, value))
    return bool(recorded == value)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["order"] or "nothing")
@pytest.mark.parametrize("seed", [1, 2])
def test_an_order_of_reports_ends_as_when_events_are_handled_one_by_one(line: dict[str, Any], seed: int) -> None:
    played = _played(line["order"], seed)
    assert played == Model().run(line["order"])
    assert [name for name in FIELDS if not _allows(line[name], played[name])] == []
