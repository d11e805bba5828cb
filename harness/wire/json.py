"""JSON as a Go server reads and writes it.

Reading is lax: names match without case, unknown names are ignored, null leaves the zero value, the last of
repeated names wins, broken UTF-8 and lone surrogates become U+FFFD (gateway-protocol.md §1.5, §2.1). To keep the
order and the repetitions, an object is read as `Pairs`. Writing escapes what Go's encoder escapes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from harness.frozen import frozen
from harness.instants import SECOND, Instant, parse_rfc3339, rfc3339

__all__ = [
    "ZERO_AT",
    "ZERO_STAMP",
    "BadBody",
    "Kind",
    "Nullable",
    "Pairs",
    "Stamp",
    "dump",
    "dumps",
    "flag",
    "integer",
    "listed",
    "load",
    "micros",
    "read_fields",
    "stamp",
    "text",
    "time_text",
    "unsigned",
]

ZERO_AT: Instant = -62_135_596_800 * SECOND
"""Go's zero time, 0001-01-01T00:00:00Z: what a missing time is."""


class BadBody(ValueError):
    """What was sent cannot be decoded. `data`: what the server shows of its decoder's error (opaque, §1.5)."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = dict(data)
        super().__init__("the request cannot be decoded")


class Pairs(list[tuple[str, Any]]):
    """A JSON object as its pairs, in the order of the text."""


# -- reading -------------------------------------------------------------------------------------------------


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_decode = json.JSONDecoder(object_pairs_hook=Pairs, parse_constant=_refuse_constant).decode
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def load(body: bytes) -> Any:
    """The value in a body; objects are `Pairs`. Raises `BadBody`."""
    try:
        source = body.decode()
    except UnicodeDecodeError:
        # Go puts one U+FFFD in the place of every broken byte.
        source = _SURROGATE.sub("\ufffd", body.decode("utf-8", "surrogateescape"))
    try:
        value = _decode(source)
        return _without_surrogates(value) if _ESCAPED_SURROGATE.search(source) else value
    except json.JSONDecodeError as error:
        raise BadBody(_err({"Offset": error.pos})) from None
    except (ValueError, RecursionError):
        raise BadBody(_err({"Offset": 0})) from None


def _without_surrogates(value: Any) -> Any:
    if type(value) is str:
        return _SURROGATE.sub("\ufffd", value)
    if type(value) is Pairs:
        return Pairs((_without_surrogates(name), _without_surrogates(member)) for name, member in value)
    if type(value) is list:
        return [_without_surrogates(member) for member in value]
    return value


def _err(err: Mapping[str, Any], field: str = "") -> dict[str, Any]:
    return {"Err": err, "Source": "body", "Field": field}


Kind = Callable[[Any, str], Any]
"""Takes a JSON value and the name of its field, returns the value. Raises `BadBody` for another type."""


def _mismatch(value: Any, name: str) -> BadBody:
    # Only that `data` is there is dependable: the offset would be the decoder's own (§1.5).
    kinds = {str: "string", bool: "bool", int: "number", float: "number", list: "array", Pairs: "object"}
    err = {"Value": kinds.get(type(value), "null"), "Type": {}, "Offset": 0, "Struct": "", "Field": name}
    return BadBody(_err(err, name))


def text(value: Any, name: str) -> str:
    if type(value) is not str:
        raise _mismatch(value, name)
    return value


def flag(value: Any, name: str) -> bool:
    if type(value) is not bool:
        raise _mismatch(value, name)
    return value


def integer(value: Any, name: str) -> int:
    if type(value) is not int or not -(1 << 63) <= value < 1 << 63:
        raise _mismatch(value, name)
    return value


def unsigned(value: Any, name: str) -> int:
    if type(value) is not int or not 0 <= value < 1 << 64:
        raise _mismatch(value, name)
    return value


def listed(kind: Kind, null: Any) -> Kind:
    """An array of `kind`; a null member is the zero value `null`."""

    def read(value: Any, name: str) -> tuple[Any, ...]:
        if type(value) is not list:
            raise _mismatch(value, name)
        return tuple([null if member is None else kind(member, name) for member in value])

    return read


@frozen
class Nullable:
    """A pointer in Go: null takes an earlier value away, where a plain field keeps it."""

    kind: Kind

    def __call__(self, value: Any, name: str) -> Any:
        return self.kind(value, name)


def read_fields(value: Any, fields: Mapping[str, Kind]) -> dict[str, Any]:
    """The fields that an object has, by their proper names; null has none. Raises `BadBody`."""
    if value is None:
        return {}
    if type(value) is not Pairs:
        raise _mismatch(value, "")
    found: dict[str, Any] = {}
    for given, member in value:
        name = given
        kind = fields.get(name)
        if kind is None:
            name = given.casefold()
            kind = fields.get(name)
            if kind is None:
                continue
        if member is not None:
            found[name] = kind(member, name)
        elif type(kind) is Nullable:
            found[name] = None
    return found


# -- times ---------------------------------------------------------------------------------------------------


@frozen
class Stamp:
    """A time as somebody wrote it: the instant, and the offset in minutes in which it is shown."""

    at: Instant
    offset_min: int = 0

    def __str__(self) -> str:
        if not self.offset_min:
            return rfc3339(self.at)
        sign, minutes = ("+", self.offset_min) if self.offset_min > 0 else ("-", -self.offset_min)
        local = rfc3339(self.at + self.offset_min * 60 * SECOND)
        return f"{local[:-1]}{sign}{minutes // 60:02d}:{minutes % 60:02d}"


ZERO_STAMP = Stamp(ZERO_AT)


def stamp(value: Any, name: str) -> Stamp:
    """Reads an RFC 3339 time with its offset; capital T and Z (§2.1)."""
    if type(value) is not str:
        raise BadBody(_err({}))
    try:
        at = parse_rfc3339(value)
    except ValueError:
        strict = _strict(value)
        if strict != value:
            return stamp(strict, name)
        layout = "2006-01-02T15:04:05Z07:00"
        raise BadBody(_err({"Layout": layout, "Value": value, "Message": ""})) from None
    if value[-1] == "Z":
        return Stamp(at)
    minutes = int(value[-5:-3]) * 60 + int(value[-2:])
    return Stamp(at, -minutes if value[-6] == "-" else minutes)


_LAX = re.compile(r"(\d{4}-\d\d-\d\dT)(\d\d?)(:\d\d:\d\d)([.,]\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def _strict(text: str) -> str:
    """A time as RFC 3339 has it. Go also takes an hour of one digit, a comma, and 60 minutes in an offset."""
    match = _LAX.fullmatch(text)
    if match is None:
        return text
    day, hour, rest, fraction, offset = match.groups("")
    if offset.endswith(":60"):
        offset = f"{offset[0]}{int(offset[1:3]) + 1:02d}:00"
    return f"{day}{hour:0>2}{rest}{fraction.replace(',', '.')}{offset}"


def micros(at: Instant) -> Instant:
    """What the database keeps of a time: microseconds, cut (§3.1)."""
    return at - at % 1000


# One row is shown several times in its life, always with the same times.
time_text = lru_cache(maxsize=8192)(rfc3339)


# -- writing -------------------------------------------------------------------------------------------------

_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_GO_ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


def dump(value: Any) -> str:
    """JSON without spaces, in which `<`, `>`, `&`, U+2028 and U+2029 are escaped as by Go's encoder."""
    source = _encode(value)
    # These letters stand only within strings, so the whole text may be translated; to look first is cheaper.
    if "<" in source or ">" in source or "&" in source or "\u2028" in source or "\u2029" in source:
        source = source.translate(_GO_ESCAPES)
    return source


def dumps(value: Any) -> bytes:
    """`dump`, as the bytes of a body."""
    return dump(value).encode("utf-8", "replace")
