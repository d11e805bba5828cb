"""What a phone key opens."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenario.invariants.traces import ALICE, CAROL, Case, also, assert_noticed, broken, changed, find, written

RULE = "phone-key-within-its-bounds"

TAMPERED: dict[str, Case] = {
    "another route": (
        also("api", "GET /v1/messages", status=200, as_="phone"),
        RULE,
        "a phone key opened GET /v1/messages",
    ),
    "another phone's message": (
        changed(find("api", "POST /v1/messages/{id}/events", for_=ALICE), for_=CAROL),
        RULE,
        f"a phone key of {CAROL} acted for {ALICE}",
    ),
    "another phone's text": (
        changed(find("api", "POST /v1/messages/receive", for_=ALICE), for_=CAROL),
        RULE,
        f"a phone key of {CAROL} acted for {ALICE}",
    ),
    "another phone's heartbeat": (
        also("api", "POST /v1/heartbeats", status=201, as_="phone", for_=ALICE, numbers=f"{ALICE}, {CAROL}"),
        RULE,
        f"a phone key of {ALICE} acted for {CAROL}",
    ),
}


@pytest.mark.parametrize("case", TAMPERED.values(), ids=TAMPERED)
def test_tampering_is_noticed(case: Case) -> None:
    assert_noticed(*case)


def request(
    own: str, at_s: float = 0, *, kind: str = "POST /v1/messages/receive", status: int = 200, **facts: Any
) -> Any:
    """With a phone key of these numbers."""
    return (at_s, "api", kind, "m1", None, {"status": status, "as": "phone", "for": own, **facts})


RECEIVED = (0, "gateway", "message.phone.received", "m1", None, {"owner": "+1"})
UPDATED = (0, "gateway", "phone.updated", None, None, {"owner": "+1", "key_associated": True})
DELETED = (0, "gateway", "phone.deleted", None, None, {"owner": "+1"})
OUTSTANDING = "GET /v1/messages/outstanding"
BEAT = "POST /v1/heartbeats"


@pytest.mark.parametrize(
    ("rows", "violations"),
    [
        ((RECEIVED, UPDATED, request("+1")), 0),
        ((RECEIVED, UPDATED, request("")), 1),
        ((RECEIVED, UPDATED, request("+2", status=401)), 0),
        # Whoever has no numbers yet may fetch whatever is there (gateway-protocol.md §10.2-27).
        ((RECEIVED, UPDATED, request("", kind=OUTSTANDING)), 0),
        ((RECEIVED, UPDATED, request("+2", kind=OUTSTANDING)), 1),
        ((RECEIVED, UPDATED, request("", kind="PUT /v1/phones/fcm-token")), 0),
        ((UPDATED, request("+1, +2", kind=BEAT, status=201, numbers="+1")), 0),
        # It never got the number.
        (((0, "gateway", "phone.updated"), request("+1", kind=BEAT, status=201, numbers="+1")), 1),
        # The server remembers for 15 s what a key may do.
        ((RECEIVED, UPDATED, DELETED, request("+1", 15)), 0),
        ((RECEIVED, UPDATED, DELETED, request("+1", 16)), 1),
        ((RECEIVED, UPDATED, DELETED, UPDATED, request("+1", 16)), 0),
        # Of whose message it is nothing is known, and a user key opens everything.
        ((request("+2"),), 0),
        (((0, "api", "GET /v1/messages", None, None, {"status": 200, "as": "user"}),), 0),
    ],
)
def test_a_phone_key_acts_for_its_numbers(rows: tuple[Any, ...], violations: int) -> None:
    assert len(broken(written(*rows), RULE)) == violations
