"""What happens a thousand times is said once, with the first example."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.interop.complaints import Complaints, joined

CASES: list[tuple[list[tuple[str, str]], list[str]]] = [
    ([], []),
    ([("it swears", "")], ["it swears"]),
    ([("it swears", "darn")], ["it swears: darn"]),
    ([("it swears", "")] * 3, ["it swears (3 times)"]),
    ([("it swears", "darn"), ("it swears", "drat")], ["it swears (2 times, first: darn)"]),
    ([("it swears", "a"), ("it lies", "b"), ("it swears", "c")], ["it swears (2 times, first: a)", "it lies: b"]),
    ([("it swears", "x" * 500)], ["it swears: " + "x" * 200]),
]


@pytest.mark.parametrize(("counted", "texts"), CASES)
def test_each_kind_is_one_sentence_in_the_order_of_their_first_examples(
    counted: list[tuple[str, str]], texts: list[str]
) -> None:
    complaints = Complaints()
    for what, example in counted:
        complaints.count(what, example)
    assert list(complaints.texts) == texts


def told(counted: list[tuple[str, str]]) -> tuple[str, ...]:
    complaints = Complaints()
    for what, example in counted:
        complaints.count(what, example)
    return complaints.texts


SENTENCES = st.sampled_from(["it swears", "it lies (does it?)", "it was given up"])
COUNTED = st.lists(st.tuples(SENTENCES, st.text(max_size=9) | st.sampled_from([" (3 times)", ": b", "a, first: b)"])))


@given(COUNTED, COUNTED)
def test_those_of_two_talks_are_counted_on(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> None:
    assert joined(told(one) + told(other)) == told(one + other)
