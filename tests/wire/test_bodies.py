"""harness.wire.bodies: bodies and queries as they come in."""

from __future__ import annotations

import gzip
import zlib

import pytest

from harness.wire import bodies
from harness.wire.bodies import BODY_LIMIT, Body, Query, key_in_body
from harness.wire.json import BadBody, Kind, Nullable, flag, integer, text

FIELDS: dict[str, Kind] = {
    "request_id": Nullable(text),
    "name": text,
    "on": flag,
    "count": integer,
    "tags": bodies.texts,
}
JSON = b'{"name":"a"}'
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", "application/json; charset=latin1", "application/vnd.api+json"],
)
def test_json_is_known_by_its_content_type(content_type: str) -> None:
    assert Body(JSON, content_type).fields(FIELDS) == {"name": "a"}


@pytest.mark.parametrize("content_type", ["", "text/json", "text/plain"])
def test_a_body_of_another_type_cannot_be_decoded(content_type: str) -> None:
    with pytest.raises(BadBody) as caught:
        Body(JSON, content_type).fields(FIELDS)
    assert caught.value.data == {"message": "Unprocessable Entity", "code": 422}


def test_a_form_is_bound_by_the_names_of_go() -> None:
    form = b"RequestID=r&name=%2B1+2&on=true&count=5&tags=t&request_id=not+bound"
    found = {"request_id": "r", "name": "+1 2", "on": True, "count": 5, "tags": ("t",)}
    assert Body(form, FORM).fields(FIELDS) == found


def test_a_form_with_a_bad_number_cannot_be_decoded() -> None:
    with pytest.raises(BadBody):
        Body(b"count=x", FORM).fields(FIELDS)


@pytest.mark.parametrize("packed", [gzip.compress(JSON, mtime=0), zlib.compress(JSON)], ids=["gzip", "zlib"])
def test_a_packed_body_is_unpacked(packed: bytes) -> None:
    assert Body(packed, "application/json", "gzip").fields(FIELDS) == {"name": "a"}


@pytest.mark.parametrize(
    "packed",
    [b"not packed", gzip.compress(JSON, mtime=0)[:-4], gzip.compress(b" " * BODY_LIMIT + JSON, mtime=0)],
    ids=["not packed", "broken off", "too long"],
)
def test_a_body_that_cannot_be_unpacked_cannot_be_decoded(packed: bytes) -> None:
    with pytest.raises(BadBody):
        Body(packed, "application/json", "gzip").fields(FIELDS)


def test_names_are_those_that_stand_there_in_this_case() -> None:
    assert Body(b'{"a":null,"B":1}', "application/json").names() == {"a", "B"}
    assert Body(b"a=1", FORM).names() == set()


@pytest.mark.parametrize(
    ("body", "content_type", "key"),
    [
        (b'{"x-api-key":"uk"}', "application/json", "uk"),
        (b"x-api-key=uk", FORM, "uk"),
        (b'{"x-api-key":5}', "application/json", ""),
        (b'{"x-api-key":"uk"}', "", ""),
    ],
)
def test_a_key_may_stand_in_the_body(body: bytes, content_type: str, key: str) -> None:
    assert key_in_body(Body(body, content_type)) == key


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("a=1", "1"),
        ("b=2&a=1&a=3", "1"),
        ("", ""),
        ("a", ""),
        ("a=%2B1", "+1"),
        ("a=+1", " 1"),
        ("%61=1", "1"),
        ("a=b=c", "b=c"),
        ("a=%FF", "\ufffd"),
    ],
)
def test_a_query_gives_the_first_value_of_a_name(raw: str, value: str) -> None:
    assert Query(raw)["a"] == value
