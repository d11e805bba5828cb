"""harness.wire.bodies: bodies and queries as they come in."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import pytest

from harness.wire import bodies
from harness.wire.bodies import BODY_LIMIT, Body, Query, key_in_body
from harness.wire.json import BadBody, Kind, Nullable, flag, integer, text
from harness.wire.multipart import BrokenForm

FIELDS: dict[str, Kind] = {
    "request_id": Nullable(text),
    "name": text,
    "on": flag,
    "count": integer,
    "tags": bodies.texts,
}
JSON = b'{"name":"a"}'
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=XX"


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


def _multipart(form: str) -> bytes:
    parts = [pair.partition("=") for pair in form.split("&")]
    return (
        b"".join(
            f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, _, value in parts
        )
        + b"--XX--"
    )


@pytest.mark.parametrize(
    ("form", "found"),
    [
        ("name=a&name=b", {"name": "b"}),
        ("name[]=a", {"name": "a"}),
        ("name[0]=a", {}),
        ("NAME=a&name=b", {"name": "b"}),
        ("tags=a&tags=b,c", {"tags": ("a", "b,c")}),
        ("tags[]=a&tags[]=b", {"tags": ("a", "b")}),
        ("on=on", {"on": True}),
        ("on=T", {"on": True}),
        ("on=FALSE", {"on": False}),
        ("on=", {"on": False}),
        ("on=x&on=1", {"on": True}),
        ("count=", {"count": 0}),
        ("requestid=", {"request_id": ""}),
        ("more=x", {}),
    ],
)
def test_both_kinds_of_form_are_bound_alike(form: str, found: dict[str, Any]) -> None:
    assert Body(form.encode(), FORM).fields(FIELDS) == found
    assert Body(_multipart(form), MULTIPART).fields(FIELDS) == found


@pytest.mark.parametrize(
    "form", ["count=x", "count=-1.5", "count=" + "9" * 25, "count=" + "9" * 5000, "on=yes", "on=tRUE", "name[=a"]
)
def test_a_form_with_a_bad_value_cannot_be_decoded(form: str) -> None:
    for body in (Body(form.encode(), FORM), Body(_multipart(form), MULTIPART)):
        with pytest.raises(BadBody):
            body.fields(FIELDS)


def test_a_file_is_no_field() -> None:
    body = b'--XX\r\nContent-Disposition: form-data; name="name"; filename="f"\r\n\r\nx\r\n--XX--'
    assert Body(body, MULTIPART).fields(FIELDS) == {}


def test_a_multipart_form_may_be_packed() -> None:
    assert Body(gzip.compress(_multipart("name=a"), mtime=0), MULTIPART, "gzip").fields(FIELDS) == {"name": "a"}


@pytest.mark.parametrize(
    ("data", "content_type", "encoding"),
    [
        (b"", MULTIPART, ""),
        (b"--XX", MULTIPART, ""),
        (_multipart("name=a"), "multipart/form-data", ""),
        (_multipart("name=a"), MULTIPART, "gzip"),
    ],
)
def test_a_form_that_is_none_cannot_be_decoded(data: bytes, content_type: str, encoding: str) -> None:
    body = Body(data, content_type, encoding)
    with pytest.raises(BrokenForm):
        body.form()
    with pytest.raises(BadBody):
        body.fields(FIELDS)


def test_a_multipart_form_in_another_case_has_no_fields() -> None:
    assert Body(_multipart("name=a"), "Multipart/Form-Data; boundary=XX").fields(FIELDS) == {}


@pytest.mark.parametrize(("sent", "read"), [(b"\xe4", "\ufffd"), ("\u00e4".encode(), "\u00e4")])
def test_bytes_of_a_field_that_are_no_utf_8_are_replaced(sent: bytes, read: str) -> None:
    assert Body(_multipart("name=X").replace(b"X\r\n--", sent + b"\r\n--"), MULTIPART).fields(FIELDS) == {"name": read}


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
        ("b=2&a=1&a=3", "3"),
        ("a=1&a=", ""),
        ("A=1", "1"),
        ("%41=1", "1"),
        ("", ""),
        ("a", ""),
        ("a=%2B1", "+1"),
        ("a=+1", " 1"),
        ("%61=1", "1"),
        ("a=b=c", "b=c"),
        ("a=%FF", "\ufffd"),
    ],
)
def test_a_query_gives_the_last_value_of_a_name_in_any_case(raw: str, value: str) -> None:
    assert Query(raw)["a"] == value


@pytest.mark.parametrize(
    ("raw", "values"),
    [("a=1&b=2&A=3", ("1", "3")), ("a=1,2", ("1,2",)), ("a=&a", ("", "")), ("b=1", ()), ("", ())],
)
def test_a_query_gives_every_value_of_a_name(raw: str, values: tuple[str, ...]) -> None:
    assert Query(raw).all("a") == values
