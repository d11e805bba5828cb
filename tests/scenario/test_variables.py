"""Names for texts: what is known is put in, what comes later stays, and nothing else is let through."""

from __future__ import annotations

import pytest

from harness.late import Late, Words
from harness.scenario.variables import NO_VARIABLES, Scope, UnknownName, is_variable, reserved

SCOPE = Scope({"a": "1", "dollar": "$$ ${a}"}, {"code"})


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("${a}", "1"),
        ("${dollar}", "$$ ${a}"),  # a value is never read again
        ("${code}", Late("${code}")),
        ("${dollar} ${code}", Late("$$$$ $${a} ${code}")),
        ("${unique} ${unique.b}", Late("${unique} ${unique.b}")),
        ("$$ $", "$ $"),
    ],
)
def test_what_is_known_is_put_in(template: str, words: Words) -> None:
    assert SCOPE.filled(template) == words


@pytest.mark.parametrize("template", ["${b}", "${uniquer}", "${}", "${a} ${b}"])
def test_what_nothing_is_named_is_unknown(template: str) -> None:
    with pytest.raises(UnknownName) as unknown:
        SCOPE.filled(template)
    assert unknown.value.name not in SCOPE.names


def test_other_values_come_in_front_and_captured_names_are_shared() -> None:
    inner = SCOPE.with_values({"a": "2", "b": "3"})
    assert (inner.filled("${a}${b}"), SCOPE.filled("${a}")) == ("23", "1")
    assert inner.captured is SCOPE.captured
    assert inner.names == ["a", "b", "code", "dollar", "unique"]
    assert SCOPE.with_values({}) is SCOPE
    assert NO_VARIABLES.names == ["unique"]


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("a", True), ("_a1.b-c", True), ("1a", False), ("", False), ("a b", False), ("é", False), ("a" * 65, False)],
)
def test_what_a_variable_may_be_named(name: str, is_one: bool) -> None:
    assert is_variable(name) is is_one


@pytest.mark.parametrize(
    ("name", "is_one"), [("unique", True), ("unique.a", True), ("round", True), ("uniques", False), ("rounds", False)]
)
def test_which_names_have_a_value_by_themselves(name: str, is_one: bool) -> None:
    assert reserved(name) is is_one
