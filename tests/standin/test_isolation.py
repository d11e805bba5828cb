"""The data of every account are its own: no route shows or changes those of another, whatever id stands in it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from harness.standin.routes import ROUTES, Credentials, Route
from tests.standin.gateways import CONTACT, HOOK, OWNER, Answer, Gateway

SECRET = "nobody else may read this"
WINDOW = {"day_of_week": 1, "start_minute": 0, "end_minute": 60}
SCHEDULE = {"name": "office", "timezone": "UTC", "windows": [WINDOW]}
WEBHOOK = {"url": HOOK, "signing_key": "k", "phone_numbers": [], "events": ["message.phone.sent"]}
# Requests that are well written: what is refused is refused for the sake of the account.
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/messages/send"): {"from": OWNER, "to": CONTACT, "content": "hi"},
    ("POST", "/v1/messages/bulk-send"): {"from": OWNER, "to": [CONTACT], "content": "hi"},
    ("POST", "/v1/messages/receive"): {"from": CONTACT, "to": OWNER, "content": "hi", "sim": "SIM1"},
    ("POST", "/v1/messages/calls/missed"): {"from": CONTACT, "to": OWNER, "sim": "SIM1"},
    ("POST", "/v1/messages/{id}/events"): {"event_name": "FAILED", "reason": "x"},
    ("PUT", "/v1/message-threads/{id}"): {"is_read": True, "is_archived": True},
    ("PUT", "/v1/phones"): {"phone_number": OWNER, "fcm_token": "other", "message_send_schedule_id": "{schedules}"},
    ("PUT", "/v1/phones/fcm-token"): {"phone_number": OWNER, "fcm_token": "other", "sim": "SIM2"},
    ("POST", "/v1/phone-api-keys"): {"name": "other"},
    ("POST", "/v1/heartbeats"): {"phone_numbers": [OWNER]},
    ("POST", "/v1/webhooks"): WEBHOOK | {"phone_numbers": [OWNER]},
    ("PUT", "/v1/webhooks/{id}"): WEBHOOK | {"phone_numbers": [OWNER]},
    ("POST", "/v1/send-schedules"): SCHEDULE,
    ("PUT", "/v1/send-schedules/{id}"): SCHEDULE | {"name": "other"},
    ("PUT", "/v1/users/{id}/notifications"): {"webhook_enabled": True},
    ("PUT", "/v1/users/me"): {"timezone": "Europe/London"},
    ("POST", "/integration/3cx/messages"): {"from": OWNER, "to": CONTACT, "text": "hi"},
    ("POST", "/v1/events"): {"specversion": "1.0", "id": "1", "source": "/x", "type": "user.account.deleted"},
}
FORM = {"Content-Type": "multipart/form-data; boundary=part"}
SHEET = (
    '--part\r\nContent-Disposition: form-data; name="document"; filename="texts.csv"\r\nContent-Type: text/csv\r\n\r\n'
    f"FromPhoneNumber,ToPhoneNumber,Content\n{OWNER},{CONTACT},hi\n\r\n--part--\r\n"
).encode()
QUERIES = {
    "/v1/messages/outstanding": "message_id={messages}",
    "/v1/messages": "owner=%2B18005550199&contact=%2B18005550100",
    "/v1/message-threads": "owner=%2B18005550199",
    "/v1/heartbeats": "owner=%2B18005550199&limit=100",
}
GUARDED = [route for route in ROUTES if route.credentials is not Credentials.NONE]


def _furnished() -> Gateway:
    """An account that has something of everything."""
    gateway = Gateway.with_phone()
    gateway.call("POST", "/v1/webhooks", WEBHOOK | {"phone_numbers": [OWNER], "signing_key": SECRET})
    gateway.call("POST", "/v1/send-schedules", SCHEDULE | {"name": SECRET})
    gateway.call("POST", "/v1/heartbeats", {"phone_numbers": [OWNER]}, key=gateway.key)
    gateway.receive(content=SECRET)
    gateway.send(content=SECRET, request_id="bulk-" + SECRET)
    gateway.settle()
    return gateway


def _ids(gateway: Gateway) -> dict[str, str]:
    """What stands where a path has an id, by the kind of thing: always the account's own."""
    state = gateway.standin
    tables = {
        "messages": state.messages,
        "message-threads": state.threads,
        "phones": state.phones,
        "phone-api-keys": state.phone_keys,
        "webhooks": state.webhooks,
        "send-schedules": state.schedules,
        "schedules": state.schedules,
        "users": state.accounts,
    }
    return {kind: next(reversed(table)) for kind, table in tables.items()} | {"users": gateway.account.id}


def _path(route: Route, ids: dict[str, str]) -> str:
    path = route.template
    for kind, placeholder in re.findall(r"([\w-]+)/(\{\w+\})", route.template):
        path = path.replace(f"{kind}/{placeholder}", f"{kind}/{ids.get(kind, '1')}", 1)
    query = QUERIES.get(route.template, "").format(**ids)
    return f"{path}?{query}" if query else path


def _body(route: Route, ids: dict[str, str]) -> Any:
    body = BODIES.get((route.method, route.template), {} if route.method in ("POST", "PUT") else None)
    if body and "message_send_schedule_id" in body:
        body = body | {"message_send_schedule_id": ids["schedules"]}
    return body


def _asked(gateway: Gateway, route: Route, ids: dict[str, str], key: str | None = None) -> Answer:
    path = _path(route, ids)
    if path == "/v1/bulk-messages" and route.method == "POST":
        return gateway.call("POST", path, raw=SHEET, headers=FORM, key=key)
    return gateway.call(route.method, path, _body(route, ids), key=key)


def _rows(gateway: Gateway, stranger_id: str) -> dict[str, dict[Any, Any]]:
    """All rows in which the stranger is not named."""
    return {
        table: {key: row for key, row in rows.items() if stranger_id not in repr((key, row))}
        for table, rows in gateway.standin.tables().items()
        if table not in ("cached_keys", "counters")
    }


@pytest.mark.parametrize("credential", ["user key", "phone key"])
@pytest.mark.parametrize("route", GUARDED, ids=lambda route: f"{route.method} {route.template}")
def test_no_route_shows_or_changes_what_is_anothers(route: Route, credential: str) -> None:
    gateway = _furnished()
    stranger = gateway.standin.create_account(gateway.world.now)
    key = stranger.api_key
    if credential == "phone key":
        key = gateway.call("POST", "/v1/phone-api-keys", {"name": "key"}, key=key).data["api_key"]
    ids = _ids(gateway)
    ids["phone-api-keys"] = gateway.phone_key().id
    before = _rows(gateway, stranger.id)
    answer = _asked(gateway, route, ids, key)
    gateway.settle(0)
    for table, rows in before.items():
        now = gateway.standin.tables()[table]
        assert {name: now.get(name) for name in rows} == rows, f"{table} changed"
    shown = answer.response.body.decode()
    secrets = (SECRET, gateway.account.api_key, gateway.key, gateway.account.id, "registration-token")
    assert [secret for secret in secrets if secret in shown] == []
    if "{" in route.template and route.template != "/v1/users/{id}/notifications":
        assert answer.status in (401, 404, 422, 500)


def test_whoever_it_belongs_to_gets_it() -> None:
    """The requests above are well written: for the account itself they are no errors."""
    refused = []
    for route in GUARDED:
        gateway = _furnished()
        ids = _ids(gateway)
        answer = _asked(gateway, route, ids)
        if answer.status >= 400:
            refused.append(f"{route.method} {route.template} {answer.status}")
    assert sorted(refused) == [
        "DELETE /v1/discord-integrations/{id} 422",
        "DELETE /v1/users/subscription 500",
        "GET /v1/messages/search 422",
        "GET /v1/users/subscription-update-url 500",
        "POST /v1/discord-integrations 422",
        "POST /v1/events 403",
        "POST /v1/users/subscription/invoices/{id} 422",
        "PUT /v1/discord-integrations/{id} 422",
    ]
