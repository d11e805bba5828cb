"""Phones that fall silent are noticed (gateway-protocol.md §6)."""

from __future__ import annotations

from harness.core import Command
from harness.instants import SECOND, Instant
from harness.standin.rows import Heartbeat, Monitor, evolve
from harness.standin.state import Change, State
from harness.wire.events import (
    Event,
    HeartbeatCheck,
    HeartbeatMissed,
    HeartbeatOffline,
    HeartbeatOnline,
    PhoneDeleted,
    PhoneUpdated,
)
from harness.wire.json import Stamp, micros

__all__ = ["back_online", "last_heartbeat", "on_check", "on_offline", "on_phone_deleted", "on_phone_updated"]

_MINUTE = 60 * SECOND
_INTERVAL_NS = 16 * _MINUTE
_OFFLINE_NS = 64 * _MINUTE
_LOST_NS = 80 * _MINUTE
_REARM_NS = 120 * _MINUTE


def last_heartbeat(state: State, user_id: str, owner: str) -> Heartbeat | None:
    """The newest heartbeat of a number."""
    return state.heartbeats.last((user_id, owner))


def on_phone_updated(state: State, event: Event, now: Instant) -> Change | None:
    """The first update makes the monitor; later ones wake it up if it has slept for two hours."""
    data = event.data
    assert isinstance(data, PhoneUpdated)
    at = micros(now)
    monitor = state.monitors.get((data.user_id, data.owner))
    if monitor is None:
        monitor = Monitor(state.draws.uuid4(), data.phone_id, data.user_id, data.owner, True, at, at)
    elif now - monitor.updated_at <= _REARM_NS:
        return None
    else:
        monitor = evolve(monitor, updated_at=at)
    return Change(_put(monitor), then=(_next_check(state, monitor, event, now),))


def _put(monitor: Monitor) -> tuple[tuple[str, tuple[str, str], Monitor], ...]:
    return (("monitors", (monitor.user_id, monitor.owner), monitor),)


def _next_check(state: State, monitor: Monitor, event: Event, now: Instant) -> Command:
    due = Stamp(now + _INTERVAL_NS)
    check = HeartbeatCheck(monitor.phone_id, monitor.user_id, due, monitor.owner, monitor.id)
    return state.queue(check, event.source, now, _INTERVAL_NS)


def on_check(state: State, event: Event, now: Instant) -> Change | None:
    """A phone without a single heartbeat is not watched any longer."""
    data = event.data
    assert isinstance(data, HeartbeatCheck)
    monitor = state.monitors.get((data.user_id, data.owner))
    if monitor is None:
        return None
    last = last_heartbeat(state, data.user_id, data.owner)
    if last is None:
        return None
    then = [_next_check(state, monitor, event, now)]
    age = now - last.beat_at
    if _INTERVAL_NS < age < _LOST_NS:
        facts = (
            monitor.phone_id,
            monitor.user_id,
            Stamp(last.beat_at),
            Stamp(now),
            monitor.id,
            monitor.owner,
        )
        # The push comes one more interval later (§10.2-43).
        then.append(state.queue(HeartbeatMissed(*facts), event.source, now, _INTERVAL_NS))
        if age > _OFFLINE_NS and monitor.online:
            then.append(state.queue(HeartbeatOffline(*facts), event.source, now))
    return Change(_put(evolve(monitor, updated_at=micros(now))), then=tuple(then))


def on_offline(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, HeartbeatOffline)
    monitor = state.monitors.get((data.user_id, data.owner))
    if monitor is None or monitor.id != data.monitor_id:
        return None
    return Change(_put(evolve(monitor, online=False, updated_at=micros(now))))


def on_phone_deleted(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, PhoneDeleted)
    return Change((("monitors", (data.user_id, data.owner), None),))


def back_online(state: State, beat: Heartbeat, source: str, now: Instant) -> Change | None:
    """A heartbeat of a phone that was thought offline."""
    monitor = state.monitors.get((beat.user_id, beat.owner))
    if monitor is None or monitor.online:
        return None
    online = HeartbeatOnline(
        monitor.phone_id, monitor.user_id, Stamp(beat.beat_at), Stamp(now), monitor.id, monitor.owner
    )
    monitor = evolve(monitor, online=True, updated_at=micros(now))
    return Change(_put(monitor), then=(state.queue(online, source, now),))
