"""Requests and answers as values."""

from __future__ import annotations

import pytest

from harness.http.values import BodyBroken, Call, Chunk, Request, Response

REQUEST = Request(
    "GET", "http", "127.0.0.1:8000", b"/v1/messages?owner=%2B1&x=?", (("X-Api-Key", "k"), ("x-api-key", "l"))
)


def test_a_request_tells_its_url_path_and_query_as_they_are_on_the_wire() -> None:
    assert REQUEST.url == "http://127.0.0.1:8000/v1/messages?owner=%2B1&x=?"
    assert REQUEST.path == "/v1/messages"
    assert REQUEST.query == "owner=%2B1&x=?"
    assert Request("GET", "http", "h", b"/").query == ""


@pytest.mark.parametrize("name", ["x-api-key", "X-API-KEY", "X-Api-Key"])
def test_a_header_is_found_in_any_case_and_the_first_of_its_name_counts(name: str) -> None:
    assert REQUEST.header(name) == "k"
    assert REQUEST.header("accept") is None
    assert Response(200, (("Content-Type", "text/plain"),)).header(name) is None


def test_what_may_carry_a_key_is_not_shown() -> None:
    answer = Response(200, (("Set-Cookie", "secret"),), b"secret")
    asked = Request("PUT", "http", "h", b"/_push/stream?token=secret", (("X-Api-Key", "secret"),), b"secret")
    assert repr(asked) == "Request(PUT http://h/_push/stream)"
    for value in (asked, answer, Call("1", "app", asked), BodyBroken(answer, b"secret"), Chunk("1", b"secret")):
        assert "secret" not in repr(value)
