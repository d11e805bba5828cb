"""What may stand in a header."""

from __future__ import annotations

import pytest

from harness.http.fields import name_trouble, value_trouble


@pytest.mark.parametrize("name", ["X-A", "content-type", "~", "a.b_c|d"])
def test_a_name_is_made_of_letters_digits_and_few_signs(name: str) -> None:
    assert name_trouble(name) == ""


@pytest.mark.parametrize("name", ["", "X A", "X:", "X\nB", "X-Ä", "a/b"])
def test_nothing_else_is_a_name(name: str) -> None:
    assert name_trouble(name) == f"{name!r} is no name of a header"


@pytest.mark.parametrize("value", ["", "a b\tc", "ü", "~"])
def test_a_value_is_text_on_one_line(value: str) -> None:
    assert value_trouble(value) == ""


@pytest.mark.parametrize(
    ("value", "letter"),
    [("secret\r\nX: y", "U+000D"), ("secret\n", "U+000A"), ("secret\0", "U+0000"), ("secret€", "U+20AC")],
)
def test_what_ends_a_line_or_has_no_byte_is_in_none_and_the_value_is_not_told(value: str, letter: str) -> None:
    assert value_trouble(value) == f"the character {letter} has no place in a header"
