"""harness.wire.heartbeats: the list of heartbeats as it is asked for (gateway-protocol.md §2.14)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.wire.bodies import Query
from harness.wire.heartbeats import HeartbeatQuery


def test_the_number_gets_its_plus_and_the_list_has_one_entry() -> None:
    asked = HeartbeatQuery.read(Query("owner=18005550199"))
    assert (asked.owner, asked.page.limit, asked.page.skip) == ("+18005550199", 1, 0)


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("owner=18005550199", []),
        ("owner=18005550199&is_archived=x", []),  # that is a matter of threads
        ("", ["owner"]),
        ("owner=x&limit=x&skip=x&query=" + "q" * 101, ["limit", "owner", "query", "skip"]),
    ],
)
def test_a_list_of_heartbeats_is_judged(query: str, wrong: list[Any]) -> None:
    assert sorted(HeartbeatQuery.read(Query(query)).problems()) == wrong
