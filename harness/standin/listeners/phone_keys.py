"""Which numbers a phone key may act for follows the phones (gateway-protocol.md §1.4).

The keys are changed by a statement of its own that leaves `updated_at` as it is.
"""

from __future__ import annotations

from harness.instants import Instant
from harness.standin.rows import PhoneKey, evolve
from harness.standin.state import Change, Put, State
from harness.wire.events import Event, PhoneDeleted, PhoneUpdated

__all__ = ["on_phone_deleted", "on_phone_updated"]


def _forget_cached(state: State) -> tuple[Put, ...]:
    """The whole cache is cleared: keys of users and of phones, of every account, and those that are none."""
    return tuple(("cached_keys", secret, None) for secret in state.cached_keys)


def _without(key: PhoneKey, phone_id: str, number: str) -> PhoneKey:
    return evolve(
        key,
        phone_numbers=tuple(known for known in key.phone_numbers if known != number),
        phone_ids=tuple(known for known in key.phone_ids if known != phone_id),
    )


def _put(keys: dict[str, PhoneKey]) -> tuple[Put, ...]:
    return tuple(("phone_keys", key.id, key) for key in keys.values())


def on_phone_updated(state: State, event: Event, now: Instant) -> Change | None:
    """A phone that registered with a key is taken off all keys and put to this one.

    When phone or key are gone meanwhile, nothing happens, and what is remembered of keys stays.
    """
    data = event.data
    assert isinstance(data, PhoneUpdated)
    phone = state.phones.get(data.phone_id)
    key = state.phone_keys.get(data.phone_api_key_id or "")
    if phone is None or key is None or not phone.user_id == key.user_id == data.user_id:
        return None
    keys = {
        known.id: _without(known, phone.id, phone.phone_number)
        for known in state.phone_keys.descending((data.user_id,))
        if phone.id in known.phone_ids or phone.phone_number in known.phone_numbers
    }
    key = keys.get(key.id, key)
    keys[key.id] = evolve(
        key,
        phone_numbers=(*key.phone_numbers, phone.phone_number),
        phone_ids=(*key.phone_ids, phone.id),
    )
    return Change((*_put(keys), *_forget_cached(state)))


def on_phone_deleted(state: State, event: Event, now: Instant) -> Change | None:
    data = event.data
    assert isinstance(data, PhoneDeleted)
    keys = {
        key.id: _without(key, data.phone_id, data.owner)
        for key in state.phone_keys.descending((data.user_id,))
        if data.phone_id in key.phone_ids
    }
    return Change((*_put(keys), *_forget_cached(state)))
