"""harness.standin.waits: a request for an event answers when the event's calls are done (gateway-protocol.md §7.1)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http.values import Response
from harness.instants import MS, SECOND
from tests.standin.gateways import CONTACT, OWNER, TOKEN, Gateway

RECEIVED = "message.phone.received"


def _received(gateway: Gateway) -> dict[str, Any]:
    return {"message_id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "user_id": gateway.account.id, "owner": OWNER,
            "contact": CONTACT, "content": "x", "timestamp": "2026-11-20T10:00:00Z"}  # fmt: skip


@pytest.mark.parametrize(
    ("webhooks", "answers", "at_least", "at_most"),
    [
        (0, [], 0, 0),
        (1, [Response(200)], 0, 0),
        (2, [Response(200), Response(500), Response(200)], 100 * MS, 200 * MS),
        (1, [Response(500), Response(500)], 100 * MS, 200 * MS),
        (1, [None, None], 10 * SECOND + 100 * MS, 10 * SECOND + 200 * MS),
    ],
    ids=["no webhook", "one", "two, one repeated", "given up", "never answered"],
)
def test_the_answer_waits_for_all_webhooks(
    webhooks: int, answers: list[Response | None], at_least: int, at_most: int
) -> None:
    gateway = Gateway.with_phone()
    for _ in range(webhooks):
        gateway.subscribe(RECEIVED)
    gateway.hook.plan.extend(answers)
    before = gateway.world.now
    assert gateway.inject(RECEIVED, _received(gateway)).status == 204
    assert at_least <= gateway.world.now - before <= at_most
    assert len(gateway.hook.requests) == len(answers)
    assert gateway.standin.waiting == {}
    assert gateway.entries("api")[-1].facts == {"status": 204, "as": "user"}


def test_the_answer_waits_for_the_push() -> None:
    gateway = Gateway.with_phone()
    gateway.fcm.plan.extend([Response(500), Response(500), Response(200, (), b"{}")])
    (phone_id,) = gateway.standin.phones
    data = {"phone_id": phone_id, "user_id": gateway.account.id, "owner": OWNER}
    before = gateway.world.now
    assert gateway.inject("phone.heartbeat.missed", data).status == 204
    assert gateway.world.now - before == 3 * SECOND
    assert [push["token"] for push in gateway.pushes()] == [TOKEN] * 3
