"""What a user's application writes and reads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.http.render import request_bytes
from harness.http.values import Response
from harness.wire.client import (
    PhoneKeyIssued,
    UserAccess,
    api_request,
    contacts_of,
    error_of,
    rows_of,
    send_body,
    text_of,
    waiting_of,
    webhook_body,
)
from tests.phone.kit import ALICE, BOB

HERE = UserAccess("http", "api.internal:8000", "uk_one")


def _answer(body: Any) -> Response:
    return Response(200, (), body if isinstance(body, bytes) else json.dumps(body).encode())


def test_a_request_without_a_body() -> None:
    lines = ["GET /v1/users/me HTTP/1.1", "Host: api.internal:8000", "x-api-key: uk_one", "Accept: application/json"]
    request = api_request(HERE, "GET", "/v1/users/me")
    assert request_bytes(request) == ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_a_request_with_a_body() -> None:
    request = api_request(HERE, "POST", "/v1/messages/send", {"content": "h\u00e9"})
    assert json.loads(request.body) == {"content": "h\u00e9"}
    assert request.header("Content-Type") == "application/json"
    assert request.header("Content-Length") == str(len(request.body))


def test_the_body_of_a_send_has_a_request_id_only_if_one_is_given() -> None:
    plain = {"from": ALICE, "to": BOB, "content": "hello", "encrypted": False}
    assert send_body(ALICE, BOB, "hello", encrypted=False) == plain
    assert send_body(ALICE, BOB, "hello", encrypted=False, request_id="r") == {**plain, "request_id": "r"}


def test_the_body_of_a_webhook() -> None:
    body = webhook_body("http://hooks.test/", "key", [ALICE], ["message.phone.sent"])
    assert body == {"url": "http://hooks.test/", "signing_key": "key", "phone_numbers": [ALICE],
                    "events": ["message.phone.sent"]}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "text"), [({"data": {"id": "1"}}, "1"), ({"data": {"id": 1}}, None), ({"data": {}}, None), ({}, None),
                       ([], None), (b"nonsense", None), (b"[" * 100_000, None)]
)  # fmt: skip
def test_a_text_is_taken_from_the_data_of_an_answer(body: Any, text: str | None) -> None:
    if text is None:
        with pytest.raises(ValueError):
            text_of(_answer(body), "id")
    else:
        assert text_of(_answer(body), "id") == text


@pytest.mark.parametrize(
    ("body", "rows"), [({"data": [{"id": 1}, 7, None]}, [{"id": 1}]), ({"data": {}}, None), ({}, None)]
)
def test_rows_are_the_objects_in_the_data_of_an_answer(body: Any, rows: Any) -> None:
    if rows is None:
        with pytest.raises(ValueError, match="no data list"):
            rows_of(_answer(body))
    else:
        assert rows_of(_answer(body)) == rows


def test_a_page_of_threads_names_their_contacts() -> None:
    threads = [{"contact": "+18005550100"}, {"contact": "BANK"}]
    assert contacts_of(_answer({"data": threads})) == ["+18005550100", "BANK"]


@pytest.mark.parametrize(
    ("changes", "waiting"),
    [
        ({}, [("m", 0)]),
        ({"send_attempt_count": 2, "status": "expired"}, [("m", 2)]),
        ({"send_attempt_count": None}, [("m", 0)]),
        ({"send_attempt_count": "2"}, []),
        ({"status": "sent"}, []),
        ({"type": "mobile-originated"}, []),
        ({"id": 7}, []),
    ],
)
def test_of_a_page_of_messages_those_count_that_wait_for_the_phone(changes: Any, waiting: list[Any]) -> None:
    message = {"id": "m", "status": "pending", "type": "mobile-terminated", **changes}
    assert waiting_of(_answer({"data": [message]})) == waiting


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"message": "no"}, "no"),
        ({"message": "no", "data": "why"}, "no why"),
        ({"message": "no", "data": {"to": ["is empty", "is no number"], "from": ["is empty"]}},
         "no: is empty; is no number; is empty"),
        ({"message": "no", "data": {"to": "is empty", "count": 7}}, "no: is empty; 7"),
        ({"status": "error"}, '{"status": "error"}'),
        (b"Too Many Requests", "Too Many Requests"),
        (b"x" * 200, "x" * 120),
    ],
)  # fmt: skip
def test_an_error_is_told_in_one_line(body: Any, error: str) -> None:
    assert error_of(_answer(body)) == error


@given(st.binary(max_size=60))
def test_every_answer_has_an_error_text(body: bytes) -> None:
    assert isinstance(error_of(_answer(body)), str)


@pytest.mark.parametrize("value", [UserAccess("http", "h", "hush"), PhoneKeyIssued("hush")])
def test_no_key_is_shown(value: Any) -> None:
    assert "hush" not in repr(value)
