"""Fields become values by their kinds; all mistakes of a mapping are told."""

from __future__ import annotations

from typing import Any

import pytest

from harness.answers import Capture
from harness.deeds import Deed
from harness.delays import Fixed, LogNormal, Uniform
from harness.errors import ScenarioError, ScenarioErrors
from harness.instants import SECOND
from harness.late import Late
from harness.matchers import Contains, Equals
from harness.scenario import kinds
from harness.scenario.document import Field, documents
from harness.scenario.kinds import Form, Kind, Slot
from harness.scenario.people import Names
from harness.scenario.reading import _READERS, Read, read
from harness.scenario.source import Source

ONE_TWO = Form("f", (Slot("one", kinds.Whole(1, 9), "", True), Slot("two", kinds.Time(), "")))


def value(kind: Kind, content: str) -> Any:
    """What a reader makes of the value of `v: …`, or the problems that it reports."""
    source = Source("s.yaml")
    try:
        with source.whole():
            for document in documents(f"v: {content}\n".encode(), source):
                return read(kind, document.members()["v"][1], Names())
    except ScenarioErrors as several:
        return [error.problem for error in several.errors]
    except ScenarioError as one:
        return [one.problem]


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        (kinds.Writing(), "yes", "yes"),
        (kinds.Writing(), "${unique}", ["${unique} has no value before the story runs"]),
        (kinds.Writing(late=True), "${unique}", Late("${unique}")),
        (kinds.Title(), "a b", "a b"),
        (kinds.NewName(), "a b", "a b"),
        (kinds.Number(), '"+18005550101"', "+18005550101"),
        (kinds.Time(), "1500ms", 1_500_000_000),
        (kinds.Time(seconds=True), "1500ms", ["1500ms are no whole seconds"]),
        (kinds.Time(seconds=True), "0s", ["0s are no whole seconds"]),
        (kinds.Spread(), "3s", Fixed(3 * SECOND)),
        (kinds.Spread(), "[1s, 1s]", Uniform(SECOND, SECOND)),
        (kinds.Spread(), "{median: 1s, sigma: 1.5}", LogNormal(SECOND, 1.5)),
        (kinds.Spread(), "{median: 1s}", ["sigma is missing"]),
        (kinds.Spread(), "[2s, 1s]", ["two times belong here"]),
        (kinds.Whole(-2, 2), "-2", -2),
        (kinds.Whole(-2, 2), "-3", ["'-3' is no whole number from -2 to 2"]),
        (kinds.Percent(), "true", 100),
        (kinds.Percent(), "99", 99),
        (kinds.Percent(), "false", ["'false' is no whole number from 1 to 100"]),
        (kinds.Truth(), "true", True),
        (kinds.Word(("a", "b")), "b", "b"),
        (kinds.Pattern(), "'a+'", "a+"),
        (kinds.Pattern(), "'+'", ["'+' is no regular expression: nothing to repeat at position 0"]),
        (kinds.Secret(), "a", "a"),
        (kinds.Secret(late=True), "${unique}", Late("${unique}")),
        (kinds.Result(), "radio off", 2),
        (kinds.DeedLine(), "reboot", Deed("reboot")),
        (kinds.Match(), "{contains: a}", Contains("a")),
        (kinds.Match(typed=True), "[1]", Equals([1])),
        (kinds.Json(), "{a: [1, b]}", {"a": [1, "b"]}),
        (kinds.Listed(kinds.Whole(1, 2)), "[1, 2]", (1, 2)),
        (kinds.Listed(kinds.Whole(1, 2)), "1", ["a list belongs here"]),
        (kinds.Listed(kinds.Whole(1, 2), alone=True), "1", (1,)),
        (kinds.Listed(kinds.Whole(1, 2)), "[3, 1, 4]", [f"'{n}' is no whole number from 1 to 2" for n in (3, 4)]),
        (kinds.Table(kinds.Truth()), "{a: true, b c: false}", (("a", True), ("b c", False))),
        (kinds.Either((kinds.Word(("none",)), kinds.Whole(1, 2))), "none", "none"),
        (kinds.Either((kinds.Word(("none",)), kinds.Whole(1, 2))), "2", 2),
        (kinds.Either((kinds.Word(("none",)), kinds.Whole(1, 2))), "[2]", ["something else belongs here"]),
        (kinds.Either((kinds.Writing(), kinds.Listed(kinds.Writing()))), "[a]", ("a",)),
        (kinds.Captures(of_answer=True), "{a: b.0}", (Capture("a", "b.0"),)),
        (kinds.Captures(of_answer=False), "{a: b.0}", (Capture("a", pattern="b.0"),)),
        (kinds.Captures(of_answer=False), "{unique: a}", ["${unique} has a value by itself"]),
        (ONE_TWO, "{two: 1, one: 1, three: b}", ["'1' is no duration", "unknown key three"]),
        (ONE_TWO, "{two: 1s}", ["one is missing"]),
    ],
)
def test_a_field_is_read_by_its_kind(kind: Kind, content: str, expected: Any) -> None:
    found = value(kind, content)
    assert found == expected
    assert type(found) is type(expected)


def test_a_mapping_knows_what_was_there_and_where() -> None:
    found = value(ONE_TWO, "{one: 3}")
    assert isinstance(found, Read)
    assert ("one" in found, "two" in found, found["one"], found.get("two", 7)) == (True, False, 3, 7)
    assert found.fields["one"].node.column == 9
    assert found.at.node.column == 3


@pytest.mark.parametrize("kind", [kinds.People(ONE_TWO), kinds.Rows(), kinds.Looked(), kinds.Steps(), kinds.Branches()])
def test_what_others_read_stays_a_field(kind: Kind) -> None:
    assert isinstance(value(kind, "[a]"), Field)


def test_every_kind_can_be_read() -> None:
    assert set(_READERS) == set(kinds.Kind.__args__)  # type: ignore[attr-defined]
