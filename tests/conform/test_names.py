"""Bound names: put in, picked out, put back."""

from __future__ import annotations

import base64
import json

import pytest

from harness.conform.cases import ABSENT, Json
from harness.conform.names import fill, fill_text, hide, pick

NAMES: dict[str, str | int] = {"phone": "+18445550123", "day": 3, "user_key": "secret-key-1", "token": "t-1"}


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ("${phone}", "+18445550123"),
        ("${day}", 3),
        ("day ${day} of ${phone}", "day 3 of +18445550123"),
        ({"${day}": ["${day}", None, True]}, {"3": [3, None, True]}),
        ({"#repeat": {"unit": "ab", "count": 3}}, "ababab"),
        ({"#base64": {"repeat": "x", "bytes": 4}}, base64.b64encode(b"xxxx").decode()),
        ("$phone {phone}", "$phone {phone}"),
    ],
    ids=str,
)
def test_names_and_long_texts_are_put_in(value: Json, filled: Json) -> None:
    assert fill(value, NAMES) == filled


def test_a_name_that_is_not_bound_is_an_error_of_that_name() -> None:
    with pytest.raises(KeyError) as error:
        fill_text("x ${nobody}", NAMES)
    assert error.value.args == ("nobody",)


BODY: Json = {"data": [{"id": "a"}, {"id": None}], "n": 1}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("data.0.id", "a"),
        ("data.1.id", None),
        ("data.2.id", ABSENT),
        ("data.id", ABSENT),
        ("n", 1),
        ("n.m", ABSENT),
        ("more", ABSENT),
    ],
)
def test_a_dotted_path_picks_what_stands_there(path: str, value: object) -> None:
    assert pick(BODY, path) == value


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("key secret-key-1 of +18445550123", "key ${user_key} of ${phone}"),
        ({"secret-key-1": ["t-1", 3]}, {"${user_key}": ["${token}", 3]}),
        ("pk_" + "a" * 64, "#key"),
        ("uk_short", "uk_short"),
        (ABSENT, ABSENT),
        (("t-1", None), ("${token}", None)),
    ],
    ids=str,
)
def test_what_is_shown_has_names_in_place_of_what_was_bound(value: Json, hidden: Json) -> None:
    assert hide(value, NAMES) == hidden


def test_a_long_bound_text_is_hidden_before_a_shorter_one_within_it() -> None:
    assert hide("hook-1-long", {"short": "hook-1", "long": "hook-1-long"}) == "${long}"


def test_of_two_names_for_one_text_the_first_is_shown() -> None:
    assert hide("same-text", {"first": "same-text", "second": "same-text"}) == "${first}"


def test_a_secret_is_hidden_within_json_text_too() -> None:
    assert "secret-key-1" not in hide(json.dumps({"api_key": "secret-key-1"}), NAMES)
