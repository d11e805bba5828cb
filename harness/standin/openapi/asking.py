"""What a request model takes, found out by asking it, so that no field and no rule is written down twice.

A model is first given a body (or a query) that notes the names it asks for, then values that each break some rule. The
text of a broken rule says where its limit is. Whatever a schema from here refuses, the model refuses; the reverse does
not hold. What JSON Schema cannot say, such as a limit in bytes, stands in words in the description.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any
from urllib.parse import urlencode

from harness.frozen import frozen
from harness.wire import bodies
from harness.wire.bodies import Body, Query
from harness.wire.json import BadBody, Kind, Nullable, flag, integer, stamp, text, unsigned
from harness.wire.rules import Problems

__all__ = ["PHONE_NUMBER", "UUID", "UUID_PATTERN", "Schema", "body", "nullable", "parameters"]

Schema = dict[str, Any]
"""A JSON Schema, as plain data."""

PHONE_NUMBER = "phone-number"
"""The `format` of a number that has to parse as an international one."""

UUID = "32343a19-da5e-4b1b-a767-3298a73703cb"
"""An id that every rule likes."""

UUID_PATTERN = "[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89aAbB][a-f0-9]{3}-[a-f0-9]{12}"

_LONG = 5_000  # longer than any text or list may be
_GREAT = 1_000_000_000
_JSON = "application/json"
_UNREADABLE = "cannot be decoded"

Ask = Callable[[Any], Sequence[str]]
"""What is wrong with a field when it has this value."""


def body(read: Callable[[Body], Any], given: Mapping[str, Any] | None = None) -> Schema:
    """The schema of a JSON body. `read` makes the model of it; `given` are fields that are there while it is asked."""
    notes = _BodyNotes(b"")
    read(notes)
    given = dict(given or {})

    def ask(name: str) -> Ask:
        return lambda value: _problems(read(_json(given | {name: value}))).get(name, ())

    nothing = _problems(read(_json(given)))
    needed = [name for name in notes.kinds if name in nothing]
    properties = {name: _property(kind, ask(name), name in needed) for name, kind in notes.kinds.items()}
    if not needed:  # null is an object without members
        return {"type": ["object", "null"], "properties": properties}
    return {"type": "object", "properties": properties, "required": needed}


def parameters(read: Callable[[Query], Any]) -> list[Schema]:
    """The parameters of a query."""
    notes = _QueryNotes("")
    asked = read(notes)
    nothing = _problems(asked)

    def ask(name: str) -> Ask:
        def problems(value: Any) -> Sequence[str]:
            try:
                return _problems(read(Query(urlencode({name: value}, doseq=True)))).get(name, ())
            except BadBody:
                return (_UNREADABLE,)

        return problems

    found: list[Schema] = []
    for name, is_array in notes.names.items():
        is_needed = name in nothing
        schema = _array(ask(name), is_needed) if is_array else _parameter(ask(name), is_needed)
        words = schema.pop("description", "")
        default = _default(asked, name)
        if default is not None:
            words = f"{words} {default} if it is missing or blank.".strip()
        said = {"description": words} if words else {}
        found.append({"name": name, "in": "query", "required": is_needed, **said, "schema": schema})
    return found


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    if "type" not in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    members = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | members


# -- noting names ------------------------------------------------------------------------------------------------------


@frozen
class _BodyNotes(Body):
    """An empty body that notes which fields are asked for."""

    kinds: dict[str, Kind] = field(default_factory=dict)

    def fields(self, kinds: Mapping[str, Kind]) -> dict[str, Any]:
        self.kinds.update(kinds)
        return {}

    def names(self) -> frozenset[str]:
        return frozenset()


class _QueryNotes(Query):
    """An empty query that notes the names of the parameters that are asked for; True for an array."""

    __slots__ = ("names",)

    def __init__(self, raw: str) -> None:
        super().__init__(raw)
        self.names: dict[str, bool] = {}

    def __getitem__(self, name: str) -> str:
        self.names[name] = False
        return ""

    def all(self, name: str) -> tuple[str, ...]:
        self.names[name] = True
        return ()


def _json(fields: Mapping[str, Any]) -> Body:
    return Body(json.dumps(fields).encode(), _JSON)


def _problems(asked: Any) -> Problems:
    """What a model finds wrong; one that takes everything has no opinion, one function gives value and problems."""
    if isinstance(asked, tuple):
        asked = asked[-1]
    if isinstance(asked, dict):
        return asked
    judge: Callable[[], Problems] = getattr(asked, "problems", dict)
    return judge()


def _default(asked: Any, name: str) -> str | None:
    """What the model puts in place of a parameter that is not there."""
    page = getattr(asked, "page", asked)
    found = getattr(page, f"{name}_text", None)
    return found if isinstance(found, str) else None


# -- what the rules say ------------------------------------------------------------------------------------------------


def _said(pattern: str, texts: Sequence[str]) -> str | None:
    """What the rule's text names, or an empty text if it names nothing; None if no text is the rule's."""
    for line in texts:
        found = re.fullmatch(pattern, line, re.DOTALL)
        if found:
            return found[1] if found.re.groups else ""
    return None


def _number(pattern: str, texts: Sequence[str]) -> int | None:
    found = _said(pattern, texts)
    return None if found is None else int(found)


_LEAST_BYTES = r"The \S+ field must be minimum (\d+) char"
_MOST_BYTES = r"The \S+ field must be maximum (\d+) char"
_BYTES = r"The \S+ field must be length of (\d+)"
_MOST_SIZE = r"The \S+ field must be maximum (\d+) in size"
_LEAST = r"The \S+ field value can not be less than (\d+)"
_MOST = r"The \S+ field value can not be greater than (\d+)"
_ONE_OF = r"The \S+ field must be one of (.*)"
_NUMERIC = r"The \S+ field must be numeric"
_IS_UUID = r"The \S+ field must contain valid UUID"
_IS_NUMBER = r"The \S+ field (?:in index \[\d+\] )?must be a valid E\.164 phone number .*"
_IS_CONTACT = r"The \S+ field (?:in index \[\d+\] )?must contain only digits .*"
_IS_ATTACHMENT = r"The attachment \d+ with URL \[.*\] must be a valid URL .*"
_IS_URL = r"The \S+ field format is invalid"

_NUMBER_WORDS = "An international phone number in any spelling; it is stored as E.164."
_CONTACT_WORDS = "A number of 2 to 15 digits, with or without a plus."
_TIME_WORDS = "RFC 3339 with an offset, T and Z in capitals."
_URL_WORDS = "An http or https URL with a host."
_HOOK_WORDS = "An http or https URL whose host has a dot; without a scheme it gets https://."


def _property(kind: Kind, ask: Ask, is_needed: bool) -> Schema:
    """The schema of a field of a body; where a field may be missing it may be null as well."""
    if isinstance(kind, Nullable):
        kind = kind.kind
    if kind is text:
        schema = _text(ask, is_needed)
    elif kind is flag:
        schema = {"type": "boolean"}
    elif kind in (integer, unsigned):
        schema = _whole_number(ask, kind)
    elif kind is stamp:
        schema = {"type": "string", "format": "date-time", "description": _TIME_WORDS}
    elif kind is bodies.texts:
        schema = _array(ask, is_needed)
    else:
        schema = {"type": "array"}  # of objects: whoever uses it knows of what
    return schema if is_needed else nullable(schema)


def _text(ask: Ask, is_needed: bool) -> Schema:
    texts = [*ask("?"), *ask("x" * _LONG)]
    words: list[str] = []
    schema: Schema = {"type": "string"}
    if (members := _said(_ONE_OF, texts)) is not None:
        return schema | {"enum": members.split(", ") + ([] if is_needed else [""])}
    if is_needed:
        schema["minLength"] = 1
    if _said(_IS_NUMBER, texts) is not None:
        return schema | {"format": PHONE_NUMBER, "description": _NUMBER_WORDS}
    if _said(_IS_CONTACT, texts) is not None:
        return schema | {"description": _CONTACT_WORDS}
    if _said(_IS_UUID, texts) is not None:
        blank = "" if is_needed else "?"
        return schema | {"pattern": rf"^\s*({UUID_PATTERN}){blank}\s*$"}
    if _said(_NUMERIC, texts) is not None:
        schema["pattern"] = r"^\s*-?[0-9]+\s*$"
    if _said(_IS_URL, texts) is not None:
        words.append(_HOOK_WORDS)
    schema |= _length(ask, texts, words)
    return schema | ({"description": " ".join(words)} if words else {})


def _length(ask: Ask, texts: Sequence[str], words: list[str]) -> Schema:
    """The limits of a text in characters, as far as they follow from those in bytes; the latter go to the words."""
    schema: Schema = {}
    exactly = _number(_BYTES, texts)
    least, most = _number(_LEAST_BYTES, [*texts, *ask("x")]), _number(_MOST_BYTES, texts)
    if exactly is not None:
        words.append(f"{exactly} bytes of UTF-8.")
        least = most = exactly
    elif least is not None and least > 1:
        words.append(f"{least} to {most} bytes of UTF-8.")
    elif most is not None:
        words.append(f"At most {most} bytes of UTF-8.")
    if most is not None and _counts(ask(" " * _LONG + "x" * (exactly or 1)), _MOST_BYTES, _BYTES):
        schema["maxLength"] = most
    elif most is not None:
        words.append("Blanks around it do not count.")
    if least is not None and least > 1:
        schema["minLength"] = -(-least // 4)  # a character has four bytes at most
    return schema


def _counts(texts: Sequence[str], *patterns: str) -> bool:
    return any(_said(pattern, texts) is not None for pattern in patterns)


def _whole_number(ask: Ask, kind: Kind) -> Schema:
    schema: Schema = {"type": "integer"}
    if kind is unsigned:
        schema["minimum"] = 0
    most, least = _number(_MOST, ask(_GREAT)), _number(_LEAST, ask(1))
    if most is not None:
        schema["maximum"] = most
    if least is not None:  # zero is never judged: it is the same as nothing
        schema |= {"anyOf": [{"enum": [0, None]}, {"minimum": least}]}
    return schema


def _array(ask: Ask, is_needed: bool) -> Schema:
    schema: Schema = {"type": "array", "items": {"type": ["string", "null"]}}
    if is_needed:
        schema["minItems"] = 1
    texts = [*ask(["?"]), *ask(["x"] * _LONG)]
    most = _number(_MOST_SIZE, texts)
    words: list[str] = []
    if most is not None:
        words.append(f"At most {most}.")
        if _counts(ask([" "] * _LONG), _MOST_SIZE):
            schema["maxItems"] = most
        else:
            words.append("Blank ones do not count.")
    items = schema["items"]
    if _said(_IS_NUMBER, texts) is not None:
        items |= {"type": "string", "minLength": 1, "format": PHONE_NUMBER, "description": _NUMBER_WORDS}
    elif _said(_IS_CONTACT, texts) is not None:
        items |= {"type": "string", "minLength": 1, "description": _CONTACT_WORDS}
    elif _said(_IS_ATTACHMENT, texts) is not None:
        items |= {"description": _URL_WORDS}
    return schema | ({"description": " ".join(words)} if words else {})


def _parameter(ask: Ask, is_needed: bool) -> Schema:
    """A parameter that is a number or a truth value is one or a blank text."""
    texts = ask("?")
    if texts == (_UNREADABLE,):
        return {"type": "boolean"}
    if _said(_NUMERIC, texts) is not None:
        most = _number(_MOST_BYTES, ask("9" * _LONG))
        words = {} if most is None else {"description": f"At most {most} characters."}
        return {"anyOf": [{"type": "integer"}, _BLANK]} | words
    if _said(_ONE_OF, texts) == "true, false":
        return {"anyOf": [{"type": "boolean"}, _BLANK, {"type": "string", "pattern": _FLAG}]}
    return _text(ask, is_needed)


_BLANK: Schema = {"type": "string", "pattern": r"^\s*$"}
_FLAG = r"^\s*([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|0|1)\s*$"
