"""Steps: one verb with its modifiers each, in order, and those that are made of others."""

from __future__ import annotations

from harness.instants import SECOND
from harness.late import Late
from harness.matchers import Contains
from harness.scenario import Advance, Expect, MessageLook, Send, SmsLook, Step, Text, Together
from harness.scenario.blocks import STEPS_MAX
from tests.scenario.files import last, problems, steps

SEND = "send: {from: alice, to: bob, text: hi}\n    as: m"


def sent(text: str) -> Send:
    return Send("alice", ("bob",), text)


def whats(found: tuple[Step, ...]) -> list[object]:
    return [step.what for step in found]


def test_a_step_may_be_written_in_block_style() -> None:
    (step,) = steps("send:\n      from: alice\n      to: bob\n      text: >\n        two\n        lines\n    as: m")
    assert (step.what, step.alias, step.title) == (sent("two lines\n"), "m", "")


def test_a_step_knows_its_line() -> None:
    _, step = steps("advance: 1s", "send: {from: alice, to: bob, text: hi, encrypted: true, key: Secret1}")
    assert (step.place.path, step.place.line, step.place.column) == ("s.yaml", 6, 5)
    assert step.place.excerpt == "  - send: {from: alice, to: bob, text: hi, encrypted: true, key: *******}"


def test_branches_run_at_the_same_time() -> None:
    together, after = steps(
        "together:\n    - [{send: {from: alice, to: bob, text: a}, as: m}, {expect: {message: m, status: sent}}]\n"
        "    - - text: {from: bob, to: alice, text: b}",
        "expect: {message: m, status: sent}",
    )
    assert isinstance(together.what, Together)
    assert [whats(branch) for branch in together.what.branches] == [
        [sent("a"), Expect(MessageLook("m", "sent"))],
        [Text("bob", "alice", "b")],
    ]
    assert after.what == Expect(MessageLook("m", "sent"))


def test_what_a_branch_captures_is_known_to_it_and_afterwards() -> None:
    found = steps(
        "together:\n    - [{expect: {sms: {to: bob}}, capture: {a: .}}, {text: {from: bob, to: alice, text: '${a}'}}]\n"
        "    - [{expect: {sms: {to: bob}}, capture: {b: .}}]",
        'text: {from: bob, to: alice, text: "${a}${b}"}',
    )
    assert found[1].what == Text("bob", "alice", Late("${a}${b}"))


def test_the_same_name_in_two_branches_is_refused() -> None:
    branch = "[{send: {from: alice, to: bob, text: a}, as: m}]"
    assert problems(f"together: [{branch}, [{{advance: 1s}}]]", SEND) == ["m is the name of an earlier step"]
    assert problems(f"together: [{branch}, [{{advance: 1s}}], {branch}]") == ["m is named in another branch, too"]
    used = f"{branch[:-1]}, {{expect: {{message: m, status: sent}}}}]"
    assert problems(f"together: [{used}, {used}]") == ["m is named in another branch, too"]


def test_a_step_does_not_know_its_own_name() -> None:
    assert problems("expect: {message: m, status: sent}\n    as: m") == ["no earlier step is named m"]


def test_each_round_may_name_in_its_branches_what_the_one_before_named() -> None:
    branches = "[[{send: {from: alice, to: bob, text: a}, as: m}], [{expect: {sms: {to: bob}}, capture: {a: .}}]]"
    assert problems(f"repeat: {{times: 2, steps: [{{together: {branches}}}]}}", f"together: {branches}") == [
        "m is the name of an earlier step"
    ]


def test_steps_are_repeated() -> None:
    found = steps(
        'repeat: {times: 3, steps: [{send: {from: alice, to: bob, text: "${round}"}}, {advance: "${round}s"}]}'
    )
    assert whats(found) == [each for n in (1, 2, 3) for each in (sent(str(n)), Advance(n * SECOND))]
    assert {step.place.line for step in found} == {5}


def test_rounds_within_rounds_count_for_themselves() -> None:
    inner = "{repeat: {times: 2, steps: [{advance: '${round}s'}]}}"
    found = steps(f"repeat: {{times: 2, steps: [{{advance: '${{round}}0s'}}, {inner}]}}")
    assert whats(found) == [Advance(n * SECOND) for n in (10, 1, 2, 20, 1, 2)]


def test_each_round_may_give_the_same_name() -> None:
    found = steps(
        "repeat: {times: 2, steps: [{send: {from: alice, to: bob, text: hi}, as: m},"
        " {expect: {message: m, status: sent}}]}"
    )
    assert [step.alias for step in found] == ["m", None, "m", None]
    assert [
        step.alias
        for step in steps("repeat: {times: 2, steps: [{text: {from: bob, to: alice, text: hi}, as: 'm${round}'}]}")
    ] == ["m1", "m2"]


def test_a_captured_value_is_known_from_the_next_step_on() -> None:
    found = last(
        'expect: {sms: {to: bob}}\n    capture: {code: "[0-9]+"}',
        'expect: {sms: {to: alice, text: {contains: "${code}"}}}',
    )
    assert found == Expect(SmsLook("alice", Contains(Late("${code}"))))
    assert problems("expect: {sms: {to: bob, text: '${code}'}}\n    capture: {code: .}") == ["nothing is named code"]


def test_a_step_that_cannot_be_read_has_named_its_name_and_values_all_the_same() -> None:
    assert problems(
        "expect: {sms: {to: dora}}\n    as: m\n    capture: {a: ., b: '('}",
        'text: {from: bob, to: alice, text: "${a}${b}"}',
        "expect: {message: m, status: sent}",
    ) == [
        "there is nobody named dora",
        "'(' is no regular expression: missing ), unterminated subpattern at position 0",
    ]


def test_mistakes_within_and_beside_a_verb_are_told_together() -> None:
    assert problems("expect: {sms: {to: dora}}\n    within: soon\n    at_least: many") == [
        "there is nobody named dora",
        "'soon' is no duration",
        "'many' is no whole number from 0 to 1000000",
    ]


def test_so_many_steps_and_no_more() -> None:
    half = STEPS_MAX // 1000 - 3  # the rounds count, too, and the repeat itself
    line = f"repeat: {{times: 1000, steps: [{', '.join(['{advance: 1s}'] * half)}]}}"
    assert len(steps(line)) == half * 1000
    assert problems(line, line) == ["too many steps come of this file"]
    empty = "repeat: {times: 1000, steps: [{repeat: {times: 1000, steps: [{together: [[], []]}]}}]}"
    assert "no steps" in problems(empty)
