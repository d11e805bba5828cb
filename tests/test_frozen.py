"""harness.frozen: values that compare, hash and show themselves as frozen dataclasses do."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.frozen import frozen


@frozen
class Point:
    """A place."""

    x: int
    y: int = 0
    secret: str = field(default="", repr=False)
    note: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Twin:
    x: int
    y: int = 0
    secret: str = field(default="", repr=False)
    note: str = field(default="", compare=False)


@frozen
class Nothing:
    pass


@frozen
class Other:
    x: int
    y: int = 0


FACTS = st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from("ab"), st.sampled_from("ab"))


@given(FACTS, FACTS)
def test_it_behaves_as_a_frozen_dataclass_does(one: tuple[int, int, str, str], two: tuple[int, int, str, str]) -> None:
    assert (Point(*one) == Point(*two)) is (Twin(*one) == Twin(*two))
    assert (hash(Point(*one)) == hash(Point(*two))) is (hash(Twin(*one)) == hash(Twin(*two)))
    assert repr(Point(*one)) == repr(Twin(*one)).replace("Twin", "Point")
    assert [known.name for known in fields(Point)] == [known.name for known in fields(Twin)]
    assert replace(Point(*one), x=9) == Point(9, *one[1:])


def test_a_value_equals_no_value_of_another_class() -> None:
    assert Point(1) != Other(1)
    assert Point(1) != (1, 0)
    assert Nothing() == Nothing() != Point(1)
    assert len({Nothing(), Nothing()}) == 1


def test_what_shows_itself_otherwise_does_so() -> None:
    @frozen
    class Shy:
        key: str

        def __repr__(self) -> str:
            return "Shy"

    assert repr(Shy("x")) == "Shy"


def test_a_field_that_there_is_not_cannot_be_set() -> None:
    with pytest.raises(AttributeError):
        Point(1).z = 2  # type: ignore[attr-defined]


def test_match_takes_it_apart() -> None:
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)


@frozen
class Line(Point):
    """Its fields come after those of `Point`."""

    KIND: ClassVar[str] = "line"

    marks: list[str] = field(default_factory=list)
    length: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", abs(self.x - self.y))


def test_fields_are_inherited_made_anew_and_worked_out_as_in_a_dataclass() -> None:
    one, two = Line(1, 5), Line(1, y=5)
    one.marks.append("a")
    assert (one.length, two.marks, Line.KIND) == (4, [], "line")
    assert [known.name for known in fields(one)] == ["x", "y", "secret", "note", "marks", "length"]
    assert Line.__match_args__ == ("x", "y", "secret", "note", "marks")
    assert replace(one, y=1).length == 0
    assert pickle.loads(pickle.dumps(two)) == two


def test_a_class_is_a_dataclass_before_it_has_a_value() -> None:
    @frozen
    class Fresh:
        a: int = 1

    assert is_dataclass(Fresh)
    assert [(known.name, known.type, known.default) for known in fields(Fresh)] == [("a", "int", 1)]
    assert Fresh() == replace(Fresh(2), a=1)


@pytest.mark.parametrize(
    ("values", "named", "why"),
    [((), {}, "missing 1 required"), ((1, 2, "", "", 5), {}, "positional argument"), ((1,), {"z": 2}, "unexpected")],
)
def test_a_wrong_call_is_refused_as_by_any_function(values: Any, named: Any, why: str) -> None:
    for _ in range(2):
        with pytest.raises(TypeError, match=why):
            Point(*values, **named)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"a": 1, "__annotations__": {"a": "int", "b": "int"}}, "no default, and one before it has"),
        ({"a": [], "__annotations__": {"a": "list[int]"}}, "use default_factory"),
        ({"a": field(kw_only=True), "__annotations__": {"a": "int"}}, "kw_only and hash are not known here"),
    ],
)
def test_fields_that_cannot_be_are_refused_with_the_class(body: dict[str, Any], why: str) -> None:
    with pytest.raises(TypeError, match=why):
        frozen(type("Wrong", (), body))
