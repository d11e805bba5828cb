"""Values: classes of typed, slotted fields that nobody changes."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

__all__ = ["frozen"]

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(kind: type[T]) -> type[T]:
    """A dataclass with slots whose fields the type checker keeps anybody from changing.

    `dataclass(frozen=True)` keeps them at run time too, but making a value then takes four times as long, and making
    the class as well. A world makes many values for each message, and a command two hundred such classes before it
    says its first word.
    """
    made: Any = dataclass(repr=False, eq=False, slots=True)(kind)
    compared = [known.name for known in fields(made) if known.compare]
    made._compared = staticmethod(attrgetter(*compared) if compared else _nothing)
    for name, method in (("__eq__", _equals), ("__hash__", _hashed), ("__repr__", _shown)):
        if name not in vars(kind):
            setattr(made, name, method)
    return made  # type: ignore[no-any-return]


def _nothing(_value: Any) -> None:
    return None


def _equals(self: Any, other: Any) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    return self._compared(self) == other._compared(other)


def _hashed(self: Any) -> int:
    return hash(self._compared(self))


def _shown(self: Any) -> str:
    shown = [f"{known.name}={getattr(self, known.name)!r}" for known in fields(self) if known.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"
