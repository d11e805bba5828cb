"""harness.standin.api.billing: what an account has used (gateway-protocol.md §2.17)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin.gateways import Gateway

DAY = 86_400
PATH = "/v1/billing/usage-history"


def test_the_usage_is_made_on_demand_and_stays() -> None:
    gateway = Gateway()
    first, second = (gateway.call("GET", "/v1/billing/usage").data for _ in range(2))
    assert first == second
    assert (first["start_timestamp"], first["end_timestamp"]) == ("2026-11-20T00:00:00Z", "2026-12-19T23:59:59Z")
    assert (first["sent_messages"], first["received_messages"], first["total_cost"]) == (0, 0, 0)


def _gateway() -> Gateway:
    """Three cycles: in the first and the second a text was received, the third has begun."""
    gateway = Gateway.with_phone()
    for _ in range(2):
        gateway.receive()
        gateway.settle(31 * DAY)
    gateway.call("GET", "/v1/billing/usage")
    return gateway


def _starts(data: list[dict[str, Any]]) -> list[str]:
    return [row["start_timestamp"][:10] for row in data]


@pytest.mark.parametrize(
    ("query", "starts"),
    [
        ("", ["2026-12-20", "2026-11-20"]),
        ("?limit=1", ["2026-12-20"]),
        ("?limit=1&skip=1", ["2026-11-20"]),
        ("?skip=2", []),
        ("?limit=-1", ["2026-12-20", "2026-11-20"]),
        ("?limit=0", []),
        ("?query=" + "q" * 200, ["2026-12-20", "2026-11-20"]),
    ],
)
def test_the_history_has_the_cycles_that_have_ended(query: str, starts: list[str]) -> None:
    answer = _gateway().call("GET", PATH + query)
    assert _starts(answer.data) == starts
    assert answer.body["message"] == f"fetched {len(starts)} billing usage record{'' if len(starts) == 1 else 's'}"
    assert [row["received_messages"] for row in answer.data] == [1] * len(starts)


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        ("limit=x&skip=x", ["limit", "skip"]),
        ("limit=%205", ["limit"]),
        ("skip=%205", []),
        ("limit=" + "1" * 101, ["limit"]),
        ("limit=" + "1" * 100, []),
        ("limit=%20", []),
    ],
)
def test_the_numbers_of_a_history_are_judged(query: str, problems: list[str]) -> None:
    answer = Gateway().call("GET", f"{PATH}?{query}")
    assert answer.status == (422 if problems else 200)
    if problems:
        assert answer.body["message"] == "validation errors while fetching usage history"
        assert list(answer.data) == problems
