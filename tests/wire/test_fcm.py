"""FCM's API as far as httpSMS uses it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.instants import SECOND
from harness.wire.fcm import (
    TTL_MAX,
    Listening,
    PushReceived,
    SendRequest,
    StreamClosed,
    StreamOpened,
    accepted,
    read_send,
    refused,
)


def _body(message: Any) -> bytes:
    return json.dumps({"message": message}).encode()


@pytest.mark.parametrize(
    ("message", "send"),
    [
        ({"token": "t"}, SendRequest("t", (), "normal", TTL_MAX)),
        ({"token": "t", "data": None, "android": None}, SendRequest("t", (), "normal", TTL_MAX)),
        ({"token": "t", "data": {"a": "x" * 4095}}, SendRequest("t", (("a", "x" * 4095),), "normal", TTL_MAX)),
        ({"token": "t", "data": {"b": "2", "a": "1"}}, SendRequest("t", (("b", "2"), ("a", "1")), "normal", TTL_MAX)),
        ({"token": "t", "android": {"priority": "HIGH", "ttl": "600s"}}, SendRequest("t", (), "high", 600 * SECOND)),
    ],
)
def test_a_send_is_read(message: Any, send: SendRequest) -> None:
    assert read_send(_body(message)) == send


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{}", "message"),
        (b"[]", "message"),
        (_body({}), "message"),
        (b"[" * 100_000, "nested too deeply"),
        (_body({"token": ""}), "token"),
        (_body({"token": 7}), "token"),
        (_body({"token": "t", "data": {"a": 1}}), "message.data"),
        (_body({"token": "t", "data": ["a"]}), "message.data"),
        (_body({"token": "t", "android": "high"}), "message.android"),
        (_body({"token": "t", "data": {"a": "x" * 4096}}), "too big"),
    ],
)
def test_what_fcm_would_refuse_is_named(body: bytes, field: str) -> None:
    with pytest.raises(ValueError, match=field):
        read_send(body)


@given(st.binary(max_size=60))
def test_whatever_is_no_send_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        read_send(body)


def test_an_accepted_send_has_a_name() -> None:
    response = accepted("httpsms-test", "7")
    assert (response.status, json.loads(response.body)) == (200, {"name": "projects/httpsms-test/messages/7"})


@pytest.mark.parametrize(
    ("status", "code", "general"),
    [(404, "UNREGISTERED", "NOT_FOUND"), (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"), (418, "TEAPOT", "TEAPOT")],
)
def test_an_error_has_fcms_own_code_and_googles_general_one(status: int, code: str, general: str) -> None:
    response = refused(status, code, "why")
    error = json.loads(response.body)["error"]
    assert (response.status, error["code"], error["message"], error["status"]) == (status, status, "why", general)
    assert [detail["errorCode"] for detail in error["details"]] == [code]


def test_a_push_is_asked_for_its_values() -> None:
    push = PushReceived("t", (("a", "1"), ("b", "")))
    assert [push.get(key) for key in ("a", "b", "c")] == ["1", "", None]


@pytest.mark.parametrize("kind", [PushReceived, StreamOpened, Listening, StreamClosed])
def test_no_token_is_shown(kind: Any) -> None:
    assert "hush" not in repr(kind("hush"))
