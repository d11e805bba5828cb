"""harness.standin.openapi.document: every route is told of, and nothing is told that does not happen."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest
from openapi_spec_validator import validate

from harness.http.parse import Refusal, RequestParser
from harness.http.values import Request, Response
from harness.standin.openapi.asking import UUID
from harness.standin.openapi.document import as_json, document
from harness.standin.openapi.operations import OPERATIONS
from harness.standin.routes import ROUTES, Credentials, Route
from tests.house.sources import ROOT
from tests.recorded import OURS
from tests.standin.gateways import OWNER, Gateway
from tests.standin.openapi.conversations import Exchange, recorded, told

NUL = "a\0b"
HOURS: Mapping[str, Any] = {"timezone": "UTC", "windows": [{"day_of_week": 1, "start_minute": 0, "end_minute": 60}]}
INVOICE = {"name": "a", "address": "b", "city": "c", "country": "DE", "zip_code": "1"}
DISCORD = {"name": "a", "server_id": "1", "incoming_channel_id": "2"}
SIGNED = {"X-Signature-Ed25519": "a1" * 64, "X-Signature-Timestamp": "1"}


# -- the document ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("control", [False, True])
def test_the_document_is_openapi(control: bool) -> None:
    validate(json.loads(as_json(control)))


def test_every_route_is_told_of_and_nothing_else() -> None:
    paths = told().document["paths"]
    found = sorted(f"{method.upper()} {path}" for path, item in paths.items() for method in item)
    assert found == sorted(f"{route.method} {route.template}" for route in ROUTES)
    assert OPERATIONS.keys() == set(found)


def test_every_operation_has_a_name_a_summary_and_answers() -> None:
    operations = [operation for item in document(control=True)["paths"].values() for operation in item.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert all(operation["summary"] and operation["tags"] and operation["responses"] for operation in operations)


def test_everybody_may_read_the_document() -> None:
    gateway = Gateway()
    answer = gateway.call("GET", "/openapi.json", key="", headers={"Origin": "https://docs.example.com"})
    assert (answer.status, answer.body) == (200, json.loads(as_json(False)))
    assert answer.response.header("Content-Type") == "application/json; charset=utf-8"
    assert answer.response.header("Access-Control-Allow-Origin") == "*"
    assert [entry.kind for entry in gateway.entries("harness")] == ["GET /openapi.json"]


def test_the_document_is_not_made_before_somebody_asks() -> None:
    look = "import sys, harness.serving; print([name for name in sys.modules if 'openapi' in name])"
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_control_routes_are_told_of_where_they_are_open() -> None:
    paths = Gateway(control=True).call("GET", "/openapi.json", key="").body["paths"]
    assert {path for path in paths if path.startswith("/_control/")} != set()
    assert not any(path.startswith("/_control/") for path in told().document["paths"])


# -- what was recorded -------------------------------------------------------------------------------------------------


@pytest.mark.cases
def test_every_recorded_answer_is_as_the_document_tells() -> None:
    assert [line for exchange in recorded() for line in told().wrong_answer(exchange)] == []


# What a server takes although it is not told of: names in another case, other content types that are JSON, forms.
BEYOND = {
    "auth-places": {"$: application/x-www-form-urlencoded is not told of"},
    "phones-null": {"$: 'phone_number' is a required property"},
    "send-accepted": {f"$: {name!r} is a required property" for name in ("from", "to", "content")},
    "send-bodies": {"$: application/x-www-form-urlencoded is not told of"},
    "send-content-types": {"$: application/vnd.api+json is not told of"},
}


@pytest.mark.cases
def test_every_body_that_was_taken_is_allowed() -> None:
    taken = [
        exchange
        for exchange in recorded()
        if exchange.response.status < 300 and "requestBody" in told().operation(exchange)
    ]
    found = {(exchange.case, line) for exchange in taken for line in told().wrong_request(exchange)}
    if OURS:
        assert found == {(case, line) for case, lines in BEYOND.items() for line in lines}
    assert len(taken) > len(found)


# -- what is told of happens -------------------------------------------------------------------------------------------


def _ask(gateway: Gateway, method: str, target: str, body: Any = None, **more: Any) -> Exchange:
    answer = gateway.call(method, target, body, **more)
    return Exchange("asked", Request(method, "http", "api.internal", target.encode(), (), b""), answer.response)


def _path(route: Route) -> str:
    return "/".join(UUID if part.startswith("{") else part for part in route.template.split("/"))


def _without_a_key() -> Iterator[Exchange]:
    gateway = Gateway()
    for route in ROUTES:
        if route.credentials is not Credentials.NONE:
            yield _ask(gateway, route.method, _path(route), key="")


def _without_sense() -> Iterator[Exchange]:
    gateway = Gateway()
    for route in ROUTES:
        if "requestBody" in told().document["paths"][route.template][route.method.lower()]:
            yield _ask(gateway, route.method, _path(route), raw=b"{", headers={"Content-Type": "application/json"})
            form = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": "9"}
            yield _ask(gateway, route.method, _path(route), raw=b"--b\r\n:\r\n", headers=form)


def _without_measure() -> Iterator[Exchange]:
    """Refused by whoever holds the socket."""
    for route in ROUTES:
        for more in (f"Content-Length: {5 << 20}", f"X: {'x' * 5000}"):
            head = f"{route.method} {_path(route)} HTTP/1.1\r\nHost: a\r\n{more}\r\n\r\n"
            [refusal] = RequestParser().feed(head.encode())
            assert isinstance(refusal, Refusal)
            request = Request(route.method, "http", "a", _path(route).encode(), (), b"")
            yield Exchange("refused", request, refusal.response)


def _from_an_account_that_is_gone() -> Iterator[Exchange]:
    """Its key is remembered for a while."""
    gateway = Gateway()
    yield _ask(gateway, "DELETE", "/v1/users/me")
    yield _ask(gateway, "DELETE", "/v1/users/me")
    yield _ask(gateway, "DELETE", f"/v1/users/{gateway.account.id}/api-keys")
    yield _ask(gateway, "PUT", "/v1/users/any/notifications", {})
    yield _ask(gateway, "GET", "/v1/billing/usage")
    yield _ask(gateway, "GET", "/v1/users/subscription/payments")


OWN = {"owner": OWNER, "contact": "+18005550100", "message_id": UUID}


def _with_a_nul() -> Iterator[Exchange]:
    """In each text of every query and body, while the rest of it is fine."""
    for route in ROUTES:
        operation = told().document["paths"][route.template][route.method.lower()]
        gateway = Gateway.with_phone()
        names = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
        fine = {name: value for name, value in OWN.items() if name in names}
        for name in names:
            yield _ask(gateway, route.method, f"{_path(route)}?{urlencode({**fine, name: NUL})}")
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        for name, schema in {} if content is None else content["schema"]["properties"].items():
            if "string" in schema.get("type", ""):
                yield _ask(gateway, route.method, _path(route), {**content["example"], name: NUL})


def _form(lines: str) -> dict[str, Any]:
    """A file of texts."""
    head = 'Content-Disposition: form-data; name="document"; filename="a.csv"'
    raw = f"--b\r\n{head}\r\nContent-Type: text/csv\r\n\r\n{lines}\r\n--b--\r\n".encode()
    return {"raw": raw, "headers": {"Content-Type": "multipart/form-data; boundary=b"}}


def _over_the_limit() -> Iterator[Exchange]:
    gateway = Gateway.with_phone(plan="free", control=True)
    lines = "\n".join(["FromPhoneNumber,ToPhoneNumber,Content", *[f"{OWNER},+18005550100,a"] * 201])
    yield _ask(gateway, "POST", "/v1/bulk-messages", **_form(lines))
    gateway.call("PATCH", f"/_control/accounts/{gateway.account.id}", {"sent_messages": 200})
    yield _ask(gateway, "POST", "/integration/3cx/messages", {"from": OWNER, "to": "1", "text": "a"})


# The rest: what no recording has, in no special place.
ASKED: list[tuple[str, str, Any]] = [
    ("GET", "/v1/messages/search?sort_descending=x", None),
    ("DELETE", f"/v1/messages/{UUID}", None),
    ("DELETE", "/v1/messages/x", None),
    ("DELETE", f"/v1/phone-api-keys/{UUID}/phones/x", None),
    ("DELETE", "/v1/webhooks/x", None),
    ("DELETE", f"/v1/send-schedules/{UUID}", None),
    ("PUT", f"/v1/send-schedules/{UUID}", {"name": "ab", **HOURS}),
    ("PUT", "/v1/users/me", {"active_phone_id": "x"}),
    ("GET", "/v1/users/subscription-update-url", None),
    ("DELETE", "/v1/users/subscription", None),
    ("GET", "/v1/users/subscription/payments", None),
    ("POST", "/v1/users/subscription/invoices/1", INVOICE),
    ("POST", "/v1/discord-integrations", DISCORD),
    ("GET", "/v1/discord-integrations", None),
    ("GET", "/v1/discord-integrations?limit=x", None),
    ("GET", "/v1/discord-integrations?query=x", None),
    ("PUT", f"/v1/discord-integrations/{UUID}", DISCORD),
    ("DELETE", f"/v1/discord-integrations/{UUID}", None),
    ("DELETE", "/v1/discord-integrations/x", None),
    ("POST", "/discord/event", None),
    ("POST", "/lemonsqueezy/event", None),
    ("GET", "/", None),
    ("GET", "/index.html", None),
    ("GET", "/doc.json", None),
]


def _asked() -> Iterator[Exchange]:
    gateway = Gateway.with_phone()
    for method, target, body in ASKED:
        yield _ask(gateway, method, target, body)
    yield _ask(gateway, "POST", "/discord/event", headers=SIGNED)
    made = gateway.call("POST", "/v1/send-schedules", {"name": "ab", **HOURS}).data["id"]
    yield _ask(gateway, "PUT", f"/v1/send-schedules/{made}", {"name": NUL, **HOURS})


@cache
def _scripted() -> tuple[Exchange, ...]:
    parts = (
        *(_without_a_key(), _without_sense(), _without_measure()),
        *(_from_an_account_that_is_gone(), _with_a_nul(), _over_the_limit(), _asked()),
    )
    return tuple(exchange for part in parts for exchange in part)


def test_what_no_recording_has_is_as_the_document_tells() -> None:
    assert [line for exchange in _scripted() for line in told().wrong_answer(exchange)] == []


@pytest.mark.skipif(not OURS, reason="other recordings may have less")
def test_every_answer_that_is_told_of_happens() -> None:
    happened = {(exchange.route, str(exchange.response.status)) for exchange in (*recorded(), *_scripted())}
    possible = {
        (f"{method.upper()} {path}", status)
        for path, item in told().document["paths"].items()
        for method, operation in item.items()
        for status in operation["responses"]
    }
    assert possible - happened == set()


# -- the check finds what is wrong -------------------------------------------------------------------------------------


def _answer(status: int, body: Any, kind: str = "application/json; charset=utf-8") -> Exchange:
    request = Request("GET", "http", "api.internal", b"/v1/heartbeats?owner=%2B18005550199", (), b"")
    return Exchange("made up", request, Response(status, (("Content-Type", kind),), json.dumps(body).encode()))


BEAT = {
    "id": UUID,
    "owner": OWNER,
    "version": "",
    "charging": True,
    "user_id": "u",
    "timestamp": "2026-01-01T00:00:00Z",
}
FINE = {"data": [BEAT], "message": "fetched 1 heartbeat", "status": "success"}


@pytest.mark.parametrize(
    ("exchange", "wrong"),
    [
        (_answer(200, FINE), 0),
        (_answer(200, FINE, "application/xml"), 1),
        (_answer(202, FINE), 1),
        (_answer(200, FINE | {"status": "error"}), 1),
        (_answer(200, FINE | {"data": [BEAT | {"more": 1}]}), 1),
        (_answer(200, FINE | {"data": [{name: BEAT[name] for name in BEAT if name != "version"}]}), 1),
        (_answer(200, FINE | {"data": [BEAT | {"version": None}]}), 1),
        (_answer(200, FINE | {"data": [BEAT | {"timestamp": "yesterday"}]}), 1),
        (_answer(200, FINE | {"data": [BEAT | {"id": UUID.upper()}]}), 1),
        (_answer(422, {"data": {"owner": []}, "message": "m", "status": "error"}), 1),
        (_answer(401, {"message": "m", "status": "error"}), 1),
    ],
)
def test_an_answer_that_is_not_as_told_is_found(exchange: Exchange, wrong: int) -> None:
    assert len(told().wrong_answer(exchange)) == wrong
