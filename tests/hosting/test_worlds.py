"""One world after the other: what one knows, the next one refuses by name."""

from __future__ import annotations

import json

import pytest

from harness.hosting.worlds import PREPARING, Worlds
from harness.http.values import Request

ID, OTHER_ID = "32343a19-da5e-4b1b-a767-3298a73703cb", "00000000-da5e-4b1b-a767-3298a73703cb"


def request(target: str, key: str = "uk_mine") -> Request:
    return Request("GET", "http", "api", target.encode(), (("x-api-key", key),))


def test_before_the_first_test_and_within_one_everything_is_let_in() -> None:
    worlds = Worlds()
    assert worlds.gate(request(f"/v1/messages/{ID}")) is None
    worlds.begin("one")
    assert worlds.gate(request(f"/v1/messages/{ID}")) is None
    assert worlds.late == ()


@pytest.mark.parametrize(
    "asked", [request(f"/v1/messages/{ID}"), request(f"/v1/x?message_id={ID}"), request("/v1/users/me", key=ID)]
)
def test_what_names_a_former_world_is_refused_and_told(asked: Request) -> None:
    worlds = Worlds()
    worlds.begin("one")
    worlds.end([ID], [])
    worlds.begin("two")
    refusal = worlds.gate(asked)
    assert refusal is not None
    assert (refusal.status, json.loads(refusal.body)["status"]) == (409, "error")
    [call] = worlds.take_late()
    assert (call.test, call.during, call.path) == ("one", "two", asked.path)
    assert str(call) in json.loads(refusal.body)["message"]
    assert worlds.gate(request(f"/v1/messages/{OTHER_ID}")) is None
    assert worlds.take_late() == ()


def test_between_two_tests_nothing_is_let_in() -> None:
    worlds = Worlds()
    worlds.begin("one")
    worlds.end([], [])
    assert worlds.gate(request("/v1/phones")) is not None
    assert [(call.test, call.during) for call in worlds.take_late()] == [("one", "")]


def test_a_door_leads_into_the_world_in_which_it_was_made_or_into_all() -> None:
    worlds, asked = Worlds(), request("/v1/phones")
    before = worlds.door()
    worlds.begin("one")
    within = worlds.door()
    assert [door(asked) for door in (before, within)] == [None, None]
    worlds.end([], [])
    between = worlds.door()
    worlds.begin("one")  # again: it is another world
    assert [door(asked) is None for door in (before, within, between)] == [True, False, True]
    [call] = worlds.take_late()
    assert (call.test, call.why) == ("one", "it came by a transport that was made in that test")


def test_what_is_unanswered_at_the_end_is_told_too() -> None:
    worlds = Worlds()
    worlds.begin("one")
    worlds.end([], [request("/v1/events")])
    assert str(worlds.late[0]) == "late call of test one: GET /v1/events (it was not answered when the test ended)"
    assert b"the test one has ended" in worlds.refusal().body


def test_no_key_and_no_query_is_told() -> None:
    worlds = Worlds()
    worlds.end([ID], [])
    worlds.gate(request(f"/v1/messages/{ID}?secret=1", key="uk_mine"))
    assert "secret" not in str(worlds.late[0])
    assert "uk_mine" not in str(worlds.late[0])
    assert worlds.late[0].test == PREPARING


def test_the_ids_of_a_test_follow_from_its_name_and_from_how_often_it_ran() -> None:
    one, other = Worlds(), Worlds()
    other.begin("another")
    assert one.begin("one") == other.begin("one")
    assert len({one.begin(name) for name in ("one", "one", "two")}) == 3


def test_what_is_known_of_former_worlds_has_a_bound() -> None:
    worlds = Worlds()
    for number in range(60):
        worlds.begin(f"test {number}")
        worlds.end([f"{number:08}-{row:04}-0000-0000" for row in range(1000)], [])
    worlds.begin("last")
    asked = ["00000059-0999-0000-0000", "00000000-0000-0000-0000"]
    assert [worlds.gate(request(f"/v1/messages/{known}")) is None for known in asked] == [False, True]
