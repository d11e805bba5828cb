"""harness.standin.listeners.cleanup: what is left of a deleted account (gateway-protocol.md §2.17)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.standin.dispatch import LISTENERS
from harness.standin.listeners import cleanup
from harness.wire.events import AccountDeleted, Event
from harness.wire.json import ZERO_STAMP
from tests.standin.gateways import CONTACT, OWNER, Gateway

# Attachments are public, and stay; what a request is told of a key, and what is under way, ends by itself.
STAY = {"files", "cached_keys", "calls", "waiting", "counters", "faults"}
WINDOW = {"day_of_week": 1, "start_minute": 0, "end_minute": 60}


def _furnished() -> Gateway:
    """An account that has something of everything."""
    gateway = Gateway.with_phone()
    gateway.subscribe("message.phone.received")
    gateway.call("POST", "/v1/send-schedules", {"name": "office", "timezone": "UTC", "windows": [WINDOW]})
    gateway.call("POST", "/v1/heartbeats", {"phone_numbers": [OWNER]}, key=gateway.key)
    gateway.receive(attachments=[{"name": "a", "content_type": "image/png", "content": "AAAA"}])
    gateway.send()
    gateway.settle()
    return gateway


def _others(gateway: Gateway) -> dict[str, dict[Any, Any]]:
    """All rows in which the account is not named, its phone and its keys neither."""
    names = (gateway.account.id, gateway.key, *gateway.standin.phones)
    return {
        table: {key: row for key, row in rows.items() if not any(name in repr((key, row)) for name in names)}
        for table, rows in gateway.standin.tables().items()
        if table not in STAY
    }


def test_nothing_of_a_deleted_account_is_left_but_its_files() -> None:
    gateway = _furnished()
    assert [table for table, rows in gateway.standin.tables().items() if not rows] == ["calls", "waiting", "faults"]
    others = _others(gateway)
    assert gateway.call("DELETE", "/v1/users/me").status == 204
    gateway.settle(0)
    left = {table: dict(rows) for table, rows in gateway.standin.tables().items() if table not in STAY}
    assert left == others
    assert gateway.standin.files


def test_nothing_of_another_account_is_taken_away() -> None:
    gateway = _furnished()
    stranger = gateway.standin.create_account(gateway.world.now)
    before = {table: dict(rows) for table, rows in gateway.standin.tables().items() if table not in STAY}
    del before["accounts"][stranger.id]
    del before["account_ids"][stranger.api_key]
    assert gateway.call("DELETE", "/v1/users/me", key=stranger.api_key).status == 204
    gateway.settle(0)
    assert {table: dict(rows) for table, rows in gateway.standin.tables().items() if table not in STAY} == before


def test_a_phone_key_of_a_deleted_account_works_for_as_long_as_it_is_remembered() -> None:
    gateway = _furnished()
    beat = {"phone_numbers": [OWNER]}
    gateway.settle(15)
    assert gateway.call("POST", "/v1/heartbeats", beat, key=gateway.key).status == 201
    gateway.call("DELETE", "/v1/users/me")
    gateway.settle(14)
    assert gateway.call("POST", "/v1/heartbeats", beat, key=gateway.key).status == 201
    gateway.settle(1)
    assert gateway.call("POST", "/v1/heartbeats", beat, key=gateway.key).status == 401


def test_a_message_that_waits_for_its_time_is_forgotten() -> None:
    gateway = _furnished()
    pushes = len(gateway.pushes())
    gateway.send(to=CONTACT, send_at="2026-11-20T11:00:00Z")
    gateway.call("DELETE", "/v1/users/me")
    gateway.settle(3600)
    assert len(gateway.pushes()) == pushes
    assert not gateway.standin.notifications


@pytest.mark.parametrize("listener", range(len(cleanup.ON_ACCOUNT_DELETED)))
def test_every_listener_has_its_own_tables_and_changes_nothing_itself(listener: int) -> None:
    gateway = _furnished()
    event = Event("/test", ZERO_STAMP, AccountDeleted(gateway.account.id, "", ZERO_STAMP))
    tables = []
    for load in LISTENERS[AccountDeleted]:
        change = load(gateway.standin, event, gateway.world.now)
        assert change is not None
        tables.append({table for table, _, row in change.puts if row is None})
    assert tables[listener]
    assert all(tables[listener].isdisjoint(other) for number, other in enumerate(tables) if number != listener)
    assert gateway.standin.messages
