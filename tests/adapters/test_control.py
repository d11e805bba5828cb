"""The control routes of a gateway that is served, asked over its socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from harness import __version__
from harness.adapters.control import LATEST_AT
from harness.adapters.event_stream import follow
from harness.adapters.http_client import HttpClient
from harness.adapters.push_stream import follow_pushes
from harness.http.sse import Event
from harness.http.values import Call, Closed, Limits, Outcome, Request, Response
from harness.instants import SECOND
from harness.push.streams import STREAM_PATH
from harness.serving import Served, ServeOptions, serving
from harness.wire.fcm import Listening, PushReceived

CONTACT = "+18005550100"
PATIENCE_S = 30


@dataclass
class User:
    """Somebody who has the gateway's address and its user key, and maybe the control token."""

    served: Served
    client: HttpClient = field(default_factory=HttpClient)
    token: str | None = None

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status, and the body as JSON where it is some."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        outcome = await self.outcome(method, path, content)
        assert isinstance(outcome, Response), outcome
        return outcome.status, _json(outcome.body)

    async def outcome(self, method: str, path: str, body: Any, key: str | None = None) -> Outcome:
        """What becomes of a request, by a client of its own; `key` None: the user's."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = [("x-api-key", key or self.served.user_key), ("Content-Type", "application/json")]
        headers += [("Content-Length", str(len(content)))] if content else []
        headers += [("Authorization", f"Bearer {self.token}")] if self.token is not None else []
        authority = self.served.url.removeprefix("http://")
        request = Request(method, "http", authority, path.encode(), (("Host", authority), *headers), content)
        return await self.client.call(Call("ask", f"{method} {path}", request, Limits(total_s=10)))

    async def send(self, text: str = "Hello") -> tuple[int, Any]:
        body = {"from": self.served.number, "to": CONTACT, "content": text}
        return await self.ask("POST", "/v1/messages/send", body)

    async def delivered(self, text: str) -> str:
        """The id of a text that was sent and delivered."""
        status, answer = await self.send(text)
        assert status == 200, answer
        message: str = answer["data"]["id"]
        entries = self.served.bed.trace.entries
        await self.served.driver.until(lambda: any(_is(entry, message, "message.phone.delivered") for entry in entries))
        return message

    async def messages(self) -> list[str]:
        owner = self.served.number.replace("+", "%2B")
        _, answer = await self.ask("GET", f"/v1/messages?owner={owner}&contact={CONTACT.replace('+', '%2B')}")
        return [row["content"] for row in answer["data"]]


def _is(entry: Any, message: str, kind: str) -> bool:
    return bool((entry.message, entry.kind) == (message, kind))


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode()


def check(test: Callable[[User], Awaitable[None]], **options: Any) -> None:
    """Serves a gateway with control routes and runs the test as its user."""

    async def main() -> None:
        async with asyncio.timeout(PATIENCE_S), serving(ServeOptions(control=True, seed=7, **options)) as served:
            user = User(served, token=options.get("control_token"))
            try:
                await test(user)
            finally:
                await user.client.close()

    asyncio.run(main())


@contextlib.asynccontextmanager
async def listening(user: User, token: str) -> AsyncIterator[asyncio.Queue[Listening | PushReceived]]:
    """A phone of somebody else that listens for pushes, and what it gets after that."""
    came: asyncio.Queue[Listening | PushReceived] = asyncio.Queue()
    url = user.served.url + STREAM_PATH
    stream = asyncio.create_task(follow_pushes(user.client, url, token, came.put_nowait, lambda _: None))
    assert isinstance(await came.get(), Listening)
    try:
        yield came
    finally:
        stream.cancel()
        await asyncio.wait([stream])


def test_health_tells_the_version_the_pace_and_the_seed() -> None:
    async def test(user: User) -> None:
        status, health = await user.ask("GET", "/_control/health")
        assert status == 200
        assert (health["version"], health["pace"], health["seed"]) == (__version__, "instant", 7)
        assert health["counts"]["entries"] == user.served.bed.trace.count

    check(test)


def test_time_moves_on_and_what_has_become_due_happens() -> None:
    async def test(user: User) -> None:
        await user.ask("POST", "/_control/advance", {"seconds": 0})
        _, before = await user.ask("GET", "/_control/health")
        assert await user.ask("POST", "/_control/advance", {"seconds": 3600.5}) == (200, {"advanced_s": 3600.5})
        _, after = await user.ask("GET", "/_control/health")
        assert 3600.5e9 <= after["now"] - before["now"] < 3660e9

    check(test)


def test_a_message_that_nobody_fetches_expires_when_its_time_is_over() -> None:
    async def test(user: User) -> None:
        async with listening(user, "t"):
            phone = {"phone_number": user.served.number, "sim": "SIM1", "fcm_token": "t", "max_send_attempts": 1}
            for _ in range(2):  # the PUT that makes a phone ignores how often it tries
                assert (await user.ask("PUT", "/v1/phones", phone | {"message_expiration_seconds": 600}))[0] == 200
            _, answer = await user.send()
            path = f"/v1/messages/{answer['data']['id']}"
            await user.ask("POST", "/_control/advance", {"seconds": 590})
            assert (await user.ask("GET", path))[1]["data"]["status"] == "scheduled"
            await user.ask("POST", "/_control/advance", {"seconds": 11})
            assert (await user.ask("GET", path))[1]["data"]["status"] == "expired"

    check(test, phones=0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"seconds": NaN}',
        [],
        {},
        {"seconds": "1"},
        {"seconds": True},
        {"seconds": -1},
        {"seconds": 1e10},
    ],
    ids=lambda body: repr(body)[:20],
)
def test_time_moves_only_forward_and_by_a_number(body: Any) -> None:
    async def test(user: User) -> None:
        status, answer = await user.ask("POST", "/_control/advance", body)
        assert (status, "seconds" in answer["error"]) == (422, True)

    check(test, phones=0)


def test_time_does_not_move_out_of_the_calendar() -> None:
    async def test(user: User) -> None:
        driver = user.served.driver
        driver.offset += LATEST_AT - driver.now - 1000 * SECOND
        status, answer = await user.ask("POST", "/_control/advance", {"seconds": 2000})
        assert (status, "year 9000" in answer["error"]) == (422, True)
        assert (await user.ask("POST", "/_control/advance", {"seconds": 10}))[0] == 200
        assert (await user.send())[0] in (200, 422)

    check(test, phones=0)


def test_others_are_served_while_time_goes_a_long_way() -> None:
    """The answer comes when everything on the way is done, each thing at its own time."""

    async def test(user: User) -> None:
        beats = user.served.bed.standin.heartbeats
        far = asyncio.create_task(user.ask("POST", "/_control/advance", {"seconds": 2_000_000}))
        seen: list[int] = []
        while not far.done():
            assert (await user.ask("GET", "/v1/phones"))[0] == 200
            seen.append(len(beats))
        assert await far == (200, {"advanced_s": 2_000_000})
        assert len(beats) >= 2_000_000 // 900
        assert min(seen) < len(beats) // 2
        times = [beat.beat_at for beat in beats.values()]
        assert times == sorted(times)
        assert max(after - before for before, after in pairwise(times)) < 1000 * SECOND

    check(test)


@contextlib.asynccontextmanager
async def silent_receiver() -> AsyncIterator[tuple[str, asyncio.Event]]:
    """A webhook receiver that never answers: its URL, and when somebody has called it."""
    called, over = asyncio.Event(), asyncio.Event()

    async def connected(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        await over.wait()
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook", called
    over.set()
    server.close()


@pytest.mark.parametrize("route", ["reset", "restore"])
def test_requests_that_wait_in_a_world_that_goes_are_closed(route: str) -> None:
    async def test(user: User) -> None:
        _, snapshot = await user.ask("POST", "/_control/snapshot")
        async with silent_receiver() as (url, called):
            numbers, events = [user.served.number], ["phone.heartbeat.offline"]
            hook = {"url": url, "signing_key": "k", "phone_numbers": numbers, "events": events}
            assert (await user.ask("POST", "/v1/webhooks", hook))[0] == 201
            waiting = asyncio.create_task(user.outcome("POST", "/v1/events", event(user), key="uk_system"))
            await called.wait()
            assert not waiting.done()
            assert (await user.ask("POST", f"/_control/{route}", snapshot))[0] == 200
            assert isinstance(await waiting, Closed)
            assert (await user.ask("GET", "/v1/webhooks"))[1]["data"] == []

    check(test, queue_user=("system", "uk_system"))


def event(user: User) -> dict[str, Any]:
    """One that waits for the webhooks."""
    at = "2026-11-20T10:00:00Z"
    ((_, monitor),) = user.served.bed.standin.monitors.items()
    data = {"phone_id": monitor.phone_id, "user_id": monitor.user_id, "owner": user.served.number, "timestamp": at}
    data |= {"last_heartbeat_timestamp": at, "monitor_id": monitor.id}
    return {"specversion": "1.0", "id": "1", "source": "/t", "type": "phone.heartbeat.offline", "data": data}


def test_one_who_follows_the_trace_and_one_who_waits_for_time_stay_through_a_reset() -> None:
    async def test(user: User) -> None:
        events: asyncio.Queue[Event] = asyncio.Queue()
        is_open = asyncio.Event()
        url = user.served.url + "/_control/trace?follow=1"
        follower = asyncio.create_task(follow(user.client, url, events.put_nowait, on_open=is_open.set))
        await is_open.wait()
        far = asyncio.create_task(user.ask("POST", "/_control/advance", {"seconds": 500_000}))
        while not user.served.driver.now > user.served.bed.world.now + 1000 * SECOND:
            assert (await user.ask("GET", "/_control/health"))[0] == 200
        assert (await user.ask("POST", "/_control/reset"))[0] == 200
        assert await far == (200, {"advanced_s": 500_000})
        message = await user.delivered("after it")
        while json.loads((await events.get()).data)["message"] != message:
            pass
        follower.cancel()
        await asyncio.wait([follower])

    check(test)


def test_a_reset_goes_back_to_a_gateway_whose_phone_is_logged_in() -> None:
    async def test(user: User) -> None:
        await user.delivered("one")
        assert await user.messages() == ["one"]
        assert await user.ask("POST", "/_control/reset") == (200, {"reset": True})
        assert await user.messages() == []
        await user.delivered("two")
        assert await user.messages() == ["two"]

    check(test)


def test_a_snapshot_brings_its_world_back() -> None:
    async def test(user: User) -> None:
        await user.delivered("one")
        status, snapshot = await user.ask("POST", "/_control/snapshot")
        assert (status, snapshot["version"]) == (200, 1)
        await user.delivered("two")
        status, answer = await user.ask("POST", "/_control/restore", snapshot)
        assert (status, answer) == (200, {"restored": len(snapshot["rows"])})
        assert await user.messages() == ["one"]
        await user.delivered("three")
        assert sorted(await user.messages()) == ["one", "three"]

    check(test)


def test_a_snapshot_brings_its_world_back_into_another_gateway() -> None:
    snapshots: list[Any] = []

    async def take(user: User) -> None:
        await user.delivered("one")
        snapshots.append((await user.ask("POST", "/_control/snapshot"))[1])

    async def restore(user: User) -> None:
        await user.ask("POST", "/_control/restore", snapshots[0])
        assert await user.messages() == ["one"]

    check(take)
    check(restore)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        {},
        {"version": 1},
        {"version": 1, "rows": []},
        {"version": 1, "rows": 7},
        {"version": 1, "rows": [["a", "b", "c"]]},
        {"version": 1, "rows": [[1, 2, 3, 4]]},
        {"version": 1, "rows": [["a", "b", {"=": "os:system"}, 1]]},
        {"version": 2, "rows": [["", "facts", "now", 0]]},
    ],
    ids=lambda body: repr(body)[:40],
)
def test_what_is_no_snapshot_is_refused_and_changes_nothing(body: Any) -> None:
    async def test(user: User) -> None:
        before = (await user.ask("POST", "/_control/snapshot"))[1]["rows"]
        status, answer = await user.ask("POST", "/_control/restore", body)
        assert (status, "snapshot" in answer["error"]) == (422, True)
        after = (await user.ask("POST", "/_control/snapshot"))[1]["rows"]
        assert {json.dumps(row) for row in before} - {json.dumps(row) for row in after} <= _moments(before)

    check(test)


Rows = list[Any]


def without(owner: str, *name: str) -> Callable[[Rows], Rows]:
    """All rows but those of an owner, a table of it, or a key of that."""
    return lambda rows: [row for row in rows if row[: 1 + len(name)] != [owner, *name]]


def changed(owner: str, name: str, key: str, row: Any) -> Callable[[Rows], Rows]:
    return lambda rows: [*without(owner, name, key)(rows), [owner, name, key, row]]


DUE = {"=": "world:_Due", "due_at": 1, "tie": 0, "to": "stranger", "event": None, "cause": None}
NOT_WHOLE: dict[str, tuple[Callable[[Rows], Rows], int, str]] = {
    "the last rows are missing": (lambda rows: rows[:-40], 40, "are its count"),
    "a row is missing": (lambda rows: rows[:5] + rows[6:], 1, "are its count"),
    "its clock is missing": (without("", "facts", "now"), 0, "'now' is missing"),
    "its chance is missing": (without("", "draws"), 0, "draws '' is missing"),
    "no account is in it": (without("gateway", "accounts"), 0, "no account is in it"),
    "a phone is missing": (without("phone:phone"), 0, "nothing of phone:phone is in it"),
    "of another gateway": (lambda rows: [*rows, ["fax", "pages", 1, 2]], 0, "this gateway has no fax.pages"),
    "of another table": (lambda rows: [*rows, ["gateway", "faxes", 1, 2]], 0, "this gateway has no gateway.faxes"),
    "with an unknown class": (lambda rows: [*rows, ["gateway", "phones", 1, {"=": "os:stat"}]], 0, "no class os:stat"),
    "with a key that is a mapping": (
        lambda rows: [*rows, ["gateway", "phones", {"=": "dict", "items": []}, 1]],
        0,
        "no row of a world",
    ),
    "due for nobody here": (lambda rows: [*rows, ["", "due", 10**9, DUE]], 0, "due for stranger"),
    "a clock that is none": (changed("", "facts", "now", "noon"), 0, "no row of a world"),
    "a clock beyond all calendars": (changed("", "facts", "now", 10**30), 0, "no row of a world"),
    "a clock at the end of the calendar": (
        changed("", "facts", "now", 253402300799 * 10**9),
        0,
        "beyond the year 9000",
    ),
}


@pytest.mark.parametrize(("change", "missing", "why"), NOT_WHOLE.values(), ids=NOT_WHOLE)
def test_what_is_no_whole_world_is_refused_and_changes_nothing(
    change: Callable[[Rows], Rows], missing: int, why: str
) -> None:
    async def test(user: User) -> None:
        await user.delivered("one")
        _, snapshot = await user.ask("POST", "/_control/snapshot")
        await user.delivered("two")
        rows = change(snapshot["rows"])
        body = {"version": snapshot["version"], "count": len(rows) + missing, "rows": rows}
        status, answer = await user.ask("POST", "/_control/restore", body)
        assert (status, "snapshot gave" in answer["error"]) == (422, True)
        assert why in answer["error"]
        assert sorted(await user.messages()) == ["one", "two"]
        await user.delivered("three")

    check(test)


def test_a_world_larger_than_the_api_takes_can_be_brought_back() -> None:
    async def test(user: User) -> None:
        file = {"name": "a.png", "content_type": "image/png", "content": "A" * 2_000_000}
        received = {"from": CONTACT, "to": user.served.number, "sim": "SIM1", "timestamp": "2026-11-20T10:00:00Z"}
        for _ in range(3):
            status, _ = await user.ask("POST", "/v1/messages/receive", received | {"attachments": [file]})
            assert status == 200
        _, snapshot = await user.ask("POST", "/_control/snapshot")
        content = json.dumps(snapshot).encode()
        assert len(content) > 5_000_000
        assert (await user.ask("POST", "/_control/restore", content))[0] == 200
        assert (await user.ask("POST", "/_control/reset", content))[0] == 413

    check(test, phones=0)


def _moments(rows: list[Any]) -> set[str]:
    """What moves on by itself."""
    return {json.dumps(row) for row in rows if row[:2] == ["", "facts"] or row[:2] == ["", "draws"]}


def test_phones_in_other_processes_come_again_after_a_reset() -> None:
    """Their streams break off, since the world that they belong to is gone."""

    async def test(user: User) -> None:
        async with listening(user, "t") as came:
            await user.ask("POST", "/_control/reset")
            assert isinstance(await came.get(), Listening)  # it is registered again
            assert list(user.served.bed.world.cores["push-streams"].tables()["streams"]) == ["t"]

    check(test)


def test_the_trace_is_json_lines() -> None:
    async def test(user: User) -> None:
        message = await user.delivered("Hello")
        status, lines = await user.ask("GET", "/_control/trace")
        entries = [json.loads(line) for line in lines.splitlines()]
        assert status == 200
        assert [entry["number"] for entry in entries] == list(range(len(entries)))
        assert any(entry["message"] == message and entry["kind"] == "message.phone.sent" for entry in entries)

    check(test)


def test_the_trace_is_followed_as_it_grows() -> None:
    async def test(user: User) -> None:
        events: asyncio.Queue[Event] = asyncio.Queue()
        is_open = asyncio.Event()
        follower = asyncio.create_task(
            follow(user.client, user.served.url + "/_control/trace?follow=1", events.put_nowait, on_open=is_open.set)
        )
        await is_open.wait()
        message = await user.delivered("Hello")
        while True:
            entry = json.loads((await events.get()).data)
            if (entry["message"], entry["kind"]) == (message, "message.phone.delivered"):
                break
        follower.cancel()
        await asyncio.wait([follower])
        await user.delivered("Hello")  # one who left hinders nobody

    check(test)


@pytest.mark.parametrize("path", ["health", "trace", "trace?follow=1"])
@pytest.mark.parametrize("token", [None, "", "wrong", "tökén"])
def test_where_a_token_is_asked_for_nothing_is_told_without_it(token: str | None, path: str) -> None:
    async def test(user: User) -> None:
        user.token = token
        status, answer = await user.ask("GET", f"/_control/{path}")
        assert (status, answer) == (401, {"error": "the control token is missing or wrong"})
        user.token = "right"
        assert (await user.ask("GET", "/_control/health"))[0] == 200

    check(test, control_token="right", phones=0)


def test_what_is_no_control_route_is_answered_as_by_the_real_server() -> None:
    async def test(user: User) -> None:
        for method, path in [("GET", "/_control/advance"), ("GET", "/_control/nothing"), ("GET", "/_control")]:
            assert (await user.ask(method, path))[0] == 404

    check(test, phones=0)


def test_the_routes_are_closed_unless_asked_for() -> None:
    async def main() -> None:
        async with serving(ServeOptions(phones=0)) as served:
            user = User(served)
            assert (await user.ask("GET", "/_control/health"))[0] == 404
            await user.client.close()

    asyncio.run(main())


# -- handsets ----------------------------------------------------------------------------------------------------------


def test_the_handsets_are_told_and_something_is_done_to_one_or_all_of_them() -> None:
    async def test(user: User) -> None:
        one, two = "+18005550199", "+18005550198"
        status, answer = await user.ask("GET", "/_control/handsets")
        assert status == 200
        assert [each["numbers"] for each in answer["handsets"]] == [[one], [two]]
        body = {"do": "lose network", "number": two}
        assert await user.ask("POST", "/_control/handsets", body) == (200, {"done": True})
        assert await user.ask("POST", "/_control/handsets", {"do": "text BANK Hi"}) == (200, {"done": True})
        _, answer = await user.ask("GET", "/_control/handsets")
        assert [each["network"] for each in answer["handsets"]] == ["validated", "none"]
        waits = [row["waits_for"] for row in answer["handsets"][1]["pending"] if row["what"].startswith("forward")]
        assert waits == ["a validated network"]

    check(test, phones=2)


def test_a_phone_that_is_paused_over_its_route_is_let_on_step_by_step() -> None:
    async def test(user: User) -> None:
        for deed in ("pause", "text BANK Hi"):
            assert (await user.ask("POST", "/_control/handsets", {"do": deed}))[0] == 200
        _, answer = await user.ask("GET", "/_control/handsets")
        [handset] = answer["handsets"]
        assert handset["paused"]
        assert [row["what"] for row in handset["held_back"]] == ["deliver received"]
        assert (await user.ask("POST", "/_control/handsets", {"do": "step"}))[0] == 200
        assert "text received" in [entry.kind for entry in user.served.bed.trace.entries]

    check(test)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, 'must be like {"do": "lose network"'),
        ({"do": 1}, 'must be like {"do": "lose network"'),
        ({"do": "reboot", "number": 1}, 'must be like {"do": "lose network"'),
        (b"[]", 'must be like {"do": "lose network"'),
        (b"{", 'must be like {"do": "lose network"'),
        ({"do": "loose network"}, "did you mean `lose network`?"),
        ({"do": "reboot", "number": "+18005550111"}, "there is no phone +18005550111"),
        ({"do": "tunnel soon"}, "is not a time with its unit"),
        ({"do": "reject FOO"}, "there is no result 'FOO'"),
        ({"do": "step"}, "nothing waits for a paused phone"),
    ],
)
def test_what_cannot_be_done_to_a_handset_is_answered_with_why(body: Any, text: str) -> None:
    async def test(user: User) -> None:
        status, answer = await user.ask("POST", "/_control/handsets", body)
        assert status == 422
        assert text in answer["error"]

    check(test)


def test_the_handsets_are_behind_the_token_and_tell_no_secret() -> None:
    async def test(user: User) -> None:
        _, answer = await user.ask("GET", "/_control/handsets")
        phone = user.served.bed.world.cores["phone:phone"]
        settings = phone.settings  # type: ignore[attr-defined]
        told = json.dumps(answer)
        assert not [secret for secret in (settings.api_key, settings.registration_token, "t0ken") if secret in told]
        user.token = "wrong"
        assert (await user.ask("GET", "/_control/handsets"))[0] == 401
        assert (await user.ask("POST", "/_control/handsets", {"do": "reboot"}))[0] == 401
        assert "booted" not in [entry.kind for entry in user.served.bed.trace.entries]

    check(test, control_token="t0ken")
