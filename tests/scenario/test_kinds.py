"""Every kind of value has words for people."""

from __future__ import annotations

import pytest

from harness.scenario import kinds
from harness.scenario.kinds import Form, Kind, Slot, words

FORM = Form("f", (Slot("a", kinds.Truth(), "", required=True), Slot("b", kinds.Time(), "")))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (kinds.Writing(), "text"),
        (kinds.Title(), "one line of text"),
        (kinds.NewName(), "name"),
        (kinds.Who("phone"), "name of a phone"),
        (kinds.StepName(), "name of an earlier step"),
        (kinds.StepName(message=True), "name of an earlier step with a message"),
        (kinds.Number(), "number in quotes"),
        (kinds.Time(), "time"),
        (kinds.Time(seconds=True), "time in whole seconds"),
        (kinds.Spread(), "time, [least, most], or {median: time, sigma: number}"),
        (kinds.Whole(1, 9), "whole number from 1 to 9"),
        (kinds.Percent(), "true, or how many in a hundred"),
        (kinds.Sigma(), "number from 0 to 10"),
        (kinds.Truth(), "true or false"),
        (kinds.Word(("a", "b")), "a | b"),
        (kinds.Pattern(), "regular expression"),
        (kinds.Secret(), "pass phrase"),
        (kinds.Result(), "Android's result: name or code"),
        (kinds.DeedLine(), "words for what is done to a phone"),
        (kinds.Match(), "value, {not: …}, {contains: …}, {matches: …}, {one_of: […]}, present, absent"),
        (kinds.Json(), "anything that JSON has"),
        (kinds.Listed(kinds.Time()), "list: time"),
        (kinds.Listed(kinds.Time(), alone=True), "time, or a list"),
        (kinds.Table(kinds.Time(), "path"), "{path: time}"),
        (kinds.Either((kinds.Truth(), kinds.Time())), "true or false; or time"),
        (FORM, "{a, b}"),
        (kinds.Captures(of_answer=True), "{name: path}"),
        (kinds.Captures(of_answer=False), "{name: regular expression}"),
        (kinds.People(FORM), "list of names, or {name: number in quotes, or settings}"),
        (kinds.Rows(), "list of rows: {name: value}"),
        (kinds.Looked(), "what is looked for"),
        (kinds.Steps(), "list of steps"),
        (kinds.Branches(), "list of lists of steps"),
    ],
)
def test_a_kind_has_words(kind: Kind, text: str) -> None:
    assert words(kind) == text
    assert Slot("a", kind, "").words == text


def test_a_form_knows_its_fields_by_name() -> None:
    assert list(FORM.by_name) == ["a", "b"]
    assert FORM.required == ("a",)
