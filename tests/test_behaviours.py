"""What contacts do by themselves, as values: what cannot be meant is refused where it is made."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.behaviours import Answer, Behaviour, CallsBack, OptsOut, ReadsCodes, check_outcome
from harness.errors import UsageError
from harness.radio import CALL_OUTCOMES


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (lambda: Answer("x", to="("), "no regular expression"),
        (lambda: Answer(r"\1", to="x"), "does not go with"),
        (lambda: Answer(r"\g<name>", to="(x)"), "does not go with"),
        (lambda: ReadsCodes("["), "no regular expression"),
        (lambda: CallsBack(to="*"), "no regular expression"),
        (lambda: CallsBack("busy"), "does not end 'busy'"),
        (lambda: OptsOut(2, 2), "back before the opt-out"),
    ],
)
def test_a_pattern_or_an_outcome_that_is_none_is_refused(wrong: Callable[[], Behaviour], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        wrong()


@pytest.mark.parametrize("outcome", CALL_OUTCOMES)
def test_a_call_ends_as_calls_do(outcome: str) -> None:
    check_outcome(outcome)


def test_what_an_answer_takes_over_must_be_found_by_its_own_expression() -> None:
    assert Answer(r"\1, \g<rest>", to="(a)|(?P<rest>b)").to == "(a)|(?P<rest>b)"


def test_an_expression_is_not_tried_out_where_it_is_checked() -> None:
    nested = "(?:(?:(?:(?:(?:a?){50}){50}){50}){50}){50}b"
    assert Answer("x", to=nested).to == nested


@pytest.mark.parametrize(("text", "to"), [(r"\1", "(?x)(a) # the first"), (r"\g<n>", "(?i)(?P<n>a)")])
def test_groups_are_known_whatever_the_expression_ends_in(text: str, to: str) -> None:
    assert Answer(text, to=to).text == text
