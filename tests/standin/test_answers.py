"""harness.standin.answers: error bodies (gateway-protocol.md §1.5)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.standin import answers
from harness.standin.answers import Reply


@pytest.mark.parametrize(
    ("reply", "status", "body"),
    [
        (answers.ok([], "m"), 200, {"data": [], "message": "m", "status": "success"}),
        (answers.accepted("m", ()), 202, {"message": "m", "status": "success"}),
        (answers.ok(None, "m", status=201), 201, {"data": None, "message": "m", "status": "success"}),
        (answers.refused(403, "Forbidden"), 403, {"message": "Forbidden", "status": "error"}),
        (
            answers.invalid("sending message", {"to": ["b"], "from": ["a"]}),
            422,
            {
                "data": {"from": ["a"], "to": ["b"]},
                "message": "validation errors while sending message",
                "status": "error",
            },
        ),
        (
            answers.malformed({"code": 422}),
            400,
            {"data": {"code": 422}, "message": "The request isn't properly formed", "status": "error"},
        ),
        (
            answers.internal(),
            500,
            {"message": "We ran into an internal error while handling the request.", "status": "error"},
        ),
    ],
)
def test_an_answer_is_an_envelope_with_its_keys_in_order(reply: Reply, status: int, body: dict[str, Any]) -> None:
    assert reply.status == status
    assert reply.headers == (("Content-Type", "application/json; charset=utf-8"),)
    assert json.dumps(json.loads(reply.body)) == json.dumps(body)
    assert (reply.error or "").startswith(body["message"] if status >= 400 else "")


def test_a_refusal_of_fields_tells_the_first_reason_of_each_in_the_trace() -> None:
    reply = answers.invalid("sending message", {"to": ["c"], "from": ["a", "b"]})
    assert reply.error == "validation errors while sending message: a; c"


def test_a_handler_spells_the_header_otherwise_than_the_gate() -> None:
    reply = answers.unauthorized_here()
    assert (reply.status, json.loads(reply.body)) == (
        401,
        {
            "data": "Make sure your API key is set in the [X-API-Key] header in the request",
            "message": "You are not authorized to carry out this request.",
            "status": "error",
        },
    )


def test_a_bare_answer_has_no_envelope() -> None:
    reply = answers.bare(b"{}", "m", ())
    assert (reply.status, reply.body, reply.message_id) == (200, b"{}", "m")


def test_no_content_has_no_body() -> None:
    assert (answers.silent().status, answers.silent().body, answers.silent().headers) == (204, b"", ())


@pytest.mark.parametrize(("status", "error"), [(200, None), (404, "Not Found")])
def test_a_framework_answer_is_plain_text(status: int, error: str | None) -> None:
    reply = answers.plain(status, "Not Found")
    assert (reply.body, reply.error) == (b"Not Found", error)
    assert reply.headers == (("Content-Type", "text/plain; charset=utf-8"),)
