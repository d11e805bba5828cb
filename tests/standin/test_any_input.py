"""Whatever comes in, on any route and with any credential: the stand-in answers, and goes on.

The routes are those of `harness.standin.routes`, the names of fields and parameters those that `harness.wire` knows,
so new ones are covered without a line here.
"""

from __future__ import annotations

import gzip
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import harness.wire
from harness.http.render import response_bytes
from harness.http.values import Arrived, Request, Respond, Response
from harness.instants import SECOND
from harness.standin.routes import ROUTES, Route
from harness.world import World
from tests.standin.gateways import CONTACT, HOOK, OWNER, SYSTEM_KEY, Gateway

NUL = re.compile(rb"\0|\\u0000|%00")


def _known_names() -> Iterator[str]:
    """The keys of every table in `harness.wire`: among them the fields of all requests and events."""
    for module in pkgutil.iter_modules(harness.wire.__path__, "harness.wire."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, dict):
                yield from (key for key in value if isinstance(key, str) and re.fullmatch(r"[A-Za-z_-]+", key))


NAMES = sorted({*_known_names(), "limit", "skip", "query", "owner", "owners", "contact", "message_id", "is_archived"})


@dataclass(frozen=True)
class Base:
    """A gateway in use: something of every kind is there. `ids` are the ids that it knows."""

    world: World
    keys: tuple[str, ...]
    ids: tuple[str, ...]


@cache
def base() -> Base:
    gateway = Gateway.with_phone(control=True)
    hook = gateway.subscribe("message.phone.received", "message.phone.sent", "message.send.failed").data["id"]
    message = gateway.send().data["id"]
    gateway.settle(3)
    gateway.fetch(message)
    gateway.report(message, "SENT")
    received = gateway.receive().data["id"]
    gateway.call("POST", "/v1/heartbeats", {"phone_numbers": [OWNER], "charging": True}, key=gateway.key)
    gateway.settle(3)
    listed = [gateway.call("GET", f"/v1/{path}").data[0]["id"] for path in ("phones", "phone-api-keys")]
    threads = gateway.call("GET", "/v1/message-threads?owner=" + quote(OWNER)).data
    ids = (hook, message, received, *listed, threads[0]["id"], gateway.account.id)
    return Base(gateway.world, ("", gateway.account.api_key, gateway.key, SYSTEM_KEY), ids)


# -- requests ------------------------------------------------------------------------------------------------

TIMES = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2026-11-20T10:00:00+14:00", "2026-02-30T00:00:00Z"]
URLS = [
    HOOK,
    "http://a.bb[",
    "https://a.bb]/",
    "http://a.b:99999/",
    "http://..../",
    "http://a.b?#",
    "a.bb@c:x",
    "a.bcd",
]
NUMBERS = [OWNER, CONTACT, "+1", "+" + "9" * 300, "٠" * 12, "SIM1", "DEFAULT", "BANK"]
TEXTS = st.one_of(
    st.sampled_from(["", " ", "\ud800", "SENT", "DELIVERED", "FAILED", "UTC", "Local", "../x", "-1", "9" * 30]),
    st.sampled_from([*TIMES, *URLS, *NUMBERS]),
    st.deferred(lambda: st.sampled_from(base().ids)),
    st.text(max_size=20),
    st.sampled_from(["x" * 256, "x" * 2049, "é" * 1025, "\U0001f600" * 600, "=" * 30, "AAAA"]),
)
NUMERALS = st.one_of(st.integers(), st.sampled_from([-(2**63), 2**63, 2**64, 10**400, 59, 60, 3600]), st.floats())
SCALARS = st.one_of(st.none(), st.booleans(), NUMERALS, TEXTS)
NAME = st.one_of(st.sampled_from(NAMES), st.text(max_size=5))


def objects(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(NAME, values, max_size=8)


VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | objects(inner), max_leaves=12)
TYPES = [
    *(
        "application/json",
        "application/json; charset=x",
        "application/vnd.api+json",
        "text/plain",
        "",
        "application/xml",
    ),
    *("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", "multipart/"),
]


@st.composite
def bodies(draw: st.DrawFn) -> tuple[bytes, dict[str, str]]:
    """A body and what the headers say of it."""
    kind = draw(st.sampled_from(["object", "object", "object", "value", "bytes", "form", "parts"]))
    headers = {"Content-Type": draw(st.sampled_from(TYPES))} if kind == "bytes" else {"Content-Type": TYPES[0]}
    match kind:
        case "object":
            body = json.dumps(draw(objects(VALUES))).encode()
        case "value":
            body = json.dumps(draw(VALUES), ensure_ascii=False).encode("utf-8", "surrogatepass")
        case "form":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(draw(objects(TEXTS)), errors="surrogatepass").encode()
        case "parts":
            headers["Content-Type"] = "multipart/form-data; boundary=x"
            body = draw(parts())
        case _:
            body = draw(st.binary(max_size=60))
    packing = draw(st.sampled_from(["", "", "", "gzip", "deflate", "br"]))
    if packing:
        headers["Content-Encoding"] = packing
        body = gzip.compress(body, 1) if draw(st.booleans()) else body
    return body, headers


@st.composite
def parts(draw: st.DrawFn) -> bytes:
    """Something like a multipart body, often broken."""
    pieces = [
        *(b"--x\r\n", b"--x--\r\n", b"--x", b"\r\n", b"\r\n\r\n", b'Content-Disposition: form-data; name="document"'),
        *(b'; filename="a.csv"', b'; filename="a.xlsx"', b"\r\nContent-Type: text/csv", b"PK\x03\x04", b"\xff\xfe"),
        b"FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n+18005550199,+18005550100,hi,\n",
    ]
    return b"".join(draw(st.lists(st.one_of(st.sampled_from(pieces), st.binary(max_size=8)), max_size=14)))


PATH_TEXTS = st.one_of(
    st.deferred(lambda: st.sampled_from(base().ids)),
    st.sampled_from(["32343536-1234-4234-8234-123456789abc", "%00", "%", "..", "a.b", "%ff%fe", "x" * 300, "{id}"]),
    st.text(st.characters(codec="latin-1", exclude_characters="/?#"), min_size=1, max_size=12),
)


@st.composite
def targets(draw: st.DrawFn, template: str) -> bytes:
    path = re.sub(r"\{\w+\}", lambda _: draw(PATH_TEXTS), template)
    query = draw(st.one_of(st.just(""), st.text(max_size=20), st.dictionaries(NAME, TEXTS, max_size=5)))
    if isinstance(query, dict):
        query = urlencode(query, errors="surrogatepass")
    return (path + (f"?{query}" if query else "")).encode("utf-8", "surrogatepass")


@st.composite
def requests(draw: st.DrawFn, route: Route) -> Request:
    key = draw(st.deferred(lambda: st.sampled_from(base().keys)))
    body, headers = draw(bodies())
    if key:
        headers["x-api-key"] = key
    method = draw(st.sampled_from([route.method] * 8 + ["HEAD", "OPTIONS", "PATCH"]))
    return Request(method, "http", "h", draw(targets(route.template)), tuple(headers.items()), body)


# What is right; a request that is wrong in one place gets further than one that is wrong in all.
WINDOW = {"day_of_week": 1, "start_minute": 0, "end_minute": 600}
HOOKED = ["message.phone.received", "message.phone.sent", "message.call.missed"]
SCHEDULE = {"name": "night", "timezone": "Europe/Berlin", "windows": [WINDOW]}
EVENT = {"specversion": "1.0", "id": "1", "source": "/test", "type": "message.send.expired.check", "data": {}}
RIGHT: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/v1/messages/send"): {"from": OWNER, "to": CONTACT, "content": "hi", "send_at": None, "attachments": []},
    ("POST", "/v1/messages/bulk-send"): {"from": OWNER, "to": [CONTACT, CONTACT], "content": "hi"},
    ("POST", "/v1/messages/receive"): {
        "from": CONTACT,
        "to": OWNER,
        "content": "hi",
        "sim": "SIM1",
        "timestamp": "2026-11-20T10:00:00Z",
        "attachments": [{"name": "a.png", "content_type": "image/png", "content": "AAAA"}],
    },
    ("POST", "/v1/messages/calls/missed"): {"from": CONTACT, "to": OWNER, "timestamp": "2026-11-20T10:00:00Z"},
    ("POST", "/v1/messages/{id}/events"): {"event_name": "FAILED", "timestamp": "2026-11-20T10:00:00Z", "reason": "x"},
    ("PUT", "/v1/message-threads/{id}"): {"is_archived": True, "is_read": False},
    ("PUT", "/v1/phones"): {"phone_number": OWNER, "fcm_token": "t", "missed_call_auto_reply": "later"},
    ("PUT", "/v1/phones/fcm-token"): {"phone_number": OWNER, "fcm_token": "t", "sim": "SIM1"},
    ("POST", "/v1/phone-api-keys"): {"name": "key"},
    ("POST", "/v1/heartbeats"): {"phone_numbers": [OWNER], "charging": True},
    ("POST", "/v1/webhooks"): {"url": HOOK, "signing_key": "k", "phone_numbers": [OWNER], "events": HOOKED},
    ("PUT", "/v1/webhooks/{id}"): {"url": HOOK, "signing_key": "k", "phone_numbers": [OWNER], "events": HOOKED},
    ("POST", "/v1/send-schedules"): SCHEDULE,
    ("PUT", "/v1/send-schedules/{id}"): SCHEDULE,
    ("PUT", "/v1/users/me"): {"timezone": "Europe/Berlin", "active_phone_id": ""},
    ("POST", "/v1/events"): EVENT,
    ("POST", "/integration/3cx/messages"): {"from": OWNER, "to": CONTACT, "text": "hi"},
}
ODD = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), objects(SCALARS))


def bent(draw: st.DrawFn, value: Any, depth: int = 0) -> Any:
    """The value with something else in one place of it."""
    if isinstance(value, dict) and value and (depth == 0 or draw(st.booleans())):
        name = draw(st.sampled_from(sorted(value)))
        return value | {name: bent(draw, value[name], depth + 1)}
    if isinstance(value, list) and value and draw(st.booleans()):
        return [bent(draw, value[0], depth + 1), *value[1:]]
    return draw(ODD)


@st.composite
def bent_requests(draw: st.DrawFn, route: Route) -> Request:
    body = RIGHT[route.method, route.template]
    for _ in range(draw(st.integers(0, 2))):
        body = bent(draw, body)
    _, user_key, phone_key, system_key = base().keys
    key = system_key if route.template == "/v1/events" else draw(st.sampled_from([user_key, phone_key]))
    path = re.sub(r"\{\w+\}", lambda _: draw(st.sampled_from(base().ids)), route.template)
    headers = (("Content-Type", "application/json"), ("x-api-key", key))
    return Request(route.method, "http", "h", path.encode(), headers, json.dumps(body).encode())


# -- the claim -----------------------------------------------------------------------------------------------


def answer(world: World, request: Request) -> Response:
    """The one answer; what follows from it has followed."""
    world.outward.clear()
    world.inject("gateway", Arrived("http-1", request))
    world.run_until(world.now + 30 * SECOND)
    responses = [item.command.response for item in world.outward if isinstance(item.command, Respond)]
    assert len(responses) == 1, f"{len(responses)} answers"
    return responses[0]


def day_after(world: World) -> None:
    """What happens to every gateway: nothing that was stored stands in its way."""
    _, user_key, phone_key, _ = base().keys
    for method, path, key in (
        *(("POST", "/v1/messages/send", user_key), ("POST", "/v1/messages/receive", phone_key)),
        *(("POST", "/v1/messages/calls/missed", phone_key), ("GET", "/v1/messages?limit=-1", user_key)),
        *(("GET", f"/v1/{name}", user_key) for name in ("phones", "webhooks?limit=9", "heartbeats", "users/me")),
        ("GET", f"/v1/message-threads?limit=9&owner={quote(OWNER)}", user_key),
    ):
        body = json.dumps(RIGHT.get((method, path), {})).encode()
        headers = (("Content-Type", "application/json"), ("x-api-key", key))
        assert answer(world, Request(method, "http", "h", path.encode(), headers, body)).status < 500
    world.run_until(world.now + 2 * 3600 * SECOND)


def may_fail(request: Request, route: Route) -> bool:
    """Where the real server answers 500 as well (gateway-protocol.md §1.5, §2.15, §2.16, §2.17)."""
    has_nul = NUL.search(request.target + request.body + _unpacked(request.body)) is not None
    return has_nul or route.template.startswith(("/v1/webhooks/", "/v1/discord-integrations", "/v1/users"))


def _unpacked(body: bytes) -> bytes:
    try:
        return gzip.decompress(body)
    except (OSError, EOFError):
        return b""


def check(request: Request, route: Route) -> None:
    world = base().world.fork()
    response = answer(world, request)
    assert 200 <= response.status < 500 or (response.status == 500 and may_fail(request, route)), response
    response_bytes(response, close=True, head=request.method == "HEAD")  # can be written down
    kind = response.header("Content-Type") or ""
    if kind.startswith("application/json") and response.body:
        json.loads(response.body)
    if response.status < 300 and request.method != "GET":
        day_after(world)


def name(route: Route) -> str:
    return f"{route.method} {route.template}"


def check_any(route: Route, data: st.DataObject) -> None:
    is_right = (route.method, route.template) in RIGHT and data.draw(st.booleans())
    check(data.draw(bent_requests(route) if is_right else requests(route)), route)


@pytest.mark.parametrize("route", ROUTES, ids=name)
@given(data=st.data())
@settings(max_examples=min(20, settings.default.max_examples))
def test_any_request_to_any_route_is_answered(route: Route, data: st.DataObject) -> None:
    check_any(route, data)


@pytest.mark.soak
@pytest.mark.parametrize("route", ROUTES, ids=name)
@given(data=st.data())
@settings(max_examples=400)
def test_any_of_many_requests_to_any_route_is_answered(route: Route, data: st.DataObject) -> None:
    check_any(route, data)


CONTROL = [("POST", "accounts"), ("PATCH", "accounts/{id}"), ("GET", "phones/{id}"), ("PATCH", "phones/{id}")]
CONTROL_NAMES = ["plan", "user_id", "api_key", "email", "sent_messages", "received_messages", "last_heartbeat_age_s"]
CONTROL_NAMES += ["messages_per_minute", "message_expiration_seconds"]


@pytest.mark.parametrize(("method", "path"), CONTROL)
@given(body=st.dictionaries(st.sampled_from(CONTROL_NAMES), SCALARS, max_size=2), data=st.data())
@settings(max_examples=min(20, settings.default.max_examples))
@example({"last_heartbeat_age_s": 1e300}, None)
@example({"last_heartbeat_age_s": float("nan")}, None)
@example({"message_expiration_seconds": 10**30}, None)
@example({"sent_messages": 10**4290}, None)
def test_any_request_to_a_control_route_is_answered(
    method: str, path: str, body: dict[str, Any], data: st.DataObject | None
) -> None:
    place = base().ids[-1 if path.startswith("accounts") else 3] if data is None else data.draw(PATH_TEXTS)
    target = f"/_control/{path}".replace("{id}", place).encode("utf-8", "surrogatepass")
    world = base().world.fork()
    response = answer(world, Request(method, "http", "h", target, (), json.dumps(body).encode()))
    assert response.status < 500
    response_bytes(response, close=True, head=False)
    day_after(world)


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"plan":' * 100_000, b"\xff", b"9" * 10_000], ids=lambda body: body[:9]
)
def test_a_body_that_a_control_route_cannot_read_is_refused(body: bytes) -> None:
    assert answer(base().world.fork(), Request("POST", "http", "h", b"/_control/accounts", (), body)).status == 400


POISONS: list[tuple[str, str, dict[str, Any]]] = [
    *(("POST", "/v1/webhooks", {"url": url}) for url in URLS),
    ("POST", "/v1/webhooks", {"url": "http://" + ".a" * 60 + "\x01"}),
    *(("POST", "/v1/messages/receive", {"timestamp": time}) for time in TIMES),
    *(("POST", "/v1/messages/calls/missed", {"timestamp": time}) for time in TIMES),
    ("POST", "/v1/messages/{id}/events", {"timestamp": TIMES[1]}),
    ("POST", "/v1/messages/send", {"send_at": TIMES[0]}),
]


@pytest.mark.parametrize(("method", "path", "changes"), POISONS, ids=lambda value: str(value)[:40])
def test_what_once_brought_a_gateway_down_does_not(method: str, path: str, changes: dict[str, Any]) -> None:
    route = next(route for route in ROUTES if (route.method, route.template) == (method, path))
    body = json.dumps(RIGHT[method, path] | changes).encode()
    headers = (("Content-Type", "application/json"), ("x-api-key", base().keys[1]))
    target = path.replace("{id}", base().ids[1]).encode()
    check(Request(method, "http", "h", target, headers, body), route)


# -- those whom the stand-in calls ---------------------------------------------------------------------------

PLACES = st.one_of(TEXTS, st.sampled_from([*URLS, "http://[::1", "//", "?", "http://a:b:c", "\xff", "/" * 300]))
ANSWERS = st.builds(
    Response,
    st.sampled_from([200, 204, 301, 302, 303, 307, 308, 400, 404, 410, 429, 500, 503, 999]),
    st.lists(st.tuples(st.sampled_from(["Location", "Retry-After", "Content-Type"]), PLACES), max_size=2).map(tuple),
    st.one_of(st.binary(max_size=40), VALUES.map(lambda value: json.dumps(value).encode())),
)


@pytest.mark.parametrize("party", ["hook", "fcm"])
@given(response=ANSWERS)
@settings(max_examples=min(30, settings.default.max_examples))
@example(Response(302, (("Location", "http://[::1"),)))
def test_any_answer_of_those_it_calls_is_taken(party: str, response: Response) -> None:
    world = base().world.fork()
    world.cores[party].always = response  # type: ignore[attr-defined]
    day_after(world)
