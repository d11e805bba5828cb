"""A story is kept to its own, and what it makes is remembered."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from harness.http.values import Call, ConnectFailed, Outcome, Request, Response
from harness.targets.door import Door, Visit
from harness.targets.guards import Owned
from tests.targets.conftest import KEY, Foreign

NUMBER = "+18005550133"


def request(foreign: Foreign, line: str, body: Any = None) -> Request:
    method, path = line.split(" ")
    host = foreign.gateway.url.removeprefix("http://")
    headers = (("Host", host), ("x-api-key", KEY), ("Content-Type", "application/json"))
    content = b"" if body is None else json.dumps(body).encode()
    return Request(method, "http", host, path.encode(), (*headers, ("Content-Length", str(len(content)))), content)


def visited(foreign: Foreign, *calls: tuple[str, str, Any]) -> tuple[Visit, list[Outcome]]:
    async def main() -> tuple[Visit, list[Outcome]]:
        door = Door(foreign.gateway.url)
        door.visit = visit = Visit(Owned(frozenset({NUMBER})), take_over=False)
        outcomes = [
            await door.call(Call("x", client, request(foreign, line.replace("LAST", (visit.made or ["/"])[-1]), body)))
            for client, line, body in calls
        ]
        await door.close()
        return visit, outcomes

    return asyncio.run(main())


def test_what_is_refused_never_goes_out(ours: Foreign) -> None:
    before = len(ours.gateway.trace())
    visit, [outcome] = visited(ours, ("client", "DELETE /v1/users/me", None))
    assert outcome == ConnectFailed("refused by the harness", "it would change the account itself")
    assert visit.refused == "it would change the account itself"
    assert [entry for entry in ours.gateway.trace()[before:] if entry.hop == "api"] == []


def test_a_phone_and_the_harness_itself_are_not_kept_back(ours: Foreign) -> None:
    visit, outcomes = visited(ours, ("phone:alice", "GET /v1/messages/outstanding", None))
    assert [outcome.status for outcome in outcomes if isinstance(outcome, Response)] == [422]
    assert visit.refused is None


def test_what_was_made_is_remembered_until_it_is_deleted(ours: Foreign) -> None:
    make = ("client", "POST /v1/phone-api-keys", {"name": "mine"})
    visit, _ = visited(ours, make)
    assert len(visit.made) == 1
    [path] = visit.made
    assert path.rpartition("/")[2] in visit.owned.ids
    ours.gateway.ask("DELETE", path)
    visit, _ = visited(ours, make, ("client", "DELETE LAST", None))
    assert (visit.made, visit.refused) == ([], None)
