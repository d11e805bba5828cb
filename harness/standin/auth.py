"""Who sends a request: user keys and phone keys (gateway-protocol.md §1.1, §1.3, §1.4)."""

from __future__ import annotations

from harness.instants import SECOND, Instant
from harness.standin.rows import CachedKey, PhoneKey
from harness.standin.state import State
from harness.standin.visits import NOBODY, Identity, Visit
from harness.wire.bodies import KEY_FIELD, key_in_body

__all__ = ["identify", "identify_phone"]

_PHONE_KEY = "pk_"
_CACHE_NS = 15 * SECOND


def identify(state: State, visit: Visit) -> Identity:
    """By user key: in the header, or if there is none in the body or the query. Nobody if there is no such key."""
    key = visit.headers.get(KEY_FIELD) or key_in_body(visit.body) or visit.query[KEY_FIELD]
    if not key or key == "undefined" or key.startswith(_PHONE_KEY):
        return NOBODY
    user_id = state.account_ids.get(key)
    account = None if user_id is None else state.accounts.get(user_id)
    # An empty id or email counts as nobody (entities/auth_context.go).
    if account is None or not account.id or not account.email:
        return NOBODY
    return Identity("user", account.id, account.email)


def identify_phone(state: State, visit: Visit) -> Identity:
    """By phone key, which is looked for in the header only."""
    secret = visit.headers.get(KEY_FIELD, "")
    if not secret.startswith(_PHONE_KEY):
        return NOBODY
    key = _cached(state, secret, visit.now)
    if key is None or not key.user_id or not key.user_email:
        return NOBODY
    return Identity("phone", key.user_id, key.user_email, key.id, key.phone_numbers)


def _cached(state: State, secret: str, now: Instant) -> PhoneKey | None:
    """A key is seen as it was when it was first used, for 15 s; whatever clears the cache ends that."""
    cached = state.cached_keys.get(secret)
    if cached is not None and now < cached.until_at:
        return cached.key
    key_id = state.phone_key_ids.get(secret)
    if key_id is None:
        return None
    key = state.phone_keys[key_id]
    state.cached_keys[secret] = CachedKey(key, now + _CACHE_NS)
    return key
