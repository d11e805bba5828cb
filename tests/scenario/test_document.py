"""Every value reads itself by the rules of its kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from harness.errors import ScenarioError, ScenarioErrors
from harness.instants import MS, SECOND
from harness.late import Late
from harness.scenario.document import Field, documents, nearest, suggest
from harness.scenario.source import FILLED_MAX, Source
from harness.scenario.variables import Scope

Reader = Callable[[Field], Any]


def read(content: str, reader: Reader) -> Any:
    """What a reader makes of the value of `v: …`, or the problem that it reports."""
    source = Source("s.yaml")
    try:
        with source.whole():
            for document in documents(f"v: {content}\n".encode(), source):
                return reader(document.members()["v"][1])
    except ScenarioErrors as several:
        return [error.problem for error in several.errors]
    except ScenarioError as one:
        return [one.problem]


MISSING = ["the value is missing"]
NO_TEXT = ["a text belongs here"]

TEXTS = [
    # What YAML would turn into something else stays as it is written.
    ("yes", "yes"),
    ("on", "on"),
    ("1234", "1234"),
    ("0o17", "0o17"),
    ("1e3", "1e3"),
    ("null", "null"),
    ("~", "~"),
    (".inf", ".inf"),
    ("2026-01-01", "2026-01-01"),
    ("1_000", "1_000"),
    ("12:30:00", "12:30:00"),
    ("=", "="),
    ("<<", "<<"),
    ("+18005550199", "+18005550199"),
    ("'yes'", "yes"),
    ('""', ""),
    ("''", ""),
    ("|\n  two\n  lines\n", "two\nlines\n"),
    ('"\\0"', "\0"),
    ("", MISSING),
    ("# nothing", MISSING),
    ("[a]", NO_TEXT),
    ("{a: b}", NO_TEXT),
]
NAMES = [
    ("alice", "alice"),
    ("Alice B. Smith-2", "Alice B. Smith-2"),
    ("123", "123"),
    ("林", "林"),
    ("a" * 64, "a" * 64),
    ("", MISSING),
    ('""', ["'' is no name"]),
    ('" a"', ["' a' is no name"]),
    ('"a "', ["'a ' is no name"]),
    ("a/b", ["'a/b' is no name"]),
    ("'@a'", ["'@a' is no name"]),
    ('"a\\nb"', ["'a\\nb' is no name"]),
    ("a" * 65, ["'" + "a" * 59 + "…' is no name"]),
    ("[a]", NO_TEXT),
]
LINES = [
    ("A story: no", ["broken YAML: mapping values are not allowed in this context"]),
    ('"A story: yes"', "A story: yes"),
    ("Grüße 😀", "Grüße 😀"),
    ("", MISSING),
    ('" "', ["a text for people belongs here"]),
    ('"a\\tb"', ["nobody sees the character U+0009"]),
    ('"a\\e[31m"', ["nobody sees the character U+001B"]),
]
NUMBERS = [
    ('"+18005550199"', "+18005550199"),
    ("'+1 (800) 555-0199'", "+18005550199"),
    ("+18005550199", ["a number without quotes"]),
    ("18005550199", ["'18005550199' is not an E.164 number"]),
    ("", MISSING),
    ('""', ["'' is not an E.164 number"]),
    ('"8005550199"', ["'8005550199' is not an E.164 number"]),
    ('"bob"', ["'bob' is not an E.164 number"]),
    ('["+18005550199"]', NO_TEXT),
]
DURATIONS = [
    ("500ms", 500 * MS),
    ("5s", 5 * SECOND),
    ("'5s'", 5 * SECOND),
    ("10m", 600 * SECOND),
    ("2h", 7200 * SECOND),
    ("1d", 86400 * SECOND),
    ("366d", 366 * 86400 * SECOND),
    ("0s", 0),
    ("1.5s", 1500 * MS),
    ("0.1ms", 100_000),
    ("", MISSING),
    ("5", ["'5' is no duration"]),
    ("5 s", ["'5 s' is no duration"]),
    ("-5s", ["'-5s' is no duration"]),
    ("+5s", ["'+5s' is no duration"]),
    ("5S", ["'5S' is no duration"]),
    ("5s5ms", ["'5s5ms' is no duration"]),
    (".5s", ["'.5s' is no duration"]),
    ("1e3s", ["'1e3s' is no duration"]),
    ("٥s", ["'٥s' is no duration"]),
    ("367d", ["367d is too long"]),
    ("999999999999d", ["999999999999d is too long"]),
    ("9999999999999d", ["'9999999999999d' is no duration"]),
    ("[5s]", NO_TEXT),
]
INTEGERS = [
    ("1", 1),
    ("'5'", 5),
    ("05", 5),
    ("0", ["'0' is no whole number from 1 to 5"]),
    ("6", ["'6' is no whole number from 1 to 5"]),
    ("1.0", ["'1.0' is no whole number from 1 to 5"]),
    ("0x1", ["'0x1' is no whole number from 1 to 5"]),
    ("-1", ["'-1' is no whole number from 1 to 5"]),
    ("--1", ["'--1' is no whole number from 1 to 5"]),
    ("٣", ["'٣' is no whole number from 1 to 5"]),
    ("1" * 5000, ["'" + "1" * 59 + "…' is no whole number from 1 to 5"]),
    ("", MISSING),
]
FLAGS = [
    ("true", True),
    ("false", False),
    ("'true'", True),
    ("yes", ["unknown word 'yes'"]),
    ("True", ["unknown word 'True'"]),
    ("1", ["unknown word '1'"]),
    ("", MISSING),
]
WORDS = [("on", "on"), ("'off'", "off"), ("of", ["unknown word 'of'"]), ("", MISSING), ("[on]", NO_TEXT)]

READERS: dict[str, tuple[Reader, list[tuple[str, Any]]]] = {
    "text": (Field.text, TEXTS),
    "name": (Field.name, NAMES),
    "line": (Field.line, LINES),
    "number": (Field.number, NUMBERS),
    "duration": (Field.duration, DURATIONS),
    "integer": (lambda field: field.integer(1, 5), INTEGERS),
    "flag": (Field.flag, FLAGS),
    "word": (lambda field: field.one_of(("on", "off")), WORDS),
}


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [(kind, content, expected) for kind, (_, cases) in READERS.items() for content, expected in cases],
)
def test_a_value_is_read_by_the_rules_of_its_kind(kind: str, content: str, expected: Any) -> None:
    found = read(content, READERS[kind][0])
    assert found == expected
    assert type(found) is type(expected)


# -- shapes --------------------------------------------------------------------------------------------------------


def names(fields: dict[str, Field]) -> dict[str, str]:
    return {name: value.node.text for name, value in fields.items()}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{to: bob, text: hi}", {"to": "bob", "text": "hi"}),
        ("{to: bob}", {"to": "bob"}),
        ("{text: hi}", ["to is missing"]),
        ("{to: bob, txet: hi}", ["unknown key txet"]),
        ("{tox: bob}", ["unknown key tox"]),  # meant is the one that is missing
        ("{zzz: bob}", ["to is missing", "unknown key zzz"]),
        ("{to: bob, not_text: no}", ["unknown key not_text"]),
        ("{to: bob, aaa: 1, bbb: 2}", ["unknown key aaa", "unknown key bbb"]),
        ("{to: bob, to: bob}", ["to is here twice"]),
        ("{}", ["to is missing"]),
        ("[to]", ["a mapping belongs here"]),
        ("to", ["a mapping belongs here"]),
        ("", ["a mapping belongs here"]),
        ("{[a]: b}", ["a text belongs here"]),
    ],
)
def test_a_mapping_has_known_keys_each_once(content: str, expected: Any) -> None:
    assert read(content, lambda field: names(field.known(("to", "text"), ("to",)))) == expected


def test_sifting_reports_unknown_keys_and_reads_on() -> None:
    def sift(field: Field) -> Any:
        field.report(str(names(field.sifted(("to", "text"), ("to",)))))

    assert read("{to: bob, zzz: 1}", sift) == ["{'to': 'bob'}", "unknown key zzz"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [("[a, b]", ["a", "b"]), ("[]", []), ("a", ["a list belongs here"]), ("{a: b}", ["a list belongs here"])],
)
def test_a_list_has_items(content: str, expected: list[str]) -> None:
    assert read(content, lambda field: [item.text() for item in field.items()]) == expected


def test_a_field_knows_its_place() -> None:
    place = read("[a, b]", lambda field: list(field.items())[1].place)
    assert (place.path, place.line, place.column, place.excerpt, str(place)) == (
        "s.yaml",
        1,
        8,
        "v: [a, b]",
        "s.yaml:1",
    )


@pytest.mark.parametrize(
    ("word", "known", "remedy"),
    [
        ("sned", ["send", "text"], "did you mean send?"),
        ("zzz", ["send", "text"], "known are: send, text"),
        ("", ["send"], "known are: send"),
    ],
)
def test_the_nearest_word_is_suggested(word: str, known: list[str], remedy: str) -> None:
    assert suggest(word, known) == remedy


def test_a_word_that_is_long_is_compared_with_none() -> None:
    assert nearest("send" * 100, ["send" * 100]) is None


# -- variables -----------------------------------------------------------------------------------------------------

SCOPE = Scope({"who": "bob", "time": "5s", "digits": "12", "empty": "", "on": "on"}, {"code"})


@pytest.mark.parametrize(
    ("content", "reader", "expected"),
    [
        ('"Hi ${who}"', Field.text, "Hi bob"),
        ("Hi ${who}", Field.text, "Hi bob"),
        ("${empty}", Field.text, ""),
        ("$ 5, $$ 6, $who", Field.text, "$ 5, $ 6, $who"),
        ("$${who}", Field.text, "${who}"),
        ("${who}", Field.name, "bob"),
        ("${time}", Field.duration, 5 * SECOND),
        ("${digits}", lambda field: field.integer(1, 20), 12),
        ("${on}", lambda field: field.one_of(("on", "off")), "on"),
        ("${who} and ${code}", Field.words, Late("bob and ${code}")),
        ("${unique} ${unique.other}", Field.words, Late("${unique} ${unique.other}")),
        ("${who}", Field.words, "bob"),
        ("${code}", Field.text, ["${code} has no value before the story runs"]),
        ("${unique}", Field.duration, ["${unique} has no value before the story runs"]),
        ("${cod}", Field.words, ["nothing is named cod"]),
        ("${}", Field.words, ["no name between the braces"]),
        ("${who}", Field.duration, ["'bob' is no duration"]),
    ],
)
def test_variables_are_put_in(content: str, reader: Reader, expected: Any) -> None:
    assert read(content, lambda field: reader(field.within(SCOPE))) == expected


def test_a_key_is_as_it_is_written() -> None:
    assert list(read("{'${who}': a}", lambda field: field.within(SCOPE).members())) == ["${who}"]


def test_more_text_than_a_reader_can_want_is_refused() -> None:
    scope = Scope({"a": "x" * (FILLED_MAX // 4)})
    assert read("${a}${a}${a}${a}", lambda field: len(field.within(scope).text())) == FILLED_MAX
    problem = read("${a}${a}${a}${a}${a}", lambda field: field.within(scope).text())
    assert problem == ["too much text comes of the variables"]


def test_what_a_pass_phrase_is_taken_from_is_not_told() -> None:
    def reader(field: Field) -> int:
        field.source.secret_names.add("who")
        return field.within(SCOPE).duration()

    assert read("${who}", reader) == ["'${who}' is no duration"]
