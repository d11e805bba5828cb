"""What the server's database takes, and how it compares texts (gateway-protocol.md §1.5, §2.1)."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["BadText", "Matches", "check", "containing", "containing_exactly"]

Matches = Callable[[str | None], bool]


class BadText(ValueError):
    """The database takes no text with a NUL, neither to store nor to look for: an internal error (500)."""


def check(*texts: str | None) -> None:
    """Raises `BadText`."""
    if any(text is not None and "\0" in text for text in texts):
        raise BadText("a text has a NUL")


def containing(query: str) -> Matches:
    """`ILIKE '%query%'`: without case; `%` and `_` in it are wildcards. Raises `BadText`."""
    return _matching(query, re.IGNORECASE)


def containing_exactly(query: str) -> Matches:
    """`LIKE '%query%'`: the same with case. Raises `BadText`."""
    return _matching(query, re.NOFLAG)


def _matching(query: str, flags: re.RegexFlag) -> Matches:
    check(query)
    match = re.compile(_pattern(f"%{query}%"), flags | re.DOTALL).fullmatch
    return lambda text: text is not None and match(text) is not None


def _pattern(like: str) -> str:
    """Every part after a `%` is looked for once, where it comes first: that is enough, and takes no long."""
    first, *parts = _parts(like)
    if not parts:
        return first
    *middle, last = parts
    return "".join([first, *(f"(?>.*?{part})" for part in middle), f".*{last}"])


def _parts(like: str) -> list[str]:
    """What stands between the `%`, as regular expressions. A backslash takes its meaning from what comes after it."""
    parts = [""]
    letters = iter(like)
    for letter in letters:
        if letter == "%":
            parts.append("")
        elif letter == "_":
            parts[-1] += "."
        else:
            parts[-1] += re.escape(next(letters, letter) if letter == "\\" else letter)
    return parts
