"""Scenario files: bytes → plans. `grammar` has the words; here is what a document makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.capability import Capability
from harness.cast import GatewaySpec
from harness.frozen import frozen
from harness.late import names_in
from harness.scenario.blocks import Budget, StepReader, TooMany
from harness.scenario.casting import cast
from harness.scenario.document import Field, documents, nearest
from harness.scenario.grammar import EVENTS, SCENARIO, STATUSES
from harness.scenario.including import Gathered, Library, ReadPart, evaluated, gather
from harness.scenario.people import FIRST_NUMBER, Names, variable_name
from harness.scenario.plan import Scenario
from harness.scenario.reading import Read, read
from harness.scenario.source import Source, Stop, looks_secret, shortened
from harness.scenario.variables import Scope

__all__ = ["EVENTS", "FIRST_NUMBER", "ROWS_MAX", "STATUSES", "read_scenarios"]

ROWS_MAX = 1000


def read_scenarios(content: bytes, path: str, read_part: ReadPart | None = None) -> tuple[Scenario, ...]:
    """The stories of a file: one for each YAML document, or for each row of its table.

    `read_part` gives the bytes of a file that is included, by its path: that of the file which includes it, and the
    name there. Without it nothing can be included. Raises `ScenarioError`, a `ScenarioErrors` for several mistakes.
    """
    source = Source(path)
    stories: list[Scenario] = []
    with source.whole():
        found = documents(content, source)
        library, budget = Library(source, [each.node for each in found], read_part), Budget()
        for document in found:
            try:
                stories += _stories(document, library, budget)
            except TooMany:
                break
            except Stop:
                pass
    return tuple(stories)


@frozen
class _Row:
    """A row of a table: its values, what it is called, and where it stands."""

    values: Mapping[str, str]
    words: str
    at: Field


def _stories(document: Field, library: Library, budget: Budget) -> Iterator[Scenario]:
    if document.is_scalar or document.is_list:
        document.fail("a story belongs here", "begin with `scenario: what the story shows`")
    fields = document.sifted(SCENARIO.by_name, SCENARIO.required)
    stack = (document.source.path,)
    found = gather(fields, document.source.path, library, stack)
    for row in _rows(fields["for_each"], found) if "for_each" in fields else (_Row({}, "", document),):
        budget.spend(row.at)
        names = Names()
        scope = evaluated(found.variables, row.values, Scope({}, names.captured))
        reader = StepReader(names, library, stack, budget)
        yield _story(_Story(fields, found, names, scope, row), reader)


# -- tables ------------------------------------------------------------------------------------------------------------


def _rows(section: Field, found: Gathered) -> Iterator[_Row]:
    rows = list(section.items())
    if not rows:
        section.fail("a table without rows", "write one: [{sim: 1}, {sim: 2}]")
    if len(rows) > ROWS_MAX:
        section.fail(f"a table of {len(rows)} rows", f"{ROWS_MAX:,} at most")
    columns = list(rows[0].members(_ROW))
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        with row.source.part():
            values = _values(row, columns, found)
            words = _words(values, row.source, number)
            if words in seen:
                row.fail("this row is here twice", f"the first one is on line {seen[words]}")
            seen[words] = row.node.line + 1
            yield _Row(values, words, row)


_ROW = "a row has a value for each name: {sim: 1, carrier: A}"
_ALIKE = "each row has the same names; `variables:` may give one a value for the rows without it"


def _values(row: Field, columns: list[str], found: Gathered) -> dict[str, str]:
    values = {}
    members = row.members(_ROW)
    wanted = (name for _, value in members.values() for name in names_in(value.node.text))
    scope = evaluated(found.variables, {}, Scope(), wanted)
    for key, value in members.values():
        name = variable_name(key)
        if name not in columns and name not in found.variables:
            near = nearest(name, [*columns, *found.variables])
            key.fail(f"the first row has no {shortened(name)}", f"did you mean {near}?" if near else _ALIKE)
        values[name] = value.within(scope).text()
    for name in columns:
        if name not in values and name not in found.variables:
            row.fail(f"{name} is missing", f"the first row has it: {_ALIKE}")
    return values


def _words(values: Mapping[str, str], source: Source, number: int) -> str:
    """What the row is called. A pass phrase is not in it."""
    if "name" in values:
        return _shown(values["name"])
    shown = {name: text for name, text in values.items() if name not in source.secret_names and not looks_secret(name)}
    words = ", ".join(f"{name}={_shown(text)}" for name, text in shown.items())
    return words if words and len(shown) == len(values) else f"row {number}" + (f", {words}" if words else "")


def _shown(text: str) -> str:
    return shortened(text) if text.isprintable() and text.strip() else shortened(repr(text))


# -- a story -----------------------------------------------------------------------------------------------------------


@frozen
class _Story:
    """A document, for one row."""

    fields: Mapping[str, Field]
    found: Gathered
    names: Names
    scope: Scope
    row: _Row

    def get(self, name: str, otherwise: Any) -> Any:
        """What stands in a section; `otherwise` if it is not there, or cannot be read."""
        if name in self.fields:
            with self.row.at.source.part():
                return read(SCENARIO.by_name[name].kind, self.fields[name].within(self.scope), self.names)
        return otherwise


def _story(story: _Story, reader: StepReader) -> Scenario:
    names = story.names
    for path, sections in story.found.sections.items():
        reader.cast_of.add(path)
        cast(names, {name: each.within(story.scope) for name, each in sections.items()})
    title = story.get("scenario", "")
    settings = story.get("gateway", Read(story.row.at))
    steps = _steps(story, reader)
    phones, contacts = names.everybody()
    return Scenario(
        title, phones, contacts, tuple(steps), story.get("tags", ()), story.get("breaks", ()), story.row.at.place,
        story.get("about", ""), story.row.words, story.get("skip", None), story.get("expect_failure", None),
        tuple(Capability(word) for word in story.get("requires", ())),
        GatewaySpec(settings.get("pace"), settings.get("keep_rate"), settings.get("plan")),
    )  # fmt: skip


def _steps(story: _Story, reader: StepReader) -> list[Any]:
    try:
        return reader.steps(story.fields["steps"].within(story.scope))
    except Stop as stop:
        if isinstance(stop, TooMany):
            raise
        return []
