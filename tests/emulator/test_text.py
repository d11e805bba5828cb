"""A text is typed on one line, and the emulator makes the same text of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.emulator.text import read, typed

# Also halves of a pair, as a cut text has them; a high and a low one side by side would be one character.
TEXTS = st.text() | st.text(st.characters(max_codepoint=0xDBFF), max_size=5)


@given(TEXTS)
def test_any_text_that_is_typed_is_read_as_it_was(text: str) -> None:
    assert read(typed(text)) == text


@given(TEXTS)
def test_what_is_typed_is_one_line_of_utf8(text: str) -> None:
    line = typed(text).encode()
    assert not set(line) & set(b"\n\r\0")
    assert b"\xf0" not in line  # the emulator would keep 16 bits of the character


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Hello, it's me", "Hello, it's me"),
        ("a\nb", r"a\nb"),
        (r"C:\new", r"C:\\new"),
        ("a\r\tb\0\x7f", r"a\u000d\u0009b\u0000\u007f"),
        ("Grüße €", "Grüße €"),
        ("😀", r"\ud83d\ude00"),
        ("\ud83d", r"\ud83d"),
        ("", ""),
    ],
)
def test_only_what_cannot_stand_on_a_line_is_escaped(text: str, line: str) -> None:
    assert typed(text) == line


@pytest.mark.parametrize(
    ("line", "text"),
    [
        # As in the emulator's own tests (sms_unittest.cpp).
        ("A text message", "A text message"),
        (r"A two line\ntext message", "A two line\ntext message"),
        (r"My \x41 \u0042 Cs", "My A B Cs"),
        (r"5 \xe2\x82\u00aC each \u12345", "5 \xe2\x82\xac each \u12345"),
        (r"\uD83D\ude00", "😀"),
        (r"\ud83dx", "\ud83dx"),
        ("😀", "\uf600"),
        ("\U00010041", "A"),
    ],
)
def test_the_emulator_reads_its_escapes_and_keeps_16_bits_of_each_character(line: str, text: str) -> None:
    assert read(line) == text


@pytest.mark.parametrize("line", ["\\", "a\\", r"\t", r"\é", r"\x4", r"\xg0", r"\u004", r"\u00g0", r"\N", r"\\\\\a"])
def test_any_other_backslash_is_an_error(line: str) -> None:
    assert read(line) is None


@given(st.text(st.sampled_from("\\nxu0aF\U0001f600é ")))
def test_whatever_is_typed_is_read_or_refused(line: str) -> None:
    text = read(line)
    assert text is None or read(typed(text)) == text
