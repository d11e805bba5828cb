"""Secrets are hidden by their names and by their looks, wherever they stand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.redaction import HIDDEN, TEXT_MAX, hides, redacted, shown_body, shown_form, shown_text

SECRET = "S3cr3t-value-0001"


@pytest.mark.parametrize(
    "name",
    [
        "api_key", "x-api-key", "X-API-Key", "apiKey", "signing_key", "fcm_token", "token", "access_token", "password",
        "pass phrase", "passphrase", "encryption_key", "encryptionKey", "client_secret", "Authorization", "Set-Cookie",
        "user_key", "phone-key", "credentials",
    ],
)  # fmt: skip
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert hides(name)


@pytest.mark.parametrize(
    "name",
    ["content", "encrypted", "owner", "key", "KEY_MESSAGE_ID", "KEY_HEARTBEAT_ID", "request_id", "phone_numbers"],
)
def test_what_is_no_secret_stays(name: str) -> None:
    assert not hides(name)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"api_key": SECRET, "id": "1"}, {"api_key": HIDDEN, "id": "1"}),
        ({"data": [{"fcm_token": SECRET}]}, {"data": [{"fcm_token": HIDDEN}]}),
        ([{"fcm_token": None}], [{"fcm_token": None}]),
        ({"token": {"inner": SECRET}, "tokens": [SECRET]}, {"token": HIDDEN, "tokens": HIDDEN}),
        ({"signing_key": "", "has_token": True}, {"signing_key": "", "has_token": True}),
        ({"password": 1234}, {"password": HIDDEN}),
        ({"content": "my key is uk_abcdefgh-123"}, {"content": f"my key is {HIDDEN}"}),
        ("eyJhbGciOi.eyJzdWIi.c2ln", HIDDEN),
        (["Bearer abc.def"], [f"Bearer {HIDDEN}"]),
        ({"encrypted": True, "content": "hi"}, {"encrypted": True, "content": "hi"}),
        (7, 7),
    ],
)  # fmt: skip
def test_a_value_is_shown_without_its_secrets(value: Any, shown: Any) -> None:
    assert redacted(value) == shown


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"signing_key": SECRET}),
        f'{{"fcm_token": "{SECRET}',  # broken off
        f"x-api-key: {SECRET}\nnext",
        f"not JSON, password={SECRET}; more",
        f"{{'api_key': '{SECRET}'}}",
        f'{{"a": "{"x" * 70_000}", "token": "{SECRET}"}}',  # too large to be parsed
        f'{{"token": "{SECRET}", "a": "{"x" * 70_000}"}}',
    ],
)
def test_a_text_shows_no_secret_whether_it_is_json_or_not(text: str) -> None:
    assert SECRET not in shown_text(text)
    assert SECRET not in shown_body(text.encode(), "application/json")


def test_a_text_that_is_no_secret_is_shown_as_it_is() -> None:
    assert shown_text("  Not Found ") == "  Not Found "
    assert shown_text('{"content": "Grüße 😀"}') == '{"content": "Grüße 😀"}'
    assert shown_text("") == ""


def test_a_long_text_is_cut_and_says_how_long_it_was() -> None:
    assert shown_text("x" * 2_000) == "x" * 2_000
    assert shown_text("x" * 12_345) == "x" * TEXT_MAX + "… (12,345 characters)"


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ""),
        ("owner=%2B1&limit=20", "owner=%2B1&limit=20"),
        (f"token={SECRET}&a", f"token={HIDDEN}&a"),
        (f"x%2Dapi%2Dkey={SECRET}", f"x%2Dapi%2Dkey={HIDDEN}"),
        ("query=uk_abcdefgh", "query=%5Bhidden%5D"),
        ("api_key=", "api_key="),
    ],
)
def test_a_query_is_shown_without_its_secrets(query: str, shown: str) -> None:
    assert shown_form(query) == shown


@pytest.mark.parametrize(
    ("body", "kind", "shown"),
    [
        (b"a=1&password=x", "application/x-www-form-urlencoded; charset=utf-8", f"a=1&password={HIDDEN}"),
        (b"--x\r\n", "multipart/form-data; boundary=x", "(5 bytes of multipart/form-data)"),
        (b"PK\0\0", "", "(4 bytes)"),
        (b"\xff broken", "text/plain", "� broken"),
        (b"", "application/json", ""),
    ],
)
def test_a_body_is_shown_by_its_kind(body: bytes, kind: str, shown: str) -> None:
    assert shown_body(body, kind) == shown


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, st.sampled_from(["token", "api_key", "signing_key"]), st.text())
def test_whatever_stands_around_a_secret_it_is_hidden(around: Any, name: str, more: str) -> None:
    text = json.dumps({"around": around, name: SECRET, "more": more, "deep": [{name: [SECRET]}]})
    assert SECRET not in shown_text(text)


@given(st.text(), st.text())
def test_no_text_is_too_strange_to_be_shown(text: str, kind: str) -> None:
    assert len(shown_body(text.encode("utf-8", "surrogatepass"), kind)) <= TEXT_MAX + 40
    assert len(shown_form(text)) <= TEXT_MAX + 40
