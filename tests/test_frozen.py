"""harness.frozen: values that compare, hash and show themselves as frozen dataclasses do."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

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
