"""Values as plain data (what JSON holds) and back, for state files and snapshots.

A dataclass or a named tuple becomes `{"=": "module:Class", field: …}`, so a file can be read by people and survives
new fields with defaults. Only values of this package are written, and only its own classes are ever made from a file.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache
from importlib import import_module
from typing import Any

__all__ = ["dump", "from_plain", "load", "to_plain"]

_PACKAGE = "harness."
_SIMPLE = frozenset((type(None), str, int, bool, float))
_encode = json.JSONEncoder(separators=(",", ":")).encode  # `json.dumps` makes one anew for each call


def to_plain(value: Any) -> Any:
    """Raises `TypeError` for a value that is no plain data: a list, a set, an object of a class from elsewhere."""
    kind: Any = type(value)
    if kind in _SIMPLE:
        return value
    if kind is tuple:
        return [to_plain(item) for item in value]
    if kind is bytes:
        return {"=": "bytes", "base64": base64.b64encode(value).decode()}
    if issubclass(kind, Mapping):
        return {"=": "dict", "items": [[to_plain(key), to_plain(item)] for key, item in value.items()]}
    if issubclass(kind, Enum):
        return {"=": _name(kind), "value": to_plain(value.value)}
    plain = {"=": _name(kind)}
    for name in _fields(kind):
        item = getattr(value, name)
        plain[name] = item if type(item) in _SIMPLE else to_plain(item)
    return plain


def from_plain(data: Any) -> Any:
    """Raises `ValueError` for what `to_plain` does not make."""
    try:
        return _value(data)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"no plain data: {error}") from None


def dump(value: Any) -> str:
    """`to_plain` as JSON, ASCII only. Raises `TypeError`."""
    return str(value) if type(value) is int else _encode(to_plain(value))  # an encoder takes its time to begin


def load(text: str) -> Any:
    """What `dump` wrote. Raises `ValueError`."""
    try:
        return from_plain(json.loads(text))
    except RecursionError:
        raise ValueError("no plain data: nested too deeply") from None


def _value(data: Any) -> Any:
    if isinstance(data, list):
        return tuple([_value(item) for item in data])
    if not isinstance(data, dict):
        return data
    name = data["="]
    if name == "bytes":
        return base64.b64decode(data["base64"], validate=True)
    if name == "dict":
        return {_value(key): _value(item) for key, item in data["items"]}
    kind: Any = _class(name)
    if issubclass(kind, Enum):
        return kind(_value(data["value"]))
    known = _fields(kind)
    return kind(**{key: _value(item) for key, item in data.items() if key in known})


@lru_cache(maxsize=512)
def _name(kind: Any) -> str:
    name = f"{kind.__module__.removeprefix(_PACKAGE)}:{kind.__qualname__}"
    if not kind.__module__.startswith(_PACKAGE) or _found(name) is not kind:
        raise TypeError(f"{kind.__module__}.{kind.__qualname__} is no plain data")
    return name


@lru_cache(maxsize=512)
def _fields(kind: Any) -> tuple[str, ...]:
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind) if field.init)
    return tuple(kind._fields)


@lru_cache(maxsize=512)
def _class(name: Any) -> type:
    kind = _found(name) if isinstance(name, str) else None
    if kind is None or _name(kind) != name:
        raise ValueError(f"no class {name}")
    return kind


def _found(name: str) -> type | None:
    """The class of that name if it is one of values: a dataclass, a named tuple or an enumeration."""
    module, _, qualname = name.partition(":")
    try:
        found: Any = import_module(_PACKAGE + module)
        for part in qualname.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError):
        return None
    is_value = isinstance(found, type) and (
        is_dataclass(found) or issubclass(found, Enum) or (issubclass(found, tuple) and hasattr(found, "_fields"))
    )
    return found if is_value else None
