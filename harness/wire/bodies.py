"""Bodies and queries as they come in: packed, in JSON or as a form (gateway-protocol.md §1.5)."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from harness.wire.json import (
    BadBody,
    Kind,
    Nullable,
    Pairs,
    flag,
    integer,
    listed,
    load,
    read_fields,
    text,
    unsigned,
)

__all__ = ["BODY_LIMIT", "KEY_FIELD", "Body", "Query", "key_in_body", "texts"]

BODY_LIMIT = 4 * 1024 * 1024
KEY_FIELD = "x-api-key"

# -- bodies --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Body:
    """A body and how it is said to be written."""

    data: bytes
    content_type: str = ""
    encoding: str = ""

    def unpacked(self) -> bytes:
        """Raises `BadBody` if it is not packed as it says, or grows above the limit (§1.5)."""
        if not self.encoding:
            return self.data
        # 47: gzip and zlib alike, by their first bytes
        unpacker = zlib.decompressobj(47)
        try:
            data = unpacker.decompress(self.data, BODY_LIMIT + 1)
        except zlib.error:
            raise BadBody({}) from None
        if not unpacker.eof:  # broken off, or above the limit
            raise BadBody({})
        return data

    @property
    def kind(self) -> str:
        """The content type without its parameters, in lower case."""
        return _kind(self.content_type)

    def fields(self, kinds: Mapping[str, Kind]) -> dict[str, Any]:
        """The fields that are there, by their JSON names. Raises `BadBody`."""
        kind = self.kind
        if kind == "application/json" or kind.endswith("+json"):
            return read_fields(load(self.unpacked()), kinds)
        if kind == "application/x-www-form-urlencoded":
            return _form_fields(self.unpacked(), kinds)
        raise BadBody({"message": "Unprocessable Entity", "code": 422})

    def names(self) -> frozenset[str]:
        """The names that stand in a JSON object, in exactly this case (§2.12)."""
        try:
            value = load(self.unpacked())
        except BadBody:
            return frozenset()
        return frozenset(name for name, _ in value) if type(value) is Pairs else frozenset()


def _form_fields(data: bytes, kinds: Mapping[str, Kind]) -> dict[str, Any]:
    # Forms are bound by the names of Go's fields: RequestID, without underscores (§1.5).
    by_go_name = {name.replace("_", ""): name for name in kinds}
    found: dict[str, Any] = {}
    for given, value in _form_pairs(data):
        name = by_go_name.get(given.casefold())
        if name is not None and name not in found:
            found[name] = _form_value(kinds[name], value, name)
    return found


def _form_value(kind: Kind, value: str, name: str) -> Any:
    if type(kind) is Nullable:
        kind = kind.kind
    if kind is flag:
        return value.lower() in ("true", "1", "t")
    if kind in (integer, unsigned):
        return int(value) if value.isascii() and value.isdigit() else kind(value, name)
    return kind([value] if kind in _LISTS else value, name)


def _form_pairs(data: bytes) -> list[tuple[str, str]]:
    return parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True)


def key_in_body(body: Body) -> str:
    """The user key that stands in a JSON or form body, or nothing (§1.1)."""
    try:
        value = body.fields({KEY_FIELD: text}).get(KEY_FIELD, "")
    except BadBody:
        return ""
    return str(value)


texts: Kind = listed(text, "")
"""An array of texts."""
_LISTS: tuple[Kind, ...] = (texts,)


class Query:
    """The query of a request: the first value of each name."""

    __slots__ = ("_values",)

    def __init__(self, raw: str) -> None:
        self._values: dict[str, str] = {}
        for part in raw.split("&") if raw else ():
            name, _, value = part.partition("=")
            self._values.setdefault(_decoded(name), _decoded(value))

    def __getitem__(self, name: str) -> str:
        return self._values.get(name, "")


def _decoded(part: str) -> str:
    return unquote_plus(part, errors="replace") if "%" in part or "+" in part else part
