"""Who sends a request: user keys and phone keys (gateway-protocol.md §1.1, §1.3, §1.4).

Whose a key is is remembered: a user key's owner for two hours, that there is none as long, a phone key's numbers for
15 s. Both kinds share one memory, as in the server: whatever clears it clears all of it (§1.4), and a phone key that
was just used is also taken as a bearer token. A row is written when a key is looked up, not with every request.
"""

from __future__ import annotations

from harness.instants import SECOND, Instant
from harness.standin.rows import CachedKey
from harness.standin.state import State
from harness.standin.visits import NOBODY, Identity, Visit
from harness.wire.bodies import KEY_FIELD, key_in_body

__all__ = ["identify", "identify_bearer", "identify_phone"]

_PHONE_KEY = "pk_"
_BEARER = "Bearer"
_USER_NS = 2 * 3600 * SECOND
_PHONE_NS = 15 * SECOND
_KEY_MOST = 1000  # characters: a longer text is nobody's key, and would be kept, as a row of the state file too
_MOST = 5000  # entries (di/container.go: the cost of the cache); the server forgets the least used, we the oldest


def identify(state: State, visit: Visit) -> Identity:
    """By user key: in the header, or if there is none in the body or the query. Nobody if there is no such key."""
    key = visit.headers.get(KEY_FIELD) or key_in_body(visit.body) or visit.query[KEY_FIELD]
    if not key or key == "undefined" or key.startswith(_PHONE_KEY):
        return NOBODY
    return _user(state, key, visit.now)


def identify_bearer(state: State, visit: Visit) -> Identity:
    """By user key as a bearer token; if that is none, as it is known already.

    The word Bearer counts in exactly this case, and may be missing.
    """
    key = visit.headers.get("authorization", "").replace(_BEARER, "", 1).strip()
    bearer = _user(state, key, visit.now) if key else NOBODY
    return bearer if bearer.user_id else visit.who


def identify_phone(state: State, visit: Visit) -> Identity:
    """By phone key, which is looked for in the header only."""
    secret = visit.headers.get(KEY_FIELD, "")
    if not secret.startswith(_PHONE_KEY):
        return NOBODY
    known = _remembered(state, secret, visit.now)
    if known is not None:
        return known
    key_id = state.phone_key_ids.get(secret)
    if key_id is None:
        return NOBODY
    key = state.phone_keys[key_id]
    who = NOBODY
    if key.user_id and key.user_email:
        who = Identity("phone", key.user_id, key.user_email, key.id, key.phone_numbers)
    return _remember(state, secret, who, visit.now + _PHONE_NS)


def _user(state: State, key: str, now: Instant) -> Identity:
    known = _remembered(state, key, now)
    if known is not None:
        return known
    user_id = state.account_ids.get(key)
    account = None if user_id is None else state.accounts.get(user_id)
    who = NOBODY
    # An empty id or email counts as nobody (entities/auth_context.go).
    if account is not None and account.id and account.email:
        who = Identity("user", account.id, account.email)
    return _remember(state, key, who, now + _USER_NS)


def _remembered(state: State, key: str, now: Instant) -> Identity | None:
    cached = state.cached_keys.get(key)
    return None if cached is None or now >= cached.until_at else cached.who


def _remember(state: State, key: str, who: Identity, until_at: Instant) -> Identity:
    if len(key) > _KEY_MOST:
        return who
    cached = state.cached_keys
    if key not in cached and len(cached) >= _MOST:
        del cached[next(iter(cached))]
    cached[key] = CachedKey(who, until_at)
    return who
