"""Plans, their limits, and what an account has used (gateway-protocol.md §2.17)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from harness.instants import SECOND, Instant
from harness.standin.rows import Account, Usage, evolve
from harness.standin.state import Put, State
from harness.wire.json import micros
from harness.wire.server import FREE_PLAN, PLAN_LIMIT_ELSE, PLAN_LIMITS

__all__ = ["counted", "current", "cycle", "is_free", "known", "limit_of", "over_limit", "past", "put", "usage_at"]

_DAY = 86_400 * SECOND
_EPOCH = date(1970, 1, 1).toordinal()


def _day(at: Instant) -> int:
    return at // _DAY


@lru_cache(maxsize=1024)
def _cycle(anchor: int, day: int) -> tuple[Instant, Instant]:
    """First instant and last second of the cycle that holds `day`; `anchor` is a day of the month."""
    today = date.fromordinal(max(1, _EPOCH + day))
    year, month = today.year, today.month
    if today.day < min(anchor, monthrange(year, month)[1]):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return _first(year, month, anchor), _first(year + month // 12, month % 12 + 1, anchor) - SECOND


def _first(year: int, month: int, anchor: int) -> Instant:
    if year < 1:  # a missing time lies in the first days of the calendar: its cycle begins there
        year, month, anchor = 1, 1, 1
    if year > date.max.year:  # the last one ends with the calendar
        return (date.max.toordinal() + 1 - _EPOCH) * _DAY
    day = min(anchor, monthrange(year, month)[1])
    return (date(year, month, day).toordinal() - _EPOCH) * _DAY


def is_free(account: Account) -> bool:
    return account.plan in (FREE_PLAN, "")


def cycle(account: Account, at: Instant) -> tuple[Instant, Instant]:
    """Start and end of the account's cycle at an instant: monthly, from the day it was made or is renewed."""
    anchor_at = account.created_at
    if not is_free(account) and account.subscription_renews_at is not None:
        anchor_at = account.subscription_renews_at
    return _cycle(date.fromordinal(_EPOCH + _day(anchor_at)).day, _day(at))


def usage_at(state: State, account: Account, at: Instant, now: Instant) -> Usage:
    """The usage of the cycle at `at`; a new row, not stored yet, if there is none."""
    start_at, end_at = cycle(account, at)
    usage = _known(state, account.id, start_at, at)
    if usage is None:
        usage = Usage(state.draws.uuid4(), account.id, start_at, end_at, micros(now), micros(now))
    return usage


def known(state: State, user_id: str, at: Instant) -> Usage | None:
    """What an account has used in the cycle at an instant, if anything was ever counted in it."""
    account = state.accounts.get(user_id)
    return None if account is None else _known(state, user_id, cycle(account, at)[0], at)


def _known(state: State, user_id: str, start_at: Instant, at: Instant) -> Usage | None:
    """The row of the cycle, or the one of a cycle with another anchor that holds the instant."""
    usage = state.usages.get((user_id, start_at))
    if usage is not None:
        return usage
    return next((row for row in state.usages.descending((user_id,)) if row.start_at <= at <= row.end_at), None)


def past(state: State, user_id: str, now: Instant) -> Iterator[Usage]:
    """The cycles that have ended, the newest first. The table must not change meanwhile."""
    return (usage for usage in state.usages.descending((user_id,)) if usage.end_at < now)


def put(usage: Usage) -> Put:
    return "usages", (usage.user_id, usage.start_at), usage


def current(state: State, account: Account, now: Instant) -> Usage:
    """The usage of the present cycle, stored if it was not there."""
    usage = usage_at(state, account, now, now)
    state.store((put(usage),))
    return usage


def limit_of(plan: str) -> int:
    """Messages a month."""
    return PLAN_LIMITS.get(plan, PLAN_LIMIT_ELSE)


def over_limit(state: State, user_id: str, wanted: int, now: Instant) -> tuple[int, str] | None:
    """Limit and plan of an account that may not have `wanted` messages more."""
    account = state.accounts.get(user_id)
    if account is None:
        return None
    usage = _known(state, user_id, cycle(account, now)[0], now)
    used = 0 if usage is None else usage.sent_messages + usage.received_messages
    limit = limit_of(account.plan)
    return (limit, account.plan) if used + wanted > limit else None


def counted(usage: Usage, now: Instant, *, sent: int = 0, received: int = 0) -> Usage:
    return evolve(
        usage,
        sent_messages=usage.sent_messages + sent,
        received_messages=usage.received_messages + received,
        updated_at=micros(now),
    )
