"""harness.standin.sql: what the database takes and how it compares (gateway-protocol.md §1.5, §2.1)."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.standin import sql


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("NOTE", "a note", True),
        ("n_t", "a note", True),
        ("n_t", "a nt", False),
        ("a%e", "a note", True),
        ("a%e%t", "a note", False),
        ("%", "", True),
        ("\\%", "50%", True),
        ("\\%", "50", False),
        ("\\\\", "a\\b", True),
        ("a.b", "axb", False),
        ("a_b", "a\nb", True),
        # The backslash takes its meaning from the % that stands behind every query.
        ("\\", "50%", True),
        ("\\", "%50", False),
        ("\\", "\\", False),
        ("0\\", "50%", True),
        ("x", None, False),
    ],
)
def test_a_query_is_a_pattern_without_case(query: str, text: str | None, found: bool) -> None:
    assert sql.containing(query)(text) is found


def test_a_query_may_mind_case() -> None:
    assert sql.containing_exactly("b_")("abc")
    assert not sql.containing_exactly("B_")("abc")


def _like(pattern: str, text: str) -> bool:
    """Letter by letter, every way of reading a `%` tried."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(_like(pattern[1:], text[start:]) for start in range(len(text) + 1))
    if pattern[0] == "\\":
        pattern = pattern[1:]
        return text[:1] == pattern[0] and _like(pattern[1:], text[1:])
    return bool(text) and pattern[0] in ("_", text[0]) and _like(pattern[1:], text[1:])


@given(st.text("ab_%\\", max_size=6), st.text("ab%\\", max_size=6))
def test_a_pattern_means_what_it_says_letter_by_letter(query: str, text: str) -> None:
    assert sql.containing_exactly(query)(text) is _like(f"%{query}%", text)


def test_a_pattern_with_many_wildcards_takes_no_long() -> None:
    query = "%".join("a" * 50)
    assert not sql.containing(query + "b")("a" * 2048)


@pytest.mark.parametrize("call", [sql.check, sql.containing, sql.containing_exactly])
@pytest.mark.parametrize("text", ["\0", "a\0b"])
def test_no_text_with_a_nul_comes_near_the_database(call: object, text: str) -> None:
    assert callable(call)
    with pytest.raises(sql.BadText):
        call(text)


def test_other_texts_may_be_stored() -> None:
    sql.check(None, "", *map("".join, product("a\x01\n", repeat=2)))
