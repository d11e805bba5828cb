"""harness.standin.listeners.monitors: phones that fall silent (gateway-protocol.md §6)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from harness.instants import SECOND
from harness.standin.listeners import monitors
from harness.standin.rows import Monitor, evolve
from harness.wire.events import Event, PhoneUpdated
from harness.wire.json import ZERO_STAMP
from tests.standin.gateways import OWNER, Gateway

MINUTE = 60


def _silent(minutes: float) -> Gateway:
    """A phone whose last heartbeat is so old, with both heartbeat webhooks."""
    gateway = Gateway.with_phone()
    gateway.subscribe("phone.heartbeat.online", "phone.heartbeat.offline")
    _beat(gateway)
    (beat,) = gateway.standin.heartbeats.values()
    old = evolve(beat, beat_at=gateway.world.now - int(minutes * MINUTE * SECOND))
    gateway.standin.heartbeats[beat.id] = old
    return gateway


def _beat(gateway: Gateway) -> None:
    gateway.call("POST", "/v1/heartbeats", {"phone_numbers": [OWNER]}, key=gateway.key)


def _monitor(gateway: Gateway) -> Monitor:
    return gateway.standin.monitors[gateway.account.id, OWNER]


def _check(gateway: Gateway) -> None:
    monitor = _monitor(gateway)
    data = {"phone_id": monitor.phone_id, "user_id": monitor.user_id, "owner": OWNER, "monitor_id": monitor.id}
    assert gateway.inject("phone.heartbeat.check", data).status == 204
    gateway.settle(1)


@pytest.mark.parametrize(
    ("minutes", "asked", "offline"),
    [
        (10, False, False),
        (15.9, False, False),
        (20, True, False),
        (63, True, False),
        (65, True, True),
        (79, True, True),
        (81, False, False),
    ],
)
def test_what_a_check_does_depends_on_the_age_of_the_heartbeat(minutes: float, asked: bool, offline: bool) -> None:
    gateway = _silent(minutes)
    _check(gateway)
    assert [event["type"] for event in gateway.hooks()] == ["phone.heartbeat.offline"] * offline
    assert _monitor(gateway).online is not offline
    assert gateway.pushes() == []
    gateway.settle(16 * MINUTE)
    assert len(gateway.entries("gateway", "phone.heartbeat.missed")) == asked
    checks = gateway.entries("gateway", "phone.heartbeat.check")
    assert len(checks) == 3  # the injected one, its successor, and the one that was armed at the registration


def test_offline_is_told_once() -> None:
    gateway = _silent(65)
    _check(gateway)
    _check(gateway)
    assert [event["type"] for event in gateway.hooks()] == ["phone.heartbeat.offline"]


def test_a_heartbeat_brings_the_phone_back_online() -> None:
    gateway = _silent(65)
    _check(gateway)
    _beat(gateway)
    gateway.settle(1)
    _beat(gateway)
    gateway.settle(1)
    offline, online = gateway.hooks()
    assert (online["type"], online["source"]) == ("phone.heartbeat.online", "/v1/heartbeats")
    assert online["data"]["monitor_id"] == offline["data"]["monitor_id"] == _monitor(gateway).id
    assert list(online["data"]) == [
        "phone_id",
        "user_id",
        "last_heartbeat_timestamp",
        "timestamp",
        "monitor_id",
        "owner",
    ]
    assert _monitor(gateway).online


def test_a_phone_that_never_sent_a_heartbeat_is_not_watched() -> None:
    gateway = Gateway.with_phone()
    gateway.settle(10 * 60 * MINUTE)
    assert len(gateway.entries("gateway", "phone.heartbeat.check")) == 1
    assert gateway.world.next_due_at is None


@pytest.mark.parametrize(("hours", "checks"), [(1.9, 1), (2.1, 2)])
def test_an_update_wakes_a_monitor_that_has_slept_for_two_hours(hours: float, checks: int) -> None:
    gateway = Gateway.with_phone()
    gateway.settle(hours * 60 * MINUTE)
    gateway.call("PUT", "/v1/phones", {"phone_number": OWNER, "fcm_token": "t"})
    gateway.settle(60 * MINUTE)
    assert len(gateway.entries("gateway", "phone.heartbeat.check")) == checks


def test_a_phone_that_beats_is_checked_every_sixteen_minutes() -> None:
    gateway = Gateway.with_phone()
    for _ in range(8):
        _beat(gateway)
        gateway.settle(15 * MINUTE)
    times = [entry.at for entry in gateway.entries("gateway", "phone.heartbeat.check")]
    assert [later - at for at, later in pairwise(times)] == [16 * MINUTE * SECOND] * 6
    assert gateway.entries("gateway", "phone.heartbeat.missed") == []


def test_with_the_phone_its_monitor_goes() -> None:
    gateway = _silent(65)
    (phone_id,) = gateway.standin.phones
    gateway.call("DELETE", f"/v1/phones/{phone_id}")
    gateway.settle(60 * MINUTE)
    assert gateway.standin.monitors == {}
    assert gateway.hooks() == []


def test_only_its_own_monitor_tells_that_a_phone_is_offline() -> None:
    gateway = _silent(65)
    monitor = _monitor(gateway)
    data = {"phone_id": monitor.phone_id, "user_id": monitor.user_id, "owner": OWNER}
    other = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    for monitor_id, online in ((other, True), (monitor.id, False)):
        gateway.inject("phone.heartbeat.offline", data | {"monitor_id": monitor_id})
        assert _monitor(gateway).online is online


@pytest.mark.parametrize(("more_ns", "armed"), [(0, False), (1, True)])
def test_a_monitor_is_woken_when_more_than_two_hours_have_passed(more_ns: int, armed: bool) -> None:
    gateway = Gateway.with_phone()
    monitor = _monitor(gateway)
    (phone,) = gateway.standin.phones.values()
    updated = PhoneUpdated(phone.id, phone.user_id, None, ZERO_STAMP, OWNER, "SIM1")
    now = monitor.updated_at + 2 * 60 * MINUTE * SECOND + more_ns
    change = monitors.on_phone_updated(gateway.standin, Event("/test", ZERO_STAMP, updated), now)
    assert (change is not None) is armed
