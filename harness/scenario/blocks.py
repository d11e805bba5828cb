"""Steps: one verb with its modifiers each, and those that are made of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from harness.answers import NO_ANSWER
from harness.scenario import looks
from harness.scenario.acts import ACTS
from harness.scenario.casting import cast
from harness.scenario.document import Field, suggest
from harness.scenario.grammar import MODIFIERS, PART, VERBS, Verb
from harness.scenario.including import Library, Part, evaluated, gather, given
from harness.scenario.kinds import Form, Looked
from harness.scenario.people import NO_MESSAGE, SEVERAL_MESSAGES, Fork, Names
from harness.scenario.plan import Act, Advance, Api, Distance, Expect, ExpectOrder, Never, Send, Step, Together
from harness.scenario.reading import Read, read, read_form
from harness.scenario.source import Stop
from harness.scenario.variables import ROUND

__all__ = ["STEPS_MAX", "Budget", "StepReader", "TooMany"]

STEPS_MAX = 20_000

_GONE = {
    "fault": "write `network: {fault: …}`",
    **dict.fromkeys(("wait", "sleep", "pause"), "write `advance: 5s`, or `within: 5s` beside an `expect`"),
    **dict.fromkeys(("assert", "check"), "write `expect: …`"),
    **dict.fromkeys(("receive", "reply"), "write `text: {from: …, to: …, text: …}`"),
}
_FORMS = {
    verb.name: Form(verb.takes.name, (*verb.takes.slots, *verb.inside))
    for verb in VERBS.values()
    if isinstance(verb.takes, Form)
}
_ALLOWED = {verb.name: {slot.name: slot for slot in verb.modifiers} for verb in VERBS.values()}
_SHAPE = "a step is a verb with its fields, for example `send: {from: …, to: …, text: …}`"

_What = Act | Expect | Never | ExpectOrder | Distance | Together


class Budget:
    """How many steps may still come of a file: rows and rounds count, too."""

    def __init__(self) -> None:
        self._left = STEPS_MAX

    def spend(self, at: Field) -> None:
        self._left -= 1
        if self._left < 0:
            at.report("too many steps come of this file", f"{STEPS_MAX:,} at most, all rows and rounds together")
            raise TooMany


class TooMany(Stop):
    """So many steps that nobody reads on."""


class StepReader:
    """Reads the steps of one story, in order."""

    def __init__(self, names: Names, library: Library, stack: tuple[str, ...], budget: Budget) -> None:
        self._names = names
        self._library = library
        self._stack = stack
        self._budget = budget
        self.cast_of: set[str] = set()
        """The paths of the files whose phones and contacts are in the cast."""

    def steps(self, section: Field) -> list[Step]:
        """All of them; those that cannot be read are reported."""
        steps: list[Step] = []
        for step in section.items():
            self._budget.spend(step)
            try:
                steps += self._step(step)
            except TooMany:
                raise
            except Stop:
                pass
        if not section.node.children:
            section.fail("no steps", "begin with `- send: {from: …, to: …, text: …}`")
        return steps

    def _step(self, step: Field) -> Iterable[Step]:
        members = step.members(_SHAPE)
        verb = _verb(step, members)
        key, value = members[verb.name]
        beside = {name: each for name, each in members.items() if name != verb.name}
        for name, (at, _) in beside.items():
            if name not in _ALLOWED[verb.name]:
                taken = f"it takes `{'`, `'.join(_ALLOWED[verb.name])}`" if _ALLOWED[verb.name] else "leave it out"
                at.fail(f"{verb.name} takes no `{name}`", taken)
        several = _SEVERAL.get(verb.name)
        if several is not None:
            return several(self, value)
        return (self._single(verb, key, value, {name: each for name, (_, each) in beside.items()}),)

    def _single(self, verb: Verb, key: Field, value: Field, beside: Mapping[str, Field]) -> Step:
        alias = self._names.new_step(beside["as"]) if "as" in beside else None
        what: _What | None = None
        captures: list[Field] = []
        try:
            what = self._what(verb, value, {name: each for name, each in beside.items() if name != "as"}, captures)
        finally:
            if alias is not None:
                self._names.named(alias, beside["as"], _why_no_message(verb.name, what))
            self._capture(captures)
        return Step(what, key.place, alias)

    def _what(self, verb: Verb, value: Field, beside: Mapping[str, Field], captures: list[Field]) -> _What:
        if "capture" in beside:
            captures.append(beside["capture"])
        found = self._fields(verb, value, beside)
        if "capture" in found:
            captures.append(found.fields["capture"])
        if verb.name in ACTS:
            return ACTS[verb.name](self._names, found)
        return _OTHERS[verb.name](self, value, found)

    def _fields(self, verb: Verb, value: Field, beside: Mapping[str, Field]) -> Read:
        """What stands behind the verb, if it is a mapping, and beside it; the mistakes of both."""
        found, stopped = Read(value), False
        try:
            if isinstance(verb.takes, Form):
                found = read_form(_FORMS[verb.name], value, self._names)
            elif isinstance(verb.takes, Looked):
                found = read_form(looks.look_form(value, verb.name), value, self._names)
        except Stop:
            stopped = True
        for name, each in beside.items():
            if name in found:
                each.fail(f"{name} is here twice", f"leave one of the two `{name}` out")
            try:
                found.values[name] = read(_ALLOWED[verb.name][name].kind, each, self._names)
                found.fields[name] = each
            except Stop:
                stopped = True
        if stopped:
            raise Stop
        return found

    def _capture(self, sections: list[Field]) -> None:
        """Also what could not be read has been named."""
        for section in sections:
            if section.node.kind == "mapping":
                self._names.captured.update(key.text for key in section.node.children[::2])

    # -- those that are made of others -------------------------------------------------------------------------------

    def _together(self, value: Field, _found: Read) -> Together:
        """Each branch knows what was named before, and what it names itself."""
        branches = []
        with Fork(self._names) as fork:
            for branch in value.items():
                if not branch.is_list:
                    branch.fail("a branch is a list of steps", "write [{…}, {…}], or steps on lines of their own")
                with fork.branch():
                    branches.append(tuple(self.steps(branch)))
        if len(branches) < 2:
            value.fail("two branches belong here, or more", "write a list of lists of steps")
        return Together(tuple(branches))

    def _repeat(self, value: Field) -> Iterator[Step]:
        found = read_form(_FORMS["repeat"], value, self._names)
        section = found.fields["steps"]
        failures = value.source.failures
        for number in range(1, found["times"] + 1):
            self._budget.spend(value)
            yield from self.steps(section.within(value.scope.with_values({ROUND: str(number)})))
            if value.source.failures > failures:
                raise Stop

    def _include(self, value: Field) -> list[Step]:
        if value.is_scalar:
            return self._included(value, None)
        found = read_form(_FORMS_OF_INCLUDE, value, self._names)
        return self._included(found.fields["file"], value.members()["with"][1] if "with" in found else None)

    def _included(self, name: Field, values: Field | None) -> list[Step]:
        part = self._library.part(name, self._stack)
        stack, self._stack = self._stack, (*self._stack, part.path)
        try:
            return self._of_part(part, name, values)
        finally:
            self._stack = stack

    def _of_part(self, part: Part, name: Field, values: Field | None) -> list[Step]:
        fields = part.document.known(PART.by_name)
        found = gather(fields, part.path, self._library, self._stack)
        mine = {} if values is None else given(values, part, found.variables)
        scope = evaluated(found.variables, mine, name.scope)
        for path, sections in found.sections.items():
            if path not in self.cast_of:
                self.cast_of.add(path)
                cast(self._names, {key: each.within(scope) for key, each in sections.items()})
        if "steps" not in fields:
            name.fail(f"{part.path} has no steps", "include it at the top of the file: `include: …` beside `steps`")
        return self.steps(fields["steps"].within(scope))


def _verb(step: Field, members: Mapping[str, tuple[Field, Field]]) -> Verb:
    verbs = [name for name in members if name not in MODIFIERS]
    bare = next((verb for verb in verbs if verb in VERBS and members[verb][1].is_empty), None)
    if bare is not None and len(verbs) > 1:
        members[bare][0].fail(f"nothing stands behind {bare}", "indent its fields further than the verb")
    for verb in verbs:
        if verb not in VERBS:
            remedy = _GONE.get(verb) or suggest(verb, [*VERBS, *MODIFIERS])
            members[verb][0].fail(f"unknown verb {members[verb][0].shown(verb)[1:-1]}", remedy)
    if len(verbs) > 1:
        step.fail(f"a step has one verb, this one has {', '.join(verbs)}", "begin each with a dash of its own")
    if not verbs:
        step.fail("a step has exactly one verb", f"verbs are: {', '.join(VERBS)}")
    return VERBS[verbs[0]]


def _why_no_message(verb: str, what: _What | None) -> str:
    if verb in ("text", "call") or (isinstance(what, Send | Api) and what.answer.status == NO_ANSWER):
        return NO_MESSAGE
    return SEVERAL_MESSAGES if isinstance(what, Send) and len(what.to) > 1 else ""


_FORMS_OF_INCLUDE = next(each for each in VERBS["include"].takes.of if isinstance(each, Form))  # type: ignore[union-attr]
_SEVERAL: Mapping[str, Callable[[StepReader, Field], Iterable[Step]]] = {
    "repeat": StepReader._repeat,
    "include": StepReader._include,
}
_OTHERS: Mapping[str, Callable[[StepReader, Field, Read], _What]] = {
    "advance": lambda _reader, value, _found: Advance(value.duration()),
    "expect": lambda reader, _value, found: looks.expect(reader._names, found),
    "never": lambda reader, _value, found: looks.never(reader._names, found),
    "expect_order": lambda reader, value, found: looks.expect_order(reader._names, value, found),
    "distance": lambda reader, _value, found: looks.distance(reader._names, found),
    "together": StepReader._together,
}
