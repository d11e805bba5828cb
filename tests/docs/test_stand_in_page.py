"""docs/stand-in.md is what its table and the recordings give now."""

from __future__ import annotations

from tools.stand_in_page import PLACE, page, replayed


def test_the_page_of_the_stand_in_is_what_make_docs_writes() -> None:
    assert PLACE.read_text(encoding="utf-8") == page(replayed()), "write it anew with make docs"


def test_what_disagrees_is_not_counted() -> None:
    assert "| all | 0 of 0 | 0 of 0 |" in page([])
    assert "| `POST /v1/messages/send` | 0 |" in page([])
