"""Parts bring phones, contacts, variables and steps along; their mistakes are shown where they stand."""

from __future__ import annotations

import pytest

from harness.errors import ScenarioError
from harness.scenario import Scenario, Send, read_scenarios
from tests.scenario.files import error_of, read

PEOPLE = """\
variables: {greeting: Hello, text: "${greeting} there"}
phones: {alice: {encryption_key: "${pw}"}}
contacts: [bob]
"""
LOGIN = """\
include: people.part.yaml
variables: {pw: Default1, code: "1234"}
contacts: [carol]
steps:
  - send: {from: alice, to: bob, text: "${text}: ${code}"}
"""
PARTS = {"people.part.yaml": PEOPLE, "login.part.yaml": LOGIN}
STORY = "scenario: s\n{head}steps:\n{steps}"


def story(head: str, *lines: str, parts: dict[str, str] | None = None) -> Scenario:
    steps = "".join(f"  - {line}\n" for line in lines)
    (found,) = read(f"scenario: s\n{head}steps:\n{steps}", {**PARTS, **(parts or {})})
    return found


def texts(found: Scenario) -> list[str]:
    return [str(step.what.text) for step in found.steps if isinstance(step.what, Send)]


SEND = 'send: {from: alice, to: bob, text: "${text}"}'


@pytest.mark.parametrize(
    ("head", "lines", "sent", "key"),
    [
        # At the top: the cast and the variables; those of the story win, also in what the part makes of them.
        ("include: people.part.yaml\nvariables: {pw: Own1}\n", [SEND], ["Hello there"], "Own1"),
        ("include: [people.part.yaml]\nvariables: {pw: a, greeting: Hi}\n", [SEND], ["Hi there"], "a"),
        ("variables: {pw: a, text: Own}\ninclude: people.part.yaml\n", [SEND], ["Own"], "a"),
        ("include: login.part.yaml\n", [SEND], ["Hello there"], "Default1"),
        ("include: [login.part.yaml, people.part.yaml]\n", [SEND], ["Hello there"], "Default1"),
        # As a step: its steps, with its own variables before those of the story, and those that are given first.
        ("", ["include: login.part.yaml"], ["Hello there: 1234"], "Default1"),
        ("variables: {code: story}\n", ["include: login.part.yaml"], ["Hello there: 1234"], "Default1"),
        (
            "",
            ['include: {file: login.part.yaml, with: {code: "99", greeting: Hi}}', "include: login.part.yaml"],
            ["Hi there: 99", "Hello there: 1234"],
            "Default1",
        ),
        (
            "include: login.part.yaml\nvariables: {pw: a}\n",
            ["include: {file: login.part.yaml, with: {code: '${pw}'}}"],
            ["Hello there: a"],
            "a",
        ),
        (
            "",
            ["repeat: {times: 2, steps: [{include: {file: login.part.yaml, with: {code: '${round}'}}}]}"],
            ["Hello there: 1", "Hello there: 2"],
            "Default1",
        ),
        ("for_each: [{which: login}]\n", ["include: ${which}.part.yaml"], ["Hello there: 1234"], "Default1"),
    ],
)
def test_a_part_brings_along_what_it_has(head: str, lines: list[str], sent: list[str], key: str) -> None:
    found = story(head, *lines)
    assert texts(found) == sent
    assert [(phone.name, phone.encryption_key) for phone in found.phones] == [("alice", key)]
    assert {contact.name for contact in found.contacts} >= {"bob"}


def test_a_step_of_a_part_stands_in_the_part() -> None:
    (step,) = story("", "include: login.part.yaml").steps
    assert (step.place.path, step.place.line, step.place.column) == ("login.part.yaml", 5, 5)
    assert step.place.excerpt.startswith("  - send: {from: alice")


def test_names_are_relative_to_the_file_that_includes() -> None:
    asked: list[str] = []

    def part(path: str) -> bytes:
        asked.append(path)
        return {"a/b/one.yaml": b"include: ../two.yaml\nsteps: [{advance: 1s}]", "a/two.yaml": b"about: a"}[path]

    content = b"scenario: s\nsteps: [{include: b/one.yaml}, {include: ./b/one.yaml}]\n"
    (found,) = read_scenarios(content, "a/s.yaml", part)
    assert len(found.steps) == 2
    assert asked == ["a/b/one.yaml", "a/two.yaml"]  # each is read once


@pytest.mark.parametrize(
    ("include", "problem"),
    [
        ("nothing.yaml", "nothing.yaml: No such file or directory"),
        ('""', "'' is no file"),
        ('"a\\0b"', "'a\\x00b' is no file"),
        ("../.env", "'../.env' is no YAML file"),
        ("{a: b}", "a list belongs here"),
        ("[[a]]", "a text belongs here"),
        ("s.yaml", "s.yaml includes itself"),
        ("x/../s.yaml", "s.yaml includes itself"),
    ],
)
def test_what_cannot_be_included_is_told_at_its_place(include: str, problem: str) -> None:
    error = error_of(f"scenario: s\ninclude: {include}\nsteps: [{{advance: 1s}}]\n", PARTS)
    assert error is not None
    assert (error.problem, error.line) == (problem, 2)


def test_nothing_is_included_where_no_other_file_can_be_read() -> None:
    with pytest.raises(ScenarioError, match="no other file can be read from here"):
        read_scenarios(b"scenario: s\ninclude: a.yaml\nsteps: [{advance: 1s}]", "s.yaml")


def test_parts_of_parts_of_parts_end() -> None:
    parts = {f"{number}.yaml": f"include: {number + 1}.yaml\n" for number in range(100)}
    error = error_of("scenario: s\ninclude: 0.yaml\nsteps: [{advance: 1s}]\n", parts)
    assert error is not None
    assert (error.problem, error.path) == ("included too deeply", "19.yaml")


def test_the_pass_phrase_that_a_part_uses_is_hidden_in_the_story() -> None:
    part = "steps:\n  - send: {from: alice, to: bob, text: hi, encrypted: true, key: '${other}', sim: '${other}'}\n"
    text = (
        "scenario: s\ninclude: people.part.yaml\nvariables: {pw: Hidden1, x: [1]}\n"
        "steps:\n  - include: {file: a.yaml, with: {other: Hidden2, y: z}}\n"
        "  - include: {file: a.yaml, with: {other: Hidden2}}\n"
    )
    error = error_of(text, {**PARTS, "a.yaml": part})
    assert error is not None
    assert "a.yaml has no variable y" in str(error)
    assert "'${other}' is no whole number" in str(error)
    assert "Hidden" not in str(error)


@pytest.mark.parametrize(
    ("variables", "sent"),
    [
        ('{a: "${b}", b: "${c}", c: x}', "x"),
        ("{a: 1234}", "1234"),
        ('{a: ""}', ""),
        ('{a: "$$ $5"}', "$ $5"),
    ],
)
def test_variables_may_refer_to_each_other(variables: str, sent: str) -> None:
    found = story(
        f"include: people.part.yaml\nvariables: {{pw: a, v: {variables[1:-1]}}}\n".replace("v: ", ""),
        'send: {from: alice, to: bob, text: "${a}"}',
    )
    assert texts(found) == [sent]


def test_a_chain_of_variables_ends() -> None:
    chain = "".join(f'  a{number}: "${{a{number + 1}}}"\n' for number in range(50))
    error = error_of(f"scenario: s\nvariables:\n{chain}  a50: x\nsteps: [{{advance: 1s}}]\n")
    assert error is not None
    assert error.problem == "variables of variables of variables …"


def test_many_variables_take_no_time() -> None:
    """The time that it took grew with their square."""
    names = "".join(f"  v{number}: x\n" for number in range(20_000))
    assert error_of(f"scenario: s\nvariables:\n{names}steps: [{{advance: 1s}}]\n") is None


def test_a_value_that_only_the_run_knows_is_none_for_a_part() -> None:
    parts = {"a.yaml": 'steps:\n  - send: {from: alice, to: bob, text: "${x}"}\n'}
    error = error_of(
        "scenario: s\nphones: [alice]\ncontacts: [bob]\nsteps: [{include: {file: a.yaml, with: {x: '${unique}'}}}]\n",
        parts,
    )
    assert error is not None
    assert error.problem == "${unique} has no value before the story runs"
