"""Values in texts, matchers and delays, as a plan has them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.delays import AT_ONCE, Delay, Fixed, LogNormal, Uniform
from harness.errors import UsageError
from harness.instants import SECOND
from harness.late import Late, Words, fill
from harness.matchers import Contains, Differs, Equals, Matcher, OneOf
from harness.story.values import Seconds, Value, contains, data, delay, differs, matcher, one_of, replies, words

CODE, NAME = Value("code"), Value("name")


@pytest.mark.parametrize(
    ("text", "planned"),
    [
        ("plain", "plain"),
        ("${code} $$ $", "${code} $$ $"),
        (CODE, Late("${code}")),
        (f"{CODE}", Late("${code}")),
        (f"a {CODE} b {NAME}{CODE}", Late("a ${code} b ${name}${code}")),
        ("a " + CODE + " costs $5", Late("a ${code} costs $$5")),
        (f"${{code}} {CODE}", Late("$${code} ${code}")),
        (Late("${x}"), Late("${x}")),
    ],
)
def test_a_value_in_a_text_makes_it_a_template(text: str | Late, planned: Words) -> None:
    assert words(text) == planned


@given(st.lists(st.text(st.characters(exclude_categories=["Cn"]))))
def test_what_stands_around_values_stays_as_it_is(parts: list[str]) -> None:
    assert fill(words(CODE.join(parts)), {"code": "1234"}) == "1234".join(parts)


def test_a_value_shows_its_name() -> None:
    assert repr(CODE) == "${code}"


@pytest.mark.parametrize(
    ("value", "planned"),
    [
        (1, 1),
        ({"a": [CODE, True, None, ("x",)]}, {"a": [Late("${code}"), True, None, ["x"]]}),
    ],
)
def test_values_may_stand_anywhere_in_json(value: Any, planned: Any) -> None:
    assert data(value) == planned


@pytest.mark.parametrize(
    ("value", "planned"),
    [
        ("a", Equals("a")),
        (CODE, Equals(Late("${code}"))),
        (5, Equals(5)),
        (contains(CODE), Contains(Late("${code}"))),
        (differs(CODE), Differs(Late("${code}"))),
        (one_of(1, CODE), OneOf((1, Late("${code}")))),
    ],
)
def test_what_is_no_matcher_is_to_be_equal(value: Any, planned: Matcher) -> None:
    assert matcher(value) == planned


@pytest.mark.parametrize(
    ("seconds", "planned"),
    [
        (0, AT_ONCE),
        (1.5, Fixed(1_500_000_000)),
        ((1, 2), Uniform(SECOND, 2 * SECOND)),
        (LogNormal(SECOND, 0.5), LogNormal(SECOND, 0.5)),
    ],
)
def test_a_delay_is_given_in_seconds(seconds: Seconds, planned: Delay) -> None:
    assert delay(seconds) == planned


def test_a_rule_that_cannot_be_is_refused() -> None:
    with pytest.raises(UsageError):
        replies(r"\2", when="(a)")
    with pytest.raises(UsageError):
        replies("a", after_s=-1)
