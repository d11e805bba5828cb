"""The language as JSON Schema (draft 2020-12), for editors: made of the table that files are read by.

It describes what a YAML loader makes of a file, and loaders take liberties: `1234` is an integer, `on` is true for some
(YAML 1.1). So wherever a text is wanted any scalar will do. Wherever a value is wanted a variable will, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from harness.scenario import kinds
from harness.scenario.grammar import LOOKS, MODIFIERS, PART, SCENARIO, VERBS, Verb
from harness.scenario.kinds import Form, Kind, Slot, words

__all__ = ["part_schema", "schema"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def schema() -> Schema:
    """Of the stories in a scenario file: of each of its documents."""
    return _Maker().document(SCENARIO, "A story of httpsms-harness")


def part_schema() -> Schema:
    """Of a part: a file that stories include."""
    return _Maker().document(PART, "A part of stories of httpsms-harness")


class _Maker:
    """Makes one schema. What it comes across more than once goes into its definitions."""

    def __init__(self) -> None:
        self.definitions: Schema = {}

    def document(self, form: Form, title: str) -> Schema:
        """Everything else is found from here."""
        made = self._members(form)
        return {"$schema": _DRAFT, "title": title, **made, "$defs": dict(sorted(self.definitions.items()))}

    def of(self, kind: Kind) -> Schema:
        """What may stand in a field of this kind."""
        if isinstance(kind, Form):
            return self.form(kind)
        known = _SHARED.get(type(kind))
        if known is not None:
            return self._defined(known, _MAKERS[type(kind)], kind)
        return _MAKERS[type(kind)](self, kind)

    def form(self, form: Form) -> Schema:
        return self._defined(form.name.replace(" ", "-"), _Maker._members, form)

    def _defined(self, name: str, make: Callable[[_Maker, Any], Schema], kind: Any) -> Schema:
        if name not in self.definitions:
            self.definitions[name] = {}  # steps have steps
            self.definitions[name] = make(self, kind)
        return {"$ref": f"#/$defs/{name}"}

    def _members(self, form: Form) -> Schema:
        made: Schema = {
            "type": "object",
            "properties": {slot.name: self._property(slot) for slot in form.slots},
            "additionalProperties": False,
        }
        return {**made, "required": list(form.required)} if form.required else made

    def _property(self, slot: Slot) -> Schema:
        return {"description": f"{slot.about} ({words(slot.kind)})", **self.of(slot.kind)}

    # -- scalars -----------------------------------------------------------------------------------------------------

    def scalar(self) -> Schema:
        return self._defined("scalar", lambda _maker, _kind: {"type": ["string", "number", "boolean", "null"]}, None)

    def or_variable(self, schema: Schema) -> Schema:
        variable: Schema = {"type": "string", "pattern": r"\$\{[^{}]*\}"}
        return {"anyOf": [schema, self._defined("variable", lambda _maker, _kind: variable, None)]}

    def time(self) -> Schema:
        return self.or_variable({"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,9})?(ms|s|m|h|d)$"})

    def spread(self) -> Schema:
        pair = {"type": "array", "items": self.of(kinds.Time()), "minItems": 2, "maxItems": 2}
        return {"anyOf": [self.of(kinds.Time()), pair, self.form(kinds.LOG_NORMAL)]}

    def word(self, kind: kinds.Word) -> Schema:
        return self.or_variable({"enum": [each for choice in kind.choices for each in _readings(choice)]})

    def whole(self, kind: kinds.Whole) -> Schema:
        number = {"type": "integer", "minimum": kind.low, "maximum": kind.high}
        return self.or_variable({"anyOf": [number, {"type": "string", "pattern": "^-?[0-9]{1,9}$"}]})

    def percent(self) -> Schema:
        return {"anyOf": [{"enum": [True, "true"]}, self.whole(kinds.Whole(1, 100))]}

    # -- what is made of others --------------------------------------------------------------------------------------

    def match(self, kind: kinds.Match) -> Schema:
        if kind.typed:
            return {}  # a whole list or object may be wanted
        return self._defined("condition", lambda maker, _kind: maker.condition(), None)

    def condition(self) -> Schema:
        inner = self.scalar()
        ways: Schema = {
            "not": {"description": "anything else", **inner},
            "contains": {"description": "a text that contains this one", **inner},
            "matches": {"description": "a text in which this regular expression is found", **inner},
            "one_of": {"description": "one of these", "type": "array", "items": inner},
        }
        one = {"type": "object", "properties": ways, "additionalProperties": False}
        return {"anyOf": [inner, {**one, "minProperties": 1, "maxProperties": 1}]}

    def listed(self, kind: kinds.Listed) -> Schema:
        many: Schema = {"type": "array", "items": self.of(kind.of)}
        return {"anyOf": [self.of(kind.of), many]} if kind.alone else many

    def table(self, kind: kinds.Table) -> Schema:
        if kind.known:
            slots = tuple(Slot(name, kind.of, f"the {kind.names} {name}") for name in kind.known)
            return self._members(Form("", slots))
        return {"type": "object", "additionalProperties": self.of(kind.of)}

    def either(self, kind: kinds.Either) -> Schema:
        return {"anyOf": [self.of(each) for each in kind.of]}

    def people(self, kind: kinds.People) -> Schema:
        settings = {"anyOf": [self.form(kind.settings), self.of(kinds.Number()), {"type": "null"}]}
        names: Schema = {"type": "array", "items": self.scalar()}
        return {"anyOf": [names, {"type": "object", "additionalProperties": settings}]}

    def captures(self, kind: kinds.Captures) -> Schema:
        form = kinds.CAPTURE_OF_ANSWER if kind.of_answer else kinds.CAPTURE_OF_LOOK
        return {"type": "object", "additionalProperties": {"anyOf": [self.scalar(), self.form(form)]}}

    def rows(self) -> Schema:
        row: Schema = {"type": "object", "additionalProperties": self.scalar()}
        return {"type": "array", "items": row, "minItems": 1}

    # -- steps and looks ---------------------------------------------------------------------------------------------

    def looked(self, inside: tuple[Slot, ...] = (), verb: str = "") -> Schema:
        """Any look; with the modifiers of a verb."""
        forms = [look.form for look in LOOKS.values()]
        if verb:
            forms = [Form(f"{verb} {form.name}", (*form.slots, *inside)) for form in forms]
        return {"anyOf": [self.form(form) for form in forms]}

    def steps(self) -> Schema:
        return {"type": "array", "items": self._defined("step", lambda maker, _: maker.step(), None), "minItems": 1}

    def branches(self) -> Schema:
        return {"type": "array", "items": self.of(kinds.Steps()), "minItems": 2}

    def step(self) -> Schema:
        """One verb, and the modifiers that it takes."""
        verbs = {
            name: {"description": verb.about, "examples": _examples(verb), **self._behind(verb)}
            for name, verb in VERBS.items()
        }
        return {
            "type": "object",
            "properties": {**verbs, **{name: self._property(slot) for name, slot in MODIFIERS.items()}},
            "additionalProperties": False,
            "oneOf": [{"required": [name]} for name in verbs],
            "dependentSchemas": {name: {"anyOf": _takers(name)} for name in MODIFIERS},
        }

    def _behind(self, verb: Verb) -> Schema:
        match verb.takes:
            case Form(name, slots):
                return self.form(Form(name, (*slots, *verb.inside)))
            case kinds.Looked():
                return self.looked(verb.inside, verb.name)
            case _:
                return self.of(verb.takes)


def _takers(modifier: str) -> list[Schema]:
    return [
        {"required": [name]} for name, verb in VERBS.items() if any(slot.name == modifier for slot in verb.modifiers)
    ]


def _examples(verb: Verb) -> list[Any]:
    """What stands behind the verb in its example."""
    return [step[verb.name] for step in yaml.safe_load(verb.example) if verb.name in step]


_BOOLEANS = {"true": True, "on": True, "false": False, "off": False}


def _readings(word: str) -> list[Any]:
    """What loaders make of a word without quotes."""
    return [word, _BOOLEANS[word]] if word in _BOOLEANS else [word]


_SHARED = {kinds.Time: "duration", kinds.Spread: "spread", kinds.Truth: "flag", kinds.Steps: "steps"}


def _scalar(maker: _Maker, _kind: Kind) -> Schema:
    return maker.scalar()


_MAKERS: Mapping[type, Callable[[_Maker, Any], Schema]] = {
    kinds.Writing: _scalar,
    kinds.Title: _scalar,
    kinds.NewName: _scalar,
    kinds.Who: _scalar,
    kinds.StepName: _scalar,
    kinds.Number: lambda _maker, _kind: {"type": "string"},
    kinds.Time: lambda maker, _kind: maker.time(),
    kinds.Spread: lambda maker, _kind: maker.spread(),
    kinds.Whole: _Maker.whole,
    kinds.Percent: lambda maker, _kind: maker.percent(),
    kinds.Sigma: lambda maker, _kind: maker.or_variable({"type": "number", "minimum": 0, "maximum": 10}),
    kinds.Truth: lambda maker, _kind: maker.or_variable({"enum": [True, False, "true", "false"]}),
    kinds.Word: _Maker.word,
    kinds.Pattern: _scalar,
    kinds.Secret: _scalar,
    kinds.Result: _scalar,
    kinds.DeedLine: _scalar,
    kinds.Match: _Maker.match,
    kinds.Json: lambda _maker, _kind: {},
    kinds.Listed: _Maker.listed,
    kinds.Table: _Maker.table,
    kinds.Either: _Maker.either,
    kinds.Captures: _Maker.captures,
    kinds.People: _Maker.people,
    kinds.Rows: lambda maker, _kind: maker.rows(),
    kinds.Looked: lambda maker, _kind: maker.looked(),
    kinds.Steps: lambda maker, _kind: maker.steps(),
    kinds.Branches: lambda maker, _kind: maker.branches(),
}
