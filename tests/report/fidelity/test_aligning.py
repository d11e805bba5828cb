"""Two sequences beside each other, whatever is in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.fidelity.aligning import Pair, aligned, in_order, matched

CASES: list[tuple[str, str, list[str]]] = [
    ("abc", "abc", ["aa", "bb", "cc"]),
    ("abc", "ac", ["aa", "b-", "cc"]),
    ("ac", "abc", ["aa", "-b", "cc"]),
    ("ab", "abc", ["aa", "bb", "-c last"]),
    ("abc", "ab", ["aa", "bb", "c- last"]),
    ("abc", "bca", ["aa moved", "bb", "cc"]),
    ("", "ab", ["-a last", "-b last"]),
    ("ab", "", ["a- last", "b- last"]),
    ("aab", "ab", ["a-", "aa", "bb"]),
]


def shown(pair: Pair, here: str, there: str) -> str:
    letters = ("-" if pair.one is None else here[pair.one]) + ("-" if pair.other is None else there[pair.other])
    # Where both are there, nobody asks whether it is the last.
    is_last = pair.is_last and "-" in letters
    return letters + (" moved" if pair.is_moved else "") + (" last" if is_last else "")


@pytest.mark.parametrize(("here", "there", "pairs"), CASES)
def test_what_belongs_together_stands_together(here: str, there: str, pairs: list[str]) -> None:
    assert [shown(pair, here, there) for pair in aligned(here, there)] == pairs


@pytest.mark.parametrize(
    ("pairs", "order"),
    [
        # What only the second has stands behind what came before it there …
        ([Pair(0, 0), Pair(1, 2), Pair(None, 1)], [0, 2, 1]),
        # … or in front, where nothing did; several keep their order.
        ([Pair(0, 2), Pair(None, 1), Pair(None, 0)], [2, 1, 0]),
        # What has another order stands where the first has it.
        ([Pair(1, 0), Pair(0, 1)], [1, 0]),
    ],
)
def test_pairs_stand_as_they_came_about_on_the_first_side(pairs: list[Pair], order: list[int]) -> None:
    assert in_order(pairs) == order


WORDS = st.text("abc", max_size=9)


@given(WORDS, WORDS)
def test_every_place_stands_in_one_pair(here: str, there: str) -> None:
    pairs = list(aligned(here, there))
    assert [pair.one for pair in pairs if pair.one is not None] == list(range(len(here)))
    assert sorted(pair.other for pair in pairs if pair.other is not None) == list(range(len(there)))
    assert all(here[pair.one] == there[pair.other] for pair in pairs if pair.one is not None and pair.other is not None)
    assert sorted(in_order(pairs)) == list(range(len(pairs)))


@given(WORDS, WORDS)
def test_nothing_is_left_over_on_both_sides(here: str, there: str) -> None:
    kept, moved = matched(here, there)
    assert kept.keys() & moved.keys() == set()
    rest = {letter for place, letter in enumerate(here) if place not in {**kept, **moved}}
    rest_there = {letter for place, letter in enumerate(there) if place not in {*kept.values(), *moved.values()}}
    assert rest & rest_there == set()
    assert list(kept.values()) == sorted(kept.values())
