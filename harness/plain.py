"""Values as plain data (what JSON holds) and back, for state files and snapshots.

A dataclass becomes `{"=": "module:Class", field: …}`, so a file can be read by people and survives new fields with
defaults. Only classes of this package are ever made from a file.
"""

from __future__ import annotations

import base64
import json
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache
from importlib import import_module
from typing import Any

__all__ = ["dump", "from_plain", "load", "to_plain"]

_PACKAGE = "harness."


def to_plain(value: Any) -> Any:
    """Raises `TypeError` for a value that is no plain data."""
    kind: Any = type(value)
    if value is None or kind in (str, int, bool, float):
        return value
    if kind is tuple:
        return [to_plain(item) for item in value]
    if kind is bytes:
        return {"=": "bytes", "base64": base64.b64encode(value).decode()}
    if issubclass(kind, dict):
        return {"=": "dict", "items": [[to_plain(key), to_plain(item)] for key, item in value.items()]}
    if issubclass(kind, Enum):
        return {"=": _name(kind), "value": value.value}
    if is_dataclass(kind):
        return {"=": _name(kind), **{name: to_plain(getattr(value, name)) for name in _fields(kind)}}
    raise TypeError(f"{kind.__name__} is no plain data")


def from_plain(data: Any) -> Any:
    """Raises `ValueError` for what `to_plain` does not make."""
    if isinstance(data, list):
        return tuple(from_plain(item) for item in data)
    if not isinstance(data, dict):
        return data
    name = data.get("=")
    if name == "bytes":
        return base64.b64decode(data["base64"])
    if name == "dict":
        return {from_plain(key): from_plain(item) for key, item in data["items"]}
    kind = _class(str(name))
    if issubclass(kind, Enum):
        return kind(data["value"])
    known = _fields(kind)
    return kind(**{key: from_plain(item) for key, item in data.items() if key in known})


def dump(value: Any) -> str:
    return json.dumps(to_plain(value), separators=(",", ":"))


def load(text: str) -> Any:
    return from_plain(json.loads(text))


def _name(kind: type) -> str:
    return f"{kind.__module__.removeprefix(_PACKAGE)}:{kind.__qualname__}"


@lru_cache(maxsize=512)
def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.init)


@lru_cache(maxsize=512)
def _class(name: str) -> type:
    module, _, qualname = name.partition(":")
    try:
        found = getattr(import_module(_PACKAGE + module), qualname)
    except (ImportError, AttributeError):
        raise ValueError(f"no class {name}") from None
    if not isinstance(found, type) or not (is_dataclass(found) or issubclass(found, Enum)):
        raise ValueError(f"{name} is no value")
    return found
