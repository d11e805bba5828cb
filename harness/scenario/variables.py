"""Names for texts: `${name}` in a scenario file.

What a file, a row, an `include` or a `repeat` gives a name is put in when the file is read. Captured names, and
`${unique}`, get their values while the story runs. `$$` is a dollar sign; any other dollar sign is itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.late import UNIQUE, Words, substitute

__all__ = ["NO_VARIABLES", "ROUND", "Scope", "UnknownName", "is_variable", "reserved"]

ROUND = "round"
"""The number of the round of the innermost `repeat`, from 1."""

_VARIABLE = re.compile(r"[A-Za-z_][\w.-]{0,63}", re.ASCII)


class UnknownName(Exception):
    """A text refers to `name`, and nothing is named so."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


@dataclass(slots=True)
class Scope:
    """The names that may be referred to, and their values.

    `captured` is one set for a whole story: the names that earlier steps have captured.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    captured: set[str] = field(default_factory=set)

    def filled(self, template: str) -> Words:
        """The text with all values in it that are known by now. Raises `UnknownName`."""
        return substitute(template, self._value)

    def _value(self, name: str) -> str | None:
        known = self.values.get(name)
        if known is None and not self._comes_later(name):
            raise UnknownName(name)
        return known

    def _comes_later(self, name: str) -> bool:
        return name in self.captured or name == UNIQUE or name.startswith(f"{UNIQUE}.")

    def with_values(self, more: Mapping[str, str]) -> Scope:
        """This one, with other values in front."""
        return Scope({**self.values, **more}, self.captured) if more else self

    @property
    def names(self) -> list[str]:
        """All that may be referred to."""
        return sorted({*self.values, *self.captured, UNIQUE})


NO_VARIABLES = Scope()


def is_variable(name: str) -> bool:
    """A variable or a captured value may be named so."""
    return _VARIABLE.fullmatch(name) is not None


def reserved(name: str) -> bool:
    """The name has a value by itself."""
    return name == ROUND or name.partition(".")[0] == UNIQUE
