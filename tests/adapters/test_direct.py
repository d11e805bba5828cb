"""Requests from within the process."""

from __future__ import annotations

import pytest

from harness.adapters.direct import DirectServer, Doors
from harness.http.values import Request, Response

REQUEST = Request("GET", "http", "gateway", b"/")


class Kept:
    """A server, what came to it, and what was answered."""

    def __init__(self, prefix: str = "direct") -> None:
        self.came: list[tuple[str, Request]] = []
        self.answers: list[Response | None] = []
        self.server = DirectServer(lambda exchange, request: self.came.append((exchange, request)), prefix=prefix)
        self.server.ask(REQUEST, self.answers.append)


def test_a_request_has_an_exchange_of_its_own_and_is_answered_once() -> None:
    kept = Kept()
    assert kept.came == [("direct-1", REQUEST)]
    assert (kept.server.open_exchanges, kept.server.request("direct-1")) == (("direct-1",), REQUEST)
    assert kept.server.peer("direct-1") is None
    for _ in range(2):
        kept.server.respond("direct-1", Response(200))
    assert kept.answers == [Response(200)]
    assert (kept.server.open_exchanges, kept.server.request("direct-1")) == ((), None)


def test_a_stream_is_refused() -> None:
    kept = Kept()
    kept.server.respond("direct-1", Response(200, stream=True))
    kept.server.chunk("direct-1", b"piece")
    assert [answer.status for answer in kept.answers if answer] == [501]


def test_who_is_dropped_or_comes_too_late_hears_that_there_is_no_answer() -> None:
    kept = Kept()
    kept.server.ask(REQUEST, kept.answers.append)
    kept.server.drop("direct-1")
    kept.server.close()
    kept.server.ask(REQUEST, kept.answers.append)
    assert kept.answers == [None, None, None]
    assert len(kept.came) == 2


def test_an_answer_may_come_within_the_request() -> None:
    answers: list[Response | None] = []
    server = DirectServer(lambda exchange, _request: server.respond(exchange, Response(204)), prefix="direct")
    server.ask(REQUEST, answers.append)
    assert answers == [Response(204)]


@pytest.mark.parametrize("name", ["one", "two.direct"])
def test_an_exchange_is_named_for_its_server(name: str) -> None:
    kept = {prefix: Kept(prefix) for prefix in ("one", "two.direct")}
    doors = Doors({prefix: one.server for prefix, one in kept.items()})
    assert set(doors.open_exchanges) == {"one-1", "two.direct-1"}
    assert (doors.request(f"{name}-1"), doors.peer(f"{name}-1")) == (REQUEST, None)
    doors.chunk(f"{name}-1", b"")
    doors.respond(f"{name}-1", Response(200))
    doors.drop(f"{name}-1")
    assert {prefix: one.answers for prefix, one in kept.items()} == {
        prefix: [Response(200)] if prefix == name else [] for prefix in kept
    }
    for unknown in ("three-1", "one", ""):
        doors.respond(unknown, Response(200))
        doors.drop(unknown)
        doors.chunk(unknown, b"")
        assert (doors.request(unknown), doors.peer(unknown)) == (None, None)
