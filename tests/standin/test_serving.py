"""harness.standin.serving: the framework around the routes (gateway-protocol.md §1.5), and the trace."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin.gateways import CONTACT, OWNER, Gateway

ORIGIN = {"Origin": "https://app.example.com"}
PREFLIGHT = {**ORIGIN, "Access-Control-Request-Method": "PUT"}
TEXT = "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "body", "shown"),
    [
        ("GET", "/health", {}, 200, "OK", {"Content-Type": TEXT, "Vary": None}),
        ("GET", "/health", ORIGIN, 200, "OK", {"Access-Control-Allow-Origin": None}),
        ("HEAD", "/health", {}, 200, "", {"Content-Length": "2"}),
        ("GET", "/v1/nothing", {}, 404, "Not Found", {"Content-Type": TEXT, "Content-Length": "9"}),
        ("HEAD", "/v1/nothing", {}, 404, "", {"Content-Type": TEXT, "Content-Length": "9"}),
        ("GET", "/v1/phones/fcm-token", {}, 404, "Not Found", {}),
        ("POST", "/v1/nothing", {}, 405, "Method Not Allowed", {"Allow": "GET, HEAD"}),
        ("DELETE", "/v1/phones", {}, 405, "Method Not Allowed", {"Allow": "GET, HEAD, PUT"}),
        ("OPTIONS", "/v1/phones", {}, 405, "Method Not Allowed", {}),
        ("OPTIONS", "/v1/phones", ORIGIN, 405, "Method Not Allowed", {"Access-Control-Allow-Origin": "*"}),
        ("FOO", "/v1/phones", {}, 501, "Not Implemented", {"Content-Type": TEXT}),
        ("foo", "/health", {}, 501, "Not Implemented", {}),
        (
            "OPTIONS",
            "/v1/nothing",
            PREFLIGHT,
            204,
            "",
            {
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
                "Access-Control-Allow-Headers": "*",
                "Access-Control-Expose-Headers": "*",
                "Vary": "Access-Control-Request-Method, Access-Control-Request-Headers, Origin, Accept-Encoding",
            },
        ),
    ],
)
def test_the_framework_answers_before_the_routes(
    method: str, path: str, headers: dict[str, str], status: int, body: str, shown: dict[str, str | None]
) -> None:
    answer = Gateway().call(method, path, key="", headers=headers)
    assert (answer.status, answer.body) == (status, body)
    assert {name: answer.response.header(name) for name in shown} == shown


FORM = {"Content-Type": "multipart/form-data; boundary=XX"}
LENGTH = {"Content-Length": "5"}


@pytest.mark.parametrize(
    ("headers", "key", "status", "body"),
    [
        (FORM | LENGTH, "", 400, "cannot read multipart/form-data body: multipart: NextPart: EOF"),
        (FORM | LENGTH, None, 400, "cannot read multipart/form-data body: multipart: NextPart: EOF"),
        (FORM, "", 401, None),
        (FORM | LENGTH | {"Content-Encoding": "gzip"}, "", 401, None),
        ({"Content-Type": "multipart/form-data"} | LENGTH, "", 401, None),
    ],
)
def test_a_broken_form_of_known_length_is_refused_before_anything_else(
    headers: dict[str, str], key: str | None, status: int, body: str | None
) -> None:
    answer = Gateway().call("POST", "/v1/messages/send", key=key, raw=b"--XX!", headers=headers)
    assert answer.status == status
    assert body in (None, answer.body)


def test_a_message_may_be_sent_by_a_form() -> None:
    gateway = Gateway.with_phone()
    fields = {"from": OWNER, "to": CONTACT, "content": "form", "x-api-key": gateway.account.api_key}
    parts = [f'--XX\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{text}\r\n' for key, text in fields.items()]
    body = "".join([*parts, "--XX--"]).encode()
    headers = FORM | {"Content-Length": str(len(body))}
    assert gateway.call("POST", "/v1/messages/send", key="", raw=body, headers=headers).data["content"] == "form"


@pytest.mark.parametrize("key", [None, ""])
def test_an_answer_to_another_origin_may_be_read_there(key: str | None) -> None:
    answer = Gateway().call("GET", "/v1/phones", key=key, headers=ORIGIN)
    header = answer.response.header
    assert header("Access-Control-Allow-Origin") == header("Access-Control-Expose-Headers") == "*"
    assert header("Access-Control-Allow-Methods") is None
    assert header("Vary") == "Accept-Encoding"


def test_a_head_has_the_headers_of_a_get_and_no_body() -> None:
    gateway = Gateway()
    get, head = (gateway.call(method, "/v1/phones") for method in ("GET", "HEAD"))
    assert (head.status, head.response.headers, head.response.body) == (200, get.response.headers, b"")
    assert get.response.header("Content-Length") == str(len(get.response.body))


def test_a_body_over_four_megabytes_is_too_large() -> None:
    answer = Gateway().call("POST", "/v1/messages/send", raw=b" " * (4 * 1024 * 1024 + 1))
    assert (answer.status, answer.body) == (413, "Request Entity Too Large")


@pytest.mark.parametrize(
    ("method", "path", "body", "kind", "facts"),
    [
        ("GET", "/v1/phones?limit=1", None, "GET /v1/phones", {"status": 200, "as": "user"}),
        (
            "GET",
            "/v1/messages/x",
            None,
            "GET /v1/messages/{id}",
            {
                "status": 422,
                "as": "user",
                "error": "validation errors while storing event: The messageID field must contain valid UUID",
            },
        ),
        ("GET", "/nothing", None, "GET *", {"status": 404, "as": "none", "error": "Not Found"}),
        ("GET", "/health", None, "GET /health", {"status": 200, "as": "none"}),
        (
            "POST",
            "/v1/messages/send",
            {},
            "POST /v1/messages/send",
            {
                "status": 422,
                "as": "user",
                "error": "validation errors while sending message: The content field is required; "
                "The from field is required; The to field is required",
            },
        ),
    ],
)
def test_every_answered_request_stands_in_the_trace(
    method: str, path: str, body: Any, kind: str, facts: dict[str, Any]
) -> None:
    gateway = Gateway()
    gateway.call(method, path, body)
    (entry,) = gateway.entries("api")
    assert (entry.kind, entry.message, entry.facts) == (kind, None, facts)


def test_requests_about_a_message_name_it_and_the_credential() -> None:
    gateway = Gateway.with_phone()
    message_id = gateway.send().data["id"]
    gateway.settle()
    gateway.fetch(message_id)
    gateway.report(message_id, "SENT")
    gateway.call("GET", f"/v1/messages/{message_id}")
    received = gateway.receive().data["id"]
    about = [(entry.kind, entry.message, entry.facts["as"]) for entry in gateway.entries("api") if entry.message]
    assert about == [
        ("POST /v1/messages/send", message_id, "user"),
        ("GET /v1/messages/outstanding", message_id, "phone"),
        ("POST /v1/messages/{id}/events", message_id, "phone"),
        ("GET /v1/messages/{id}", message_id, "user"),
        ("POST /v1/messages/receive", received, "phone"),
    ]


def test_no_key_and_no_token_stands_in_the_trace() -> None:
    gateway = Gateway.with_phone()
    gateway.subscribe("message.phone.received")
    gateway.receive()
    gateway.call("GET", f"/v1/phones?x-api-key={gateway.account.api_key}", key="wrong-key")
    gateway.settle()
    lines = "\n".join(gateway.world.trace.lines())
    secrets = [gateway.account.api_key, gateway.key, "signing-key", "registration-token", "wrong-key"]
    assert [secret for secret in secrets if secret in lines] == []
    assert OWNER in lines
    assert CONTACT in lines
