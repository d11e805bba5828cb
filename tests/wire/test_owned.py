"""What an account has, read from the API's lists."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from harness.http.values import Response
from harness.wire.owned import (
    KeyRow,
    MessageState,
    PhoneRow,
    Usage,
    User,
    WebhookRow,
    ids_of,
    keys_of,
    message_state_of,
    phone_body,
    phones_of,
    received_body,
    settings_body,
    usage_of,
    user_of,
    webhooks_of,
)


def answer(data: Any) -> Response:
    return Response(200, (), json.dumps({"data": data}).encode())


@pytest.mark.parametrize(
    ("read", "data", "found"),
    [
        (
            message_state_of,
            {"status": "sent", "owner": "+1", "contact": "+2", "sent_at": "T", "failed_at": None,
             "send_attempt_count": 2, "failure_reason": "why"},
            MessageState("sent", "+1", "+2", "why", 2, (("sent_at", "T"),)),
        ),
        (message_state_of, {"status": "sent"}, MessageState("sent", "", "", None, 0, ())),
        (
            keys_of,
            [{"id": "k", "name": "n", "phone_numbers": ["+1"], "phone_ids": ["p"], "api_key": "pk"}, {"id": "x"}],
            [KeyRow("k", "n", ("+1",), ("p",), "pk")],
        ),
        (webhooks_of, [{"id": "w", "url": "u", "phone_numbers": None}, 7], [WebhookRow("w", "u", ())]),
        (ids_of, [{"id": "a"}, {"id": 7}, {}], ["a"]),
        (user_of, {"id": "u", "email": "e"}, User("u", "e", "")),
        (usage_of, {"sent_messages": 1, "received_messages": 2}, Usage(1, 2)),
    ],
)  # fmt: skip
def test_rows_are_read_and_what_is_none_is_left_out(read: Callable[[Response], Any], data: Any, found: Any) -> None:
    assert read(answer(data)) == found


@pytest.mark.parametrize("read", [message_state_of, keys_of, webhooks_of, phones_of, ids_of, user_of, usage_of])
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"data": 7}', b"[" * 100_000])
def test_what_is_no_such_answer_is_a_value_error(read: Callable[[Response], Any], body: bytes) -> None:
    with pytest.raises(ValueError):
        read(Response(200, (), body))


def test_a_phone_is_put_back_with_what_it_had_and_no_more() -> None:
    row = {"id": "p", "phone_number": "+1", "fcm_token": None, "sim": "SIM2", "messages_per_minute": 7, "user_id": "u"}
    [phone] = phones_of(answer([row, {"id": "x"}]))
    assert phone == PhoneRow("p", "+1", row)
    assert settings_body(phone) == {"phone_number": "+1", "sim": "SIM2", "messages_per_minute": 7}


def test_no_key_and_no_token_is_shown() -> None:
    assert "secret" not in repr(KeyRow("k", "n", (), (), "secret"))
    assert "secret" not in repr(PhoneRow("p", "+1", {"fcm_token": "secret"}))


def test_bodies_are_as_the_app_writes_them() -> None:
    assert phone_body("+1", "t") == {"phone_number": "+1", "fcm_token": "t", "sim": "SIM1"}
    assert received_body("+1", "+2", "x", "T")["timestamp"] == "T"
