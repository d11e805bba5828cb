"""Phones and contacts of a file become the cast, and what contacts do by themselves their behaviours."""

from __future__ import annotations

import pytest

from harness.behaviours import Answer, Behaviour, CallsBack, Echo, OptsOut, ReadsCodes, Typos
from harness.cast import ContactSpec, PhoneSpec
from harness.delays import Fixed, Uniform
from harness.instants import SECOND
from harness.scenario import Scenario, Send
from tests.scenario.files import error_of, read

THREE = Fixed(3 * SECOND)


def story(people: str) -> Scenario:
    (found,) = read(
        f"scenario: s\nvariables: {{pw: Password123, n: '+18005550188'}}\n{people}steps: [{{advance: 1s}}]\n"
    )
    return found


@pytest.mark.parametrize(
    ("people", "phones", "contacts"),
    [
        (
            "phones: [alice]\ncontacts: [bob]\n",
            (PhoneSpec("alice", "+18005550100"),),
            (ContactSpec("bob", "+18005550101"),),
        ),
        (
            "phones: {alice: , carol: {}}\n",
            (PhoneSpec("alice", "+18005550100"), PhoneSpec("carol", "+18005550101")),
            (),
        ),
        (
            'phones: {alice: {encryption_key: "${pw}", number: "${n}"}}\n',
            (PhoneSpec("alice", "+18005550188", "Password123"),),
            (),
        ),
        (
            "phones: {alice: ~}\ncontacts: {bob: null}\n",
            (PhoneSpec("alice", "+18005550100"),),
            (ContactSpec("bob", "+18005550101"),),
        ),
        (
            "phones: {alice: '+18005550150', carol: }\ncontacts: {bob: '${n}', dave: '+1 800 555 0152'}\n",
            (PhoneSpec("alice", "+18005550150"), PhoneSpec("carol", "+18005550100")),
            (ContactSpec("bob", "+18005550188"), ContactSpec("dave", "+18005550152")),
        ),
        (
            "contacts: {bank: {sender: BANK}, bob: {sender: '12345'}}\n",
            (),
            (ContactSpec("bank", "+18005550100", sender="BANK"), ContactSpec("bob", "+18005550101", sender="12345")),
        ),
    ],
)
def test_who_takes_part(people: str, phones: tuple[PhoneSpec, ...], contacts: tuple[ContactSpec, ...]) -> None:
    found = story(people)
    assert (found.phones, found.contacts) == (phones, contacts)
    assert [phone.encryption_key for phone in found.phones] == [phone.encryption_key for phone in phones]


@pytest.mark.parametrize(
    ("rule", "behaviour"),
    [
        ("{reply: hi}", Answer("hi")),
        (r"{when: 'code is (\d+)', reply: 'got \1', after: 3s}", Answer(r"got \1", r"code is (\d+)", THREE)),
        ("{reply: hi, after: [1s, 3s]}", Answer("hi", delay=Uniform(SECOND, 3 * SECOND))),
        ("echo", Echo()),
        ("{echo: {}}", Echo()),
        ("{echo: {after: 3s}}", Echo(THREE)),
        ("reads_codes", ReadsCodes()),
        ("{reads_codes: {reply: true, after: 3s}}", ReadsCodes(answers=True, delay=THREE)),
        (r"{reads_codes: {pattern: '\d{6}'}}", ReadsCodes(r"\d{6}")),
        ("opts_out", OptsOut()),
        ("{opts_out: {after_texts: 2, back_after: 5, after: 3s}}", OptsOut(2, 5, THREE)),
        ("calls_back", CallsBack()),
        ("{calls_back: {when: call me, outcome: answered, after: 3s}}", CallsBack("answered", "call me", THREE)),
        ("{typos: 10}", Typos(10)),
    ],
)
def test_a_rule_of_a_contact_becomes_a_behaviour(rule: str, behaviour: Behaviour) -> None:
    (contact,) = story(f"contacts: {{bob: {{rules: [{rule}, {{typos: 1}}]}}}}\n").contacts
    assert contact.behaviours == (behaviour, Typos(1))


@pytest.mark.parametrize(
    ("people", "problem"),
    [
        ("contacts: {bob: {rules: [{when: a}]}}\n", "a rule does exactly one thing"),
        ("contacts: {bob: {rules: [{}]}}\n", "a rule does exactly one thing"),
        ("contacts: {bob: {rules: [{typos: 1, after: 1s}]}}\n", "`after` beside `typos`"),
        ("contacts: {bob: {rules: echo}}\n", "a list belongs here"),
        ("contacts: {bob: {rules: [{reply: '${unique}'}]}}\n", "${unique} has no value before the story runs"),
        ("contacts: {bob: {sender: ''}}\n", "'' is no sender"),
        ("phones: {alice: {operator: 1}}\n", "'1' is no operator"),
    ],
)
def test_what_a_person_cannot_have_is_told(people: str, problem: str) -> None:
    error = error_of(f"scenario: s\n{people}steps: [{{advance: 1s}}]\n")
    assert error is not None
    assert error.problem == problem


def test_a_number_may_come_of_a_variable_without_quotes() -> None:
    (found,) = read(
        "scenario: s\nvariables: {n: '+18005550177'}\nphones: [alice]\ncontacts:\n  bob:\n    number: ${n}\n"
        "steps:\n  - send:\n      from: alice\n      to: ${n}\n      text: hi\n"
    )
    assert found.contacts == (ContactSpec("bob", "+18005550177"),)
    assert found.steps[0].what == Send("alice", ("+18005550177",), "hi")
