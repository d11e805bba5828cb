"""The verb `carrier` becomes rules of the network."""

from __future__ import annotations

from typing import Any

import pytest

from harness.carrier_rules import (
    KINDS,
    DailyCap,
    Duplicate,
    Late,
    LongCodeFilter,
    Lose,
    Only,
    Refuse,
    Reorder,
    Reports,
    ShowSender,
    Slow,
    SpamBlock,
    Throttle,
)
from harness.deeds import Deed
from harness.delays import Fixed, LogNormal, Uniform
from harness.instants import SECOND
from harness.scenario import Carrier, ClearCarrier, PhoneAct, SmsLook
from harness.scenario.grammar import CARRIER_RULES
from tests.scenario.files import last, problems, steps

MINUTE = 60 * SECOND


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("refuse: NO_SERVICE", Refuse(4)),
        ("refuse: RESULT_ERROR_NO_SERVICE", Refuse(4)),
        ("refuse: 999", Refuse(999)),
        ("refuse: NO_SERVICE, to: bob, times: 2, skip: 1", Refuse(4, Only(to="bob", times=2, skip=1))),
        ("lose: true", Lose()),
        ("lose: 30, segments: 1", Lose(Only(segments=(1,)), 30)),
        ("lose: true, segments: [2, -1]", Lose(Only(segments=(2, -1)))),
        ("late: 3s", Late(Fixed(3 * SECOND))),
        ("late: 3s, from: alice, text_matches: code", Late(Fixed(3 * SECOND), Only("alice", text="code"))),
        ("late: [1s, 5s]", Late(Uniform(SECOND, 5 * SECOND))),
        ("late: {median: 30s, sigma: 0.5}", Late(LogNormal(30 * SECOND, 0.5))),
        ('slow: 1s, to: "+18005550001"', Slow(Fixed(SECOND), Only(to="+18005550001"))),
        ('slow: 1s, to: "+1800*", from: "+*"', Slow(Fixed(SECOND), Only("+*", "+1800*"))),
        ("duplicate: true", Duplicate()),
        ("duplicate: 3, after: 2s", Duplicate(3, Fixed(2 * SECOND))),
        ("reorder: true", Reorder()),
        ("reorder: 2s", Reorder(2 * SECOND)),
        ("throttle: {count: 3, every: 1m}", Throttle(3, MINUTE)),
        ("throttle: {count: 3, every: 1m, result: none}", Throttle(3, MINUTE, None)),
        ("throttle: {count: 3, every: 1m, result: LIMIT_EXCEEDED}", Throttle(3, MINUTE, 5)),
        ("daily_cap: {count: 3}", DailyCap(3)),
        ("daily_cap: {count: 0, result: LIMIT_EXCEEDED}", DailyCap(0, 5)),
        ("spam_block: true, text_matches: win", SpamBlock(Only(text="win"))),
        ("spam_block: {result: 38}", SpamBlock(code=38)),
        ("long_code_filter: true", LongCodeFilter()),
        ("long_code_filter: 50", LongCodeFilter(50)),
        ("show_sender: BANK", ShowSender("BANK")),
        ('show_sender: ""', ShowSender("")),
        ("reports: none", Reports()),
        (
            "reports: [{status: trying}, {status: delivered, after: 3s}, {status: failed}, {status: 99}], early: true",
            Reports(((Fixed(0), 48), (Fixed(3 * SECOND), 0), (Fixed(0), 70), (Fixed(0), 99)), True),
        ),
    ],
)
def test_a_rule_of_the_carrier_becomes_a_value(line: str, rule: Any) -> None:
    assert last(f"carrier: {{{line}}}") == Carrier((rule,))


@pytest.mark.parametrize("name", CARRIER_RULES)
def test_every_rule_can_be_ended_by_its_name(name: str) -> None:
    assert last(f"carrier: {{clear: {name}}}") == ClearCarrier(KINDS[name].__name__)


def test_all_rules_can_be_ended() -> None:
    assert last("carrier: {clear: all}") == ClearCarrier()


def test_a_phone_can_be_without_service() -> None:
    assert last("carrier: {phone: alice, service: none}") == PhoneAct("alice", Deed("service", ("none",)))


def test_a_sender_that_phones_are_shown_can_be_looked_for() -> None:
    shown, look = steps("carrier: {show_sender: BANK, to: alice}", "expect: {sms: {to: alice, from: BANK}}")
    assert shown.what == Carrier((ShowSender("BANK", Only(to="alice")),))
    assert getattr(look.what, "look", None) == SmsLook("alice", None, "BANK")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("duplicate: true, early: true", "`early` beside `duplicate`"),
        ("late: 1s, after: 1s", "`after` beside `late`"),
        ("lose: 0", "'0' is no whole number from 1 to 100"),
        ("lose: {}", "a text belongs here"),
        ("late: soon", "'soon' is no duration"),
        ("late: {median: 1s, sigma: wide}", "'wide' is no number from 0 to 10"),
        ("late: {median: 1s, sigma: 99}", "'99' is no number from 0 to 10"),
        ("to: bob, clear: all", "`to` beside `clear`"),
        ("service: full, phone: alice, times: 1", "`times` beside `service`"),
        ("spam_block: maybe", "unknown word 'maybe'"),
        ("spam_block: [true]", "something else belongs here"),
        ("reports: {status: failed}", "something else belongs here"),
        ("reports: [{status: 256}]", "'256' is no whole number from 0 to 255"),
        ("refuse: NO_SERVICE, to: dora", "there is nobody named dora"),
        ("lose: true, text_matches: '*'", "'*' is no regular expression: nothing to repeat at position 0"),
        ("show_sender: A name that is much too long", "'A name that is much too long' is no sender"),
    ],
)
def test_what_the_carrier_does_not_take_is_told(line: str, problem: str) -> None:
    assert problems(f"carrier: {{{line}}}") == [problem]
