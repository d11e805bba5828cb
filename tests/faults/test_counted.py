"""How often a fault happens, and to whom."""

from __future__ import annotations

import pytest

from harness.core import Record
from harness.draws import Draws
from harness.faults import Unreachable
from harness.faults.counted import Counted
from harness.http.values import Call, Request

ID = "9951112f-8dd2-40e5-a597-c27197f1121c"


@pytest.mark.parametrize(("times", "happens"), [(0, 0), (1, 1), (3, 3), (None, 5)])
def test_a_fault_happens_so_many_times_or_as_long_as_it_stands(times: int | None, happens: int) -> None:
    fault = Counted(times)
    assert [fault.happens() for _ in range(5)] == [True] * happens + [False] * (5 - happens)


def test_a_fork_counts_on_its_own_account() -> None:
    fault = Counted(1)
    assert fault.fork().happens()
    assert fault.happens()


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (f"/v1/messages/{ID}/events", ID),
        (f"/v1/messages/outstanding?message_id={ID}", ID),
        ("/v1/messages/receive", None),
    ],
)
def test_the_entry_of_a_request_belongs_to_the_message_that_it_names(target: str, message: str | None) -> None:
    request = Request("GET", "http", "api.test", target.encode(), (("x-api-key", "hush"),))
    out = Unreachable("phone:alice").apply(Call("c", "client", request), Draws(1, "world"))
    assert out is not None
    record = out[0][1]
    asked = f"GET {target.partition('?')[0]}"
    assert record == Record("api", "unreachable", message, {"who": "phone:alice", "request": asked})


PHONE, CLIENT = "phone:alice", "client"


@pytest.mark.parametrize(
    ("core", "path", "times", "happens"),
    [
        (PHONE, "/v1/messages/receive", 1, True),
        (PHONE, "/v1/heartbeats", 1, False),
        (PHONE, "/base/v1/phones/fcm-token", 1, False),
        (PHONE, "/v1/heartbeats", None, True),
        (CLIENT, "/v1/heartbeats", 1, True),
    ],
)
def test_a_fault_that_counts_leaves_alone_what_a_phone_asks_when_it_likes(
    core: str, path: str, times: int | None, happens: bool
) -> None:
    call = Call("c", core, Request("POST", "http", "api.test", path.encode()))
    assert (Unreachable(core, times).apply(call, Draws(1, "world")) is not None) is happens
