"""harness.wire.json: what Go's decoder takes, and what its encoder writes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.instants import SECOND
from harness.wire.json import (
    ZERO_AT,
    ZERO_STAMP,
    BadBody,
    Kind,
    Nullable,
    Pairs,
    Stamp,
    dump,
    flag,
    integer,
    listed,
    load,
    micros,
    read_fields,
    stamp,
    text,
    unsigned,
)

FIELDS: dict[str, Kind] = {
    "name": text,
    "on": flag,
    "count": integer,
    "rate": unsigned,
    "tags": listed(text, ""),
    "reason": Nullable(text),
}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"name":"a"}', {"name": "a"}),
        (b'{"NAME":"a","On":true}', {"name": "a", "on": True}),
        (b'{"unknown":{"deep":[1]},"name":"a"}', {"name": "a"}),
        (b'{"name":"a","name":"b"}', {"name": "b"}),
        (b'{"name":"a","Name":"b","name":"c"}', {"name": "c"}),
        (b'{"name":null}', {}),
        (b'{"name":"a","name":null}', {"name": "a"}),
        (b'{"reason":"a","reason":null}', {"reason": None}),
        (b"null", {}),
        (b" \t\r\n{} ", {}),
        (b'{"tags":["a",null]}', {"tags": ("a", "")}),
        (b'{"count":-9223372036854775808}', {"count": -(1 << 63)}),
        ('{"na\u017fe":"long s"}'.encode(), {}),
        ('{"\u212aey":1,"name":"kelvin"}'.encode(), {"name": "kelvin"}),
        (b'{"name":"\\ud83d\\ude00"}', {"name": "\U0001f600"}),
        (b'{"name":"\\ud800"}', {"name": "\ufffd"}),
        (b'{"name":"\\udc00x\\ud800"}', {"name": "\ufffdx\ufffd"}),
        (b'{"name":"\xff\xfe"}', {"name": "\ufffd\ufffd"}),
        (b'{"name":"\xe2\x82"}', {"name": "\ufffd\ufffd"}),
        (b'{"name":"\\u0000"}', {"name": "\0"}),
    ],
)
def test_an_object_is_read_as_laxly_as_by_the_server(body: bytes, found: dict[str, Any]) -> None:
    assert read_fields(load(body), FIELDS) == found


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"name":"a"}x',
        '\ufeff{"name":"a"}'.encode(),
        b"{'name':'a'}",
        b'{"name":NaN}',
        b'{"name":"\n"}',
        b"[" * 100_000,
        b"5",
        b'"a"',
        b"[]",
        b'{"name":5}',
        b'{"name":[]}',
        b'{"on":"true"}',
        b'{"on":1}',
        b'{"count":1.5}',
        b'{"count":1e2}',
        b'{"count":true}',
        b'{"count":9223372036854775808}',
        b'{"rate":-1}',
        b'{"tags":"a"}',
        b'{"tags":[1]}',
    ],
)
def test_another_type_or_no_json_cannot_be_decoded(body: bytes) -> None:
    with pytest.raises(BadBody) as caught:
        read_fields(load(body), FIELDS)
    assert caught.value.data["Source"] == "body"


def test_an_object_keeps_the_order_and_the_repetitions() -> None:
    assert load(b'{"b":1,"a":2,"b":3}') == Pairs([("b", 1), ("a", 2), ("b", 3)])


@pytest.mark.parametrize(
    ("given_text", "at", "shown"),
    [
        ("1970-01-01T00:00:01Z", SECOND, "1970-01-01T00:00:01Z"),
        ("1970-01-01T00:00:01.500000000Z", SECOND * 3 // 2, "1970-01-01T00:00:01.5Z"),
        ("1970-01-01T02:00:01+02:00", SECOND, "1970-01-01T02:00:01+02:00"),
        ("1969-12-31T18:30:01-05:30", SECOND, "1969-12-31T18:30:01-05:30"),
        ("1970-01-01T00:00:01+00:00", SECOND, "1970-01-01T00:00:01Z"),
        ("1970-01-01T00:00:00.1234567899Z", 123_456_789, "1970-01-01T00:00:00.123456789Z"),
        ("0001-01-01T00:00:00Z", ZERO_AT, "0001-01-01T00:00:00Z"),
        # laxer than RFC 3339, as Go is
        ("1970-01-01T0:00:01Z", SECOND, "1970-01-01T00:00:01Z"),
        ("1970-01-01T00:00:01,5Z", SECOND * 3 // 2, "1970-01-01T00:00:01.5Z"),
        ("1970-01-01T2:00:01,5+01:60", SECOND * 3 // 2, "1970-01-01T02:00:01.5+02:00"),
    ],
)
def test_a_time_is_shown_in_the_offset_in_which_it_came(given_text: str, at: int, shown: str) -> None:
    read = stamp(given_text, "at")
    assert (read.at, str(read)) == (at, shown)


@pytest.mark.parametrize(
    "value",
    ["", "yesterday", "2026-12-01", "2026-12-01T00:00:00", "2026-12-01 00:00:00Z", "2026-12-01t00:00:00z",
     "2026-13-01T00:00:00Z", "2026-1-01T00:00:00Z", "2026-12-01T5:0:00Z", "2026-12-01T00:00:00.Z",
     "2026-12-01T00:00:00+0200", "2026-12-01T00:00:00+01:61", "2026-12-01T00:00:00+24:00", "2026-12-01T24:00:00Z",
     1796083200, True],
)  # fmt: skip
def test_only_rfc_3339_with_an_offset_is_a_time(value: Any) -> None:
    with pytest.raises(BadBody):
        stamp(value, "at")


def test_the_zero_time_is_the_first_day_of_the_calendar() -> None:
    assert str(ZERO_STAMP) == "0001-01-01T00:00:00Z"


@given(st.integers(-(10**18), 4 * 10**18), st.integers(-14 * 60, 14 * 60))
def test_a_time_that_was_shown_is_read_back(at: int, offset_min: int) -> None:
    assert stamp(str(Stamp(at, offset_min)), "at") == Stamp(at, offset_min)


@given(st.integers(-(10**18), 4 * 10**18))
def test_the_database_cuts_times_to_microseconds(at: int) -> None:
    assert micros(at) % 1000 == 0
    assert 0 <= at - micros(at) < 1000


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "a": None}, '{"b":1,"a":null}'),
        ("<a href='x'>&\u2028\u2029", "\"\\u003ca href='x'\\u003e\\u0026\\u2028\\u2029\""),
        ("Zo\u00eb \U0001f600 \x7f", '"Zo\u00eb \U0001f600 \x7f"'),
        ('"\\\n\r\t\b\f\x01', '"\\"\\\\\\n\\r\\t\\b\\f\\u0001"'),
        (("a", "b"), '["a","b"]'),
    ],
)
def test_json_is_written_as_by_go(value: Any, written: str) -> None:
    assert dump(value) == written


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_is_written_is_json(value: Any) -> None:
    assert json.loads(dump(value)) == value
