"""The schema for editors says what the reader says: it takes every story, and refuses every unknown word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from harness.errors import ScenarioErrors
from harness.scenario import kinds
from harness.scenario.grammar import EXAMPLE_HEAD, EXAMPLE_PART, LOOKS, VERBS
from harness.scenario.schema import _MAKERS, part_schema, schema
from tests.scenario.files import HEAD, error_of
from tests.scenario.good_stories import STORIES, written
from tests.scenario.test_language import CASES
from tools.schema_files import FOLDER, files

STORY, PART = Draft202012Validator(schema()), Draft202012Validator(part_schema())
YAMLS = sorted(FOLDER.rglob("*.yaml"))


# PyYAML's own parser does not take `{text: Hi?}`; libyaml and editors do.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def loaded(text: str) -> list[Any]:
    """What a loader of YAML 1.1, the one that takes most liberties, makes of a file's documents."""
    return [each for each in yaml.load_all(text, Loader=_LOADER) if each is not None]


def mistakes(text: str, validator: Draft202012Validator = STORY) -> list[str]:
    return [error.message for document in loaded(text) for error in validator.iter_errors(document)]


def story(*steps: str) -> str:
    return HEAD + "".join(f"  - {step}\n" for step in steps)


@pytest.mark.parametrize("validator", [STORY, PART], ids=["story", "part"])
def test_the_schema_is_one(validator: Draft202012Validator) -> None:
    Draft202012Validator.check_schema(validator.schema)


@pytest.mark.parametrize("name", files())
def test_the_schema_in_the_repository_is_what_make_docs_writes(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == files()[name], "write it anew with make docs"


@pytest.mark.parametrize("path", YAMLS, ids=lambda path: path.name)
def test_every_shipped_file_fits_the_schema_that_its_first_line_names(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named is not None, "begin with # yaml-language-server: $schema=scenario.schema.json"
    kind = "part" if path.name.endswith(".part.yaml") else "scenario"
    assert (path.parent / named[1]).resolve() == FOLDER / f"{kind}.schema.json"
    assert mistakes(text, PART if kind == "part" else STORY) == []


@pytest.mark.parametrize("example", [each.example for each in (*VERBS.values(), *LOOKS.values())])
def test_every_example_fits(example: str) -> None:
    steps = "".join(f"  {line}\n" for line in example.splitlines())
    assert mistakes(f"scenario: s\n{EXAMPLE_HEAD}steps:\n{steps}") == []


def test_the_part_of_the_examples_fits() -> None:
    assert mistakes(EXAMPLE_PART, PART) == []


# Loaders merge; and they read nothing of a file that breaks off.
_OTHERWISE = ("a merge key", "several errors in one file")


def _unknown() -> Iterator[tuple[str, str]]:
    """The bad files with a word that is not there."""
    for name, content, shown in CASES:
        if re.search(r"unknown (key|verb)|(text|never|expect) takes no `", shown) and name not in _OTHERWISE:
            yield name, content.replace("@head\n", HEAD)


@pytest.mark.parametrize("content", [content for _, content in _unknown()], ids=[name for name, _ in _unknown()])
def test_a_file_with_an_unknown_word_is_refused_by_both(content: str) -> None:
    main, *parts = re.split(r"^@part .+\n", content, flags=re.MULTILINE)
    assert mistakes(main) + [each for part in parts for each in mistakes(part, PART)]


@pytest.mark.parametrize(
    ("step", "fits"),
    [
        ("send: {from: alice, to: bob, text: 1234}", True),
        ("send: {from: alice, to: bob, text: on}", True),
        ("send: {from: alice, to: bob, text: ~}", True),
        ("send: {from: alice, to: bob, text: [a]}", False),
        ("send: {from: alice, to: [bob, carol], text: hi}", True),
        ("send: {from: alice, text: hi}", False),
        ("send: {from: alice, to: bob, text: hi, sim: 3}", False),
        ('send: {from: alice, to: bob, text: hi, sim: "2"}', True),
        ('send: {from: alice, to: bob, text: hi, sim: "${sim}"}', True),
        ("send: {from: alice, to: bob, text: hi, encrypted: yes}", True),  # some loaders cannot tell it from true
        ("send: {from: alice, to: bob, text: hi, encrypted: maybe}", False),
        ("phone: {name: alice, radio: off}", True),
        ("phone: {name: alice, radio: 'off'}", True),
        ("phone: {name: alice, radio: half}", False),
        ("advance: 10m", True),
        ("advance: 10", False),
        ("advance: 10 m", False),
        ("advance: ${time}", True),
        ("expect: {message: m, status: deliverd}", False),
        ("expect: {sms: {to: bob, text: {contains: a}}, within: 5s}", True),
        ("expect: {sms: {to: bob, text: {contains: a, not: b}}}", False),
        ("expect: {webhook: message.phone.sent, status: sent}", False),
        ("never: {sms: {to: bob}, at_most: 3}", False),
        ("expect: {hop: phone, facts: {a: [1, {b: c}], d: {not: 1}}}", True),
        ("carrier: {lose: true}", True),
        ("carrier: {lose: 0}", False),
        ("carrier: {late: [1s, 2s]}", True),
        ("carrier: {late: [1s]}", False),
        ("carrier: {spam_block: {result: 38}}", True),
        ("carrier: {reports: none}", True),
        ("webhooks: {answer: hang}", True),
        ("webhooks: {answer: 99}", False),
        ("api: {path: /a, body: {a: [1, null]}}", True),
        ("together: [[{advance: 1s}], [{advance: 1s}]]", True),
        ("together: [[{advance: 1s}], [{advance: 1}]]", False),
        ("repeat: {times: 3, steps: [{advance: 1s}]}", True),
        ("repeat: {times: 3, steps: []}", False),
        ("include: a.part.yaml", True),
        ("include: {file: a.part.yaml, with: {code: 99}}", True),
        ("include: {with: {code: 99}}", False),
        ("{}", False),
        ("{advance: 1s, send: {from: alice, to: bob, text: hi}}", False),
    ],
)
def test_what_a_step_may_be_for_an_editor(step: str, fits: bool) -> None:
    assert (mistakes(story(step)) == []) is fits


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("phones: [alice]\n", True),
        ("phones: {alice: , carol: {android: 14}}\n", True),
        ("phones: {alice: {andriod: 14}}\n", False),
        ("phones: {alice: '+18005550101'}\ncontacts: {bob: '+18005550102'}\n", True),
        ("phones: {alice: +18005550101}\n", False),
        ("phones: {alice: {number: +18005550101}}\n", False),
        ("contacts: {bob: {rules: [echo, {reply: hi, after: 3s}]}}\n", True),
        ("contacts: {bob: {rules: [{replies: hi}]}}\n", False),
        ("tags: smoke\n", True),
        ("requires: dual-sim\n", True),
        ("requires: [warp]\n", False),
        ("breaks: [one-sms-per-send]\n", True),
        ("for_each: [{sim: 1, text: ~}]\n", True),
        ("for_each: []\n", False),
        ("variables: {a: 1, b: on}\n", True),
        ("gateway: {pace: instant}\n", True),
        ("gateway: {pace: fast}\n", False),
        ("include: [a, b]\n", True),
        ("author: me\n", False),
    ],
)
def test_what_a_section_may_be_for_an_editor(text: str, fits: bool) -> None:
    assert (mistakes(f"scenario: s\n{text}steps: [{{advance: 1s}}]\n") == []) is fits


@pytest.mark.parametrize("text", ["steps: [{advance: 1s}]\n", "scenario: s\n"])
def test_a_story_has_a_title_and_steps(text: str) -> None:
    assert mistakes(text)
    assert isinstance(error_of("a: b\n"), ScenarioErrors)


@given(STORIES)
def test_the_schema_takes_whatever_the_reader_takes(document: Any) -> None:
    text = written(document)
    if error_of(text) is None:
        assert mistakes(text) == []


def test_most_random_stories_have_no_mistake() -> None:
    found = {"good": 0, "bad": 0}

    @settings(max_examples=150, database=None, derandomize=True)
    @given(STORIES)
    def count(document: Any) -> None:
        found["good" if error_of(written(document)) is None else "bad"] += 1

    count()
    assert found["good"] > found["bad"]


def test_a_part_has_no_title() -> None:
    assert mistakes("scenario: s\nsteps: [{advance: 1s}]\n", PART)


def test_every_kind_has_a_schema() -> None:
    assert {*_MAKERS, kinds.Form} == set(kinds.Kind.__args__)  # type: ignore[attr-defined]


def test_every_field_is_described_with_what_may_stand_there() -> None:
    def properties(node: Any) -> Iterator[Any]:
        if isinstance(node, dict):
            yield from node.get("properties", {}).values()
            for each in node.values():
                yield from properties(each)
        elif isinstance(node, list):
            for each in node:
                yield from properties(each)

    found = list(properties(schema()))
    assert len(found) > 150
    assert all(each.get("description") for each in found)
