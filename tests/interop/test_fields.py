"""Fields of JSON objects, and the errors about those that are not as they should be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.errors import VectorError
from harness.interop.fields import Fields, guess, parse_json


def _fields(values: dict[str, object]) -> Fields:
    return Fields("a.json", "test 1", values)


Read = Callable[[Fields], object]

WRONG: list[tuple[dict[str, object], Read, str]] = [
    ({}, lambda it: it.text("key"), "test 1, key: is missing"),
    ({"key": 1}, lambda it: it.text("key"), "test 1, key: is no text, but a number"),
    ({"key": ["a"]}, lambda it: it.maybe_text("key"), "test 1, key: is no text, but a list"),
    ({"key": {}}, lambda it: it.unicode("key", "u"), "test 1, key: is no text, but an object"),
    ({"u": "00"}, lambda it: it.unicode("key", "u"), "test 1, u: ends in half a UTF-16 unit"),
    ({"key": "a", "u": "0062"}, lambda it: it.unicode("key", "u"), "test 1, u: is another text than key"),
    ({"key": "", "u": "0062"}, lambda it: it.unicode("key", "u"), "test 1, u: is another text than key"),
    ({"n": True}, lambda it: it.number("n"), "test 1, n: is no number from 0 on, but true or false"),
    ({"n": -1}, lambda it: it.number("n"), "test 1, n: is no number from 0 on, but a number"),
    ({"n": 1.5}, lambda it: it.number("n"), "test 1, n: is no number from 0 on, but a number"),
    ({}, lambda it: it.number("n"), "test 1, n: is missing"),
    ({"n": 2**53}, lambda it: it.number("n"), "test 1, n: is more than 9,007,199,254,740,991"),
    ({"n": 8}, lambda it: it.number("n", 7), "test 1, n: is more than 7"),
    ({"iv": "0x1"}, lambda it: it.maybe_octets("iv"), "test 1, iv: is no hex: '0x1'"),
    ({"iv": "é"}, lambda it: it.maybe_octets("iv"), "test 1, iv: is no hex: 'é'"),
    ({"iv": "abc"}, lambda it: it.maybe_octets("iv"), "test 1, iv: is no hex: 'abc'"),
    ({"l": "a"}, lambda it: it.texts("l"), "test 1, l: is no list, but a text"),
    ({"l": ["a", None]}, lambda it: it.texts("l"), "test 1, l: holds null where texts belong"),
    ({"r": "maybe"}, lambda it: it.one_of("r", ("yes", "no")), "test 1, r: is 'maybe', which is none of yes, no"),
    ({"o": 1}, lambda it: it.inner("o"), "test 1, o: is no object, but a number"),
    ({}, lambda it: it.inner("o"), "test 1, o: is missing"),
    ({"l": [{}, 2]}, lambda it: it.objects("l", "group"), "test 1, l: holds a number where objects belong (number 2)"),
    ({"o": {}}, lambda it: it.inner("o").text("t"), "test 1, o, t: is missing"),
    ({"l": [{}, {}]}, lambda it: it.objects("l", "group")[1].text("t"), "test 1, group 2, t: is missing"),
]


@pytest.mark.parametrize(("values", "read", "text"), WRONG)
def test_what_is_wrong_is_said_with_its_place(values: dict[str, object], read: Read, text: str) -> None:
    with pytest.raises(VectorError) as caught:
        read(_fields(values))
    assert str(caught.value) == f"a.json: {text}"
    assert caught.value.file == "a.json"


LONG = "x" * 1_000_000


@pytest.mark.parametrize(
    "read",
    [
        lambda: _fields({"r": LONG}).one_of("r", ("yes", "no")),
        lambda: _fields({"r": LONG}).maybe_octets("r"),
        lambda: _fields({LONG: 1}).inner(LONG),
        lambda: _fields({LONG: {}}).inner(LONG).text("key"),
        lambda: _fields({LONG: [{}]}).objects(LONG, LONG)[0].text("key"),
        lambda: _fields({}).text(LONG),
    ],
)
def test_an_error_does_not_repeat_a_long_value_or_name(read: Callable[[], object]) -> None:
    with pytest.raises(VectorError) as caught:
        read()
    assert len(str(caught.value)) < 200


RIGHT: list[tuple[dict[str, object], Read, object]] = [
    ({"key": ""}, lambda it: it.text("key"), ""),
    ({}, lambda it: it.maybe_text("key"), None),
    ({}, lambda it: it.unicode("key", "u"), None),
    ({"key": "a\ud83d"}, lambda it: it.unicode("key", "u"), "a\ud83d"),
    ({"u": "0061d83d"}, lambda it: it.unicode("key", "u"), "a\ud83d"),
    ({"key": "a\ud83d", "u": "0061d83d"}, lambda it: it.unicode("key", "u"), "a\ud83d"),
    ({"n": 0}, lambda it: it.number("n"), 0),
    ({"iv": "0AfF"}, lambda it: it.maybe_octets("iv"), b"\x0a\xff"),
    ({"l": ["a", "b"]}, lambda it: it.texts("l"), ("a", "b")),
    ({"r": "no"}, lambda it: it.one_of("r", ("yes", "no")), "no"),
    ({"l": []}, lambda it: it.objects("l", "group"), []),
]


@pytest.mark.parametrize(("values", "read", "found"), RIGHT)
def test_what_is_right_is_given(values: dict[str, object], read: Read, found: object) -> None:
    assert read(_fields(values)) == found


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "a.json:1:1: no JSON: Expecting value"),
        ("{\n  'a': 1}", "a.json:2:3: no JSON: Expecting property name enclosed in double quotes"),
        ("[]", "a.json: holds a list where an object belongs"),
        ('{"a":' * 100_000, "a.json: is nested too deeply"),
        (f'{{"a":{"9" * 5000}}}', "a.json: holds a number with too many digits"),
    ],
)
def test_a_text_that_is_no_object_is_refused_with_line_and_column(text: str, error: str) -> None:
    with pytest.raises(VectorError) as caught:
        parse_json(text, "a.json")
    assert str(caught.value) == error


@pytest.mark.parametrize(
    ("name", "end"), [("Modifed", "; did you mean Modified?"), ("xyz", ""), ("Truncate", "; did you mean Truncated?")]
)
def test_something_near_is_guessed(name: str, end: str) -> None:
    assert guess(name, ("Modified", "Truncated")) == end
