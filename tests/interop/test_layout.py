"""Lines that fit into the columns of a terminal."""

from __future__ import annotations

import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.interop.layout import columns, fit, table, wrapped


@pytest.mark.parametrize(("text", "count"), [("", 0), ("abc", 3), ("дом", 3), ("漢字", 4), ("🎉", 2), ("e\u0301", 1)])
def test_wide_letters_take_two_columns(text: str, count: int) -> None:
    assert columns(text) == count


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("漢字漢字", 5, "漢字…"), ("漢字", 3, "漢…")],
)
def test_what_is_wider_is_cut(text: str, width: int, shown: str) -> None:
    assert fit(text, width) == shown


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ["- "]),
        ("short", ["- short"]),
        ("two words here", ["- two words", "  here"]),
        ("abcdefghijklmnop", ["- abcdefghij", "  klmnop"]),
        ("a bcdefghijklmno", ["- a bcdefghi", "  jklmno"]),
        ("漢字漢字漢字", ["- 漢字漢字漢", "  字"]),
    ],
)
def test_a_line_ends_at_a_space_or_where_it_is_full(text: str, lines: list[str]) -> None:
    assert wrapped(text, 12, "- ") == [line.rstrip() for line in lines]


def test_a_name_that_takes_too_much_is_broken_like_the_rest() -> None:
    assert wrapped("text", 12, "a long name: ") == ["a long name:", "    text"]


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=80), st.integers(6, 40))
def test_no_line_is_wider_and_no_letter_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width, "* ", "  ")
    assert all(columns(line) <= width for line in lines)
    assert "".join("".join(lines).split())[1:] == "".join(text.split())


@given(st.text(st.characters(categories=["L", "N"]), max_size=40), st.integers(1, 5))
def test_where_nothing_fits_it_ends_all_the_same_and_no_letter_is_lost(text: str, width: int) -> None:
    assert "".join("".join(wrapped(text, width, "label  ")).split()) == f"label{text}"


@pytest.mark.parametrize("letter", "x漢")
def test_a_long_text_takes_no_longer_than_its_length(letter: str) -> None:
    # Less than 0.1 s; 15 s where the rest was measured anew for each line.
    assert timeit.timeit(lambda: wrapped(letter * 100_000, 100), number=1) < 3


def test_numbers_end_below_each_other() -> None:
    rows = [["name", "n"], ["漢字", "1,000"], ["b", "2"]]
    assert table(rows) == ["name      n", "漢字  1,000", "b         2"]
    assert table(rows, gap=1, left=2) == ["name n", "漢字 1,000", "b    2"]
