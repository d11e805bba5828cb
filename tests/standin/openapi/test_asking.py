"""harness.standin.openapi.asking: what a model says of itself when it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from harness.standin.openapi import asking
from harness.standin.openapi.asking import UUID, UUID_PATTERN
from harness.wire import bodies, json, rules
from harness.wire.bodies import Body, Query
from harness.wire.json import BadBody, Kind, Nullable
from harness.wire.rules import Problems, Rule, problems, required


@dataclass(frozen=True)
class Model:
    """A model of one field `f`, that may be trimmed before it is judged."""

    value: Any
    rules: tuple[Rule, ...]

    def problems(self) -> Problems:
        return problems(("f", self.value, self.rules))


def _keep(value: Any) -> Any:
    return value


def _trim(value: Any) -> Any:
    return value.strip()


def _drop_blanks(value: Any) -> Any:
    return tuple(entry for entry in value if entry.strip())


def _reading(kind: Kind, empty: Any, change: Callable[[Any], Any], *judges: Rule) -> Callable[[Body], Model]:
    return lambda body: Model(change(body.fields({"f": kind}).get("f", empty)), judges)


TEXT = ["string", "null"]
BYTES = "At most 9 bytes of UTF-8."
TRIMMED = "Blanks around it do not count."


@pytest.mark.parametrize(
    ("kind", "empty", "change", "judges", "schema"),
    [
        (json.text, "", _keep, (), {"type": TEXT}),
        (json.text, "", _keep, (required,), {"type": "string", "minLength": 1}),
        (json.text, "", _keep, (rules.maximum(9),), {"type": TEXT, "maxLength": 9, "description": BYTES}),
        (json.text, "", _trim, (rules.maximum(9),), {"type": TEXT, "description": f"{BYTES} {TRIMMED}"}),
        (
            json.text, "", _keep, (rules.minimum(6), rules.maximum(9)),
            {"type": TEXT, "minLength": 2, "maxLength": 9, "description": "6 to 9 bytes of UTF-8."},
        ),
        (
            json.text, "", _keep, (rules.length(2),),
            {"type": TEXT, "minLength": 1, "maxLength": 2, "description": "2 bytes of UTF-8."},
        ),
        (json.text, "", _trim, (rules.one_of("a", "b"),), {"type": TEXT, "enum": ["a", "b", "", None]}),
        (json.text, "", _keep, (required, rules.one_of("a", "b")), {"type": "string", "enum": ["a", "b"]}),
        (json.text, "", _trim, (rules.uuid,), {"type": TEXT, "pattern": rf"^\s*({UUID_PATTERN})?\s*$"}),
        (
            json.text, "", _trim, (required, rules.numeric),
            {"type": "string", "minLength": 1, "pattern": r"^\s*-?[0-9]+\s*$"},
        ),
        (json.flag, False, _keep, (), {"type": ["boolean", "null"]}),
        (Nullable(json.flag), None, _keep, (), {"type": ["boolean", "null"]}),
        (json.integer, 0, _keep, (), {"type": ["integer", "null"]}),
        (json.unsigned, 0, _keep, (rules.maximum(60),), {"type": ["integer", "null"], "minimum": 0, "maximum": 60}),
        (
            json.unsigned, 0, _keep, (rules.minimum(60), rules.maximum(99)),
            {"type": ["integer", "null"], "minimum": 0, "maximum": 99, "anyOf": [{"enum": [0, None]}, {"minimum": 60}]},
        ),
        (bodies.texts, (), _keep, (), {"type": ["array", "null"], "items": {"type": TEXT}}),
        (bodies.texts, (), _keep, (required,), {"type": "array", "items": {"type": TEXT}, "minItems": 1}),
        (
            bodies.texts, (), _keep, (rules.maximum(2),),
            {"type": ["array", "null"], "items": {"type": TEXT}, "maxItems": 2, "description": "At most 2."},
        ),
        (
            bodies.texts, (), _drop_blanks, (rules.maximum(2),),
            {"type": ["array", "null"], "items": {"type": TEXT}, "description": "At most 2. Blank ones do not count."},
        ),
    ],
)  # fmt: skip
def test_a_field_tells_its_schema(
    kind: Kind, empty: Any, change: Callable[[Any], Any], judges: tuple[Rule, ...], schema: dict[str, Any]
) -> None:
    found = asking.body(_reading(kind, empty, change, *judges))
    assert found["properties"] == {"f": schema}
    assert found.get("required", []) == (["f"] if required in judges else [])
    assert found["type"] == ("object" if required in judges else ["object", "null"])


@pytest.mark.parametrize(
    ("rule", "is_number"), [(rules.phone_number, True), (rules.contact, False), (rules.url, False)]
)
def test_what_has_no_schema_is_said_in_words(rule: Rule, is_number: bool) -> None:
    schema = asking.body(_reading(json.text, "", _keep, required, rule))["properties"]["f"]
    assert schema["description"]
    assert schema.get("format") == ("phone-number" if is_number else None)


@pytest.mark.parametrize("rule", [rules.phone_numbers, rules.contacts, rules.attachment_urls])
def test_so_is_what_the_members_of_a_list_must_be(rule: Rule) -> None:
    schema = asking.body(_reading(bodies.texts, (), _keep, rule))["properties"]["f"]
    assert schema["items"]["description"]


def test_a_time_tells_its_format() -> None:
    assert asking.body(_reading(json.stamp, None, _keep))["properties"]["f"]["format"] == "date-time"


def _either(body: Body) -> Model:
    """`f` is needed where there is no `g`."""
    found = body.fields({"f": json.text, "g": json.text})
    return Model(found.get("f", "") or found.get("g", ""), (required,))


@pytest.mark.parametrize(("given", "needed"), [(None, ["f"]), ({"g": "x"}, [])])
def test_what_is_given_stands_in_the_body_while_it_is_asked(given: dict[str, Any] | None, needed: list[str]) -> None:
    assert asking.body(_either, given).get("required", []) == needed


# -- queries -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    limit_text: str
    is_archived: str
    ids: tuple[str, ...]
    sort: str

    @classmethod
    def read(cls, query: Query) -> Page:
        if query["sort"] not in ("", "true"):
            raise BadBody({})
        return cls(query["limit"] or "7", query["is_archived"], query.all("ids"), query["sort"])

    def problems(self) -> Problems:
        return problems(
            ("limit", self.limit_text, (rules.numeric, rules.maximum(20))),
            ("is_archived", self.is_archived, (required, rules.one_of("true", "false"))),
            ("ids", self.ids, (rules.contacts,)),
        )


def test_a_query_tells_its_parameters() -> None:
    found = {parameter["name"]: parameter for parameter in asking.parameters(Page.read)}
    assert {name: parameter["required"] for name, parameter in found.items()} == {
        "sort": False, "limit": False, "is_archived": True, "ids": False,
    }  # fmt: skip
    assert found["sort"]["schema"] == {"type": "boolean"}
    assert found["limit"]["schema"]["anyOf"][0] == {"type": "integer"}
    assert found["limit"]["description"] == "At most 20 characters. 7 if it is missing or blank."
    assert found["is_archived"]["schema"]["anyOf"][0] == {"type": "boolean"}
    assert found["ids"]["schema"]["type"] == "array"


def test_the_id_that_is_asked_with_is_one() -> None:
    assert rules.is_uuid(UUID)


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ({"type": "string"}, {"type": ["string", "null"]}),
        ({"type": "string", "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"$ref": "#/x"}, {"anyOf": [{"$ref": "#/x"}, {"type": "null"}]}),
    ],
)
def test_null_is_one_more_value(schema: dict[str, Any], found: dict[str, Any]) -> None:
    assert asking.nullable(schema) == found
