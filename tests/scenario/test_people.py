"""Who can be named where, and what steps have named so far."""

from __future__ import annotations

import pytest

from harness.cast import ContactSpec, PhoneSpec
from harness.errors import ScenarioError
from harness.scenario.document import documents
from harness.scenario.people import FIRST_NUMBER, NO_MESSAGE, SEVERAL_MESSAGES, Names
from harness.scenario.source import Source

NAMES = Names(
    phones={"alice": PhoneSpec("alice", "")},
    contacts={"bob": ContactSpec("bob", "")},
    numbers={f"+{FIRST_NUMBER}": "somebody"},
    senders={"BANK"},
)


def who(section: str, text: str) -> str:
    """What stands for somebody, or the problem."""
    source = Source("s.yaml")
    try:
        with source.whole():
            for document in documents(f"v: {text}\n".encode(), source):
                return NAMES.who(section, document.members()["v"][1])
    except ScenarioError as error:
        return f"! {error.problem}"
    raise AssertionError("unreachable")


@pytest.mark.parametrize(
    ("section", "text", "found"),
    [
        ("phone", "alice", "alice"),
        ("phone", "bob", "! bob is a contact"),
        ("phone", '"+18005550101"', "! '+18005550101' is a number"),
        ("contact", "bob", "bob"),
        ("contact", "alice", "! alice is a phone"),
        ("contact", '"+18005550101"', "! '+18005550101' is a number"),
        ("contact or number", '"+18005550101"', "+18005550101"),
        ("contact or number", "alice", "! alice is a phone"),
        ("anybody", "alice", "alice"),
        ("anybody", "bob", "bob"),
        ("anybody", '"+1 800 555 0101"', "+18005550101"),
        ("anybody", '"+1"', "+1"),
        ("anybody", '"+0000"', "+0000"),
        ("anybody", '"+"', "! '+' is not an E.164 number"),
        ("anybody", "+18005550101", "! a number without quotes"),
        ("anybody", "$$", "! '$' is no name"),
        ("anybody", "BANK", "! there is nobody named BANK"),
        ("sender", "BANK", "BANK"),
        ("sender", "bob", "bob"),
        ("sender", "SHOP", "! there is nobody named SHOP"),
        ("numbers", '"+1800*"', "+1800*"),
        ("numbers", "alice", "alice"),
        ("numbers", '"1800*"', "! '1800*' is no name"),
        ("credential", "user", "user"),
        ("credential", "none", "none"),
        ("credential", "alice", "alice"),
        ("credential", "bob", "! there is no phone bob"),
    ],
)
def test_who_can_be_named_where(section: str, text: str, found: str) -> None:
    NAMES.told.clear()
    assert who(section, text) == found


def test_those_without_a_number_get_one_that_is_free() -> None:
    names = Names(NAMES.phones, {**NAMES.contacts, "carol": ContactSpec("carol", f"+{FIRST_NUMBER}")})
    phones, contacts = names.everybody()
    assert [int(spec.number) - FIRST_NUMBER for spec in (*phones, *contacts)] == [1, 2, 0]


def test_a_line_may_name_a_step_once_more_and_another_one_may_not() -> None:
    source = Source("s.yaml")
    (document,) = documents(b"[m, m]", source)
    first, second = document.items()
    names = Names()
    for _ in range(2):
        names.named(names.new_step(first), first)
    assert names.step(second) == "m"
    with pytest.raises(ScenarioError, match="m is the name of an earlier step"), source.whole():
        names.new_step(second)


@pytest.mark.parametrize("why", [NO_MESSAGE, SEVERAL_MESSAGES])
def test_a_step_without_one_message_can_be_named_but_not_as_a_message(why: str) -> None:
    source = Source("s.yaml")
    (name,) = documents(b"m", source)
    names = Names()
    names.named("m", name, why)
    assert names.step(name) == "m"
    with pytest.raises(ScenarioError, match=f"the step m has {why}"), source.whole():
        names.message(name)
