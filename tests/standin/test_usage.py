"""harness.standin.usage: cycles and limits (gateway-protocol.md §2.17)."""

from __future__ import annotations

import pytest

from harness.instants import parse_rfc3339, rfc3339
from harness.standin import usage
from harness.standin.rows import Account, evolve
from tests.standin.gateways import Gateway


def _account(made: str, plan: str = "free", renews: str | None = None) -> Account:
    at = parse_rfc3339(made)
    renews_at = None if renews is None else parse_rfc3339(renews)
    return Account("u", "e", "k", plan, at, at, subscription_renews_at=renews_at)


@pytest.mark.parametrize(
    ("account", "at", "start", "end"),
    [
        (_account("2026-01-31T15:00:00Z"), "2026-11-20T00:00:00Z", "2026-10-31T00:00:00Z", "2026-11-29T23:59:59Z"),
        (_account("2026-01-31T15:00:00Z"), "2026-02-28T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-30T23:59:59Z"),
        (_account("2026-01-31T15:00:00Z"), "2026-02-27T23:59:59Z", "2026-01-31T00:00:00Z", "2026-02-27T23:59:59Z"),
        (_account("2026-01-01T00:00:00Z"), "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2026-12-31T23:59:59Z"),
        (_account("2026-05-15T00:00:00Z"), "2026-01-03T00:00:00Z", "2025-12-15T00:00:00Z", "2026-01-14T23:59:59Z"),
        (
            _account("2026-05-15T00:00:00Z", "pro-monthly", "2026-06-20T09:00:00Z"),
            "2026-06-19T00:00:00Z",
            "2026-05-20T00:00:00Z",
            "2026-06-19T23:59:59Z",
        ),
        (
            _account("2026-05-15T00:00:00Z", "free", "2026-06-20T09:00:00Z"),
            "2026-06-19T00:00:00Z",
            "2026-06-15T00:00:00Z",
            "2026-07-14T23:59:59Z",
        ),
        (
            _account("2026-05-15T00:00:00Z", "", "2026-06-20T09:00:00Z"),
            "2026-06-19T00:00:00Z",
            "2026-06-15T00:00:00Z",
            "2026-07-14T23:59:59Z",
        ),
        (_account("2026-05-15T00:00:00Z"), "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-14T23:59:59Z"),
    ],
)
def test_a_cycle_begins_each_month_on_the_day_of_the_account(account: Account, at: str, start: str, end: str) -> None:
    start_at, end_at = usage.cycle(account, parse_rfc3339(at))
    assert (rfc3339(start_at), rfc3339(end_at)) == (start, end)


@pytest.mark.parametrize(
    ("plan", "used", "wanted", "over"),
    [
        ("free", 199, 1, None),
        ("free", 200, 1, (200, "free")),
        ("", 200, 1, (200, "")),
        ("pro-monthly", 200, 1, None),
        ("pro-yearly", 4999, 2, (5000, "pro-yearly")),
    ],
)
def test_an_account_may_use_its_plan_and_no_more(
    plan: str, used: int, wanted: int, over: tuple[int, str] | None
) -> None:
    gateway = Gateway(plan=plan)
    now = gateway.world.now
    row = usage.current(gateway.standin, gateway.account, now)
    gateway.standin.store((usage.put(evolve(row, sent_messages=used - 100, received_messages=100)),))
    assert usage.over_limit(gateway.standin, gateway.account.id, wanted, now) == over


def test_an_account_that_is_not_there_has_no_limit() -> None:
    assert usage.over_limit(Gateway().standin, "nobody", 10**9, 0) is None


def test_a_cycle_that_has_begun_goes_on_when_the_day_of_renewal_changes() -> None:
    gateway = Gateway(plan="free")
    state, now = gateway.standin, gateway.world.now
    begun = usage.current(state, gateway.account, now)
    renewed = evolve(gateway.account, plan="pro-monthly", subscription_renews_at=parse_rfc3339("2026-12-05T00:00:00Z"))
    assert usage.cycle(renewed, now)[0] != begun.start_at
    assert usage.usage_at(state, renewed, now, now) == begun
    state.accounts[renewed.id] = renewed
    state.store((usage.put(evolve(begun, sent_messages=5000)),))
    assert usage.over_limit(state, renewed.id, 1, now) == (5000, "pro-monthly")
