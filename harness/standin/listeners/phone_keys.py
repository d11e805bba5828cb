"""Which numbers a phone key may act for follows the phones (gateway-protocol.md §1.4)."""

from __future__ import annotations

from harness.instants import Instant
from harness.standin.rows import PhoneKey, evolve
from harness.standin.state import Change, Put, State
from harness.wire.events import Event, PhoneDeleted, PhoneUpdated
from harness.wire.json import micros

__all__ = ["on_phone_deleted", "on_phone_updated"]


def _forget_cached(state: State) -> tuple[Put, ...]:
    """The whole cache is cleared."""
    return tuple(("cached_keys", secret, None) for secret in state.cached_keys)


def _without(key: PhoneKey, phone_id: str, number: str, now: Instant) -> PhoneKey:
    return evolve(
        key,
        phone_numbers=tuple(known for known in key.phone_numbers if known != number),
        phone_ids=tuple(known for known in key.phone_ids if known != phone_id),
        updated_at=micros(now),
    )


def _removed(state: State, user_id: str, phone_id: str, number: str, now: Instant) -> dict[str, PhoneKey]:
    """The user's keys that had the phone, without it."""
    return {
        key.id: _without(key, phone_id, number, now)
        for key in state.phone_keys.descending((user_id,))
        if phone_id in key.phone_ids or number in key.phone_numbers
    }


def _put(keys: dict[str, PhoneKey]) -> tuple[Put, ...]:
    return tuple(("phone_keys", key.id, key) for key in keys.values())


def on_phone_updated(state: State, event: Event, now: Instant) -> Change | None:
    """A phone that registered with a key is taken off all keys and put to this one."""
    data = event.data
    assert isinstance(data, PhoneUpdated)
    key = state.phone_keys.get(data.phone_api_key_id or "")
    if key is None or key.user_id != data.user_id:
        return None
    keys = _removed(state, data.user_id, data.phone_id, data.owner, now)
    key = keys.get(key.id, key)
    keys[key.id] = evolve(
        key,
        phone_numbers=(*key.phone_numbers, data.owner),
        phone_ids=(*key.phone_ids, data.phone_id),
        updated_at=micros(now),
    )
    return Change((*_put(keys), *_forget_cached(state)))


def on_phone_deleted(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, PhoneDeleted)
    keys = _removed(state, data.user_id, data.phone_id, data.owner, now)
    return Change((*_put(keys), *_forget_cached(state)))
