"""Texts whose names get their values while a story runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.late import Late, Words, fill, is_open, names_in, substitute

VALUES = {"a": "1", "b": "$", "c": "${a}", "d": "", "brace": "later}", "open": "{a}"}


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("", ()),
        ("plain $5 $ $a {a}", ()),
        ("${a} and ${b.c}${a}", ("a", "b.c", "a")),
        ("$${a}", ()),
        ("$$${a}", ("a",)),
        ("${}", ("",)),
        ("${a", ()),
        ("${a{b}}", ()),
    ],
)
def test_the_names_of_a_template_in_order(template: str, names: tuple[str, ...]) -> None:
    assert names_in(template) == names


@pytest.mark.parametrize(
    ("template", "open_"),
    [("${a", True), ("${a ${b}", True), ("${a{b}}", True), ("${a}", False), ("$${a", False), ("$a {b}", False)],
)
def test_a_name_that_does_not_end_is_seen(template: str, open_: bool) -> None:
    assert is_open(template) is open_


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("plain", "plain"),
        ("$5 and $$5", "$5 and $5"),
        ("${a}", "1"),
        ("${b}${c}", "$${a}"),
        ("$${a}", "${a}"),
        ("${later}", Late("${later}")),
        # What is put in makes no name of what stands around it.
        ("${${brace}${later}", Late("$${later}${later}")),
        ("$5 $${a}${open}${later}", Late("$5 $${a}{a}${later}")),
        ("${a} ${later}", Late("1 ${later}")),
        ("${b} ${c} ${later}", Late("$$ $${a} ${later}")),
        ("$$ $5 ${later}", Late("$$ $5 ${later}")),
    ],
)
def test_what_is_known_is_put_in_and_the_rest_is_left(template: str, words: Words) -> None:
    assert substitute(template, VALUES.get) == words


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("${a} $$", "${a} $$"),  # a plain text is literal
        (Late("${a} $$ $5"), "1 $ $5"),
        (Late("${b}${c}${d}"), "$${a}"),
        (Late("$${a}"), "${a}"),
    ],
)
def test_a_template_is_filled_once(words: Words, text: str) -> None:
    assert fill(words, VALUES) == text


def test_a_name_without_a_value_is_told() -> None:
    with pytest.raises(KeyError, match="nobody"):
        fill(Late("${nobody}"), VALUES)


TEMPLATES = st.lists(st.sampled_from(["$", "$$", "{", "}", "a", "b", "${a}", "${later}", " "])).map("".join)


@given(
    TEMPLATES.filter(lambda template: {*names_in(template)} <= {"a", "later"}),
    st.text("$ab{}", max_size=5),
    st.text("$ab{}", max_size=5),
)
def test_whatever_is_put_in_early_could_have_been_put_in_late(template: str, early: str, late: str) -> None:
    known = {"a": early}
    in_two_steps = fill(substitute(template, known.get), {"later": late})
    assert in_two_steps == fill(Late(template), {"a": early, "later": late})
