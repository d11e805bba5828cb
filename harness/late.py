"""Texts with names in them that are known only when a story runs: `Your code is ${code}`.

In a template `${name}` stands for a value and `$$` for a dollar sign; any other dollar sign is itself. A plain `str` in
a plan is literal, whatever it has in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from harness.frozen import frozen

__all__ = ["UNIQUE", "Late", "Words", "fill", "is_open", "names_in", "substitute"]

UNIQUE = "unique"
"""The name that always has a value: drawn from the seed, one for a story; `unique.NAME` is one more for each NAME."""

_DOLLAR = re.compile(r"\$(?=\{|\Z)")
_REFERENCE = re.compile(r"\$(?:\$|\{([^{}]*)\})")


@frozen
class Late:
    """A template whose names get their values while the story runs."""

    template: str


Words = str | Late
"""What may stand where a story has a text."""


def names_in(template: str) -> tuple[str, ...]:
    """The names that a template refers to, in order."""
    return tuple(found[1] for found in _REFERENCE.finditer(template) if found[1] is not None)


def is_open(template: str) -> bool:
    """A name begins in it and does not end."""
    return "${" in _REFERENCE.sub("", template)


def substitute(template: str, value: Callable[[str], str | None]) -> Words:
    """Puts in what `value` knows by name; None leaves a name for later. With nothing left for later it is a `str`."""
    late, end = False, 0
    pieces: list[str] = []
    for found in _REFERENCE.finditer(template):
        pieces.append(_literal(template[end : found.start()]))
        known = None if found[1] is None else value(found[1])
        pieces.append(found[0] if known is None else known.replace("$", "$$"))
        late = late or (known is None and found[1] is not None)
        end = found.end()
    replaced = "".join(pieces) + _literal(template[end:])
    return Late(replaced) if late else replaced.replace("$$", "$")


def _literal(text: str) -> str:
    """A dollar sign that would make a name of what comes to stand behind it is doubled."""
    return _DOLLAR.sub("$$", text) if "$" in text else text


def fill(words: Words, values: Mapping[str, str]) -> str:
    """The text with every value in its place. Raises `KeyError` with a name that has none."""
    if isinstance(words, str):
        return words
    return _REFERENCE.sub(lambda found: "$" if found[1] is None else values[found[1]], words.template)
