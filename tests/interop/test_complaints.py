"""What happens a thousand times is said once, with the first example."""

from __future__ import annotations

import pytest

from harness.interop.complaints import Complaints

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
