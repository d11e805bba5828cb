"""harness.standin.visits: a request and who sent it."""

from __future__ import annotations

import pytest

from harness.http.values import Request
from harness.standin.visits import NOBODY, Identity, Visit

PHONE = Identity("phone", "u", "e", "key", ("+1", "+2"))


@pytest.mark.parametrize(
    ("who", "number", "allowed"),
    [(PHONE, "+1", True), (PHONE, "+3", False), (Identity("user", "u", "e"), "+3", True), (NOBODY, "+1", True)],
)
def test_only_a_phone_key_is_bound_to_numbers(who: Identity, number: str, allowed: bool) -> None:
    assert who.may_act_for(number) is allowed


def test_the_source_of_events_is_the_path_with_its_query() -> None:
    request = Request("GET", "http", "api.internal", "/v1/x?a=1&\u00e9".encode())
    assert Visit("1", request, 0, {}).source == "/v1/x?a=1&\u00e9"
