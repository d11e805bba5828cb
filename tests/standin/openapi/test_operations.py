"""harness.standin.openapi.operations: the models are those that the routes use, and the words do not lie."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from harness.standin.openapi.asking import UUID
from harness.standin.openapi.operations import OPERATIONS, Operation
from harness.wire import bulk
from harness.wire.bodies import Body, Query
from tests.standin.gateways import CONTACT, HOOK, OWNER, Gateway
from tests.standin.openapi.conversations import told

LONG = "?" * 3000


def _target(template: str) -> str:
    return "/".join(UUID if part.startswith("{") else part for part in template.split("/"))


def _problems(asked: Any) -> Any:
    return asked[-1] if isinstance(asked, tuple) else asked.problems()


JUDGED = {
    name: operation
    for name, operation in OPERATIONS.items()
    if (operation.body or operation.query) is not None and 422 in operation.refuses
}


@pytest.mark.parametrize("name", JUDGED)
@pytest.mark.parametrize("value", ["", LONG])
def test_a_route_judges_by_the_model_that_is_asked(name: str, value: str) -> None:
    operation, (method, template) = JUDGED[name], name.split()
    gateway = Gateway()
    if operation.body is not None:
        body = {field: value for field, kind in _kinds(name).items() if kind == "string"}
        found = _problems(operation.body(Body(json.dumps(body).encode(), "application/json")))
        answer = gateway.call(method, _target(template), body)
    else:
        assert operation.query is not None
        query = urlencode({parameter["name"]: value for parameter in _parameters(name)})
        found = _problems(operation.query(Query(query)))
        answer = gateway.call(method, f"{_target(template)}?{query}", headers={"token": "-"})
    if found:
        assert (answer.status, answer.data) == (422, dict(sorted(found.items())))
    else:
        assert answer.status != 422 or value == ""


def _kinds(name: str) -> Mapping[str, str]:
    """The first type of each field of a body."""
    content = _operation(name)["requestBody"]["content"]["application/json"]["schema"]["properties"]
    types = {field: schema.get("type") for field, schema in content.items() if schema.get("format") != "date-time"}
    return {field: kind if isinstance(kind, str) else (kind or [""])[0] for field, kind in types.items()}


def _operation(name: str) -> Any:
    method, template = name.split()
    return told().document["paths"][template][method.lower()]


def _parameters(name: str) -> list[Any]:
    found = [parameter for parameter in _operation(name)["parameters"] if parameter["in"] == "query"]
    return [parameter for parameter in found if parameter["name"] != "sort_descending"]


EXAMPLES: list[tuple[str, Operation]] = [
    (name, operation) for name, operation in OPERATIONS.items() if operation.example is not None
]


@pytest.mark.parametrize(("name", "operation"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_an_example_is_allowed_and_has_no_problem(name: str, operation: Operation) -> None:
    for content in _operation(name)["requestBody"]["content"].values():
        assert list(told().wrong(content["schema"], content["example"])) == []
    if operation.body is not None and name != "POST /integration/3cx/messages":
        asked = operation.body(Body(json.dumps(operation.example).encode(), "application/json"))
        assert (_problems(asked) if hasattr(asked, "problems") or isinstance(asked, tuple) else {}) == {}


# -- what is not found out by asking -----------------------------------------------------------------------------------

WINDOW = {"day_of_week": 0, "start_minute": 0, "end_minute": 1}
SIX = [{"day_of_week": day, "start_minute": n, "end_minute": n + 1} for day in range(7) for n in range(6)]
FILE = {"name": "a", "content_type": "image/png", "content": ""}
CASES: list[tuple[str, str, Any, bool]] = [
    ("POST /v1/send-schedules", "windows", [WINDOW], True),
    ("POST /v1/send-schedules", "windows", [], False),
    ("POST /v1/send-schedules", "windows", None, False),
    ("POST /v1/send-schedules", "windows", [None], False),
    ("POST /v1/send-schedules", "windows", [{"end_minute": 1440}], True),
    ("POST /v1/send-schedules", "windows", [{"end_minute": 1441}], False),
    ("POST /v1/send-schedules", "windows", [WINDOW | {"end_minute": 0}], False),
    ("POST /v1/send-schedules", "windows", [WINDOW | {"day_of_week": 6}], True),
    ("POST /v1/send-schedules", "windows", [WINDOW | {"day_of_week": 7}], False),
    ("POST /v1/send-schedules", "windows", [WINDOW | {"day_of_week": None}], True),
    ("POST /v1/send-schedules", "windows", [WINDOW | {"start_minute": 1439, "end_minute": 1440}], True),
    ("POST /v1/send-schedules", "windows", [WINDOW | {"start_minute": 1440}], False),
    ("POST /v1/send-schedules", "windows", SIX, True),
    ("POST /v1/send-schedules", "windows", [*SIX, WINDOW], False),
    ("POST /v1/messages/receive", "sim", "SIM2", True),
    ("POST /v1/messages/receive", "sim", "DEFAULT", True),
    ("POST /v1/messages/receive", "sim", " ", True),
    ("POST /v1/messages/receive", "sim", None, True),
    ("POST /v1/messages/receive", "sim", " SIM2", False),
    ("POST /v1/messages/receive", "sim", " DEFAULT", False),
    ("POST /v1/messages/receive", "attachments", [FILE] * 10, True),
    ("POST /v1/messages/receive", "attachments", [FILE] * 11, False),
    ("POST /v1/messages/receive", "attachments", [FILE | {"content_type": "image/tiff"}], False),
    ("POST /v1/messages/receive", "attachments", [{"content_type": "image/png"}], True),
    ("POST /v1/messages/receive", "attachments", [None], False),
    ("POST /v1/webhooks", "events", ["message.phone.sent", "message.phone.sent"], True),
    ("POST /v1/webhooks", "events", ["message.phone.lost"], False),
    ("POST /v1/events", "specversion", "0.3", False),
    ("POST /v1/events", "id", "", False),
    ("POST /v1/events", "source", None, False),
    ("POST /v1/events", "time", None, True),
    ("POST /v1/events", "time", "yesterday", False),
    ("POST /v1/events", "datacontenttype", 1, True),
    ("POST /v1/events", "data", "x", True),
]


@pytest.mark.parametrize(("name", "field", "value", "taken"), CASES)
def test_a_schema_that_was_written_by_hand_is_that_of_the_route(name: str, field: str, value: Any, taken: bool) -> None:
    body = {**(OPERATIONS[name].example or {}), field: value}
    gateway = Gateway.with_phone()
    key = "system-key" if name.endswith("events") else None
    answer = gateway.call(*name.split(), body, key=key)
    schema = _operation(name)["requestBody"]["content"]["application/json"]["schema"]
    assert (answer.status < 300, list(told().wrong(schema, body)) == []) == (taken, taken)


@pytest.mark.parametrize(
    ("name", "taken"),
    [("", True), ("x", False), ("on", True), ("True", True), ("tRue", False), ("1", True), ("2", False)],
)
def test_a_flag_of_the_search_is_read_as_is_told(name: str, taken: bool) -> None:
    parameters = _operation("GET /v1/messages/search")["parameters"]
    schema = next(parameter["schema"] for parameter in parameters if parameter["name"] == "sort_descending")
    answer = Gateway().call("GET", f"/v1/messages/search?sort_descending={name}", headers={"token": "-"})
    assert (answer.status == 422, list(told().wrong(schema, name)) == []) == (taken, taken)


def test_the_columns_of_a_file_are_told_in_its_field() -> None:
    schema = _operation("POST /v1/bulk-messages")["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert schema["required"] == [bulk.DOCUMENT]


def _made(gateway: Gateway, count: int) -> None:
    """As many phones, keys, webhooks, heartbeats, messages and threads."""
    for number in range(count):
        phone = f"+1800555{number:04}"
        gateway.call("PUT", "/v1/phones", {"phone_number": phone})
        gateway.call("POST", "/v1/phone-api-keys", {"name": "key"})
        gateway.subscribe("message.phone.sent", url=HOOK)
        gateway.call("POST", "/v1/heartbeats", {"phone_numbers": [OWNER]})
        gateway.send()
        gateway.send(to=phone)
    gateway.settle(60)


@pytest.mark.parametrize("count", [25])
def test_a_list_is_as_long_as_is_told(count: int) -> None:
    gateway = Gateway.with_phone()
    _made(gateway, count)
    of = urlencode({"owner": OWNER, "contact": CONTACT})
    paths = ("phones", "phone-api-keys", "webhooks", "heartbeats", "messages", "message-threads")
    for path in paths:
        limit = next(one for one in _parameters(f"GET /v1/{path}") if one["name"] == "limit")
        answer = gateway.call("GET", f"/v1/{path}?{of}")
        assert f" {len(answer.data)} if it is missing" in limit["description"], path
