"""Lines of a report that fit: measured in columns of a terminal, where a Han character or an emoji takes two."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

__all__ = ["columns", "fit", "table", "wrapped"]


def columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return len(text) if text.isascii() else sum(map(_column_count, text))


def _column_count(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _holds(text: str, width: int, start: int = 0) -> int:
    """How many characters, from `start` on, fit into `width` columns; at least one, so that whoever cuts comes to an
    end."""
    if text.isascii():
        return max(1, min(len(text) - start, width))
    taken = 0
    for index in range(start, len(text)):
        taken += _column_count(text[index])
        if taken > width:
            return max(1, index - start)
    return max(1, len(text) - start)


def fit(text: str, width: int) -> str:
    """The text, cut with an ellipsis where it is wider."""
    return text if columns(text) <= width else text[: _holds(text, width - 1)] + "…"


def _pad(text: str, width: int) -> str:
    return text + " " * (width - columns(text))


def wrapped(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """Lines of at most `width` columns. `first` stands before the first one, `rest` (or as many spaces) before others.

    A line ends at a space if there is one in its second half, and else wherever it is full, since the values of
    vectors are often one long word.
    """
    if columns(first) > width // 2:  # a name that is a command, or the text of a stranger
        first, text, rest = "", first + text, "    "
    before, rest = first, " " * columns(first) if rest is None else rest
    rest = rest if columns(rest) < width else ""
    lines, start = [], 0
    while (room := _holds(text, width - columns(before), start)) < len(text) - start:
        space = text.rfind(" ", start + room // 2, start + room + 1)
        end = space if space > start else start + room
        lines.append((before + text[start:end]).rstrip())
        start, before = end + (space > start), rest
    return [*lines, (before + text[start:]).rstrip()] if start < len(text) or not lines else lines


def table(rows: Sequence[Sequence[str]], gap: int = 2, left: int = 1) -> list[str]:
    """Lines of equal cells: the `left` first columns begin at the left, the others end at the right."""
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    return [_row(row, widths, " " * gap, left).rstrip() for row in rows]


def _row(row: Sequence[str], widths: Sequence[int], gap: str, left: int) -> str:
    cells = [
        _pad(cell, width) if index < left else " " * (width - columns(cell)) + cell
        for index, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return gap.join(cells)
