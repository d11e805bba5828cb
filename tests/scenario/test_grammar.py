"""The table of the language: it is whole, and its examples can be read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.parties.receiver import SHOWN
from harness.report import as_text
from harness.scenario import grammar, kinds
from harness.scenario.grammar import EXAMPLE_HEAD, EXAMPLE_PART, LOOKS, MODIFIERS, PART, SCENARIO, VERBS
from harness.scenario.kinds import Form, Kind, Slot
from harness.scenario.plan import Scenario
from harness.testing import run_scenario
from tests.scenario.files import read


def story(example: str) -> Scenario:
    indented = "".join(f"  {line}\n" for line in example.splitlines())
    (found,) = read(f"scenario: s\n{EXAMPLE_HEAD}steps:\n{indented}", {"login.part.yaml": EXAMPLE_PART})
    return found


def forms(kind: Kind) -> Iterator[Form]:
    """Those in a kind, itself among them."""
    match kind:
        case Form():
            yield kind
            for slot in kind.slots:
                yield from forms(slot.kind)
        case kinds.Listed(of, _) | kinds.Table(of, _):
            yield from forms(of)
        case kinds.Either(of):
            for each in of:
                yield from forms(each)
        case kinds.People(settings):
            yield from forms(settings)
        case _:
            pass


ALL = [
    form
    for kind in (SCENARIO, PART, *(verb.takes for verb in VERBS.values()), *(look.form for look in LOOKS.values()))
    for form in forms(kind)
]
SLOTS: list[Slot] = [*MODIFIERS.values(), *(slot for form in ALL for slot in form.slots)]


@pytest.mark.parametrize("name", VERBS)
def test_the_example_of_a_verb_can_be_read(name: str) -> None:
    assert story(VERBS[name].example).steps
    assert f"- {name}:" in VERBS[name].example


@pytest.mark.parametrize("example", [each.example for each in (*VERBS.values(), *LOOKS.values())])
def test_what_an_example_says_comes_true(example: str) -> None:
    outcome = run_scenario(story(example))
    assert outcome.passed, as_text(outcome)


@pytest.mark.parametrize("name", LOOKS)
def test_the_example_of_a_look_can_be_read(name: str) -> None:
    assert story(LOOKS[name].example).steps
    assert name in LOOKS[name].example


@pytest.mark.parametrize("name", VERBS)
def test_a_modifier_stands_for_the_same_beside_every_verb(name: str) -> None:
    for slot in VERBS[name].modifiers:
        assert slot.name in MODIFIERS
        assert type(slot.kind) is type(MODIFIERS[slot.name].kind)


@pytest.mark.parametrize("name", VERBS)
def test_no_field_of_a_verb_is_named_like_a_modifier_that_may_stand_among_them(name: str) -> None:
    verb = VERBS[name]
    assert not {slot.name for slot in verb.fields} & {slot.name for slot in verb.inside}


def test_a_form_has_a_name_of_its_own_and_its_fields_once() -> None:
    by_name: dict[str, Form] = {}
    for form in ALL:
        assert by_name.setdefault(form.name, form) == form
        assert len(form.by_name) == len(form.slots)


def test_everything_is_described() -> None:
    assert all(slot.about and slot.words for slot in SLOTS)
    assert all(verb.about for verb in VERBS.values())


def test_whoever_writes_about_the_language_finds_its_fields() -> None:
    fields = {slot.name: slot for slot in VERBS["send"].fields}
    assert fields["from"].required
    assert fields["later"].words == "time"
    assert not VERBS["advance"].fields


@pytest.mark.parametrize("name", ["EVENTS", "HOOK_FACTS", "STATUSES", "OUTCOMES", "METHODS", "PLANS"])
def test_no_word_is_there_twice(name: str) -> None:
    words = getattr(grammar, name)
    assert len(words) == len(set(words))


def test_the_facts_of_a_webhook_are_those_that_its_receiver_writes_down() -> None:
    assert set(grammar.HOOK_FACTS) == {*SHOWN, "attachments", "verified"}
