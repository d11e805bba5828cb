"""What the app's JSON reader takes, and what it says of the rest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.java import Threw
from harness.wire.klaxon import Parameter, Shape, _Reader, instantiate, read_object

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | FLOATS | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def _threw(text: str) -> str | None:
    with pytest.raises(Threw) as raised:
        read_object(text)
    return raised.value.text


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4), st.booleans())
def test_what_is_json_is_read_as_json(value: dict[str, Any], ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert read_object(text) == value
    assert _Reader(text).read() == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a" 1 "b" 2}', {"a": 1, "b": 2}),
        ('{,"a"::1,,}', {"a": 1}),
        ('{"a": [1 2]}', {"a": [1, 2]}),
        ('{"a": TRUE}', {"a": True}),
        ('{"a": "x\ny"}', {"a": "x\ny"}),
        ('{"a": "\\q\\u00e9\\/"}', {"a": "qé/"}),
        ('{"a": 007}', {"a": 7}),
        ('{"a": 1} x', {"a": 1}),
        ("{}\n", {}),
    ],
)
def test_klaxon_is_lenient(text: str, value: Any) -> None:
    assert read_object(text) == value


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<html>", "Unexpected character at position 0: '<' (ASCII: 60)'"),
        ('{"a": bad}', "Unexpected character at position 6: 'b' (ASCII: 98)'"),
        ('{"a": 1} xy', "Unexpected character at position 9: 'x' (ASCII: 120)'"),
        ('{"a": NaN}', "Unexpected character at position 6: 'N' (ASCII: 78)'"),
        ('{"a', "Unterminated string"),
        ('{"a": "\\u12', "EOF reached in unicode char after: u12"),
        ('{"a": "\\u12zz"}', "Failed to parse unicode char: u12zz"),
    ],
)
def test_what_it_cannot_read_is_told_in_its_words(text: str, fault: str) -> None:
    assert _threw(text) == fault


def test_the_end_comes_too_early() -> None:
    assert _threw("") == (
        "Expected {, null or [, not 'EOF' at line 1\n   (internal error: \"No processor found for: (INIT, EOF)\""
    )
    assert (_threw('{"a": {"b"\n') or "").startswith("Expected :, null, [ or {, not 'EOF' at line 2")
    assert (_threw('{"a": 1} "b"') or "").startswith("Expected EOF, not '\"b\"' at line 1")


@pytest.mark.parametrize(
    ("text", "exception"),
    [("[]", "ClassCastException"), ('"x"', "ClassCastException"), ("null", "NullPointerException"),
     ("{1: 2}", "ClassCastException"), ("12 ", "ClassCastException")],
)  # fmt: skip
def test_another_value_at_the_top_is_another_exception(text: str, exception: str) -> None:
    with pytest.raises(Threw) as raised:
        read_object(text)
    assert raised.value.simple_name == exception


SHAPE = Shape(
    "Message",
    (
        Parameter("contact", "contact", "kotlin.String"),
        Parameter("reason", "failure_reason", "kotlin.String?"),
        Parameter("isSecret", "encrypted", "kotlin.Boolean"),
        Parameter("sendTime", "send_time", "kotlin.Long?"),
        Parameter("files", "attachments", "kotlin.collections.List<kotlin.String>?", optional=True),
    ),
)
GOOD = {"contact": "c", "failure_reason": None, "encrypted": True, "send_time": 5}
SIGNATURE = (
    "fun <init>(kotlin.String, kotlin.String?, kotlin.Boolean, kotlin.Long?, "
    "kotlin.collections.List<kotlin.String>?): com.httpsms.Message"
)


@pytest.mark.parametrize(
    "changes",
    [{}, {"failure_reason": "x"}, {"send_time": None}, {"attachments": None}, {"attachments": ["x"]}, {"more": 1}],
)
def test_a_class_is_made_of_its_keys(changes: Any) -> None:
    instantiate(SHAPE, {**GOOD, **changes})


def test_a_missing_key_is_named_once_for_each_parameter_without_a_value() -> None:
    with pytest.raises(Threw) as raised:
        instantiate(SHAPE, {"contact": "c", "failure_reason": "r", "attachments": ["x"], "send_time": 5})
    missing = f"No argument provided for a required parameter: parameter #2 isSecret of {SIGNATURE}"
    assert raised.value.text == (
        f"Unable to instantiate Message:{missing}\n"
        "\n    Parameter sendTime: expected kotlin.Long? but received java.lang.Integer (value: 5)\n"
        "\n    Parameter files: expected kotlin.collections.List<kotlin.String>? but received "
        "java.util.ArrayList (value: ['x'])\n"
    )


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"contact": None}, "Unable to instantiate Message:"),
        ({"encrypted": "false"}, "Unable to instantiate Message:"),
        ({"encrypted": None}, "Unable to instantiate Message:"),
        ({"contact": 5}, "Unable to instantiate Message:"),
        ({"send_time": 1.5}, "Unable to instantiate Message:java.lang.ClassCastException@<hash>"),
        ({"send_time": 1 << 63}, "Unable to instantiate Message:java.lang.ClassCastException@<hash>"),
        ({"attachments": "x"}, "Unable to instantiate Message:java.lang.ClassCastException@<hash>"),
    ],
)
def test_a_value_of_another_type_makes_no_class(changes: Any, first: str) -> None:
    with pytest.raises(Threw) as raised:
        instantiate(SHAPE, {**GOOD, **changes})
    assert (raised.value.text or "").split("\n")[0] == first


@pytest.mark.parametrize("digits", ["9" * 20, "-" + "9" * 5000, "9" * 100_000])
def test_a_number_of_any_length_is_one(digits: str) -> None:
    data = read_object(f'{{"id": {digits}, "user_id": "u"}}')
    shape = Shape("Phone", (Parameter("id", "id", "kotlin.String"), Parameter("userID", "user_id", "kotlin.String")))
    with pytest.raises(Threw) as caught:
        instantiate(shape, data)
    assert f"received java.math.BigInteger (value: {digits})" in caught.value.message
    assert read_object(f'{{"id": {"0" * 5000}7}}') == {"id": 7}


def test_a_value_that_is_nested_deeply_is_read_but_not_shown() -> None:
    data = read_object('{"id": ' + "[" * 100_000 + "]" * 100_000 + "}")
    with pytest.raises(Threw) as caught:
        instantiate(Shape("Phone", (Parameter("id", "id", "kotlin.String"),)), data)
    assert "java.util.ArrayList (value: <a value that is nested too deeply" in caught.value.message
