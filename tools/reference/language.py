"""The words of scenario files, from the table of the language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.deeds import help_lines
from harness.fault_words import FAULTS
from harness.scenario import grammar
from harness.scenario.kinds import (
    CAPTURE_OF_ANSWER,
    CAPTURE_OF_LOOK,
    Captures,
    Either,
    Form,
    Kind,
    Listed,
    Match,
    People,
    Slot,
    Spread,
    Table,
    Word,
    words,
)
from tools.reference.markdown import code, fence, page, sentence, table

__all__ = ["scenarios"]

_HEAD = """\
# The words of scenarios

A file ends in `.scenario.yaml` and has one story or more, each a YAML document. `httpsms-harness schema` prints all
this as JSON Schema, for editors. [Write scenarios](../how-to/scenarios.md) shows it in use;
[Stories in Python](python.md) have the same words.

The examples below go with these people:
"""
_VALUES = """\
## Values

| written | means |
| --- | --- |
| `500ms`, `5s`, `10m`, `2h`, `1d` | a time; never without its unit |
| `"+18005550199"` | a phone number: always in quotes |
| `after: 3s` | always three seconds |
| `after: [1s, 5s]` | anything between, equally likely |
| `after: {median: 3s, sigma: 1.0}` | log-normal: half of them are longer than the median |
| `text: Hello` | this text |
| `text: {not: Hello}` | anything else |
| `text: {contains: code}` | a text with that in it |
| `text: {matches: '\\d{4}'}` | a text in which this regular expression is found |
| `text: {one_of: [Hello, Hi]}` | one of these |
| `present`, `absent` | there, whatever it is; not there. In quotes they are texts. |
| `${name}` | a variable, a column of `for_each`, a value that was captured |
| `${round}` | in `repeat`: which round it is, from 1 |
| `${unique}`, `${unique.NAME}` | eight letters and digits, drawn from the seed: the same when the story is repeated |
| `$$` | a dollar sign |

In the JSON of `body` and in `facts` numbers, `true`, `false` and `null` without quotes are those of JSON. Everywhere
else every value is a text.
"""
_STEPS = """\
A step is one verb with its fields. Of what stands beside it, all but `as` may stand among its fields as well.
"""
# Forms that have a section of their own: what is in them is not told where they may stand.
_SECTIONS = (
    ("A phone", "Behind its name in `phones`.", grammar.PHONE),
    ("A contact", "Behind its name in `contacts`.", grammar.CONTACT),
    ("A contact's rule", "In `rules`, one in each entry.", grammar.CONTACT_RULE),
    ("The gateway of a story", "Behind `gateway`, where people and tags stand.", grammar.GATEWAY),
)
_TOLD = [form for _, _, form in _SECTIONS]
# Lists of words that have a page.
_LISTS = {
    "requires": "[capabilities](targets.md#capabilities)",
    "breaks": "[rules](invariants.md)",
    "rules": "[rules](#a-contacts-rule); `echo`, `reads_codes`, `opts_out` and `calls_back` may stand alone",
    "do": "[words](#what-can-be-done-to-a-phone)",
}


def scenarios() -> str:
    return page(
        [_HEAD, *fence("yaml", grammar.EXAMPLE_HEAD)],
        ["## A story", *_fields(grammar.SCENARIO.slots)],
        ["A *part*, which `include` names, has some of them and no `scenario`:", *_fields(grammar.PART.slots)],
        *([f"## {title}", "", where, *_fields(form.slots)] for title, where, form in _SECTIONS),
        [_VALUES],
        ["## Steps", "", _STEPS],
        *(_verb(verb) for verb in grammar.VERBS.values()),
        ["## What is looked for", "", "Behind `expect` and `never`, and in the list of `expect_order`."],
        *(_look(look) for look in grammar.LOOKS.values()),
        _faults(),
        _deeds(),
    )


def _verb(verb: grammar.Verb) -> Iterator[str]:
    yield from (f"### {verb.name}", "", sentence(verb.about), *fence("yaml", verb.example))
    if verb.fields:
        yield from _fields(verb.fields)
    else:
        yield sentence(f"takes {words(verb.takes)}")
    if verb.modifiers:
        yield from ("", "Beside it:", *_fields(verb.modifiers))


def _look(look: grammar.Look) -> list[str]:
    return [f"### {look.name}:", "", sentence(look.about), *fence("yaml", look.example), *_fields(look.fields)]


def _fields(slots: Iterable[Slot]) -> list[str]:
    return table(("field", "is", "means"), (row for slot in slots for row in _rows(slot, "")))


def _rows(slot: Slot, prefix: str) -> Iterator[tuple[str, str, str]]:
    """A field, and those within it."""
    name = f"{prefix}{slot.name}"
    required = " **Must be there.**" if slot.required else ""
    yield code(name), _LISTS.get(slot.name, _words(slot.kind)), sentence(slot.about) + required
    for form in _forms(slot.kind):
        for inner in form.slots:
            yield from _rows(inner, f"{name}.")


def _forms(kind: Kind) -> Iterator[Form]:
    match kind:
        case Form() if kind not in _TOLD:
            yield kind
        case Listed(of):
            yield from _forms(of)
        case Either(of):
            yield from (form for each in of for form in _forms(each))
        case Captures(of_answer):
            yield CAPTURE_OF_ANSWER if of_answer else CAPTURE_OF_LOOK
        case _:
            return


def _words(kind: Kind) -> str:
    match kind:
        case Word(choices):
            return ", ".join(map(code, choices))
        case Either(of):
            return "; or ".join(map(_words, of))
        case Form():
            return "fields" if kind not in _TOLD else "[fields](#the-gateway-of-a-story)"
        case Listed(of, alone):
            return f"{_words(of)}, or a list" if alone else f"list of {_words(of)}"
        case Match():
            return "[value](#values)"
        case Table(of, names):
            return f"{names}s, and {_words(of)} behind each"
        case Spread():
            return "[time](#values)"
        case Captures():
            return f"{words(kind)}, or fields"
        case People(settings):
            title = next(title for title, _, form in _SECTIONS if form == settings)
            return f"list of names, or a number or [settings](#{title.lower().replace(' ', '-')}) behind each"
        case _:
            return words(kind)


def _faults() -> list[str]:
    rows = [
        (
            code(name),
            ", ".join(map(code, shape.fields)),
            "once" if shape.once else "until it is ended",
            sentence(shape.description),
        )
        for name, shape in FAULTS.items()
    ]
    return [
        "## Faults", "", "Behind `network: {fault: …}`.",
        *table(("fault", "takes", "without `times`", "does"), rows),
    ]  # fmt: skip


def _deeds() -> list[str]:
    return [
        "## What can be done to a phone", "",
        "Behind `phone: {name: …, do: …}`, in Python with `do(…)`, and typed into the terminal of the command `phone`.",
        *table(("words", "mean"), map(_deed, help_lines())),
    ]  # fmt: skip


def _deed(line: str) -> tuple[str, str]:
    """A line of the help of `phone`: words, two spaces at least, and what they mean."""
    words, _, meaning = line.partition("  ")
    return code(words), sentence(meaning.strip())
