"""What a carrier may do, as values: what cannot be meant is refused where it is made."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.carrier_rules import Only, Reports, Throttle
from harness.delays import AT_ONCE
from harness.errors import UsageError


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (lambda: Only(text="("), "no regular expression"),
        (lambda: Throttle(0, 1), "no segments at all"),
        (lambda: Reports(((AT_ONCE, 256),)), "256 is no TP-ST"),
        (lambda: Reports(((AT_ONCE, 0), (AT_ONCE, -1))), "-1 is no TP-ST"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(wrong: Callable[[], object], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        wrong()


def test_the_ends_of_what_a_rule_takes_are_taken() -> None:
    assert Reports(((AT_ONCE, 0), (AT_ONCE, 255))).statuses
    assert Throttle(1, 1).count == 1
    assert Only(text=r"\d+").text
