"""Bodies and queries as they come in: packed, in JSON or as a form of either kind (gateway-protocol.md §1.5)."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from harness.frozen import frozen
from harness.wire import multipart
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
from harness.wire.multipart import BrokenForm, Form

__all__ = ["BODY_LIMIT", "KEY_FIELD", "Body", "Query", "key_in_body", "texts"]

BODY_LIMIT = 4 * 1024 * 1024
KEY_FIELD = "x-api-key"

# -- bodies --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


@frozen
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
            return _form_fields(_form_pairs(self.unpacked()), kinds)
        if kind == multipart.KIND:
            return _form_fields(self._form_values(), kinds)
        raise BadBody({"message": "Unprocessable Entity", "code": 422})

    def form(self) -> Form:
        """The multipart form. Raises `BrokenForm`, also for an empty body or one that is no form."""
        limit = multipart.boundary(self.content_type)
        if not limit or not self.data:
            raise BrokenForm("no form")
        try:
            data = self.unpacked()
        except BadBody:
            raise BrokenForm("packed otherwise than it says") from None
        return multipart.read(data, limit)

    def _form_values(self) -> Sequence[tuple[str, str]]:
        if not self.content_type.startswith(multipart.KIND):
            return ()  # in another case it is known for a form, but not which one
        try:
            values = self.form().values
        except BrokenForm:
            raise BadBody(_UNBOUND) from None
        return [(name, value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")) for name, value in values]

    def names(self) -> frozenset[str]:
        """The names that stand in a JSON object, in exactly this case (§2.12)."""
        try:
            value = load(self.unpacked())
        except BadBody:
            return frozenset()
        return frozenset(name for name, _ in value) if type(value) is Pairs else frozenset()


_UNBOUND = {"Err": {}, "Source": "body", "Field": ""}


def _form_fields(pairs: Iterable[tuple[str, str]], kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """Of a repeated name the last value counts, but a list takes all; brackets after a name are nothing.

    Names that differ only in case are not one name: the one that came last wins, where the server takes any.
    """
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if name.count("[") > name.count("]"):
            raise BadBody(_UNBOUND)
        given.setdefault(name.removesuffix("[]"), []).append(value)
    # Forms are bound by the names of Go's fields: RequestID, without underscores (§1.5).
    by_go_name = {name.replace("_", ""): name for name in kinds}
    found: dict[str, Any] = {}
    for spelled, values in given.items():
        known = by_go_name.get(spelled.casefold())
        if known is not None:
            kind = kinds[known]
            found[known] = tuple(values) if kind in _LISTS else _form_value(kind, values[-1], known)
    return found


_DIGITS_MOST = 20
_TRUE = ("1", "t", "T", "true", "True", "TRUE", "on")
_FALSE = ("", "0", "f", "F", "false", "False", "FALSE")


def _form_value(kind: Kind, value: str, name: str) -> Any:
    if type(kind) is Nullable:
        kind = kind.kind
    if kind is flag and value in _TRUE + _FALSE:
        return value in _TRUE
    if kind in (integer, unsigned):
        is_number = value.isascii() and value.isdigit() and len(value) <= _DIGITS_MOST
        return kind(int(value or "0") if is_number or not value else value, name)
    return kind(value, name)


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
    """The query of a request. Names match in any case; of repeated ones the last counts (gofiber/schema: Decode)."""

    __slots__ = ("_raw", "_values")

    def __init__(self, raw: str) -> None:
        self._raw = raw
        self._values = dict(_pairs(raw)) if raw else {}

    def __getitem__(self, name: str) -> str:
        return self._values.get(name, "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of the name: an array. Commas do not divide a value (§2.1)."""
        return tuple([value for given, value in _pairs(self._raw) if given == name]) if self._raw else ()


def _pairs(raw: str) -> Iterator[tuple[str, str]]:
    for part in raw.split("&"):
        name, _, value = part.partition("=")
        yield _decoded(name).lower(), _decoded(value)


def _decoded(part: str) -> str:
    return unquote_plus(part, errors="replace") if "%" in part or "+" in part else part
