"""Fields → values, by the kinds that the table of the language gives them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.answers import Capture
from harness.deeds import Deed, parse_deed
from harness.delays import Delay, Fixed, LogNormal, Uniform
from harness.errors import UsageError
from harness.instants import SECOND
from harness.late import Late, Words
from harness.matchers import Absent, Contains, Differs, Equals, Matcher, Matches, OneOf, Present
from harness.patterns import trouble, written
from harness.scenario import kinds
from harness.scenario.document import Field, nearest, suggest
from harness.scenario.kinds import Kind
from harness.scenario.people import Names
from harness.scenario.source import Stop, looks_secret, shortened
from harness.sms_results import result_code

__all__ = ["Read", "pattern", "read", "read_form"]


@dataclass(slots=True)
class Read:
    """The fields of a mapping that were there: the values, and where each stands (the mapping itself is `at`)."""

    at: Field
    fields: dict[str, Field] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, otherwise: Any = None) -> Any:
        return self.values.get(name, otherwise)


def read(kind: Kind, value: Field, names: Names) -> Any:
    """What stands in a field. Lists, steps and looks that have verbs of their own stay fields."""
    return _READERS[type(kind)](kind, value, names)


def read_form(form: kinds.Form, value: Field, names: Names) -> Read:
    """A mapping. Every mistake in it is reported before it stops."""
    failures = value.source.failures
    if value.is_scalar or value.is_list:
        value.fail("a mapping belongs here", f"write its fields: {kinds.words(form)}")
    found = Read(value, value.sifted(form.by_name, form.required))
    stopped = False
    for name, each in found.fields.items():
        try:
            found.values[name] = read(form.by_name[name].kind, each, names)
        except Stop:
            stopped = True
    if stopped or value.source.failures > failures:
        raise Stop
    return found


# -- scalars -----------------------------------------------------------------------------------------------------------


def _writing(kind: kinds.Writing, value: Field, _names: Names) -> Words:
    return value.words() if kind.late else value.text()


def _time(kind: kinds.Time, value: Field, _names: Names) -> int:
    duration = value.duration()
    if kind.seconds and (duration < SECOND or duration % SECOND):
        value.fail(f"{value.node.text} are no whole seconds", "the server counts in seconds: 1s at least")
    return duration


def _spread(_kind: kinds.Spread, value: Field, names: Names) -> Delay:
    if value.is_scalar:
        return Fixed(value.duration())
    try:
        if value.is_list:
            times = [each.duration() for each in value.items()]
            if len(times) != 2 or times[0] > times[1]:
                value.fail("two times belong here", "write the least and the most: [1s, 5s]")
            return Uniform(*times)
        found = read_form(kinds.LOG_NORMAL, value, names)
        return LogNormal(found["median"], found["sigma"])
    except UsageError as error:
        value.fail(error.problem, error.remedy)


_SIGMA = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,9})?")


def _sigma(_kind: kinds.Sigma, value: Field, _names: Names) -> float:
    text = value.text()
    if not _SIGMA.fullmatch(text) or float(text) > 10:
        value.fail(f"{value.shown(text)} is no number from 0 to 10", "write one such as 0.5")
    return float(text)


def _whole(kind: kinds.Whole, value: Field, _names: Names) -> int:
    return value.integer(kind.low, kind.high)


def _percent(_kind: kinds.Percent, value: Field, _names: Names) -> int:
    return 100 if value.is_scalar and value.node.text == "true" else value.integer(1, 100)


def _pattern(_kind: kinds.Pattern, value: Field, _names: Names) -> str:
    return pattern(value, value.text())


def pattern(value: Field, text: str) -> str:
    """A regular expression that can be used."""
    found = trouble(text)
    if found is not None:
        problem, remedy = found
        # What nobody sees is what YAML makes of \b in double quotes.
        lost = "" if text.isprintable() else "in single quotes a backslash is itself"
        value.fail(f"{written(value.visible(text))} {problem}", remedy or lost)
    return text


def _secret(kind: kinds.Secret, value: Field, _names: Names) -> Words:
    text = value.words() if kind.late else value.text()
    return text or value.fail("an empty key", "leave it out, or write one")


def _result(_kind: kinds.Result, value: Field, _names: Names) -> int:
    text = value.text()
    try:
        return result_code(text)
    except UsageError as error:
        value.fail(f"there is no result {value.shown(text)}", error.remedy)


def _deed(_kind: kinds.DeedLine, value: Field, _names: Names) -> Deed:
    text = value.text()
    if text.strip().lower().startswith("encryp") and "received" not in text:
        value.hide()  # a key, or something meant to be one
        value.fail("a key among words", "write `encryption_key: …` instead of `do: …`")
    try:
        return parse_deed(text)
    except UsageError as error:
        if looks_secret(text):
            value.hide()
            value.fail("nothing that can be done to a phone", "for a key write `encryption_key: …` instead of `do: …`")
        value.fail(error.problem, error.remedy)


# -- what a value must be ----------------------------------------------------------------------------------------------

_WORDS: Mapping[str, Matcher] = {"present": Present(), "absent": Absent()}
_MATCHERS = ("not", "contains", "matches", "one_of")


def _match(kind: kinds.Match, value: Field, names: Names) -> Matcher:
    if value.is_scalar:
        word = _WORDS.get(value.node.text) if value.is_plain else None
        return word or Equals(_wanted(kind, value, names))
    if kind.typed and (value.is_list or not _is_matcher(value)):
        return Equals(_json(value))
    return _structured(kind, value, names)


def _is_matcher(value: Field) -> bool:
    keys = [key.node.text for key, _ in value.members().values()]
    return len(keys) == 1 and keys[0] in _MATCHERS


def _structured(kind: kinds.Match, value: Field, names: Names) -> Matcher:
    members = value.known(_MATCHERS)
    if len(members) != 1:
        value.fail("one condition belongs here", f"write one of: {', '.join(_MATCHERS)}")
    [(name, inner)] = members.items()
    match name:
        case "not":
            return Differs(_wanted(kind, inner, names))
        case "contains":
            return Contains(inner.words())
        case "matches":
            return Matches(pattern(inner, inner.text()))
        case _:
            choices = tuple(_wanted(kind, each, names) for each in inner.items())
            return OneOf(choices) if choices else inner.fail("one of nothing", "write two or more: [sent, delivered]")


def _wanted(kind: kinds.Match, value: Field, _names: Names) -> Any:
    if value.is_plain and value.node.text in _WORDS:
        value.fail(f"`{value.node.text}` in a condition", "write it alone, without braces; in quotes it is a text")
    return _json(value) if kind.typed else value.words()


_LITERALS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "~": None}
# As JSON has them, as far as they are finite.
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,99})(?:\.[0-9]{1,99})?(?:[eE][+-]?[0-9]{1,2})?")


def _json(value: Field) -> Any:
    """What JSON has: without quotes numbers, true, false and null are themselves, everything else is a text."""
    if value.is_scalar:
        return _json_scalar(value)
    if value.is_list:
        return [_json(each) for each in value.items()]
    return {name: _json(each) for name, (_, each) in value.members().items()}


def _json_scalar(value: Field) -> Any:
    text = value.words()
    if not value.is_plain or isinstance(text, Late):
        return text
    if text in _LITERALS:
        return _LITERALS[text]
    return json.loads(text) if _JSON_NUMBER.fullmatch(text) else text


# -- what is made of others --------------------------------------------------------------------------------------------


def _listed(kind: kinds.Listed, value: Field, names: Names) -> tuple[Any, ...]:
    if kind.alone and value.is_scalar:
        return (read(kind.of, value, names),)
    return tuple(_each(kind.of, value.items(), names))


def _each(kind: Kind, items: Iterable[Field], names: Names) -> Iterator[Any]:
    """All of them, with the mistakes of all."""
    stopped = False
    for item in items:
        try:
            yield read(kind, item, names)
        except Stop:
            stopped = True
    if stopped:
        raise Stop


def _table(kind: kinds.Table, value: Field, names: Names) -> tuple[tuple[str, Any], ...]:
    members = value.members()
    for name, (key, _) in members.items():
        if not name:
            key.fail("an empty name", f"write a {kind.names}")
        if kind.known and name not in kind.known:
            key.fail(f"there is no {kind.names} {shortened(name)}", suggest(name, list(kind.known)))
    return tuple(zip(members, _each(kind.of, (each for _, each in members.values()), names), strict=True))


def _either(kind: kinds.Either, value: Field, names: Names) -> Any:
    """By its shape, then by its words."""
    shaped = [each for each in kind.of if _shape(each) == value.node.kind]
    for each in shaped:
        if isinstance(each, kinds.Word) and value.text() in each.choices:
            return value.text()
    match shaped:
        case []:
            value.fail("something else belongs here", f"write {kinds.words(kind)}")
        case [*_, kinds.Word()]:
            value.fail(f"unknown word {value.shown(value.text())}", _meant(kind, value.text()))
        case [*_, kinds.Whole(low, high)]:
            return value.integer(low, high, _meant(kind, value.text()))
        case [*_, last]:
            return read(last, value, names)


def _meant(kind: kinds.Either, text: str) -> str:
    """What to write instead of a word that is none of its words."""
    near = nearest(text, [word for each in kind.of if isinstance(each, kinds.Word) for word in each.choices])
    return f"did you mean {near}?" if near else f"write {kinds.words(kind)}"


def _shape(kind: Kind) -> str:
    match kind:
        case kinds.Form() | kinds.Table() | kinds.Captures():
            return "mapping"
        case kinds.Listed() | kinds.Steps() | kinds.Branches() | kinds.Rows():
            return "list"
        case _:
            return "scalar"


def _captures(kind: kinds.Captures, value: Field, names: Names) -> tuple[Capture, ...]:
    members = value.members("write a name and what it stands for: {code: '\\d{4}'}")
    found, stopped = [], False
    for key, each in members.values():
        try:
            found.append(_capture(kind, names.new_capture(key), each, names))
        except Stop:
            stopped = True
    if stopped:
        raise Stop
    return tuple(found)


def _capture(kind: kinds.Captures, name: str, value: Field, names: Names) -> Capture:
    if value.is_scalar:
        text = value.text()
        return Capture(name, path=_path(value, text)) if kind.of_answer else Capture(name, pattern=pattern(value, text))
    found = read_form(kinds.CAPTURE_OF_ANSWER if kind.of_answer else kinds.CAPTURE_OF_LOOK, value, names)
    path = _path(found.fields["path"], found["path"]) if "path" in found else "text"
    return Capture(name, path, found.get("pattern"))


def _path(value: Field, text: str) -> str:
    if text.strip() in ("", "header"):
        value.fail("a path to nothing", "write one such as data.0.id, or of an answer `header NAME`")
    return text


def _stays(_kind: Any, value: Field, _names: Names) -> Field:
    return value


_READERS: Mapping[type, Callable[[Any, Field, Names], Any]] = {
    kinds.Writing: _writing,
    kinds.Title: lambda _kind, value, _names: value.line(),
    kinds.NewName: lambda _kind, value, _names: value.name(),
    kinds.Who: lambda kind, value, names: names.who(kind.section, value),
    kinds.StepName: lambda kind, value, names: names.message(value) if kind.message else names.step(value),
    kinds.Number: lambda _kind, value, _names: value.number(),
    kinds.Time: _time,
    kinds.Spread: _spread,
    kinds.Whole: _whole,
    kinds.Percent: _percent,
    kinds.Sigma: _sigma,
    kinds.Truth: lambda _kind, value, _names: value.flag(),
    kinds.Word: lambda kind, value, _names: value.one_of(kind.choices),
    kinds.Pattern: _pattern,
    kinds.Secret: _secret,
    kinds.Result: _result,
    kinds.DeedLine: _deed,
    kinds.Match: _match,
    kinds.Json: lambda _kind, value, _names: _json(value),
    kinds.Listed: _listed,
    kinds.Table: _table,
    kinds.Either: _either,
    kinds.Form: read_form,
    kinds.Captures: _captures,
    kinds.People: _stays,
    kinds.Rows: _stays,
    kinds.Looked: _stays,
    kinds.Steps: _stays,
    kinds.Branches: _stays,
}
