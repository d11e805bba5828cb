"""docs/magic-numbers.md is what the table of magic numbers gives now."""

from __future__ import annotations

from tools.magic_page import PLACE, page


def test_the_page_of_the_magic_numbers_is_what_make_docs_writes() -> None:
    assert PLACE.read_text(encoding="utf-8") == page(), "write it anew with make docs"


def test_every_number_stands_on_it_once() -> None:
    numbers = [line.split("`")[1] for line in page().splitlines() if line.startswith("| `")]
    assert len(numbers) == len(set(numbers))
    assert {"+18885551000", "+18885550001", "+18885550138"} <= set(numbers)
