"""What a file says becomes a plan, and whatever is wrong with it becomes an error that says where and what to do."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harness.adapters.scenario_files import read_part
from harness.capability import Capability
from harness.cast import ContactSpec, GatewaySpec, PhoneSpec
from harness.errors import ScenarioError, ScenarioErrors
from harness.instants import SECOND
from harness.scenario import Advance, Scenario, Send, read_scenarios
from harness.scenario.grammar import CARRIER_RULES, FAULTS, LOOKS, MODIFIERS, PART, SCENARIO, VERBS
from harness.scenario.kinds import Form
from harness.scenario.language import FIRST_NUMBER, ROWS_MAX
from tests.scenario.files import HEAD, error_of, read

SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").rglob("*.scenario.yaml"))
BAD_FILES = Path(__file__).with_name("bad_files.txt")

# -- plans ---------------------------------------------------------------------------------------------------------


def test_a_story_has_everything_that_it_names() -> None:
    (story,) = read(
        """\
# A comment
scenario: A story, with a comma
about: >
  Why it is told,
  at length
tags: [smoke, 2]
breaks: one-sms-per-send
skip: not yet
expect_failure: the server forgets
requires: dual-sim
gateway: {pace: instant, keep_rate: true, plan: pro-monthly}
phones:
  alice:
    number: "+1 (800) 555-0199"
    encryption_key: Password 123
    messages_per_minute: 60
    message_expiration: 10m
    max_send_attempts: 5
    second_number: "+18005550188"
    app: 5dab6f8-published
    oem: samsung-sleep
    operator: "28601"
    android: 14
  carol:
contacts: {bob: {number: "+4915112345678"}, dave: , erin: {}}
steps:
  - advance: 1s
"""
    )
    assert (story.name, story.tags, story.breaks) == ("A story, with a comma", ("smoke", "2"), ("one-sms-per-send",))
    assert (story.about, story.skip, story.expect_failure) == (
        "Why it is told, at length\n",
        "not yet",
        "the server forgets",
    )
    assert (story.requires, story.gateway) == ((Capability.DUAL_SIM,), GatewaySpec("instant", True, "pro-monthly"))
    assert story.phones == (
        PhoneSpec(
            "alice",
            "+18005550199",
            "Password 123",
            60,
            600,
            5,
            "+18005550188",
            "5dab6f8-published",
            "samsung-sleep",
            "28601",
            14,
        ),
        PhoneSpec("carol", "+18005550100"),
    )
    assert story.contacts == (
        ContactSpec("bob", "+4915112345678"),
        ContactSpec("dave", "+18005550101"),
        ContactSpec("erin", "+18005550102"),
    )
    assert (story.place.line, story.place.column) == (2, 1)


def test_numbers_by_rule_pass_over_those_that_are_taken() -> None:
    (story,) = read(
        """\
scenario: s
phones: {alice: , carol: {number: "+18005550101"}, erin: }
contacts: {bob: {number: "+18005550100"}, dave: }
steps: [{advance: 1s}]
"""
    )
    numbers = [spec.number for spec in story.phones] + [spec.number for spec in story.contacts]
    assert [int(number) - FIRST_NUMBER for number in numbers] == [2, 1, 3, 0, 4]


def test_a_file_has_a_story_a_document() -> None:
    story = "scenario: {}\nsteps: [{{advance: 1s}}]\n"
    content = "\ufeff---\n" + story.format("a") + "---\n---\n# nothing\n---\n" + story.format("b") + "...\n---\n"
    assert [story.name for story in read(content.replace("\n", "\r\n"))] == ["a", "b"]


def test_each_story_has_names_of_its_own() -> None:
    story = (
        "scenario: s\nphones: [alice]\ncontacts: [bob]\nsteps:\n  - send: {from: alice, to: bob, text: hi}\n    as: m\n"
    )
    one, two = read(f"{story}---\n{story}")
    assert one.steps[0].what == two.steps[0].what
    error = error_of(f"{story}---\nscenario: t\nsteps:\n  - expect: {{message: m, status: sent}}\n")
    assert error is not None
    assert error.problem == "no earlier step is named m"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_file_can_be_read(path: Path) -> None:
    assert read_scenarios(path.read_bytes(), str(path), read_part)


# -- tables --------------------------------------------------------------------------------------------------------


def table(rows: str, head: str = "") -> tuple[Scenario, ...]:
    return read(f"scenario: s\n{head}for_each:\n{rows}steps: [{{advance: '${{time}}'}}]\n")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("  - {time: 1s, carrier: A}\n  - {time: 2s, carrier: B}\n", ["time=1s, carrier=A", "time=2s, carrier=B"]),
        ("  - {name: slow, time: 1s}\n  - {name: quick, time: 2s}\n", ["slow", "quick"]),
        ('  - {time: 1s, text: ""}\n  - {time: 2s, text: "a\\nb"}\n', ["time=1s, text=''", "time=2s, text='a\\nb'"]),
        ("  - {time: 1s, key: Hidden1}\n  - {time: 1s, key: Hidden2}\n", ["row 1, time=1s", "row 2, time=1s"]),
        (f"  - {{time: 1s, text: {'x' * 99}}}\n", [f"time=1s, text={'x' * 59}…"]),
    ],
)
def test_each_row_is_a_story_of_its_own(rows: str, words: list[str]) -> None:
    stories = table(rows)
    assert [story.row for story in stories] == words
    assert [story.title for story in stories] == [f"s [{row}]" for row in words]
    assert [story.place.line for story in stories] == [3 + number for number in range(len(words))]
    assert all(isinstance(story.steps[0].what, Advance) for story in stories)


def test_a_row_comes_before_the_variables_and_may_use_them() -> None:
    stories = table("  - {time: 1s, o: a}\n  - {o: '${unit}', time: '3${unit}'}\n", "variables: {time: 2s, unit: s}\n")
    assert [story.steps[0].what for story in stories] == [Advance(SECOND), Advance(3 * SECOND)]
    stories = table("  - {time: 1s, other: a}\n  - {other: b}\n", "variables: {time: 2s}\n")
    assert [story.steps[0].what for story in stories] == [Advance(SECOND), Advance(2 * SECOND)]


def test_a_variable_may_be_made_of_a_row() -> None:
    stories = table("  - {n: 1}\n  - {n: 3}\n", "variables: {time: '${n}s'}\n")
    assert [story.steps[0].what for story in stories] == [Advance(SECOND), Advance(3 * SECOND)]


def test_everything_may_be_taken_from_a_row() -> None:
    (story,) = read(
        """\
scenario: About ${name}
about: $$5
for_each: [{name: x, number: "+18005550199", plan: free, tag: smoke, who: alice, pw: Hidden1, sim: 2, yes: "true"}]
tags: ["${tag}"]
gateway: {plan: "${plan}"}
phones: {alice: {number: "${number}", second_number: "+18005550188", encryption_key: "${pw}"}}
contacts: ["${name}-contact"]
steps:
  - send: {from: "${who}", to: "${name}-contact", text: "${name}", sim: "${sim}", encrypted: "${yes}"}
"""
    )
    assert (story.name, story.about, story.tags, story.gateway.plan) == ("About x", "$5", ("smoke",), "free")
    assert story.phones[0].number == "+18005550199"
    assert story.steps[0].what == Send("alice", ("x-contact",), "x", "Hidden1", sim=2)
    assert "Hidden" not in repr(story)


def test_so_many_rows_and_no_more() -> None:
    assert len(table("  - {time: 1s}\n" + "".join(f"  - {{time: {n}ms}}\n" for n in range(ROWS_MAX - 1)))) == ROWS_MAX
    error = error_of(
        f"scenario: s\nfor_each:{' [' + ','.join(['{a: 1}'] * (ROWS_MAX + 1)) + ']'}\nsteps: [{{advance: 1s}}]"
    )
    assert error is not None
    assert error.problem == f"a table of {ROWS_MAX + 1} rows"


def test_a_pass_phrase_is_in_no_excerpt_of_a_plan() -> None:
    (story,) = read(
        "scenario: s\nphones: {alice: {encryption_key: Hidden1}}\ncontacts: [bob]\nsteps:\n"
        "  - send: {from: alice, to: bob, text: hi, encrypted: true, key: Hidden2}\n"
    )
    assert isinstance(story.steps[0].what, Send)
    assert story.steps[0].what.key == "Hidden2"
    assert story.steps[0].place.excerpt.endswith("key: *******}")
    assert "Hidden" not in repr(story)


# -- errors --------------------------------------------------------------------------------------------------------

# Name, file, error: as they stand in bad_files.txt. GOLDEN=write writes the errors anew, to be read as a diff.
_CASE = re.compile(r"^#### (.+)\n((?:(?!####).*\n)*)####\n((?:(?!####).*\n)*)", re.MULTILINE)
CASES = [(match[1], match[2], match[3]) for match in _CASE.finditer(BAD_FILES.read_text(encoding="utf-8"))]


def _shown(content: str) -> str:
    text, *rest = re.split(r"^@part (.+)\n", content.replace("@head\n", HEAD), flags=re.MULTILINE)
    error = error_of(text, dict(zip(rest[::2], rest[1::2], strict=True)))
    return "" if error is None else f"{error}\n"


@pytest.mark.parametrize(("content", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_mistake_is_shown_at_its_place_with_what_to_do(content: str, expected: str) -> None:
    assert _shown(content) == expected


def test_the_list_of_mistakes_is_whole() -> None:
    text = BAD_FILES.read_text(encoding="utf-8")
    if os.environ.get("GOLDEN") == "write":
        head, newline, _ = text.partition("\n#### ")
        cases = [f"#### {name}\n{content}####\n{_shown(content)}" for name, content, _ in CASES]
        BAD_FILES.write_text(head + newline[:1] + "".join(cases), encoding="utf-8")
    assert len(CASES) == text.count("#### ") == len({name for name, _, _ in CASES})
    assert text.startswith(f"@head stands for these four lines:\n{HEAD}")


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"scenario: caf\xe9\n", "s.yaml:1:14: byte 0xe9 is not UTF-8\n  scenario: caf\ufffd\n               ^\n"),
        (b"a: b\r\nc: \x07d\r\n", "s.yaml:2:4: the character U+0007 has no place in YAML\n  c: \ufffdd\n     ^\n"),
        (b"key: Password\xe9\n", "s.yaml:1:14: byte 0xe9 is not UTF-8\n  key: *********\n               ^\n"),
        (b"a: \xe6\x9e\x97\xe9\n", "s.yaml:1:5: byte 0xe9 is not UTF-8\n  a: 林\ufffd\n       ^\n"),
        (
            HEAD.encode().replace(b"\n", b"\r\n") + b"  - sned: {}\r\n",
            "s.yaml:5:5: unknown verb sned\n    - sned: {}\n",
        ),
        (b"\xef\xbb\xbfscenaro: s\nsteps: [{advance: 1s}]\n", "s.yaml:1:1: unknown key scenaro\n  scenaro: s\n  ^\n"),
    ],
    ids=["latin-1", "control", "secret", "wide", "crlf", "bom"],
)
def test_a_mistake_in_the_bytes_is_shown_at_its_place_too(content: bytes, shown: str) -> None:
    assert str(error_of(content)).startswith(shown)


def test_the_caret_of_a_long_line_stands_below_its_place() -> None:
    text = "x" * 500
    error = error_of(HEAD + f"  - send: {{from: alice, to: bob, text: {text}, txt: {text}}}\n")
    assert isinstance(error, ScenarioError)
    assert error.column == 542
    _, excerpt, caret, remedy = str(error).splitlines()
    assert len(excerpt) <= 122
    assert excerpt[caret.index("^") :].startswith("txt: xxx")
    assert remedy == "  did you mean text?"


def test_all_mistakes_of_a_file_are_told_at_once_up_to_a_limit() -> None:
    error = error_of("scenario: s\nsteps:\n" + "  - advance: x\n" * 300)
    assert isinstance(error, ScenarioErrors)
    assert [one.line for one in error.errors] == list(range(3, 103))
    assert str(error).count("is no duration") == 10
    assert str(error).endswith("and 90 more in s.yaml")


# -- anything at all -----------------------------------------------------------------------------------------------


def _words() -> list[str]:
    forms = [SCENARIO, PART, *(look.form for look in LOOKS.values())]
    forms += [verb.takes for verb in VERBS.values() if isinstance(verb.takes, Form)]
    return sorted({*VERBS, *MODIFIERS, *FAULTS, *CARRIER_RULES, *(slot.name for form in forms for slot in form.slots)})


WORDS = _words()
SCALARS = [
    *(
        "alice",
        "bob",
        "m",
        "true",
        "1s",
        "1",
        "0",
        "-1",
        '"+18005550199"',
        "one-sms-per-send",
        "sent",
        "present",
        "all",
    ),
    *('"${a}"', '"${unique}"', '"$$"', "p.part.yaml", "NO_SERVICE", "lose network", "echo", "'('", "~", '""', "/v1/a"),
]
PIECES = st.sampled_from(
    [
        *WORDS,
        *SCALARS,
        *(":", ": ", " ", "  ", "\n", "\n  ", "\n    ", "- ", "{", "}", "[", "]", ",", '"', "'", "|", ">", "#", "?"),
        *("&a ", "*a", "!!str ", "!x", "<<", "---\n", "...\n", "%YAML 1.1\n", "\t", "\r\n", "\ufeff", "é", "😀", "\0"),
        *("${", "$", "${a", "not", "contains", "one_of"),
    ]
)
PART_TEXT = "variables: {a: b}\ncontacts: [dora]\nsteps:\n  - send: {from: alice, to: dora, text: '${a}'}\n"


def only_scenario_errors(content: bytes) -> None:
    error = error_of(content, {"p.part.yaml": PART_TEXT, "s.yaml": content})
    if error is not None:
        assert error.line >= 1
        assert error.column >= 1
        str(error).encode()


@given(st.binary())
def test_any_bytes_are_a_story_or_a_scenario_error(content: bytes) -> None:
    only_scenario_errors(content)


@given(st.text())
def test_any_text_is_a_story_or_a_scenario_error(content: str) -> None:
    only_scenario_errors(content.encode())


@given(st.lists(PIECES, max_size=60).map("".join))
def test_anything_made_of_the_words_is_a_story_or_a_scenario_error(content: str) -> None:
    only_scenario_errors(content.encode())
    only_scenario_errors((HEAD + "  - " + content).encode())


LEAVES = st.sampled_from([yaml.safe_load(text) for text in SCALARS] + [None, 1.5, True, "x" * 70])
KEYS = st.sampled_from(WORDS) | st.sampled_from(["a", "alice", "bob", "not", "contains", "status", "1"])
TREES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=30
)


def shaped(verb: str) -> st.SearchStrategy[Any]:
    """A step of this verb whose fields are its own, and whose values are anything."""
    takes = VERBS[verb].takes
    names = [slot.name for slot in takes.slots] if isinstance(takes, Form) else [*LOOKS, "to", "text", "file", "with"]
    behind = st.dictionaries(st.sampled_from(names), TREES, max_size=5) | TREES
    beside = st.dictionaries(st.sampled_from(list(MODIFIERS)), TREES, max_size=2)
    return st.builds(lambda value, more: {verb: value, **more}, behind, beside)


STEPS = st.sampled_from(list(VERBS)).flatmap(shaped)
STORIES = st.builds(
    lambda sections, steps: {
        "scenario": "s",
        "phones": {"alice": {"encryption_key": "Pw1"}},
        "contacts": ["bob"],
        "variables": {"a": "b"},
        **sections,
        "steps": steps,
    },
    st.dictionaries(st.sampled_from(list(SCENARIO.by_name)), TREES, max_size=3),
    st.lists(STEPS, max_size=4),
)


@given(TREES)
def test_any_tree_is_a_story_or_a_scenario_error(tree: Any) -> None:
    only_scenario_errors(yaml.safe_dump(tree).encode())


@given(STORIES)
def test_any_step_is_a_story_or_a_scenario_error(story: Any) -> None:
    only_scenario_errors(yaml.safe_dump(story, sort_keys=False).encode())


@given(st.sampled_from(SHIPPED), st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 9), PIECES), max_size=4))
def test_a_shipped_file_with_mistakes_is_a_story_or_a_scenario_error(
    path: Path, edits: list[tuple[int, int, str]]
) -> None:
    text = path.read_text(encoding="utf-8")
    for start, length, piece in edits:
        text = text[:start] + piece + text[start + length :]
    only_scenario_errors(text.encode())
