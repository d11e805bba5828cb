"""The objects of a JSON file of vectors, and what to say of one that is not as it should be."""

from __future__ import annotations

import binascii
import json
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import TypeVar

from harness.errors import VectorError
from harness.frozen import frozen

__all__ = ["Fields", "guess", "kind_of", "parse_json", "shorter", "shown"]

C = TypeVar("C", bound=str)

_SHOWN = 60  # characters of what a file holds: an error that repeats a value of 10 MB helps nobody
_LARGEST = 2**53 - 1  # the last integer that every JSON reader keeps


@frozen
class Fields:
    """An object of `file`. `where` says to a person which it is. Every method that does not find what it looks for
    raises VectorError with the name of the field."""

    file: str
    where: str
    values: Mapping[str, object]

    def wrong(self, name: str, why: str) -> VectorError:
        """The error about the field `name`."""
        return VectorError(self.file, self._place(name), why)

    def _place(self, name: str) -> str:
        return f"{self.where}, {shorter(name)}" if self.where else shorter(name)

    def text(self, name: str) -> str:
        found = self.values.get(name)
        if isinstance(found, str):
            return found
        raise self.wrong(name, "is missing" if found is None else f"is no text, but {kind_of(found)}")

    def maybe_text(self, name: str) -> str | None:
        return self.text(name) if name in self.values else None

    def unicode(self, name: str, utf16: str) -> str | None:
        """A text that may hold lone surrogates: as itself, as its UTF-16 units in hex in the field `utf16`, or both.

        Not every JSON library keeps a lone surrogate, so files give the units too.
        """
        units = self.maybe_octets(utf16)
        if units is None:
            return self.maybe_text(name)
        if len(units) % 2:
            raise self.wrong(utf16, "ends in half a UTF-16 unit")
        text = units.decode("utf-16-be", "surrogatepass")
        if self.maybe_text(name) not in (None, text):
            raise self.wrong(utf16, f"is another text than {name}")
        return text

    def number(self, name: str, most: int = _LARGEST) -> int:
        found = self.values.get(name)
        if not isinstance(found, int) or isinstance(found, bool) or found < 0:
            raise self.wrong(name, "is missing" if found is None else f"is no number from 0 on, but {kind_of(found)}")
        if found > most:
            raise self.wrong(name, f"is more than {most:,}")
        return found

    def is_true(self, name: str) -> bool:
        """What is not there is not true."""
        found = self.values.get(name, False)
        if isinstance(found, bool):
            return found
        raise self.wrong(name, f"is neither true nor false, but {kind_of(found)}")

    def maybe_octets(self, name: str) -> bytes | None:
        text = self.maybe_text(name)
        if text is None:
            return None
        try:
            return binascii.unhexlify(text)
        except (binascii.Error, ValueError):
            raise self.wrong(name, f"is no hex: {shown(text)}") from None

    def texts(self, name: str) -> tuple[str, ...]:
        found = self._list(name)
        for text in found:
            if not isinstance(text, str):
                raise self.wrong(name, f"holds {kind_of(text)} where texts belong")
        return tuple(found)  # type: ignore[arg-type]

    def one_of(self, name: str, choices: Collection[C]) -> C:
        text = self.text(name)
        for choice in choices:
            if text == choice:
                return choice
        raise self.wrong(name, f"is {shown(text)}, which is none of {', '.join(choices)}")

    def inner(self, name: str) -> Fields:
        found = self.values.get(name)
        if isinstance(found, dict):
            return Fields(self.file, self._place(name), found)
        raise self.wrong(name, "is missing" if found is None else f"is no object, but {kind_of(found)}")

    def objects(self, name: str, each: str) -> list[Fields]:
        """The objects of a list. They are called `each` and their number, from 1 on."""
        before = self._place(each)
        found = self._list(name)
        for number, one in enumerate(found, start=1):
            if not isinstance(one, dict):
                raise self.wrong(name, f"holds {kind_of(one)} where objects belong (number {number})")
        return [Fields(self.file, f"{before} {number}", one) for number, one in enumerate(found, start=1)]  # type: ignore[arg-type]

    def _list(self, name: str) -> list[object]:
        found = self.values.get(name)
        if isinstance(found, list):
            return found
        raise self.wrong(name, "is missing" if found is None else f"is no list, but {kind_of(found)}")


def parse_json(text: str, file: str) -> Fields:
    """The object that a JSON text is. Raises VectorError with line and column where it is none."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise VectorError(file, f"{error.lineno}:{error.colno}", f"no JSON: {error.msg}") from None
    except RecursionError:
        raise VectorError(file, "", "is nested too deeply") from None
    except ValueError:  # Python reads no integer of more than 4,300 digits
        raise VectorError(file, "", "holds a number with too many digits") from None
    if not isinstance(found, dict):
        raise VectorError(file, "", f"holds {kind_of(found)} where an object belongs")
    return Fields(file, "", found)


def shorter(text: str) -> str:
    """The beginning of a long text, for an error."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def shown(text: str) -> str:
    """A value in quotes, for an error; of a long one the beginning."""
    return repr(shorter(text))


def guess(name: str, known: Collection[str]) -> str:
    """What may have been meant instead of `name`, as the end of a sentence; empty if nothing is near."""
    near = get_close_matches(shorter(name), known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""


def kind_of(value: object) -> str:
    """What a JSON value is, for an error."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
    return "an object"
