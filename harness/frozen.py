"""Values: classes of typed, slotted fields that nobody changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, field
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

__all__ = ["frozen"]

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(kind: type[T]) -> type[T]:
    """A dataclass with slots whose fields the type checker keeps anybody from changing.

    `dataclass(frozen=True)` keeps them at run time too, but making a value then takes four times as long, and making
    the class as well. A world makes many values for each message, and a command four hundred such classes before it
    says its first word, most of which it never makes a value of: so `__init__` is written when the first value is
    made, and what `dataclasses.fields` gives when somebody asks for it.

    Takes `field` without kw_only and hash.
    """
    own = _own_fields(kind)
    inherited: dict[str, Any] = getattr(kind, "_defaults", {})
    defaults = {**inherited, **own}
    _check(kind.__name__, defaults)
    names = tuple(defaults)
    compared = [name for name in names if not isinstance(defaults[name], Field) or defaults[name].compare]
    namespace = {name: value for name, value in vars(kind).items() if name not in own and name not in _MADE_ANEW}
    namespace["__slots__"] = tuple(name for name in own if name not in inherited)
    namespace["__match_args__"] = tuple(name for name in names if _is_given(defaults[name]))
    namespace["__dataclass_fields__"] = _Fields()
    namespace["_defaults"] = defaults
    namespace["_compared"] = staticmethod(attrgetter(*compared) if compared else _nothing)
    for name, method in _METHODS:
        namespace.setdefault(name, method)
    made: Any = _made(kind, namespace)
    made.__qualname__ = kind.__qualname__
    if "__init__" not in namespace:
        made.__init__ = _first(made)
    return made  # type: ignore[no-any-return]


def _made(kind: Any, namespace: dict[str, Any]) -> Any:
    """Slots cannot be given to a class that exists: it is made once more."""
    return type(kind)(kind.__name__, kind.__bases__, namespace)


_MADE_ANEW = ("__dict__", "__weakref__")


def _own_fields(kind: type) -> dict[str, Any]:
    """The fields that the class itself names: their defaults, `MISSING` without one, or what `field` gave."""
    values = vars(kind)
    return {
        name: values.get(name, MISSING)
        for name, hint in kind.__annotations__.items()
        if not str(hint).startswith(("ClassVar", "typing.ClassVar"))
    }


def _is_given(default: Any) -> bool:
    """The field is a parameter of `__init__`."""
    return not isinstance(default, Field) or default.init


def _check(name: str, defaults: dict[str, Any]) -> None:
    has_default = False
    for field_name, default in defaults.items():
        if isinstance(default, Field) and (default.kw_only is True or default.hash is not None):
            raise TypeError(f"{name}.{field_name}: kw_only and hash are not known here")
        if type(default).__hash__ is None:
            raise TypeError(f"{name}.{field_name}: all values would share this default; use default_factory")
        if _is_given(default):
            if has_default and not _is_optional(default):
                raise TypeError(f"{name}.{field_name}: no default, and one before it has")
            has_default = _is_optional(default)


def _is_optional(default: Any) -> bool:
    if isinstance(default, Field):
        return default.default is not MISSING or default.default_factory is not MISSING
    return default is not MISSING


def _first(kind: Any) -> Callable[..., None]:
    """The `__init__` of a class that has no values yet: writes the one that stays."""

    def init(self: Any, *values: Any, **named: Any) -> None:
        kind.__init__ = _written(kind)
        kind.__init__(self, *values, **named)

    return init


def _written(kind: Any) -> Callable[..., None]:
    """What a dataclass would have: a parameter for each field, and `__post_init__` at the end."""
    parameters, lines = ["self"], []
    known: dict[str, Any] = {"_MISSING": MISSING}
    for name, default in kind._defaults.items():
        known[f"_default_{name}"] = default.default if isinstance(default, Field) else default
        value = name if _is_given(default) else f"_default_{name}"
        if isinstance(default, Field) and default.default_factory is not MISSING:
            known[f"_new_{name}"] = default.default_factory
            value = f"_new_{name}() if {value} is _MISSING else {value}"
        if _is_given(default):
            parameters.append(f"{name}=_default_{name}" if _is_optional(default) else name)
        if _is_given(default) or _is_optional(default):
            lines.append(f" self.{name} = {value}")
    if hasattr(kind, "__post_init__"):
        lines.append(" self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}):\n" + "\n".join(lines or [" pass"]), known)
    init: Any = known["__init__"]
    init.__qualname__ = f"{kind.__qualname__}.__init__"
    return init  # type: ignore[no-any-return]


class _Fields:
    """In the place of `__dataclass_fields__`: makes them when `fields`, `replace` or `is_dataclass` ask first."""

    def __get__(self, value: Any, kind: type) -> dict[str, Field[Any]]:
        owner: Any = next(each for each in kind.__mro__ if vars(each).get("__dataclass_fields__") is self)
        hints: dict[str, Any] = {}
        for each in reversed(owner.__mro__):
            hints |= getattr(each, "__annotations__", {})
        twin_space = {name: default for name, default in owner._defaults.items() if default is not MISSING}
        twin_space["__annotations__"] = {name: hints[name] for name in owner._defaults}
        twin_space["__module__"] = owner.__module__
        twin: Any = dataclasses.dataclass(init=False, repr=False, eq=False)(type(owner.__name__, (), twin_space))
        owner.__dataclass_fields__ = twin.__dataclass_fields__
        made: dict[str, Field[Any]] = twin.__dataclass_fields__
        return made


def _nothing(_value: Any) -> None:
    return None


def _equals(self: Any, other: Any) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    return self._compared(self) == other._compared(other)


def _hashed(self: Any) -> int:
    return hash(self._compared(self))


def _shown(self: Any) -> str:
    shown = [f"{known.name}={getattr(self, known.name)!r}" for known in dataclasses.fields(self) if known.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"


_METHODS = (("__eq__", _equals), ("__hash__", _hashed), ("__repr__", _shown))
