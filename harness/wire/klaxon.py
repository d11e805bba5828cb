"""The app's JSON reader, Klaxon 5.6: more lenient than JSON in places, and strict about what a class needs.

Python's reader takes what both understand. What it refuses goes through Klaxon's own rules: they say whether the app
reads it all the same, and if not, of which exception it dies. Its text is shown on the login screen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import field
from types import NoneType
from typing import Any, NamedTuple

from harness.frozen import frozen
from harness.wire.java import Threw, utf16_length

__all__ = ["Parameter", "Shape", "instantiate", "read_object"]

_EXCEPTION = "com.beust.klaxon.KlaxonException"
_LONG = 1 << 63


def _refuse(_name: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")


_decode = json.JSONDecoder(parse_constant=_refuse).decode


def read_object(text: str) -> dict[str, Any]:
    """The object that the text is. Raises `Threw`."""
    try:
        value = _decode(text)
    except (ValueError, RecursionError):
        value = _Reader(text).read()
    if value is None:
        raise Threw("java.lang.NullPointerException")
    if type(value) is not dict:
        raise Threw(
            "java.lang.ClassCastException", f"{_java_class(value)} cannot be cast to com.beust.klaxon.JsonObject"
        )
    return value


# -- the lexer and its automaton -----------------------------------------------------------------------------

_SPACE = re.compile(r"[ \r\n\t]*")
_WORD = re.compile(r"[-+.0-9falsetruenFALSETRUE]*")
_NUMBER = re.compile(r"-?[0-9]+")
_DOUBLE = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_STRING = re.compile(r'(?:[^"\\]|\\u[0-9A-Fa-f]{4}|\\[^u])*')
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


_Token = tuple[str, Any, int]
"""The character of a bracket, comma or colon, `value`, or `EOF`; the value; and where in the text it stands."""


def _shown_token(kind: str, value: Any) -> str:
    if kind != "value":
        return kind
    return f'"{value}"' if isinstance(value, str) else _shown(value)


def _shown(value: Any) -> str:
    """A value as Java prints it."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    try:
        return str(value)
    except RecursionError:  # the app's own stack has room for more, and its screen for less
        return _TOO_DEEP


_TOO_DEEP = "<a value that is nested too deeply to be shown>"


def _tokens(text: str) -> Iterator[_Token]:
    at, last = 0, len(text) - 1
    while True:
        if at <= last and text[at] in " \r\n\t":
            space = _SPACE.match(text, at)
            at = space.end() if space else at
        begins = at
        # A single character that is left over at the end is not looked at.
        if at > last or (at == last and text[at] not in '"{}[]:,'):
            yield "EOF", None, at
            return
        if text[at] in "{}[]:,":
            at += 1
            yield text[begins], None, begins
        elif text[at] == '"':
            value, at = _string(text, at + 1)
            yield "value", value, begins
        else:
            value, at = _word(text, at)
            yield "value", value, begins


def _string(text: str, at: int) -> tuple[str, int]:
    match = _STRING.match(text, at)
    end = match.end() if match else at
    if end >= len(text):
        raise Threw(_EXCEPTION, "Unterminated string")
    if text[end] == "\\":
        digits = text[end + 2 : end + 6]
        known = "Failed to parse unicode char: u" if len(digits) == 4 else "EOF reached in unicode char after: u"
        raise Threw(_EXCEPTION, known + digits)
    value = _ESCAPE.sub(_unescaped, text[at:end])
    if not value.isascii():  # the halves of a character, escaped apart, are one in Java's text
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return value, end + 1


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else _SHORT.get(match[2], match[2])


def _word(text: str, at: int) -> tuple[Any, int]:
    match = _WORD.match(text, at)
    word = match[0] if match else ""
    if _NUMBER.fullmatch(word):
        return _whole(word), at + len(word)
    if _DOUBLE.fullmatch(word):
        return float(word), at + len(word)
    if word.lower() in ("true", "false") or word == "null":
        return {"true": True, "false": False, "null": None}[word.lower()], at + len(word)
    at += max(len(word) - 1, 0)
    place = utf16_length(text[:at])
    raise Threw(_EXCEPTION, f"Unexpected character at position {place}: '{text[at]}' (ASCII: {ord(text[at])})'")


class _Endless(int):
    """A number of more digits than Python reads. What it is does not matter, only that it is too large (BigInteger)."""

    digits: str

    def __str__(self) -> str:
        return self.digits


# Python's own limit is 4300: the time grows with the square of the length.
_DIGITS_MAX = 4000


def _whole(word: str) -> int:
    if len(word) <= _DIGITS_MAX:
        return int(word)
    digits = word.removeprefix("-").lstrip("0")
    if len(digits) <= _DIGITS_MAX:
        return int(f"{'-' * word.startswith('-')}{digits or '0'}")
    endless = _Endless(-_LONG - 1 if word.startswith("-") else _LONG)
    endless.digits = word
    return endless


# Status: what may come in it. The order of what an exception names is Klaxon's hash order, so any.
_EXPECTED = {
    "INIT": ("{", "value", "["),
    "IN_FINISHED_VALUE": ("EOF",),
    "IN_OBJECT": (",", "value", "}"),
    "PASSED_PAIR_KEY": (":", "value", "[", "{"),
    "IN_ARRAY": (",", "value", "]", "{", "["),
}


class _Reader:
    """Klaxon's automaton. Commas and colons may be missing or doubled, as far as it is concerned."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.status = "INIT"
        self.open: list[Any] = []
        self.keys: list[Any] = []
        self.result: Any = None

    def read(self) -> Any:
        for token in _tokens(self.text):
            kind, value, _ = token
            if kind not in _EXPECTED[self.status]:
                raise Threw(_EXCEPTION, self._unexpected(token))
            if kind == "value":
                self._value(value)
            elif kind in ("{", "["):
                self._begin({} if kind == "{" else [])
            elif kind in ("}", "]"):
                self.open.pop()
                self._settle()
        return self.result

    def _unexpected(self, token: _Token) -> str:
        kind, value, at = token
        shown, line = _shown_token(kind, value), 1 + self.text.count("\n", 0, at)
        names = ["null" if name == "value" else name for name in _EXPECTED[self.status]]
        expected = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
        inner = f'(internal error: "No processor found for: ({self.status}, {shown})"'
        return f"Expected {expected}, not '{shown}' at line {line}\n   {inner}"

    def _value(self, value: Any) -> None:
        if self.status == "INIT":
            if value is None:
                raise Threw("java.lang.NullPointerException")
            self.result, self.status = value, "IN_FINISHED_VALUE"
        elif self.status == "IN_OBJECT":
            if not isinstance(value, str):
                raise Threw("java.lang.ClassCastException", f"{_java_class(value)} cannot be cast to java.lang.String")
            self.keys.append(value)
            self.status = "PASSED_PAIR_KEY"
        else:
            self._put(value)
            self._settle()

    def _put(self, value: Any) -> None:
        if self.status == "PASSED_PAIR_KEY":
            self.open[-1][self.keys.pop()] = value
        elif self.open:
            self.open[-1].append(value)
        else:
            self.result = value

    def _begin(self, value: Any) -> None:
        self._put(value)
        self.open.append(value)
        self._settle()

    def _settle(self) -> None:
        if not self.open:
            self.status = "IN_FINISHED_VALUE"
        else:
            self.status = "IN_OBJECT" if isinstance(self.open[-1], dict) else "IN_ARRAY"


# -- classes -------------------------------------------------------------------------------------------------


class Parameter(NamedTuple):
    """One parameter of a class's constructor. `type` is Kotlin's, with its `?` where null is allowed."""

    name: str
    key: str
    type: str
    optional: bool = False


@frozen
class Shape:
    """A class that answers are read into.

    `kinds`: by key, the Python types that are good without a closer look.
    """

    name: str
    parameters: tuple[Parameter, ...]
    kinds: tuple[tuple[str, frozenset[type]], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        kinds = tuple([(parameter.key, _kinds_of(parameter)) for parameter in self.parameters])
        object.__setattr__(self, "kinds", kinds)

    @property
    def signature(self) -> str:
        types = ", ".join([parameter.type for parameter in self.parameters])
        return f"fun <init>({types}): com.httpsms.{self.name}"


_PYTHON = {
    "kotlin.String": str,
    "kotlin.Boolean": bool,
    "kotlin.Long": int,
    "kotlin.collections.List<kotlin.String>": list,
}
_ABSENT = object()


def _kinds_of(parameter: Parameter) -> frozenset[type]:
    kind = parameter.type.removesuffix("?")
    kinds = {dict if kind.startswith("com.") else _PYTHON[kind]} - {int}
    if parameter.type.endswith("?"):
        kinds.add(NoneType)
    if parameter.optional:
        kinds.add(object)
    return frozenset(kinds)


def instantiate(shape: Shape, values: dict[str, Any]) -> None:
    """Raises `Threw` where Klaxon cannot make the class from these values: a key is missing, or of another type."""
    for key, kinds in shape.kinds:
        if type(values.get(key, _ABSENT)) not in kinds:
            _instantiate(shape, values)
            return


def _instantiate(shape: Shape, values: dict[str, Any]) -> None:
    for number, parameter in enumerate(shape.parameters):
        if parameter.key not in values and not parameter.optional:
            missing = f"parameter #{number} {parameter.name} of {shape.signature}"
            raise _failed(shape, values, f"No argument provided for a required parameter: {missing}")
    wrong = next((p for p in shape.parameters if values.get(p.key) is not None and not _fits(p, values[p.key])), None)
    if wrong is not None:
        # A primitive of another type: an exception without a message. Any other class: with the hash of one.
        primitive = wrong.type == "kotlin.Boolean"
        raise _failed(shape, values, None if primitive else "java.lang.ClassCastException@<hash>")
    if any(values.get(p.key) is None and not p.type.endswith("?") for p in shape.parameters):
        raise _failed(shape, values, None)


def _fits(parameter: Parameter, value: Any) -> bool:
    kind = parameter.type.removesuffix("?")
    if kind.startswith("com."):
        return isinstance(value, dict)
    if kind == "kotlin.Long":
        return type(value) is int and -_LONG <= value < _LONG
    return type(value) is _PYTHON[kind]


def _failed(shape: Shape, values: dict[str, Any], message: str | None) -> Threw:
    """Klaxon's account of every parameter: of one that has no value, what the constructor threw."""
    lines: list[str] = []
    for parameter in shape.parameters:
        value = values.get(parameter.key)
        if value is None:
            lines += [] if message is None else [message]
        elif not _fits(parameter, value) or not _is_named(parameter):
            lines.append(
                f"\n    Parameter {parameter.name}: expected {parameter.type} but received "
                f"{_java_class(value)} (value: {_shown(value)})"
            )
    return Threw(_EXCEPTION, f"Unable to instantiate {shape.name}:" + "\n".join(lines) + "\n")


def _is_named(parameter: Parameter) -> bool:
    """Klaxon compares classes: a boxed boolean or long is none of the type that it stands for, nor a list."""
    return parameter.type.removesuffix("?") == "kotlin.String" or parameter.type.startswith("com.")


def _java_class(value: Any) -> str:
    match value:
        case bool():
            return "java.lang.Boolean"
        case str():
            return "java.lang.String"
        case int():
            if not -_LONG <= value < _LONG:
                return "java.math.BigInteger"
            return "java.lang.Integer" if -(1 << 31) <= value < 1 << 31 else "java.lang.Long"
        case float():
            return "java.lang.Double"
        case list():
            return "java.util.ArrayList"
        case _:
            return "com.beust.klaxon.JsonObject"
