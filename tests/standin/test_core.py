"""harness.standin.core: the stand-in as a core."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from harness.errors import ProtocolError
from harness.http.values import Answered, Response
from harness.instants import SECOND
from harness.plain import dump, load
from harness.standin import CreateAccount, StandIn
from harness.trace import chains
from tests.standin.gateways import CONTACT, OWNER, Gateway


def _delivered(gateway: Gateway) -> str:
    message_id: str = gateway.send().data["id"]
    gateway.settle(1)
    gateway.fetch(message_id)
    gateway.report(message_id, "SENT")
    gateway.report(message_id, "DELIVERED")
    gateway.settle(2)
    return message_id


@pytest.mark.parametrize("event", [object(), Answered("push-99", Response(200))])
def test_an_event_that_it_does_not_know_changes_nothing(event: Any) -> None:
    gateway = Gateway.with_phone()
    before = copy.deepcopy(gateway.standin.tables())
    with pytest.raises(ProtocolError):
        gateway.standin.handle(event, gateway.world.now)
    assert gateway.standin.tables() == before


def test_a_message_goes_its_way_and_every_step_stands_in_the_trace() -> None:
    gateway = Gateway.with_phone()
    message_id = _delivered(gateway)
    steps = [
        (entry.kind, entry.facts["was"], entry.facts["status"])
        for entry in gateway.entries("gateway")
        if entry.message == message_id
    ]
    assert steps == [
        ("message.api.sent", "pending", "pending"),
        ("message.notification.scheduled", "pending", "scheduled"),
        ("message.notification.send", "scheduled", "scheduled"),
        ("message.notification.sent", "scheduled", "scheduled"),
        ("message.phone.sending", "sending", "sending"),
        ("message.phone.sent", "sending", "sent"),
        ("message.phone.delivered", "sent", "delivered"),
    ]


def test_every_step_names_its_cause() -> None:
    gateway = Gateway.with_phone()
    message_id = _delivered(gateway)
    longest = max(chains(gateway.world.trace, message_id), key=len)
    assert longest == (
        "api POST /v1/messages/send",
        "gateway message.api.sent",
        "gateway message.notification.send",
        "gateway message.notification.sent",
    )


@pytest.mark.parametrize("seed", range(20))
def test_events_are_handled_in_the_order_in_which_they_arose(seed: int) -> None:
    """All at one instant: whatever order the world draws, SENT never overtakes the fetch that came before."""
    gateway = Gateway.with_phone(seed)
    message_id = gateway.send().data["id"]
    gateway.settle(1)
    gateway.fetch(message_id)
    gateway.report(message_id, "SENT")
    gateway.settle(0)
    message = gateway.message(message_id)
    assert message.last_attempted_at is not None
    assert message.status == "sent"


def test_a_fork_has_the_same_past_and_a_future_of_its_own() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    twin = gateway.world.fork()
    gateway.settle(2)
    twin.run_until(gateway.world.now)
    standin = twin.cores["gateway"]
    assert isinstance(standin, StandIn)
    assert standin is not gateway.standin
    assert standin.tables() == gateway.standin.tables()
    gateway.fetch(message_id)
    assert standin.messages[message_id].status == "scheduled"
    assert gateway.message(message_id).status == "sending"


def test_the_same_seed_gives_the_same_trace() -> None:
    first, second, other = Gateway.with_phone(1), Gateway.with_phone(1), Gateway.with_phone(2)
    for gateway in (first, second, other):
        gateway.subscribe("message.phone.sent")
        _delivered(gateway)
    assert first.world.trace.hash == second.world.trace.hash != other.world.trace.hash


def test_everything_that_it_remembers_is_plain_data() -> None:
    gateway = Gateway.with_phone()
    gateway.subscribe("message.phone.received", "message.phone.sent")
    gateway.receive(attachments=[{"name": "a", "content_type": "image/png", "content": "eA=="}])
    gateway.call("POST", "/v1/heartbeats", {"phone_numbers": [OWNER]}, key=gateway.key)
    gateway.hook.plan.append(Response(500))
    gateway.fcm.plan.append(None)
    gateway.send(send_at="2026-11-21T00:00:00Z")
    gateway.send()
    gateway.settle(0.05)
    for table in gateway.standin.tables().values():
        for key, row in table.items():
            assert load(dump(key)) == key
            assert load(dump(row)) == row


def test_an_account_is_made_by_event_too() -> None:
    gateway = Gateway()
    event = CreateAccount("x", "user-9", "uk_9", "nine@example.com", "free")
    gateway.world.inject("gateway", event)
    gateway.settle(0)
    assert gateway.call("GET", "/v1/users/me", key="uk_9").data["email"] == "nine@example.com"
    assert "uk_9" not in repr(event)


def test_an_account_that_is_drawn_has_everything() -> None:
    gateway = Gateway()
    account = gateway.standin.create_account(5 * SECOND + 1)
    assert account.api_key.startswith("uk_")
    assert len(account.api_key) == 67
    assert (account.email, account.plan, account.created_at) == (
        f"{account.id}@example.com",
        "200k-monthly",
        5 * SECOND,
    )


@pytest.mark.parametrize("taken", [{"user_id": "system"}, {"api_key": "system-key"}])
def test_an_account_is_made_once(taken: dict[str, str]) -> None:
    gateway = Gateway()
    before = dict(gateway.standin.accounts)
    with pytest.raises(ValueError, match="already"):
        gateway.standin.create_account(0, **taken)
    assert gateway.standin.accounts == before


def test_who_writes_to_whom_is_never_mixed_up() -> None:
    gateway = Gateway.with_phone()
    stranger = gateway.standin.create_account(gateway.world.now)
    message_id = _delivered(gateway)
    path = f"/v1/messages?owner=%2B{OWNER[1:]}&contact=%2B{CONTACT[1:]}"
    assert len(gateway.call("GET", path).data) == 1
    assert gateway.call("GET", path, key=stranger.api_key).data == []
    assert gateway.call("GET", f"/v1/messages/{message_id}", key=stranger.api_key).status == 404
