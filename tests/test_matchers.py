"""What a value must be, and why it is not."""

from __future__ import annotations

from typing import Any

import pytest

from harness.late import Late
from harness.matchers import (
    MISSING,
    Absent,
    Contains,
    Differs,
    Equals,
    Matcher,
    Matches,
    OneOf,
    Present,
    filled,
    filled_matcher,
    miss,
)

CASES: list[tuple[Matcher, list[Any], list[Any]]] = [
    (Equals("a"), ["a"], ["b", "", 1, None, ["a"]]),
    (Equals(1), [1, 1.0], ["1", True, 0]),
    (Equals(True), [True], [1, "true"]),
    (Equals(None), [None], ["", 0, "null"]),
    (Equals([1, "a"]), [[1, "a"]], [[1], [1, "b"]]),
    (Equals({"a": 1}), [{"a": 1}], [{}, {"a": 2}]),
    (Differs("a"), ["b", None, 1], ["a"]),
    (Differs(1), [True, "1"], [1]),
    (Contains("a"), ["cat", "a"], ["", "dog", 1, None, ["a"]]),
    (Contains(""), ["", "dog"], [None]),
    (Matches("^a+$"), ["a", "aaa"], ["", "ab", 1, None]),
    (OneOf(("a", 1)), ["a", 1], ["b", True, "1"]),
    (OneOf(()), [], ["a", None]),
    (Present(), ["", None, 0, []], []),
    (Absent(), [], ["", None, 0]),
]


@pytest.mark.parametrize(("matcher", "fits", "misses"), CASES, ids=[str(matcher) for matcher, _, _ in CASES])
def test_what_fits_a_matcher_and_what_does_not(matcher: Matcher, fits: list[Any], misses: list[Any]) -> None:
    assert [got for got in fits if miss(matcher, got) is not None] == []
    assert [got for got in misses if miss(matcher, got) is None] == []


@pytest.mark.parametrize("matcher", [matcher for matcher, _, _ in CASES])
def test_what_is_not_there_fits_its_absence_alone(matcher: Matcher) -> None:
    assert (miss(matcher, MISSING) is None) is isinstance(matcher, Absent)


@pytest.mark.parametrize(
    ("matcher", "got", "why"),
    [
        (Equals("a"), "b", "expected 'a', got 'b'"),
        (Equals(1), "1", "expected 1, got '1'"),
        (Differs("a"), "a", "expected anything but 'a', got 'a'"),
        (Contains("a"), None, "expected a text with 'a' in it, got None"),
        (Matches("a+"), "b", "expected a text that matches 'a+', got 'b'"),
        (Matches(r"\d"), "b", r"expected a text that matches '\d', got 'b'"),
        (OneOf(("a", 1)), "b", "expected one of 'a', 1, got 'b'"),
        (Present(), MISSING, "expected something, and it is not there"),
        (Absent(), "a", "expected nothing, got 'a'"),
    ],
)
def test_a_miss_says_what_was_wanted_and_what_there_is(matcher: Matcher, got: Any, why: str) -> None:
    assert miss(matcher, got) == why


@pytest.mark.parametrize(
    ("value", "full"),
    [
        (Late("${a}!"), "1!"),
        ("${a}", "${a}"),
        ([Late("${a}"), 2, None], ["1", 2, None]),
        ((Late("${a}"),), ["1"]),
        ({"x": {"y": Late("${a}")}}, {"x": {"y": "1"}}),
    ],
)
def test_every_text_in_a_value_is_filled(value: Any, full: Any) -> None:
    assert filled(value, {"a": "1"}) == full


@pytest.mark.parametrize(
    ("matcher", "full"),
    [
        (Equals(Late("${a}")), Equals("1")),
        (Equals({"x": [Late("${a}")]}), Equals({"x": ["1"]})),
        (Differs(Late("${a}")), Differs("1")),
        (Contains(Late("-${a}-")), Contains("-1-")),
        (OneOf((Late("${a}"), 2)), OneOf(("1", 2))),
        (Matches("${a}"), Matches("${a}")),
        (Present(), Present()),
        (Absent(), Absent()),
    ],
)
def test_a_matcher_is_filled(matcher: Matcher, full: Matcher) -> None:
    assert filled_matcher(matcher, {"a": "1"}) == full


@pytest.mark.parametrize("matcher", [Equals(Late("${b}")), Contains(Late("${b}")), OneOf((Late("${b}"),))])
def test_a_matcher_with_a_name_that_has_no_value_is_told(matcher: Matcher) -> None:
    with pytest.raises(KeyError, match="b"):
        filled_matcher(matcher, {"a": "1"})
