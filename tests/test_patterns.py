"""What counts as a regular expression."""

from __future__ import annotations

import warnings

import pytest

from harness.errors import UsageError
from harness.patterns import check_pattern


@pytest.mark.parametrize("pattern", ["", "code", r"(?<!\d)\d{4,8}(?!\d)", "a|b"])
def test_a_regular_expression_is_taken(pattern: str) -> None:
    check_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "a{2,1}", "(" * 5000, "a{99999999999999999999}"])
def test_anything_else_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError, match="no regular expression"):
        check_pattern(pattern)


def test_one_that_python_warns_of_is_refused_where_warnings_are_errors() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UsageError, match="nested set"):
            check_pattern("[[a]")


ENDLESS = [
    *("(a+)+", "(a*)*", r"^(\w+\s?)*$", r"(?:\w+\s*)+", "((a+))+", "((a+)?)+", "(a+?)+", "(?i:a+)*", "(a|b+)*"),
    *(r"(?P<x>\d+)+", "([^,]+)+,", "(.*)*", r"(x?\d+)+", "(a{2,})+", "(a+){2,}", r"([)]+)*", "x(y|(a+))*z"),
]
QUICK = [
    *("(a+)", "(a+)?", "(a+){3}", "(a|b)*", r"(\d+,)*", r"(\w+ )*\w+", r"(\d{4}-?)+", "(a+b*)c", "(?:[A-Z][a-z]*)+"),
    *(r"((?:\w+\.)+\w+)", "(?>a+)+", "(a++)+", "(?=a+)+", r"\(a+\)+", "[(a+)]+", ".*.*", "a{+", "(a)(?(1)b+|c)"),
    *("(?x) ( a+ b )+", "(?# a+ b)c+", r"(\\+x)+", r"(\)+x)+"),
]


@pytest.mark.parametrize(
    ("pattern", "told"),
    [(r"(\d", r"'(\d' is no"), ("(\b", r"'(\x08' is no"), (r"(\w+)+", r"'(\w+)+' could"), ("('", "'('' is no")],
)
def test_an_expression_is_told_as_it_was_written(pattern: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_pattern(pattern)
    assert str(refused.value).startswith(told)


@pytest.mark.parametrize("pattern", ENDLESS)
def test_a_repeat_in_a_repeat_with_nothing_between_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError, match="could search for years"):
        check_pattern(pattern)


@pytest.mark.parametrize("pattern", QUICK)
def test_a_repeat_that_is_kept_apart_is_taken(pattern: str) -> None:
    check_pattern(pattern)
