"""An account was deleted: every part of the server takes away its own rows of it (gateway-protocol.md §2.17).

Attachments stay, and so do the keys that requests remember. That the account cannot be deleted at Firebase is only
logged by the server, and leads to nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from harness.instants import Instant
from harness.standin.state import Change, Load, Put, State
from harness.wire.events import AccountDeleted, Event

__all__ = ["ON_ACCOUNT_DELETED"]


def _gone(tables: tuple[str, ...], state: State, event: Event, now: Instant) -> Change:
    """A whole table is gone through: accounts are deleted so seldom that no list by account is worth its upkeep."""
    data = event.data
    assert isinstance(data, AccountDeleted)
    return Change(tuple(put for table in tables for put in _puts(state, table, data.user_id)))


def _puts(state: State, table: str, user_id: str) -> Iterable[Put]:
    rows: dict[Any, Any] = getattr(state, table)
    return [(table, key, None) for key, row in rows.items() if row.user_id == user_id]


def _phone_keys(state: State, event: Event, now: Instant) -> Change | None:
    """What requests remember is not cleared: a phone key works on for its 15 s."""
    change = _gone(("phone_keys",), state, event, now)
    keys = [state.phone_keys[key_id] for _, key_id, _ in change.puts]
    return Change((*change.puts, *(("phone_key_ids", key.api_key, None) for key in keys)))


def _phones(state: State, event: Event, now: Instant) -> Change | None:
    """No event tells of it, unlike that of a single phone."""
    change = _gone(("phones",), state, event, now)
    phones = [state.phones[phone_id] for _, phone_id, _ in change.puts]
    return Change((*change.puts, *(("phone_ids", (phone.user_id, phone.phone_number), None) for phone in phones)))


ON_ACCOUNT_DELETED: tuple[Load, ...] = (
    partial(_gone, ("usages",)),
    partial(_gone, ("heartbeats", "monitors")),  # a check that is due finds no monitor, and is the last
    partial(_gone, ("messages",)),
    partial(_gone, ("schedules",)),
    partial(_gone, ("threads",)),
    _phone_keys,
    _phones,
    partial(_gone, ("notifications",)),
    partial(_gone, ("webhooks",)),
)
